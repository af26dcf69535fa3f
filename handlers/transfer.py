"""/transfer 转交: selected customers go to a colleague; from one unit to another when both sides agree. A mistaken one is mended by
another."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.filings import transfer_lines
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.live import face, refresh
from dialogue.members import Member, label
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from dialogue.viewer import Viewer
from handlers import picking
from handlers.filing import office_of, tell_the_sales_department
from handlers.picking import FIELD, Several, may_give
from models import carrying, transfers
from models.carrying import GOES, Carrying, Load
from models.customers import Customer
from models.filings import Filing
from models.messages import Draft
from models.people import Staff, Unit, distinct, holders, key, present
from models.records import Matter
from models.transfers import SUBJECT, Asked, State, Transfer
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.TRANSFER_CUSTOMER
SEVERAL = Several()


def _taker(turn: Turn, answers: Answers, staff: Staff) -> bool:
    """Somebody who can have customers, and does not have all of these already."""
    owners = {each.owner_id for each in _customers(turn, answers)}
    return owners != {key(staff)} and transfers.taking_unit(turn.session, staff, (), turn.now) is not None


def _customers(turn: Turn, answers: Answers) -> list[Customer]:
    return [each for one in picking.chosen(answers) if (each := turn.session.get(Customer, one))]


def _near(turn: Turn, answers: Answers) -> Sequence[Staff]:
    """Those of the customers' own units first."""
    those = _customers(turn, answers)
    units, owners = {each.unit_id for each in those}, {each.owner_id for each in those}
    fits = [(each, unit) for each, unit in transfers.takers(turn.session, turn.now) if owners != {key(each)}]
    return distinct(each for each, _ in sorted(fits, key=lambda one: (one[1] not in units, key(one[0]))))


TO = Member(_taker, _near)


@flow.command("transfer", "转交", "转交客户", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    """「转交 华航橡胶、飞翼制造 给 艾梅」 is enough."""
    turn.need_any(NEEDS)
    what, _, to = text.replace(" to ", "给").partition("给")
    answers: Answers = {}
    why: Value = None
    picks: Sequence[tuple[Value, object]] = ()
    for name, kind, words in ((FIELD, SEVERAL, what.strip()), ("receiver", TO, to.strip())):
        try:
            answers |= {name: kind.read(turn, answers, words)} if words else {}
        except WrongAnswerError as wrong:
            why, picks = wrong.why, wrong.picks
            break
    reply = engine.begin(turn, FORM, answers)
    return engine.proceed(turn, engine.current(turn), why, picks) if why else reply


@flow.deed("transfer.open", needs=NEEDS)
def open_form(turn: Turn, customer: int | None = None) -> Reply:
    found = turn.session.get(Customer, customer) if customer is not None else None
    if customer is not None and (found is None or not may_give(turn, found)):
        raise NotAllowedError(NEEDS)
    answers: Answers = {FIELD: [customer], picking.CHOSEN: [customer]} if found is not None else {}
    return Reply(engine.begin(turn, FORM, answers).screen, new=True)


def card_button(turn: Turn, customer: Customer) -> tuple[Button, ...]:
    """On the customer's card, for those who may."""
    if not may_give(turn, customer):
        return ()
    return (Button(say("button.transfer"), "transfer.open", {"customer": key(customer)}),)


# Before it is saved: what goes along, what stays, who has to agree


def remark(turn: Turn, answers: Answers) -> Value:
    if FIELD not in answers or "receiver" not in answers:
        return None
    those, to = _customers(turn, answers), turn.session.get_one(Staff, answers["receiver"])
    unit = transfers.taking_unit(turn.session, to, {each.unit_id for each in those}, turn.now)
    if unit is None:
        return None
    load = Carrying(turn.session, turn.house, to, unit, turn.staff, turn.now).foreseen(those)
    return [*along(load), _rule(turn, those, unit), _needs(turn, those, to, unit)]


def along(load: Load) -> list[Say]:
    counts = load.counts
    return [say(f"carried.{kind}", count=counts[kind]) for kind in GOES if kind in counts]


def _rule(turn: Turn, those: Sequence[Customer], unit: int) -> Say:
    """What stays, in one sentence."""
    if all(each.unit_id == unit for each in those):
        return say("transfer.rule_inside")
    load = Carrying(turn.session, turn.house, turn.staff, unit, turn.staff, turn.now).foreseen(those)
    numbers = carrying.stay(turn.session, load)
    stays = say("transfer.stays", count=len(numbers), numbers=say("list", items=numbers)) if numbers else None
    return say("transfer.rule_between", unit=turn.session.get_one(Unit, unit).name, stays=stays)


def _needs(turn: Turn, those: Sequence[Customer], to: Staff, unit: int) -> Say | None:
    """Whose word it waits for after 保存."""
    office = office_of(turn)
    giving = sorted({each.unit_id for each in those} - {unit})
    if not giving:
        return None
    wants = [each for each in giving if not transfers.speaks_for(office, [each])]
    if to.id != turn.me and not transfers.speaks_for(office, [unit]):
        wants.append(unit)
    names = [say("transfer.word_of", unit=turn.session.get_one(Unit, each).name) for each in wants]
    return say("transfer.waits_for", names=say("list", items=names)) if names else None


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need_any(NEEDS)
    those = SEVERAL.checked(turn, answers[FIELD])
    to = TO.checked(turn, answers, answers["receiver"])
    unit = transfers.taking_unit(turn.session, to, {each.unit_id for each in those}, turn.now)
    moving = [each for each in those if (each.owner_id, each.unit_id) != (key(to), unit)]
    if unit is None or not moving:
        raise WrongAnswerError(say("wrong.member", text=to.name))
    if waits := transfers.waiting_with(turn.session, [key(each) for each in moving]):
        names = [each.called for each in moving if key(each) in waits]
        raise WrongAnswerError(say("transfer.waits_already", names=say("list", items=names[: picking.OFFERED])))
    asked = Asked(moving, to, unit, answers.get("reason") or None)
    transfer = transfers.ask(office_of(turn), asked)
    _go_on(turn, transfer)
    return Reply(card(turn, transfer))


def _go_on(turn: Turn, transfer: Transfer) -> None:
    """Those whose word it waits for are asked; once it is done, everybody concerned hears of it."""
    turn.session.flush()
    if transfer.state == State.WAITING:
        for each in _asked(turn, transfer):
            _tell(turn, each, card(turn.eyes_of(each), transfer), transfer)
    else:
        _ended(turn, transfer)
    refresh(turn, f"{SUBJECT}:{transfer.id}", turn.unique_key)


def _asked(turn: Turn, transfer: Transfer) -> list[Staff]:
    """First the heads of the units that give; then the receiver and their head."""
    session = turn.session
    if transfer.released_by is None:
        units = transfers.giving(session, transfer)
        return distinct(each for unit in units for each in holders(session, Role.UNIT_HEAD, unit, turn.now))
    to = session.get_one(Staff, transfer.to_id)
    return distinct([to, *holders(session, Role.UNIT_HEAD, transfer.unit_id, turn.now)])


def _tell(turn: Turn, who: Staff, screen: Screen, transfer: Transfer) -> None:
    for each in present(turn.session, who, turn.now):
        if key(each) != turn.me:
            unique_key = f"{turn.unique_key}:{SUBJECT}:{transfer.id}:{who.id}:{each.id}"
            tell(turn.session, each, screen, MessageClass.RECEIPT, unique_key, turn.now)


def _ended(turn: Turn, transfer: Transfer) -> None:
    session, done = turn.session, transfer.state == State.DONE
    rows = transfers.rows(session, transfer)
    to = session.get_one(Staff, transfer.to_id)
    owners = [session.get_one(Staff, each.owner_id) for each in rows]
    units = {transfer.unit_id, *(each.unit_id for each in rows)}
    heads = [each for unit in sorted(units) for each in holders(session, Role.UNIT_HEAD, unit, turn.now)]
    concerned = distinct([to, *owners, *heads, session.get_one(Staff, transfer.by_id)])
    for each in concerned if done else [each for each in concerned if each.id == transfer.by_id]:
        if each.active:
            _tell(turn, each, card(turn.eyes_of(each), transfer), transfer)
    if done:
        tell_the_sales_department(turn, session.get_one(Filing, transfer.filing_id))
    for number in transfer.moved.get("complaints", ()):
        refresh(turn, f"complaint:{number}", turn.unique_key)


# Its card


@face(SUBJECT)
def _face(view: Viewer, number: int) -> Screen:
    return card(view, view.session.get_one(Transfer, number))


def card(view: Viewer, transfer: Transfer) -> Screen:
    """How it stands, with the buttons of whoever may press them."""
    text = say(
        "transfer.card",
        state=say(f"transfer.state_{transfer.state}"),
        lines=transfer_lines(view, transfer),
        by=view.session.get_one(Staff, transfer.by_id).name,
        more=_waits(view, transfer) if transfer.state == State.WAITING else _result(view, transfer),
    )
    rows = _decide(view, transfer) if transfer.state == State.WAITING else _begin_with(view, transfer)
    return Screen(text, rows, f"{SUBJECT}:{transfer.id}")


def _waits(view: Viewer, transfer: Transfer) -> list[Say]:
    session, to = view.session, view.session.get_one(Staff, transfer.to_id)
    unit = session.get_one(Unit, transfers.side(session, transfer)).name
    word = "transfer.waits_release" if transfer.released_by is None else "transfer.waits_accept"
    lines = [say(word, unit=unit, name=to.name)]
    if transfers.taking_unit(session, to, [transfer.unit_id], view.now) != transfer.unit_id:
        lines.append(say("transfer.receiver_gone", name=to.name))
    those = transfers.still_there(session, transfer)
    load = Carrying(session, view.house, to, transfer.unit_id, view.staff, view.now).foreseen(those)
    gone = len(transfers.rows(session, transfer)) - len(those)
    return [*lines, *along(load), *([say("transfer.gone_meanwhile", count=gone)] if gone else [])]


def _result(view: Viewer, transfer: Transfer) -> list[Say]:
    if transfer.state != State.DONE:
        return [say("transfer.why_not", reason=transfer.opinion)] if transfer.opinion else []
    counts = transfer.moved["counts"]
    lines = [say(f"carried.{kind}", count=counts[kind]) for kind in GOES if kind in counts]
    gone = len(transfers.rows(view.session, transfer)) - len(transfer.moved["customers"])
    if gone:
        lines.append(say("transfer.gone_meanwhile", count=gone))
    if transfer.moved["stays"]:
        numbers = [view.session.get_one(Matter, each).number for each in transfer.moved["stays"]]
        lines.append(say("transfer.stays", count=len(numbers), numbers=say("list", items=numbers)))
    return [*lines, say("transfer.is_filed")]


def _decide(view: Viewer, transfer: Transfer) -> Rows:
    """Agree or refuse, for whoever speaks for the side whose turn it is; 撤回 for the one who asked."""
    this = {"transfer": key(transfer)}
    found = []
    if _speaks(view, transfer):
        word = "release" if transfer.released_by is None else "accept"
        found.append(Button(say(f"button.transfer_{word}"), "transfer.sign", this))
        found.append(Button(say("button.transfer_refuse"), "transfer.refuse", this))
    if transfer.by_id == view.me:
        found.append(Button(say("button.transfer_withdraw"), "transfer.withdraw", this))
    return (tuple(found),) if found else ()


def _speaks(view: Viewer, transfer: Transfer) -> bool:
    """Whether it waits for this person's word."""
    if transfer.released_by is None:
        units = transfers.giving(view.session, transfer)
        return all(view.may(NEEDS, Subject(unit=each)) for each in units)
    return transfer.to_id == view.me or view.may(NEEDS, Subject(unit=transfer.unit_id))


def _begin_with(view: Viewer, transfer: Transfer) -> Rows:
    """For the receiver: the open matters and the forms half filled in that came along."""
    if transfer.state != State.DONE or transfer.to_id != view.me:
        return ()
    shows = {"complaints": "complaint.show", "inquiries": "inquiry.show"}
    buttons = [
        Button(say("text", text=view.session.get_one(Matter, each).number), deed, {"matter": each})
        for kind, deed in shows.items()
        for each in transfer.moved.get(kind, ())[:4]
    ]
    for each in transfer.moved.get("drafts", ())[:2]:
        if (found := view.session.get(Draft, each)) and found.state == "kept":
            buttons.append(
                Button(say("button.resume_kept", title=say(f"form.{found.form}")), "form.card", {"draft": each})
            )
    return (*columns(buttons, 2), row(Button(say("button.customers"), "customers.open", {})))


# Agreed, refused, withdrawn


def _open_one(turn: Turn, number: int) -> Transfer:
    """One that concerns this person. "Not yours" and "not there" sound the same. Raises `NotAllowedError`."""
    found = turn.session.get(Transfer, number)
    if found is None or not (_speaks(turn, found) or turn.me in _told(turn, found)):
        raise NotAllowedError(NEEDS)
    return found


def _told(turn: Turn, transfer: Transfer) -> set[int | None]:
    owners = (each.owner_id for each in transfers.rows(turn.session, transfer))
    return {transfer.by_id, transfer.to_id, transfer.released_by, transfer.accepted_by, transfer.ended_by, *owners}


@flow.deed("transfer.show", needs=NEEDS)
def show(turn: Turn, transfer: int) -> Reply:
    return Reply(card(turn, _open_one(turn, transfer)), new=True)


@flow.deed("transfer.sign", needs=NEEDS)
def sign(turn: Turn, transfer: int) -> Reply:
    """同意转出, 接收: once each; with both it is done, all at once."""
    found = _open_one(turn, transfer)
    if found.state == State.WAITING and _speaks(turn, found):
        transfers.sign(office_of(turn), found)
        _go_on(turn, found)
    return Reply(card(turn, found))


@flow.deed("transfer.refuse", needs=NEEDS)
def refuse(turn: Turn, transfer: int) -> Reply:
    found = _open_one(turn, transfer)
    if found.state != State.WAITING or not _speaks(turn, found):
        return Reply(card(turn, found))
    return Reply(engine.begin(turn, REFUSING, {"transfer": transfer}).screen, new=True)


def _submit_refusal(turn: Turn, answers: Answers) -> Reply:
    found = _open_one(turn, answers["transfer"])
    if found.state == State.WAITING and _speaks(turn, found):
        transfers.end(office_of(turn), found, State.REFUSED, answers["text"])
        _go_on(turn, found)
    return Reply(card(turn, found))


@flow.deed("transfer.withdraw", needs=NEEDS)
def withdraw(turn: Turn, transfer: int) -> Reply:
    found = _open_one(turn, transfer)
    if found.by_id != turn.me:
        raise NotAllowedError(NEEDS)
    if found.state == State.WAITING:
        transfers.end(office_of(turn), found, State.WITHDRAWN)
        _go_on(turn, found)
    return Reply(card(turn, found))


def waiting_for_me(turn: Turn) -> list[Transfer]:
    return [each for each in transfers.waiting(turn.session) if _speaks(turn, each)] if turn.reaches(NEEDS) else []


def way(turn: Turn) -> Rows:
    """From the menu to what waits for this person's word."""
    count = len(waiting_for_me(turn))
    return ((Button(say("button.transfers", count=count), "transfer.mine", {}),),) if count else ()


@flow.deed("transfer.mine", needs=NEEDS)
def mine(turn: Turn) -> Reply:
    found = waiting_for_me(turn)
    if not found:
        return notice(say("transfer.none"))
    buttons = [
        Button(
            say("transfer.short", name=label(turn.session.get_one(Staff, each.to_id)), count=_count(turn, each)),
            "transfer.show",
            {"transfer": key(each)},
        )
        for each in found[: picking.OFFERED]
    ]
    return Reply(Screen(say("transfer.list", count=len(found)), columns(buttons, 1)), new=True)


def _count(turn: Turn, transfer: Transfer) -> int:
    return len(transfers.rows(turn.session, transfer))


FORM = Form(
    "transfer",
    NEEDS,
    (Field(FIELD, SEVERAL), Field("receiver", TO), Field("reason", Text(shortest=2), required=False)),
    submit,
    lambda _turn, _text: {},
    remark,
    ways=picking.ways,
)
REFUSING = Form(
    "refuse_transfer",
    NEEDS,
    (Field("transfer", Text(), hidden=True), Field("text", Text(shortest=2))),
    _submit_refusal,
    lambda _turn, _text: {},
)
flow.forms += [FORM, REFUSING]
