"""备案 at the sales department (R9.2): new customers, changes and transfers are taken on record with a receipt, one by one or a
page at a time, or returned with a reason; a 撞单 is decided, and both sides hear why."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.filings import called, changed, described, short
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import Text
from dialogue.live import face, refresh
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from dialogue.viewer import Viewer
from handlers.choosing import turning
from models import filings
from models.customers import Customer
from models.filings import Decision, Filing, Kind, Office
from models.messages import Draft
from models.people import Staff, Unit, distinct, holders, key, present
from papers.filings import outcome
from rules import gate
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.FILE_CUSTOMER
A_PAGE = 6


def tell_the_sales_department(turn: Turn, filing: Filing) -> None:
    """The card to file or to decide."""
    turn.session.flush()
    for each in distinct(holders(turn.session, Role.SALES_DEPT, filing.unit_id, turn.now)):
        unique_key = f"filing:{filing.id}:{turn.unique_key}:{each.id}"
        tell(turn.session, each, card(turn.eyes_of(each), filing), MessageClass.RECEIPT, unique_key, turn.now)


def card(view: Viewer, filing: Filing) -> Screen:
    text, subject = described(view, filing), f"{filings.SUBJECT}:{filing.id}"
    if filing.state != "waiting" or not view.may(NEEDS, Subject(unit=filing.unit_id)):
        rows = () if filing.customer_id is None else (row(_look(filing.customer_id)),)
        return Screen(say("filing.over", card=text, outcome=outcome(filing)), rows, subject)
    before = say("filing.returned_before", reason=filing.opinion) if filing.opinion else None
    text = say("filing.over", card=text, outcome=before) if before else text
    return Screen(text, _clash_rows(filing) if filing.is_clash else _rows(filing), subject)


@face(filings.SUBJECT)
def _face(view: Viewer, number: int) -> Screen:
    return card(view, view.session.get_one(Filing, number))


def _rows(filing: Filing) -> Rows:
    this = {"filing": key(filing)}
    file = Button(say("button.file"), "filing.decide", {**this, "decision": Decision.FILED})
    back = Button(say("button.return"), "filing.return", this)
    return (row(file, back, *([_look(filing.customer_id)] if filing.customer_id else [])),)


def _clash_rows(filing: Filing) -> Rows:
    this = {"filing": key(filing)}
    ways = (Decision.THEIRS, Decision.OURS, Decision.SEPARATE)
    decide = [Button(say(f"button.clash_{each}"), "filing.decide", {**this, "decision": each}) for each in ways]
    return (*columns(decide, 2), row(_look(filing.clash_id)))


def _look(customer: int | None) -> Button:
    return Button(say("button.customer"), "customer.card", {"customer": customer})


def way(turn: Turn) -> Rows:
    """The way to what waits to be filed, for those who file; to what was returned, for those who mend it."""
    found = []
    if gate.scope(turn.actor, NEEDS).all and (count := len(filings.waiting(turn.session))):
        found.append(Button(say("button.filings", count=count), "filing.list", {}))
    if count := len(filings.returned_to(turn.session, turn.me)):
        found.append(Button(say("button.filings_returned", count=count), "filings.returned", {}))
    return (tuple(found),) if found else ()


@flow.command("filings", "备案", "撞单", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    return Reply(_listed(turn, 0))


@flow.deed("filing.list", needs=NEEDS)
def listed(turn: Turn, page: int | None = None) -> Reply:
    return Reply(_listed(turn, page or 0), new=page is None)


def _listed(turn: Turn, page: int) -> Screen:
    """What waits, with what it says, so that a page can be taken on record in one tap."""
    found = [each for each in filings.waiting(turn.session) if turn.may(NEEDS, Subject(unit=each.unit_id))]
    if not found:
        return Screen(say("filing.none"))
    last = (len(found) - 1) // A_PAGE
    page = max(0, min(page, last))
    shown = found[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [say("filing.numbered", number=n, line=_line(turn, each)) for n, each in enumerate(shown, 1)]
    text = say("filing.list", count=len(found), lines=lines, page=_page(page, last))
    buttons = [Button(short(turn, each), "filing.show", {"filing": key(each)}) for each in shown]
    ways = turning("filing.list", page, last, lambda to: {"page": to})
    plain = [key(each) for each in shown if not each.is_clash]
    if plain:
        ways.append(Button(say("button.file_page", count=len(plain)), "filing.page", {"ids": plain, "page": page}))
    return Screen(text, (*columns(buttons, 1), *([tuple(ways)] if ways else [])))


def _page(page: int, last: int) -> Say | None:
    return say("page", page=page + 1, pages=last + 1) if last else None


def _line(turn: Turn, filing: Filing) -> Say:
    by, unit = turn.session.get_one(Staff, filing.by_id).name, turn.session.get_one(Unit, filing.unit_id).name
    line = say("filing.line", what=short(turn, filing), unit=unit, by=by, when=filing.made_at)
    return say("filing.with_changes", line=line, lines=changed(turn, filing)) if filing.kind == Kind.CHANGE else line


def _found(turn: Turn, filing: int) -> Filing:
    found = turn.session.get_one(Filing, filing)
    turn.need(NEEDS, Subject(unit=found.unit_id))
    return found


@flow.deed("filing.show", needs=NEEDS)
def show(turn: Turn, filing: int) -> Reply:
    return Reply(card(turn, _found(turn, filing)), new=True)


def office_of(turn: Turn) -> Office:
    return Office(turn.session, turn.house, turn.staff, turn.now)


@flow.deed("filing.decide", needs=NEEDS)
def decide(turn: Turn, filing: int, decision: str) -> Reply:
    """Taken on record by one tap; a 撞单 is decided with its reason."""
    found = _found(turn, filing)
    if found.state != "waiting":
        return Reply(card(turn, found))
    if found.is_clash:
        return Reply(engine.begin(turn, DECIDING, {"filing": filing, "decision": decision}).screen, new=True)
    _file(turn, [found])
    return Reply(card(turn, found))


@flow.deed("filing.page", needs=NEEDS)
def decide_page(turn: Turn, ids: list[int], page: int = 0) -> Reply:
    """What was looked at on this page, and still waits."""
    found = [each for each in (_found(turn, number) for number in ids) if each.state == "waiting" and not each.is_clash]
    _file(turn, found)
    numbers = say("list", items=[each.number for each in found])
    told = say("filing.page_filed", count=len(found), numbers=numbers) if found else say("filing.page_gone")
    rest = _listed(turn, page)
    return Reply(Screen(say("filing.over", card=told, outcome=rest.text), rest.rows))


def _file(turn: Turn, found: Sequence[Filing]) -> None:
    """Each gets its number; each person one receipt for all of theirs."""
    for each in found:
        filings.decide(office_of(turn), each, Decision.FILED)
    turn.session.flush()
    for author in dict.fromkeys(each.by_id for each in found):
        _receipt(turn, [each for each in found if each.by_id == author])
    for each in found:
        refresh(turn, f"{filings.SUBJECT}:{each.id}", turn.unique_key)


def _receipt(turn: Turn, those: Sequence[Filing]) -> None:
    """备案回执: number, day, and what stood before and stands now. One of a new customer leads on with a form that waited."""
    author = turn.session.get_one(Staff, those[0].by_id)
    view = turn.eyes_of(author)
    lines = [
        say(
            "filing.receipt_line",
            number=each.number,
            what=short(view, each),
            lines=changed(view, each) if each.kind == Kind.CHANGE else None,
        )
        for each in those
    ]
    text = say("filing.receipt", lines=lines, by=turn.staff.name, when=turn.now)
    rows = tuple(_ways_on(turn, each) for each in those[:1]) if len(those) == 1 else ()
    _tell(turn, author, those[0], Screen(text, tuple(each for each in rows if each)))


def _ways_on(turn: Turn, filing: Filing) -> tuple[Button, ...]:
    customer = turn.session.get(Customer, filing.customer_id) if filing.customer_id else None
    if customer is None:
        return ()
    waiting = turn.session.get(Draft, filing.draft_id) if filing.draft_id else None
    waits = waiting is not None and waiting.state in ("open", "kept") and "customer" not in waiting.answers
    if waiting is None or not waits:
        return (_look(key(customer)),)
    on = {"draft": key(waiting), "customer": key(customer)}
    title = say(f"form.{waiting.form}")
    return (Button(say("button.resume_kept", title=title), "newcomer.go_on", on), _look(key(customer)))


# 撞单


def _submit_decision(turn: Turn, answers: Answers) -> Reply:
    found = _found(turn, answers["filing"])
    if found.state != "waiting":
        return Reply(card(turn, found))
    other = turn.session.get_one(Customer, found.clash_id)
    before = _original_side(turn, other)
    customer = filings.decide(office_of(turn), found, Decision(answers["decision"]), answers["text"])
    turn.session.flush()
    _tell_author(turn, found)
    for each in before:
        if key(each) not in (turn.me, found.by_id):
            _tell(turn, each, found, Screen(_for_original(turn, found, customer or other)))
    refresh(turn, f"{filings.SUBJECT}:{found.id}", turn.unique_key)
    return Reply(card(turn, found))


def _original_side(turn: Turn, customer: Customer) -> list[Staff]:
    """Who has the customer so far, while they are away whoever stands in, and their unit head."""
    owner = turn.session.get_one(Staff, customer.owner_id)
    heads = holders(turn.session, Role.UNIT_HEAD, customer.unit_id, turn.now)
    return distinct([*present(turn.session, owner, turn.now), *heads])


def _tell(turn: Turn, who: Staff, filing: Filing, screen: Screen) -> None:
    unique_key = f"{turn.unique_key}:filed:{filing.id}:{who.id}"
    for each in present(turn.session, who, turn.now):
        tell(turn.session, each, screen, MessageClass.RECEIPT, f"{unique_key}:{each.id}", turn.now)


def _why(filing: Filing) -> Say:
    return say("filing.why", reason=filing.opinion)


def _tell_author(turn: Turn, filing: Filing) -> None:
    """The decision with its reason. A file that stays theirs is not shown."""
    name = filing.facts["name"]
    text = say(f"filing.told_{filing.decision}", name=name, number=filing.number, reason=_why(filing))
    buttons = () if filing.decision == Decision.THEIRS else _ways_on(turn, filing)
    _tell(turn, turn.session.get_one(Staff, filing.by_id), filing, Screen(text, (buttons,) if buttons else ()))


def _for_original(turn: Turn, filing: Filing, customer: Customer) -> Say:
    return say(
        f"filing.original_{filing.decision}",
        customer=turn.session.get_one(Customer, filing.clash_id).called,
        unit=turn.session.get_one(Unit, filing.unit_id).name,
        by=turn.session.get_one(Staff, customer.owner_id if filing.decision == Decision.OURS else filing.by_id).name,
        reason=_why(filing),
    )


def _about(turn: Turn, answers: Answers) -> Value:
    return called(turn, turn.session.get_one(Filing, answers["filing"]))


DECIDING = Form(
    "decide_clash",
    NEEDS,
    (Field("filing", Text(), hidden=True), Field("decision", Text(), hidden=True), Field("text", Text(shortest=2))),
    _submit_decision,
    lambda _turn, _text: {},
    remark=lambda _turn, answers: say("filing.will_be", decision=say(f"button.clash_{answers['decision']}")),
    about=_about,
)


# 退回


@flow.deed("filing.return", needs=NEEDS)
def send_back(turn: Turn, filing: int) -> Reply:
    found = _found(turn, filing)
    if found.state != "waiting" or found.is_clash:
        return Reply(card(turn, found))
    return Reply(engine.begin(turn, RETURNING, {"filing": filing}).screen, new=True)


def _submit_return(turn: Turn, answers: Answers) -> Reply:
    """Whoever filed it hears why, and so does whoever keeps the customer now; with the ways to mend it."""
    found = _found(turn, answers["filing"])
    if found.state != "waiting" or found.is_clash:
        return Reply(card(turn, found))
    filings.send_back(office_of(turn), found, answers["text"])
    turn.session.flush()
    for each in _menders(turn, found):
        _tell(turn, each, found, returned_card(turn.eyes_of(each), found))
    refresh(turn, f"{filings.SUBJECT}:{found.id}", turn.unique_key)
    return Reply(card(turn, found))


def _menders(turn: Turn, filing: Filing) -> list[Staff]:
    customer = turn.session.get(Customer, filing.customer_id) if filing.customer_id else None
    ids = [filing.by_id, *([customer.owner_id] if customer else [])]
    return [each for each in distinct(turn.session.get_one(Staff, one) for one in ids) if each.active]


def returned_card(view: Viewer, filing: Filing) -> Screen:
    """What was returned and why, with the ways to mend it."""
    text = say("filing.over", card=described(view, filing), outcome=outcome(filing))
    again = Button(say("button.file_again"), "filings.again", {"filing": key(filing)})
    if filing.customer_id is None:
        return Screen(text, (row(Button(say("button.transfer"), "transfer.open", {}), again),))
    return Screen(text, (row(Button(say("button.file_edit"), "file.edit", {"customer": filing.customer_id}), again),))


RETURNING = Form(
    "return_filing",
    NEEDS,
    (Field("filing", Text(), hidden=True), Field("text", Text(shortest=2))),
    _submit_return,
    lambda _turn, _text: {},
    about=_about,
)
flow.forms += [DECIDING, RETURNING]
