"""Every action × every role × whose record × how somebody stands: the gate against the table written from the rules (reach.tsv).

The gate does not ask in which chat or on which way something is wanted; that nobody gets past it there is tried through the whole
program (tests/guard/test_denied.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rules.gate import Action, Actor, Seat, Subject, may
from rules.roles import Role
from tests.reach import LENT, ROLES, WIDER, row, table

ME, AWAY, COLLEAGUE = 1, 2, 3
HERE, OVERSEEN, ELSEWHERE, COMPANY = 10, 20, 30, 40
WHOSE = {
    "own": Subject(unit=ELSEWHERE, owner=ME),
    "handled": Subject(unit=ELSEWHERE, owner=COLLEAGUE, handler=ME),
    "written": Subject(unit=ELSEWHERE, self_=ME),
    "of who is away": Subject(unit=ELSEWHERE, owner=AWAY),
    "handled by who is away": Subject(unit=ELSEWHERE, owner=COLLEAGUE, handler=AWAY),
    "written by who is away": Subject(unit=ELSEWHERE, self_=AWAY),
    "same unit": Subject(unit=HERE, owner=COLLEAGUE, self_=COLLEAGUE),
    "concerns the department": Subject(unit=ELSEWHERE, owner=COLLEAGUE, departments=frozenset({HERE})),
    "overseen unit": Subject(unit=OVERSEEN, owner=COLLEAGUE),
    "concerns a department overseen": Subject(unit=ELSEWHERE, departments=frozenset({OVERSEEN})),
    "other unit": Subject(unit=ELSEWHERE, owner=COLLEAGUE, handler=COLLEAGUE, self_=COLLEAGUE),
    "other part of the company": Subject(unit=COMPANY, departments=frozenset({ELSEWHERE})),
    "not there": Subject(),
}
MINE = {"written": "s", "own": "o", "handled": "o"}
LENT_TO_ME = {"of who is away": "o", "handled by who is away": "o"}
BY_SEAT = {
    "same unit": "u",
    "concerns the department": "u",
    "overseen unit": "v",
    "concerns a department overseen": "v",
}
"""From which letter on it is reached; what stands nowhere is reached by `a` alone."""


def seated(staff: int, *roles: Role, stands_for: frozenset[Actor] = frozenset()) -> Actor:
    """In the post here, and who oversees units (or writes for who does) also there."""
    places = {role: (HERE, OVERSEEN) if role in (Role.VICE_PRESIDENT, Role.SECRETARY) else (HERE,) for role in roles}
    return Actor(staff, frozenset(Seat(role, unit) for role in roles for unit in places[role]), stands_for)


def expected(action: Action, whose: str, own: tuple[Role, ...], lent: tuple[Role, ...] = ()) -> bool:
    """What the table says of somebody with these roles who stands in for somebody with those."""
    given = row(action).furthest([each for each in lent if each in LENT]) if row(action).lent else "-"
    together = max(row(action).furthest(own), given, key=WIDER.index)
    if whose in LENT_TO_ME:
        return _is(given, "o") or _is(together, "a")
    return _is(together, {**MINE, **BY_SEAT}.get(whose, "a"))


def _is(letter: str, at_least: str) -> bool:
    return WIDER.index(letter) >= WIDER.index(at_least)


def people() -> Iterator[tuple[tuple[Role, ...], tuple[Role, ...], Actor]]:
    """Nobody in particular or who left; every role, away or not; every two roles; the substitute of every role, with a post of
    their own or without."""
    yield (), (), seated(ME)
    for role in Role:
        yield (role,), (), seated(ME, role)
        for own in ((), (Role.SALESPERSON,), (Role.ADMIN,), (Role.AUDIT,)):
            lender = seated(AWAY, *({role} & LENT))
            yield own, (role,), seated(ME, *own, stands_for=frozenset({lender}))
    for two in combinations(Role, 2):
        yield two, (), seated(ME, *two)


def test_the_gate_says_in_every_cell_what_the_rules_say() -> None:
    wrong, cells = [], 0
    for own, lent, actor in people():
        for action in Action:
            for whose, subject in WHOSE.items():
                cells += 1
                if may(actor, action, subject) is not expected(action, whose, own, lent):
                    wrong.append(f"{action} · {', '.join(own)} for {', '.join(lent)} · {whose}")
    assert wrong == []
    assert cells > 200_000


def test_every_action_and_role_stands_in_the_table_written_from_the_rules() -> None:
    assert table().keys() == {each.value for each in Action}
    assert set(ROLES.values()) == set(Role)
    assert all(
        each.letters.keys() == set(Role) and set(each.letters.values()) <= set(WIDER) for each in table().values()
    )
