"""The page on which a customer answers a survey: one form for the phone, in Chinese or English, without scripts. It says who asks
and what is asked, and nothing about the customer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any, Final

from rules.halves import Half
from rules.house import House
from words import Say, Voice, say

BEST: Final = 5
LONGEST: Final = 1000
"""Characters of one free answer."""
LANGUAGES: Final = {"zh": "zh_CN", "en": "en"}
STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;background:#f3f5f7;color:#1c2733;
  font:17px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:36rem;margin:0 auto;padding:1rem 1rem 3rem}
header{display:flex;justify-content:space-between;gap:1rem;color:#51606f;font-size:.9rem}
a{color:#0b5cad}
h1{font-size:1.35rem;line-height:1.35;margin:.6rem 0}
fieldset,section{border:0;margin:1rem 0;padding:1rem;background:#fff;border-radius:.75rem}
legend,label.words{font-weight:600;padding:0;float:left;width:100%;margin-bottom:.6rem}
.marks{clear:both;display:grid;gap:.5rem}
.marks label{display:flex;align-items:center;gap:.75rem;min-height:3rem;padding:.25rem .9rem;
  border:1px solid #c5ced8;border-radius:.6rem;cursor:pointer}
.marks input{width:1.3rem;height:1.3rem;margin:0;flex:none;accent-color:#0b5cad}
.marks label:has(:checked){border-color:#0b5cad;background:#e8f1fb}
textarea{clear:both;display:block;width:100%;min-height:6rem;padding:.7rem;font:inherit;
  border:1px solid #c5ced8;border-radius:.6rem}
button{width:100%;min-height:3.2rem;font:inherit;font-weight:600;color:#fff;background:#0b5cad;border:0;border-radius:.75rem}
:focus-visible{outline:3px solid #f2a33a;outline-offset:2px}
.note{padding:.8rem 1rem;border-radius:.6rem;background:#fff4e0;border:1px solid #f2a33a}
"""
POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Server": "keguan",
}
"""Nothing runs on it, nothing is kept of it, and the link goes nowhere else."""


@dataclass(frozen=True)
class Asked:
    """A survey as the page shows it."""

    half: str
    questions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Filled:
    """What was filled in: a mark for each question that has one, and words."""

    scores: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def lacks(self, asked: Asked) -> bool:
        """Whether a question that wants a mark has none."""
        return any(each["kind"] == "score" and each["id"] not in self.scores for each in asked.questions)

    @property
    def is_too_long(self) -> bool:
        return any(len(each) > LONGEST for each in self.texts.values())


def read(asked: Asked, sent: Mapping[str, Any]) -> Filled:
    """What somebody sent, as far as it answers what was asked; anything else in it is left aside."""
    filled = Filled()
    for each in asked.questions:
        value = str(sent.get(each["id"], "")).strip()
        if each["kind"] == "text" and value:
            filled.texts[each["id"]] = value
        elif each["kind"] == "score" and value in {str(mark) for mark in range(1, BEST + 1)}:
            filled.scores[each["id"]] = int(value)
    return filled


@dataclass(frozen=True)
class Page:
    """In one of the two languages, `zh` or `en`."""

    house: House
    language: str
    now: datetime

    @property
    def voice(self) -> Voice:
        return Voice(LANGUAGES[self.language], self.house.calendar.tz, self.now)

    def said(self, message: Say) -> str:
        return escape(self.voice.plain(message))

    def form(self, asked: Asked, filled: Filled, note: str | None = None) -> str:
        half = Half.named(asked.half)
        intro = say("page.intro", company=self.house.company, half=say(f"half.{half.number}", year=str(half.year)))
        parts = [
            f"<p>{self.said(intro)}</p>",
            self._note(note),
            '<form method="post">',
            *(self._question(each, filled) for each in asked.questions),
            f"<button>{self.said(say('page.send'))}</button>",
            "</form>",
        ]
        return self._whole("".join(parts), switch=True)

    def word(self, message: str) -> str:
        """One clear sentence and nothing else."""
        return self._whole(f"<section>{self.said(say(f'page.{message}'))}</section>", switch=False)

    def _note(self, note: str | None) -> str:
        return f'<p class="note" role="alert">{self.said(say(f"page.{note}", most=LONGEST))}</p>' if note else ""

    def _question(self, asked: Mapping[str, Any], filled: Filled) -> str:
        written = asked["says"] if self.language == "zh" else asked["says_en"]
        name, says = escape(asked["id"]), escape(written[:1].upper() + written[1:])
        if asked["kind"] == "text":
            words = escape(filled.texts.get(asked["id"], ""))
            optional = self.said(say("page.optional"))
            head = f'<label class="words" for="{name}">{says}{optional}</label>'
            area = f'<textarea id="{name}" name="{name}" maxlength="{LONGEST}">{words}</textarea>'
            return f"<section>{head}{area}</section>"
        marks = "".join(self._mark(name, mark, filled.scores.get(asked["id"]) == mark) for mark in range(BEST, 0, -1))
        return f'<fieldset><legend>{says}</legend><div class="marks">{marks}</div></fieldset>'

    def _mark(self, name: str, mark: int, checked: bool) -> str:
        on = " checked" if checked else ""
        label = self.said(say(f"survey_score.{mark}"))
        return f'<label><input type="radio" name="{name}" value="{mark}" required{on}>{label}</label>'

    def _whole(self, body: str, *, switch: bool) -> str:
        other = "en" if self.language == "zh" else "zh"
        way = f'<a href="?lang={other}" hreflang="{other}">{self.said(say("page.other"))}</a>' if switch else ""
        title = self.said(say("page.title"))
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
            f"<header><span>{escape(self.house.company)}</span>{way}</header><h1>{title}</h1>{body}</main></body></html>"
        )
