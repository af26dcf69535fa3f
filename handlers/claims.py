"""A claim from 提出索赔 to 已结算, and what makes a complaint major (article 16（四）): those concerned hear of it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from dialogue.cases import may_do, with_news
from dialogue.claims import money
from dialogue.forms import Answers, Field, Flow, WrongAnswerError
from dialogue.kinds import Choice, Money, Picks, Text, start_of
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Reply
from handlers.asking import follows, put_before
from handlers.case import opened
from handlers.steps import Done, declare, finish, not_now
from handlers.talks import PAST_DAY
from handlers.weight import LEADERS, standing, tell_weight
from models import claiming
from models.claims import claim_of
from models.complaints import Case
from models.records import Complaint, Matter
from models.steps import Step
from rules.claims import Way
from rules.gate import Action
from rules.roles import Role
from words import Value, say

flow = Flow()
Deed = Callable[[Turn, Case, Answers], Done]


def weighed(deed: Deed) -> Deed:
    """A step by which a complaint may become major, or whose words may speak of a lawsuit."""

    def run(turn: Turn, case: Case, answers: Answers) -> Done:
        before = standing(case)
        done = deed(turn, case, answers)
        claiming.suspect(case, answers["text"])
        return replace(done, then=lambda: tell_weight(turn, case, before))

    return run


# Claimed, estimated, assessed


def claim(turn: Turn, case: Case, answers: Answers) -> Done:
    if not answers["amount"]:
        raise WrongAnswerError(say("wrong.no_amount"))
    claiming.claim(case, answers["amount"], answers["text"])
    news = say("done.claim", **_words(turn, case, answers["amount"]), text=answers["text"])
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD))


def estimate(turn: Turn, case: Case, answers: Answers) -> Done:
    claiming.estimate(case, answers["estimated"], answers["text"])
    news = say("done.estimate", **_words(turn, case, answers["estimated"]), text=answers["text"])
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department))


def assess(turn: Turn, case: Case, answers: Answers) -> Done:
    way = Way(answers["way"])
    amount = 0 if way is Way.NONE else answers["assessed"]
    if not amount and way is not Way.NONE:
        raise WrongAnswerError(say("wrong.no_amount"))
    asked = claiming.assess(case, amount, way, answers["text"])
    told = say("list", items=[name for step in asked for name in put_before(turn, step)])
    words = _words(turn, case, amount)
    return Done(say("done.assess", **words, way=say(f"way.{way}"), told=told), (case.complaint.department,))


def _words(turn: Turn, case: Case, amount: float) -> dict[str, Value]:
    return {"number": case.matter.number, "by": turn.staff.name, "amount": money(amount)}


def _case(turn: Turn, step: Step) -> Case:
    matter, complaint = turn.session.get_one(Matter, step.matter_id), turn.session.get_one(Complaint, step.matter_id)
    return Case(turn.session, turn.house, matter, complaint, turn.staff, turn.now)


@follows("claim")
def decided(turn: Turn, step: Step, approved: bool) -> None:
    """Approved by all, finance settles it; returned by one, the sales department assesses anew."""
    case, opinion, way = _case(turn, step), step.opinion or "", step.facts["way"]
    (claiming.approved if approved else claiming.returned)(case, step)
    words = _words(turn, case, step.facts["amount"])
    news = say(f"done.claim_{step.state}", **words, way=say(f"way.{way}"), text=opinion or None)
    finish(turn, case, Done(news, (Role.FINANCE,) if approved and way != Way.NONE else ()))


# Settled


@dataclass(frozen=True)
class Granted(Money):
    """What was granted, by one tap; never more."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(self.show(turn, amount), amount)] if (amount := _assessed(turn, answers)) else []

    def read(self, turn: Turn, answers: Answers, text: str) -> float:
        return _payable(super().read(turn, answers, text), _assessed(turn, answers))


def _assessed(turn: Turn, answers: Answers) -> float:
    return claim_of(turn.session, turn.session.get_one(Complaint, answers["matter"])).assessed or 0


def _payable(amount: float, assessed: float) -> float:
    if not 0 < amount <= assessed:
        raise WrongAnswerError(say("wrong.settled", amount=money(assessed)))
    return amount


def settle(turn: Turn, case: Case, answers: Answers) -> Done:
    _payable(answers["settled"], claim_of(turn.session, case.complaint).assessed or 0)
    on = _day(turn, answers)
    claiming.settle(case, answers["settled"], on, answers["voucher"], answers.get(ATTACHMENTS, []))
    news = say("done.settle", **_words(turn, case, answers["settled"]), on=on, voucher=answers["voucher"])
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department))


def _day(turn: Turn, answers: Answers) -> date:
    return turn.house.calendar.local(start_of(PAST_DAY.checked(turn, answers["when"]), turn)).date()


# Major


def social(turn: Turn, case: Case, answers: Answers) -> Done:
    claiming.affect(case, answers["text"])
    words = {"number": case.matter.number, "by": turn.staff.name, "text": answers["text"]}
    return Done(say("done.social", **words), (Role.SALES_DEPT, case.complaint.department))


def unmajor(turn: Turn, case: Case, answers: Answers) -> Done:
    claiming.unmajor(case, answers["text"])
    words = {"number": case.matter.number, "by": turn.staff.name, "text": answers["text"]}
    return Done(say("done.unmajor", **words), (*LEADERS, Role.OFFICE, Role.LEGAL, Role.SALES_DEPT))


def meet(turn: Turn, case: Case, answers: Answers) -> Done:
    on = _day(turn, answers)
    claiming.decide(case, answers["minutes"], on, answers["text"], answers.get(ATTACHMENTS, []))
    words: dict[str, Value] = {"number": case.matter.number, "by": turn.staff.name, "minutes": answers["minutes"]}
    roles = (*LEADERS, Role.OFFICE, Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department, Role.FINANCE)
    legal = (Role.LEGAL,) if claim_of(turn.session, case.complaint).lawsuit else ()
    return Done(say("done.meet", **words, on=on, text=answers["text"]), (*roles, *legal))


def _sued(turn: Turn, matter: int, name: str) -> Reply:
    """诉讼, by one tap."""
    case = opened(turn, matter, Action.FLAG_MAJOR)
    if not may_do(turn, case, name):
        return Reply(with_news(turn, case, not_now(case)))
    before = standing(case)
    claiming.sue(case)
    news = say("done.litigation", number=case.matter.number, by=turn.staff.name)
    return finish(turn, case, Done(news, (Role.SALES_DEPT,), lambda: tell_weight(turn, case, before)))


@flow.deed("complaint.litigation", needs=Action.FLAG_MAJOR)
def litigation(turn: Turn, matter: int) -> Reply:
    return _sued(turn, matter, "litigation")


@flow.deed("complaint.lawsuit", needs=Action.FLAG_MAJOR)
def lawsuit(turn: Turn, matter: int) -> Reply:
    """What was suspected is so."""
    return _sued(turn, matter, "lawsuit")


REASON = Field("text", Text(shortest=2))
WAYS = Choice("way", tuple(each.value for each in Way))
declare(flow, "claim", weighed(claim), Field("amount", Money()), Field("text", Text(quick=("nothing_said",))))
declare(flow, "estimate", weighed(estimate), Field("estimated", Money()), REASON)
declare(
    flow,
    "assess",
    assess,
    Field("way", WAYS),
    Field("assessed", Money(), asked=lambda answers: answers.get("way") != Way.NONE),
    REASON,
)
declare(
    flow,
    "settle",
    settle,
    Field("settled", Granted()),
    Field("when", PAST_DAY),
    Field("voucher", Text()),
    attachments=True,
)
declare(flow, "social", weighed(social), REASON)
declare(flow, "unmajor", unmajor, REASON)
declare(flow, "meet", meet, Field("minutes", Text()), Field("when", PAST_DAY), REASON, attachments=True)
