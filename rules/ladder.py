"""Ladders: who is told, and when, as a due time nears and passes. What was said is an argument, so nothing is planned.

However long the bot slept, each step that was reached is owed once, and repeats that were missed are owed as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rules.calendar import ONE_DAY, Calendar
from rules.fields import At, EntryError, Point, Rule, Span, Text, YesNo
from rules.roles import Who

MORNING: Final = time(8, 30)
END_OF_WORK: Final = time(18)


class Step(Rule):
    """One rung. `tell` is everybody who is told: in the rulebook `also` adds to those of the step before."""

    at: At
    tell: tuple[Who, ...] = ()
    also: tuple[Who, ...] = ()
    every: Span | None = None  # said again and again until it is acknowledged
    until: Literal["acknowledged"] | None = None
    again_after: Span | None = None  # acknowledged, but nothing noted for so long: said again
    night: YesNo = False  # may wake people

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not self.tell and not self.also:
            raise EntryError("nobody_told")
        if self.until and not self.every:
            raise EntryError("until_without_every", at=("until",))
        return self


def _climb(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Check that the steps rise, and give every step the full list of those that it tells."""
    full: list[Step] = []
    for number, step in enumerate(steps):
        if full and step.at.order <= full[-1].at.order:
            raise EntryError("step_order", at=(number, "at"), value=str(step.at), before=str(full[-1].at))
        if step.also and not full:
            raise EntryError("also_first", at=(number, "also"))
        before = full[-1].tell if step.also else ()
        full.append(step.model_copy(update={"tell": tuple(dict.fromkeys((*before, *step.tell, *step.also)))}))
    return tuple(full)


class Ladder(Rule):
    """`at_work`: what it says can wait for the next morning of work, and comes on no rest day and no evening."""

    id: Text
    at_work: YesNo = False
    steps: Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_climb)]


@dataclass(frozen=True)
class Quiet:
    """The hours, in the company's time zone, in which people are left in peace; they may go over midnight."""

    start: time = time(21)
    end: time = time(7, 30)

    def holds(self, local: datetime) -> bool:
        clock = local.time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def wake(self, local: datetime) -> datetime:
        """That local time, or the end of the quiet hours in which it falls."""
        if not self.holds(local):
            return local
        day = local.date() if local.time() < self.end else local.date() + ONE_DAY
        return datetime.combine(day, self.end, tzinfo=local.tzinfo)


@dataclass(frozen=True)
class Said:
    """A step (by its number from 0) that was said for the nth time (from 0), and when somebody acknowledged it."""

    step: int
    nth: int
    at: datetime
    acked_at: datetime | None = None


@dataclass(frozen=True, order=True)
class Owing:
    step: int
    nth: int


def step_time(step: Step, anchor: datetime, due: datetime, calendar: Calendar, morning: time = MORNING) -> datetime:
    """When the step's time comes, quiet hours aside; aware, in the company's time zone. A changed clock changes no hours."""
    anchor, due = anchor.astimezone(UTC), due.astimezone(UTC)
    match step.at.point:
        case Point.FRACTION:
            when = anchor + (due - anchor) * step.at.amount
        case Point.HOURS:
            when = due + timedelta(hours=step.at.amount)
        case Point.WORKDAYS:
            day = calendar.add_workdays(calendar.local(due).date(), int(step.at.amount))
            when = calendar.at(day, morning)
    return calendar.local(when)


@dataclass(frozen=True)
class _Clock:
    """One clock on its ladder, as it stands now."""

    ladder: Ladder
    anchor: datetime
    due: datetime
    said: Sequence[Said]
    now: datetime
    calendar: Calendar
    quiet: Quiet
    urgent: bool
    last_note: datetime | None
    morning: time

    def times(self) -> Iterator[tuple[Owing, datetime]]:
        """What each step says next, and when, quiet hours respected."""
        for number, step in enumerate(self.ladder.steps):
            said = [one for one in self.said if one.step == number]
            if not said:
                yield Owing(number, 0), self._awake(self._reached_at(number), night=step.night)
            elif (again := self._again_at(step, said)) is not None:
                nth = 1 + max(one.nth for one in said)
                yield Owing(number, nth), self._awake(again, night=self.urgent)

    def passed_over(self, highest: int) -> Iterator[Owing]:
        """Lower steps that the night held back: they are recorded with the higher one, and never said after it."""
        said = {one.step for one in self.said}
        return (Owing(number, 0) for number in range(highest) if number not in said)

    def _reached_at(self, number: int) -> datetime:
        return step_time(self.ladder.steps[number], self.anchor, self.due, self.calendar, self.morning)

    def _again_at(self, step: Step, said: Sequence[Said]) -> datetime | None:
        """When a step that was said is said again; None when never, as things stand."""
        last_said = max(one.at for one in said)
        last_ack = max((one.acked_at for one in said if one.acked_at), default=None)
        if last_ack is None or last_ack < last_said or not (step.until or step.again_after):
            return last_said + step.every if step.every else None
        last_sign = max(last_ack, self.last_note) if self.last_note else last_ack
        return last_sign + step.again_after if step.again_after else None

    def _awake(self, when: datetime, *, night: bool) -> datetime:
        """That time, or the end of the quiet hours if it falls in them, or if it has come and they hold it back now."""
        if self.ladder.at_work:
            when = self._at_work(self.calendar.local(when))
        woken = when if night else self.quiet.wake(self.calendar.local(when))
        now = self.calendar.local(self.now)
        return self.quiet.wake(now) if woken <= now and not night and self.quiet.holds(now) else woken

    def _at_work(self, local: datetime) -> datetime:
        """That time, or the next morning of work where nobody works then."""
        evening = local.time() > END_OF_WORK
        day = self.calendar.workday_on_or_after(local.date() + ONE_DAY if evening else local.date())
        return max(local, self.calendar.at(day, self.morning))


def owed_now(
    ladder: Ladder,
    anchor: datetime,
    due: datetime,
    said: Sequence[Said],
    now: datetime,
    *,
    calendar: Calendar,
    quiet: Quiet,
    urgent: bool = False,
    last_note: datetime | None = None,
    morning: time = MORNING,
) -> list[Owing]:
    """The steps whose time has come and that were not said yet, lowest first; only the last is to be said aloud.

    `urgent` (the case is major) lets repeats wake people. `last_note` is when progress was last noted: a step with
    `again_after` that was acknowledged and then followed by silence is owed again, and needs a new acknowledgement.
    All instants are aware.
    """
    clock = _Clock(ladder, anchor, due, said, now, calendar, quiet, urgent, last_note, morning)
    reached = {owing for owing, when in clock.times() if when <= now}
    highest = max((owing.step for owing in reached), default=0)
    return sorted(reached | set(clock.passed_over(highest)))


def next_time(
    ladder: Ladder,
    anchor: datetime,
    due: datetime,
    said: Sequence[Said],
    now: datetime,
    *,
    calendar: Calendar,
    quiet: Quiet,
    urgent: bool = False,
    last_note: datetime | None = None,
    morning: time = MORNING,
) -> datetime | None:
    """When something is owed next; not after now if something is owed now. None when nothing more will be said.

    The arguments are those of `owed_now`; ask with what was said just now included.
    """
    clock = _Clock(ladder, anchor, due, said, now, calendar, quiet, urgent, last_note, morning)
    return min((when for _, when in clock.times()), default=None)
