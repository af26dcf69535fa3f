"""Problems that customers reported, in words: the quarter, a kind of problem in a line, 「本季第3次」 on a card."""

from __future__ import annotations

from dialogue.values import Button
from dialogue.viewer import Viewer
from models import registers
from models.complaints import Case, whose_record
from models.people import key
from models.records import Complaint, Matter
from models.registers import Group
from rules.cadence import Cycle
from rules.gate import Action
from words import Say, say

NUMBERS = 4
LONGEST = 60


def named(period: Cycle | str) -> Say:
    """The quarter or month, or its name as clocks have it (2026-Q4, 2026-10), in words."""
    year, part = (period if isinstance(period, str) else period.name).split("-")
    if part.startswith("Q"):
        return say("quarter", year=int(year), number=int(part[1:]))
    return say("reporting.month", year=int(year), month=int(part))


def group_line(number: int, group: Group) -> Say:
    """How often, which complaints, and the last cause and measure that were found."""
    solved = [each for each in group.problems if each.cause or each.measure]
    shown = [each.matter.number for each in group.problems[-NUMBERS:]]
    return say(
        "register.line",
        number=number,
        type=say(f"complaint_type.{group.type}"),
        product=say("register.product", product=group.name) if group.name else None,
        count=len(group.problems),
        numbers=say("list", items=shown),
        cause=say("register.cause", text=solved[-1].cause[:LONGEST]) if solved and solved[-1].cause else None,
        measure=say("register.measure", text=solved[-1].measure[:LONGEST]) if solved and solved[-1].measure else None,
    )


def again(view: Viewer, case: Case) -> Say | None:
    """「本季第3次」: the customer has complained about the same product before."""
    earlier = registers.repeats(case.session, case.matter, case.complaint)
    if not earlier:
        return None
    times = 1 + registers.in_quarter(view.session, view.house, earlier, case.complaint.received_at)
    numbers = say("list", items=[each.number for each in earlier[-NUMBERS:]])
    if times > 1:
        return say("case.again_in_quarter", times=times, numbers=numbers)
    return say("case.again", times=1 + len(earlier), numbers=numbers)


def earlier_ones(view: Viewer, case: Case) -> list[Button]:
    """To those that this person may see, the newest first."""
    found = registers.repeats(case.session, case.matter, case.complaint)[-NUMBERS:]
    return [
        Button(say("button.earlier_case", number=each.number), "complaint.show", {"matter": key(each)})
        for each in reversed(found)
        if view.may(Action.SEE_COMPLAINT, whose_record(view.session, each, _form(view, each), view.now))
    ]


def _form(view: Viewer, matter: Matter) -> Complaint:
    return view.session.get_one(Complaint, key(matter))
