"""/away 请假: from when to when, who stands in; what is due goes to them for that time, and comes back by itself."""

from __future__ import annotations

from datetime import timedelta

from dialogue import engine, leaves
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.leave_kinds import NOBODY, LeaveSpan, Substitute, as_text, moments, named, unknown_name
from dialogue.leaves import posts_of, span, span_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from models import absences, leave, people
from models.absences import Absence
from models.leave import Leave
from models.people import Staff, key
from reading.leave import asked_for
from reading.leave import leave as read_leave
from rules.gate import LENT_ROLES, Action, Subject
from words import Say, Value, pack, say

flow = Flow()
NEEDS = Action.TAKE_LEAVE
SPAN, SUBSTITUTE = LeaveSpan(), Substitute()


@flow.command("away", "请假", "外出", "出差", "代理人", needs=NEEDS)
def away(turn: Turn, text: str) -> Reply:
    if text:
        return engine.begin(turn, FORM, fill(turn, text))
    there = absences.mine(turn.session, turn.me, turn.now)
    return Reply(_overview(turn, there)) if there else engine.begin(turn, FORM, {})


@flow.deed("away.open", needs=NEEDS)
def open_form(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def begun(turn: Turn, text: str) -> Reply | None:
    """请假明天 as people write it, without a blank or the other way round."""
    rest = asked_for(text, turn.local_now, turn.house.calendar) if turn.reaches(NEEDS) else None
    return away(turn, rest) if rest is not None else None


def fill(turn: Turn, text: str) -> Answers:
    """What the line says, as far as it can be taken; what can't is said before the question."""
    answers: Answers = {}
    found = read_leave(text, turn.local_now, turn.house.calendar)
    rest = found[1] if found else text
    try:
        if found:
            answers["span"] = SPAN.checked(turn, as_text(*found[0]))
        answers |= _substitute(turn, answers, rest)
    except WrongAnswerError as wrong:
        answers[HINT] = pack(wrong.why)
    return answers


def _substitute(turn: Turn, answers: Answers, rest: str) -> Answers:
    found = named(turn, rest)
    if found is not None:
        return {"substitute": SUBSTITUTE.checked(turn, answers, found)}
    name = unknown_name(rest)
    return {HINT: pack(say("wrong.colleague", text=name))} if name else {}


def _wanted(turn: Turn, answers: Answers) -> Leave:
    substitute = turn.session.get_one(Staff, answers["substitute"]) if answers["substitute"] != NOBODY else None
    return Leave(*moments(turn, answers["span"]), substitute)


def remark(turn: Turn, answers: Answers) -> Value:
    """What follows from it: how long, where all of it goes, what does not go along, who hears of it."""
    if "span" not in answers or "substitute" not in answers:
        return None
    what = _wanted(turn, answers)
    above = people.above(turn.session, turn.staff, turn.now)
    kept = [seat for seat in people.seats(turn.session, turn.me, turn.now) if seat.role not in LENT_ROLES]
    return [
        _how_long(turn, what),
        say("leave.goes_to", name=what.substitute.name) if what.substitute else say("leave.goes_up"),
        say("leave.not_lent") if kept else None,
        *(_also_away(turn, each) for each in _overlaps(turn, what)),
        say("leave.told_too", names=say("list", items=[each.name for each in above])) if above else None,
    ]


def _how_long(turn: Turn, what: Leave) -> Say:
    first, last = (turn.house.calendar.local(each) for each in (what.starts, what.ends - timedelta(seconds=1)))
    days = [first.date() + timedelta(days=each) for each in range((last.date() - first.date()).days + 1)]
    working = sum(turn.house.calendar.is_workday(each) for each in days)
    return say("leave.length", count=len(days), working=working)


def _overlaps(turn: Turn, what: Leave) -> list[Absence]:
    """When the substitute is away too."""
    there = absences.between(turn.session, what.starts, what.ends) if what.substitute else []
    return [each for each in there if what.substitute and each.staff_id == what.substitute.id]


def _also_away(turn: Turn, absence: Absence) -> Say:
    name = turn.session.get_one(Staff, absence.staff_id).name
    theirs = turn.session.get(Staff, absence.substitute_id) if absence.substitute_id else None
    who = theirs.name if theirs else say("leave.nobody")
    return say("leave.also_away", name=name, span=span(turn.house, absence), substitute=who)


# Taken or changed


def submit(turn: Turn, answers: Answers) -> Reply:
    SPAN.checked(turn, answers["span"])
    SUBSTITUTE.checked(turn, answers, answers["substitute"])
    what, old = _wanted(turn, answers), _mine(turn, answers["absence"]) if "absence" in answers else None
    _need_free(turn, what, old)
    if old is not None and old.ends > turn.now and _goes_on(old, what, turn):
        leave.move_end(turn.session, turn.house, old, what.ends, turn.staff, turn.now)
        leaves.tell_substitute(turn.session, old, _news(turn, what, "leave.changed_for_you"), turn.now)
        return _saved(turn, old, what)
    if old is not None and old.ends > turn.now:
        _put_aside(turn, old, what)
    absence = leave.take(turn.session, turn.house, turn.staff, what, turn.now)
    if absence.starts <= turn.now:
        leaves.tell_beginning(turn.session, turn.house, absence, turn.now)
        leave.begun(turn.session, turn.house, absence)
    else:
        leaves.tell_substitute(turn.session, absence, _news(turn, what, "leave.asked_of_you"), turn.now)
    return _saved(turn, absence, what)


def _goes_on(old: Absence, what: Leave, turn: Turn) -> bool:
    """Only its end is another: it has begun, and the same person stands in."""
    return old.starts <= turn.now and old.substitute_id == (what.substitute.id if what.substitute else None)


def _put_aside(turn: Turn, old: Absence, what: Leave) -> None:
    leave.end(turn.session, old, turn.staff, turn.now)
    if old.substitute_id != (what.substitute.id if what.substitute else None):
        leaves.tell_substitute(turn.session, old, _news(turn, what, "leave.not_you"), turn.now)


def _need_free(turn: Turn, what: Leave, old: Absence | None) -> None:
    """Nobody is away twice at a time. Raises `WrongAnswerError`, with the way to the other."""
    there = absences.mine(turn.session, turn.me, turn.now)
    for each in there:
        if (old is None or each.id != old.id) and each.starts < what.ends and each.ends > what.starts:
            raise WrongAnswerError(say("wrong.leave_twice", span=span(turn.house, each)), rows=(row(_to_change(each)),))


def _news(turn: Turn, what: Leave, words: str) -> Say:
    posts = posts_of(turn.session, turn.staff, turn.now, lent=True)
    return say(words, name=turn.staff.name, span=span_of(turn.house, what.starts, what.ends), posts=posts)


def _saved(turn: Turn, absence: Absence, what: Leave) -> Reply:
    told = _tell_above(turn, absence, what)
    text = say(
        "leave.saved",
        span=span(turn.house, absence),
        substitute=what.substitute.name if what.substitute else say("leave.nobody"),
        told=say("leave.told", names=say("list", items=told)) if told else None,
    )
    return Reply(Screen(text, (_ways(turn, absence),)))


def _tell_above(turn: Turn, absence: Absence, what: Leave) -> list[str]:
    """The superior knows who is away and whom to ask; not where that is the substitute, who knows."""
    told = []
    for each in people.above(turn.session, turn.staff, turn.now):
        if each.id == turn.me or (what.substitute and each.id == what.substitute.id):
            continue
        who = what.substitute.name if what.substitute else say("leave.nobody")
        text = say("leave.told_above", name=turn.staff.name, span=span(turn.house, absence), substitute=who)
        unique_key = f"{turn.unique_key}:leave:{each.id}"
        if tell(turn.session, each, Screen(text), MessageClass.RECEIPT, unique_key, turn.now):
            told.append(each.name)
    return told


# Shown, ended


def _overview(turn: Turn, there: list[Absence]) -> Screen:
    lines = [_line(turn, each) for each in there]
    standing = [_line_of_another(turn, each) for each in people.stood_in_for(turn.session, turn.me, turn.now)]
    text = say("leave.mine", lines=lines, standing=say("leave.standing", lines=standing) if standing else None)
    again = Button(say("button.another_leave"), "away.open", {})
    return Screen(text, (*(_ways(turn, each) for each in there[:4]), row(again)))


def _line(turn: Turn, absence: Absence) -> Say:
    substitute = turn.session.get(Staff, absence.substitute_id) if absence.substitute_id else None
    words = "leave.now" if absence.starts <= turn.now else "leave.ahead"
    return say(words, span=span(turn.house, absence), substitute=substitute.name if substitute else say("leave.nobody"))


def _line_of_another(turn: Turn, staff: Staff) -> Say:
    theirs = absences.absence_of(turn.session, key(staff), turn.now)
    return say("leave.standing_line", name=staff.name, until=theirs.ends if theirs else None)


def _ways(turn: Turn, absence: Absence) -> tuple[Button, ...]:
    words = "button.leave_end" if absence.starts <= turn.now else "button.leave_off"
    return row(_to_change(absence), Button(say(words), "away.end", {"absence": key(absence)}))


def _to_change(absence: Absence) -> Button:
    return Button(say("button.leave_change"), "away.change", {"absence": key(absence)})


def _mine(turn: Turn, number: int) -> Absence:
    """An absence of this person's own. "Not yours" and "not there" sound the same."""
    found = turn.session.get(Absence, number)
    turn.need(NEEDS, Subject(self_=found.staff_id if found else None))
    if found is None:
        raise LookupError(f"absence {number}")
    return found


@flow.deed("away.change", needs=NEEDS)
def change(turn: Turn, absence: int) -> Reply:
    """Other days, or another substitute: the card as it was, to be edited."""
    found = _mine(turn, absence)
    if found.ends <= turn.now:
        return notice(say("leave.is_over"))
    local = turn.house.calendar.local
    known: Answers = {
        "absence": key(found),
        "span": as_text(local(found.starts), local(found.ends)),
        "substitute": found.substitute_id or NOBODY,
    }
    return Reply(engine.begin(turn, FORM, known).screen, new=True)


@flow.deed("away.end", needs=NEEDS)
def end(turn: Turn, absence: int) -> Reply:
    """提前结束: from this minute on everything is theirs again. One that lies ahead is called off."""
    found = _mine(turn, absence)
    if found.ends <= max(found.starts, turn.now):
        return notice(say("leave.is_over"))
    had_begun = found.starts <= turn.now
    leave.end(turn.session, found, turn.staff, turn.now)
    words = "leave.is_back" if had_begun else "leave.called_off_for_you"
    leaves.tell_substitute(turn.session, found, say(words, name=turn.staff.name), turn.now)
    return Reply(leaves.came_back(turn, found)) if had_begun else notice(say("leave.called_off"))


FORM = Form(
    "leave",
    NEEDS,
    (Field("absence", Text(), required=False, hidden=True), Field("span", SPAN), Field("substitute", SUBSTITUTE)),
    submit,
    fill,
    remark,
)
flow.forms.append(FORM)
