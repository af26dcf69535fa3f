"""Which dates of a line say when it happened, and which belong to a next step."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reading.dates import find_dates
from reading.when import Context, Direction, Interval, When
from rules.calendar import Calendar

_CLAUSE_END = re.compile(r"[，。,；;！!？?\n]|\.(?=\s|$)|$")
_CLAUSE = re.compile(r"(?:[^，。,；;！!？?\n.]|\.(?!\s|$))*$")
_SPACE = r"(?<=[^\x00-\x7f])[ ]+|[ ]+(?=[^\x00-\x7f])"
_FIRST_WORD = re.compile(rf"[ ]*(.*?)(?={_SPACE}|$)", re.DOTALL)
_SURELY = re.compile(
    "再(?!次.{0,6}[了过])|下次|下一步|约|跟进|回复|答复|回访|联系|提醒|复查|"
    r"\b(?:again|follow[ -]?up|call back|next (?:call|step|visit)|remind|contact)\b",
    re.ASCII,
)
_PERHAPS = re.compile(
    "去|来|催|走访|拜访|上门|电话|见面|面谈|详谈|开会|会面|给|发|送|寄|报|签|交|安排|试|收款|付款|确认|准备|出差|对账|验收|做|派|拿|补|换|提交|交样|会议|例会|培训|评审|出(?:报告|方案|图|样|货|结果)|"
    r"\b(?:visit|call|meet|send|quote|deliver|sign|check|phone|email)\b",
    re.ASCII,
)
_PLANNED = re.compile("[ ]*(?:要|需|得|将|会|准备|打算|计划|必须|前)")
_DEADLINE = re.compile("(?:前|内)$")
_DONE = re.compile("[了过](?!来|去|目|解)")
_OURS = re.compile(
    "[ ]*(?:我们?)?(?:要|得)?(?:就|去|再去|上门|拜访|走访|补?发|寄|补?送|报|给|回复|答复|打|约|签|安排|带|拿|提交|出|联系|跟进|"
    r"send|visit|call|meet|quote|deliver|follow)"
)
_VAGUE = re.compile("(?:月|年|季度?)[底末初中]")
"""Parts of a month or a year: a contact has a day."""
_TIME_ALONE = re.compile(r"[0-9一二三四五六七八九十两]{1,3}[点时:：]|上午|下午|中午|早上|晚上|傍晚|下班")
_OVER = re.compile("[了过完](?!解)|的$")
_CONTACT_WORD = re.compile("[ ]?(?:我们?)?(?:去|拜访|走访|上门|见|打|通|电话|微信|联系|沟通|开会|会议|跟|和|与|在|来)")
_BY = re.compile(r"\bby $")
_ABOUT = re.compile(
    r"(?:(?<![面座会])谈|讨论|关于|聊|说|讲|问(?!题)|要求|通知|称|提到|discussed|about|said|says).{0,8}$"
)
_JUST_SAID = re.compile(
    r"(?:(?<![面座会])谈|讨论|关于|聊|说|讲|问(?!题)|要求|通知|称|提到|discussed|about|said|says)\S{0,2}$"
)
_LEADING_IN = re.compile(
    r"(?:约定?好?了?|预计|计划|打算|准备|定于|定在|下次|下一步|就|我们?|记得|提醒我|于|在|\bby|\bon|[ ])*$"
)
_LONG_AGO = timedelta(days=31)
_LONGEST = timedelta(days=8)


@dataclass(frozen=True)
class Step:
    """A next step: what is to be done, when, and the stretch of text that says both."""

    when: When
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """A date phrase with what it means of the past and of the future; None where it means nothing on that side of now."""

    start: int
    end: int
    past: When | None
    future: When | None
    ahead: bool = False
    """Whether the future is much nearer: 12月8日 typed in November is next month, not a year ago."""


def date_phrases(text: str, now: datetime, calendar: Calendar) -> list[Phrase]:
    """Every date phrase of folded text, read in both directions, in order, not overlapping."""
    spans: dict[int, int] = {}
    values: dict[Direction, dict[int, When]] = {}
    for direction in Direction:
        local = calendar.local(now)
        context = Context(now=local, direction=direction, calendar=calendar, anchor=local.date())
        found = find_dates(text, now, direction, calendar, follow_bare=False)
        spans |= {each.start: max(each.end, spans.get(each.start, 0)) for each in found}
        values[direction] = {each.start: each.value for each in found if context.contains(each.value)}
    phrases: list[Phrase] = []
    for start, end in sorted(spans.items()):
        if not phrases or start >= phrases[-1].end:
            past, future = values[Direction.PAST].get(start), values[Direction.FUTURE].get(start)
            phrases.append(Phrase(start, end, past, future, _rather_ahead(past, future, calendar.local(now).date())))
    return phrases


def next_step(text: str, phrases: list[Phrase]) -> Step | None:
    """The last phrase that is surely a next step (再联系, 约), else the first that may be one (去拜访, 给报价)."""
    steps = [step for index in range(len(phrases)) if (step := _step(text, phrases, index))]
    surely = [step for step in steps if _SURELY.search(text, step.start, step.end)]
    return surely[-1] if surely else next(iter(steps), None)


def _step(text: str, phrases: list[Phrase], index: int) -> Step | None:
    phrase = phrases[index]
    if phrase.future is None:
        return None
    before, after = _surroundings(text, phrases, index)
    leading = _LEADING_IN.search(before)
    start = phrase.start - (len(leading[0].lstrip()) if leading else 0)
    word = _FIRST_WORD.match(after)
    doing = word[1].strip() if word else ""
    planned = _planned(text, phrases, index)
    if (
        word
        and doing
        and _is_step(text[start : phrase.start], doing, before, planned=planned and _is_short(phrase.future))
    ):
        return Step(phrase.future, doing, start, phrase.end + word.end())
    said = _PREPOSITIONS.sub("", re.split(_SPACE, before.rstrip())[-1].strip(" :："))
    planned = _planned(text, phrases, index)
    wanted = _SURELY.search(said) or (planned and _PERHAPS.search(said) and not _ABOUT.search(before))
    if (not after.strip() or _ABOUT_WHAT.match(after)) and said and wanted and not _DONE.search(said):
        return Step(phrase.future, said, phrase.start - len(before) + before.rindex(said), phrase.end)
    return None


_ABOUT_WHAT = re.compile(r" (?:about|regarding|re|for|to)\b")
_PREPOSITIONS = re.compile(r"(?:\s*\b(?:by|on|before|until|in|at))+$")


def _surroundings(text: str, phrases: list[Phrase], index: int) -> tuple[str, str]:
    """What stands before and after the phrase in its clause, other dates excluded."""
    phrase = phrases[index]
    first = phrases[index - 1].end if index else 0
    last = phrases[index + 1].start if index + 1 < len(phrases) else len(text)
    clause = _CLAUSE.search(text[first : phrase.start])
    ending = _CLAUSE_END.search(text, phrase.end, last)
    return clause[0] if clause else "", text[phrase.end : ending.start() if ending else last]


def _is_step(leading_in: str, doing: str, before: str, *, planned: bool) -> bool:
    """What the salesperson will do stands as a step even after 说 (说可以试样下周一寄样品), unless just after it."""
    if _SURELY.search(leading_in + doing):
        return planned or not _DONE.search(doing)
    about = _JUST_SAID if _OURS.match(doing) else _ABOUT
    return planned and bool(_PERHAPS.search(doing)) and not _DONE.search(doing) and not about.search(before)


def _planned(text: str, phrases: list[Phrase], index: int) -> bool:
    """Nothing but the future is meant: the day itself says so, a limit (前, by), a word such as 要, or the order of the line."""
    phrase = phrases[index]
    limit = _DEADLINE.search(text[phrase.start : phrase.end]) or _BY.search(
        text, max(0, phrase.start - 4), phrase.start
    )
    said = bool(limit) or bool(_PLANNED.match(text, phrase.end))
    return said or phrase.past is None or phrase.ahead or _follows(phrases, index)


def _follows(phrases: list[Phrase], index: int) -> bool:
    """In 周一见了面，周五发方案 Friday comes after that Monday: it can't be the Friday before."""
    past = phrases[index].past
    earlier = [each.past for each in phrases[:index] if each.past is not None]
    return past is not None and bool(earlier) and _day(past) < _day(earlier[0])


def happened(text: str, phrases: list[Phrase], step: Step | None) -> Phrase | None:
    """The first phrase that may say when the contact was: not what was talked about, not the next step."""
    for phrase in phrases:
        if step and step.start <= phrase.start < step.end:
            continue
        if _may_be_contact(text, phrase) and not (phrase.future is not None and _plans_before(phrases, phrase)):
            return phrase
    return None


def _plans_before(phrases: list[Phrase], phrase: Phrase) -> bool:
    """In 下周一开会，周三给报价 the second day follows the first: once a line speaks of plans, a bare day is one too."""
    return any(each.past is None for each in phrases if each.start < phrase.start)


def _may_be_contact(text: str, phrase: Phrase) -> bool:
    written = text[phrase.start : phrase.end]
    if phrase.past is None or (phrase.future is not None and (_DEADLINE.search(written) or _VAGUE.match(written))):
        return False
    clause = _CLAUSE.search(text[max(0, phrase.start - 40) : phrase.start])
    if (clause and _ABOUT.search(clause[0])) or text[phrase.end : phrase.end + 1] == "的":
        return False
    return not phrase.ahead and _is_short(phrase.past) and not _still_to_come(text, phrase) and not _loose(text, phrase)


def _still_to_come(text: str, phrase: Phrase) -> bool:
    """下午三点 typed in the morning is this afternoon, unless what follows is over (下午2点开了会)."""
    if phrase.future is None or phrase.past is None or not _TIME_ALONE.match(text, phrase.start):
        return False
    ending = _CLAUSE_END.search(text, phrase.end)
    clause = text[phrase.end : ending.start() if ending else None]
    return _day(phrase.past) < _day(phrase.future) and not _OVER.search(clause)


def _loose(text: str, phrase: Phrase) -> bool:
    """A week is when a contact was only where the line says so: 上周拜访, not 5号线上周换了模具."""
    if not isinstance(phrase.past, Interval) or isinstance(phrase.past.start, datetime):
        return False
    alone = phrase.start == 0 or text[phrase.start - 1].isspace() or not text[phrase.end : phrase.end + 1].strip()
    return not alone and not _CONTACT_WORD.match(text, phrase.end)


def _is_short(value: When) -> bool:
    return not isinstance(value, Interval) or _day(value.end) - _day(value.start) < _LONGEST


def _rather_ahead(past: When | None, future: When | None, today: date) -> bool:
    if past is None or future is None:
        return False
    ago = today - _day(past)
    return ago > _LONG_AGO and _day(future) - today < ago


def _day(value: When) -> date:
    value = value.start if isinstance(value, Interval) else value
    return value.date() if isinstance(value, datetime) else value
