"""/case and the steps of a complaint: its card, progress, arrival, resolution, confirmation, closing, assignment."""

from __future__ import annotations

from collections.abc import Callable

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Colleagues, Flag, Text, start_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import talks
from models import complaints
from models.climbing import LIMIT
from models.clocks import running
from models.complaints import SUBJECT, NotNowError, reported
from models.customers import Customer
from models.people import Staff, distinct, holders, key, unit_ids_of_role
from models.records import Complaint, Entry, Matter, complaint_numbered, notes, open_complaints
from rules.complaint import ComplaintEvent, ComplaintState, may_follow
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, say

flow = Flow()


def subject_of(turn: Turn, matter: Matter, complaint: Complaint) -> Subject:
    customer = turn.session.get_one(Customer, matter.customer_id)
    departments = frozenset(unit_ids_of_role(turn.session, complaint.department, turn.now))
    return Subject(
        unit=matter.unit_id,
        owner=customer.owner_id,
        handler=complaint.handler_id,
        departments=departments,
        self_=matter.opened_by,
    )


def opened(turn: Turn, matter: int, action: Action) -> tuple[Matter, Complaint]:
    """A complaint by its id, if this person may do that to it. "Not yours" and "not there" sound the same."""
    found, complaint = turn.session.get(Matter, matter), turn.session.get(Complaint, matter)
    if found is None or complaint is None:
        turn.need(action, Subject())
        raise LookupError(matter)
    turn.need(action, subject_of(turn, found, complaint))
    return found, complaint


@flow.command("case", "投诉单", needs=Action.SEE_COMPLAINT)
def case(turn: Turn, text: str) -> Reply:
    if not text:
        return _open_ones(turn)
    found = complaint_numbered(turn.session, text)
    if found is None or not turn.may(Action.SEE_COMPLAINT, subject_of(turn, *found)):
        return notice(say("case.nothing", text=text[:30]))
    return Reply(whole(turn, *found))


def _open_ones(turn: Turn) -> Reply:
    mine = [each for each in open_complaints(turn.session) if turn.may(Action.SEE_COMPLAINT, subject_of(turn, *each))]
    if not mine:
        return notice(say("case.none_open"))
    buttons = [Button(_short(turn, *each), "complaint.show", {"matter": key(each[0])}) for each in mine[:9]]
    return Reply(Screen(say("case.open_ones", count=len(mine)), columns(buttons, 1)))


def _short(turn: Turn, matter: Matter, complaint: Complaint) -> Say:
    return say("case.short", number=matter.number, customer=turn.session.get_one(Customer, matter.customer_id).called)


@flow.deed("complaint.show", needs=Action.SEE_COMPLAINT)
def show(turn: Turn, matter: int) -> Reply:
    return Reply(whole(turn, *opened(turn, matter, Action.SEE_COMPLAINT)), new=True)


def whole(turn: Turn, matter: Matter, complaint: Complaint) -> Screen:
    story = [_line(turn, each) for each in notes(turn.session, key(matter))[-12:]]
    text = say("case.whole", card=card(turn, matter, complaint), story=story or say("case.no_story"))
    return Screen(text, case_buttons(turn, matter, complaint))


def card(turn: Turn, matter: Matter, complaint: Complaint) -> Say:
    customer = turn.session.get_one(Customer, matter.customer_id)
    handler = turn.session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    return say(
        "case.card",
        number=matter.number,
        state=say(f"complaint_state.{matter.state}"),
        customer=customer.called,
        complainant=complaint.complainant,
        phone=complaint.complainant_phone,
        type=say(f"complaint_type.{complaint.type}"),
        product=say("case.product", product=complaint.product) if complaint.product else None,
        what=complaint.what,
        received=complaint.received_at,
        handler=handler.name if handler else say("case.no_handler"),
        limit=_limit(turn, matter, complaint),
        reports=_reports(turn, matter),
        amount=say("case.amount", amount=f"{complaint.amount:,.0f}") if complaint.amount else None,
        evidence=say("case.evidence", count=len(complaint.evidence)) if complaint.evidence else None,
    )


def _limit(turn: Turn, matter: Matter, complaint: Complaint) -> Value:
    clock = next((each for each in complaints.limits(turn.session, matter)), None)
    where = "in" if complaint.in_province else "out"
    if clock is None or clock.closed_at is None:
        return say(f"case.limit_{where}", due=complaint.limit_at)
    in_time = "kept" if clock.closed_at <= complaint.limit_at else "late"
    return say(f"case.limit_{in_time}", why=say(f"stopped.{clock.stopped_by}"), at=clock.closed_at)


def _reports(turn: Turn, matter: Matter) -> Value:
    """R16.2: 近7天 部门 1/2 客户 2/2."""
    if matter.closed_at is not None:
        return None
    rule = turn.house.rulebook.progress
    since = turn.now - rule.within
    counts = {
        to: sum(1 for each in reported(turn.session, matter, to) if each.written_at > since)
        for to in ("department", "customer")
    }
    return say("case.reports", times=rule.times, **counts)


def _line(turn: Turn, entry: Entry) -> Say:
    by = turn.session.get_one(Staff, entry.by_id)
    said = entry.answers
    text = said.get("text") or "；".join(filter(None, (said.get("cause"), said.get("measure"))))
    return say(f"story.{entry.kind}", when=entry.at, by=by.name, text=text)


STEPS = (
    ("note", Action.NOTE_COMPLAINT, ComplaintEvent.NOTE),
    ("arrive", Action.ARRIVE, ComplaintEvent.ARRIVE),
    ("resolve", Action.RESOLVE, ComplaintEvent.RESOLVE),
    ("assign", Action.ASSIGN_COMPLAINT, ComplaintEvent.ASSIGN),
    ("confirm", Action.CONFIRM_COMPLAINT, ComplaintEvent.CONFIRM),
    ("close", Action.CLOSE_COMPLAINT, ComplaintEvent.CLOSE),
)


def case_buttons(turn: Turn, matter: Matter, complaint: Complaint) -> Rows:
    """The steps that this person may take in this state; the next step is always on the card."""
    subject = subject_of(turn, matter, complaint)
    state = ComplaintState(matter.state)
    arrived = not any(each.rule == LIMIT for each in running(turn.session, SUBJECT, key(matter)))
    buttons = [
        Button(say(f"button.{name}"), f"complaint.{name}", {"matter": key(matter)})
        for name, action, event in STEPS
        if may_follow(state, event) and turn.may(action, subject) and not (name == "arrive" and arrived)
    ]
    whole_story = Button(say("button.detail"), "complaint.show", {"matter": key(matter)})
    return columns([*buttons, whole_story], 3)


def _form(
    name: str,
    action: Action,
    fields: tuple[Field, ...],
    submit: Callable[[Turn, Answers], Reply],
    *,
    attachments: bool = False,
) -> Form:
    """A step of a complaint as a form; the complaint itself is a hidden answer."""
    form = Form(
        name,
        action,
        (Field("matter", Text(), hidden=True), *fields),
        submit,
        lambda _turn, _text: {},
        takes_attachments=attachments,
    )
    flow.forms.append(form)

    def begin(turn: Turn, matter: int) -> Reply:
        found, _ = opened(turn, matter, action)
        return Reply(engine.begin(turn, form, {"matter": key(found)}).screen, new=True)

    flow.deed(f"complaint.{name}", needs=action)(begin)
    return form


def _after(turn: Turn, matter: Matter, complaint: Complaint, done: Say) -> Reply:
    return Reply(
        Screen(say("case.done", done=done, card=card(turn, matter, complaint)), case_buttons(turn, matter, complaint))
    )


def _tell(turn: Turn, matter: Matter, complaint: Complaint, roles: tuple[str, ...], done: Say, unique: str) -> None:
    """Those who wait for this step hear of it at once."""
    session = turn.session
    concerned = [each for role in roles for each in holders(session, role, matter.unit_id, turn.now)]
    if complaint.handler_id:
        concerned.append(session.get_one(Staff, complaint.handler_id))
    for each in distinct(concerned):
        if key(each) != turn.me:
            theirs = Turn(session, turn.now, turn.house, each, turn.incoming, turn.desk)
            text = say("case.done", done=done, card=card(theirs, matter, complaint))
            tell(
                session,
                each,
                Screen(text, case_buttons(theirs, matter, complaint)),
                MessageClass.RECEIPT,
                f"{unique}:{each.id}",
                turn.now,
            )


def _not_now(matter: Matter) -> WrongAnswerError:
    return WrongAnswerError(say("case.not_now", number=matter.number, state=say(f"complaint_state.{matter.state}")))


def submit_note(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.NOTE_COMPLAINT)
    to = ["department", "customer"] if answers["to"] == "both" else [answers["to"]]
    try:
        entry = complaints.progress(
            turn.session, turn.house, matter, turn.staff, to, answers["text"], turn.now, answers.get("attachments", [])
        )
    except NotNowError as refused:
        raise _not_now(matter) from refused
    if "customer" in to:
        complaints.answered(turn.session, turn.house, matter, complaint, turn.now)
    done = say("done.note", by=turn.staff.name, text=answers["text"], number=matter.number)
    if "department" in to:
        _tell(turn, matter, complaint, (complaint.department,), done, f"note:{entry.id}")
    return _after(turn, matter, complaint, done)


def submit_arrive(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.ARRIVE)
    at = start_of(answers["when"], turn)
    if at < complaint.received_at:
        raise WrongAnswerError(say("wrong.before_received", when=complaint.received_at))
    try:
        entry = complaints.arrive(
            turn.session, turn.house, matter, complaint, turn.staff, at, answers.get("attachments", []), turn.now
        )
    except NotNowError as refused:
        raise _not_now(matter) from refused
    done = say(
        "done.arrive",
        by=turn.staff.name,
        when=at,
        number=matter.number,
        proof=None if entry.answers["proof"] else say("contact.no_proof"),
    )
    _tell(turn, matter, complaint, (complaint.department, Role.SALES_DEPT, Role.UNIT_HEAD), done, f"arrived:{entry.id}")
    return _after(turn, matter, complaint, done)


def submit_resolve(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.RESOLVE)
    try:
        entry = complaints.resolve(
            turn.session, turn.house, matter, turn.staff, answers["cause"], answers["measure"], turn.now
        )
    except NotNowError as refused:
        raise _not_now(matter) from refused
    done = say("done.resolve", by=turn.staff.name, number=matter.number)
    _tell(turn, matter, complaint, (Role.SALES_DEPT,), done, f"resolved:{entry.id}")
    return _after(turn, matter, complaint, done)


def submit_confirm(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.CONFIRM_COMPLAINT)
    try:
        entry = complaints.confirm(
            turn.session, turn.house, matter, complaint, turn.staff, answers["satisfied"], answers["text"], turn.now
        )
    except NotNowError as refused:
        raise _not_now(matter) from refused
    done = say(
        "done.satisfied" if answers["satisfied"] else "done.refused",
        by=turn.staff.name,
        number=matter.number,
        due=complaint.limit_at,
    )
    _tell(turn, matter, complaint, (Role.UNIT_HEAD, Role.SALES_DEPT), done, f"confirmed:{entry.id}")
    return _after(turn, matter, complaint, done)


def submit_close(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.CLOSE_COMPLAINT)
    try:
        entry = complaints.close_complaint(turn.session, turn.house, matter, turn.staff, answers["text"], turn.now)
    except NotNowError as refused:
        raise _not_now(matter) from refused
    done = say("done.close", by=turn.staff.name, number=matter.number)
    _tell(turn, matter, complaint, (Role.SALES_DEPT, Role.UNIT_HEAD, complaint.department), done, f"closed:{entry.id}")
    return _after(turn, matter, complaint, done)


def submit_assign(turn: Turn, answers: Answers) -> Reply:
    matter, complaint = opened(turn, answers["matter"], Action.ASSIGN_COMPLAINT)
    handler = turn.session.get(Staff, answers["handler"])
    if handler is None or not handler.active:
        raise WrongAnswerError(say("wrong.colleague", text=""))
    try:
        complaints.assign(turn.session, turn.house, matter, complaint, handler, turn.staff, turn.now)
    except NotNowError as refused:
        raise _not_now(matter) from refused
    done = say("done.assign", by=turn.staff.name, handler=handler.name, number=matter.number)
    _tell(turn, matter, complaint, (), done, f"assigned:{matter.id}:{turn.now.timestamp()}")
    return _after(turn, matter, complaint, done)


_form(
    "note",
    Action.NOTE_COMPLAINT,
    (Field("text", Text()), Field("to", Choice("report_to", ("both", "department", "customer")))),
    submit_note,
    attachments=True,
)
_form("arrive", Action.ARRIVE, (Field("when", talks.PAST),), submit_arrive, attachments=True)
_form("resolve", Action.RESOLVE, (Field("cause", Text()), Field("measure", Text())), submit_resolve)
_form(
    "confirm",
    Action.CONFIRM_COMPLAINT,
    (Field("satisfied", Flag()), Field("text", Text(quick=("nothing_said",)))),
    submit_confirm,
)
_form("close", Action.CLOSE_COMPLAINT, (Field("text", Text()),), submit_close)
_form("assign", Action.ASSIGN_COMPLAINT, (Field("handler", Colleagues(single=True)),), submit_assign)
