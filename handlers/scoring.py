"""/score 考核评分 (R3.1, R7.6): the quarterly sheet of a unit, drawn from the record; a draft until the sales department or
enterprise management publishes it, then as it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dialogue.forms import Flow, notice
from dialogue.owed import in_short
from dialogue.reviews import period
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.assessing import named
from handlers.choosing import turning
from handlers.tasks import entry_line
from models import rounds, score_marks, scores
from models.customers import Customer
from models.people import Staff, Unit, distinct, holders, key
from models.records import Complaint, Entry, Matter
from models.scores import Mark, ScoreAppeal, ScoreSheet
from rules import gate
from rules.cadence import Cycle
from rules.entries import Scoring
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEE_SCORES
SCORE = Action.SCORE_UNITS
A_PAGE = 10


@flow.command("score", "考核评分", needs=NEEDS)
def score(turn: Turn, _: str) -> Reply:
    return _first(turn, new=False)


@flow.deed("score.open", needs=NEEDS)
def open_score(turn: Turn) -> Reply:
    return _first(turn, new=True)


def _first(turn: Turn, *, new: bool) -> Reply:
    """The one unit's sheet, or the units side by side, of the last quarter that is over."""
    if turn.house.rulebook.scoring is None:
        return notice(say("score.no_rule"))
    units, quarter = within(turn), named(turn, rule_of(turn), None)
    return Reply(sheet(turn, units[0], quarter) if len(units) == 1 else _units(turn, quarter), new=new)


def rule_of(turn: Turn) -> Scoring:
    found = turn.house.rulebook.scoring
    if found is None:
        raise NotAllowedError(NEEDS)
    return found


def within(turn: Turn) -> list[int]:
    """The units whose scores this person sees."""
    reach = gate.scope(turn.actor, NEEDS)
    return [each for each in rounds.units(turn.session) if reach.all or each in reach.units]


def asked_for(turn: Turn, unit: int, quarter: str, action: Action = NEEDS) -> Cycle:
    """Raises `NotAllowedError` for a unit that is not theirs or is not scored."""
    turn.need(action, Subject(unit=unit))
    if unit not in rounds.units(turn.session):
        raise NotAllowedError(action)
    return named(turn, rule_of(turn), quarter)


# The units side by side


@flow.deed("score.units", needs=NEEDS)
def units(turn: Turn, quarter: str) -> Reply:
    return Reply(_units(turn, named(turn, rule_of(turn), quarter)))


def _units(turn: Turn, quarter: Cycle) -> Screen:
    those = within(turn)
    lines = [_unit_line(turn, each, quarter) for each in those]
    buttons = [
        Button(
            say("text", text=turn.session.get_one(Unit, each).name),
            "score.show",
            {"unit": each, "quarter": quarter.name},
        )
        for each in those
    ]
    text = say("score.units", quarter=period(quarter.name), lines=lines or say("ledger.empty"))
    return Screen(text, (*columns(buttons, 2), *_near(turn, "score.units", quarter, {})))


def _unit_line(turn: Turn, unit: int, quarter: Cycle) -> Say:
    found = scores.sheet_of(turn.session, unit, quarter.name)
    name = turn.session.get_one(Unit, unit).name
    if found is None:
        return say("score.unit_draft", unit=name)
    row = scores.appeal_of(turn.session, found)
    return say("score.unit", unit=name, total=_number(scores.final(found, row)), state=state_of(turn, found, row))


# One sheet


@flow.deed("score.show", needs=NEEDS)
def show(turn: Turn, unit: int, quarter: str) -> Reply:
    return Reply(sheet(turn, unit, asked_for(turn, unit, quarter)))


def marks_of(turn: Turn, unit: int, quarter: Cycle) -> tuple[ScoreSheet | None, list[Mark]]:
    """As it was published, else as the record has it now."""
    found = scores.sheet_of(turn.session, unit, quarter.name)
    if found is not None:
        return found, scores.marks_of(found)
    return None, score_marks.draft(turn.session, turn.house, unit, quarter.name, turn.now)


def sheet(turn: Turn, unit: int, quarter: Cycle, news: Say | None = None) -> Screen:
    found, marks = marks_of(turn, unit, quarter)
    row = scores.appeal_of(turn.session, found) if found else None
    text = say(
        "score.page",
        unit=turn.session.get_one(Unit, unit).name,
        quarter=period(quarter.name),
        state=state_of(turn, found, row),
        total=_number(scores.final(found, row) if found else scores.total(marks)),
        lines=[_line(turn, number, each) for number, each in enumerate(marks, 1)],
        appeal=_appeal(turn, found, row) if found and row else None,
        article=rule_of(turn).article,
    )
    return Screen(
        say("with_news", news=news, card=text) if news else text, _rows(turn, unit, quarter, found, row, marks)
    )


def _number(total: float | None) -> Value:
    return f"{total:g}" if total is not None else say("score.nothing")


def state_of(turn: Turn, found: ScoreSheet | None, row: ScoreAppeal | None) -> Say:
    if found is None:
        return say("score_state.draft")
    by = turn.session.get_one(Staff, found.by_id).name
    if row is None:
        words = "score_state.published" if turn.now < found.appeal_by else "score_state.final"
        return say(words, by=by, when=found.at, until=found.appeal_by - timedelta(minutes=1))
    return say(f"score_state.{row.decision or 'appealed'}", by=by, when=found.at)


def _appeal(turn: Turn, found: ScoreSheet, row: ScoreAppeal) -> Say:
    decided = say("score.appeal_waits", due=row.due_at) if row.due_at else None
    if row.decision is not None and row.decided_by is not None:
        by = turn.session.get_one(Staff, row.decided_by).name
        total, before = _number(row.total), _number(found.total)
        decided = say(
            f"score.decided_{row.decision}", by=by, when=row.decided_at, total=total, before=before, text=row.opinion
        )
    by = turn.session.get_one(Staff, row.by_id).name
    return say("score.appealed", by=by, when=row.at, text=row.reason, decided=decided)


def _line(turn: Turn, number: int, each: Mark) -> Say:
    what = next((one for one in rule_of(turn).criteria if one.id == each.id), None)
    name: Value = say("rule.says", zh=what.says, en=what.says_en) if what else each.id
    words = "score.line" if each.of else "score.line_nothing"
    points = f"{each.points:g}" if each.points is not None else ""
    return say(words, number=number, what=name, points=points, weight=each.weight, good=each.good, of=each.of)


def _rows(
    turn: Turn, unit: int, quarter: Cycle, found: ScoreSheet | None, row: ScoreAppeal | None, marks: list[Mark]
) -> Rows:
    here = {"unit": unit, "quarter": quarter.name}
    looks = [
        Button(
            say("button.score_rows", number=number, count=len(each.rows) + each.more),
            "score.rows",
            {**here, "number": number, "page": 0},
        )
        for number, each in enumerate(marks, 1)
        if each.rows
    ]
    ways = _deeds(turn, unit, quarter, found, row)
    return (*columns(looks, 4), *([tuple(ways)] if ways else []), *_near(turn, "score.show", quarter, {"unit": unit}))


def _deeds(turn: Turn, unit: int, quarter: Cycle, found: ScoreSheet | None, row: ScoreAppeal | None) -> list[Button]:
    """What is theirs to do with it now."""
    here, ours = {"unit": unit, "quarter": quarter.name}, Subject(unit=unit)
    if found is None:
        over = quarter.last < turn.today and turn.may(SCORE, ours)
        return [Button(say("button.publish_score"), "score.publish", here)] if over else []
    if row is None:
        mine = turn.now < found.appeal_by and turn.may(Action.APPEAL_SCORE, ours)
        return [Button(say("button.appeal"), "score.appeal", here)] if mine else []
    decides = row.decision is None and turn.may(Action.DECIDE_APPEAL, ours) and turn.me not in (found.by_id, row.by_id)
    return [Button(say("button.decide_appeal"), "score.decide", here)] if decides else []


def _near(turn: Turn, deed: str, quarter: Cycle, here: dict[str, object]) -> Rows:
    rule = rule_of(turn)
    before = rounds.period(rule.every, quarter.first - timedelta(days=1))
    after = rounds.period(rule.every, quarter.last + timedelta(days=1))
    near = [each for each in (before, after) if each.first <= turn.today]
    ways = [Button(period(each.name), deed, {**here, "quarter": each.name}) for each in near]
    if here and len(within(turn)) > 1:
        ways.append(Button(say("button.by_unit"), "score.units", {"quarter": quarter.name}))
    return (tuple(ways),)


# The rows behind a figure


@flow.deed("score.rows", needs=NEEDS)
def rows(turn: Turn, unit: int, quarter: str, number: int, page: int = 0) -> Reply:
    over = asked_for(turn, unit, quarter)
    _, marks = marks_of(turn, unit, over)
    if not 1 <= number <= len(marks):
        raise NotAllowedError(NEEDS)
    each = marks[number - 1]
    last = max(0, (len(each.rows) - 1) // A_PAGE)
    page = max(0, min(page, last))
    shown = list(enumerate(each.rows, 1))[page * A_PAGE : (page + 1) * A_PAGE]
    here = {"unit": unit, "quarter": over.name}
    text = say(
        "score.rows",
        head=_line(turn, number, each),
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        lines=[say("score.row", number=n, what=_row(turn, list(row))) for n, row in shown] or say("ledger.empty"),
        more=say("score.more", count=each.more) if each.more else None,
    )
    turns = turning("score.rows", page, last, lambda to: {**here, "number": number, "page": to})
    return Reply(Screen(text, ((*turns, Button(say("button.back"), "score.show", here)),)))


def _row(turn: Turn, row: list[object]) -> Value:
    """What a row finds again, in words."""
    match row:
        case ["slot", str(rule), "customer", int(customer), str(due)]:
            return say("score_row.slot", what=_duty(turn, rule), whom=_called(turn, customer), due=_day(turn, due))
        case ["slot", str(rule), "staff", int(staff), str(due)]:
            name = turn.session.get_one(Staff, staff).name
            return say("score_row.slot", what=_duty(turn, rule), whom=name, due=_day(turn, due))
        case ["slot", str(rule), _, _, str(due)]:
            return say("score_row.slot", what=_duty(turn, rule), whom=None, due=_day(turn, due))
        case ["line", str(rule), customer, int(month)]:
            whom = _called(turn, customer) if isinstance(customer, int) else say("plan.nobody_yet")
            return say("score_row.line", what=_duty(turn, rule), whom=whom, month=month)
        case ["case", int(matter)]:
            found, complaint = turn.session.get_one(Matter, matter), turn.session.get_one(Complaint, matter)
            return say(
                "score_row.case",
                number=found.number,
                customer=_called(turn, found.customer_id),
                when=complaint.received_at,
            )
        case ["entry", int(entry)]:
            return entry_line(turn, turn.session.get_one(Entry, entry))
        case ["report", str(rule), str(name)]:
            return say("score_row.report", what=_duty(turn, rule), period=period(name))
    return ""


def _day(turn: Turn, due: str) -> date:
    return turn.house.calendar.local(datetime.fromisoformat(due)).date()


def _duty(turn: Turn, rule: str) -> Value:
    """The rule in a few words; its name, where the company has it no more."""
    known = {each.id: each for each in turn.house.rulebook.entries}
    return in_short(known[rule]) if rule in known else rule


def _called(turn: Turn, customer: int) -> str:
    found = turn.session.get(Customer, customer)
    return found.called if found else ""


# Publishing


@flow.deed("score.publish", needs=SCORE)
def publish(turn: Turn, unit: int, quarter: str) -> Reply:
    """Once published it stays: asked once more."""
    over = asked_for(turn, unit, quarter, SCORE)
    if not _ready(turn, unit, over):
        return Reply(sheet(turn, unit, over))
    here = {"unit": unit, "quarter": over.name}
    yes, back = Button(say("button.publish_now"), "score.confirm", here), Button(say("button.back"), "score.show", here)
    _, marks = marks_of(turn, unit, over)
    text = say(
        "score.sure",
        unit=turn.session.get_one(Unit, unit).name,
        quarter=period(over.name),
        total=_number(scores.total(marks)),
        days=rule_of(turn).appeal_workdays,
    )
    return Reply(Screen(text, ((yes, back),)))


def _ready(turn: Turn, unit: int, over: Cycle) -> bool:
    """The quarter is over, and nothing of it was published."""
    return over.last < turn.today and scores.sheet_of(turn.session, unit, over.name) is None


@flow.deed("score.confirm", needs=SCORE)
def confirm(turn: Turn, unit: int, quarter: str) -> Reply:
    over = asked_for(turn, unit, quarter, SCORE)
    if not _ready(turn, unit, over):
        return Reply(sheet(turn, unit, over))
    _, marks = marks_of(turn, unit, over)
    scores.publish(turn.session, turn.house, unit, over.name, marks, turn.staff, turn.now)
    turn.session.flush()
    told(turn, unit, over, say("score.was_published", by=turn.staff.name), (Role.UNIT_HEAD, Role.VICE_PRESIDENT))
    return Reply(sheet(turn, unit, over))


def told(turn: Turn, unit: int, over: Cycle, news: Say, roles: tuple[Role, ...], *others: Staff) -> None:
    """Those concerned get the sheet with the news on it, and what is theirs to do with it."""
    concerned = [one for role in roles for one in holders(turn.session, role, unit, turn.now)]
    for each in distinct([*concerned, *others]):
        view = turn.seen_by(each)
        if key(each) != turn.me and view.may(NEEDS, Subject(unit=unit)):
            screen = sheet(view, unit, over, news)
            tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
