"""A long list by parts: rows that belong together stay together, and a part that was written is written once, however often it is
begun again. The parts follow from the file alone, so that a restart finds the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, select

from models import duties, import_customers, import_records, import_staff
from models.customers import Customer
from models.import_customers import Group
from models.importing import Review, Row, Tally, code
from models.people import Staff
from reading.names import normalise
from rules.house import House

A_PART: Final = 20
"""Customers or colleagues in one transaction: a few tenths of a second, so that nobody who works has to wait for a list."""
SKIP, NEW = "skip", "new"
Choices = Mapping[str, Any]
"""By line, what was decided of a row that looks like a customer on file: `SKIP`, `NEW`, or that customer's id."""


def parts(session: Session, kind: str, rows: Sequence[Row]) -> list[list[Row]]:
    bundles = _by_depth(session, rows) if kind == "staff" else _by_customer(rows)
    return [[row for bundle in bundles[at : at + A_PART] for row in bundle] for at in range(0, len(bundles), A_PART)]


def _by_customer(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows with the same name or credit code, wherever they stand in the file."""
    bundles: dict[int, list[Row]] = {}
    place: dict[str, int] = {}
    for row in rows:
        names = [f"name:{normalise(row.get('name'))}", f"code:{code(row.get('credit_code')).upper()}"]
        known = sorted({place[each] for each in names if each != "code:" and each in place})
        at = known[0] if known else row.line
        for other in known[1:]:
            bundles[at] += bundles.pop(other)
            place = {each: at if where == other else where for each, where in place.items()}
        bundles.setdefault(at, []).append(row)
        place.update({each: at for each in names if each != "code:"})
    return list(bundles.values())


def _by_depth(session: Session, rows: Sequence[Row]) -> list[list[Row]]:
    """Superiors before those under them, so that each part finds them on file."""
    stored = {each.id: each for each in session.exec(select(Staff))}
    over = {each.number: stored[each.superior_id].number for each in stored.values() if each.superior_id in stored}
    over |= {code(row.get("staff_no")): code(row.get("manager")) for row in rows if "manager" in row.cells}

    def depth(number: str) -> int:
        way: list[str] = []
        while (number := over.get(number, "")) and number not in way:
            way.append(number)
        return len(way)

    return [[row] for row in sorted(rows, key=lambda row: (depth(code(row.get("staff_no"))), row.line))]


def check(
    session: Session, house: House, rows: Sequence[Row], choices: Choices, now: datetime
) -> tuple[list[Group], Review]:
    """The customers of these rows, with what was decided of them."""
    groups, review = import_customers.check(session, house, rows, now)
    for group in groups:
        choice = next((choices[str(each.row.line)] for each in group.lines if str(each.row.line) in choices), None)
        if isinstance(choice, int) and group.known is None:
            group.known, group.joins = session.get(Customer, choice), True
        elif choice == SKIP:
            group.lines.clear()
    return [group for group in groups if group.lines], review


def write_customers(
    session: Session, house: House, rows: Sequence[Row], choices: Choices, now: datetime
) -> tuple[Review, Tally]:
    """One part, in the caller's transaction."""
    groups, review = check(session, house, rows, choices, now)
    return review, import_records.write(session, house, groups, now, lambda _done, _total: None, whole=False)


def write_staff(
    session: Session, house: House, rows: Sequence[Row], admins: Sequence[int], now: datetime
) -> tuple[Review, Tally]:
    members, review = import_staff.check(session, rows, admins)
    return review, import_staff.write(session, members, now, language=house.language, admins=admins)


def settle(session: Session, house: House, now: datetime) -> None:
    """After the last part: what is owed by units, departments and people as such."""
    duties.sync(session, house, now, [], posts=True)
