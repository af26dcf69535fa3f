"""The week that is over, for those who lead: a few lines of their first morning digest of the week, the pictures a tap away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from models.case_figures import Case, Cases
from models.coverage import Coverage, Group
from models.figures import View
from models.pace import Callbacks
from models.people import Staff, Unit, key, seats
from papers.charts import reach_of
from rules.calendar import ONE_DAY, weekday_first
from rules.house import House
from rules.roles import LEADING
from rules.spans import Span, year_of
from words import Say, say

PAGES: Final = "weekly pages"
"""Where a transaction keeps those that it made: leaders of the whole company read the same one."""


def page(session: Session, house: House, staff: Staff, since: datetime, now: datetime) -> Say | None:
    """Once a week, with the first list since Monday; None for those who lead nobody, or where nothing was owed and nothing came."""
    today = house.calendar.local(now).date()
    monday = weekday_first(today)
    if house.calendar.local(since).date() >= monday or staff.weekly_page is False:
        return None
    if all(each.role not in LEADING for each in seats(session, key(staff), now)):
        return None
    reach = reach_of(session, staff, now)
    made: dict[object, Say | None] = session.info.setdefault(PAGES, {})
    if (asked := (reach, monday)) not in made:
        view = View(session, house, Span(monday - timedelta(days=7), monday - ONE_DAY), reach, now)
        made[asked] = _page(view)
    return made[asked]


def _page(view: View) -> Say | None:
    coverage, cases = Coverage(view), Cases(view)
    total = coverage.total()
    if not total.wanted and not cases.all:
        return None
    first, last = (f"{each.month}/{each.day}" for each in (view.span.first, view.span.last))
    return say(
        "weekly",
        first=first,
        last=last,
        duties=_duties(view, coverage),
        cases=_cases(view, cases.all),
        gaps=_gaps(view, coverage),
        apart=say("weekly.apart", late=total.late, bare=total.bare) if total.late or total.bare else None,
    )


def _duties(view: View, coverage: Coverage) -> Say | None:
    total = coverage.total()
    if total.share is None:
        return None
    return say(
        "weekly.duties", made=total.made, wanted=total.wanted, share=f"{total.share:.0%}", worst=_worst(view, coverage)
    )


def _worst(view: View, coverage: Coverage) -> Say | None:
    """The unit, or within one unit the duty, of which least was done; nothing where all were alike."""
    units = _by_share(coverage.grouped("unit"))
    found = units if len(units) > 1 else _by_share(coverage.grouped("rule"))
    if len(found) < 2 or found[0].tally.share == found[-1].tally.share:
        return None
    return say("weekly.worst", name=_name(view, found[0]), share=f"{found[0].tally.share:.0%}")


def _by_share(groups: list[Group]) -> list[Group]:
    known = [
        each for each in groups if each.tally.share is not None and (each.unit is not None or each.rule is not None)
    ]
    return sorted(known, key=lambda each: (each.tally.share or 0.0, each.unit or 0, each.rule or ""))


def _name(view: View, group: Group) -> str | Say:
    if group.unit is not None:
        return view.session.get_one(Unit, group.unit).name
    rule = view.house.rulebook.entry(group.rule or "")
    return say("rule.says", zh=rule.short, en=rule.short_en)


def _cases(view: View, all_: list[Case]) -> Say | None:
    if not all_:
        return None
    since, until = view.moments
    return say(
        "weekly.cases",
        new=sum(since <= each.received < until for each in all_),
        closed=sum(each.closed is not None and since <= each.closed < until for each in all_),
        open=sum(each.is_open for each in all_),
        late=sum(each.is_open and each.kept is False for each in all_),
    )


def _gaps(view: View, coverage: Coverage) -> Say | None:
    """Who is to be called back as it stands today, not last week (R17.1)."""
    count = len(Callbacks(replace(view, span=year_of(view.today)), coverage).gaps)
    return say("weekly.gaps", count=count) if count else None
