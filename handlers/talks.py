"""What contacts and callbacks have in common: who took part, when, what comes next, and which duties that fulfils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialogue.forms import Answers, Field, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, CustomerKind, PersonName, Phone, Text, When, end_of, start_of, subject_of
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Screen
from handlers import proxy, words
from models import audit, duties, promises, proxies, withdrawals
from models.absences import stood_in
from models.clocks import Clock
from models.customers import Customer
from models.people import Staff, key, principals
from models.records import Entry, participants, write_entry
from reading.dates import Direction
from rules.gate import Action, Subject
from rules.roles import Channel, read_channel
from words import Say, Value, say

WAYS = Choice("channel", tuple(each.value for each in Channel), read_channel)
PAST, FUTURE = When(Direction.PAST), When(Direction.FUTURE)
PAST_DAY = When(Direction.PAST, days=True)


def customer_field(action: Action) -> Field:
    return Field("customer", CustomerKind(action))


PERSON = Field("person", PersonName(), required=False)
PERSON_PHONE = Field("person_phone", Phone(), asked=lambda answers: bool(answers.get("person")), required=False)


def _took_part(turn: Turn, _: Answers) -> list[int]:
    """The speaker; for a secretary who writes for one leader, that leader."""
    leaders = principals(turn.session, turn.staff, turn.now)
    return [key(leaders[0]) if len(leaders) == 1 else turn.me]


WITH = Field("with", Colleagues(), default=_took_part)
CHANNEL = Field("channel", WAYS)
WHEN = Field("when", PAST)
NEXT_STEP = Field("next_step", Text(), required=False)
NEXT_WHEN = Field(
    "next_when",
    FUTURE,
    asked=lambda answers: bool(answers.get("next_step") or answers.get("next_when")),
    required=False,
)


CORRECTS = Field("corrects", Text(), required=False, hidden=True)
"""The entry that this one stands in place of (更正)."""


@dataclass(frozen=True)
class Recorded:
    entry: Entry
    fulfilled: list[Clock]
    customer: Customer
    waiting: list[Staff]
    """Leaders for whom a secretary wrote it, who have to confirm it first (代录)."""
    corrected: Entry | None = None


def record(turn: Turn, kind: str, action: Action, answers: Answers) -> Recorded:
    """Write a talk down, with everything that follows from it, in this transaction."""
    customer = turn.session.get(Customer, answers["customer"])
    if customer is None:
        raise WrongAnswerError(say("wrong.customer", text=""))
    turn.need(action, subject_of(customer))
    PAST.checked(turn, answers["when"])
    old = _to_correct(turn, kind, answers)
    entry = Entry(
        kind=kind,
        customer_id=key(customer),
        at=start_of(answers["when"], turn),
        written_at=turn.now,
        by_id=turn.me,
        channel=answers["channel"],
        answers=_said(answers),
        attachments=answers.get(ATTACHMENTS, []),
        withdraws=key(old) if old else None,
    )
    waiting = proxies.written_for(turn.session, turn.staff, answers["with"], turn.now)
    took_part = [each for each in answers["with"] if each not in [key(leader) for leader in waiting]]
    write_entry(turn.session, entry, took_part, turn.house.calendar.tz)
    due = end_of(answers["next_when"], turn) if answers.get("next_when") and not waiting else None
    fulfilled = _follow(turn, entry, old, took_part, due)
    what, body = f"{kind}.record", {"number": entry.number, **entry.answers}
    if old is not None:
        what, body = f"{kind}.correct", {**body, "corrects": old.number, "before": old.answers}
    if instead := [each.for_id for each in stood_in(turn.session, key(entry))]:
        body |= {"stood_in_for": instead}
    audit.record(turn.session, turn.now, turn.me, what, f"customer:{customer.id}", **body)
    proxy.ask(turn, entry, waiting)
    return Recorded(entry, fulfilled, customer, waiting, old)


def _said(answers: Answers) -> Answers:
    """What is kept of the answers: what was said, without what only the form needs."""
    return {
        name: value
        for name, value in answers.items()
        if name not in (ATTACHMENTS, CORRECTS.name) and not name.startswith("_")
    }


def _to_correct(turn: Turn, kind: str, answers: Answers) -> Entry | None:
    """The entry that is being corrected, if this person still may. Raises `WrongAnswerError`."""
    if CORRECTS.name not in answers:
        return None
    old = turn.session.get_one(Entry, answers[CORRECTS.name])
    turn.need(Action.UNDO_OWN, Subject(self_=old.by_id))
    if old.kind != kind or not withdrawals.is_standing(turn.session, old):
        raise WrongAnswerError(say("correct.not_standing", number=old.number))
    if not withdrawals.can_be_corrected(turn.session, turn.house, old, turn.now):
        until = withdrawals.correctable_until(turn.session, turn.house, old)
        raise WrongAnswerError(say("correct.too_late", number=old.number, until=until))
    if old.answers == _said(answers) and old.attachments == answers.get(ATTACHMENTS, []):
        raise WrongAnswerError(say("correct.same"))
    return old


def _follow(turn: Turn, entry: Entry, old: Entry | None, took_part: list[int], due: datetime | None) -> list[Clock]:
    """Every clock that the talk moves. A correction first undoes what followed from the entry that it stands in place of."""
    session, house = turn.session, turn.house
    open_again = withdrawals.reopen(session, old, turn.now) if old else []
    settled = promises.called_back(session, entry) if entry.kind == "callback" and took_part else []
    settled += promises.kept(session, entry)
    if due is not None:
        open_again.append(promises.promise(session, house, entry, due, turn.now))
    if old is not None:
        withdrawals.settle_again(session, house, open_again, turn.now)
        duties.after_entry(session, house, old, participants(session, key(old)), turn.now)
    return [*settled, *duties.after_entry(session, house, entry, took_part, turn.now)]


def correction(turn: Turn, answers: Answers) -> Value:
    """On the card: which entry it is that this one will stand in place of."""
    old = turn.session.get(Entry, answers[CORRECTS.name]) if CORRECTS.name in answers else None
    return say("correct.of", number=old.number) if old else None


def fulfilled_lines(turn: Turn, clocks: list[Clock]) -> list[Value]:
    """Which duties a talk fulfilled, each with its article."""
    return words.fulfilled_lines(turn.house, clocks)


def proxy_lines(done: Recorded) -> list[Value]:
    """Whose confirmation the record waits for."""
    return [say("proxy.asked", name=each.name) for each in done.waiting]


def tell_those_told(turn: Turn, old: Entry, news: Say, new: Entry | None = None) -> set[int]:
    """Whoever was told of an entry hears what became of it. Returns whom that reached."""
    told = [each for each in withdrawals.those_told(turn.session, old) if key(each) != turn.me]
    look = Button(say("button.customer"), "customer.card", {"customer": old.customer_id})
    for each in told:
        unique_key = f"anomaly:{new.id}:{each.id}" if new else f"withdrawn:{old.id}:{each.id}"
        tell(turn.session, each, Screen(news, ((look,),)), MessageClass.RECEIPT, unique_key, turn.now)
    return {key(each) for each in told}
