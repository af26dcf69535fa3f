"""Files on their way out: one that was made for somebody, and one that somebody sent, by Telegram's own id of it, never through
our disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram import Bot, InputFile, Message
from telegram.constants import ParseMode

from papers.book import Paper


async def hand_out(bot: Bot, chat: int, paper: Paper, caption: str, *, protected: bool = False) -> Message:
    file = InputFile(paper.content, filename=paper.name)
    said: dict[str, Any] = {"caption": caption, "parse_mode": ParseMode.HTML, "protect_content": protected or None}
    if paper.is_picture:
        return await bot.send_photo(chat, file, **said)
    return await bot.send_document(chat, file, **said)


async def pass_file(
    bot: Bot, chat: int, stored: Mapping[str, Any], caption: str, *, protected: bool = False
) -> Message:
    """`stored` is what was kept of an attachment (`dialogue.values.Attachment`)."""
    said: dict[str, Any] = {"caption": caption, "parse_mode": ParseMode.HTML}
    keeps: dict[str, Any] = {"protect_content": True} if protected else {}
    said |= keeps
    match stored["kind"]:
        case "photo":
            return await bot.send_photo(chat, stored["ref"], **said)
        case "voice":
            return await bot.send_voice(chat, stored["ref"], **said)
        case "video":
            return await bot.send_video(chat, stored["ref"], **said)
        case "audio":
            return await bot.send_audio(chat, stored["ref"], **said)
        case "location":
            return await bot.send_location(chat, stored["latitude"], stored["longitude"], **keeps)
    return await bot.send_document(chat, stored["ref"], **said)
