"""层级与优惠 (article 12): a customer's page, and the proposals that are made from it: 拟调层级, 优惠条件, and taking one back."""

from __future__ import annotations

from datetime import date

from dialogue import engine
from dialogue.benefits import held_lines
from dialogue.files import subject_of
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Text
from dialogue.live import refresh
from dialogue.telling import MessageClass, tell
from dialogue.tier_kinds import FirstDay, LastDay, OtherTier, need_order, need_other
from dialogue.tiers import as_it_stands, criterion, figures_now, foreseen, may_look, may_see, page, with_news
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Reply
from handlers.asking import put_before
from models import preferences, proposals
from models.customers import Customer
from models.filings import Office
from models.people import Staff, key
from models.proposals import Found, Proposal
from models.steps import Step
from rules.gate import Action
from rules.roles import Tier, read_tier
from rules.tiers import Benefit, Kind
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEE_TIERS
PROPOSE = Action.PROPOSE_TIER


def office(turn: Turn) -> Office:
    return Office(turn.session, turn.house, turn.staff, turn.now)


def named(turn: Turn, customer: int, need: Action = NEEDS) -> Customer:
    """A customer to whom this person may do it. Raises `NotAllowedError`."""
    found = turn.session.get(Customer, customer)
    if found is None:
        raise NotAllowedError(need)
    turn.need(need, subject_of(turn, found))
    return found


def proposed(turn: Turn, matter: int) -> Found:
    """A proposal that this person may look at. Raises `NotAllowedError`."""
    found = proposals.find(turn.session, matter)
    if found is None or not may_look(turn, found):
        raise NotAllowedError(NEEDS)
    return found


@flow.deed("tiers.customer", needs=NEEDS)
def of_customer(turn: Turn, customer: int) -> Reply:
    return Reply(page(turn, named(turn, customer)), new=True)


@flow.deed("tiers.proposal", needs=Action.SEE_DUE)
def show(turn: Turn, matter: int) -> Reply:
    """Asked of the gate by its own right: whoever was asked may look, too."""
    return Reply(as_it_stands(turn, key(proposed(turn, matter).matter)), new=True)


# A tier


@flow.deed("tiers.propose", needs=PROPOSE)
def propose(turn: Turn, customer: int) -> Reply:
    found = named(turn, customer, PROPOSE)
    waits = proposals.under_way(turn.session, key(found), Kind.TIER)
    if waits is not None:
        return Reply(with_news(turn, waits, _asked_before(waits)), new=True)
    return Reply(engine.begin(turn, TIER, {"customer": key(found)}).screen, new=True)


def _asked_before(found: Found) -> Say:
    return say("tiers.asked_before", number=found.matter.number)


def _what_it_means(turn: Turn, answers: Answers) -> Value:
    """The criteria, the figures and what would change, before it is proposed."""
    customer = turn.session.get(Customer, answers.get("customer"))
    if customer is None or not may_see(turn, customer):
        return None
    if "tier" not in answers:
        return figures_now(turn, customer)
    after = answers["tier"]
    return say(
        "tiers.weighed",
        criterion=criterion(turn, after),
        figures=figures_now(turn, customer),
        moved=foreseen(turn, customer.tier, after),
        ends=_ends(turn, customer, after),
    )


def _ends(turn: Turn, customer: Customer, after: str) -> Say | None:
    rule = turn.house.rulebook.preference
    lines = held_lines(turn, customer) if rule is not None and after not in rule.tiers else []
    return say("tiers.would_end", lines=lines) if lines else None


def _submit_tier(turn: Turn, answers: Answers) -> Reply:
    customer = named(turn, answers["customer"], PROPOSE)
    waits = proposals.under_way(turn.session, key(customer), Kind.TIER)
    if waits is not None:
        raise WrongAnswerError(_asked_before(waits))
    need_other(customer.tier, answers["tier"])
    made = Proposal(kind=Kind.TIER, before=customer.tier, after=answers["tier"], reason=answers["reason"], matter_id=0)
    return _made(turn, customer, made)


def _made(turn: Turn, customer: Customer, proposal: Proposal) -> Reply:
    """It goes to those who are asked; the customer's owner hears of it, too."""
    begun = proposals.propose(office(turn), customer, proposal)
    found = proposals.find(turn.session, proposal.matter_id)
    assert found is not None, "it was just made"
    told = say("list", items=_put_before(turn, begun))
    _tell_owner(turn, found)
    return Reply(with_news(turn, found, say("tiers.proposed", number=found.matter.number, told=told)))


def _put_before(turn: Turn, begun: list[Step]) -> list[Value]:
    return list(dict.fromkeys(name for each in begun for name in put_before(turn, each)))


def _tell_owner(turn: Turn, found: Found) -> None:
    owner = turn.session.get_one(Staff, found.customer.owner_id)
    if key(owner) == turn.me:
        return
    screen = with_news(turn.seen_by(owner), found, say("tiers.about_yours", by=turn.staff.name))
    tell(turn.session, owner, screen, MessageClass.RECEIPT, f"{turn.unique_key}:owner:{owner.id}", turn.now)


# A preference


@flow.deed("tiers.favour", needs=PROPOSE)
def favour(turn: Turn, customer: int) -> Reply:
    found = named(turn, customer, PROPOSE)
    if not preferences.allowed(turn.house, found):
        return Reply(page(turn, found, _not_for(turn)), new=True)
    return Reply(engine.begin(turn, PREFERENCE, {"customer": key(found)}).screen, new=True)


def _not_for(turn: Turn) -> Say:
    rule = turn.house.rulebook.preference
    return say("tiers.none_allowed", article=rule.article) if rule else say("tiers.no_benefits")


def _submit_preference(turn: Turn, answers: Answers) -> Reply:
    customer = named(turn, answers["customer"], PROPOSE)
    if not preferences.allowed(turn.house, customer):
        raise WrongAnswerError(_not_for(turn))
    waits = proposals.under_way(turn.session, key(customer), Kind.PREFERENCE, answers["benefit"])
    if waits is not None:
        raise WrongAnswerError(_asked_before(waits))
    need_order(turn, answers["starts"], answers["ends"])
    made = Proposal(
        kind=Kind.PREFERENCE,
        before=customer.tier,
        benefit=answers["benefit"],
        terms=answers["terms"],
        starts=date.fromisoformat(answers["starts"]),
        ends=date.fromisoformat(answers["ends"]),
        reason=answers["reason"],
        matter_id=0,
    )
    return _made(turn, customer, made)


# Taken back


@flow.deed("tiers.withdraw", needs=PROPOSE)
def withdraw(turn: Turn, matter: int) -> Reply:
    found = _mine(turn, matter)
    if not found.under_way:
        return Reply(with_news(turn, found, over(found)))
    return Reply(engine.begin(turn, WITHDRAWAL, {"matter": matter}).screen, new=True)


def _mine(turn: Turn, matter: int) -> Found:
    """Only whoever proposed it takes it back. Raises `NotAllowedError`."""
    found = proposed(turn, matter)
    if found.matter.opened_by != turn.me:
        raise NotAllowedError(PROPOSE)
    return found


def over(found: Found) -> Say:
    return say("tiers.over", number=found.matter.number)


def _submit_withdrawal(turn: Turn, answers: Answers) -> Reply:
    found = _mine(turn, answers["matter"])
    if not found.under_way:
        raise WrongAnswerError(over(found))
    told = proposals.concerned(turn.session, found, turn.now)
    proposals.withdraw(office(turn), found, answers["reason"])
    news = say("tiers.withdrawn", number=found.matter.number, by=turn.staff.name, reason=answers["reason"])
    tell_all(turn, told, found, news)
    return Reply(with_news(turn, found, news))


def tell_all(turn: Turn, people: list[Staff], found: Found, news: Say) -> None:
    """Each of them once, over the card as they may see it; the live cards follow."""
    turn.session.flush()
    refresh(turn, found.subject, turn.unique_key)
    for each in people:
        if key(each) != turn.me:
            screen = with_news(turn.seen_by(each), found, news)
            unique_key = f"{turn.unique_key}:{found.matter.id}:{each.id}"
            tell(turn.session, each, screen, MessageClass.RECEIPT, unique_key, turn.now)


def _number(turn: Turn, answers: Answers) -> Value:
    found = proposals.find(turn.session, answers.get("matter", 0))
    return found.matter.number if found else None


def _called(turn: Turn, answers: Answers) -> Value:
    customer = turn.session.get(Customer, answers.get("customer"))
    return customer.called if customer else None


CUSTOMER = Field("customer", Text(), hidden=True)
REASON = Field("reason", Text(shortest=2))
TIER = Form(
    "tier_proposal",
    PROPOSE,
    (CUSTOMER, Field("tier", OtherTier("tier", tuple(each.value for each in Tier), read_tier)), REASON),
    _submit_tier,
    lambda _turn, _text: {},
    remark=_what_it_means,
    about=_called,
)
PREFERENCE = Form(
    "preference_proposal",
    PROPOSE,
    (
        CUSTOMER,
        Field("benefit", Choice("benefit_kind", tuple(each.value for each in Benefit))),
        Field("terms", Text(shortest=2)),
        Field("starts", FirstDay()),
        Field("ends", LastDay()),
        REASON,
    ),
    _submit_preference,
    lambda _turn, _text: {},
    remark=_what_it_means,
    about=_called,
)
WITHDRAWAL = Form(
    "proposal_withdrawal",
    PROPOSE,
    (Field("matter", Text(), hidden=True), REASON),
    _submit_withdrawal,
    lambda _turn, _text: {},
    about=_number,
)
flow.forms += [TIER, PREFERENCE, WITHDRAWAL]


def opened(turn: Turn, text: str) -> Reply | None:
    """A proposal by its number; None where there is none that this person may look at."""
    found = proposals.numbered(turn.session, text)
    if found is None or not may_look(turn, found):
        return None
    return Reply(as_it_stands(turn, key(found.matter)))


def nothing(text: str) -> Reply:
    return notice(say("find.nothing", text=text[:50]))
