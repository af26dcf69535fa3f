"""Every clock of a duty and every cycle that ends in a span make one slot: what became of it, and what is said apart of it.

The database hands over whole sets, a question for each; they are put together here: in one statement SQLite, which keeps no
statistics of lists, took minutes for a year of 10,000 customers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Final, NamedTuple

from models import quotas
from models.figures import WITHIN, Row, View, moment
from models.marks import TALKS, Marks, marks
from models.rule_changes import Edition, editions
from rules.cadence import Unit
from rules.calendar import Calendar
from rules.roles import Role
from rules.spans import Window, windows

WAIVED: Final = ("relieved", "ended", "away")
STATES: Final = ("done", "missed", "open", *WAIVED)
MARKS: Final = ("late", "bare", "same", "unconfirmed", "silent")
"""What is said apart: of what was done, that it rests on nothing but entries that came late, are unproven, belong to a burst, or
were not confirmed by the customer (抽查未证实); of what was missed, that nobody of the post could be reached."""


@dataclass(frozen=True)
class Asked:
    """Which slots; None means any. `mark` is one of `MARKS`."""

    rule: str | None = None
    unit: int | None = None
    tier: str | None = None
    cycle: str | None = None
    state: str | None = None
    mark: str | None = None


class Slot(NamedTuple):
    """One row behind a figure: a clock, a cycle of it, and what became of that."""

    clock: int
    rule: str
    kind: str
    subject: int
    post: str
    unit: int | None
    tier: str | None
    cycle: str
    due: datetime
    state: str
    done: int
    owed: int
    apart: tuple[str, ...]
    times: tuple[datetime, ...] = ()
    """Of a year and more: when it was done, as often as it was owed."""
    whom: tuple[int, ...] = ()
    """The customers who were met then."""
    began: datetime | None = None
    """From when on it is owed: the beginning of the cycle, or of the duty, where that began within it."""


SEATS = "SELECT staff_id, role, unit_id, starts, ends FROM assignment ORDER BY starts, id"
CLOCKS = (
    "SELECT c.id, c.rule, c.subject_kind AS kind, c.subject_id AS subject, c.post, c.anchor, c.closed_at, u.unit_id AS unit,"  # noqa: S608
    " u.tier, u.owner_id AS owner FROM clock c LEFT JOIN customer u ON c.subject_kind = 'customer' AND u.id = c.subject_id"
    " WHERE c.subject_kind IN ('customer', 'unit', 'company', 'staff') AND c.rule IN :rules"
    f" AND (c.subject_kind <> 'customer' OR {WITHIN.format(unit='u.unit_id')}) ORDER BY c.id"
)
WHERE_SAID = (
    f"e.at >= :begin AND e.at < :end AND {TALKS} AND {WITHIN.format(unit='u.unit_id')} AND u.tier IN :tiers"
    " AND e.channel IN :ways"
)
SAID = (
    "SELECT e.id, e.at, e.channel, e.customer_id AS customer, u.unit_id AS unit, u.tier, u.owner_id AS owner"  # noqa: S608
    f" FROM entry e JOIN customer u ON u.id = e.customer_id WHERE {WHERE_SAID} ORDER BY e.id"
)
TOOK_PART = (
    "SELECT a.entry_id, a.staff_id FROM entry e JOIN customer u ON u.id = e.customer_id"  # noqa: S608
    f" JOIN participant a ON a.entry_id = e.id WHERE {WHERE_SAID}"
    " UNION ALL SELECT a.entry_id, a.for_id FROM entry e JOIN customer u ON u.id = e.customer_id"
    f" JOIN stood_in a ON a.entry_id = e.id WHERE {WHERE_SAID}"
)
"""Those in whose place somebody did it took part as well (代)."""
ENTERED = (
    "e.kind <> 'withdrawal' AND e.written_at >= :begin AND e.written_at < :end"
    " AND NOT EXISTS (SELECT 1 FROM entry w WHERE w.withdraws = e.id AND w.kind = 'withdrawal')"
)
ENTRIES = (
    f"SELECT e.id, e.by_id AS staff, e.written_at AS at FROM entry e WHERE {ENTERED} UNION ALL"  # noqa: S608
    f" SELECT e.id, a.staff_id, e.written_at FROM entry e JOIN participant a ON a.entry_id = e.id WHERE {ENTERED}"
    " AND a.staff_id <> e.by_id"
    " UNION ALL"
    f" SELECT e.id, a.for_id, e.written_at FROM entry e JOIN stood_in a ON a.entry_id = e.id WHERE {ENTERED}"
)
"""Whatever a person entered or took part in."""
LEAVE = "SELECT staff_id, starts, ends FROM absence WHERE starts < :end AND ends > :begin"
REACHABLE = "SELECT id FROM staff WHERE active AND telegram_id IS NOT NULL AND unreachable_since IS NULL"


NUMBERS: Final = 6
"""Counted of each cycle: all, by its own post, and those of each good kind."""


@dataclass
class _Clock:
    """A clock with the cycles of its rule that it owes, and by cycle what was done: in all, by its own post, in time, proven, not
    in a burst, not left unconfirmed; of a year and more, also when and whom."""

    row: Row
    unit: int | None
    owes: list[Window]
    starts: list[Any]
    ends: list[Any]
    dated: bool
    counts: dict[int, list[int]] = field(default_factory=dict)
    times: dict[int, list[tuple[datetime, int]]] = field(default_factory=dict)

    def credit(self, at: Any, whom: int, *kinds: bool) -> None:
        """Something that counts was done at that moment."""
        place = bisect_right(self.starts, at) - 1
        if place >= 0 and at < self.ends[place]:
            found = self.counts.setdefault(place, [0] * NUMBERS)
            found[0] += 1
            for number, each in enumerate(kinds, 1):
                found[number] += each
            if self.dated:
                self.times.setdefault(place, []).append((moment(at), whom))


class Reckoning:
    """All that is needed for the rules and units asked for, read once."""

    def __init__(self, view: View, asked: Asked, rules: Sequence[str] = (), *, marked: bool = True) -> None:
        """`marked`: with what is said apart of what was done."""
        self.view = View(view.session, view.house, view.span, view.reach.narrowed(asked.unit), view.now)
        meant = rules or ([asked.rule] if asked.rule else [])
        self.owing = {each.id: each for each in view.house.rulebook.duties if not meant or each.id in meant}
        self.tiers = sorted({tier.value for each in self.owing.values() for tier in each.tiers})
        self.ways = sorted({way.value for each in self.owing.values() if each.whom for way in each.how})
        self.marked = marked and asked.state in (None, "done")
        self.begin = self.end = view.now
        self.windows: dict[tuple[str, date | None, int], list[Window]] = {}
        self.bounds: dict[tuple[str, int, int], tuple[list[Any], list[Any]]] = {}

    def looked_at(self, since: datetime, until: datetime) -> bool:
        """Whether all that was done between these moments was."""
        return self.marked and self.begin <= since and until <= self.end

    def slots(self) -> Iterator[Slot]:
        clocks = list(self._clocks())
        if not clocks:
            return
        self.begin = min((each.starts for clock in clocks for each in clock.owes[:1]), default=self.view.now)
        self.end = max((each.ends for clock in clocks for each in clock.owes[-1:]), default=self.view.now)
        self._talks(clocks)
        self._daily(clocks)
        for clock in clocks:
            yield from self._of(clock)

    def _ask(self, sql: str, **params: Any) -> Sequence[Row]:
        return self.view.ask(sql, tiers=self.tiers, ways=self.ways, **params)

    # Clocks

    def _clocks(self) -> Iterator[_Clock]:
        for row in self._ask(CLOCKS, rules=list(self.owing)):
            unit = row.unit if row.kind == "customer" else self._unit(row)
            if not self._within(row, unit):
                continue
            owes = self._owed(row)
            if owes:
                yield _Clock(
                    row, unit, owes, *self._bounds(row.rule, owes), self.owing[row.rule].every.unit is Unit.YEAR
                )

    def _unit(self, row: Row) -> int | None:
        """A person's duties are those of the unit in which they sell, or did last."""
        if row.kind != "staff":
            return int(row.subject)
        sold = [seat.unit_id for seat in self.seats.get(row.subject, ()) if seat.role == Role.SALESPERSON]
        return sold[-1] if sold else None

    def _within(self, row: Row, unit: int | None) -> bool:
        reach = self.view.reach
        if reach.units is not None and unit not in reach.units:
            return False
        above = row.post.startswith(f"{Role.VICE_PRESIDENT}@") and self.view.reach.units is not None
        return not above or row.post in reach.posts

    def _owed(self, row: Row) -> list[Window]:
        """The cycles in which it is owed: from its beginning on, until it was closed; each by what the duty asked for then."""
        began, closed = moment(row.anchor), moment(row.closed_at) if row.closed_at else None
        found = [each for edition in self.editions[row.rule] for each in self._of_edition(edition, began)]
        return [each for each in found if closed is None or closed > each.starts]

    @cached_property
    def editions(self) -> dict[str, list[Edition]]:
        return {rule: editions(self.view.session, duty) for rule, duty in self.owing.items()}

    def _of_edition(self, edition: Edition, began: datetime) -> list[Window]:
        calendar = self.view.house.calendar
        if edition.starts is not None:
            began = max(began, calendar.at(edition.starts, time()))
        found = self._windows(edition, calendar.local(began).year)
        first = next((n for n, each in enumerate(found) if began < each.anchored_until), len(found))
        return found[first:]

    def _windows(self, edition: Edition, year: int) -> list[Window]:
        duty = edition.duty
        place = duty.id, edition.starts, year if duty.every.number > 1 else 0
        if place not in self.windows:
            calendar, today = self.view.house.calendar, self.view.today
            found = windows(duty, self.view.span, (year,), calendar, today)
            self.windows[place] = [each for window in found for each in _within(window, edition, calendar)]
        return self.windows[place]

    def _bounds(self, rule: str, owes: list[Window]) -> tuple[list[Any], list[Any]]:
        """When each begins and ends, as the database has it. Between two days of work lies the weekend."""
        place = rule, id(owes[0]), len(owes)
        if place not in self.bounds:
            kept = self.view.kept
            self.bounds[place] = [kept(each.starts) for each in owes], [kept(each.ends) for each in owes]
        return self.bounds[place]

    @cached_property
    def seats(self) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self._ask(SEATS):
            found[row.staff_id].append(row)
        return found

    @cached_property
    def marks(self) -> Marks:
        """Said apart of what was done: not looked up where that is not asked for."""
        if not self.marked:
            return Marks()
        return marks(self.view, self.begin, self.end)

    # What was done

    def _talks(self, clocks: Iterable[_Clock]) -> None:
        found: dict[tuple[str, int, str], list[_Clock]] = defaultdict(list)
        for clock in clocks:
            if clock.row.kind == "customer":
                found["customer", clock.row.subject, ""].append(clock)
            elif clock.row.kind != "staff":
                for tier in self.owing[clock.row.rule].tiers:
                    found[clock.row.kind, clock.row.subject if clock.row.kind == "unit" else 0, tier].append(clock)
        if not found:
            return
        took_part: dict[int, list[int]] = defaultdict(list)
        for row in self._ask(TOOK_PART, begin=self.begin, end=self.end):
            took_part[row[0]].append(row[1])
        ways = {rule: frozenset(duty.how) for rule, duty in self.owing.items()}
        for number, at, channel, customer, unit, tier, owner in self._ask(SAID, begin=self.begin, end=self.end):
            near = (("customer", customer, ""), ("unit", unit, tier), ("company", 0, tier))
            touched = [clock for place in near for clock in found.get(place, ()) if channel in ways[clock.row.rule]]
            if touched:
                staff = took_part.get(number, ())
                held = self._posts(staff, at)
                as_owner = owner in staff or f"{Role.SALESPERSON}@{unit}" in held
                for clock in touched:
                    self._counted(clock, (number, at, customer), held, as_owner=as_owner)

    def _counted(self, clock: _Clock, talk: tuple[int, Any, int], held: Set[str], *, as_owner: bool) -> None:
        (entry, at, whom), post = talk, clock.row.post
        if post in held or (as_owner and post.startswith("owner@")):
            clock.credit(at, whom, True, *self._good(entry))
        elif post.startswith("owner@") and self._relieved(clock, held):
            clock.credit(at, whom, False, *self._good(entry))

    def _relieved(self, clock: _Clock, held: Set[str]) -> bool:
        return self.owing[clock.row.rule].relieved_by is not None and f"{Role.UNIT_HEAD}@{clock.unit}" in held

    def _posts(self, staff: Sequence[int], at: Any) -> Set[str]:
        """The posts that these people held then. Most hold the same all the time."""
        if len(staff) == 1 and staff[0] in self._steady:
            return self._steady[staff[0]]
        seats = (seat for each in staff for seat in self.seats.get(each, ()))
        return {f"{seat.role}@{seat.unit_id}" for seat in seats if _then(seat, at)}

    @cached_property
    def _steady(self) -> dict[int, frozenset[str]]:
        begin = self.view.kept(self.begin)
        return {
            staff: frozenset(f"{seat.role}@{seat.unit_id}" for seat in held)
            for staff, held in self.seats.items()
            if all(seat.starts <= begin and seat.ends is None for seat in held)
        }

    def _good(self, entry: int) -> tuple[bool, bool, bool, bool]:
        apart = self.marks
        known = entry not in apart.unconfirmed
        return entry not in apart.late, entry not in apart.bare, entry not in apart.same, known

    def _daily(self, clocks: Iterable[_Clock]) -> None:
        theirs: dict[int, list[_Clock]] = defaultdict(list)
        for clock in clocks:
            if clock.row.kind == "staff":
                theirs[clock.row.subject].append(clock)
        seen: set[tuple[int, int]] = set()
        for entry, staff, at in self._ask(ENTRIES, begin=self.begin, end=self.end) if theirs else ():
            if staff in theirs and (entry, staff) not in seen:
                seen.add((entry, staff))
                for clock in theirs[staff]:
                    clock.credit(at, 0, True, *self._good(entry))

    # What became of it

    def _of(self, clock: _Clock) -> Iterator[Slot]:
        row, silent = clock.row, self._silent(clock.row)
        none = [0] * NUMBERS
        for place, window in enumerate(clock.owes):
            done, own, *good = clock.counts.get(place, none)
            count = self._count(clock, window)
            state = self._state(clock, window, done >= count, own >= count)
            apart, made = _apart(state, good, silent=silent), sorted(clock.times.get(place, ()))[:count]
            yield Slot(
                row.id, row.rule, row.kind, row.subject, row.post, clock.unit, row.tier, window.cycle.name, window.due, state,
                done, count, apart, tuple(at for at, _ in made), tuple(whom for _, whom in made),
                max(window.starts, moment(row.anchor)),
            )  # fmt: skip

    def _count(self, clock: _Clock, window: Window) -> int:
        """As often as the rule says, or the sales department for this unit (R17.5)."""
        if clock.row.kind != "unit":
            return window.count
        return quotas.number(self._quotas.get(clock.row.subject, ()), window.cycle.first.year, window.count)

    @cached_property
    def _quotas(self) -> dict[int, list[tuple[int, int]]]:
        return quotas.by_unit(self.view.session)

    def _state(self, clock: _Clock, window: Window, done: bool, own: bool) -> str:
        if done:
            return "done" if own else "relieved"
        if clock.row.closed_at is not None and moment(clock.row.closed_at) <= window.due:
            return "ended"
        if clock.row.kind == "staff" and any(a <= window.due < b for a, b in self._leave.get(clock.row.subject, ())):
            return "away"
        return "missed" if window.over else "open"

    @cached_property
    def _leave(self) -> dict[int, list[tuple[datetime, datetime]]]:
        found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for row in self._ask(LEAVE, begin=self.begin, end=self.end):
            found[row.staff_id].append((moment(row.starts), moment(row.ends)))
        return found

    def _silent(self, row: Row) -> bool:
        """Whether nobody of the post can be reached at present: not enrolled, or the bot is blocked."""
        if row.post.startswith("owner@"):
            return row.owner not in self._reachable
        if row.kind == "staff":
            return row.subject not in self._reachable
        return row.post not in self._answered

    @cached_property
    def _reachable(self) -> set[int]:
        return {row.id for row in self._ask(REACHABLE)}

    @cached_property
    def _answered(self) -> set[str]:
        """The posts of which somebody can be reached."""
        now = self.view.kept(self.view.now)
        held = (seat for staff in self._reachable for seat in self.seats.get(staff, ()))
        return {f"{seat.role}@{seat.unit_id}" for seat in held if _then(seat, now)}


def _within(window: Window, edition: Edition, calendar: Calendar) -> Iterator[Window]:
    """A cycle belongs to the edition in which it began; what was done before a change counted for what held before it."""
    if edition.ends is not None and window.cycle.first >= edition.ends:
        return
    if edition.starts is None or window.cycle.last >= edition.starts:
        starts = calendar.at(edition.starts, time()) if edition.starts is not None else window.starts
        yield replace(window, starts=max(window.starts, starts))


def _then(seat: Row, at: Any) -> bool:
    return bool(seat.starts <= at and (seat.ends is None or at < seat.ends))


def _apart(state: str, good: Sequence[int], *, silent: bool) -> tuple[str, ...]:
    if state == "missed":
        return ("silent",) if silent else ()
    return tuple(name for name, number in zip(MARKS, good, strict=False) if not number) if state == "done" else ()
