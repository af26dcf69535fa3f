"""/spot 抽查 (R17.11): what was drawn of the on-site entries, and what the customers said when the sales department phoned them."""

from __future__ import annotations

from collections import Counter

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Text, subject_of
from dialogue.reviews import period
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning
from handlers.tasks import entry_line
from models import spot_checks
from models.customers import Customer
from models.messages import Draft
from models.people import Staff, distinct, holders, key
from models.records import Entry
from models.spot_checks import RESULTS, UNCONFIRMED, SpotDraw, SpotResult
from rules.gate import Action
from rules.roles import Role
from words import Say, pack, say

flow = Flow()
NEEDS = Action.SEE_PLAN
CHECK = Action.CHECK_VISITS
A_PAGE = 8


@flow.command("spot", "抽查", needs=NEEDS)
def spot(turn: Turn, _: str) -> Reply:
    return _opened(turn, None, 0, new=False)


@flow.deed("spot.open", needs=NEEDS)
def open_spot(turn: Turn) -> Reply:
    return _opened(turn, None, 0, new=True)


@flow.deed("spot.show", needs=NEEDS)
def show(turn: Turn, draw: int, page: int = 0) -> Reply:
    return _opened(turn, turn.session.get(SpotDraw, draw), page, new=False)


def _opened(turn: Turn, made: SpotDraw | None, page: int, *, new: bool) -> Reply:
    rule = turn.house.rulebook.spot_check
    made = made or spot_checks.newest(turn.session)
    if made is None:
        return notice(say("spot.none", percent=rule.percent) if rule else say("spot.no_rule"))
    return Reply(_page(turn, made, page), new=new)


def _mine(turn: Turn, made: SpotDraw) -> list[tuple[Entry, Customer]]:
    """What was drawn of the customers whose plan this person sees."""
    found = spot_checks.with_customers(turn.session, made.entries["drawn"])
    return [each for each in found if turn.may(NEEDS, subject_of(each[1]))]


def _page(turn: Turn, made: SpotDraw, page: int) -> Screen:
    those, known = _mine(turn, made), spot_checks.results(turn.session, made)
    last = max(0, (len(those) - 1) // A_PAGE)
    page = max(0, min(page, last))
    shown = list(enumerate(those[page * A_PAGE : (page + 1) * A_PAGE], page * A_PAGE + 1))
    said = Counter(known[key(entry)].result for entry, _ in those if key(entry) in known)
    rule = turn.house.rulebook.spot_check
    text = say(
        "spot.page",
        period=period(made.period),
        population=made.population,
        percent=made.percent,
        drawn=len(made.entries["drawn"]),
        seed=str(made.seed),
        asked=sum(said.values()),
        confirmed=said["confirmed"],
        unconfirmed=said[UNCONFIRMED],
        unreached=said["unreached"],
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        lines=[_line(turn, n, entry, known.get(key(entry))) for n, (entry, _) in shown] or say("ledger.empty"),
        article=rule.article if rule else None,
    )
    steps = [
        Button(say("button.check", number=n), "spot.check", {"draw": key(made), "entry": key(entry)})
        for n, (entry, customer) in shown
        if turn.may(CHECK, subject_of(customer)) and _is_open(known.get(key(entry)))
    ]
    return Screen(text, (*columns(steps, 4), *_ways(made, page, last, turn)))


def _is_open(result: SpotResult | None) -> bool:
    """Not asked yet, or not reached so far."""
    return result is None or result.result == "unreached"


def _ways(made: SpotDraw, page: int, last: int, turn: Turn) -> Rows:
    ways = turning("spot.show", page, last, lambda to: {"draw": key(made), "page": to})
    before = spot_checks.newest(turn.session, before=key(made))
    if before is not None:
        ways.append(Button(period(before.period), "spot.show", {"draw": key(before), "page": 0}))
    ways.append(Button(say("button.refresh"), "spot.show", {"draw": key(made), "page": page}))
    return (tuple(ways), (Button(say("button.plan"), "plan.open", {}),))


def _line(turn: Turn, number: int, entry: Entry, result: SpotResult | None) -> Say:
    said = say(f"spot_result.{result.result}") if result else say("spot.waiting")
    by = turn.session.get_one(Staff, result.by_id).name if result else None
    note = say("spot.note", by=by, when=result.at, text=result.note[:80]) if result else None
    return say("spot.line", number=number, entry=entry_line(turn, entry), said=said, note=note)


# One call


def _drawn(turn: Turn, draw: int, entry: int) -> tuple[SpotDraw, Entry, Customer]:
    """What was drawn and is theirs to ask about. Raises `NotAllowedError`."""
    made, found = turn.session.get(SpotDraw, draw), turn.session.get(Entry, entry)
    customer = turn.session.get_one(Customer, found.customer_id) if found else None
    turn.need(CHECK, subject_of(customer) if customer else None)
    if made is None or found is None or customer is None or entry not in made.entries["drawn"]:
        raise NotAllowedError(CHECK)
    return made, found, customer


def _hindered(turn: Turn, made: SpotDraw, entry: Entry) -> Say | None:
    """Nobody checks what they entered or took part in; what a customer said stands."""
    if spot_checks.is_own(turn.session, entry, turn.staff):
        return say("spot.own")
    known = spot_checks.results(turn.session, made).get(key(entry))
    return None if _is_open(known) else say("spot.asked_before")


@flow.deed("spot.check", needs=CHECK)
def check(turn: Turn, draw: int, entry: int) -> Reply:
    made, found, customer = _drawn(turn, draw, entry)
    if why := _hindered(turn, made, found):
        return Reply(toast=why)
    line = say("spot.to_ask", entry=entry_line(turn, found), customer=customer.called)
    return Reply(engine.begin(turn, FORM, {"draw": draw, "entry": entry, HINT: pack(line)}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    made, entry, customer = _drawn(turn, answers["draw"], answers["entry"])
    if why := _hindered(turn, made, entry):
        raise WrongAnswerError(why)
    said = answers["result"], answers["note"]
    spot_checks.record(turn.session, turn.house, made, entry, turn.staff, said, turn.now)
    if answers["result"] == UNCONFIRMED:
        _tell(turn, entry, customer, answers["note"])
    return Reply(_page(turn, made, 0))


def _tell(turn: Turn, entry: Entry, customer: Customer, note: str) -> None:
    """The unit head hears at once of an entry that the customer did not confirm."""
    for each in distinct(holders(turn.session, Role.UNIT_HEAD, customer.unit_id, turn.now)):
        if key(each) != turn.me:
            view = turn.seen_by(each)
            line = entry_line(view, entry)
            news = say("spot.not_confirmed", entry=line, by=turn.staff.name, text=note)
            rows = ((Button(say("button.spot"), "spot.open", {}),),) if view.may(NEEDS, subject_of(customer)) else ()
            tell(turn.session, each, Screen(news, rows), MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)


def _card(turn: Turn, draft: Draft) -> Rows:
    """To the customer's card, with whom to call."""
    entry = turn.session.get_one(Entry, draft.answers["entry"])
    return ((Button(say("button.customer"), "customer.card", {"customer": entry.customer_id}),),)


def _about(turn: Turn, answers: Answers) -> Say:
    return entry_line(turn, turn.session.get_one(Entry, answers["entry"]))


FORM = Form(
    "spot_check",
    CHECK,
    (
        Field("draw", Text(), hidden=True),
        Field("entry", Text(), hidden=True),
        Field("result", Choice("spot_result", RESULTS)),
        Field("note", Text(quick=("nothing_said",))),
    ),
    submit,
    lambda _turn, _text: {},
    _about,
    ways=_card,
)
flow.forms.append(FORM)
