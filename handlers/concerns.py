"""/concerns 举报台账: what came to audit and supervision, taken up, answered and closed by them; every look is on record."""

from __future__ import annotations

from dialogue import confidences, engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.telling import show_file
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.concern import SHOWN, step_line, tell_author
from models import concerns
from models.concerns import NEXT, Concern, ConcernStep, NotNowError, State
from models.people import Staff, key
from models.vault import MARK, vault_of
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.HANDLE_CONCERN
WAYS = {
    State.TAKEN: ("button.concern_taken", "concern.take"),
    State.ANSWERED: ("button.concern_answered", "concern.write"),
    State.CLOSED: ("button.concern_closed", "concern.write"),
}
WRITTEN = {State.ANSWERED: "concern_answer", State.CLOSED: "concern_close"}


def _is_receiver(turn: Turn) -> bool:
    """The general manager only as long as nobody holds the posts whose right it is."""
    return turn.reaches(NEEDS) and any(each.id == turn.me for each in concerns.receivers(turn.session, turn.now))


def _need(turn: Turn) -> None:
    if not _is_receiver(turn):
        raise NotAllowedError(NEEDS)


def way(turn: Turn) -> Rows:
    """The way to what nobody has taken up, for those to whom it came."""
    count = concerns.untaken(turn.session) if _is_receiver(turn) else 0
    return (row(Button(say("button.concerns", count=count), "concern.list")),) if count else ()


@flow.command("concerns", "举报台账", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    return listed(turn)


@flow.deed("concern.list", needs=NEEDS)
def listed(turn: Turn, skip: int = 0) -> Reply:
    _need(turn)
    some, count = concerns.page(turn.session, skip, SHOWN), concerns.count(turn.session)
    if not some:
        return notice(say("concern.none"))
    buttons = [Button(say("text", text=each.number), "concern.show", {"concern": key(each)}) for each in some]
    more = [Button(say("button.more"), "concern.list", {"skip": skip + SHOWN})] if count > skip + SHOWN else []
    text = say("concern.list", count=count, lines=[_listed(turn, each) for each in some])
    return Reply(Screen(text, (*columns(buttons, 2), *([tuple(more)] if more else []))), new=True)


def _listed(turn: Turn, concern: Concern) -> Say:
    return say(
        "concern.listed",
        number=concern.number,
        kind=say(f"concern_kind.{concern.kind}"),
        when=concern.received_at,
        state=say(f"concern_state.{concerns.state(turn.session, concern)}"),
    )


def found(turn: Turn, concern: int) -> Concern:
    _need(turn)
    return turn.session.get_one(Concern, concern)


@flow.deed("concern.show", needs=NEEDS)
def show(turn: Turn, concern: int) -> Reply:
    it = found(turn, concern)
    if not vault_of(turn.session).ready:
        return notice(say("confidential.no_key"))
    concerns.opened(turn.session, it, turn.staff, turn.now)
    return Reply(_screen(turn, it), new=True)


def _screen(turn: Turn, concern: Concern, done: Say | None = None) -> Screen:
    said = concern.body
    text = say(
        "concern.card",
        above=done,
        number=concern.number,
        kind=say(f"concern_kind.{concern.kind}"),
        when=concern.received_at,
        state=say(f"concern_state.{concerns.state(turn.session, concern)}"),
        author=_author(turn, concern),
        text=said.get("text") or say("confidential.unreadable"),
        files=_files(said.get("attachments", [])),
        steps=[_step(turn, each) for each in concerns.steps(turn.session, concern)],
    )
    return confidences.marked(Screen(text, _buttons(turn, concern)))


def _author(turn: Turn, concern: Concern) -> Value:
    author = None if concern.body.get("unnamed", True) else concerns.author(turn.session, concern)
    return author.name if author else say("concern_name.unnamed")


def _files(sent: list[dict[str, str]]) -> Say | None:
    return say("concern.files", files=say("list", items=[engine.attachment(each) for each in sent])) if sent else None


def _step(turn: Turn, step: ConcernStep) -> Say:
    by = turn.session.get_one(Staff, step.by_id).name
    if not step.body.get("text"):
        return say("concern.step", when=step.at, by=by, did=say(f"did.concern.{step.state}"))
    return say("concern.step_said", by=by, said=step_line(step))


def _buttons(turn: Turn, concern: Concern) -> Rows:
    here = {"concern": key(concern)}
    open_to = NEXT[concerns.state(turn.session, concern)]
    ways = [
        Button(say(label), deed, here if each is State.TAKEN else {**here, "to": each})
        for each, (label, deed) in WAYS.items()
        if each in open_to
    ]
    finding = [Button(say("button.finding"), "finding.open", here)] if turn.reaches(Action.GIVE_FINDING) else []
    sent = len(concern.body.get("attachments", []))
    files = [Button(say("button.concern_files", count=sent), "concern.files", here)] if sent else []
    return columns([*ways, *files, *finding], 3)


@flow.deed("concern.files", needs=NEEDS)
def files(turn: Turn, concern: int) -> Reply:
    """What was sent with it, one by one; this look is on record too."""
    it = found(turn, concern)
    concerns.opened(turn.session, it, turn.staff, turn.now)
    caption = confidences.mark(say("concern.file", number=it.number))
    for number, each in enumerate(it.body.get("attachments", [])):
        unique_key = f"{turn.unique_key}:file:{number}"
        show_file(turn.session, turn.staff, {**each, MARK: True}, caption, unique_key, turn.now)
    return Reply(toast=say("concern.files_coming"))


@flow.deed("concern.take", needs=NEEDS)
def take(turn: Turn, concern: int) -> Reply:
    """受理: it is being worked on, which its author can see."""
    it = found(turn, concern)
    try:
        concerns.go_on(turn.session, it, State.TAKEN, turn.staff, "", turn.now)
    except NotNowError:
        return Reply(_screen(turn, it, _not_now(turn, it)))
    return Reply(_screen(turn, it))


def _not_now(turn: Turn, concern: Concern) -> Say:
    return say("concern.not_now", state=say(f"concern_state.{concerns.state(turn.session, concern)}"))


@flow.deed("concern.write", needs=NEEDS)
def write(turn: Turn, concern: int, to: str) -> Reply:
    """答复 or 办结: a form of its own, whose words go to the author."""
    it = found(turn, concern)
    if to not in NEXT[concerns.state(turn.session, it)]:
        return Reply(_screen(turn, it, _not_now(turn, it)))
    return Reply(engine.begin(turn, turn.forms[WRITTEN[State(to)]], {"concern": concern}).screen, new=True)


def _declare(to: State) -> None:
    def submit(turn: Turn, answers: Answers) -> Reply:
        it = found(turn, answers["concern"])
        try:
            concerns.go_on(turn.session, it, to, turn.staff, answers["text"], turn.now)
        except NotNowError:
            raise WrongAnswerError(_not_now(turn, it)) from None
        tell_author(turn, it, to, answers["text"])
        return Reply(_screen(turn, it, say("concern.said")))

    hidden = Field("concern", Text(), hidden=True)
    fields = (hidden, Field("text", Text(shortest=2)))
    flow.forms.append(Form(WRITTEN[to], NEEDS, fields, submit, lambda _turn, _text: {}, confidential=True))


for each in WRITTEN:
    _declare(each)
