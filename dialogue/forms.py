"""A form is data: fields, and what happens when it is submitted. One engine walks every form (`dialogue.engine`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlmodel import Session

from dialogue.values import Button, Incoming, Reply, Rows, Screen
from models.messages import Draft
from rules.gate import Action
from rules.house import House
from words import Say, Value, say

if TYPE_CHECKING:
    from dialogue.turn import Turn

Answers = dict[str, Any]
"""What was answered so far, by field name; plain JSON, kept in the draft."""


HINT, FITTING, UNKNOWN = "_hint", "_fitting", "_unknown"
"""Among the answers that `fill` reads from a line: a word to go before the first question, the customers that fit equally, and
the name of one who is not on file."""

LINE, FROM, FORWARDED, PROPOSED = "_line", "_from", "_forwarded", "_proposed"
"""What the form was begun with: the text as it was typed, the id of that message, whose words it passes on, and what the
words themselves made of it (complaint, callback)."""

BY_HAND, LAST, ASIDE, UNTAKEN = "_by_hand", "_last", "_aside", "_untaken"
"""What happened since: the answers that were given one by one, what was sent last (an album, something passed on), what waits to be
put here or elsewhere, and the words that could not be taken."""

WORDS = ("summary", "opinions", "text", "answer")
"""Fields for free words; where a form has one, nothing that is typed need be lost."""


class WrongAnswerError(Exception):
    """The answer can't be taken; `why` tells what to do instead, `picks` offers what it may have meant, `rows` other ways on."""

    def __init__(self, why: Say, picks: Sequence[tuple[Value, Any]] = (), rows: Rows = ()) -> None:
        super().__init__(why.id)
        self.why = why
        self.picks = tuple(picks)
        self.rows = rows


class Kind(Protocol):
    """How one kind of answer is offered, read and shown."""

    def picks(self, turn: Turn, answers: Answers) -> Sequence[tuple[Value, Any]]:
        """Likely answers as (label, value), to be tapped."""

    def read(self, turn: Turn, answers: Answers, text: str) -> Any:
        """The typed answer as a JSON value. Raises `WrongAnswerError`."""

    def show(self, turn: Turn, value: Any) -> Value:
        """The answer as it stands on the card."""


def _always(_: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Field:
    """One question. An optional field is not asked, it is offered under 修改. `default` is asked before the person is, and again
    when one of the answers that it `follows` is another."""

    name: str
    kind: Kind
    required: bool = True
    asked: Callable[[Answers], bool] = _always
    default: Callable[[Turn, Answers], Any] | None = None
    follows: tuple[str, ...] = ()
    hidden: bool = False
    asks: Callable[[Turn, Answers], Say] | None = None
    called: Callable[[Turn, Answers], Say] | None = None
    """Its question and its name, where they are the company's own words and stand in no catalogue."""

    def label(self, turn: Turn, answers: Answers) -> Say:
        return self.called(turn, answers) if self.called else say(f"field.{self.name}")


@dataclass(frozen=True)
class Form:
    """`submit` does what the form is for; `fill` reads a line typed with the command into answers."""

    name: str
    needs: Action
    fields: tuple[Field, ...]
    submit: Callable[[Turn, Answers], Reply]
    fill: Callable[[Turn, str], Answers]
    remark: Callable[[Turn, Answers], Value] = lambda _turn, _answers: None
    takes_attachments: bool = False
    confidential: bool = False
    """Nothing of it lies open in the database, neither while it is filled in nor afterwards (`dialogue.confidences`)."""
    fleeting: bool = False
    """Once it was submitted or given up its answers are gone from the draft: they are on record where they belong, only there."""
    ways: Callable[[Turn, Draft], Rows] = lambda _turn, _draft: ()
    """Other ways on, shown with every question and on the card."""
    face: Callable[[Turn, Draft, Value], Screen] | None = None
    """Shown instead of questions and card, where a form is only a way to others."""
    about: Callable[[Turn, Answers], Value] = lambda _turn, _answers: None
    """The number of what it is about, for its heading."""

    @property
    def words(self) -> str | None:
        """The field for whatever else there is to say."""
        names = [each.name for each in self.fields]
        return next((each for each in WORDS if each in names), None)

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)

    def missing(self, answers: Answers) -> Field | None:
        """The next question: the first required field that is still unanswered."""
        return next(
            (each for each in self.fields if each.required and each.asked(answers) and each.name not in answers), None
        )


Deed = Callable[..., Reply]


@dataclass(frozen=True)
class Declared:
    """Something that can be typed or pressed, and what the gate asks for it. `slow`: it only looks, and in a large company that
    takes a while (`dialogue.asides`)."""

    run: Deed
    needs: Action
    slow: bool = False


@dataclass(frozen=True)
class Command:
    name: str
    words: tuple[str, ...]
    run: Callable[[Turn, str], Reply]
    needs: Action
    confidential: bool = False
    """What is typed with it may lie open nowhere."""


@dataclass
class Flow:
    """What one handlers file adds to the conversation: commands, button deeds and forms."""

    commands: list[Command] = field(default_factory=list)
    deeds: dict[str, Declared] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    lines: dict[str, Form] = field(default_factory=dict)
    """Forms that a free line opens, by what the line is about (contact, complaint …)."""

    def command(
        self, name: str, *words: str, needs: Action, confidential: bool = False
    ) -> Callable[[Callable[[Turn, str], Reply]], Callable[[Turn, str], Reply]]:
        def declare(run: Callable[[Turn, str], Reply]) -> Callable[[Turn, str], Reply]:
            self.commands.append(Command(name, words, run, needs, confidential))
            return run

        return declare

    def deed(self, name: str, needs: Action, *, slow: bool = False) -> Callable[[Deed], Deed]:
        def declare(run: Deed) -> Deed:
            self.deeds[name] = Declared(run, needs, slow)
            return run

        return declare


@dataclass(frozen=True)
class Desk:
    """All flows together: what can be said here."""

    commands: Mapping[str, Command]
    words: Mapping[str, Command]
    deeds: Mapping[str, Declared]
    forms: Mapping[str, Form]
    lines: Mapping[str, Form]
    home: Callable[[Turn], Rows]
    """The buttons to go on from anywhere."""
    free: Callable[[Turn, str], Reply]
    """What becomes of words that are no command while no form is open."""
    between: Callable[[Turn, Draft], Reply | None]
    """What becomes of something typed or sent while a form is open; None where the form takes it."""
    edited: Callable[[Turn], Reply]
    """What becomes of a message that was changed after it was sent."""
    enrol: Callable[[Session, House, Incoming, datetime], Say | None]
    """Makes a colleague of a stranger with a code, or says why not."""


def desk(
    flows: Sequence[Flow],
    home: Callable[[Turn], Rows],
    free: Callable[[Turn, str], Reply],
    between: Callable[[Turn, Draft], Reply | None],
    edited: Callable[[Turn], Reply],
    enrol: Callable[[Session, House, Incoming, datetime], Say | None],
) -> Desk:
    """Put flows together. Raises ValueError where two claim the same name."""
    commands = _union((each.name, each) for flow in flows for each in flow.commands)
    words = _union((word, each) for each in commands.values() for word in each.words)
    deeds = _union(pair for flow in flows for pair in flow.deeds.items())
    forms = _union((each.name, each) for flow in flows for each in flow.forms)
    lines = _union(pair for flow in flows for pair in flow.lines.items())
    return Desk(commands, words, deeds, forms, lines, home, free, between, edited, enrol)


def _union(pairs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"declared twice: {name}")
        found[name] = value
    return found


def cancel_button() -> Button:
    return Button(say("button.cancel"), "form.cancel")


def notice(text: Say, *rows: tuple[Button, ...]) -> Reply:
    """A plain answer."""
    return Reply(Screen(text, rows))
