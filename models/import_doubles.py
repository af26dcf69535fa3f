"""Rows of a list that seem to mean a customer on file, or one in another row, under nearly the same name. They are asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from models.customers import FORMER, SOUND, Customer, SearchKey
from models.doubles import one_slip
from models.import_customers import AT_ONCE, Group
from models.people import key
from reading.names import core_name, pinyin_full

SHORTEST: Final = 3
"""Characters of a core name in which one slip may be."""


@dataclass(frozen=True)
class Alike:
    """A row whose customer is not on file; `customer` is who seems to be meant, or `line` the row before it that does."""

    line: int
    name: str
    customer: int | None = None
    before: int | None = None


def alike(session: Session, groups: Sequence[Group]) -> list[Alike]:
    """Of the customers that would be new, those that may not be."""
    new = [group for group in groups if group.known is None]
    filed = _filed(session, new)
    found = []
    for group, before in zip(new, _before(new), strict=True):
        first = group.lines[0]
        customer = filed.get(pinyin_full(core_name(first.facts.name)))
        if customer is not None or before is not None:
            found.append(Alike(first.row.line, first.facts.name, customer, None if customer else before))
    return found


def _filed(session: Session, new: Sequence[Group]) -> dict[str, int]:
    """Customers on file by the sound of their names' cores, as far as these are asked for; two credit codes are two companies."""
    sounds = {pinyin_full(core_name(each.lines[0].facts.name)): each.facts["credit_code"] for each in new}
    asked, found = list(sounds), dict[str, int]()
    for start in range(0, len(asked), AT_ONCE):
        query = (
            select(SearchKey.text, Customer)
            .join(Customer)
            .where(
                col(SearchKey.text).in_(asked[start : start + AT_ONCE]),
                col(SearchKey.kind).in_((SOUND, FORMER)),
                col(SearchKey.whole),
            )
            .order_by(col(Customer.id).desc())
        )
        for sound, customer in session.exec(query):
            if not (sounds[sound] and customer.credit_code):
                found[sound] = key(customer)
    return found


def _before(new: Sequence[Group]) -> Iterator[int | None]:
    """For each the line of an earlier one that is called nearly the same in the same province."""
    seen: dict[str, list[tuple[str, Group]]] = {}
    for group in new:
        facts = group.lines[0].facts
        core = core_name(facts.name)
        places = [
            f"{facts.province}|{each}" for each in {core, *(core[:at] + core[at + 1 :] for at in range(len(core)))}
        ]
        near = (
            other.lines[0].row.line
            for place in places
            for name, other in seen.get(place, ())
            if _means(core, name) and not (group.facts["credit_code"] and other.facts["credit_code"])
        )
        yield next(near, None)
        for place in places:
            seen.setdefault(place, []).append((core, group))


def _means(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= SHORTEST and one_slip(one, other))
