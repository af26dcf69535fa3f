"""A change of a rule as people see it: what it was and will be, what it would mean, who proposed and decided it, its buttons."""

from __future__ import annotations

from dialogue.live import face
from dialogue.owed import in_short
from dialogue.values import Button, Rows, Screen, columns
from dialogue.viewer import Viewer
from models import rule_changes
from models.people import Staff, Unit, key
from models.rule_changes import RuleChange, State
from models.rule_effects import HANDLER, Due, Effect, Over, Row, effect
from models.rule_effects import YEAR as A_YEAR
from rules.changing import CanNotEditError
from rules.entries import Article
from rules.gate import Action
from rules.house import House
from rules.rulebook import Rulebook, RulebookError
from words import Say, Value, say

FEW = 3
"""Units and posts on the card; the others are behind a button."""


def entry_of(house: House, rule: str) -> Article | None:
    return next((each for each in house.rulebook.entries if each.id == rule), None)


def called(house: House, change: RuleChange) -> Say:
    """The rule and its number: R14.3 每月电话 · 周期."""
    entry = entry_of(house, change.rule)
    short: Value = in_short(entry) if entry else ""
    return say("rule_change.called", rule=change.rule, short=short, key=say(f"rule_key.{change.key}"))


PERIODS = ("1 day", "1 week", "1 month", "3 months", "1 year")


def number_said(key: str, written: str) -> Value:
    """A number as people say it: 每周, 36 小时, 7 天, 2."""
    number, _, unit = written.partition(" ")
    if key == "every":
        return say(f"rule_period.{written}") if written in PERIODS else say("rule_period.years", number=number)
    if unit:
        return say("rule_span.days", number=int(number))
    if written.endswith("h"):
        return say("rule_span.hours", number=int(written[:-1]))
    return f"{int(written):,}" if key == "amount" else written


def line(house: House, change: RuleChange) -> Say:
    """One line of a list."""
    return say(
        "rule_change.line",
        number=change.number,
        what=called(house, change),
        before=number_said(change.key, change.before),
        after=number_said(change.key, change.after),
        starts=change.starts,
        state=say(f"rule_change_state.{change.state}"),
    )


def screen(view: Viewer, change: RuleChange, news: Say | None = None) -> Screen:
    entry = entry_of(view.house, change.rule)
    found = foreseen(view, change) if change.state in (State.ASKED, State.APPROVED) else None
    text = say(
        "rule_change.card",
        number=change.number,
        what=called(view.house, change),
        article=entry.article if entry else "",
        before=number_said(change.key, change.before),
        after=number_said(change.key, change.after),
        starts=change.starts,
        state=say(f"rule_change_state.{change.state}"),
        by=view.session.get_one(Staff, change.by_id).name,
        reason=change.reason,
        decision=decision(view, change),
        effect=say("effect.whole", effect=effect_said(view, found, FEW)) if found is not None else None,
    )
    whole = say("rule_change.with_news", news=news, card=text) if news else text
    return Screen(whole, _rows(view, change, found), subject=change.subject)


def decision(view: Viewer, change: RuleChange) -> Say:
    if change.decided_by is not None:
        by = view.session.get_one(Staff, change.decided_by).name
        opinion = say("rule_change.opinion", opinion=change.opinion) if change.opinion else None
        return say("rule_change.decided", by=by, at=change.decided_at, opinion=opinion)
    if change.state != State.ASKED:
        return say("rule_change.undecided")
    names = [each.name for each in rule_changes.deciders(view.session, change, view.now)]
    return say("rule_change.waits", names=say("list", items=names))


def foreseen(view: Viewer, change: RuleChange) -> Effect:
    """As long as it can still be decided otherwise."""
    try:
        new = rule_changes.tried(view.session, view.house, change.rule, change.key, change.after)
    except (RulebookError, CanNotEditError):
        return None
    return weighed(view, new, change)


def weighed(view: Viewer, new: Rulebook, change: RuleChange) -> Effect:
    return effect(view.session, view.house, new, change.rule, change.key, change.starts, view.now)


def _rows(view: Viewer, change: RuleChange, foreseen_: Effect) -> Rows:
    here, found = {"change": key(change)}, []
    if change.state == State.ASKED and may_decide(view, change):
        found.append(Button(say("button.approve"), "rules.approve", here))
        found.append(Button(say("button.return"), "rules.return", here))
    if isinstance(foreseen_, Due):
        found.append(Button(say("button.rule_effects"), "rules.effects", here))
    if change.state in (State.ASKED, State.APPROVED) and change.by_id == view.me:
        found.append(Button(say("button.withdraw_rule"), "rules.withdraw", here))
    if change.state in (State.APPROVED, State.IN_FORCE) and view.reaches(Action.PROPOSE_RULE):
        found.append(Button(say("button.rule_file"), "rules.file", here))
    return columns(found, 2)


def may_decide(view: Viewer, change: RuleChange) -> bool:
    return change.by_id != view.me and view.reaches(Action.DECIDE_RULE)


# What it would mean


def effect_said(view: Viewer, found: Effect, most: int | None = None) -> Say:
    match found:
        case Due():
            return _due_said(view, found, most)
        case Over(all=0):
            return say("effect.over_none", since=found.since)
        case Over():
            return say("effect.over", since=found.since, all=found.all, before=found.before, after=found.after)
    return say("effect.unknown")


def _due_said(view: Viewer, found: Due, most: int | None) -> Say:
    shown = found.rows[:most]
    rest = len(found.rows) - len(shown)
    reports = any(each.role == HANDLER for each in found.rows)
    basis = say("effect.basis_year" if found.per == A_YEAR else "effect.basis_week", things=found.things)
    return say(
        "effect.reports" if reports else "effect.due",
        per=say(f"effect.per_{found.per}"),
        more=_signed(found.after - found.before),
        before=_plain(found.before),
        after=_plain(found.after),
        things=found.things,
        lines=[_row_said(view, each, found.per, whole=most is None) for each in shown],
        rest=say("effect.rest", count=rest) if rest else None,
        basis=None if reports else basis,
    )


def _row_said(view: Viewer, row: Row, per: str, *, whole: bool) -> Say:
    """The whole of it says of how many, too."""
    return say(
        "effect.row",
        things=say("effect.things", count=row.things) if whole else None,
        unit=view.session.get_one(Unit, row.unit).name if row.unit else "–",
        role=say("effect.handlers" if row.role == HANDLER else f"role.{row.role}"),
        more=_signed(row.more),
        per=say(f"effect.per_{per}"),
        before=_plain(row.before),
        after=_plain(row.after),
    )


def _signed(number: float) -> str:
    return f"{round(number, 1):+g}"


def _plain(number: float) -> str:
    return f"{round(number, 1):g}"


@face(rule_changes.SUBJECT)
def as_it_stands_now(view: Viewer, number: int) -> Screen | None:
    found = view.session.get(RuleChange, number)
    return screen(view, found) if found is not None else None
