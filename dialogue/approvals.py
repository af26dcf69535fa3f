"""What waits for somebody's decision, as they see it: who asks for what, until when, and 同意, 退回, 转办."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dialogue.cases import OPINIONS, RECORDED, TAKEN, VOTES, decides, step_line
from dialogue.claims import money
from dialogue.live import FACES, face
from dialogue.values import Button, Rows, Screen
from dialogue.viewer import Viewer
from models import steps
from models.customers import Customer
from models.people import Staff, Unit, key
from models.records import Matter
from models.steps import Step, StepState
from papers.stories import reason_of
from words import Say, Value, say

AFTER: dict[str, Callable[[Viewer, Step], Rows]] = {}
"""By kind of step: the way on for whoever asked, once it is decided."""


def asked_screen(view: Viewer, step: Step) -> Screen:
    """For those who decide, and for those who asked."""
    matter = view.session.get_one(Matter, step.matter_id)
    waiting = step.state == StepState.WAITING
    text = say(
        _asking(step) if waiting else "step.settled",
        what=say(f"step.{step.kind}"),
        number=matter.number,
        by=view.session.get_one(Staff, step.asked_by).name,
        facts=facts(view, step),
        text=step.text or None,
        due=say("step.answer_due" if _wants_words(step) else "step.due", due=step.due_at)
        if step.due_at and waiting
        else None,
        line=step_line(view, step),
        about=_about(view, matter),
    )
    rows = decision_buttons(step) if waiting and decides(view, step) else AFTER.get(step.kind, _nothing)(view, step)
    return Screen(text, rows, subject=step.subject)


def _asking(step: Step) -> str:
    """The words that put it before somebody: to take it over, to answer, to decide."""
    if step.kind in RECORDED:
        return "step.to_record"
    return "step.handed" if step.kind in TAKEN else "step.consulted" if _wants_words(step) else "step.asked"


def _wants_words(step: Step) -> bool:
    return step.kind in OPINIONS or step.kind == steps.EVALUATION


def _nothing(_view: Viewer, _step: Step) -> Rows:
    return ()


def decided_screen(view: Viewer, step: Step) -> Screen:
    """What was decided, over the live card of the matter: the next step is on it."""
    screen = asked_screen(view, step)
    matter = _face(view, view.session.get_one(Matter, step.matter_id))
    if step.state == StepState.WAITING or matter is None:
        return screen
    return Screen(screen.text, matter.rows, subject=matter.subject)


def _about(view: Viewer, matter: Matter) -> Value:
    """The matter itself, for those who may see it."""
    shown = _face(view, matter)
    return shown.text if shown else None


def _face(view: Viewer, matter: Matter) -> Screen | None:
    draw = FACES.get(matter.kind)
    return draw(view, key(matter)) if draw else None


def facts(view: Viewer, step: Step) -> Value:
    """What exactly is asked."""
    if not step.facts:
        return None
    known = {name: READERS[name](view, each) if name in READERS else each for name, each in step.facts.items()}
    return say(f"asked.{step.kind}", **known)


def _unit(view: Viewer, value: int) -> Value:
    return view.session.get_one(Unit, value).name


def _moment(_: Viewer, value: str) -> Value:
    return datetime.fromisoformat(value)


def reason(view: Viewer, value: str) -> Value:
    """Why a limit stands still."""
    return reason_of(view.house, value)


def _person(view: Viewer, value: int) -> Value:
    return view.session.get_one(Staff, value).name


READERS: dict[str, Callable[..., Value]] = {
    **{"unit": _unit, "due": _moment, "until": _moment, "reason": reason, "who": _person},
    "amount": lambda _, value: money(value),
    "way": lambda _, value: say(f"way.{value}"),
    "channel": lambda _, value: say(f"channel.{value}"),
    "customer": lambda view, value: view.session.get_one(Customer, value).called,
    "part": lambda _, value: say(f"file_part.{value}"),
}


def decision_buttons(step: Step) -> Rows:
    here = {"step": key(step)}
    if step.kind in TAKEN:
        return ((Button(say("button.take"), "step.approve", here), Button(say("button.return"), "step.return", here)),)
    pass_on = Button(say("button.pass_on"), "step.pass_on", here)
    if step.kind in OPINIONS:
        return ((Button(say("button.answer_step"), "step.answer", here), pass_on),)
    if step.kind in RECORDED:
        return ((Button(say("button.minutes"), "tiers.meet", {"matter": step.matter_id}),),)
    if step.kind in VOTES:
        agree, not_ = (
            Button(say("button.approve"), "step.approve", here),
            Button(say("button.disagree"), "step.return", here),
        )
        return ((agree, not_), (Button(say("button.approve_with"), "step.answer", here), pass_on))
    return (
        (Button(say("button.approve"), "step.approve", here), Button(say("button.return"), "step.return", here)),
        (Button(say("button.approve_with"), "step.answer", here), pass_on),
    )


def listed(view: Viewer, step: Step) -> Say:
    matter = view.session.get_one(Matter, step.matter_id)
    return say("step.listed", number=matter.number, what=say(f"step.{step.kind}"), line=step_line(view, step))


def to_decide(view: Viewer, step: Step) -> Say:
    """One line of what waits for this person: who asks for what, until when."""
    number = view.session.get_one(Matter, step.matter_id).number
    by = view.session.get_one(Staff, step.asked_by).name
    return say("step.to_decide", number=number, what=say(f"step.{step.kind}"), by=by, due=step.due_at)


def mine(view: Viewer) -> list[Step]:
    """What waits for this person, by their post; not what those above may decide as well."""
    return [
        each
        for each in steps.all_waiting(view.session)
        if any(found.id == view.me for found in steps.deciders(view.session, each, view.now))
    ]


@face(steps.SUBJECT)
def as_it_stands_now(view: Viewer, step: int) -> Screen | None:
    found = view.session.get(Step, step)
    return asked_screen(view, found) if found is not None else None
