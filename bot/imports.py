"""`keguan import`: a file becomes rows, rows are checked, and all is written in one transaction or nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from sqlmodel import Session

from bot.settling import in_step
from bot.tables import Table, write_rejects
from models import audit, duties, import_customers, import_records, import_staff
from models.customers import Customer
from models.import_customers import Group
from models.import_doubles import alike
from models.import_records import Progress
from models.importing import Column, Review, Row, Tally, layout
from models.store import Store
from rules.house import House

Kind = Literal["staff", "customers"]
COLUMNS: Final[dict[str, Sequence[Column]]] = {"staff": import_staff.COLUMNS, "customers": import_customers.COLUMNS}


@dataclass(frozen=True)
class Import:
    """What is asked for. `admins` are the administrators' Telegram ids from the configuration."""

    kind: Kind
    table: Table
    name: str
    now: datetime
    admins: Sequence[int] = ()
    dry_run: bool = False
    good_only: bool = False


@dataclass(frozen=True)
class Outcome:
    """`written` is whether anything reached the database; `tally` counts what would have, in a dry run."""

    review: Review
    tally: Tally
    ignored: tuple[str, ...] = ()
    written: bool = False


class _NotWrittenError(Exception):
    """Ends the transaction with nothing written."""

    def __init__(self, review: Review, tally: Tally) -> None:
        super().__init__()
        self.review = review
        self.tally = tally


def run_import(store: Store, house: House, asked: Import, progress: Progress) -> Outcome:
    """Raises `HeadingsError` for a file whose first row won't do."""
    plan = layout(asked.table.headings, COLUMNS[asked.kind])
    rows = [plan.row(line, cells) for line, cells in asked.table.rows]
    try:
        review, tally = store.run_here(_import, house, asked, rows, progress)
    except _NotWrittenError as stopped:
        return Outcome(stopped.review, stopped.tally, plan.ignored)
    return Outcome(review, tally, plan.ignored, written=True)


def _import(
    session: Session, house: House, asked: Import, rows: Iterable[Row], progress: Progress
) -> tuple[Review, Tally]:
    work = _staff if asked.kind == "staff" else _customers
    review, tally = work(session, house, asked, rows, progress)
    if asked.dry_run:
        raise _NotWrittenError(review, tally)
    if tally.added or tally.changed:
        body = {"file": asked.name, "added": tally.added, "changed": tally.changed}
        audit.record(session, asked.now, None, "import", asked.kind, **body)
    return review, tally


def _staff(
    session: Session, house: House, asked: Import, rows: Iterable[Row], progress: Progress
) -> tuple[Review, Tally]:
    members, review = import_staff.check(session, rows, asked.admins)
    _stop_if_wrong(asked, review)
    tally = import_staff.write(session, members, asked.now, language=house.language, admins=asked.admins)
    duties.sync(session, house, asked.now)
    in_step(session, house, asked.now)
    progress(len(members), len(members))
    return review, tally


def _customers(
    session: Session, house: House, asked: Import, rows: Iterable[Row], progress: Progress
) -> tuple[Review, Tally]:
    groups, review = import_customers.check(session, house, rows, asked.now)
    _remark_alike(session, groups, review)
    _stop_if_wrong(asked, review)
    tally = import_records.write(session, house, groups, asked.now, progress)
    in_step(session, house, asked.now)
    return review, tally


def _remark_alike(session: Session, groups: Sequence[Group], review: Review) -> None:
    """Who may be on file already under another name; whoever runs this decides, and may merge them afterwards."""
    rows = {line.row.line: line.row for group in groups for line in group.lines}
    for each in alike(session, groups):
        if each.customer is not None:
            name = session.get_one(Customer, each.customer).called_in_full
            review.remark(rows[each.line], "name", "alike", value=name)
        else:
            review.remark(rows[each.line], "name", "alike_row", other=each.before)


def _stop_if_wrong(asked: Import, review: Review) -> None:
    """All rows or none, unless the good ones were asked for. A dry run goes on, to count them."""
    if review.problems and not (asked.good_only or asked.dry_run):
        raise _NotWrittenError(review, Tally())


def reject_file(path: Path, table: Table, review: Review) -> tuple[Path, int]:
    """Write the wrong rows, as they were, with the reasons. Returns where, and how many."""
    wrong = [(line, cells) for line, cells in table.rows if line in review.bad_lines]
    width = len(table.headings)
    target = path.with_name(f"{path.stem}-rejected.csv")
    rows = [[*(list(cells) + [""] * width)[:width], review.reasons(line)] for line, cells in wrong]
    write_rejects(target, [*table.headings, "原因"], rows)
    return target, len(wrong)
