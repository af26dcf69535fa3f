"""Charts for the chat: what each shows, as words and numbers, with a title that says what was found. They are drawn in a process of
their own (`papers.drawing`), which nothing waits for but the one who asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from models import survey_figures
from models.case_figures import AGES, Case, Cases, contentment
from models.coverage import Asked, Coverage, Group, Tally
from models.figures import Reach, View
from models.pace import Callbacks
from models.people import Staff, Unit, actor, post, seats
from papers.book import Paper
from papers.period_words import named
from rules import gate
from rules.cadence import Unit as Length
from rules.calendar import ONE_DAY, weekday_first
from rules.entries import Duty
from rules.gate import Action
from rules.house import House
from rules.periods import KINDS, Period
from rules.roles import Role
from rules.spans import Span, months_of, year_of
from words import Value, Voice, say

NEEDS: Final = Action.SEE_REPORTING
WEEKS: Final = 8
"""So many weeks that are over are shown, the last on the right."""
MONTHS: Final = 11
"""Months of satisfaction before this one."""
PATIENCE: Final = 60.0
"""Seconds until a picture that is not done is given up."""
RATIOS: Final = ((0.25, "0–25%"), (0.5, "25–50%"), (0.75, "50–75%"), (1.0, "75–100%"), (1.5, "100–150%"))
NEAR: Final = 0.92
"""Nearer to the plan than this, two names would lie over one another."""
OLD: Final = timedelta(days=7)
MOST_UNITS: Final = 12
Drawn = dict[str, Any]


def reach_of(session: Session, staff: Staff, now: datetime, unit: int | None = None) -> Reach:
    """How far this person's figures go; with what company leaders owe where they are one."""
    own = [
        post(each.role, each.unit_id) for each in seats(session, staff.id or 0, now) if each.role == Role.VICE_PRESIDENT
    ]
    return Reach.of(gate.scope(actor(session, staff, now), NEEDS), own).narrowed(unit)


def weekly(house: House) -> Duty | None:
    """The duty of every week, of which units are compared; where there is none, the first that is owed for each customer."""
    owed = [each for each in house.rulebook.duties if each.each]
    return next((each for each in owed if each.every.unit is Length.WEEK), next(iter(owed), None))


def span_of(kind: str, today: date) -> Span:
    """The days that a chart is about."""
    monday = weekday_first(today)
    if kind == "coverage":
        return Span(monday - timedelta(weeks=WEEKS), monday - ONE_DAY)
    if kind == "satisfaction":
        first = months_of(Span(today - timedelta(days=31 * MONTHS), today))[0].first.replace(day=1)
        return Span(first, today)
    return year_of(today)


def view_of(session: Session, house: House, staff: Staff, kind: str, unit: int | None, now: datetime) -> View:
    today = house.calendar.local(now).date()
    return View(session, house, span_of(kind, today), reach_of(session, staff, now, unit), now)


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """The picture, in the language of the one who asked."""
    view = view_of(session, house, staff, args["kind"], args.get("unit"), now)
    voice = Voice(staff.language, house.calendar.tz, now)
    return Paper(f"chart-{args['kind']}.png", drawn(content(view, args["kind"], voice)))


def drawn(chart: Drawn) -> bytes:
    given = json.dumps(chart).encode()
    done = subprocess.run(
        [sys.executable, "-m", "papers.drawing"], input=given, capture_output=True, timeout=PATIENCE, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def content(view: View, kind: str, voice: Voice) -> Drawn:
    """What is drawn. Without anything to show, only a sentence that says so."""
    return CHARTS[kind](_Made(view, voice))


@dataclass(frozen=True)
class _Made:
    view: View
    voice: Voice

    def said(self, value: Value) -> str:
        return self.voice.plain(value)

    def unit(self, number: int | None) -> str:
        found = self.view.session.get(Unit, number) if number is not None else None
        return found.name if found else "–"

    def month(self, name: str) -> str:
        """2026-11 in a word."""
        word = self.voice.template("time.months").split()[int(name[5:]) - 1]
        return self.said(say("chart.month", month=word))

    def nothing(self, note: str) -> Drawn:
        return {"shape": "stacks", "title": self.said(say("chart.nothing")), "note": note, "rows": [], "parts": []}


# Duty coverage by unit and week


def _coverage(made: _Made) -> Drawn:
    duty, view = weekly(made.view.house), made.view
    if duty is None:
        return made.nothing("")
    coverage, asked = Coverage(view), Asked(rule=duty.id)
    called = made.said(say("rule.says", zh=duty.short, en=duty.short_en))
    note = made.said(say("chart.coverage.note", article=duty.article, duty=called))
    units = _worst([each for each in coverage.grouped("unit", asked=asked) if each.tally.share is not None])
    if not units:
        return made.nothing(note)
    cells = {(each.unit, each.cycle): each.tally.share for each in coverage.grouped("unit", "cycle", asked=asked)}
    weeks = sorted({each for _, each in cells if each is not None})
    return {
        "shape": "shares",
        "title": _found(made, called, units, coverage.total(asked)),
        "note": note,
        "rows": [made.unit(each.unit) for each in units[:MOST_UNITS]],
        "columns": [_monday(each) for each in weeks],
        "cells": [[cells.get((each.unit, week)) for week in weeks] for each in units[:MOST_UNITS]],
    }


def _worst(units: Sequence[Group]) -> list[Group]:
    return sorted(units, key=lambda each: (each.tally.share or 0.0, each.unit or 0))


def _found(made: _Made, called: str, units: Sequence[Group], together: Tally) -> str:
    worst, all_ = units[0].tally.share or 0.0, together.share or 0.0
    share, of_all = f"{worst:.0%}", f"{all_:.0%}"
    if len(units) == 1 or share == of_all:
        return made.said(say("chart.coverage.one", unit=made.unit(units[0].unit), duty=called, share=share))
    whole = made.view.reach.units is None
    return made.said(
        say(
            "chart.coverage.low" if whole else "chart.coverage.lowest",
            unit=made.unit(units[0].unit),
            duty=called,
            share=share,
            all=of_all,
        )
    )


def _monday(week: str) -> str:
    """2026-W48 by its Monday; of another cycle its name."""
    year, _, number = week.partition("-W")
    if not number:
        return week
    day = date.fromisocalendar(int(year), int(number), 1)
    return f"{day.month}/{day.day}"


# Complaints by age and state


def _complaints(made: _Made) -> Drawn:
    now = made.view.now
    open_ = [each for each in Cases(made.view).all if each.is_open]
    note = made.said(say("chart.complaints.note", at=now))
    if not open_:
        return made.nothing(note)
    count = Counter((each.age(now), each.state) for each in open_)
    ages = [*AGES, "older"]
    states = list(dict.fromkeys(each.state for each in sorted(open_, key=lambda case: STAGES.index(case.state))))
    old = sum(now - each.received >= OLD for each in open_)
    title = made.said(say("chart.complaints", count=len(open_), old=old, days=OLD.days))
    parts = [
        {"name": made.said(say(f"complaint_state.{state}")), "values": [count[age, state] for age in ages]}
        for state in states
    ]
    rows = [made.said(say(f"chart.age.{each}")) for each in ages]
    return {"shape": "stacks", "title": title, "note": note, "rows": rows, "parts": parts}


STAGES: Final = ("accepted", "handed_on", "handling", "on_site", "resolved", "confirmed", "evaluated")


# Time to resolve against the limits


def _limits(made: _Made) -> Drawn:
    cases = [each for each in Cases(made.view).received if each.kept is not None]
    rule = made.view.house.rulebook.deadline
    hours = [int(each / timedelta(hours=1)) for each in (rule.in_province, rule.out_of_province)]
    note = made.said(say("chart.limits.note", when=_when(made.view.span), inside=hours[0], outside=hours[1]))
    if not cases:
        return made.nothing(note)
    kept, late = sum(each.kept is True for each in cases), sum(each.kept is False for each in cases)
    paused = sum(each.kept is True and each.kept_plain is False for each in cases)
    share = f"{kept / len(cases):.0%}"
    title = made.said(say("chart.limits", share=share, late=late))
    if paused:
        note += made.said(say("chart.limits.paused", paused=paused))
    count = Counter(_place(each) for each in cases if each.used is not None)
    names = [*(name for _, name in RATIOS), ">150%"]
    within = sum(most <= 1.0 for most, _ in RATIOS)
    return {
        "shape": "bars",
        "title": title,
        "note": note,
        "columns": names,
        "values": [count[n] for n in range(len(names))],
        "tones": ["good" if n < within else "bad" for n in range(len(names))],
        "limit": within,
        "limit_name": made.said(say("chart.limits.limit")),
        "below": made.said(say("chart.limits.below")),
    }


def _when(span: Span) -> Value:
    """The period that a span is, by its name."""
    found = [each for kind in KINDS if (each := Period.of(kind, span.first)).span == span]
    return named(found[0]) if found else f"{span.first} – {span.last}"


def _place(case: Case) -> int:
    used = case.used or 0.0
    return next((n for n, (most, _) in enumerate(RATIOS) if used <= most), len(RATIOS))


# Satisfaction over time


def _satisfaction(made: _Made) -> Drawn:
    found = {each.month: each for each in contentment(made.view)}
    months = [f"{each.first:%Y-%m}" for each in months_of(made.view.span)]
    means = [
        round(mean, 1) if (each := found.get(name)) and (mean := each.mean) is not None else None for name in months
    ]
    known = [(name, mean) for name, mean in zip(months, means, strict=True) if mean is not None]
    answers = sum(len(each.marks) for each in found.values())
    note = made.said(
        say("chart.satisfaction.note", count=answers, refused=sum(each.refused for each in found.values()))
    )
    surveyed = _surveyed(made, months)
    if not known and not surveyed:
        return made.nothing(note)
    return {
        "shape": "run",
        "title": _compared(made, known) if known else surveyed[0]["name"],
        "note": note,
        "lines": [
            {"name": "", "at": list(range(len(months))), "values": means, "tone": "good", "dots": True},
            *surveyed,
        ],
        "ticks": [
            (n, f"{made.month(name)}\n{len(found[name].marks) if name in found else 0}")
            for n, name in enumerate(months)
        ],
        "range": [1, 5.4],
    }


def _surveyed(made: _Made, months: Sequence[str]) -> list[Drawn]:
    """What customers marked in surveys (满意度调查), beside their callbacks: a line of its own, no part of the other."""
    view = made.view
    given = survey_figures.by_month(view.session, view.house.calendar.tz, view.reach.scope)
    found = [(at, given[name]) for at, name in enumerate(months) if name in given]
    if not found:
        return []
    means = [round(each.mean or 0.0, 1) for _, each in found]
    name = made.said(say("chart.satisfaction.survey", mean=f"{means[-1]:g}", count=found[-1][1].count))
    return [
        {"name": name, "at": [at for at, _ in found], "values": means, "tone": "grey", "dashed": True, "marked": True}
    ]


def _compared(made: _Made, known: Sequence[tuple[str, float]]) -> str:
    month, mean = made.month(known[-1][0]), known[-1][1]
    if len(known) == 1:
        return made.said(say("chart.satisfaction.one", month=month, mean=f"{mean:g}"))
    change = round(mean - known[-2][1], 1)
    word = "same" if not change else "up" if change > 0 else "down"
    before = made.month(known[-2][0])
    return made.said(
        say(f"chart.satisfaction.{word}", month=month, mean=f"{mean:g}", before=before, change=f"{abs(change):g}")
    )


# Callback pace


def _pace(made: _Made) -> Drawn:
    view = made.view
    callbacks = Callbacks(view, Coverage(view))
    pace = callbacks.visits()[-1]
    note = made.said(say("chart.pace.note", year=view.today.year))
    if not pace.planned:
        return made.nothing(note)
    whole, passed = (pace.last - pace.first).days, (pace.today - pace.first).days
    steps, last = _steps(made, callbacks), pace.last
    title = say("chart.pace", expected=pace.expected, planned=pace.planned, month=last.month, day=last.day)
    beside = str(pace.expected) if pace.expected < NEAR * pace.planned else ""
    return {
        "shape": "run",
        "title": made.said(title),
        "note": note,
        "lines": [
            {"name": made.said(say("chart.pace.planned", count=pace.planned)), "at": [0, whole], "values": [pace.planned] * 2,
             "tone": "grey"},
            {"name": "", "at": [*range(0, passed, 7), passed], "values": steps, "tone": "good"},
            {"name": beside, "at": [passed, whole], "values": [pace.done, pace.expected], "tone": "bad", "dashed": True},
        ],
        "ticks": [
            ((each.first - pace.first).days, made.month(f"{each.first:%Y-%m}"))
            for each in months_of(view.span)[::3]
        ],
    }  # fmt: skip


def _steps(made: _Made, callbacks: Callbacks) -> list[int]:
    """How many of the plan were done by the end of each week so far."""
    local, first, today = made.view.house.calendar.local, made.view.span.first, made.view.today
    days = [max(0, (local(each).date() - first).days) for each in callbacks.done_at()]
    passed = (today - first).days
    return [sum(day <= edge for day in days) for edge in [*range(0, passed, 7), passed]]


CHARTS: Mapping[str, Callable[[_Made], Drawn]] = {
    "coverage": _coverage,
    "complaints": _complaints,
    "limits": _limits,
    "satisfaction": _satisfaction,
    "pace": _pace,
}
