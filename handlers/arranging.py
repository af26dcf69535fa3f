"""Rest and make-up days are entered: a notice or single days, what is understood and what moves shown before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dialogue.day_kinds import DayChanges, Notice, NoticeYear
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.owed import about, in_short, item_of
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from models.clocks import Clock
from models.messages import Draft
from models.moving import Move, arrange, by_rule, foresee
from models.overviews import owners
from models.people import key
from models.working_days import Arrangement, Change, Changes, left_out, new_ones
from reading.arrangement import Arrangement as Read
from reading.arrangement import Doubt, Holiday, Why, arrangement, year_named
from reading.arrangement_words import HOLIDAYS
from rules.gate import Action
from words import Say, Value, pack, say

flow = Flow()
NEEDS = Action.KEEP_CALENDAR
EXAMPLES, KINDS_SHOWN, PAGE, ROWS_SHOWN = 2, 4, 8, 12


# What is understood


def _read(answers: Answers) -> Read:
    return arrangement(answers["notice"], answers["year"])


def _changes(turn: Turn, answers: Answers) -> Changes:
    """What the days become: those of the notice, then what was corrected by hand. Days that an earlier notice for the whole year
    set and this one leaves out are as before again."""
    changes: dict[date, Change] = {}
    if "notice" in answers:
        read = _read(answers)
        changes |= {day: Change(works, read.names[day]) for day, works in read.days.items()}
        if read.whole:
            changes = {day: Change(None) for day in left_out(turn.session, answers["year"], changes)} | changes
    for written, works in answers.get("days", []):
        day = date.fromisoformat(written)
        changes[day] = Change(works, changes[day].name if day in changes and works is not None else "")
    return new_ones(turn.session, changes)


def holiday_said(names: str) -> Value:
    """The names of a holiday as they are stored: ids joined by +, or the company's own word."""
    return say("calendar.and", names=[_name(each) for each in names.split("+")]) if names else None


def _name(name: str) -> Value:
    if name == "other":
        return say("calendar.unnamed")
    return say(f"holiday.{name}") if name in HOLIDAYS else name


def stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days in a row as first and last."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and (day - found[-1][1]).days == 1:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def _holiday_line(holiday: Holiday) -> Say:
    rest = [_stretch(first, last) for first, last in stretches(holiday.rest)]
    return say(
        "calendar.holiday",
        name=holiday_said("+".join(holiday.names)),
        rest=say("calendar.rests", days=rest, count=len(set(holiday.rest))) if rest else None,
        work=say("calendar.works", days=sorted(set(holiday.work))) if holiday.work else None,
    )


def _stretch(first: date, last: date) -> Value:
    return first if first == last else say("calendar.stretch", first=first, last=last)


def doubt_said(doubt: Doubt, corrected: Mapping[date, bool | None]) -> Say | None:
    """What is doubtful; nothing about a day that was corrected by hand."""
    if doubt.day is not None and doubt.day in corrected:
        return None
    names = [_name(each) for each in doubt.names]
    match doubt.why:
        case Why.WEEKDAY:
            return say("doubt.weekday", day=doubt.day, said=_weekday(doubt.said))
        case Why.COUNT:
            return say("doubt.count", names=names, said=doubt.said, found=doubt.found)
        case Why.MAKE_UP | Why.BOTH | Why.OTHER_YEAR:
            return say(f"doubt.{doubt.why}", day=doubt.day)
        case Why.MISSING:
            return say("doubt.missing", names=names)
        case Why.NO_SUCH_DAY | Why.UNREAD:
            return say(f"doubt.{doubt.why}", text=doubt.text)


def _weekday(number: int) -> Say:
    return say(f"weekday.{number}")


def _corrected(answers: Answers) -> dict[date, bool | None]:
    return {date.fromisoformat(day): works for day, works in answers.get("days", [])}


# The card


def _remark(turn: Turn, answers: Answers) -> Value:
    lines: list[Value] = []
    if "notice" in answers:
        read = _read(answers)
        lines += [_holiday_line(each) for each in read.holidays]
        lines += [doubt_said(each, _corrected(answers)) for each in read.doubts]
    changes = _changes(turn, answers)
    if not changes:
        return [*lines, say("calendar.nothing_new")]
    return [
        *lines,
        *_moved_lines(turn, foresee(turn.session, turn.house, changes, turn.now), say("calendar.will_move")),
    ]


def _moved_lines(turn: Turn, moves: Sequence[Move], heading: Say) -> list[Value]:
    """How many deadlines of each kind, each with examples."""
    if not moves:
        return [say("calendar.none_move")]
    kinds = list(by_rule(moves).items())
    lines: list[Value] = [heading.but(count=len(moves))]
    for rule, each in kinds[:KINDS_SHOWN]:
        entry = turn.house.rulebook.entry(rule)
        lines.append(say("calendar.kind", what=in_short(entry), article=entry.article, count=len(each)))
        lines += [_move_line(turn, move) for move in each[:EXAMPLES]]
    rest = sum(len(each) for _, each in kinds[KINDS_SHOWN:])
    return [*lines, say("calendar.more_kinds", count=rest) if rest else None]


def _move_line(turn: Turn, move: Move, number: int | None = None) -> Say:
    return say(
        "calendar.move",
        number=f"{number}. " if number else "· ",
        what=about(turn.session, item_of(turn.session, move.clock)),
        who=say("list", items=[each.name for each in owners(turn.session, move.clock, turn.now)]),
        before=turn.house.calendar.local(move.before).date(),
        after=turn.house.calendar.local(move.after).date(),
    )


def _ways(turn: Turn, draft: Draft) -> Rows:
    """On the card alone: before that it isn't known what changes."""
    return () if draft.asking else (row(Button(say("button.moves"), "calendar.moves", {"draft": key(draft)})),)


# What moves, clock by clock


def _draft(turn: Turn, number: int) -> Draft | None:
    found = turn.session.get(Draft, number)
    mine = found is not None and found.staff_id == turn.me and found.state in ("open", "kept")
    return found if mine and found is not None and found.form in ("arrangement", "working_day") else None


def _foreseen(turn: Turn, draft: Draft) -> list[Move]:
    if turn.forms[draft.form].missing(draft.answers) is not None:
        return []
    return foresee(turn.session, turn.house, _changes(turn, draft.answers), turn.now)


@flow.deed("calendar.moves", needs=NEEDS)
def moves(turn: Turn, draft: int, rule: str = "", skip: int = 0) -> Reply:
    """Kind by kind, and within a kind clock by clock."""
    found = _draft(turn, draft)
    if found is None:
        return notice(say("form.gone"))
    kinds = by_rule(_foreseen(turn, found))
    if rule in kinds:
        return Reply(_of_kind(turn, draft, rule, kinds[rule], skip))
    buttons = [
        Button(
            say("calendar.kind_button", what=in_short(turn.house.rulebook.entry(each)), count=len(of_kind)),
            "calendar.moves",
            {"draft": draft, "rule": each},
        )
        for each, of_kind in kinds.items()
    ][:ROWS_SHOWN]
    back = Button(say("button.back"), "form.card", {"draft": draft})
    text = say("calendar.will_move", count=sum(map(len, kinds.values()))) if kinds else say("calendar.none_move")
    return Reply(Screen(text, (*columns(buttons, 1), (back,))))


def _of_kind(turn: Turn, draft: int, rule: str, found: Sequence[Move], skip: int) -> Screen:
    shown = found[skip : skip + PAGE]
    entry = turn.house.rulebook.entry(rule)
    head = say("calendar.kind", what=in_short(entry), article=entry.article, count=len(found))
    here = {"draft": draft, "rule": rule}
    numbered = [
        Button(say("text", text=str(number)), "calendar.clock", {"draft": draft, "clock": key(move.clock)})
        for number, move in enumerate(shown, skip + 1)
    ]
    turns = [Button(say("button.back"), "calendar.moves", {"draft": draft})]
    if skip:
        turns.append(Button(say("button.earlier"), "calendar.moves", {**here, "skip": max(0, skip - PAGE)}))
    if skip + PAGE < len(found):
        turns.append(Button(say("button.more"), "calendar.moves", {**here, "skip": skip + PAGE}))
    lines = [_move_line(turn, move, number) for number, move in enumerate(shown, skip + 1)]
    return Screen(say("calendar.moves_of_kind", head=head, lines=lines), (*columns(numbered, 4), tuple(turns)))


@flow.deed("calendar.clock", needs=NEEDS)
def one_clock(turn: Turn, draft: int, clock: int) -> Reply:
    """One deadline: what it is, on what it rests, who owes it, from when to when it would move."""
    found, row = _draft(turn, draft), turn.session.get(Clock, clock)
    if found is None or row is None:
        return notice(say("form.gone"))
    move = next((each for each in _foreseen(turn, found) if key(each.clock) == clock), None)
    back = Button(say("button.back"), "calendar.moves", {"draft": draft, "rule": row.rule})
    if move is None:
        return Reply(Screen(say("calendar.none_move"), ((back,),)))
    entry = turn.house.rulebook.entry(row.rule)
    says = say("rule.says", zh=entry.says, en=entry.says_en)
    text = say("calendar.one_clock", line=_move_line(turn, move), article=entry.article, says=says)
    return Reply(Screen(text, ((back,),)))


# Saved


def _save(turn: Turn, answers: Answers, what: Arrangement) -> Reply:
    changes = _changes(turn, answers)
    if not changes:
        return notice(say("calendar.nothing_new"), _to_year(what.year))
    turn.house, moved = arrange(turn.session, turn.house, turn.staff, what, changes, turn.now)
    lines = _moved_lines(turn, moved, say("calendar.moved"))
    return notice(say("calendar.saved", year=str(what.year), count=len(changes), lines=lines), _to_year(what.year))


def _to_year(year: int) -> tuple[Button, ...]:
    return (Button(say("button.year", year=str(year)), "calendar.open", {"year": year}),)


def _submit_notice(turn: Turn, answers: Answers) -> Reply:
    read = _read(answers)
    torn = [each.day for each in read.doubts if each.why is Why.BOTH and each.day not in _corrected(answers)]
    if torn:
        raise WrongAnswerError(say("doubt.both", day=torn[0]))
    year = answers["year"]
    what = Arrangement(year=year, whole=read.whole, text=answers["notice"], by_id=turn.me, at=turn.now)
    return _save(turn, answers, what)


def _submit_days(turn: Turn, answers: Answers) -> Reply:
    past = next((day for day in _corrected(answers) if day < turn.today), None)
    if past is not None:
        raise WrongAnswerError(say("wrong.past_day", day=past))
    year = min(_corrected(answers)).year
    return _save(turn, answers, Arrangement(year=year, text=answers["reason"], by_id=turn.me, at=turn.now))


def _fill_notice(turn: Turn, text: str) -> Answers:
    if not text:
        return {}
    try:
        return {"notice": Notice().read(turn, {}, text)}
    except WrongAnswerError as wrong:
        return {HINT: pack(wrong.why)}


def _named_year(turn: Turn, answers: Answers) -> int | None:
    return year_named(answers["notice"]) if "notice" in answers else None


NOTICE = Form(
    "arrangement",
    NEEDS,
    (
        Field("notice", Notice()),
        Field("year", NoticeYear(), default=_named_year),
        Field("days", DayChanges(), required=False),
    ),
    _submit_notice,
    _fill_notice,
    _remark,
    ways=_ways,
)
DAYS = Form(
    "working_day",
    NEEDS,
    (Field("days", DayChanges()), Field("reason", Text())),
    _submit_days,
    lambda _turn, _text: {},
    _remark,
    ways=_ways,
)
flow.forms += [NOTICE, DAYS]
