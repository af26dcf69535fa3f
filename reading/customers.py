"""Which customer a line speaks of: the longest name at its beginning first, then names within it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from reading.characters import fold
from reading.names import core_name, initials, is_place, normalise, pinyin_full


@dataclass(frozen=True)
class Candidate:
    """A customer as the directory knows it; `people` are the names known there."""

    id: int
    name: str
    short_name: str | None
    people: tuple[str, ...]


class Directory(Protocol):
    """Where customers are looked up.

    By legal name, short name, a part of two characters or more, full pinyin, initials, a person, digits of the phone.
    """

    def find(self, text: str) -> Sequence[Candidate]:
        """The customers that fit, best first."""
        ...


@dataclass(frozen=True)
class Mention:
    """What names a customer, where it stands, and who fits equally well."""

    start: int
    end: int
    fitting: tuple[Candidate, ...]
    leading: str = ""
    """The words that lead to the name, within the stretch: 去了, 拜访, 跟."""
    by_name: bool = True
    """False where the stretch is no name of the customer's: a person, a phone number, a slip of the pen."""


_EXACT, _BEGINS, _WITHIN, _OTHERWISE = range(4)
_QUERIES = 60
"""Look-ups for one line at most."""
_LONGEST_NAME = 24
_MANY = 20
_TOO_MANY = 9
"""More that fit equally are no answer: 山东 names a province, not a customer."""
_CHUNK = re.compile(r"[^\s，。,;；:：、!！?？()（）\[\]\"“”\x00]+")
_PREPOSITION = re.compile(r"\b(?:of|with|at|to|from) $")
_MORE_WORDS = re.compile(r"(?: [a-z0-9&.\-]+){1,3}")
_LEADING = re.compile(
    "(?:我们?|刚|今|去了?一?趟?|到了?|来|在|给|跟|和|与|同|向|对|找|为|拜访了?|走访了?|回访了?|联系了?|接到?|收到|客户|用户|一下|"
    "关于|了|过|打电话|反映|visited|called|with|to|the|from|[ ])+"
)


@dataclass(frozen=True)
class Unknown:
    """What looks like a customer's name."""

    start: int
    end: int


_COMPANY = re.compile(
    r".{2,20}?(?:公司|集团|橡胶|轮胎|电子|科技|机械|化工|胶管|胶带|密封件?|制品|实业|贸易|商贸|新材料|汽配|矿业|钢铁|重工|电气|电器|工业|厂(?![长家商]))(?:(?:有限|股份|责任)*公司|厂|集团)?"
)
_NO_NAME = re.compile(
    "谈|讨论|开会|说|问|客户|确认|发|去|和|跟|与|我|已|没|有|要|需|催|送|签|收|请|质量|产品|货|价|报|付|配方|关于|下次|再|了解|沟通|汇报|到|在|你|好|今|明|是|不|这|那|都|请|谢|改|尽|马上|"
    r"(?:discussed|talked|called|we|i|the|a|an|had|have|sent|met|visited|with|asked|hello|hi|ok|please|send|will|about|and|to|for|he|she|they|it|is|was|no|yes)\b"
)
_NAME_ALONE = re.compile(
    r"\s*([a-z0-9&.\-]+(?: [a-z0-9&.\-]+){1,3}(?= ?\x00)|[^\s，。,;；:：!！?？\x00]{2,16}(?=[\s\x00]|$))"
)


def unknown_customer(text: str, *, certain: bool) -> Unknown | None:
    """A company's name by its form; or the first word of the line, where the rest makes it `certain` that this is a record."""
    for chunk in list(_CHUNK.finditer(text))[:12]:
        leading = _LEADING.match(text, chunk.start(), chunk.end())
        company = _COMPANY.match(text, leading.end() if leading else chunk.start(), chunk.end())
        if company and not _NO_NAME.match(company[0]):
            return Unknown(company.start(), company.end())
    alone = _NAME_ALONE.match(text) if certain else None
    return None if not alone or _NO_NAME.match(alone[1]) else Unknown(alone.start(1), alone.end(1))


def mention(text: str, directory: Directory) -> Mention | None:
    """The customer named in folded text in which what was understood before is blotted out with NUL.

    First a word that is a name or begins with one, then a full name inside a word, then whatever else the directory knows.
    """
    asked = _Asked(directory)
    chunks = list(_CHUNK.finditer(text))[:12]
    for position, chunk in enumerate(chunks):
        found = _in_chunk(text, chunk.start(), chunk.end(), asked, first=position == 0)
        if found:
            return found
    within = (found for found in _anywhere(text, chunks, asked) if found)
    otherwise = (found for chunk in chunks[:3] if (found := _otherwise(text, chunk, asked)))
    return next(within, None) or next(otherwise, None)


def of_person(name: str, directory: Directory) -> Mention | None:
    """The customers where that person is known."""
    fitting = tuple(
        candidate for candidate in directory.find(name)[:_MANY] if name in [each.lower() for each in candidate.people]
    )
    return Mention(0, 0, fitting, by_name=False) if fitting else None


class _Asked:
    """The directory, asked each thing once and no more than so often."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._answers: dict[str, Sequence[Candidate]] = {}

    def find(self, text: str) -> Sequence[Candidate]:
        if text not in self._answers:
            if len(self._answers) >= _QUERIES:
                return ()
            self._answers[text] = self._directory.find(text)[:_MANY]
        return self._answers[text]


def _otherwise(text: str, chunk: re.Match[str], asked: _Asked) -> Mention | None:
    """A whole word that the directory knows in another way: a person, a phone number, a slip of the pen."""
    fitting = _best(chunk[0], asked, _OTHERWISE)
    return Mention(chunk.start(), chunk.end(), fitting, by_name=False) if 0 < len(fitting) <= _TOO_MANY else None


def _in_chunk(text: str, start: int, end: int, asked: _Asked, *, first: bool) -> Mention | None:
    """The whole chunk, if the directory knows it in any way; then its beginnings, longest first, if they are names."""
    leading = _LEADING.match(text, start, end)
    starts = [start, leading.end()] if leading and leading.end() < end else [start]
    for begin in starts:
        for stop in _stops(text, begin, end):
            worst = _WITHIN if first and stop == end else _BEGINS
            fitting = _best(text[begin:stop], asked, worst)
            if 0 < len(fitting) <= _TOO_MANY:
                return Mention(
                    _with_lead(text, start), _whole_name(text, begin, stop, fitting), fitting, text[start:begin]
                )
    return None


def _with_lead(text: str, start: int) -> int:
    """Where an English preposition before the name begins."""
    lead = _PREPOSITION.search(text, max(0, start - 6), start)
    return lead.start() if lead else start


def _whole_name(text: str, begin: int, stop: int, fitting: tuple[Candidate, ...]) -> int:
    """The end of the name when more of it is typed than was asked for: abc rubber after abc."""
    names = (fold(name) for candidate in fitting for name in (candidate.name, candidate.short_name) if name)
    return max([stop, *(begin + len(name) for name in names if text.startswith(name, begin))])


def _stops(text: str, begin: int, end: int) -> Iterator[int]:
    """Where a name that begins here may end, the longest first; Latin words are not cut, and may be several."""
    if text[begin:end].isascii():
        words = _MORE_WORDS.match(text, end)
        yield from sorted(
            {m.end() + end for m in re.finditer(r"(?<=\S)(?=\s|$)", words[0])} if words else (), reverse=True
        )
    if end - begin <= _LONGEST_NAME:
        yield end
    for stop in range(min(end - 1, begin + _LONGEST_NAME // 2), begin + 1, -1):
        if not (_latin(text[stop - 1]) and _latin(text[stop])):
            yield stop


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _anywhere(text: str, chunks: list[re.Match[str]], asked: _Asked) -> Iterator[Mention | None]:
    """A full name in the middle of a sentence: 技术部一起去的华航橡胶."""
    for chunk in chunks:
        for begin in range(chunk.start() + 1, chunk.end() - 1):
            for length in (8, 6, 5, 4, 3, 2):
                stop = begin + length
                if stop <= chunk.end() and not text[begin:stop].isascii():
                    fitting = _best(text[begin:stop], asked, _EXACT)
                    yield Mention(begin, stop, fitting) if fitting else None


def _best(query: str, asked: _Asked, worst: int) -> tuple[Candidate, ...]:
    if len(query) < 2 or is_place(query):
        return ()
    ranked = [(_rank(query, candidate), candidate) for candidate in asked.find(query)]
    best = min((rank for rank, _ in ranked), default=_OTHERWISE + 1)
    if best > worst:
        return ()
    return tuple(candidate for rank, candidate in ranked if rank == best)


def _rank(query: str, candidate: Candidate) -> int:
    wanted = normalise(query)
    keys = _keys(candidate)
    if wanted in keys or core_name(wanted) in keys:
        return _EXACT
    if any(key.startswith(wanted) for key in keys):
        return _BEGINS
    return _WITHIN if any(wanted in key for key in keys) else _OTHERWISE


@lru_cache(maxsize=4096)
def _keys(candidate: Candidate) -> frozenset[str]:
    """What the customer is called, and how it sounds."""
    names = {normalise(candidate.name), core_name(candidate.name), normalise(candidate.short_name or "")} - {""}
    return frozenset(
        names | {pinyin_full(name) for name in names} | {initials(name) for name in names if len(name) > 2}
    )
