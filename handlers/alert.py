"""确认收到: whoever was told of a step may acknowledge it; that stops the step's repeats, never a later step."""

from __future__ import annotations

from sqlmodel import col, or_, select

from dialogue.forms import Flow, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from models import audit
from models.climbing import ANOMALY, wind
from models.clocks import Clock, Event
from models.records import Matter
from rules.gate import Action, Subject
from words import Say, say, unpack

flow = Flow()


@flow.deed("alert.ack", needs=Action.ACKNOWLEDGE)
def acknowledge(turn: Turn, events: list[int]) -> Reply:
    told = [each for number in events if (each := turn.session.get(Event, number)) is not None]
    if not told:
        return notice(say("not_here"))
    for event in told:
        turn.need(Action.ACKNOWLEDGE, Subject(self_=event.staff_id))
        _acknowledge(turn, event)
    text = unpack(turn.card.text) if turn.card else None
    words = say("ack.done", text=text if isinstance(text, Say) else None, when=turn.now)
    return Reply(Screen(words, tuple(row(each) for each in _ways_on(turn, told))), toast=say("ack.toast"))


def _acknowledge(turn: Turn, event: Event) -> None:
    if event.acked_at is not None:
        return
    event.acked_at = turn.now
    clock = turn.session.get_one(Clock, event.clock_id)
    turn.session.flush()
    wind(turn.session, turn.house, clock, turn.now)
    audit.record(
        turn.session,
        turn.now,
        turn.me,
        "escalation.acknowledge",
        f"{clock.subject_kind}:{clock.subject_id}",
        step=event.step,
        nth=event.nth,
    )


def _ways_on(turn: Turn, told: list[Event]) -> list[Button]:
    clocks = [turn.session.get_one(Clock, each.clock_id) for each in told]
    matters = list(dict.fromkeys(each.subject_id for each in clocks if each.subject_kind == "complaint"))
    return [
        Button(say("button.case", number=turn.session.get_one(Matter, each).number), "complaint.show", {"matter": each})
        for each in matters[:5]
    ]


@flow.command("ack", "收到", "确认收到", needs=Action.ACKNOWLEDGE)
def typed(turn: Turn, _: str) -> Reply:
    """A typed 收到 counts for everything that this person was told and has not acknowledged."""
    query = (
        select(Event.id)
        .join(Clock, col(Clock.id) == Event.clock_id)
        .where(
            Event.staff_id == turn.me,
            col(Event.acked_at).is_(None),
            or_(
                Clock.rule == ANOMALY,
                col(Clock.subject_kind).in_(("complaint", "step")) & col(Clock.closed_at).is_(None),
            ),
        )
    )
    waiting = [each for each in turn.session.exec(query) if each is not None]
    return acknowledge(turn, waiting) if waiting else notice(say("ack.nothing"))
