"""The limits of a complaint, worked out from its record: where each begins, its pauses, and what stops it.

Nothing moves a limit but an entry: whoever reads the entries can work it out again (article 16（三）3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.asked import asked_once
from models.climbing import HANDLING, LIMIT, in_force, step_times, wind
from models.clocks import Clock, Event, events, of_subject
from models.people import key
from models.records import Complaint, Entry, Matter, notes, standing
from rules.complaint import ComplaintState, due_with, limit
from rules.house import House

SUBJECT = "complaint"
Pause = tuple[datetime, datetime]


def of_case(session: Session, matter: Matter) -> list[Clock]:
    """All clocks of a complaint, running or stopped."""
    return sorted(of_subject(session, SUBJECT, key(matter)), key=key)


def the_limit(session: Session, matter: Matter) -> Clock:
    """The clock of the on-site limit, running or stopped."""
    return next(each for each in of_case(session, matter) if each.rule == LIMIT)


def reported(session: Session, matter: Matter, to: str) -> list[Entry]:
    """The progress reports made to the department or to the customer, the oldest first."""
    return [each for each in _reports(session, key(matter)) if to in each.answers["to"]]


@asked_once(Entry)
def _reports(session: Session, matter_id: int) -> list[Entry]:
    query = select(Entry).where(Entry.matter_id == matter_id, Entry.kind == "progress", standing())
    return list(session.exec(query.order_by(col(Entry.written_at))))


def derive(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> None:
    """Work the limits out again, and wind their clocks."""
    cycle = _of_this_cycle(session, matter)
    began = cycle[0].written_at if matter.cycle > 1 else complaint.received_at
    clocks = {each.rule: each for each in of_case(session, matter)}
    on_site = clocks[LIMIT]
    complaint.limit_at = limit(began, complaint.inside, in_force(session, house, on_site).deadline)
    stopped = min(_stops(cycle, complaint, began), default=None)
    _set(session, house, on_site, matter, (began, complaint.limit_at), _pauses(cycle), stopped, now)
    if complaint.handle_by is not None and complaint.entrusted_at is not None and house.rulebook.handling is not None:
        span = complaint.entrusted_at, complaint.handle_by
        handling = clocks.get(HANDLING) or _handling(session, house, matter, span)
        later = [(start, end) for start, end in _pauses(cycle) if start >= complaint.entrusted_at]
        _set(session, house, handling, matter, span, later, min(_done(cycle), default=None), now)


def _handling(session: Session, house: House, matter: Matter, span: Pause) -> Clock:
    clock = Clock(
        rule=HANDLING,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(matter),
        post=f"handler@{matter.id}",
        cycle=str(matter.cycle),
        anchor=span[0],
        due_at=span[1],
    )
    session.add(clock)
    session.flush()
    return clock


def _set(
    session: Session,
    house: House,
    clock: Clock,
    matter: Matter,
    span: Pause,
    pauses: list[Pause],
    stopped: tuple[datetime, str] | None,
    now: datetime,
) -> None:
    running = [each for each in pauses if stopped is None or each[0] < stopped[0]]
    clock.anchor, clock.due_at = span[0], due_with(span[1], running)
    clock.paused_until = next((end for start, end in pauses if start <= now < end), None)
    clock.closed_at, clock.stopped_by = (min(stopped[0], now), stopped[1]) if stopped else (None, None)
    _count_anew(session, house, clock, matter, now)
    wind(session, house, clock, now)


def _count_anew(session: Session, house: House, clock: Clock, matter: Matter, now: datetime) -> None:
    """A new round of the ladder where the handling began anew, or where a step that was said lies ahead again."""
    cycle, _, moved = clock.cycle.partition(".")
    if cycle != str(matter.cycle):
        clock.cycle = str(matter.cycle)
        return
    times = step_times(session, house, clock)
    said = events(session, clock)
    if any(times[each.step] > now for each in said if each.step < len(times)):
        clock.cycle = f"{cycle}.{int(moved or 0) + 1}"
        _stay_said(session, clock, [each for each in said if each.step < len(times) and times[each.step] <= now])
    _stay_said(session, clock, _said_in_time(session, clock, cycle, times))


def _said_in_time(session: Session, clock: Clock, cycle: str, times: Sequence[datetime]) -> list[Event]:
    """What earlier rounds said of a step when its time, as it is now, had come: the limit was moved later, and back."""
    query = select(Event).where(Event.clock_id == clock.id, Event.cycle != clock.cycle).order_by(col(Event.id).desc())
    ours = [each for each in session.exec(query) if each.cycle.partition(".")[0] == cycle and each.step < len(times)]
    return [each for each in ours if times[each.step] <= each.at]


def _stay_said(session: Session, clock: Clock, said: Sequence[Event]) -> None:
    """They are not said again: they go into this round too."""
    here = {(each.step, each.nth) for each in events(session, clock)}
    kept = {(each.step, each.nth, each.staff_id): each for each in said if (each.step, each.nth) not in here}
    session.add_all(Event(**each.model_dump(exclude={"id", "cycle"}), cycle=clock.cycle) for each in kept.values())
    session.flush()


def _of_this_cycle(session: Session, matter: Matter) -> list[Entry]:
    """From the acceptance on, or from the complainant's last refusal."""
    found = notes(session, key(matter))
    refusals = [n for n, each in enumerate(found) if each.kind == "confirmation" and not each.answers["satisfied"]]
    return found[refusals[-1] :] if refusals else found


def _stops(cycle: list[Entry], complaint: Complaint, began: datetime) -> Iterator[tuple[datetime, str]]:
    """What stops the on-site limit: the arrival, unless it was before the limit began; where no visit is needed, the first answer;
    that all is done."""
    for entry in cycle:
        if entry.kind == "arrival" and entry.at >= began:
            yield entry.at, "arrived"
        if entry.kind == "progress" and not complaint.on_site_needed and "customer" in entry.answers["to"]:
            yield entry.written_at, "answered"
    yield from _done(cycle)


def _done(cycle: list[Entry]) -> Iterator[tuple[datetime, str]]:
    return ((each.written_at, "resolved") for each in cycle if each.kind == "resolution")


def _pauses(cycle: list[Entry]) -> list[Pause]:
    """From when to when the limits stood still; a pause that nobody ended goes to its planned end."""
    found = []
    for number, entry in enumerate(cycle):
        if entry.kind == "pause":
            until = datetime.fromisoformat(entry.answers["until"])
            resumed = next((each.written_at for each in cycle[number:] if each.kind == "resume"), until)
            found.append((entry.written_at, min(until, resumed)))
    return found


def pauses(session: Session, matter: Matter) -> list[Pause]:
    """The pauses of the present cycle."""
    return _pauses(_of_this_cycle(session, matter))


def pause_now(session: Session, matter: Matter, now: datetime) -> Pause | None:
    """The pause that lasts at this moment."""
    return next((each for each in pauses(session, matter) if each[0] <= now < each[1]), None)


KIND_OF_STATE = {
    "arrival": ComplaintState.ON_SITE,
    "resolution": ComplaintState.RESOLVED,
    "evaluation": ComplaintState.EVALUATED,
    "entrust": ComplaintState.HANDLING,
    "hand_on": ComplaintState.HANDED_ON,
}


def state_by_record(session: Session, matter: Matter, complaint: Complaint) -> ComplaintState:
    """The state that the entries of the present cycle lead to, the last voiding left aside."""
    state = ComplaintState.HANDLING
    for entry in _of_this_cycle(session, matter):
        if entry.kind == "confirmation" and entry.answers["satisfied"]:
            state = ComplaintState.CONFIRMED
        elif entry.kind == "acceptance":
            handed_on = entry.answers.get("handed_on", True)
            state = ComplaintState.HANDED_ON if handed_on else ComplaintState.ACCEPTED
        elif entry.kind in KIND_OF_STATE:
            state = KIND_OF_STATE[entry.kind]
    return state
