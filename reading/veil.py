"""The words that must not be said, taken out of a text: names of a customer that goes by a code name, and of its people.

A text is compared in plain characters (`fold` keeps every character's place), so that full width, capitals, traditional
characters and spaces within a name hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from html import escape

from reading.characters import fold
from reading.names import is_place, pinyin_full

SHORTEST_CUT = 3
"""Characters of a name that was cut off at the end of a line which still tell it."""
LONG_NUMBER = 7
"""Digits from which a number tells whose it is, whatever stands around it."""
LONG_SOUND = 6
_MARKUP = r"</?[a-z]+[^>\n]*>|&\w+;"
_CUT = r"(?=…|\n|<|[”」』\"）)]|$)"
_BETWEEN_DIGITS = r"[ ()\-–.]*"


class Part(StrEnum):
    """What a word tells of a customer: which it is, somebody there, how to reach them, where it is."""

    NAME = "name"
    PERSON = "person"
    NUMBER = "number"
    PLACE = "place"


@dataclass(frozen=True)
class Word:
    customer: int
    part: Part
    text: str
    everywhere: bool = True
    """False for what others are called too: it is taken out only where this customer is spoken of."""


@dataclass(frozen=True)
class Secret:
    """A customer that is called by its code name only, with every word that tells it."""

    customer: int
    code: str
    words: tuple[Word, ...]


Said = Callable[[int, Part], str]
"""What is said in place of a word."""


@dataclass(frozen=True)
class Veil:
    """`kept` are names that contain such a word and stay: other customers, our own units."""

    secrets: tuple[Secret, ...]
    kept: tuple[str, ...] = ()
    _made: dict[frozenset[int], _Matcher] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, text: str, said: Said, about: Collection[int] = ()) -> str:
        """The text without those words. `about` are customers known to be spoken of; so is each that the text itself names."""
        concerned = {*about, *self.named(text)}
        return _replaced(text, self._matcher(concerned), said)

    def named(self, text: str) -> set[int]:
        """The customers that a text names, by a code name or by a word that tells them."""
        plain = fold(text)
        return self.told(text) | {each.customer for each in self.secrets if _coded(each.code).search(plain)}

    def told(self, text: str) -> set[int]:
        """The customers that a text tells by a word that may not be said."""
        return {word.customer for _, _, word in _found(fold(text), self._matcher())}

    def _matcher(self, about: Collection[int] = ()) -> _Matcher:
        these = frozenset(about)
        if these not in self._made:
            self._made[these] = _matcher(self._words(these), self.kept)
        return self._made[these]

    def _words(self, about: Collection[int]) -> tuple[Word, ...]:
        return tuple(word for each in self.secrets for word in each.words if word.everywhere or each.customer in about)


@dataclass(frozen=True)
class _Matcher:
    pattern: re.Pattern[str]
    words: tuple[Word | None, ...]
    """By the number of the group; None for what is kept."""


def _replaced(text: str, matcher: _Matcher, said: Said) -> str:
    parts, at = [], 0
    for start, end, word in _found(fold(text), matcher):
        parts += [text[at:start], said(word.customer, word.part)]
        at = end
    return "".join([*parts, text[at:]])


def _found(plain: str, matcher: _Matcher) -> Iterator[tuple[int, int, Word]]:
    for match in matcher.pattern.finditer(plain):
        word = matcher.words[match.lastindex - 1] if match.lastindex else None
        if word is not None:
            yield match.start(), match.end(), word


@lru_cache(maxsize=64)
def _matcher(words: tuple[Word, ...], kept: tuple[str, ...]) -> _Matcher:
    """Made once for the same words; whoever asks reads the words anew, so that nothing is forgotten when they change."""
    ways: list[tuple[int, str, Word | None]] = [(len(each), _letters(each), None) for each in kept]
    ways += [(length, pattern, word) for word in words for length, pattern in _ways(word)]
    ways.sort(key=lambda each: (-each[0], each[2] is not None))
    patterns = "|".join([*(f"({pattern})" for _, pattern, _ in ways), _MARKUP])
    return _Matcher(re.compile(patterns), tuple(word for _, _, word in ways))


@lru_cache(maxsize=1024)
def _coded(code: str) -> re.Pattern[str]:
    return re.compile(_letters(code))


def _ways(word: Word) -> Iterable[tuple[int, str]]:
    """Every way in which the word is written, with its length."""
    if word.part is Part.NUMBER and any(each.isdigit() for each in word.text) and "@" not in word.text:
        yield from _numbers(word.text)
        return
    yield len(word.text), _letters(word.text)
    if word.part in (Part.NAME, Part.PERSON):
        yield from _sounds(word)
    if word.part is Part.NAME:
        cuts = (word.text[:length] for length in range(SHORTEST_CUT, len(word.text)))
        yield from ((len(cut), f"{_letters(cut)}{_CUT}") for cut in cuts if not is_place(cut))


def _letters(text: str) -> str:
    """Spaces may stand between the characters; letters and digits are not taken out of the middle of a longer word."""
    plain = "".join(fold(text).split())
    inner = " *".join(re.escape(each) if each not in "&<>" else f"(?:{each}|{escape(each)})" for each in plain)
    before = r"(?<![a-z0-9])" if plain[:1].isascii() and plain[:1].isalnum() else ""
    after = r"(?![a-z0-9])" if plain[-1:].isascii() and plain[-1:].isalnum() else ""
    return f"{before}{inner}{after}"


def _sounds(word: Word) -> Iterable[tuple[int, str]]:
    sound = pinyin_full(word.text, person=word.part is Part.PERSON)
    if len(sound) >= LONG_SOUND and not word.text.isascii():
        yield len(sound), r"(?<![a-z])" + r"[ '\-]?".join(sound) + r"(?![a-z])"


def _numbers(text: str) -> Iterable[tuple[int, str]]:
    """A telephone number however it is divided, with and without its area code."""
    digits = "".join(each for each in text if each.isalnum()).lower()
    local = [digits[-8:], digits[-7:]] if digits.startswith("0") and len(digits) > 9 else []
    for each in dict.fromkeys((digits, *local)):
        joined = _BETWEEN_DIGITS.join(each)
        yield len(each), joined if len(each) >= LONG_NUMBER else rf"(?<!\d){joined}(?!\d)"


def words_of(customer: int, part: Part, texts: Iterable[str | None], everywhere: bool = True) -> Sequence[Word]:
    """The words among the texts that are long enough to tell anything."""
    return [Word(customer, part, each.strip(), everywhere) for each in texts if each and len(each.strip()) > 1]
