"""Which customer a line speaks of: the longest name at its beginning first, then names within it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from reading.characters import fold
from reading.names import core_name, initials, is_place, normalise, pinyin_parts
from reading.slips import slipped


@dataclass(frozen=True)
class Candidate:
    """A customer as the directory knows it.

    `people` are the names known there; `hint` (the city, the unit) tells customers of the same name apart.
    """

    id: int
    name: str
    short_name: str | None
    people: tuple[str, ...]
    hint: tuple[str, ...] = ()


class Directory(Protocol):
    """Where customers are looked up.

    By legal name, short name, a part of two characters or more, full pinyin, initials, a person, digits of the phone.
    """

    def find(self, text: str) -> Sequence[Candidate]:
        """The customers that fit, best first. Who fits a longer text also fits its first two characters."""
        ...

    def near(self, text: str) -> Sequence[Candidate]:
        """Customers with whose names the text may begin but for one slip; rather too many than too few."""
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


_EXACT, _BEGINS, _WITHIN, _OTHERWISE, _NOT = range(5)
_QUERIES = 60
"""Look-ups for one line at most."""
_LONGEST_NAME = 24
_MANY = 20
_TOO_MANY = 9
"""More that fit equally are no answer: 山东 names a province, not a customer."""
_FEWEST_LETTERS = 3
_FEWEST_DIGITS = 7
"""Fewer digits are a quantity or a price rather than a telephone number."""
_CHUNK = re.compile(r"[^\s，。,;；:：、!！?？()（）\[\]\"“”\x00]+")
_PREPOSITION = re.compile(r"\b(?:of|with|at|to|from) $")
_MORE_WORDS = re.compile(r"(?: [a-z0-9&.\-]+){1,3}")
_LEADING = re.compile(
    "(?:我们?|刚|今|陪|带|上|那边|去了?一?趟?|到了?|来|在|给|跟|和|与|同|向|对|找|为|约了?|拜访了?|走访了?|回访了?|联系了?|接到?|收到|客户|用户|一下|"
    "关于|了|过|打电话|反映|visited|called|with|to|the|from|[ ])+"
)
_LEGAL_REST = re.compile("(?:股份|集团|控股|有限|责任|公司|总厂|厂)+")


@dataclass(frozen=True)
class Unknown:
    """What looks like a customer's name, and the words that lead to it, which stand from `start` on."""

    start: int
    name: int
    end: int

    def leading(self, text: str) -> str:
        return text[self.start : self.name]


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
            return Unknown(chunk.start(), company.start(), company.end())
    alone = _NAME_ALONE.match(text) if certain else None
    return None if not alone or _NO_NAME.match(alone[1]) else Unknown(alone.start(1), alone.start(1), alone.end(1))


def mention(text: str, directory: Directory) -> Mention | None:
    """The customer named in folded text in which what was understood before is blotted out with NUL.

    First a word that is a name or begins with one, then a full name inside a word, then whatever else the directory knows.
    """
    asked = _Asked(directory)
    chunks = list(_CHUNK.finditer(text))[:12]
    for position, chunk in enumerate(chunks):
        found = _in_chunk(text, chunk.start(), chunk.end(), asked, first=position == 0)
        found = found or (_misspelt(text, chunk, asked) if position < _SLIPS_LOOKED_FOR else None)
        if found:
            return found
    within = (found for found in _anywhere(text, chunks, asked) if found)
    otherwise = (found for chunk in chunks[:3] if (found := _otherwise(text, chunk, asked)))
    return next(within, None) or next(otherwise, None)


def told_apart(text: str, found: Mention) -> Mention:
    """Of several who fit, the one whose city, unit or known person the text names as well."""
    fitting = [each for each in found.fitting if any(_named(word, text) for word in (*_places(each), *each.people))]
    if len(found.fitting) < 2 or len(fitting) != 1:
        return found
    start, end = found.start, found.end
    for word in _places(fitting[0]):
        before = re.search(rf"{re.escape(word)}市?的?$", text[:start])
        after = re.compile(rf"[ ]?[(（]?{re.escape(word)}市?的?[)）]?").match(text, end)
        start, end = before.start() if before else start, after.end() if after else end
    return replace(found, start=start, end=end, fitting=tuple(fitting))


def _places(candidate: Candidate) -> list[str]:
    """City and unit as people write them: 西安 for 西安市."""
    return [fold(each).removesuffix("市") for each in candidate.hint]


def _named(word: str, text: str) -> bool:
    return len(word) >= 2 and fold(word) in text


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
        self._missed: set[str] = set()

    def find(self, text: str) -> Sequence[Candidate]:
        """After one miss nothing more is asked that begins with two characters that nobody fits."""
        if text[:2] in self._missed and not self._ask(text[:2]):
            return ()
        found = self._ask(text)
        if not found:
            self._missed.add(text[:2])
        return found

    def _ask(self, text: str) -> Sequence[Candidate]:
        if text not in self._answers:
            if len(self._answers) >= _QUERIES:
                return ()
            self._answers[text] = self._directory.find(text)[:_MANY]
        return self._answers[text]

    def near(self, text: str) -> Sequence[Candidate]:
        return self._directory.near(text)


_SLIPS_LOOKED_FOR = 3
"""Words at the beginning of a line in which a slip is looked for."""


def _misspelt(text: str, chunk: re.Match[str], asked: _Asked) -> Mention | None:
    """A name with one slip in it, at the beginning of a word; several that it may be are all offered."""
    for begin in _starts(text, chunk.start(), chunk.end()):
        for stop in _word_ends(text, begin, chunk.end()):
            if found := _slipped(text, begin, stop, asked):
                end = max(found)
                fitting = tuple(found[end])
                return Mention(_with_lead(text, chunk.start()), end, fitting, text[chunk.start() : begin])
    return None


def _slipped(text: str, begin: int, stop: int, asked: _Asked) -> dict[int, list[Candidate]]:
    """Who is meant, by where the misspelt name ends."""
    found: dict[int, list[Candidate]] = {}
    typed = text[begin:stop]
    for candidate in asked.near(typed):
        end = slipped(typed, candidate.name, candidate.short_name)
        if end is not None:
            found.setdefault(_place(text, begin, stop, end), []).append(candidate)
    return found


def _place(text: str, begin: int, stop: int, characters: int) -> int:
    """Where so many characters end, blanks not counted; a legal form that follows belongs to the name."""
    places = [at + 1 for at in range(begin, stop) if not text[at].isspace()]
    end = places[min(characters, len(places)) - 1]
    rest = _LEGAL_REST.match(text, end)
    return rest.end() if rest else end


def _starts(text: str, start: int, end: int) -> list[int]:
    leading = _LEADING.match(text, start, end)
    return [start, leading.end()] if leading and leading.end() < end else [start]


def _otherwise(text: str, chunk: re.Match[str], asked: _Asked) -> Mention | None:
    """A whole word that the directory knows in another way: a person, a phone number."""
    if chunk[0].isdigit() and len(chunk[0]) < _FEWEST_DIGITS:
        return None
    fitting = _best(chunk[0], asked, _OTHERWISE)
    return Mention(chunk.start(), chunk.end(), fitting, by_name=False) if 0 < len(fitting) <= _TOO_MANY else None


def _in_chunk(text: str, start: int, end: int, asked: _Asked, *, first: bool) -> Mention | None:
    """The whole chunk, if the directory knows it in any way; then its beginnings, longest first, if they are names."""
    for begin in _starts(text, start, end):
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
    ends = [begin + len(name) for name in names if text.startswith(name, begin)]
    if len(fitting) == 1:
        ends += _slip_ends(text, begin, fitting[0])
    return max([stop, *ends])


def _slip_ends(text: str, begin: int, candidate: Candidate) -> Iterator[int]:
    """Where more of the name ends that has a slip in it: 华航 of 华航像胶, harbor of harbor rubbr."""
    word = _CHUNK.match(text, begin)
    for stop in _word_ends(text, begin, word.end()) if word else ():
        if slip := slipped(text[begin:stop], candidate.name, candidate.short_name):
            yield _place(text, begin, stop, slip)


def _word_ends(text: str, begin: int, end: int) -> list[int]:
    """The end of a word, and of the Latin words after it that may belong to the same name, the longest first."""
    more = _MORE_WORDS.match(text, end) if text[begin:end].isascii() else None
    return [
        *sorted({m.end() + end for m in re.finditer(r"(?<=\S)(?=\s|$)", more[0])} if more else (), reverse=True),
        end,
    ]


def _stops(text: str, begin: int, end: int) -> Iterator[int]:
    """Where a name that begins here may end, the longest first; Latin words are not cut, and may be several."""
    yield from _word_ends(text, begin, end)[:-1]
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
    wanted = normalise(query)
    ranked = [(_rank(wanted, candidate), candidate) for candidate in asked.find(query)]
    best = min((rank for rank, _ in ranked), default=_NOT)
    if best > min(worst, _OTHERWISE):
        return ()
    return tuple(candidate for rank, candidate in ranked if rank == best)


def _rank(wanted: str, candidate: Candidate) -> int:
    """How well it fits. Two letters, or the sound of one character, are a word of any language rather than a name."""
    known = _known(candidate)
    if wanted in known.whole or core_name(wanted) in known.whole:
        return _EXACT
    if any(name.startswith(wanted) for name in known.names) or wanted in known.sounds:
        return _BEGINS
    if wanted.isascii() and not wanted.isdigit():
        return _OTHERWISE if wanted in known.people else _NOT
    return _WITHIN if any(wanted in name for name in known.names) else _OTHERWISE


@dataclass(frozen=True)
class _Known:
    """What a customer is called, `whole`; its `names`; how two characters and more of them sound; who is there, in letters."""

    whole: frozenset[str]
    names: frozenset[str]
    sounds: frozenset[str]
    people: frozenset[str]


@lru_cache(maxsize=8192)
def _known(candidate: Candidate) -> _Known:
    names = {normalise(candidate.name), core_name(candidate.name), normalise(candidate.short_name or "")} - {""}
    parts = [pinyin_parts(name) for name in names]
    sounds = {"".join(each[:n]) for each in parts for n in range(2, len(each) + 1)}
    short = {letters for name in names if len(letters := initials(name)) >= _FEWEST_LETTERS}
    people = {normalise(each) for each in candidate.people} | {"".join(pinyin_parts(each)) for each in candidate.people}
    whole = names | {"".join(each) for each in parts} | short
    return _Known(frozenset(whole), frozenset(names), frozenset(sounds), frozenset(people))
