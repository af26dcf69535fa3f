"""What a report of a period says in words: its period, its reach, its finding. Workbook, PDF and screens say it alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from sqlmodel import Session, func, select

from models.case_figures import Case
from models.coverage import Group
from models.customers import Customer
from models.figures import Reach
from models.people import Staff, Unit, actor, post, seats
from models.period_figures import PeriodFigures
from papers.discretion import Discretion, discretion
from reading.veil import Veil
from rules import gate
from rules.gate import Action
from rules.house import House
from rules.periods import Period
from rules.roles import Role
from words import Say, Value, Voice, say

NEEDS = (Action.SEE_REPORTING, Action.EXPORT)
"""Both, for a file: who may see the figures, and hand lists out."""


FORMS: Final = {
    "xlsx": ("duties", "complaints", "callbacks", "talks", "writing"),
    "pdf": ("duties", "complaints", "callbacks", "talks", "charts", "writing"),
}
"""What there is, and the steps of making it, in their order."""
Stage = Callable[[str], None]


class NoSuchPeriodError(Exception):
    """The name of a period that is none."""


def named(period: Period) -> Say:
    number = {"quarter": say(f"numeral.{period.number}"), "half": say(f"half_year.{period.number}")}
    return say(f"period_name.{period.kind}", year=str(period.year), number=number.get(period.kind, period.number))


def reach_of(session: Session, staff: Staff, now: datetime, unit: int | None, needs: Sequence[Action] = NEEDS) -> Reach:
    """How far the report goes: as far as every need does; with what company leaders owe where they are one."""
    who = actor(session, staff, now)
    own = [
        post(each.role, each.unit_id) for each in seats(session, staff.id or 0, now) if each.role == Role.VICE_PRESIDENT
    ]
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
        return say(
            "figures.finding_lowest", share=percent(share), unit=self.names.unit(low.unit), low=percent(low.tally.share)
        )

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
        left = say("figures.finding_open", open=open_) if open_ else None
        name = "figures.finding_late" if late else "figures.finding_kept" if judged else "figures.finding_complaints"
        return say(name, count=len(received), late=late, left=left)

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
        return self.told(self._known[number][0], {number})

    def owner(self, customer: int) -> str:
        return self.staff(self._known[customer][1])

    @cached_property
    def _known(self) -> Mapping[int, tuple[str, int]]:
        """Every customer's name, or code name, and owner, asked for at once: a year speaks of most of them."""
        query = select(Customer.id, func.coalesce(Customer.code_name, Customer.name), Customer.owner_id)
        return {number: (name, owner) for number, name, owner in self._session.execute(query)}

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


@dataclass(frozen=True)
class Wanted:
    """A report that somebody asked for, with all that it needs. Asked again here: how far they may see, and hand out."""

    figures: PeriodFigures
    names: Names
    staff: Staff
    unit: int | None

    @classmethod
    def of(
        cls, session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime, veil: Veil | None
    ) -> Wanted:
        period, unit = Period.named(args["period"]), args.get("unit")
        if period is None:
            raise NoSuchPeriodError(args["period"])
        voice = Voice(staff.language, house.calendar.tz, now)
        figures = PeriodFigures(session, house, period, reach_of(session, staff, now, unit), now)
        return cls(figures, Names(figures, voice, discretion(session, voice, staff, now, veil)), staff, unit)

    def said(self, value: Value) -> str:
        return self.names.voice.plain(value)

    @property
    def reach(self) -> str:
        return self.said(covers(self.figures.session, self.figures.reach, self.unit))

    @property
    def about(self) -> str:
        return f"{self.said(named(self.figures.period))} · {self.reach}"

    @property
    def now(self) -> str:
        return f"{self.figures.now.astimezone(self.names.voice.zone):%Y-%m-%d %H:%M}"

    @property
    def days(self) -> str:
        span = self.figures.period.span
        return self.names.said("figures.days", first=f"{span.first}", last=f"{span.last}")

    @property
    def made(self) -> str:
        version = self.figures.house.rulebook_version
        return self.names.said(
            "figures.made", by=self.staff.name, number=self.staff.number, when=self.now, version=version
        )

    @property
    def mark(self) -> str:
        return self.names.said("export.mark", by=self.staff.name, number=self.staff.number, when=self.now)

    @property
    def running(self) -> str | None:
        return None if self.figures.over else self.names.said("figures.running", at=self.now)

    def named(self, form: str) -> str:
        """The file."""
        period = self.said(named(self.figures.period)).replace("/", "-")
        return f"{self.names.word('period_report.name')} {period} {self.reach}.{form}"


Figure = tuple[str, int | float | None, bool]
SHARES: Final = ("share", "kept", "kept_plain")
"""Those that are shares."""


def key_figures(figures: PeriodFigures) -> list[Figure]:
    """The figures that matter, in the order of the cover, and whether each is something to worry about."""
    total, received = figures.total, figures.received
    open_ = [each for each in figures.cases if each.is_open]
    kept, plain = kept_share(received), kept_share(received, "kept_plain")
    marks = [mark for each in figures.contentment for mark in each.marks]
    gaps, waiting = figures.callbacks.gaps, [each for each in figures.anomalies if each.is_open]
    return [
        ("share", total.share, total.share is not None and total.share < 0.9),
        ("missed", total.missed, total.missed > 0),
        ("waived", total.waived, False),
        ("silent", total.silent, total.silent > 0),
        ("received", len(received), False),
        ("kept", kept, kept is not None and kept < 1),
        ("kept_plain", plain, False),
        ("open_cases", len(open_), False),
        ("gaps", len(gaps), any(each.due and each.due < figures.now for each in gaps)),
        ("mean", sum(marks) / len(marks) if marks else None, False),
        ("talks", len(figures.talks.all), False),
        ("anomalies", len(figures.anomalies), bool(waiting)),
        ("late", sum(each.late for each in figures.apart.rows), False),
        ("bare", sum(each.bare for each in figures.apart.rows), False),
        ("same", sum(each.burst is not None for each in figures.apart.rows), False),
    ]  # fmt: skip
