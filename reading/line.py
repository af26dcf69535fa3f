"""A line as staff type it, read as a whole: who, how, when, with whom, what, and what next."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from reading.characters import fold
from reading.customers import Candidate, Directory, Mention, mention, of_person, told_apart, unknown_customer
from reading.dates import LONGEST
from reading.parts import Channel, Intent, called, channel, intent_word, person, speaker, special_intent
from reading.steps import Phrase, Step, date_phrases, happened, next_step
from reading.when import When
from rules.calendar import Calendar

__all__ = ["Candidate", "Directory", "Reading", "read_line"]


@dataclass(frozen=True)
class Reading:
    """What a line says. Nothing typed is lost: what was not understood is in `summary`.

    `candidates`: customers that fit equally well; then `customer` is None. `customer_text`: what looked like a customer
    but is unknown. `understood`: the stretches of the text, as typed, that the fields other than `summary` came from.
    """

    intent: Intent
    customer: Candidate | None
    candidates: tuple[Candidate, ...]
    customer_text: str | None
    person: str | None
    channel: Channel | None
    when: When | None
    summary: str
    next_step: str | None
    next_when: When | None
    understood: tuple[str, ...]


_BLOT = "\x00"
_EMPTY_BRACKETS = re.compile(r"[ ]?(?:\([ ]*\)|（[ ]*）)")
_SEPARATORS = " \t\r\n\u3000，、。,.;；:：!！?？"


class _Page:
    """The text as typed, the same folded, and what is left of it when understood stretches are blotted out."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        self.plain = fold(typed).replace(_BLOT, " ")
        self.rest = self.plain
        self.understood: list[str] = []

    def take(self, start: int, end: int) -> str:
        taken = self.typed[start:end]
        self.understood.append(taken)
        self.rest = self.rest[:start] + _BLOT * (end - start) + self.rest[end:]
        return taken

    def summary(self) -> str:
        """What is left, as typed; where something was taken out, one of the separators around it stays."""
        left = [self.typed[m.start() : m.end()] for m in re.finditer(f"[^{_BLOT}]+", self.rest)]
        summary = ""
        for piece in left:
            summary = _joined(summary, piece) if summary else piece
        summary = _EMPTY_BRACKETS.sub("", summary)
        if self.rest.startswith(_BLOT):
            summary = summary.lstrip(_SEPARATORS)
        return summary.strip(" \t\r\n\u3000，,、；;：:")


def _joined(before: str, after: str) -> str:
    head, tail = before.rstrip(_SEPARATORS), after.lstrip(_SEPARATORS)
    between = (before[len(head) :] + after[: len(after) - len(tail)]).strip()
    separator = between[:1] + (" " if between[:1].isascii() else "")
    return f"{head}{separator}{tail}" if head and tail else head + tail


def read_line(text: str, now: datetime, calendar: Calendar, directory: Directory) -> Reading:
    """Reads one line without its command word. `now` is aware; dates come back in the calendar's zone.

    Only as much as a Telegram message holds is read; the rest goes to the summary as it is.
    """
    page = _Page(text[:LONGEST])
    step, contact = _take_dates(page, now, calendar)
    how = _take_channel(page)
    customer = _take_customer(page, step, directory)
    who = _take_person(page, customer) or _planned_person(step, customer)
    if who and not customer:
        customer = of_person(fold(who), directory)
    if not who and not customer:
        who, customer = _take_speaker(page, directory)
    intent = _take_intent(page)
    name, leading = (None, "") if customer else _take_unknown(page, certain=any((step, contact, how, who, intent)))
    leading = customer.leading if customer else leading
    _take_labels(page)
    fitting = customer.fitting if customer else ()
    said = any((step, how, who, fitting, name, contact and page.summary()))
    return Reading(
        intent=intent or ("contact" if said else "none"),
        customer=fitting[0] if len(fitting) == 1 else None,
        candidates=fitting if len(fitting) > 1 else (),
        customer_text=name,
        person=who,
        channel=how or ("visit" if _WENT.search(leading) else None),
        when=contact.past if contact else None,
        summary=page.summary() + text[LONGEST:],
        next_step=step.text if step else None,
        next_when=step.when if step else None,
        understood=tuple(page.understood),
    )


_WENT = re.compile("去|到")


def _take_dates(page: _Page, now: datetime, calendar: Calendar) -> tuple[Step | None, Phrase | None]:
    phrases = date_phrases(page.plain, now, calendar)
    step = next_step(page.plain, phrases)
    contact = happened(page.plain, phrases, step)
    if step:
        at = page.plain.find(step.text, step.start, step.end)
        page.take(step.start, step.end)
        step = replace(step, text=page.typed[at : at + len(step.text)])
    if contact:
        before = _ON.search(page.plain, 0, contact.start)
        page.take(before.start() if before else contact.start, contact.end)
    return step, contact


_ON = re.compile(r"\b(?:on|at) $")


def _take_channel(page: _Page) -> Channel | None:
    found = channel(page.rest)
    if found is None:
        return None
    if not _NOT_REACHED.match(page.rest, found[1].end):
        page.take(found[1].start, found[1].end)
    return found[0]


_NOT_REACHED = re.compile(r"(?:一直|总是|老是|总|都|也)?(?:没人|无人|没有人|打不通|不通|不接|没接|未接|占线|关机|停机)")
"""电话没人接: the word is part of what is told, and stays."""


def _take_customer(page: _Page, step: Step | None, directory: Directory) -> Mention | None:
    """The customer of the line, or else the one whom the next step names: 下周二去拜访华强电子."""
    found = mention(page.rest, directory)
    if found:
        found = told_apart(page.rest, found)
    if found and found.by_name:
        page.take(found.start, found.end)
    if found or not step:
        return found
    planned = mention(fold(step.text), directory)
    if planned:
        return replace(told_apart(fold(step.text), planned), leading="")
    name = called(fold(step.text))
    return of_person(name, directory) if name else None


def _take_person(page: _Page, customer: Mention | None) -> str | None:
    people = customer.fitting[0].people if customer and len(customer.fitting) == 1 else ()
    found = person(page.rest, people, alone=customer is not None)
    if found is None:
        return None
    stretch = page.take(found.start, found.end)
    at = max(fold(stretch).find(found.value), 0)
    return stretch[at : at + len(found.value)]


def _planned_person(step: Step | None, customer: Mention | None) -> str | None:
    """Somebody known at the customer whom the next step names: 给华航李红回电话."""
    people = customer.fitting[0].people if customer and len(customer.fitting) == 1 else ()
    return next((each for each in people if step and len(each) >= 2 and fold(each) in fold(step.text)), None)


def _take_speaker(page: _Page, directory: Directory) -> tuple[str | None, Mention | None]:
    found = speaker(page.rest)
    known = of_person(found.value, directory) if found else None
    return (page.take(found.start, found.end), known) if found and known else (None, None)


def _take_intent(page: _Page) -> Intent | None:
    intent = special_intent(page.rest)
    if word := intent_word(page.rest):
        page.take(word.start, word.end)
    return intent


def _take_unknown(page: _Page, *, certain: bool) -> tuple[str | None, str]:
    """The name, and the words that lead to it."""
    found = unknown_customer(page.rest, certain=certain)
    if found is None:
        return None, ""
    leading = found.leading(page.plain)
    taken = page.take(found.start, found.end)
    return taken[len(leading) :], leading


_LABEL = re.compile(
    "(?:^|(?<=[\\s，,;；\\x00]))(?:客户名?称?|单位|联系人|对方|方式|沟通方式|时间|"
    "日期|内容|沟通内容|摘要|情况|下一步|计划|备注)[ ]?[:：]"
)


def _take_labels(page: _Page) -> None:
    """客户：, 方式：, 内容： before what they name, as in a form that was typed."""
    for label in list(_LABEL.finditer(page.rest)):
        page.take(label.start(), label.end())
