"""What comes in, what goes out, as values. Nothing here knows a messenger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from words import Say


@dataclass(frozen=True)
class Attachment:
    """A photo, file, voice note or location that somebody sent; `ref` is the messenger's own id of the file."""

    kind: str
    ref: str = ""
    name: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def stored(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value not in ("", None)}


@dataclass(frozen=True)
class Shared:
    """Somebody's card from the address book: a name and a phone number, in plain digits."""

    name: str
    phone: str


@dataclass(frozen=True)
class Forwarded:
    """Whose words are passed on, as far as that is shown, and when they were written."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Incoming:
    """One thing that somebody did: typed, pressed or sent. `private` is false in groups.

    `message` is the messenger's id of what was sent, `album` that of the photos that were sent as one. `edited`: it stands in place
    of what was sent before. `replies_to`: the message that it answers, which comes with it. `trifle`: a sticker, a poll, a dice, of
    which nothing can be kept. `confidential`: a part of what may lie open nowhere, and so is the answer to it.
    """

    speaker: int
    chat: int
    private: bool = True
    text: str = ""
    press: str | None = None
    attachments: tuple[Attachment, ...] = ()
    first_name: str = ""
    contact: Shared | None = None
    message: int | None = None
    forwarded: Forwarded | None = None
    album: str | None = None
    edited: bool = False
    trifle: bool = False
    replies_to: int | None = None
    confidential: bool = False


@dataclass(frozen=True)
class Button:
    """`do` names a registered action, `args` are kept in the card: a button itself carries no data."""

    label: Say
    do: str
    args: Mapping[str, Any] = field(default_factory=dict)


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Screen:
    """`subject`: what it shows as it stands now (`complaint:7`). Each person has one card of a subject; it is drawn anew when that
    changes. `vanishes`: always a message of its own, that can't be passed on and is deleted again at that time."""

    text: Say
    rows: Rows = ()
    subject: str | None = None
    vanishes: datetime | None = None


@dataclass(frozen=True)
class Reply:
    """What the speaker sees next. It replaces the card that was pressed, or stands as a new card when `new` (or when typed).
    `done` takes the buttons from the card pressed and leaves its words. `toast` is a passing word on a press, best effort."""

    screen: Screen | None = None
    new: bool = False
    toast: Say | None = None


def row(*buttons: Button) -> tuple[Button, ...]:
    return buttons


def columns(buttons: list[Button], wide: int = 2) -> Rows:
    """Buttons in rows of `wide`."""
    return tuple(tuple(buttons[start : start + wide]) for start in range(0, len(buttons), wide))
