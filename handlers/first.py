"""The first screen: who somebody is here, what they can do, in a line or two for each of their roles, and what to press first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dialogue.members import posts_lines
from dialogue.turn import Turn
from models.people import key, seats
from rules.roles import Role
from words import Say, say

CAN: Final[Mapping[Role, tuple[str, str]]] = {
    Role.SALESPERSON: ("can.salesperson", "button.log"),
    Role.UNIT_HEAD: ("can.unit_head", "button.unit"),
    Role.VICE_PRESIDENT: ("can.leader", "button.units"),
    Role.GENERAL_MANAGER: ("can.leader", "button.units"),
    Role.CHAIRMAN: ("can.leader", "button.units"),
    Role.SALES_DEPT: ("can.sales_dept", "button.due"),
    Role.AUDIT: ("can.auditor", "button.trail"),
    Role.SUPERVISION: ("can.auditor", "button.trail"),
    Role.SECRETARY: ("can.secretary", "button.log"),
    Role.ADMIN: ("can.admin", "button.due"),
}
DEPARTMENT: Final = ("can.department", "button.due")
"""Every other role is a department's."""


def screen(turn: Turn) -> Say:
    roles = {Role(each.role) for each in seats(turn.session, key(turn.staff), turn.now)}
    mine = list(dict.fromkeys(CAN.get(role, DEPARTMENT) for role in Role if role in roles))
    return say(
        "welcome",
        name=turn.staff.name,
        number=turn.staff.number,
        posts=posts_lines(turn, turn.staff),
        can=[say(line) for line, _ in mine],
        begin=say("can.begin", button=say(mine[0][1])) if mine else None,
    )
