"""/report_concern 举报: to audit and supervision only, by name or without; its author asks how it stands. No word lies open."""

from __future__ import annotations

from dialogue import confidences, engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Text
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from models import concerns
from models.concerns import Concern, ConcernStep, Reported, State
from models.people import Staff, key
from rules.gate import Action
from rules.roles import Role
from words import Say, say

flow = Flow()
NEEDS = Action.REPORT_CONCERN
KINDS = ("report", "petition", "appeal")
UNNAMED, NAMED = "unnamed", "named"
SHOWN = 8
TEXT = Text(shortest=2)


def fill(_turn: Turn, text: str) -> Answers:
    return {"text": text} if len(text) >= TEXT.shortest else {}


@flow.command("report_concern", "举报", "我要举报", "信访", "申诉", needs=NEEDS, confidential=True)
def report(turn: Turn, rest: str) -> Reply:
    """With words, or with something sent: a new one. Alone: how mine stand."""
    if confidences.refused(turn, FORM):
        return notice(say("confidential.no_key"))
    mine = [] if rest or turn.incoming.attachments else concerns.of_author(turn.session, turn.staff)
    return _mine(turn, mine) if mine else engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("concern.new", needs=NEEDS)
def new(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def _mine(turn: Turn, mine: list[Concern]) -> Reply:
    lines = [_line(turn, each) for each in mine[:SHOWN]]
    return notice(
        say("concern.mine", count=len(mine), lines=lines), row(Button(say("button.concern_new"), "concern.new"))
    )


def _line(turn: Turn, concern: Concern) -> Say:
    """For its author: number, state, and what was answered."""
    said = [each for each in concerns.steps(turn.session, concern) if each.body.get("text")]
    return say(
        "concern.line",
        number=concern.number,
        kind=say(f"concern_kind.{concern.kind}"),
        when=concern.received_at,
        state=say(f"concern_state.{concerns.state(turn.session, concern)}"),
        said=[step_line(each) for each in said],
    )


def step_line(step: ConcernStep) -> Say:
    return say(f"concern.said_{step.state}", when=step.at, text=step.body.get("text", ""))


def submit(turn: Turn, answers: Answers) -> Reply:
    receivers = concerns.receivers(turn.session, turn.now, turn.me)
    if not receivers:
        raise WrongAnswerError(say("concern.nobody"))
    what = Reported(answers["kind"], answers["text"], answers["signed"] == UNNAMED, tuple(answers.get(ATTACHMENTS, [])))
    concern = concerns.report(turn.session, turn.house, turn.staff, what, turn.now)
    told = [each for each in receivers if _announce(turn, concern, each)]
    text = say(
        "concern.received",
        number=concern.number,
        kind=say(f"concern_kind.{concern.kind}"),
        to=say("concern.to_manager" if _is_last_resort(turn, receivers) else "concern.to_auditors"),
        unnamed=say("concern.stays_unnamed") if what.unnamed else None,
        later=None if told else say("concern.later"),
    )
    return Reply(Screen(text))


def _is_last_resort(turn: Turn, receivers: list[Staff]) -> bool:
    """Whether nobody is there whose post it is."""
    held = turn.seen_by(receivers[0]).actor.seats
    return not any(seat.role in (Role.AUDIT, Role.SUPERVISION) for seat in held)


def _announce(turn: Turn, concern: Concern, who: Staff) -> bool:
    """That there is one; its words are shown only to who opens it."""
    text = say(
        "concern.arrived",
        number=concern.number,
        kind=say(f"concern_kind.{concern.kind}"),
        when=concern.received_at,
    )
    look = Button(say("button.concern_open"), "concern.show", {"concern": key(concern)})
    screen = confidences.marked(Screen(text, (row(look),)))
    unique_key = f"concern:{concern.id}:{who.id}"
    return tell(turn.session, who, screen, MessageClass.RECEIPT, unique_key, turn.now) is not None


def tell_author(turn: Turn, concern: Concern, to: State, text: str) -> None:
    """Its author hears of it, and whoever writes to them does not learn who that is."""
    author = concerns.author(turn.session, concern)
    if author is None or not author.active:
        return
    screen = confidences.marked(Screen(say(f"concern.told_{to}", number=concern.number, text=text)))
    tell(turn.session, author, screen, MessageClass.RECEIPT, f"{turn.unique_key}:news", turn.now)


FORM = Form(
    "concern",
    NEEDS,
    (
        Field("kind", Choice("concern_kind", KINDS)),
        Field("text", TEXT),
        Field("signed", Choice("concern_name", (UNNAMED, NAMED))),
    ),
    submit,
    fill,
    takes_attachments=True,
    confidential=True,
)
flow.forms.append(FORM)
