"""Every figure, counted again from the raw rows of a year by other means: plain SQL for the rows, one loop for each sentence of the
rules, nothing of the room that counts for reports."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bench.year import Size, Year, write
from models.case_figures import Cases, contentment
from models.coverage import Asked, Coverage
from models.figures import Reach, View
from models.marks import BURST, marks
from models.pace import Callbacks
from models.store import Store
from models.talk_figures import Talks
from rules.cadence import cycle_containing, due_day, first_cycle, following
from rules.entries import Duty
from rules.evidence import delay
from rules.house import House
from rules.spans import Span, month_of, year_of
from tests.servers import a_house, copy_of

NOW = datetime.fromisoformat("2026-11-23T09:00+08:00")
SMALL = Size(staff=30, customers=120, units=3, complaints=40)
REACHES = {
    "the company": Reach(),
    "a unit": Reach(frozenset({3})),
    "two units": Reach(frozenset({2, 4}), frozenset({"vice_president@2"})),
}
SPANS = {
    "the year": year_of(date(2026, 1, 1)),
    "a month": month_of(date(2026, 3, 9)),
    "a week": Span(date(2026, 11, 16), date(2026, 11, 22)),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def raw(request: pytest.FixtureRequest, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """The same year on each engine, written once: nothing here changes it."""
    with address(request, tmp_path_factory.mktemp("year")) as url:
        store, house = Store(url), a_house(rulebook_text)
        store.run_here(write, Year(house, 2026, NOW, SMALL))
        with store.read() as session:
            yield Raw(session, house)
        store.close()


@contextmanager
def address(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("released"), folder / "year.db")
        yield f"sqlite:///{folder / 'year.db'}"
        return
    with copy_of(request.getfixturevalue("postgres"), "released") as url:
        yield url


class Raw:
    """The tables as they are, by plain SQL."""

    def __init__(self, session: Session, house: House) -> None:
        self.session, self.house = session, house
        self.entries = {row["id"]: row for row in self.rows("entry")}
        self.taken = {row["withdraws"]: row["kind"] for row in self.entries.values() if row["withdraws"]}
        self.customers = {row["id"]: row for row in self.rows("customer")}
        self.seats, self.leave = self.rows("assignment"), self.rows("absence")
        self.acted: dict[int, set[int]] = defaultdict(set)
        for row in self.rows("participant"):
            self.acted[row["entry_id"]].add(row["staff_id"])
        for row in self.rows("stood_in"):
            self.acted[row["entry_id"]].add(row["for_id"])

    def rows(self, table: str) -> list[dict[str, Any]]:
        found = self.session.execute(text(f'SELECT * FROM "{table}"')).mappings()
        return [{name: _value(name, each) for name, each in row.items()} for row in found]

    def view(self, span: Span, reach: Reach) -> View:
        return View(self.session, self.house, span, reach, NOW)

    @property
    def talks(self) -> list[dict[str, Any]]:
        return [
            each
            for each in self.entries.values()
            if each["kind"] in ("contact", "callback") and each["id"] not in self.taken
        ]

    def held(self, staff: int, role: str, unit: int, at: datetime) -> bool:
        return any(
            (seat["staff_id"], seat["role"], seat["unit_id"]) == (staff, role, unit)
            and seat["starts"] <= at
            and (seat["ends"] is None or at < seat["ends"])
            for seat in self.seats
        )

    def day(self, at: datetime) -> date:
        return self.house.calendar.local(at).date()


def _value(name: str, cell: Any) -> Any:
    moments = (
        "at",
        "written_at",
        "starts",
        "ends",
        "anchor",
        "closed_at",
        "due_at",
        "received_at",
        "limit_at",
        "opened_at",
    )
    if name in moments and cell is not None:
        found = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return json.loads(cell) if name in ("answers", "attachments") and isinstance(cell, str) else cell


# Duties


def recounted(raw: Raw, span: Span, reach: Reach) -> Counter[tuple[str, int, str, str]]:
    """By rule, unit, cycle and what became of it."""
    found: Counter[tuple[str, int, str, str]] = Counter()
    duties = {each.id: each for each in raw.house.rulebook.duties}
    by_customer: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in raw.talks:
        by_customer[each["customer_id"]].append(each)
    for clock in (each for each in raw.rows("clock") if each["rule"] in duties):
        duty, unit = duties[clock["rule"]], unit_of(raw, clock)
        leader = clock["post"].startswith("vice_president@") and reach.units is not None
        if (reach.units is not None and unit not in reach.units) or (leader and clock["post"] not in reach.posts):
            continue
        done = list(what_counts(raw, duty, clock, by_customer))
        for name, last, due, days, count in cycles(raw, duty, clock, span):
            made = [own for day, own in done if days[0] <= day <= days[1]]
            found[clock["rule"], unit, name, became(raw, clock, (last, due), made, count)] += 1
    return found


def unit_of(raw: Raw, clock: dict[str, Any]) -> int:
    if clock["subject_kind"] == "customer":
        return int(raw.customers[clock["subject_id"]]["unit_id"])
    if clock["subject_kind"] != "staff":
        return int(clock["subject_id"])
    return int(
        next(s["unit_id"] for s in raw.seats if s["staff_id"] == clock["subject_id"] and s["role"] == "salesperson")
    )


def what_counts(
    raw: Raw, duty: Duty, clock: dict[str, Any], by_customer: dict[int, list[dict[str, Any]]]
) -> Iterator[tuple[date, bool]]:
    """The day of each talk that counts, and whether it was by those who owe it."""
    if clock["subject_kind"] == "staff":
        for each in raw.entries.values():
            mine = each["by_id"] == clock["subject_id"] or clock["subject_id"] in raw.acted[each["id"]]
            if mine and each["kind"] != "withdrawal" and raw.taken.get(each["id"]) != "withdrawal":
                yield raw.day(each["written_at"]), True
        return
    for number, customer in raw.customers.items():
        about = {"customer": number, "unit": customer["unit_id"], "company": 1}[clock["subject_kind"]] == clock[
            "subject_id"
        ]
        if about and customer["tier"] in duty.tiers:
            for each in by_customer[number]:
                if each["channel"] in duty.how and (own := whose(raw, duty, clock, customer, each)) is not None:
                    yield raw.day(each["at"]), own


def whose(raw: Raw, duty: Duty, clock: dict[str, Any], customer: dict[str, Any], entry: dict[str, Any]) -> bool | None:
    role, _, number = clock["post"].partition("@")
    here, at = raw.acted[entry["id"]], entry["at"]
    if role != "owner":
        return True if any(raw.held(each, role, int(number), at) for each in here) else None
    if customer["owner_id"] in here or any(raw.held(each, "salesperson", customer["unit_id"], at) for each in here):
        return True
    relieved = duty.relieved_by and any(raw.held(each, "unit_head", customer["unit_id"], at) for each in here)
    return False if relieved else None


def cycles(
    raw: Raw, duty: Duty, clock: dict[str, Any], span: Span
) -> Iterator[tuple[str, date, datetime, tuple[date, date], int]]:
    """Each that is owed and ends in the span, walked from the duty's first one on."""
    calendar, began = raw.house.calendar, raw.day(clock["anchor"])
    cycle = first_cycle(duty.every, began, calendar)
    while cycle.first <= span.last:
        due = due_day(duty.every, cycle, calendar)
        begins = calendar.at(cycle.first, datetime.min.time())
        gone = clock["closed_at"] is not None and clock["closed_at"] <= begins
        if due is not None and not gone and span.first <= cycle.last <= span.last:
            at = calendar.at(due, datetime.min.time()) + timedelta(hours=18)
            yield cycle.name, cycle.last, at, (cycle.first, cycle.last), duty.count
        cycle = following(duty.every, cycle, began)
    assert cycle_containing(duty.every, began, began)


def became(raw: Raw, clock: dict[str, Any], when: tuple[date, datetime], made: list[bool], count: int) -> str:
    last, due = when
    if len(made) >= count:
        return "done" if sum(made) >= count else "relieved"
    if clock["closed_at"] is not None and clock["closed_at"] <= due:
        return "ended"
    leave = [each for each in raw.leave if (clock["subject_kind"], clock["subject_id"]) == ("staff", each["staff_id"])]
    if any(each["starts"] <= due < each["ends"] for each in leave):
        return "away"
    return "missed" if last < raw.day(NOW) else "open"


def test_coverage_is_what_the_raw_rows_say(raw: Raw) -> None:
    for (spanned, span), (reached, reach) in zip(SPANS.items(), REACHES.items(), strict=True):
        coverage = Coverage(raw.view(span, reach))
        counted = Counter((each.rule, each.unit, each.cycle, each.state) for each in coverage.slots())
        expected = recounted(raw, span, reach)
        assert counted == expected, (spanned, reached, counted - expected, expected - counted)
        assert sum(counted.values()) > 50


def test_a_figure_is_as_many_as_its_rows(raw: Raw) -> None:
    coverage = Coverage(raw.view(SPANS["the year"], Reach()))
    for group in coverage.grouped("rule", "unit", "tier"):
        for state in ("done", "missed", "open", "relieved", "ended", "away"):
            asked = Asked(group.rule, group.unit, group.tier, state=state)
            assert getattr(group.tally, state) == coverage.count(asked) == len(coverage.rows(asked, most=100_000))
    asked = Asked("R14.2", state="missed")
    assert coverage.rows(asked, 0, 20) == [
        *coverage.rows(asked, 0, 8),
        *coverage.rows(asked, 8, 8),
        *coverage.rows(asked, 16, 4),
    ]
    alone = Coverage(raw.view(SPANS["the year"], Reach()))
    assert sorted(alone.slots(asked)) == sorted(coverage.slots(asked))  # asked for alone, or out of the whole


# What is said apart


def test_late_bare_and_bursts_are_what_the_raw_rows_say(raw: Raw) -> None:
    view = raw.view(SPANS["the year"], Reach())
    found = marks(view, *view.moments)
    known = [each for each in raw.entries.values() if each["kind"] in ("contact", "callback", "arrival")]
    late = {e["id"] for e in known if delay(e["answers"].get("when"), e["at"], e["written_at"], raw.house.calendar)}
    bare = {
        e["id"]
        for e in known
        if e["channel"] == "visit" and not any(a["kind"] in ("photo", "location") for a in e["attachments"])
    }
    alike: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for each in raw.talks:
        alike[each["by_id"], each["at"]].add(each["id"])
        alike[each["by_id"], each["answers"].get("summary"), raw.day(each["written_at"])].add(each["id"])
    bursts = {number for those in alike.values() if len(those) >= BURST for number in those}
    assert (found.late, found.bare, found.same) == (late, bare, bursts)
    assert late and bare and bursts


# Complaints, satisfaction, callbacks

KEPT = (
    "SELECT m.id, m.state, k.type, l.closed_at, l.stopped_by, l.due_at, k.limit_at, h.closed_at AS done_at,"
    " h.stopped_by AS done_by, h.due_at AS done_due, k.received_at, m.closed_at AS over_at, k.report_every, m.opened_at"
    " FROM matter m, complaint k, clock l, clock h WHERE k.matter_id = m.id AND l.subject_id = m.id AND h.subject_id = m.id"
    " AND l.rule = 'R16.1' AND h.rule = 'R16.5' AND l.subject_kind = 'complaint' AND h.subject_kind = 'complaint' ORDER BY m.id"
)


def outcome(stopped: datetime | None, why: str | None, due: datetime) -> bool | None:
    if stopped is None:
        return False if due < NOW else None
    return stopped <= due if why in ("arrived", "answered", "resolved") else None


def told_often_enough(raw: Raw, matter: int, begins: datetime, ends: datetime, to: str) -> bool:
    """Every hour a week is looked back: were there two reports in it?"""
    told = [
        e["written_at"]
        for e in raw.entries.values()
        if e["matter_id"] == matter and e["kind"] == "progress" and to in e["answers"]["to"]
    ]
    edges = sorted({begins, *told, ends})
    for start in edges:  # right after each report, for as long as the next but one lets us wait
        within = [each for each in told if start < each < start + timedelta(days=7, microseconds=1)]
        if start + timedelta(days=7) < ends and len(within) < 2:
            return False
    return True


def test_complaints_are_what_the_raw_rows_say(raw: Raw) -> None:
    cases = {each.matter: each for each in Cases(raw.view(SPANS["the year"], Reach())).all}
    rows = raw.session.execute(text(KEPT)).mappings().all()
    assert len(rows) == len(cases) == SMALL.complaints
    for row in ({name: _moment(name, each) for name, each in row.items()} for row in rows):
        case = cases[row["id"]]
        assert case.kept == outcome(row["closed_at"], row["stopped_by"], row["due_at"])
        assert case.kept_plain == outcome(row["closed_at"], row["stopped_by"], row["limit_at"])
        assert case.handled == outcome(row["done_at"], row["done_by"], row["done_due"])
        assert (case.type, case.state, case.closed) == (row["type"], row["state"], row["over_at"])
        ends = row["over_at"] or NOW
        told = [told_often_enough(raw, row["id"], row["opened_at"], ends, to) for to in ("department", "customer")]
        assert case.reported == (None if case.state == "voided" else all(told)), (case, told)
    assert {each.reported for each in cases.values()} == {True, False, None}
    kinds = Counter(row["type"] for row in rows)
    assert Cases(raw.view(SPANS["the year"], Reach())).tally(lambda each: each.type) == kinds
    assert {each.kept for each in cases.values()} >= {True, False}


def _moment(name: str, cell: Any) -> Any:
    return _value("at", cell) if name.endswith(("_at", "_due")) else cell


def test_satisfaction_is_what_the_raw_rows_say(raw: Raw) -> None:
    found = contentment(raw.view(SPANS["the year"], Reach()))
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in raw.entries.values():
        if each["id"] not in raw.taken:
            months[f"{raw.house.calendar.local(each['at']):%Y-%m}"].append(each)
    for month in found:
        here = months[month.month]
        assert sorted(month.marks) == sorted(e["answers"]["satisfaction"] for e in here if e["kind"] == "callback")
        assert month.effects == {
            w: sum(e["answers"].get("effect") == w for e in here if e["kind"] == "evaluation") for w in month.effects
        }
    assert sum(len(each.marks) for each in found) == sum(each["kind"] == "callback" for each in raw.talks)


def test_callbacks_are_what_the_raw_rows_say(raw: Raw) -> None:
    view = raw.view(SPANS["the year"], Reach())
    callbacks = Callbacks(view, Coverage(view))
    owed: dict[int, list[bool]] = defaultdict(list)
    for row in raw.session.execute(text("SELECT * FROM matter WHERE state <> 'voided'")).mappings():
        closed = _value("closed_at", row["closed_at"])
        called = [e for e in raw.talks if e["kind"] == "callback" and e["customer_id"] == row["customer_id"]]
        owed[row["customer_id"]].append(closed is not None and any(each["written_at"] >= closed for each in called))
    pace = callbacks.complainants()
    assert (pace.planned, pace.done) == (len(owed), sum(map(all, owed.values())))
    assert {each.customer for each in callbacks.gaps} == {number for number, done in owed.items() if not all(done)}
    assert pace.expected == min(pace.planned, int(pace.done * 365 / 327))  # the 327th day of 365
    counted = recounted(raw, view.span, Reach())
    visits = {each.rule: each for each in callbacks.visits()}
    for rule in ("R17.2a", "R17.2b", "R17.4", "R17.6"):
        states: Counter[str] = Counter()
        for (of, _, _, state), many in counted.items():
            states[state] += many if of == rule else 0
        assert (visits[rule].planned, visits[rule].done) == (
            states["done"] + states["missed"] + states["open"],
            states["done"],
        )


def test_complaints_end_where_the_reach_does(raw: Raw) -> None:
    """Of a unit its own, and nothing where nothing is reached."""
    year = SPANS["the year"]
    mine = raw.session.execute(text("SELECT count(*) FROM matter WHERE unit_id = 3")).scalar_one()
    assert len(Cases(raw.view(year, Reach(frozenset({3})))).all) == mine > 0
    nobody = raw.view(year, Reach(frozenset()))
    assert not Cases(nobody).all and not contentment(nobody) and not Callbacks(nobody, Coverage(nobody)).gaps
    assert Coverage(nobody).total() == Coverage(raw.view(year, Reach(frozenset({99})))).total()
    owner = raw.customers[1]["owner_id"]
    own = Reach(frozenset(), owners=frozenset({owner}))
    assert all(
        raw.customers[each.customer]["owner_id"] == owner
        for each in Callbacks(raw.view(year, own), Coverage(nobody)).gaps
    )


# Talks


def test_talks_topics_and_anomalies_are_what_the_raw_rows_say(raw: Raw) -> None:
    for reach in (Reach(), Reach(frozenset({3}))):
        here = [each for each in raw.talks if raw.day(each["at"]).year == NOW.year]
        if reach.units is not None:
            here = [each for each in here if raw.customers[each["customer_id"]]["unit_id"] in reach.units]
        talks = Talks(raw.view(SPANS["the year"], reach))
        assert sorted(each.entry for each in talks.all) == sorted(each["id"] for each in here)
        said = [str(each["answers"].get("summary") or each["answers"].get("opinions")) for each in here]
        assert talks.topics()["price"] == sum("价格" in each for each in said) > 0
        assert talks.topics()["payment"] == sum("货款" in each for each in said) > 0
        decided = {row["entry_id"]: (row["decision"], row["by_id"]) for row in raw.rows("finding")}
        became = Counter(decided.get(each["id"], ("waiting", 0)) for each in here if each["answers"].get("anomaly"))
        counted = Counter(each.anomaly for each in talks.anomalies)
        assert counted["reported"] == became["reported", 1] and counted["by_itself"] == became["reported", None]
        assert counted["not_reported"] == became["not_reported", 1] and counted["waiting"] == became["waiting", 0]
        assert sum(counted.values()) > 0
