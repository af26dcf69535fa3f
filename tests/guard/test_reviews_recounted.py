"""Plans, pace, spot checks and scores, counted again from the raw rows of a year: plain SQL, and one loop for each sentence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bench.year import Year, write
from models import assessments, rounds, score_marks, scores
from models.coverage import Asked, Coverage
from models.figures import Reach
from models.pace import PLAN, Callbacks
from models.people import key, post
from models.plans import Plan, of_units, view_of
from models.scores import Mark
from models.spot_checks import SpotDraw, SpotResult
from models.store import Store
from rules.cadence import Every
from rules.spans import Span, year_of
from tests.guard.test_figures_recounted import NOW, SMALL, Raw, cycles, recounted, what_counts
from tests.servers import a_house

YEAR = year_of(date(2026, 1, 1))
UNIT = 3
JULY = "2026-07-01 00:00:00.000000"
TWICE = "INSERT INTO plan_quota (unit_id, year, number, by_id, at) VALUES (3, :year, :number, 1, '2026-01-05 08:00:00.000000')"


@pytest.fixture(scope="module")
def raw(released: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """A year in which some duties began in July, one unit has a number of its own, and visits were checked by phone."""
    path = tmp_path_factory.mktemp("year") / "year.db"
    path.write_bytes(released.read_bytes())
    store, house = Store(f"sqlite:///{path}"), a_house(rulebook_text)
    store.run_here(write, Year(house, 2026, NOW, SMALL))
    with store.write() as session:
        session.execute(
            text("UPDATE clock SET anchor = :july WHERE rule = 'R17.4' AND subject_id % 2 = 0"), {"july": JULY}
        )
        for year, number in ((2025, 9), (2026, 4), (2026, 2), (2027, 7)):
            session.execute(text(TWICE), {"year": year, "number": number})
        _check(session)
    with store.read() as session:
        yield Raw(session, house)
    store.close()


VISITS = (
    "SELECT id FROM entry WHERE channel = 'visit' AND kind IN ('contact', 'callback')"
    " AND at >= '2026-07-02' AND at < '2026-09-29' ORDER BY id DESC LIMIT 40"
)
KEPT = (
    "SELECT m.id, l.closed_at, l.due_at FROM matter m JOIN complaint k ON k.matter_id = m.id"
    " JOIN clock l ON l.subject_kind = 'complaint' AND l.subject_id = m.id AND l.rule = 'R16.1'"
    " WHERE m.unit_id = 3 AND m.state <> 'voided'"
    " AND k.received_at >= '2026-06-30 16:00' AND k.received_at < '2026-09-30 16:00'"
)
LAST_WORD = (
    "SELECT r.entry_id, r.result FROM spot_result r"
    " WHERE r.id = (SELECT max(l.id) FROM spot_result l WHERE l.entry_id = r.entry_id)"
)


def _check(session: Session) -> None:
    """The last visits of the third quarter, of which every second was not confirmed."""
    ids = sorted(each for (each,) in session.execute(text(VISITS)))
    draw = SpotDraw(
        period="2026-Q3", seed=1, percent=5, population=len(ids), entries={"drawn": ids, "from": ids}, at=NOW
    )
    session.add(draw)
    session.flush()
    for each in ids:
        first = "unreached" if each % 3 == 0 else "confirmed" if each % 2 else "unconfirmed"
        rows = [first, *(["unconfirmed"] if first == "unreached" else [])]
        session.add_all(
            SpotResult(draw_id=key(draw), entry_id=each, result=row, note="", by_id=1, at=NOW) for row in rows
        )


def test_the_pace_counts_what_began_within_the_year_from_its_beginning(raw: Raw) -> None:
    planned = done = passed = whole = 0
    duties = {each.id: each for each in raw.house.rulebook.duties}
    by_customer: dict[int, list[dict[str, object]]] = {}
    for each in raw.talks:
        by_customer.setdefault(each["customer_id"], []).append(each)
    for clock in raw.rows("clock"):
        if clock["rule"] != "R17.4":
            continue
        duty = duties["R17.4"]
        made = [day for day, own in what_counts(raw, duty, clock, by_customer) if own]
        for _, _, due, days, count in cycles(raw, duty, clock, YEAR):
            if clock["closed_at"] is not None and clock["closed_at"] <= due:
                continue
            here = sum(days[0] <= day <= days[1] for day in made)
            first = max(date(2026, 1, 1), raw.day(clock["anchor"]))
            planned, done = planned + count, done + min(here, count)
            passed, whole = passed + (raw.day(NOW) - first).days + 1, whole + (date(2026, 12, 31) - first).days + 1
    view = raw.view(YEAR, Reach())
    found = next(each for each in Callbacks(view, Coverage(view)).visits() if each.rule == "R17.4")
    assert (found.planned, found.done, found.expected) == (planned, done, min(planned, done * whole // passed))
    assert (found.passed, found.whole) == (passed, whole)
    assert done * whole // passed > done * 365 // 327, "what began in July has had less time"


def test_a_unit_owes_the_number_that_was_set_for_it_and_the_others_that_of_the_rule(raw: Raw) -> None:
    view = raw.view(YEAR, Reach())
    owed = {each.unit: each.owed for each in Coverage(view).of_rules("R17.5")}
    assert owed[UNIT] == 2
    assert set(owed.values()) == {2, 5}
    together = Callbacks(view, Coverage(view)).visits()[-1]
    units = [each.pace for each in of_units(raw.session, raw.house, owed, YEAR, NOW)]
    above = sum(each.owed for each in Callbacks(view, Coverage(view)).planned if each.kind == "company")
    assert together.rule == PLAN
    assert sum(each.planned for each in units) == together.planned - above


def test_the_lines_of_a_plan_are_its_slots_each_once_and_in_a_month_that_it_owes(raw: Raw) -> None:
    view = view_of(raw.session, raw.house, UNIT, YEAR, NOW)
    plan = Plan(view, UNIT)
    states = Counter({("R17.2a", "done"): 0})
    for (rule, unit, _, state), many in recounted(
        raw, YEAR, Reach(frozenset({UNIT}), frozenset({post("vice_president", UNIT)}))
    ).items():
        if rule.startswith("R17.") and rule != "R17.5" and unit == UNIT:
            states[rule, "done" if state == "done" else state] += many
    for rule in ("R17.2a", "R17.2b", "R17.4", "R17.6"):
        lines = [each for each in plan.lines if each.rule == rule]
        assert len(lines) == sum(states[rule, each] for each in ("done", "missed", "open"))
        assert sum(each.done is not None for each in lines) == states[rule, "done"]
        assert all(each.month >= 7 for each in lines if rule == "R17.4" and (each.customer or 1) % 2 == 0)
    assert len([each for each in plan.lines if each.rule == "R17.5"]) == 2
    assert (len(plan.lines), sum(each.done is not None for each in plan.lines)) == (plan.pace.planned, plan.pace.done)


def test_what_was_not_confirmed_stands_apart_the_last_word_counts(raw: Raw) -> None:
    drawn = json.loads(raw.session.execute(text("SELECT entries FROM spot_draw")).scalar_one())["drawn"]
    bad = {each for each in drawn if each % 3 == 0 or each % 2 == 0}
    view = raw.view(YEAR, Reach())
    found = {each.clock for each in Coverage(view).slots(Asked(mark="unconfirmed"))}
    visits = {each: raw.entries[each] for each in bad}
    for slot in Coverage(view).of_rules("R17.2a", "R17.2b", "R17.4"):
        if slot.state == "done":
            counted = [
                e
                for e in raw.talks
                if e["customer_id"] == slot.subject and e["channel"] == "visit" and e["at"] in slot.times
            ]
            assert (slot.clock in found) == all(each["id"] in visits for each in counted), slot
    assert found


def test_a_score_is_drawn_from_the_same_rows_as_the_figures(raw: Raw) -> None:
    span = Span(date(2026, 7, 1), date(2026, 9, 30))
    sheet = {each.id: each for each in score_marks.draft(raw.session, raw.house, UNIT, "2026-Q3", NOW)}
    states: Counter[str] = Counter()
    for (rule, _, _, state), many in recounted(raw, span, Reach(frozenset({UNIT}))).items():
        if not rule.startswith("R17."):
            states[state] += many
    assert (sheet["coverage"].good, sheet["coverage"].of) == (states["done"], states["done"] + states["missed"])
    assert len(sheet["coverage"].rows) + sheet["coverage"].more == states["missed"]
    since, until = span.moments(raw.house.calendar)
    talks = [e for e in raw.talks if since <= e["at"] < until and raw.customers[e["customer_id"]]["unit_id"] == UNIT]
    assert sheet["prompt"].of == len(talks)
    assert sheet["prompt"].good + len(sheet["prompt"].rows) + sheet["prompt"].more == len(talks)
    rows = raw.session.execute(text(KEPT)).all()
    kept = [row.closed_at <= row.due_at if row.closed_at else False for row in rows]
    assert (sheet["limits"].good, sheet["limits"].of) == (sum(kept), len(kept))
    said = assessments.checked(raw.session, raw.house, rounds.named(Every.parse("3 months"), "2026-Q3"), UNIT)
    ours = [
        (entry, result)
        for entry, result in raw.session.execute(text(LAST_WORD))
        if raw.customers[raw.entries[entry]["customer_id"]]["unit_id"] == UNIT
    ]
    assert said == {
        name: sum(result == name for _, result in ours) for name in ("confirmed", "unconfirmed", "unreached")
    }
    assert (sheet["confirmed"].good, sheet["confirmed"].of) == (
        said["confirmed"],
        said["confirmed"] + said["unconfirmed"],
    )
    assert sheet["confirmed"].of


@pytest.mark.parametrize(
    ("marks", "total"),
    [
        ([], None),
        ([(50, 0, 0)], None),
        ([(60, 3, 4), (40, 1, 1)], 85.0),
        ([(60, 3, 4), (40, 0, 0)], 75.0),
        ([(30, 1, 3), (20, 2, 3), (50, 0, 0)], 46.7),
        ([(100, 0, 9)], 0.0),
    ],
    ids=[
        "no criterion",
        "nothing owed",
        "both count",
        "what was not owed is left out",
        "the rest makes the hundred",
        "nothing done",
    ],
)
def test_the_total_is_of_a_hundred(marks: list[tuple[int, int, int]], total: float | None) -> None:
    assert scores.total([Mark("coverage", *each) for each in marks]) == total


def test_the_days_of_a_quarter_end_where_the_next_begins() -> None:
    quarter = Every.parse("3 months")
    for name in ("2026-Q1", "2026-Q4"):
        found = rounds.named(quarter, name)
        assert found.name == name
        assert rounds.period(quarter, found.last + timedelta(days=1)).name != name
    assert rounds.named(Every.parse("1 month"), "2026-11").last == date(2026, 11, 30)
    assert rounds.named(Every.parse("1 year"), "2027").first == date(2027, 1, 1)
