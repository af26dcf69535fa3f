"""Putting a survey to a customer: on the phone, by a form of few taps; by a private link; or that nobody could be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dialogue import confidences, engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Picks, Text, subject_of
from dialogue.survey_news import all_asked
from dialogue.surveys import head, question, said
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, row
from handlers.survey import ASK, next_one
from models import survey_asked, survey_links, surveys
from models.customers import Customer
from models.messages import Draft, open_draft
from models.people import key
from models.survey_asked import Said
from models.surveys import Campaign, Outcome, Surveyed, SurveyReply
from models.vault import vault_of
from reading.names import normalise
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
BEST = 5
MOST_QUESTIONS = 8


@dataclass(frozen=True)
class SurveyAnswer:
    """评分 1–5，或文字 / a mark from 1 to 5, or words"""

    number: int

    def asked(self, answers: Answers) -> Any:
        return answers["questions"][self.number]

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        if self.asked(answers)["kind"] == "text":
            return [(say("survey.no_words"), turn.voice.plain(say("survey.no_words")))]
        return [(say(f"survey_score.{each}"), each) for each in range(BEST, 0, -1)]

    def read(self, turn: Turn, answers: Answers, text: str) -> Any:
        if self.asked(answers)["kind"] == "text":
            return text
        plain = normalise(text).rstrip("分")
        if plain.isascii() and plain.isdigit() and len(plain) == 1 and 1 <= int(plain) <= BEST:
            return int(plain)
        raise WrongAnswerError(say("wrong.number", least=1, most=BEST))

    def show(self, turn: Turn, value: Any) -> Value:
        return say(f"survey_score.{value}") if isinstance(value, int) else str(value)


def _question(number: int) -> Field:
    kind = SurveyAnswer(number)

    def asks(_turn: Turn, answers: Answers) -> Say:
        asked = kind.asked(answers)
        return say(
            f"survey.ask_{asked['kind']}", question=question(asked), number=number + 1, of=len(answers["questions"])
        )

    return Field(
        f"q{number + 1}",
        kind,
        asked=lambda answers: number < len(answers["questions"]),
        asks=asks,
        called=lambda _turn, answers: question(kind.asked(answers)),
    )


def target(turn: Turn, surveyed: int) -> tuple[Campaign, Surveyed, Customer]:
    """Somebody who is asked and whom this person may ask. Raises `NotAllowedError`; the same for nobody as for not theirs."""
    found = turn.session.get(Surveyed, surveyed)
    customer = turn.session.get(Customer, found.customer_id) if found is not None else None
    turn.need(ASK, subject_of(customer) if customer else None)
    campaign = surveys.find(turn.session, found.matter_id) if found is not None else None
    if found is None or customer is None or campaign is None:
        raise NotAllowedError(ASK)
    return campaign, found, customer


def _over(campaign: Campaign) -> Say:
    return say("survey.over", head=head(campaign))


@flow.deed("survey.ask", needs=ASK)
def ask(turn: Turn, surveyed: int) -> Reply:
    campaign, found, _ = target(turn, surveyed)
    if not campaign.takes_answers:
        return notice(_over(campaign))
    known: Answers = {"surveyed": key(found), "questions": campaign.survey.questions}
    return Reply(engine.begin(turn, FORM, known).screen, new=True)


def _ways(turn: Turn, draft: Draft) -> Rows:
    """They can't be asked now, or would rather answer by themselves."""
    here = {"surveyed": draft.answers["surveyed"]}
    ways = [
        Button(say(f"survey_outcome.{each}"), "survey.outcome", {**here, "what": each.value})
        for each in (Outcome.UNREACHED, Outcome.DECLINED)
    ]
    link = [Button(say("button.survey_link"), "survey.link", here)] if turn.house.survey_address else []
    return (tuple(ways + link),)


def _submit(turn: Turn, answers: Answers) -> Reply:
    campaign, found, _ = target(turn, answers["surveyed"])
    if not campaign.takes_answers:
        raise WrongAnswerError(_over(campaign))
    given = {each["id"]: answers[f"q{n}"] for n, each in enumerate(answers["questions"], 1)}
    nothing = turn.voice.plain(say("survey.no_words"))
    scores = {name: value for name, value in given.items() if isinstance(value, int)}
    texts = {name: value for name, value in given.items() if isinstance(value, str) and value != nothing}
    return _kept(turn, campaign, found, Said(Outcome.ANSWERED, scores, texts, turn.me))


@flow.deed("survey.outcome", needs=ASK)
def outcome(turn: Turn, surveyed: int, what: str) -> Reply:
    """没联系上, 不愿回答: stands apart in every figure. Who answered already is not made to have said nothing."""
    campaign, found, _ = target(turn, surveyed)
    if not campaign.takes_answers:
        return notice(_over(campaign))
    known = survey_asked.reply_of(turn.session, found)
    _put_aside(turn, found)
    if known is not None and known.outcome == Outcome.ANSWERED:
        return Reply(_saved(turn, campaign, found, known))
    return _kept(turn, campaign, found, Said(Outcome(what), by=turn.me))


def _put_aside(turn: Turn, found: Surveyed) -> None:
    draft = open_draft(turn.session, turn.me)
    if draft is not None and draft.form == FORM.name and draft.answers.get("surveyed") == key(found):
        engine.take_buttons(turn, draft)
        draft.state = "dropped"


def _kept(turn: Turn, campaign: Campaign, found: Surveyed, what: Said) -> Reply:
    before = survey_asked.in_unit(turn.session, campaign, found.unit_id).open
    reply = survey_asked.replied(turn.session, campaign, found, what, turn.now)
    survey_links.end(turn.session, found, turn.now)
    if before and not survey_asked.in_unit(turn.session, campaign, found.unit_id).open:
        all_asked(turn, campaign, found.unit_id, turn.unique_key, but=turn.me)
    return Reply(_saved(turn, campaign, found, reply))


def _saved(turn: Turn, campaign: Campaign, found: Surveyed, reply: SurveyReply) -> Screen:
    """What was kept, and whom to ask next."""
    following = next_one(turn, campaign)
    customer = turn.session.get_one(Customer, found.customer_id)
    ways = [Button(say("button.survey"), "survey.show", {"survey": key(campaign.matter)})]
    if following is not None:
        name = turn.session.get_one(Customer, following.customer_id).called
        ways.insert(0, Button(say("button.survey_next", name=name), "survey.ask", {"surveyed": key(following)}))
    if reply.outcome == Outcome.ANSWERED and turn.may(Action.LOG_CONTACT, subject_of(customer)):
        known = {"customer": key(customer), "channel": "phone"}
        ways.append(Button(say("button.survey_log"), "contact.open", known))
    return Screen(say("survey.saved", customer=customer.called, outcome=said(campaign, reply)), (row(*ways),))


# The customer's own way


@flow.deed("survey.link", needs=ASK)
def link(turn: Turn, surveyed: int) -> Reply:
    """A private link, to be sent on to the customer. Only its hash is kept; in our own messages it stands locked."""
    campaign, found, customer = target(turn, surveyed)
    rule, address = turn.house.rulebook.survey, turn.house.survey_address
    if not campaign.takes_answers or rule is None:
        return notice(_over(campaign))
    if not address or not vault_of(turn.session).ready:
        return notice(say("survey.no_page"))
    _put_aside(turn, found)
    token = survey_links.make(turn.session, campaign, found, turn.staff, rule.link_days, turn.now)
    text = say(
        "survey.link",
        customer=customer.called,
        company=turn.house.company,
        url=f"{address}/s/{token}",
        days=rule.link_days,
    )
    way = Button(say("button.survey"), "survey.show", {"survey": key(campaign.matter)})
    return replace(confidences.kept(Reply(Screen(text, (row(way),)))), new=True)


FORM = Form(
    "survey_answer",
    ASK,
    (
        Field("surveyed", Text(), hidden=True),
        Field("questions", Text(), hidden=True),
        *(_question(number) for number in range(MOST_QUESTIONS)),
    ),
    _submit,
    lambda _turn, _text: {},
    ways=_ways,
    about=lambda turn, answers: target(turn, answers["surveyed"])[2].called,
)
flow.forms.append(FORM)
