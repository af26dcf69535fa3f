"""What becomes of a proposal (article 12（二）（三）): opinions come in, and it is decided.

The office records the meeting's decision by its minutes, or the sales department decides; duties change at once, and everybody
concerned hears what changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dialogue import engine
from dialogue.benefits import benefit_line
from dialogue.cases import decides
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, Text, start_of
from dialogue.live import refresh
from dialogue.parts import ATTACHMENTS
from dialogue.tiers import what, with_news
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Reply
from handlers.asking import follows, put_before
from handlers.talks import PAST_DAY
from handlers.tiers import office, over, proposed, tell_all
from models import files, preferences, proposals, steps
from models.kinds import Json
from models.overviews import owners
from models.people import Staff, distinct, holders, key
from models.proposals import Found
from models.steps import Step, StepState
from models.tiers import Changed
from rules.gate import Action, Subject
from rules.roles import Role
from rules.tiers import Kind
from words import Say, Value, say

flow = Flow()
RECORD = Action.RECORD_MEETING
OUTCOMES = ("approved", "refused")


@follows(steps.EVALUATION)
def opined(turn: Turn, step: Step, approved: bool) -> None:
    """The last opinion puts it before whoever decides."""
    found = proposals.find(turn.session, step.matter_id)
    assert found is not None, "its proposal stays"
    for each in proposals.advance(office(turn), found):
        put_before(turn, each)
    turn.session.flush()
    refresh(turn, found.subject, turn.unique_key)


@follows(steps.GRADING)
def graded(turn: Turn, step: Step, approved: bool) -> None:
    """The sales department's own decision, where no tier of weight is concerned."""
    found = proposals.find(turn.session, step.matter_id)
    assert found is not None, "its proposal stays"
    _settle(turn, found, approved, {"text": step.opinion or ""}, [])


@follows(steps.RESOLUTION)
def resolved(_turn: Turn, _step: Step, _approved: bool) -> None:
    """Never by a bare button: what the meeting decided is put on record with its minutes."""
    raise NotAllowedError(RECORD)


# The minutes


@flow.deed("tiers.meet", needs=RECORD)
def meet(turn: Turn, matter: int) -> Reply:
    found, step = _to_record(turn, matter)
    if step is None:
        return Reply(with_news(turn, found, over(found)), new=True)
    return Reply(engine.begin(turn, MEETING, {"matter": matter}).screen, new=True)


def _to_record(turn: Turn, matter: int) -> tuple[Found, Step | None]:
    """The proposal and the decision that it waits for; None where it was put on record. Raises `NotAllowedError`."""
    found = proposed(turn, matter)
    turn.need(RECORD, Subject(unit=found.matter.unit_id))
    step = proposals.waits_for(turn.session, found)
    if step is None and found.under_way:
        raise NotAllowedError(RECORD)
    if step is not None and (step.kind != steps.RESOLUTION or not decides(turn, step)):
        raise NotAllowedError(RECORD)
    return found, step


def _submit(turn: Turn, answers: Answers) -> Reply:
    found, step = _to_record(turn, answers["matter"])
    if step is None or step.state != StepState.WAITING:
        raise WrongAnswerError(over(found))
    approved = answers["outcome"] == "approved"
    if approved and found.proposal.kind == Kind.PREFERENCE:
        _need_allowed(turn, found)
    steps.decide(turn.session, turn.house, step, turn.staff, approved, answers["text"], turn.now)
    words = {"minutes": answers["minutes"], "on": _day(turn, answers).isoformat(), "text": answers["text"]}
    news = _settle(turn, found, approved, words, answers.get(ATTACHMENTS, []))
    refresh(turn, step.subject, turn.unique_key)
    return Reply(with_news(turn, found, news))


def _need_allowed(turn: Turn, found: Found) -> None:
    """Raises `WrongAnswerError` where the customer's tier may hold no preference any more, or its days are over."""
    if not preferences.allowed(turn.house, found.customer):
        rule = turn.house.rulebook.preference
        raise WrongAnswerError(say("tiers.none_allowed", article=rule.article if rule else ""))
    if found.proposal.ends is not None and found.proposal.ends < turn.today:
        raise WrongAnswerError(say("tiers.days_over", day=found.proposal.ends))


def _day(turn: Turn, answers: Answers) -> date:
    return turn.house.calendar.local(start_of(PAST_DAY.checked(turn, answers["when"]), turn)).date()


# What follows


def _settle(turn: Turn, found: Found, approved: bool, words: Json, attachments: list[Json]) -> Say:
    """Decided; those concerned hear it with what was added and what falls away."""
    people = _concerned(turn, found)
    changed = proposals.settle(office(turn), found, approved, words, attachments)
    news = _news(turn, found, approved, changed)
    told = [*people, *_owing(turn, changed), *_departments(turn, found, approved)]
    tell_all(turn, distinct(told), found, news)
    for gone in proposals.lapse(office(turn), found.customer):
        tell_all(turn, proposals.concerned(turn.session, gone, turn.now), gone, _lapsed(gone))
    return news


def _concerned(turn: Turn, found: Found) -> list[Staff]:
    """Whoever proposed it and was asked; the owner, the unit head and the custodian."""
    custodian = files.custodian_of(turn.session, key(found.customer))
    ids = [found.customer.owner_id, *([custodian] if custodian else [])]
    heads = holders(turn.session, Role.UNIT_HEAD, found.customer.unit_id, turn.now)
    named = [turn.session.get_one(Staff, each) for each in ids]
    return distinct([*proposals.concerned(turn.session, found, turn.now), *named, *heads])


def _departments(turn: Turn, found: Found, approved: bool) -> Iterable[Staff]:
    """Sales hears of every change; finance of preferences, because it has to apply them."""
    if not approved:
        return []
    roles = (Role.SALES_DEPT, *((Role.FINANCE,) if found.proposal.kind == Kind.PREFERENCE else ()))
    unit = found.customer.unit_id
    return [each for role in roles for each in holders(turn.session, role, unit, turn.now)]


def _owing(turn: Turn, changed: Changed) -> list[Staff]:
    """Those who owe something from now on, or no longer."""
    clocks = [*changed.added, *changed.fallen]
    return [each for clock in clocks for each in owners(turn.session, clock, turn.now)]


def _news(turn: Turn, found: Found, approved: bool, changed: Changed) -> Say:
    outcome = found.proposal.kind if approved else "refused"
    ended: list[Value] = [benefit_line(turn, each) for each in changed.ended]
    return say(
        f"tiers.news_{outcome}",
        customer=found.customer.called,
        what=what(found),
        number=found.matter.number,
        ended=say("tiers.ended_with_it", lines=ended) if ended else None,
    )


def _lapsed(found: Found) -> Say:
    return say("tiers.news_lapsed", number=found.matter.number, customer=found.customer.called)


def _number(turn: Turn, answers: Answers) -> Value:
    found = proposals.find(turn.session, answers.get("matter", 0))
    return found.matter.number if found else None


MEETING = Form(
    "tier_meeting",
    RECORD,
    (
        Field("matter", Text(), hidden=True),
        Field("outcome", Choice("outcome", OUTCOMES)),
        Field("minutes", Text()),
        Field("when", PAST_DAY),
        Field("text", Text(shortest=2)),
    ),
    _submit,
    lambda _turn, _text: {},
    takes_attachments=True,
    about=_number,
)
flow.forms.append(MEETING)
