"""The golden table of a complaint's limits: events × states → limits (trust.md row 14), on real records and the real tick.

There is no merging of complaints, so no row for it. After every event of every row: a limit moves later only with its reason on
record.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from models import clocks, limits
from models.acceptance import Accepted, accept
from models.climbing import HANDLING, LIMIT, PROGRESS
from models.clocks import Clock, Event
from models.complaints import Case
from models.customers import Customer
from models.moving import arrange
from models.people import Staff, Unit, key, post
from models.records import Complaint, Entry, Matter, write_entry
from models.steps import Asked
from models.store import Store
from models.working_days import Arrangement, Change, in_force
from rules.calendar import Calendar
from rules.house import House
from rules.ladder import Quiet
from rules.roles import ComplaintType, Role
from scheduler.tick import tick
from tests.office import START

TABLE = Path(__file__).with_name("limits_golden.tsv")
HOUR = timedelta(hours=1)
AWAKE = Quiet(time(0), time(0))
REASONS = {"amendment", "pause", "entrust", "reinstatement"}
REST = (date(2026, 11, 23), date(2026, 11, 24))


def rows() -> Iterator[tuple[str, str, str]]:
    with TABLE.open(encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row and not row[0].startswith("#"):
                yield row[0], row[1], row[2]


@dataclass
class Story:
    """One complaint, its hours counted from 受理时间, with the tick at work whenever something falls due."""

    store: Store
    house: House
    began: datetime = START
    matter: int = 0
    now: datetime = field(default=START)

    def at(self, hours: str) -> datetime:
        return self.began + timedelta(seconds=round(float(hours.removesuffix("h")) * 3600))

    def open(self, what: str = "") -> None:
        word, _, since = what.partition("@")
        with self.store.write() as session:
            ann = session.exec(select(Staff).where(Staff.name == "安然")).one()
            customer = session.exec(select(Customer).where(Customer.short_name == "华航橡胶")).one()
            received = self.at(since) if since else self.began
            accepted = Accepted(
                *(customer, "张工", None, ComplaintType.QUALITY, "胶管", "胶管开裂", (), received),
                *(word != "outside", "", word != "no_visit", None, ann, word != "from_outside"),
            )
            self.matter = key(accept(session, self.house, ann, accepted, self.began).matter)

    def passes(self, until: datetime) -> None:
        """Everything that falls due on the way is said at its time."""
        while True:
            with self.store.write() as session:
                soonest = next(iter(clocks.upcoming(session, 1)), None)
                due = soonest.next_at if soonest and soonest.next_at else until
                if due > until:
                    break
                self.now = max(due, self.now)
                tick(session, self.house, self.now)
        self.now = until

    def does(self, what: str, *more: str) -> None:
        """One event, in a transaction of its own; a limit that it moves later has its reason on record."""
        with self.store.write() as session:
            matter, complaint = session.get_one(Matter, self.matter), session.get_one(Complaint, self.matter)
            by = session.exec(select(Staff).where(Staff.name == "安然")).one()
            case = Case(session, self.house, matter, complaint, by, self.now)
            before = _dues(case)
            word, _, at = what.partition("@")
            if word == "holiday":
                self.house = _rest(case)
            elif word == "arrive":
                case.arrive(self.at(at) if at else self.now)
            else:
                DEEDS[word](self, case, *more)
            _moved_with_a_reason(case, before)

    def stale(self, what: str) -> None:
        """The sweep has seen that the limit falls due, and acts when it was settled already."""
        with self.store.read() as session:
            seen = clocks.upcoming(session, 1)[0].next_at
        assert seen is not None
        self.does(what)
        with self.store.write() as session:
            tick(session, self.house, max(seen, self.at("24")))

    def plays(self, script: str) -> None:
        for line in script.split("; "):
            hours, what, *more = line.split()
            if not self.matter:
                opening = hours == "0h" and what.partition("@")[0] in OPENINGS
                self.open(what if opening else "")
                if opening:
                    continue
            self.passes(self.at(hours))
            if what == "stale":
                self.stale(*more)
            elif what != "end":
                self.does(what, *more)

    def finds(self) -> dict[str, str]:
        """Everything that a row may ask about, in hours from 受理时间."""
        with self.store.read() as session:
            matter, complaint = session.get_one(Matter, self.matter), session.get_one(Complaint, self.matter)
            limit = limits.the_limit(session, matter)
            since = session.exec(select(Clock).where(Clock.rule == "R16.6")).first()
            handling = next((each for each in limits.of_case(session, matter) if each.rule == HANDLING), None)
            report = next(
                each for each in limits.of_case(session, matter) if each.rule == PROGRESS and "customer" in each.post
            )
            paused = limit.paused_until if limit.paused_until and limit.paused_until > self.now else None
            return {
                LIMIT: self._hours(limit.due_at),
                "was": self._hours(complaint.limit_at),
                "stop": self._stopped(limit),
                "kept": "yes" if limit.closed_at and limit.closed_at <= limit.due_at else "no",
                "said": ",".join(self._said(session, limit)),
                "paused": self._hours(paused),
                "R16.5": self._hours(handling.due_at if handling else None),
                "handled": self._stopped(handling) if handling else "-",
                "R16.6": self._hours(since.due_at if since else None),
                "report": self._hours(report.due_at),
            }

    def _hours(self, moment: datetime | None) -> str:
        return f"{round((moment - self.began) / HOUR, 2):g}" if moment else "-"

    def _stopped(self, clock: Clock) -> str:
        return f"{clock.stopped_by}@{self._hours(clock.closed_at)}" if clock.closed_at else "-"

    def _said(self, session: Session, clock: Clock) -> Iterator[str]:
        """What was said aloud, the highest step of each moment, its repeats aside."""
        query = select(Event).where(Event.clock_id == key(clock), Event.nth == 0).order_by(col(Event.at))
        highest: dict[datetime, int] = {}
        for each in session.exec(query):
            highest[each.at] = max(each.step, highest.get(each.at, 0))
        return (f"{step}@{self._hours(at)}" for at, step in highest.items())


def _dues(case: Case) -> dict[int, datetime]:
    return {key(each): each.due_at for each in limits.of_case(case.session, case.matter) if each.rule != PROGRESS}


def _moved_with_a_reason(case: Case, before: dict[int, datetime]) -> None:
    case.session.flush()
    later = [number for number, due in _dues(case).items() if number in before and due > before[number]]
    written = case.session.exec(select(Entry).where(Entry.written_at == case.now))
    reasons = [each for each in written if each.kind in REASONS or each.answers.get("satisfied") is False]
    assert not later or reasons, "a limit moved later without its reason on record"


def _rest(case: Case) -> House:
    what = Arrangement(year=2026, text="检修", by_id=key(case.by), at=case.now)
    house, _ = arrange(case.session, case.house, case.by, what, dict.fromkeys(REST, Change(False)), case.now)
    return house


def _entrust(story: Story, case: Case, by_when: str) -> None:
    case.entrust(case.session.get_one(Unit, case.matter.unit_id), None, story.at(by_when))


def _assign(_: Story, case: Case) -> None:
    case.assign(case.session.exec(select(Staff).where(Staff.name == "艾梅")).one())


def _ask(_: Story, case: Case) -> None:
    case.ask(Asked("void", "重复", [[post(Role.SALES_DEPT, case.matter.unit_id)]]))


def _answer(_: Story, case: Case, channel: str | None = None) -> None:
    """With a channel, as an entry that came by another way than the form's."""
    if channel is None:
        case.report("已答复", ["customer"])
        return
    case.record("progress", {"to": ["customer"], "text": "已答复"}, channel=channel)
    limits.derive(case.session, case.house, case.matter, case.complaint, case.now)


def _talk(_: Story, case: Case, channel: str) -> None:
    entry = Entry(
        kind="contact",
        customer_id=case.matter.customer_id,
        at=case.now,
        written_at=case.now,
        by_id=key(case.by),
        channel=channel,
        answers={"summary": "订货"},
    )
    write_entry(case.session, entry, [key(case.by)], case.house.calendar.tz)


OPENINGS = ("outside", "no_visit", "from_outside", "received")
DEEDS: dict[str, Callable[..., object]] = {
    "answer": _answer,
    "talk": _talk,
    "note": lambda _, case: case.report("在查", ["department"]),
    "outside": lambda _, case: case.change("在兰州", in_province=False),
    "inside": lambda _, case: case.change("在西安", in_province=True),
    "no_visit": lambda _, case: case.change("电话可办", on_site_needed=False),
    "visit": lambda _, case: case.change("要去现场", on_site_needed=True),
    "pause": lambda story, case, until: case.pause("site_closed", "停电", story.at(until)),
    "resume": lambda _, case: case.resume("来电了"),
    "resolve": lambda _, case: case.resolve("硫化不足", "换货"),
    "refuse": lambda _, case: case.confirm(False, "还是漏"),
    "satisfied": lambda _, case: case.confirm(True, "满意"),
    "evaluate": lambda _, case: case.evaluate("good", "没有再漏"),
    "void": lambda _, case: case.void("重复登记"),
    "void?": _ask,
    "reinstate": lambda _, case: case.reinstate("不是重复"),
    "entrust": _entrust,
    "assign": _assign,
    "reroute": lambda _, case: case.reroute(ComplaintType.SHIPPING, "包装破损"),
    "hand_on": lambda _, case: case.hand_on("请查"),
}


def asked(expected: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in expected.split())


@pytest.fixture
def begun(database: str, house: House) -> Iterator[Story]:
    store = Store(database)
    with store.read() as session:
        house = in_force(session, house)
    yield Story(store, replace(house, quiet=AWAKE))
    store.close()


@pytest.mark.parametrize(("holds", "happens", "found"), [pytest.param(*row, id=row[0]) for row in rows()])
def test_every_row_of_the_golden_table(begun: Story, holds: str, happens: str, found: str) -> None:
    begun.plays(happens)
    wanted, now = asked(found), begun.finds()
    assert {name: now[name] for name in wanted} == wanted, holds


# Where the clock is changed, and at the ends of months

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("received", "happens", "found"),
    [
        ("2026-10-24 12:00", "29h end", "R16.1=24 said=0@12,1@19.2,2@24,3@28"),  # the night has 25 hours
        ("2027-03-27 12:00", "29h end", "R16.1=24 said=0@12,1@19.2,2@24,3@28"),  # and this one 23
        ("2026-10-24 12:00", "0h outside; 49h end", "R16.1=48 said=0@24,1@38.4,2@48"),
        ("2026-10-24 12:00", "2h pause 20h; 21h end", "R16.1=42 was=24"),
        ("2026-10-24 12:00", "2h entrust 26h; 5h resolve; 6h refuse; 7h end", "R16.5=30 R16.1=30"),
        ("2026-10-20 12:00", "24h answer; 48h answer; 49h end", "report=192"),
        ("2027-01-30 10:00", "1h end", "R16.1=24 report=168"),  # over the end of a month: seven days are seven days
        ("2027-02-25 10:00", "24h answer; 48h answer; 49h end", "report=192"),
        ("2028-02-27 10:00", "1h end", "R16.1=24 report=168"),  # and over 29 February
    ],
)
def test_an_hour_is_an_hour_where_the_clock_is_changed_and_a_day_a_day_at_the_end_of_a_month(
    begun: Story, received: str, happens: str, found: str
) -> None:
    begun.house = replace(begun.house, calendar=Calendar(BERLIN))
    begun.began = begun.now = datetime.fromisoformat(received).replace(tzinfo=BERLIN).astimezone(UTC)
    begun.plays(happens)
    wanted, now = asked(found), begun.finds()
    assert {name: now[name] for name in wanted} == wanted


def test_the_limit_is_wound_the_same_whether_or_not_the_record_was_read_again(begun: Story) -> None:
    """受理时间 as it was typed stands in the company's time zone; hours are counted on the wall clock of nobody."""
    begun.house = replace(begun.house, calendar=Calendar(BERLIN))
    begun.began = begun.now = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    begun.open()
    with begun.store.read() as session:
        limit = limits.the_limit(session, session.get_one(Matter, begun.matter))
        assert limit.next_at == limit.anchor + 12 * HOUR
