"""Complaints (article 16): the on-site limit, the province, the callback's day, and which step may follow which."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from rules.entries import Callback, Deadline


class ComplaintState(StrEnum):
    ACCEPTED = "accepted"  # the customer's unit has it: form and hand on
    HANDED_ON = "handed_on"  # the department in charge has it: name the responsible unit and its limit
    HANDLING = "handling"
    ON_SITE = "on_site"
    RESOLVED = "resolved"  # the sales department has it: ask the complainant
    CONFIRMED = "confirmed"  # the responsible unit has it again: judge the effect
    EVALUATED = "evaluated"  # the sales department has it: close with a summary
    CLOSED = "closed"
    VOIDED = "voided"


class ComplaintEvent(StrEnum):
    HAND_ON = "hand_on"
    REROUTE = "reroute"  # another type, and with it perhaps another department in charge
    ENTRUST = "entrust"  # the responsible unit and its time limit
    ASSIGN = "assign"  # a person
    NOTE = "note"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    CONFIRM = "confirm"  # the complainant is satisfied
    REFUSE = "refuse"  # the complainant is not: a new cycle of handling begins
    EVALUATE = "evaluate"
    CLOSE = "close"
    CHANGE = "change"  # what was accepted was wrong: the province, whether a visit is needed
    PAUSE = "pause"
    VOID = "void"
    REINSTATE = "reinstate"  # voided by mistake


S, E = ComplaintState, ComplaintEvent
UNDER_WAY: Final = (S.ACCEPTED, S.HANDED_ON, S.HANDLING, S.ON_SITE)
OVER: Final = (S.CLOSED, S.VOIDED)


def _follows(state: ComplaintState) -> Mapping[ComplaintEvent, ComplaintState]:
    """What may happen while the work is under way, and what it makes of the state."""
    same = dict.fromkeys((E.NOTE, E.ASSIGN, E.CHANGE, E.REROUTE, E.PAUSE), state)
    begun = state if state is S.ON_SITE else S.HANDLING
    later = {E.ENTRUST: begun, E.ARRIVE: S.ON_SITE, E.RESOLVE: S.RESOLVED, E.VOID: S.VOIDED}
    return same | later | ({E.HAND_ON: S.HANDED_ON} if state is S.ACCEPTED else {})


FOLLOWS: Final[Mapping[ComplaintState, Mapping[ComplaintEvent, ComplaintState]]] = {
    **{state: _follows(state) for state in UNDER_WAY},
    S.RESOLVED: {E.NOTE: S.RESOLVED, E.CONFIRM: S.CONFIRMED, E.REFUSE: S.HANDLING, E.VOID: S.VOIDED},
    S.CONFIRMED: {E.NOTE: S.CONFIRMED, E.REFUSE: S.HANDLING, E.EVALUATE: S.EVALUATED, E.VOID: S.VOIDED},
    S.EVALUATED: {E.NOTE: S.EVALUATED, E.REFUSE: S.HANDLING, E.CLOSE: S.CLOSED, E.VOID: S.VOIDED},
    S.CLOSED: {},
    S.VOIDED: {E.REINSTATE: S.HANDLING},
}


def may_follow(state: ComplaintState, event: ComplaintEvent) -> ComplaintState | None:
    """The state after the event; None when the event may not happen in this state."""
    return FOLLOWS[state].get(event)


def limit(received: datetime, in_province: bool, rule: Deadline) -> datetime:
    """The end of the on-site limit: 24 or 48 hours on the clock from 受理时间, day and night (16（三）3).

    `received` is aware; the limit is in the same time zone.
    """
    hours = rule.in_province if in_province else rule.out_of_province
    return (received.astimezone(UTC) + hours).astimezone(received.tzinfo)


def due_with(limit_at: datetime, pauses: Sequence[tuple[datetime, datetime]]) -> datetime:
    """The limit moved by its pauses, each from when to when; one that goes on counts to its planned end.

    An hour that two of them share counts once, and one that began after the limit had run out saves nothing.
    """
    due = limit_at.astimezone(UTC)
    counted = datetime.min.replace(tzinfo=UTC)
    for start, end in sorted((start.astimezone(UTC), end.astimezone(UTC)) for start, end in pauses):
        if start < due and end > counted:
            due += end - max(start, counted)
            counted = end
    return due.astimezone(limit_at.tzinfo)


_SUFFIXES: Final = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市")


def _short_province(name: str) -> str:
    plain = "".join(name.split()).casefold()
    ending = next((suffix for suffix in _SUFFIXES if plain.endswith(suffix)), "")
    return plain.removesuffix(ending)


def in_province(customer_province: str, company_province: str) -> bool:
    """Whether the customer's site is in the company's province; 陕西 and 陕西省, 内蒙古 and 内蒙古自治区 are the same.

    A province that is not known counts as the company's own, because the shorter limit harms nobody.
    """
    customer = _short_province(customer_province)
    return not customer or customer == _short_province(company_province)


def callback_due(opened: date, closed: date | None, rule: Callback) -> date:
    """The last day for the callback: 31 December of the year of the complaint, or some days after closing, if later."""
    year_end = date(opened.year, 12, 31)
    return year_end if closed is None else max(year_end, closed + rule.after_closing)
