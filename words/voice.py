"""A voice: a language, a time zone and the moment of speaking. It turns messages into HTML text."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from words.phones import plain_phone
from words.say import Say, Value

LANGUAGES = ("zh_CN", "en")
HERE = Path(__file__).parent


@lru_cache
def _catalogue(language: str) -> gettext.GNUTranslations:
    try:
        found = gettext.translation("keguan", HERE, [language])
    except FileNotFoundError as missing:
        raise FileNotFoundError(f"the catalogue for {language} is not built: run `make setup`") from missing
    if not isinstance(found, gettext.GNUTranslations):
        raise TypeError(language)
    return found


def catalogue_ids(language: str) -> frozenset[str]:
    """Every message id that the language can say."""
    return frozenset(key for key in vars(_catalogue(language))["_catalog"] if key)


@dataclass(frozen=True)
class Voice:
    """Says messages; `now` is only for relative times (还剩 5 小时 12 分)."""

    language: str
    zone: ZoneInfo
    now: datetime

    def __call__(self, message: Value) -> str:
        """HTML text. Lists are said line by line, empty lines of lists are left out."""
        match message:
            case Say(id=message_id, values=values):
                return _Filler(self).vformat(self.template(message_id), (), dict(values)).rstrip(" ")
            case None:
                return ""
            case str():
                return escape(message, quote=False)
            case bool():
                return self.word("yes" if message else "no")
            case datetime() | date():
                return self.when(message)
            case int() | float():
                return f"{message:,.2f}".removesuffix(".00") if abs(message) >= 10_000 else f"{message:g}"
            case _:
                return "\n".join(text for each in message if (text := self(each)))

    def template(self, message_id: str) -> str:
        found = _catalogue(self.language).gettext(message_id)
        if found == message_id:
            raise KeyError(f"no message {message_id!r} in {self.language}")
        return found

    def word(self, key: str) -> str:
        """A single word by its id, for example `channel.phone`."""
        return self.template(key)

    def plain(self, message: Value) -> str:
        """Without markup, for button labels and toasts."""
        text = self(message)
        for tag in ("<b>", "</b>", "<i>", "</i>", "<code>", "</code>"):
            text = text.replace(tag, "")
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def day(self, day: date) -> str:
        """A day with its weekday; the year only where it is not this one."""
        words = self.template("time.weekdays").split()
        this_year = day.year == self.now.astimezone(self.zone).year
        pattern = self.template("time.day" if this_year else "time.day_of_year")
        months = self.template("time.months").split()
        return pattern.format(
            y=day.year, m=day.month, d=day.day, month=months[day.month - 1], weekday=words[day.weekday()]
        )

    def when(self, value: Value) -> str:
        """A moment, a day, or (from answers) their ISO text, `a/b` being an interval."""
        match value:
            case datetime():
                local = value.astimezone(self.zone) if value.tzinfo else value
                return f"{self.day(local.date())} {local:%H:%M}"
            case date():
                return self.day(value)
            case "":
                return ""
            case str() if "/" in value:
                return self._interval(*value.split("/"))
            case str():
                return self.when(datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value))
            case _:
                return self(value)

    def _interval(self, start: str, end: str) -> str:
        if "T" not in start:
            last = date.fromisoformat(end) - timedelta(days=1)
            first = date.fromisoformat(start)
            return self.day(first) if first == last else f"{self.day(first)} – {self.day(last)}"
        first_moment, end_moment = datetime.fromisoformat(start), datetime.fromisoformat(end)
        closing = f"{end_moment:%H:%M}" if end_moment.date() == first_moment.date() else self.when(end_moment)
        return f"{self.when(first_moment)}–{closing}"

    def left(self, due: Value) -> str:
        """还剩 5 小时 12 分, or 超时 2 小时."""
        if not isinstance(due, datetime):
            return self.when(due)
        gap = due - self.now
        if timedelta() <= -gap < timedelta(minutes=1):
            return self.template("time.due_now")
        return self.template("time.left" if gap > timedelta() else "time.over").format(span=self.span(abs(gap)))

    def by(self, due: Value) -> str:
        """今天, 明天, or 11月27日 周五前."""
        if not isinstance(due, datetime):
            return self.when(due)
        day = due.astimezone(self.zone).date()
        away = (day - self.now.astimezone(self.zone).date()).days
        named = {0: "time.today", 1: "time.tomorrow"}.get(away)
        return self.template(named) if named else self.template("time.by").format(day=self.day(day))

    def span(self, gap: timedelta) -> str:
        """A duration in at most two units, never more exact than minutes."""
        minutes = int(gap.total_seconds() // 60)
        days, rest = divmod(minutes, 24 * 60)
        hours, mins = divmod(rest, 60)
        parts = [(days, "day"), (hours, "hour"), (mins, "minute")]
        if days >= 2:
            parts = parts[:2]
        elif days:
            parts = [(hours + 24, "hour"), (mins, "minute")]
        shown = [self.count(number, unit) for number, unit in parts if number][:2]
        return " ".join(shown) or self.count(0, "minute")

    def count(self, number: int, unit: str) -> str:
        """A number with its unit: 3 天, 1 day, 3 days."""
        one, *many = self.template(f"unit.{unit}").split("|")
        return f"{number} {one if number == 1 or not many else many[0]}"


class _Filler(Formatter):
    """Ways to say a value: `{x}` plainly; `{x:when}` `{x:day}` `{x:by}` `{x:left}` as a time; `{x:word channel}` as a word of the
    catalogue; `{x:count hour}` a number with its unit; `{x:or …}` x or the text given; `{x:joined}` a list in one line;
    `{x:phone}` a number to be tapped;
    `{x:capital}` with a capital letter, where a label or a sentence begins with it; `{x:line}` on a line of its own, or nothing."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Any) -> Any:
        return kwargs.get(key) if isinstance(key, str) else args[key]

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, _, rest = format_spec.partition(" ")
        match kind:
            case "":
                return self.voice(value)
            case "when":
                return escape(self.voice.when(value)) if value is not None else ""
            case "day":
                return self.voice.when(
                    value.astimezone(self.voice.zone).date() if isinstance(value, datetime) else value
                )
            case "by":
                return self.voice.by(value)
            case "left":
                return self.voice.left(value)
            case "word":
                return self.voice.word(f"{rest}.{value}") if value is not None else ""
            case "count":
                return self.voice.count(int(value), rest)
            case "or":
                return self.voice(value) or rest
            case "joined":
                return self.voice.template("joiner").join(self.voice(each) for each in value)
            case "phone":
                return escape(plain_phone(value)) if value else ""
            case "capital":
                text = self.voice(value)
                return text[:1].upper() + text[1:]
            case "line":
                text = self.voice(value)
                return f"\n{text}" if text else ""
        raise ValueError(f"unknown way to say a value: {format_spec!r}")
