"""What a report of a period says in words: its period, its reach, its finding. The workbook, the PDF and the screens say it alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from models.case_figures import Case
from models.coverage import Group
from models.customers import Customer
from models.figures import Reach
from models.people import Staff, Unit, actor, post, seats
from models.period_figures import PeriodFigures
from papers.discretion import Discretion
from rules import gate
from rules.gate import Action
from rules.periods import Period
from rules.roles import Role
from words import Say, Value, Voice, say

NEEDS = (Action.SEE_REPORTING, Action.EXPORT)
"""Both, for a file: who may see the figures, and hand lists out."""


def named(period: Period) -> Say:
    return say(f"period_name.{period.kind}", year=str(period.year), number=period.number)


def reach_of(session: Session, staff: Staff, now: datetime, unit: int | None, needs: Sequence[Action] = NEEDS) -> Reach:
    """How far the report goes: as far as every need does; with what company leaders owe where they are one."""
    who = actor(session, staff, now)
    own = [post(each.role, each.unit_id) for each in seats(session, staff.id or 0, now) if each.role == Role.VICE_PRESIDENT]
    whole, *others = [Reach.of(gate.scope(who, each), own) for each in needs]
    for each in others:
        if each.units is not None:
            units = each.units if whole.units is None else whole.units & each.units
            whole = Reach(units, whole.posts)
    return Reach(whole.units, whole.posts).narrowed(unit)


def covers(session: Session, reach: Reach, unit: int | None) -> Value:
    """Whose figures: the company's, one unit's, or those of all units within reach."""
    if unit is not None:
        return session.get_one(Unit, unit).name
    if reach.units is None:
        return say("figures.company")
    names = [session.get_one(Unit, each).name for each in sorted(reach.units)]
    return say("list", items=list(names)) if len(names) <= 3 else say("figures.units", count=len(names))


@dataclass(frozen=True)
class Finding:
    """What somebody in charge should know first."""

    figures: PeriodFigures
    names: Names

    def said(self) -> Say:
        parts = [each for each in (self._duties(), self._complaints(), self._gap()) if each is not None]
        return say(f"figures.finding.{len(parts)}", **dict(zip("abc", parts, strict=False)))

    def _duties(self) -> Say | None:
        share = self.figures.total.share
        if share is None:
            return None
        low = self.lowest
        if low is None or low.tally.share is None or low.tally.share >= share:
            return say("figures.finding_duties", share=percent(share))
        return say("figures.finding_lowest", share=percent(share), unit=self.names.unit(low.unit), low=percent(low.tally.share))

    @property
    def lowest(self) -> Group | None:
        """The unit that did least of what it owed, where there are several; what leaders owe is no unit's."""
        owing = [each for each in self.figures.units if self.names.is_unit(each.unit) and each.tally.share is not None]
        return min(owing, key=lambda each: (each.tally.share or 0.0, each.unit or 0)) if len(owing) > 1 else None

    def _complaints(self) -> Say | None:
        received = self.figures.received
        if not received:
            return None
        late, judged = sum(each.kept is False for each in received), sum(each.kept is not None for each in received)
        open_ = sum(each.is_open for each in self.figures.cases)
        name = "figures.finding_late" if late else "figures.finding_kept" if judged else "figures.finding_complaints"
        return say(name, count=len(received), late=late, open=open_)

    def _gap(self) -> Say | None:
        gaps = len(self.figures.callbacks.gaps)
        return say("figures.finding_gap", count=gaps) if gaps else None


def percent(share: float) -> str:
    """Never 100 % while something is missing."""
    text = f"{share:.0%}"
    return f"{share:.1%}" if text == "100%" and share < 0.9995 else ">99.9%" if text == "100%" and share < 1 else text


def kept_share(cases: Sequence[Case], name: str = "kept") -> float | None:
    """Of the complaints of which it can be said, how many kept a limit."""
    known = [found for each in cases if (found := getattr(each, name)) is not None]
    return sum(known) / len(known) if known else None


class Names:
    """Units, people, customers and rules in words, each looked up once. A customer marked 涉密 goes by its code name."""

    def __init__(self, figures: PeriodFigures, voice: Voice, told: Discretion) -> None:
        self._session, self._rulebook, self.voice, self.told = figures.session, figures.house.rulebook, voice, told
        self.unit = lru_cache(maxsize=None)(self._unit)
        self.staff = lru_cache(maxsize=None)(self._staff)
        self.customer = lru_cache(maxsize=None)(self._customer)
        self.tier = lru_cache(maxsize=None)(self._tier)
        self.rule = lru_cache(maxsize=None)(self._rule)
        self.word = lru_cache(maxsize=None)(self._word)
        self.role = lru_cache(maxsize=None)(self._role)

    def said(self, name: str, **values: Any) -> str:
        return self.voice.plain(say(name, **values))

    def _word(self, name: str) -> str:
        return self.voice.plain(say(name))

    def _unit(self, number: int | None) -> str:
        found = self._session.get(Unit, number) if number is not None else None
        return found.name if found else self.word("figures.no_unit")

    def is_unit(self, number: int | None) -> bool:
        found = self._session.get(Unit, number) if number is not None else None
        return found is not None and not found.company

    def _staff(self, number: int | None) -> str:
        found = self._session.get(Staff, number) if number is not None else None
        return found.name if found else ""

    def _customer(self, number: int) -> str:
        found = self._session.get_one(Customer, number)
        return self.told(found.called_in_full, {number})

    def owner(self, customer: int) -> str:
        return self.staff(self._session.get_one(Customer, customer).owner_id)

    def _tier(self, tier: str | None) -> str:
        return self.word(f"tier.{tier}") if tier else ""

    def _rule(self, rule: str) -> tuple[str, str]:
        """Its article, and what it asks in a few words."""
        entry = self._rulebook.entry(rule)
        return entry.article, self.voice.plain(say("rule.says", zh=entry.short, en=entry.short_en))

    def _role(self, role: str) -> str:
        return self.word(f"role.{role}") if role in set(Role) else ""

    def day(self, moment: datetime) -> Any:
        return moment.astimezone(self.voice.zone).date()
