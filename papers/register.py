"""问题台账 as a file: every kind of problem of a quarter, sorted, unit by unit, with causes, measures and the units' analyses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models import registers
from models.people import Staff, Unit, actor
from models.registers import Group, ProblemAnalysis
from papers.book import Paper, Table, book
from papers.discretion import discretion
from rules.gate import Action, Scope, scope
from rules.house import House
from words import Voice, say, unpack

HEADINGS = ("unit", "rank", "type", "product", "count", "numbers", "cause", "measure", "analysis")


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """As far as the one who asks may both see and export it."""
    voice = Voice(staff.language, house.calendar.tz, now)
    rows = _rows(session, house, staff, args, now, voice)
    name, told = voice.plain(say("register.name")), discretion(session, voice, staff, now)
    table = Table(
        title=told(voice.plain(unpack(args["title"]))),
        made=voice.plain(say("paper.made", by=staff.name, number=staff.number, when=now, count=len(rows))),
        headings=[voice.plain(say(f"register.column.{each}")) for each in HEADINGS],
        rows=[told.cells(row) for row in rows],
    )
    return book(table, f"{name} {house.calendar.local(now):%Y-%m-%d %H%M}")


def _rows(
    session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime, voice: Voice
) -> list[list[str]]:
    rule = house.rulebook.problem_register
    if rule is None:
        return []
    quarter = registers.period(rule, date.fromisoformat(args["first"]))
    who = actor(session, staff, now)
    reaches = [scope(who, each) for each in (Action.SEE_REGISTER, Action.EXPORT)]
    found = registers.by_unit(registers.problems(session, house, quarter, reaches[0], args["unit"]))
    units = [each for each in found if all(_within(reach, each) for reach in reaches)]
    analyses = registers.analyses(session, quarter, units)
    return [
        _row(voice, session.get_one(Unit, unit).name, rank, group, analyses.get(unit))
        for unit in units
        for rank, group in enumerate(registers.grouped(found[unit]), 1)
    ]


def _within(reach: Scope, unit: int) -> bool:
    return reach.all or unit in reach.units


def _row(voice: Voice, unit: str, rank: int, group: Group, analysis: ProblemAnalysis | None) -> list[str]:
    return [
        unit,
        str(rank),
        voice.plain(say(f"complaint_type.{group.type}")),
        group.name or "",
        str(len(group.problems)),
        "\n".join(each.matter.number for each in group.problems),
        "\n".join(each.cause for each in group.problems if each.cause),
        "\n".join(each.measure for each in group.problems if each.measure),
        analysis.text if analysis else "",
    ]
