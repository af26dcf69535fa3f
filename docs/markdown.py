"""What all pages are made of: tables, and the product's words in both languages."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from words import LANGUAGES, Voice, say

ROOT = Path(__file__).parents[1]
CHINESE, ENGLISH = (
    Voice(language, ZoneInfo("Asia/Shanghai"), datetime(2026, 1, 1, tzinfo=UTC)) for language in LANGUAGES
)


def top(title: str, source: str, *paragraphs: str) -> list[str]:
    """How a page begins."""
    return [f"# {title}", f"<!-- Written by `make docs` from {source}; change that, not this page. -->", *paragraphs]


def page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def both(message_id: str) -> str:
    """A message in Chinese and in English, once where they are the same."""
    return two(*(voice.plain(say(message_id)) for voice in (CHINESE, ENGLISH)))


def two(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} / {en}"


def code(text: str) -> str:
    return f"`{text}`" if text else ""
