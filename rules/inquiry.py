"""Inquiries (咨询, article 26（三）): questions and requests that are no complaint, and how they may end."""

from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from rules.calendar import Calendar
from rules.entries import Unanswered

END_OF_WORK: Final = time(18)


class InquiryKind(StrEnum):
    QUESTION = "question"
    SUPPLY = "supply"  # what the customer needs, and what it costs
    ACCOUNT = "account"  # 对账
    OTHER = "other"


class InquiryState(StrEnum):
    OPEN = "open"
    PROMISED = "promised"  # the customer was told a plan and a date
    ANSWERED = "answered"
    REFERRED = "referred"  # the customer was told whom to ask, by name and number
    BECAME = "became"  # a complaint


class InquiryEvent(StrEnum):
    REPLY = "reply"
    PROMISE = "promise"
    HANDOVER = "handover"  # asked of a colleague; who owns it changes when they accept
    REFERRAL = "referral"
    COMPLAIN = "complain"


S, E = InquiryState, InquiryEvent
UNDER_WAY: Final = (S.OPEN, S.PROMISED)
_OPEN: Final = {
    E.REPLY: S.ANSWERED,
    E.PROMISE: S.PROMISED,
    E.REFERRAL: S.REFERRED,
    E.COMPLAIN: S.BECAME,
}
FOLLOWS: Final[Mapping[InquiryState, Mapping[InquiryEvent, InquiryState]]] = {
    S.OPEN: {**_OPEN, E.HANDOVER: S.OPEN},
    S.PROMISED: {**_OPEN, E.HANDOVER: S.PROMISED},
    S.ANSWERED: {E.COMPLAIN: S.BECAME},  # the answer did not content the customer
    S.REFERRED: {E.COMPLAIN: S.BECAME},
    S.BECAME: {},
}


def may_follow(state: InquiryState, event: InquiryEvent) -> InquiryState | None:
    """The state after the event; None when the event may not happen in this state."""
    return FOLLOWS[state].get(event)


def answer_by(opened: datetime, rule: Unanswered, calendar: Calendar) -> datetime:
    """Until when it wants an answer or a promise: the end of work of the next working day, or of one so many days on."""
    return calendar.at(calendar.add_workdays(calendar.local(opened).date(), rule.workdays), END_OF_WORK)
