"""状态: how the bot itself is, on one screen, for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from models.vitals import ALARM, LATELY, SERVICE, Vital, all_of, load
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEE_STATUS
QUIET = timedelta(seconds=90)
"""Without a sign of life for longer, something is wrong."""
ALARMS_SHOWN = 3


@flow.command("status", "状态", needs=NEEDS)
def status(turn: Turn, _: str) -> Reply:
    return Reply(_screen(turn), new=True)


@flow.deed("status.open", needs=NEEDS)
def again(turn: Turn) -> Reply:
    turn.need_any(NEEDS)
    return Reply(_screen(turn))


def _screen(turn: Turn) -> Screen:
    known, found = all_of(turn.session), load(turn.session, turn.now)
    service = known.get(SERVICE)
    version, _, mode = service.text.partition(" ") if service else ("–", "", "polling")
    receiver = known.get("receiver")
    text = say(
        "status",
        version=version,
        mode=say(f"status.mode_{mode}"),
        since=service.since if service else None,
        up=turn.voice.span(turn.now - service.since) if service else "–",
        tick=_when(turn, known.get("tick")),
        received=_when(turn, receiver) if mode == "polling" else _time(turn, found.received),
        sent=_time(turn, found.sent),
        inbox=found.inbox,
        outbox=found.outbox,
        oldest=say("status.oldest", at=found.oldest) if found.oldest else None,
        uncertain=found.uncertain,
        failed=found.failed,
        aside=found.set_aside,
        engine="PostgreSQL" if turn.session.get_bind().dialect.name == "postgresql" else "SQLite",
        size=f"{found.size / 1024**2:.1f} MB",
        page=_page(turn),
        alarms=_alarms(turn, known),
    )
    return Screen(text, ((Button(say("button.refresh"), "status.open"),),))


def _page(turn: Turn) -> Say:
    """Whether customers can answer a survey by themselves, and why not."""
    address = turn.house.survey_address
    return say("status.survey_page", address=address) if address else say("status.no_survey_page")


def _when(turn: Turn, row: Vital | None) -> Value:
    if row is None:
        return "–"
    said = _time(turn, row.at)
    return say("status.quiet", at=said) if turn.now - row.at > QUIET else said


def _time(turn: Turn, at: datetime | None) -> Value:
    """To the second today, with its day otherwise."""
    if at is None:
        return "–"
    local = turn.house.calendar.local(at)
    return f"{local:%H:%M:%S}" if local.date() == turn.today else turn.voice.when(at)


def _alarms(turn: Turn, known: dict[str, Vital]) -> Value:
    """The newest first; each names its kind and when."""
    raised = [each for each in known.values() if each.name.startswith(ALARM) and turn.now - each.at <= LATELY]
    newest = sorted(raised, key=lambda each: each.at, reverse=True)[:ALARMS_SHOWN]
    return [_alarm(each) for each in newest] or say("status.no_alarms")


def _alarm(row: Vital) -> Say:
    return say("status.alarm", at=row.at, what=say(f"alarm_kind.{row.name.removeprefix(ALARM)}"))
