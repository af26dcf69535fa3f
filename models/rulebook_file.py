"""The file on disk and what was approved in the chat: neither undoes the other without a word.

A file that did not change since it was taken in leaves the newest version as it is. One that was edited is taken in with what was
approved since on top of it; where both changed the same number, it is refused by its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import rulebooks
from models.rule_changes import RuleChange, State, as_they_will_be
from models.rulebooks import RulebookText, digest
from rules.changing import CanNotEditError, edited, line_of, number
from rules.problems import Problem
from rules.rulebook import RulebookError, load


@dataclass(frozen=True)
class Comparison:
    """`text` is what is in force with this file. `kept`: what was approved in the chat and the file does not say."""

    text: str
    kept: list[RuleChange]
    said: list[RuleChange]
    problems: tuple[Problem, ...]


def compare(session: Session, text: str, name: str) -> Comparison:
    """Raises `RulebookError` for a file that is wrong in itself."""
    book = load(text, name)
    newest = rulebooks.newest(session)
    if newest is None or newest.text == text:
        return Comparison(text, [], _awaited(session), ())
    if newest.on_disk == digest(text):
        return Comparison(newest.text, _awaited(session), [], ())
    kept: list[RuleChange] = []
    said: list[RuleChange] = []
    problems: list[Problem] = []
    for each in _awaited(session):
        stands = number(book, each.rule, each.key)
        if stands is None or stands.written == each.after:
            said.append(each)
        elif stands.written == each.before and (new := _with(text, each)):
            text = new
            kept.append(each)
        else:
            problems.append(_conflict(text, name, each, stands.written))
    return Comparison(text, kept, said, tuple(problems))


def _with(text: str, change: RuleChange) -> str | None:
    try:
        return edited(text, change.rule, change.key, change.after)
    except (RulebookError, CanNotEditError):
        return None


def _conflict(text: str, name: str, change: RuleChange, value: str) -> Problem:
    said = {"name": change.key, "value": value, "number": change.number, "after": change.after}
    return Problem(name, line_of(text, change.rule, change.key), "changed_in_chat", said)


def _awaited(session: Session) -> list[RuleChange]:
    """What came into force and the file has never said; of one number the last."""
    query = select(RuleChange).where(RuleChange.state == State.IN_FORCE, col(RuleChange.on_disk).is_(False))
    found = session.exec(query.order_by(col(RuleChange.version)))
    return list({(each.rule, each.key): each for each in found}.values())


def take_in(session: Session, text: str, name: str, now: datetime) -> int:
    """The version that is in force with this file. Raises `RulebookError`."""
    found = compare(session, text, name)
    if found.problems:
        raise RulebookError(found.problems)
    for each in found.said:
        _said_on_disk(session, each)
    return rulebooks.remember(session, found.text, now, digest(text))


def _said_on_disk(session: Session, change: RuleChange) -> None:
    """It, and those of the same number before it."""
    same = select(RuleChange).where(RuleChange.rule == change.rule, RuleChange.key == change.key)
    for each in session.exec(same.where(RuleChange.state == State.IN_FORCE)):
        each.on_disk = True


def as_it_will_be(session: Session, change: RuleChange | None) -> str:
    """The text once that change is in force; without one, the text that is in force now."""
    newest: RulebookText | None = rulebooks.newest(session)
    text = newest.text if newest else ""
    if change is not None and change.version is not None:
        return rulebooks.text_of(session, change.version) or text
    for each in as_they_will_be(session, change) if change is not None else ():
        text = _with(text, each) or text
    return text
