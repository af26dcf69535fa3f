"""月报 (article 14, note): each month's log of a salesperson, the report of a unit, that of the company.

One table for all of them, told apart by `kind`; what is in a report is in `models.report_lines`. What was handed in stays as it is:
who has to mend something begins a new version.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.climbing import wind
from models.clocks import Clock, close, running
from models.kinds import Json, json_field
from models.people import Staff, holders, in_place_of, key, present, split_post
from rules.cadence import Cycle, Every, cycle_containing
from rules.calendar import ONE_DAY
from rules.entries import MonthlyReport
from rules.house import House

SUBJECT: Final = "report"
END_OF_WORK: Final = time(18)


class Kind(StrEnum):
    LOG = "log"  # a salesperson's talks, to the unit head
    UNIT = "unit"  # a unit's, to the sales department
    COMPANY = "company"  # of all units, to company leaders


RULES: Final = {Kind.LOG: "R14.6", Kind.UNIT: "R14.7", Kind.COMPANY: "R14.8b"}


class Report(SQLModel, table=True):
    """`post` owes it, as in `Clock`: staff@9, unit_head@3, sales_dept@5. `text` is what its writer says beside the lines: the main
    information of a unit, the measures of the company. `figures` are counted when it is handed in. A draft has no `handed_at`."""

    __table_args__ = (UniqueConstraint("kind", "period", "unit_id", "post", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    period: str = Field(index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    post: str = Field(index=True)
    version: int = 1
    text: str = ""
    figures: Json = json_field()
    made_at: datetime
    due_at: datetime
    handed_at: datetime | None = None
    handed_by: int | None = Field(default=None, foreign_key="staff.id")

    @property
    def staff_id(self) -> int:
        """Whose log it is."""
        return split_post(self.post)[1]

    @property
    def late(self) -> bool:
        """A version that mends another is never late; whether that one was is told by it (`first_of`)."""
        return self.version == 1 and self.handed_at is not None and self.handed_at > self.due_at


def rule_of(house: House, kind: str) -> MonthlyReport | None:
    book = house.rulebook
    return {Kind.LOG: book.monthly_log, Kind.UNIT: book.monthly_unit, Kind.COMPANY: book.monthly_company}[Kind(kind)]


def cycle_named(every: Every, name: str) -> Cycle:
    """The month (2026-10) or quarter (2026-Q4) of that name."""
    year, part = int(name[:4]), name[5:]
    month = 3 * int(part[1:]) if part.startswith("Q") else int(part)
    day = date(year, month, 1)
    return cycle_containing(every, day, day)


def cycle_of(house: House, report: Report) -> Cycle:
    rule = rule_of(house, report.kind)
    return cycle_named(rule.every if rule else Every.parse("1 month"), report.period)


def begin(
    session: Session, house: House, kind: Kind, cycle: Cycle, place: tuple[int, str], now: datetime
) -> Report | None:
    """The draft of a unit's post, with its clock. One that comes late, after an outage, is due as many working days after it came.
    None where the company has no such rule."""
    rule = rule_of(house, kind)
    if rule is None:
        return None
    calendar = house.calendar
    since = max(cycle.last, calendar.local(now).date() - ONE_DAY)
    due = calendar.at(calendar.add_workdays(since, rule.within_workdays), END_OF_WORK)
    unit, post = place
    report = Report(kind=kind, period=cycle.name, unit_id=unit, post=post, made_at=now, due_at=due)
    session.add(report)
    session.flush()
    clock = Clock(
        rule=rule.id,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(report),
        post=post,
        cycle=report.period,
        anchor=now,
        due_at=due,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return report


def owing(session: Session, report: Report, now: datetime) -> list[Staff]:
    """Who is to hand it in now: who is away is replaced, and an empty post goes up the line."""
    role, number = split_post(report.post)
    if role == "staff":
        return present(session, session.get_one(Staff, number), now)
    return holders(session, role, number, now)


def hand_in(session: Session, report: Report, by: Staff | None, now: datetime, body: Json | None = None) -> None:
    """From now on it stays as it is. `by` None: whoever owed it has left, and it goes on by itself. `body` is all that is in it."""
    report.handed_at, report.handed_by = now, key(by) if by else None
    session.flush()
    close(running(session, SUBJECT, key(report)), now, "handed in")
    said: dict[str, Any] = {"period": report.period, "version": report.version, "late": report.late, **(body or {})}
    said |= in_place_of(session, report.post, by, now) if by else {}
    audit.record(
        session, now, key(by) if by else None, f"report.hand_in_{report.kind}", f"{SUBJECT}:{key(report)}", **said
    )


def revise(session: Session, report: Report, by: Staff, now: datetime) -> Report:
    """A new version of what was handed in, to be mended; the one before stays as it was."""
    new = Report(**report.model_dump(include={"kind", "period", "unit_id", "post", "text", "due_at"}), made_at=now)
    new.version = report.version + 1
    session.add(new)
    session.flush()
    audit.record(
        session, now, key(by), "report.revise", f"{SUBJECT}:{key(new)}", period=new.period, version=new.version
    )
    return new


def write(session: Session, report: Report, text: str, by: Staff, now: datetime) -> None:
    """What stands beside the lines; what stood there before is on record."""
    before, report.text = report.text, text
    session.flush()
    audit.record(session, now, key(by), "report.write", f"{SUBJECT}:{key(report)}", before=before, text=text)


# Which there are


def of_period(session: Session, period: str, kind: Kind, units: Collection[int] | None = None) -> list[Report]:
    """All versions, by unit and post, the older first."""
    query = select(Report).where(Report.period == period, Report.kind == kind)
    if units is not None:
        query = query.where(col(Report.unit_id).in_(units))
    return list(session.exec(query.order_by(col(Report.unit_id), col(Report.post), col(Report.version))))


def newest(reports: Sequence[Report]) -> list[Report]:
    """Of each post the version that counts: the last that was handed in, or else the draft."""
    found: dict[tuple[str, int, str], Report] = {}
    for each in reports:
        place = (each.kind, each.unit_id, each.post)
        if place not in found or each.handed_at is not None:
            found[place] = each
    return list(found.values())


def versions(session: Session, report: Report) -> list[Report]:
    """Of the same post and period, the first first."""
    same = (Report.kind == report.kind, Report.period == report.period, Report.unit_id == report.unit_id)
    return list(session.exec(select(Report).where(*same, Report.post == report.post).order_by(col(Report.version))))


def first_of(session: Session, report: Report) -> Report:
    """The first version, which tells whether it came in time."""
    return versions(session, report)[0]


def last_periods(session: Session, most: int) -> list[str]:
    """The periods of which there are reports, the newest first."""
    return list(session.exec(select(Report.period).distinct().order_by(col(Report.period).desc()).limit(most)))


def open_of(session: Session, posts: Collection[str]) -> list[Report]:
    """What these posts have still to hand in, the most urgent first."""
    query = select(Report).where(col(Report.post).in_(posts), col(Report.handed_at).is_(None))
    return list(session.exec(query.order_by(col(Report.due_at), col(Report.id))))


def before(session: Session, report: Report) -> Report | None:
    """What the same post handed in for the period before, in the version that counts."""
    same = (Report.kind == report.kind, Report.unit_id == report.unit_id, Report.post == report.post)
    query = select(Report).where(*same, Report.period < report.period, col(Report.handed_at).is_not(None))
    return session.exec(query.order_by(col(Report.period).desc(), col(Report.version).desc())).first()
