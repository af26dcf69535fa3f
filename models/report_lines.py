"""What is in a report: talks, words of its writer's own, and the tasks given with it.

While it is a draft its talks are read from the record, and a row is only what was decided about one: struck, marked, put into other
words. Handed in, there is a row for each, and nothing is read anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, reports
from models.absences import StoodIn
from models.customers import Customer
from models.kinds import Json
from models.people import Staff, key
from models.records import TALKS, Entry, Participant
from models.reports import SUBJECT, Kind, Report
from models.tasks import Task
from models.withdrawals import IMPORTED
from rules.house import House
from rules.roles import Tier
from rules.spans import Span

KEY: Final = (Tier.STRATEGIC, Tier.KEY)
"""Whose talks go to the sales department, unless the unit head says otherwise."""
ORDER: Final = list(Tier)
Kept = TypeVar("Kept", bound=SQLModel)


class ReportLine(SQLModel, table=True):
    """A talk (`entry_id`), words of its writer's own, those of somebody's log (`line_id`), or a task. `text` of a talk or of a line
    of a log: other words than stand there. What was struck stays."""

    __tablename__ = "report_line"
    __table_args__ = (UniqueConstraint("report_id", "entry_id"), UniqueConstraint("report_id", "line_id"))

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    line_id: int | None = Field(default=None, foreign_key="report_line.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    text: str | None = None
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    struck_at: datetime | None = None
    struck_by: int | None = Field(default=None, foreign_key="staff.id")
    handed: bool = False


@dataclass(frozen=True)
class Line:
    """A talk, or words of their own (`own`) that somebody put into their log. `row` is what this report says about it; None where
    nothing was decided yet."""

    entry: Entry | None
    own: ReportLine | None
    customer: Customer | None
    row: ReportLine | None

    @property
    def struck(self) -> bool:
        return self.row is not None and self.row.struck_at is not None

    @property
    def text(self) -> str:
        if self.row is not None and self.row.text is not None:
            return self.row.text
        if self.own is not None:
            return self.own.text or ""
        said = self.entry.answers if self.entry else {}
        return str(said.get("summary") or said.get("opinions") or "")

    @property
    def by_id(self) -> int:
        return self._said.by_id

    @property
    def place(self) -> tuple[int, int, datetime, int]:
        """Customer by customer, those who matter most first; words about none last."""
        rank = ORDER.index(Tier(self.customer.tier)) if self.customer else len(ORDER)
        return rank, key(self.customer) if self.customer else 0, self._said.at, key(self._said)

    @property
    def args(self) -> dict[str, int | None]:
        """What a button names it by."""
        return {"entry": self.entry.id if self.entry else None, "line": self.own.id if self.own else None}

    @property
    def _said(self) -> Entry | ReportLine:
        found = self.entry or self.own
        assert found is not None, "a line is a talk or words"
        return found


@dataclass
class _Said:
    """Talks and words of a report, whatever was decided about them."""

    talks: list[Entry]
    own: list[ReportLine]


def lines(session: Session, house: House, report: Report) -> list[Line]:
    """All of it, struck ones in their place."""
    rows = [each for each in _rows(session, report) if each.task_id is None]
    if report.handed_at is not None:
        said = _frozen(session, rows)
    elif report.kind == Kind.UNIT:
        said = _of_unit(session, house, report, rows)
    else:
        said = _Said(_talks_of(session, house, report), [each for each in rows if each.entry_id is None])
    about_talk = {each.entry_id: each for each in rows if each.entry_id}
    about_line: dict[int | None, ReportLine] = {each.line_id or each.id: each for each in rows if each.entry_id is None}
    numbers = {each.customer_id for each in said.talks} | {each.customer_id for each in said.own}
    customers = {key(each): each for each in _some(session, Customer, numbers)}
    found = [Line(each, None, customers[each.customer_id], about_talk.get(key(each))) for each in said.talks]
    found += [Line(None, each, customers.get(each.customer_id or 0), about_line.get(key(each))) for each in said.own]
    return sorted(found, key=lambda each: each.place)


def _frozen(session: Session, rows: Sequence[ReportLine]) -> _Said:
    """What has a row, and nothing else."""
    own = [each for each in rows if each.entry_id is None and each.line_id is None]
    logged = _some(session, ReportLine, {each.line_id for each in rows})
    return _Said(_some(session, Entry, {each.entry_id for each in rows}), [*own, *logged])


def _rows(session: Session, report: Report) -> list[ReportLine]:
    query = select(ReportLine).where(ReportLine.report_id == key(report))
    return list(session.exec(query.order_by(col(ReportLine.id))))


def _some(session: Session, table: type[Kept], numbers: Iterable[int | None]) -> list[Kept]:
    wanted, found = sorted({each for each in numbers if each}), list[Kept]()
    number = SQLModel.metadata.tables[str(table.__tablename__)].c.id
    for start in range(0, len(wanted), 500):
        found += session.exec(select(table).where(number.in_(wanted[start : start + 500]))).all()
    return found


# A salesperson's log


def talked(session: Session, staff: int, since: datetime, until: datetime) -> list[Entry]:
    """What somebody wrote down, took part in, or a substitute did in their place: what was talked in that time, and what was talked
    before it and only then written down. Asked person by person, which is fast however many years there are."""
    then = (col(Entry.at) >= since) & (col(Entry.at) < until)
    late = (col(Entry.at) < since) & (col(Entry.written_at) >= since) & (col(Entry.written_at) < until)
    period = col(Entry.kind).in_(TALKS) & (then | late)
    ways = (
        select(Entry.id).where(Entry.by_id == staff),
        select(Entry.id).join(Participant).where(Participant.staff_id == staff),
        select(Entry.id).join(StoodIn).where(StoodIn.for_id == staff),
    )
    numbers = {each for way in ways for each in session.exec(way.where(period))}
    found = _some(session, Entry, numbers - _withdrawn(session, numbers))
    return [each for each in found if each.answers.get("source") != IMPORTED]


def _withdrawn(session: Session, numbers: Collection[int | None]) -> set[int]:
    """Those that were taken back or corrected."""
    query = select(Entry.withdraws).where(col(Entry.withdraws).in_(numbers))
    return {each for each in session.exec(query) if each}


def _talks_of(session: Session, house: House, report: Report) -> list[Entry]:
    """What stood in an earlier log stands in no second one. Talks with the customers of another unit for which they also report
    belong there."""
    told = (
        select(ReportLine.entry_id)
        .join(Report, col(Report.id) == col(ReportLine.report_id))
        .where(Report.kind == Kind.LOG, Report.post == report.post, Report.period != report.period)
        .where(col(Report.handed_at).is_not(None), col(ReportLine.entry_id).is_not(None))
    )
    known = set(session.exec(told))
    same = (Report.kind == Kind.LOG, Report.post == report.post, Report.period == report.period)
    elsewhere = set(session.exec(select(Report.unit_id).where(*same))) - {report.unit_id}
    found = [each for each in talked(session, report.staff_id, *_moments(house, report)) if each.id not in known]
    units = {key(each): each.unit_id for each in _some(session, Customer, {each.customer_id for each in found})}
    return [each for each in found if units[each.customer_id] not in elsewhere]


def _moments(house: House, report: Report) -> tuple[datetime, datetime]:
    cycle = reports.cycle_of(house, report)
    return Span(cycle.first, cycle.last).moments(house.calendar)


# A unit's report


def logs(session: Session, unit: int, period: str) -> list[Report]:
    """The logs of a unit, each in the version that counts."""
    return reports.newest(reports.of_period(session, period, Kind.LOG, [unit]))


def _of_unit(session: Session, house: House, report: Report, rows: Sequence[ReportLine]) -> _Said:
    """Of the logs that came in what is about strategic and key customers, and what the unit head decided about; each talk once,
    however many took part."""
    handed = [each for each in logs(session, report.unit_id, report.period) if each.handed_at is not None]
    found = [line for each in handed for line in lines(session, house, each) if not line.struck]
    decided = {each.entry_id for each in rows if each.entry_id}, {each.line_id for each in rows if each.line_id}
    wanted = [
        each
        for each in found
        if (each.customer and each.customer.tier in KEY)
        or (each.entry and each.entry.id in decided[0])
        or (each.own and each.own.id in decided[1])
    ]
    talks = {key(each.entry): each.entry for each in wanted if each.entry}
    return _Said(list(talks.values()), [each.own for each in wanted if each.own])


def amended(session: Session, found: Sequence[Line]) -> set[int]:
    """Those of these talks that were taken back or corrected since."""
    return _withdrawn(session, [key(each.entry) for each in found if each.entry])


def tasks(session: Session, report: Report) -> list[Task]:
    """What was given to be done with any version of it."""
    numbers = [key(each) for each in reports.versions(session, report)]
    query = select(Task).join(ReportLine, col(ReportLine.task_id) == col(Task.id))
    return list(session.exec(query.where(col(ReportLine.report_id).in_(numbers)).order_by(col(Task.due_at))))


# What is decided about them


@dataclass(frozen=True)
class Pen:
    """Somebody who works on a draft, now."""

    session: Session
    house: House
    report: Report
    by: Staff
    now: datetime

    def toggle(self, line: Line) -> bool:
        """Strike it, or take it in again. Returns whether it is struck now."""
        row = line.row or self._add(line)
        struck = row.struck_at is None
        row.struck_at, row.struck_by = (self.now, key(self.by)) if struck else (None, None)
        self._note("strike" if struck else "restore", row)
        return struck

    def mark(self, line: Line) -> bool:
        """Put a line of a log into the part with key customers, or out of it. Returns whether it stands there now."""
        here = [each for each in lines(self.session, self.house, self.report) if each.args == line.args]
        if here:
            return not self.toggle(here[0])
        self._note("mark", self._add(line))
        return True

    def reword(self, line: Line, text: str) -> None:
        row = line.row or self._add(line)
        row.text = text
        self._note("reword", row)

    def add(self, text: str, customer: int | None = None) -> None:
        """A line that no talk stands behind."""
        row = ReportLine(report_id=key(self.report), customer_id=customer, text=text, by_id=key(self.by), at=self.now)
        self.session.add(row)
        self.session.flush()
        self._note("add", row)

    def assign(self, task: Task) -> None:
        self.session.add(ReportLine(report_id=key(self.report), task_id=key(task), by_id=key(self.by), at=self.now))
        self.session.flush()

    def hand_in(self, by: Staff | None, figures: Json | None = None) -> None:
        """Every line becomes a row; from then on nothing is read anew."""
        found = lines(self.session, self.house, self.report)
        rows = [each.row or self._add(each) for each in found]
        for each in _rows(self.session, self.report):
            each.handed = True
        self.report.figures = figures or {}
        said = [
            {"entry": each.entry_id, "line": each.line_id, "text": each.text, "struck": each.struck_at is not None}
            for each in rows
        ]
        body = {"text": self.report.text, "lines": said, **({"figures": figures} if figures else {})}
        reports.hand_in(self.session, self.report, by, self.now, body)

    def _add(self, line: Line) -> ReportLine:
        row = ReportLine(
            report_id=key(self.report),
            entry_id=line.entry.id if line.entry else None,
            line_id=line.own.id if line.own else None,
            customer_id=line.customer.id if line.customer else None,
            by_id=key(self.by),
            at=self.now,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def _note(self, what: str, row: ReportLine) -> None:
        self.session.flush()
        said = {"line": key(row), "entry": row.entry_id, "text": row.text}
        subject = f"{SUBJECT}:{key(self.report)}"
        audit.record(self.session, self.now, key(self.by), f"report.{what}", subject, **said)


def copy_decisions(session: Session, house: House, of: Report, to: Report) -> None:
    """What was struck, marked, said in other words, or added goes into the version that mends it; the talks are read anew."""
    for each in lines(session, house, of):
        row = each.row
        marked = of.kind == Kind.UNIT and (each.customer is None or each.customer.tier not in KEY)
        own = row is not None and row is each.own
        if row is not None and (marked or own or row.struck_at or row.text is not None):
            session.add(ReportLine(report_id=key(to), **row.model_dump(exclude={"id", "report_id", "handed"})))
    session.flush()
