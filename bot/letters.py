"""What leaves for Telegram as plain values, and how it went; a message that is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, InlineKeyboardMarkup, InputMediaDocument
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken

from models.kinds import Json

SHUT_OUT = 600.0
"""Seconds until a deletion is tried again in the chat of somebody who blocked us."""


@dataclass(frozen=True)
class Letter:
    """A row made ready: plain values, so that nothing of the database is held while it travels."""

    row: int
    chat: int
    text: str
    keyboard: InlineKeyboardMarkup | None
    edit_of: int | None
    document: Json | None = None
    vanishes: bool = False
    deletes: int | None = None

    @property
    def is_made(self) -> bool:
        """Whether its file is made now, and takes its time."""
        return "report" in (self.document or {})

    @property
    def is_long(self) -> bool:
        """Whether that takes so long that a process of its own does it."""
        return "stages" in (self.document or {})


@dataclass(frozen=True)
class Outcome:
    """How it went. `message` is set when it arrived; `again_in` seconds when it surely did not and may be tried again; `unmade`
    when the file to be sent could not be made."""

    message: int | None = None
    again_in: float | None = None
    uncertain: bool = False
    unreachable: bool = False
    refused: str | None = None
    unmade: bool = False
    migrated_to: int | None = None
    revoked: InvalidToken | None = None
    answered: bool = True


async def take_back(bot: Bot, letter: Letter, message: int) -> Outcome:
    """Delete a message. One that is too old for that is written over; one that is no longer there is what was wanted."""
    try:
        await bot.delete_message(letter.chat, message)
    except BadRequest as refused:
        if "not found" not in refused.message:
            await _write_over(bot, letter, message)
    except Forbidden as refused:
        return Outcome(again_in=SHUT_OUT, refused=refused.message)
    return Outcome(message=message)


async def _write_over(bot: Bot, letter: Letter, message: int) -> None:
    """The words of a message; a file goes too, and one with nothing but these words takes its place."""
    try:
        await bot.edit_message_text(letter.text, letter.chat, message, parse_mode=ParseMode.HTML)
    except BadRequest as refused:
        if "no text" not in refused.message:
            raise
        blank = InputMediaDocument(letter.text.encode(), letter.text, parse_mode=ParseMode.HTML, filename="-.txt")
        await bot.edit_message_media(blank, letter.chat, message)
