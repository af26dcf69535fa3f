"""A notice of rest and make-up days (放假安排), as the State Council publishes it or a company writes it: which days rest, which
are worked, and what about it is doubtful. Nothing is guessed: what doesn't fit is said."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from reading.arrangement_words import HOLIDAYS, MONTHS, WEEK, Kind, Token, Verb, day_of, plain, tokens
from rules.calendar import SATURDAY

ONE_DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=31)
"""No single stretch of rest days is longer than this."""
_STATEMENT: Final = re.compile(rf"[。;!\n]|{''.join(f'(?<!{each})' for each in (*MONTHS, *WEEK))}\.(?=\s|$)")
_NUMBERING: Final = re.compile(r"\s*\(?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[).、]\s*(?=\D|\d+\s*月)")
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?:年(?!\s*\d{1,2}\s*月)|(?!\d|\s*[年./-]\s*\d))")
_EXPLICIT: Final = re.compile(r"(?<!\d)(20\d\d)\s*[年./-]\s*\d{1,2}\s*[月./-]")
_LONGEST_NAME: Final = 12
DECEMBER: Final = 12


class Why(StrEnum):
    WEEKDAY = "weekday"  # the weekday in brackets is not that of the date
    COUNT = "count"  # so many days are said, so many are named
    MAKE_UP = "make_up"  # a make-up day that is no Saturday or Sunday
    BOTH = "both"  # a day that is said to rest and to be worked
    NO_SUCH_DAY = "no_such_day"
    OTHER_YEAR = "other_year"
    UNREAD = "unread"  # a sentence with a date that says neither 放假 nor 上班
    MISSING = "missing"  # state holidays that are not mentioned


@dataclass(frozen=True)
class Doubt:
    """`text` is what was written; `said` what the notice says of it, `found` what the calendar or the sum says."""

    why: Why
    text: str = ""
    day: date | None = None
    said: int = 0
    found: int = 0
    names: tuple[str, ...] = ()


@dataclass
class Holiday:
    """`names` are ids of `HOLIDAYS`, or the company's own word."""

    names: tuple[str, ...]
    rest: list[date] = field(default_factory=list)
    work: list[date] = field(default_factory=list)


@dataclass(frozen=True)
class Arrangement:
    """What was understood. `year` None: the notice names none, and it was read as the year given."""

    year: int | None
    holidays: tuple[Holiday, ...]
    doubts: tuple[Doubt, ...]

    @property
    def days(self) -> Mapping[date, bool]:
        """Whether each day that is named is worked."""
        rest = {day: False for each in self.holidays for day in each.rest}
        return rest | {day: True for each in self.holidays for day in each.work}

    @property
    def names(self) -> Mapping[date, str]:
        return {day: "+".join(each.names) for each in self.holidays for day in (*each.rest, *each.work)}

    @property
    def whole(self) -> bool:
        """Whether it says something of every holiday of the state, and so settles the year."""
        return not HOLIDAYS.keys() - {name for each in self.holidays for name in each.names}


@dataclass
class _Span:
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1)]


class _Counted:
    """共3天: the dates before it rest, where no verb follows in the same breath."""


_COUNTED: Final = _Counted()
_Part = _Span | Verb | _Counted


def year_named(text: str) -> int | None:
    """The year that the notice is about: 2027年部分节假日, 2027 holiday schedule; else that of its dates, where all agree."""
    written = plain(text)
    found = _YEAR.search(written)
    if found:
        return int(found[1])
    years = set(_EXPLICIT.findall(written))
    return int(years.pop()) if len(years) == 1 else None


def arrangement(text: str, year: int) -> Arrangement:
    """Read a notice; `year` counts where it names none."""
    named = year_named(text)
    reader = _Reader(named or year)
    for statement in _STATEMENT.split(plain(text)):
        reader.read(_NUMBERING.sub("", statement, count=1))
    holidays = tuple(each for each in reader.holidays if each.rest or each.work)
    return Arrangement(named, holidays, (*reader.doubts, *_doubts(holidays)))


def _doubts(holidays: Sequence[Holiday]) -> Iterator[Doubt]:
    rest = {day for each in holidays for day in each.rest}
    for each in holidays:
        for day in each.work:
            if day in rest:
                yield Doubt(Why.BOTH, day=day)
            elif day.weekday() < SATURDAY:
                yield Doubt(Why.MAKE_UP, day=day)
    mentioned = {name for each in holidays for name in each.names}
    missing = tuple(name for name in HOLIDAYS if name not in mentioned)
    if missing and holidays:
        yield Doubt(Why.MISSING, names=missing)


class _Reader:
    """Goes through a notice statement by statement; a heading holds until the next one."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.holidays: list[Holiday] = []
        self.doubts: list[Doubt] = []

    def read(self, statement: str) -> None:
        found = list(tokens(statement))
        dated = any(each.kind in (Kind.DATE, Kind.BARE) for each in found)
        heading = _heading(statement, found)
        if heading and (dated or len(statement.strip()) <= _LONGEST_NAME):
            self.holidays.append(Holiday(heading))
        if dated:
            _Statement(self, statement, found, headed=bool(heading)).read()

    @property
    def holiday(self) -> Holiday:
        if not self.holidays:
            self.holidays.append(Holiday(("other",)))
        return self.holidays[-1]


def _heading(statement: str, found: Sequence[Token]) -> tuple[str, ...]:
    """The holidays named before the first date, or the company's own word before a colon."""
    names: list[str] = []
    for each in found:
        if each.kind in (Kind.DATE, Kind.BARE):
            break
        if each.kind is Kind.NAME and each.value not in names:
            names.append(str(each.value))
    if names:
        return tuple(names)
    head, colon, _ = statement.partition(":")
    own = head.strip()
    return (own,) if colon and 0 < len(own) <= _LONGEST_NAME and not any(True for _ in tokens(own)) else ()


class _Statement:
    """One statement, clause by clause: dates wait for the verb that follows (1月4日上班), or take the one before (上班：1月4日)."""

    def __init__(self, reader: _Reader, text: str, found: Sequence[Token], headed: bool) -> None:
        self.reader, self.text, self.found, self.headed = reader, text, found, headed
        self.waiting: list[_Span] = []
        self.before: Verb | None = None
        self.rested = 0
        self.counted = next((int(each.value) for each in found if each.kind is Kind.COUNT), None)

    def read(self) -> None:
        for clause in _Days(self.reader, self.text, self.found).clauses():
            self._clause(clause)
        if self.waiting and (self.headed or self.counted is not None):
            self._settle(self.waiting, Verb.REST)
        elif self.waiting and len(self.found) > 1:
            self.reader.doubts.append(Doubt(Why.UNREAD, self.text.strip()[:60]))
        if self.counted is not None and self.rested and self.counted != self.rested:
            names = self.reader.holiday.names
            self.reader.doubts.append(Doubt(Why.COUNT, names=names, said=self.counted, found=self.rested))

    def _clause(self, clause: Sequence[_Part]) -> None:
        spans = [each for each in clause if isinstance(each, _Span)]
        if not clause:
            return
        verbs = [each for each in clause if isinstance(each, Verb)]
        if isinstance(clause[0], Verb) and spans:
            self._verb_first(clause)
        elif self.before is not None and spans and not verbs:
            self._settle(spans, self.before)
        elif verbs:
            self._verb_last(clause)
        else:
            self._no_verb(clause)

    def _verb_first(self, clause: Sequence[_Part]) -> None:
        for each in clause:
            if isinstance(each, Verb):
                self.before = each
            elif isinstance(each, _Span) and self.before is not None:
                self._settle([each], self.before)

    def _verb_last(self, clause: Sequence[_Part]) -> None:
        for each in clause:
            if isinstance(each, _Span):
                self.waiting.append(each)
            elif isinstance(each, Verb) and self.waiting:
                self._settle(self.waiting, each)
                self.waiting = []
            elif isinstance(each, Verb) and len(clause) == 1:
                self.before = each

    def _no_verb(self, clause: Sequence[_Part]) -> None:
        self.waiting += [each for each in clause if isinstance(each, _Span)]
        if _COUNTED in clause and self.waiting:
            self._settle(self.waiting, Verb.REST)
            self.waiting = []

    def _settle(self, spans: Sequence[_Span], verb: Verb) -> None:
        days = [day for span in spans for day in span.days]
        holiday = self.reader.holiday
        (holiday.work if verb is Verb.WORK else holiday.rest).extend(days)
        self.rested += 0 if verb is Verb.WORK else len(days)
        self.reader.doubts += [Doubt(Why.OTHER_YEAR, day=day) for day in days[:1] if not self._in_year(day)]

    def _in_year(self, day: date) -> bool:
        """The New Year's holiday may begin in the December before."""
        return day.year == self.reader.year or (day.year == self.reader.year - 1 and day.month == DECEMBER)


class _Days:
    """Puts the dates of a statement together: ranges, months that are not said again, weekdays that must fit."""

    def __init__(self, reader: _Reader, text: str, found: Sequence[Token]) -> None:
        self.reader, self.text, self.found = reader, text, found
        self.spans: list[_Span] = []
        self.month: int | None = None
        self.weekday: int | None = None
        self.open = False  # a range waits for its last day

    def clauses(self) -> Iterator[list[_Part]]:
        clause: list[_Part] = []
        for where, token in enumerate(self.found):
            match token.kind:
                case Kind.COMMA:
                    yield clause
                    clause = []
                case Kind.VERB:
                    clause.append(Verb(str(token.value)))
                    self.open = False
                case Kind.COUNT:
                    clause.append(_COUNTED)
                case Kind.TO:
                    self.open = bool(self.spans)
                case Kind.WEEKDAY:
                    self._weekday(token, where)
                case Kind.DATE | Kind.BARE:
                    clause += self._date(token, where)
        yield clause

    def _date(self, token: Token, where: int) -> list[_Span]:
        """The span that begins here; nothing where the one before goes on, or where it is no date at all."""
        self.month = token.month or self._month_after(where) or (self.month if self._goes_on(where) else None)
        if self.month is None:
            return []
        day = day_of(token, self._year(), self.month)
        opened, self.open = self.open, False
        if day is None:
            self.reader.doubts.append(Doubt(Why.NO_SUCH_DAY, self.text[token.start : token.end].strip()))
            return []
        self._compare_with_weekday_before(day)
        if opened:
            self._until(day)
            return []
        self.spans.append(_Span(day, day))
        return [self.spans[-1]]

    def _month_after(self, where: int) -> int | None:
        """1-3 January: the month stands behind the range."""
        after = self.found[where + 1 : where + 3]
        return after[1].month if [each.kind for each in after] == [Kind.TO, Kind.DATE] else None

    def _goes_on(self, where: int) -> bool:
        before = self.found[where - 1].kind if where else None
        return before in (Kind.DATE, Kind.BARE, Kind.TO, Kind.COMMA, Kind.WEEKDAY)

    def _year(self) -> int:
        """The days of December in the New Year's holiday are those of the year before."""
        eve = self.month == DECEMBER and "new_year" in self.reader.holiday.names
        return self.reader.year - 1 if eve else self.reader.year

    def _until(self, day: date) -> None:
        span = self.spans[-1]
        if day < span.first and span.first.month == DECEMBER:
            day = day.replace(year=span.first.year + 1)
        if span.first <= day <= span.first + LONGEST:
            span.last = day
        else:
            self.reader.doubts.append(Doubt(Why.UNREAD, self.text.strip()[:60]))

    def _weekday(self, token: Token, where: int) -> None:
        """It belongs to the date just before it, else (Sunday, 4 January) to the one that follows."""
        if where and self.spans and self._follows_date(token, self.found[where - 1]):
            self._compare(self.spans[-1].last, int(token.value))
        else:
            self.weekday = int(token.value)

    def _follows_date(self, token: Token, before: Token) -> bool:
        return before.kind in (Kind.DATE, Kind.BARE) and not self.text[before.end : token.start].strip(" (")

    def _compare_with_weekday_before(self, day: date) -> None:
        if self.weekday is not None:
            self._compare(day, self.weekday)
        self.weekday = None

    def _compare(self, day: date, said: int) -> None:
        if day.weekday() != said:
            self.reader.doubts.append(Doubt(Why.WEEKDAY, day=day, said=said, found=day.weekday()))


@dataclass(frozen=True)
class Single:
    """One day as typed (12月31日 休): worked, rest, or as before (None)."""

    day: date
    works: bool | None


_WORKS: Final = {Verb.REST: False, Verb.WORK: True, Verb.AS_BEFORE: None}


def single_days(text: str, first: date) -> tuple[list[Single], str]:
    """The days that a line such as `12月31日 休 盘点` sets, and the rest of its words, which are the reason. A day without its year
    is the next such day on or after `first`."""
    written = plain(text)
    found = list(tokens(written))
    verb = next((Verb(str(each.value)) for each in found if each.kind is Kind.VERB), None)
    if verb is None:
        return [], text
    used = [each for each in found if each.kind in (Kind.DATE, Kind.BARE, Kind.TO, Kind.WEEKDAY, Kind.COMMA)]
    explicit = bool(_EXPLICIT.search(written))
    for year in (first.year, first.year + 1):
        days = _days_of(written, used, year)
        if days and (explicit or days[0] >= first):
            taken = [*used, next(each for each in found if each.kind is Kind.VERB)]
            return [Single(day, _WORKS[verb]) for day in days], _without(text, taken)
    return [], text


def _days_of(written: str, used: Sequence[Token], year: int) -> list[date]:
    """The days of that year; none where something about them does not fit."""
    reader = _Reader(year)
    clauses = list(_Days(reader, written, used).clauses())
    spans = [each for clause in clauses for each in clause if isinstance(each, _Span)]
    return [] if reader.doubts else [day for span in spans for day in span.days]


def _without(text: str, taken: Sequence[Token]) -> str:
    kept = list(text)
    for each in taken:
        kept[each.start : each.end] = " " * (each.end - each.start)
    return " ".join("".join(kept).split()).strip(" ，,。.；;：:、()（）")
