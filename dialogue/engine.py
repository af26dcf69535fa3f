"""The one engine that walks every form: asks, takes, shows the card, goes back, keeps, resumes, submits.

The state of a conversation is the draft's answers; the next question is the first field still unanswered. So a restart, a
back, an edit of one answer and a resume tomorrow are all the same step.
"""

from __future__ import annotations

from typing import Any

from dialogue import code_names
from dialogue.code_names import ATTACHMENTS, SHARED
from dialogue.forms import HINT, UNKNOWN, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import CustomerKind, PersonName, Phone
from dialogue.telling import retire
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from models.messages import Card, Draft, kept_drafts, open_draft
from models.people import key
from rules.gate import Action
from words import Say, Value, say, unpack

flow = Flow()
LONGEST_ANSWER = 2000
NEVER_DISCARDED = {"complaint"}


def begin(turn: Turn, form: Form, answers: Answers) -> Reply:
    """Start a form with what is known already. Another one left half filled in is kept and offered again."""
    keep(turn)
    turn.need_any(form.needs)
    _need_customer(turn, form, answers)
    hint = unpack(answers.pop(HINT, None))
    if form.takes_attachments and turn.incoming.attachments:
        answers[ATTACHMENTS] = [each.stored() for each in turn.incoming.attachments]
    draft = Draft(staff_id=turn.me, form=form.name, answers=dict(answers), started_at=turn.now, touched_at=turn.now)
    turn.session.add(draft)
    turn.session.flush()
    return proceed(turn, draft, hint)


def _need_customer(turn: Turn, form: Form, answers: Answers) -> None:
    """A form may open with a customer that a button knows: the gate is asked for it again. Raises `NotAllowedError`."""
    for each in form.fields:
        if isinstance(each.kind, CustomerKind) and each.name in answers:
            each.kind.need(turn, answers[each.name])


def keep(turn: Turn) -> None:
    """Lay the open draft aside; one with nothing in it is dropped."""
    draft = open_draft(turn.session, turn.me)
    if draft is not None:
        draft.state = "kept" if _shown(turn.forms[draft.form], draft.answers) else "dropped"
        take_buttons(turn, draft)


def take_buttons(turn: Turn, draft: Draft) -> None:
    card = turn.session.get(Card, draft.card_id) if draft.card_id else None
    if card is not None and card is not turn.card:
        retire(turn.session, card, f"retire:{card.key}:{card.version}", turn.now)


def proceed(turn: Turn, draft: Draft, above: Value = None, picks: Any = ()) -> Reply:
    """The next question, or the card to confirm."""
    form = turn.forms[draft.form]
    above = [above, code_names.without_what_shows(turn, draft)]
    fill_defaults(turn, form, draft)
    if draft.asking is None:
        missing = form.missing(draft.answers)
        draft.asking = missing.name if missing else None
    draft.touched_at = turn.now
    if draft.asking:
        return Reply(question(turn, draft, form.field(draft.asking), above, picks))
    return Reply(confirmation(turn, draft, form, above))


def fill_defaults(turn: Turn, form: Form, draft: Draft) -> None:
    """Answer what can be answered without asking."""
    answers = dict(draft.answers)
    for each in form.fields:
        if each.default and each.name not in answers and each.asked(answers) and each.name != draft.asking:
            value = each.default(turn, answers)
            if value is not None:
                answers[each.name] = value
    draft.answers = answers


def question(turn: Turn, draft: Draft, asked: Field, above: Value, picks: Any) -> Screen:
    offered = picks or asked.kind.picks(turn, draft.answers)
    buttons = [
        Button(
            label if isinstance(label, Say) else say("text", text=label),
            "form.pick",
            {**_of(draft), "field": asked.name, "value": value},
        )
        for label, value in offered
    ]
    wide = 1 if any(len(turn.voice.plain(button.label)) > 12 for button in buttons) else 3 if len(buttons) > 4 else 2
    last = [Button(say("button.cancel"), "form.cancel", _of(draft))]
    if not asked.required:
        last.insert(0, Button(say("button.leave_empty"), "form.clear", {**_of(draft), "field": asked.name}))
    if _can_go_back(turn.forms[draft.form], asked, draft.answers):
        last.insert(0, Button(say("button.back"), "form.back", _of(draft)))
    extra = _new_customer(turn, draft, asked)
    text = say("form.question", above=above, title=say(f"form.{draft.form}"), ask=say(f"ask.{draft.form}.{asked.name}"))
    return Screen(text, (*columns(buttons, wide), *extra, tuple(last)))


def _can_go_back(form: Form, asked: Field, answers: Answers) -> bool:
    """To the card, where nothing is missing; else to a question that was answered before."""
    before = any(each.name in answers for each in form.fields if not each.hidden and not each.default)
    return form.missing(answers) is None or (asked.required and before)


def _new_customer(turn: Turn, draft: Draft, asked: Field) -> Rows:
    """Where a customer was named who is not on file: the way to a new one, from which this form goes on."""
    if not isinstance(asked.kind, CustomerKind) or UNKNOWN not in draft.answers:
        return ()
    if not turn.reaches(Action.REGISTER_CUSTOMER):
        return ()
    return ((Button(say("button.new_customer", name=draft.answers[UNKNOWN]), "newcomer.open", _of(draft)),),)


def confirmation(turn: Turn, draft: Draft, form: Form, above: Value = None) -> Screen:
    text = say(
        "form.card",
        above=above,
        title=say(f"form.{form.name}"),
        lines=lines(turn, form, draft.answers),
        remark=form.remark(turn, draft.answers),
    )
    here = _of(draft)
    buttons = (
        Button(say("button.save"), "form.save", here),
        Button(say("button.edit"), "form.edit", here),
        Button(say("button.cancel"), "form.cancel", here),
    )
    return Screen(text, (*form.ways(here), buttons))


def lines(turn: Turn, form: Form, answers: Answers) -> list[Value]:
    shown: list[Value] = [
        say("form.line", label=say(f"field.{each.name}"), value=each.kind.show(turn, answers[each.name]))
        for each in form.fields
        if not each.hidden and each.asked(answers) and answers.get(each.name) not in (None, "", [])
    ]
    if answers.get(ATTACHMENTS):
        kinds = [say(f"attachment.{each['kind']}") for each in answers[ATTACHMENTS]]
        shown.append(say("form.line", label=say("field.attachments"), value=say("list", items=kinds)))
    return shown


def take(turn: Turn, draft: Draft) -> Reply:
    """What was typed or sent while a form is open. It stands on a new card; the old one's buttons go."""
    take_buttons(turn, draft)
    form = turn.forms[draft.form]
    if turn.incoming.contact is not None:
        return _take_contact(turn, draft, form)
    if turn.incoming.attachments:
        return _take_attachments(turn, draft, form)
    text = turn.incoming.text.strip()
    if draft.asking is None:
        return _out_of_place(turn, draft, text)
    if len(text) > LONGEST_ANSWER:
        return proceed(turn, draft, say("wrong.too_long", most=LONGEST_ANSWER, length=len(text)))
    try:
        value = form.field(draft.asking).kind.read(turn, draft.answers, text)
    except WrongAnswerError as wrong:
        if isinstance(form.field(draft.asking).kind, CustomerKind):
            draft.answers = {**draft.answers, UNKNOWN: text[:50]}
        return proceed(turn, draft, wrong.why, wrong.picks)
    return _answered(turn, draft, draft.asking, value)


def fits(turn: Turn, draft: Draft, text: str) -> bool:
    """Whether the typed text answers what the open form asks. A card that waits for a button asks nothing."""
    if draft.asking is None:
        return False
    try:
        turn.forms[draft.form].field(draft.asking).kind.read(turn, draft.answers, text)
    except WrongAnswerError:
        return False
    return True


def _take_contact(turn: Turn, draft: Draft, form: Form) -> Reply:
    """Somebody's card from the address book: who was spoken to, with the number."""
    shared = turn.incoming.contact
    values = {PersonName: shared.name if shared else None, Phone: shared.phone if shared else None}
    taken = {each.name: values[type(each.kind)] for each in form.fields if type(each.kind) in values}
    if not taken:
        return proceed(turn, draft, say("wrong.no_contact"))
    filled = {name: value for name, value in taken.items() if value}
    draft.answers = {**draft.answers, **filled, SHARED: list(filled)}
    draft.asking = None if draft.asking in taken else draft.asking
    return proceed(turn, draft, None if code_names.is_marked(turn, draft.answers) else say("form.contact_taken"))


def _take_attachments(turn: Turn, draft: Draft, form: Form) -> Reply:
    if not form.takes_attachments:
        return proceed(turn, draft, say("wrong.no_attachments"))
    kept = [*draft.answers.get(ATTACHMENTS, []), *(each.stored() for each in turn.incoming.attachments)]
    draft.answers = {**draft.answers, ATTACHMENTS: kept[:10]}
    note = say("form.attachment_kept") if len(kept) <= 10 else say("wrong.too_many_attachments")
    if turn.incoming.text.strip() and draft.asking:
        try:
            value = form.field(draft.asking).kind.read(turn, draft.answers, turn.incoming.text.strip())
        except WrongAnswerError as wrong:
            return proceed(turn, draft, wrong.why, wrong.picks)
        return _answered(turn, draft, draft.asking, value)
    return proceed(turn, draft, None if code_names.is_marked(turn, draft.answers) else note)


def _out_of_place(turn: Turn, draft: Draft, text: str) -> Reply:
    """Words typed while the card waits for a button: never swallowed, offered as an addition to the text."""
    shown = proceed(turn, draft, say("form.out_of_place", text=text[:200]))
    target = "summary" if any(each.name == "summary" for each in turn.forms[draft.form].fields) else None
    if shown.screen is None or target is None or len(text) > LONGEST_ANSWER:
        return shown
    add = Button(say("button.add_to_summary"), "form.append", {**_of(draft), "field": target, "text": text})
    return Reply(Screen(shown.screen.text, ((add,), *shown.screen.rows)))


def _answered(turn: Turn, draft: Draft, name: str, value: Any) -> Reply:
    draft.answers = {**draft.answers, name: value}
    draft.asking = None
    return proceed(turn, draft)


def _of(draft: Draft) -> dict[str, int]:
    return {"draft": key(draft)}


def _shown(form: Form, answers: Answers) -> bool:
    return any(each.name in answers for each in form.fields if not each.hidden and not each.default)


def _mine(turn: Turn, draft: int) -> Draft | None:
    """The draft a button speaks of, if it is still this person's and open."""
    found = turn.session.get(Draft, draft)
    return found if found is not None and found.staff_id == turn.me and found.state in ("open", "kept") else None


def _gone() -> Reply:
    return Reply(Screen(say("form.gone")))


@flow.deed("form.pick", needs=Action.SEE_DUE)
def pick(turn: Turn, draft: int, field: str, value: Any) -> Reply:
    found = _mine(turn, draft)
    return _answered(turn, found, field, value) if found else _gone()


@flow.deed("form.append", needs=Action.SEE_DUE)
def append(turn: Turn, draft: int, field: str, text: str) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    joined = "；".join(filter(None, (found.answers.get(field), text)))
    return _answered(turn, found, field, joined[:LONGEST_ANSWER])


@flow.deed("form.ask", needs=Action.SEE_DUE)
def ask(turn: Turn, draft: int, field: str) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    form = turn.forms[found.form]
    found.asking = field
    return Reply(question(turn, found, form.field(field), None, ()))


@flow.deed("form.clear", needs=Action.SEE_DUE)
def clear(turn: Turn, draft: int, field: str) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    found.answers = {name: value for name, value in found.answers.items() if name != field}
    found.asking = None
    return proceed(turn, found)


@flow.deed("form.back", needs=Action.SEE_DUE)
def back(turn: Turn, draft: int) -> Reply:
    """From a change on a card that was complete, back to it as it was; else to the last question answered before this one."""
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    form = turn.forms[found.form]
    if form.missing(found.answers) is None:
        found.asking = None
        return proceed(turn, found)
    names = [each.name for each in form.fields if not each.hidden and not each.default]
    until = names.index(found.asking) if found.asking in names else len(names)
    answered = [name for name in names[:until] if name in found.answers]
    if not answered:
        return proceed(turn, found)
    found.answers = {name: value for name, value in found.answers.items() if name != answered[-1]}
    found.asking = answered[-1]
    return proceed(turn, found)


@flow.deed("form.edit", needs=Action.SEE_DUE)
def edit(turn: Turn, draft: int) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    form = turn.forms[found.form]
    buttons = [
        Button(say(f"field.{each.name}"), "form.ask", {**_of(found), "field": each.name})
        for each in form.fields
        if not each.hidden and each.asked(found.answers)
    ]
    rows = (*columns(buttons, 3), (Button(say("button.back"), "form.card", _of(found)),))
    return Reply(
        Screen(say("form.which", title=say(f"form.{form.name}"), lines=lines(turn, form, found.answers)), rows)
    )


@flow.deed("form.card", needs=Action.SEE_DUE)
def card(turn: Turn, draft: int) -> Reply:
    """Back to the card; also how a kept draft is taken up again."""
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    if found.state == "kept":
        keep(turn)
        found.state = "open"
    found.asking = None
    return proceed(turn, found)


@flow.deed("form.cancel", needs=Action.SEE_DUE)
def cancel(turn: Turn, draft: int) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    keep(turn)
    resume = Button(say("button.resume"), "form.card", {"draft": draft})
    return notice(
        say("form.cancelled", title=say(f"form.{found.form}")), *([(resume,)] if found.state == "kept" else [])
    )


@flow.deed("form.save", needs=Action.SEE_DUE)
def save(turn: Turn, draft: int) -> Reply:
    found = _mine(turn, draft)
    if found is None:
        return _gone()
    form = turn.forms[found.form]
    turn.need_any(form.needs)
    if form.missing(found.answers) is not None:
        return proceed(turn, found)
    try:
        with turn.session.begin_nested():
            reply = form.submit(turn, dict(found.answers))
    except WrongAnswerError as wrong:
        shown = proceed(turn, found, wrong.why)
        return Reply(Screen(shown.screen.text, (*wrong.rows, *shown.screen.rows))) if shown.screen else shown
    found.state, found.asking = "done", None
    if reply.screen is None:
        return reply
    return Reply(Screen(reply.screen.text, (*reply.screen.rows, *unfinished(turn))), reply.new, reply.toast)


@flow.deed("form.discard", needs=Action.SEE_DUE)
def discard(turn: Turn, draft: int) -> Reply:
    """Give up what was left half filled in. A complaint's draft can't be given up: it stays and is listed (R26.1)."""
    found = _mine(turn, draft)
    if found is None or found.form in NEVER_DISCARDED:
        return _gone()
    found.state = "dropped"
    return notice(say("form.discarded", title=say(f"form.{found.form}")))


def unfinished(turn: Turn) -> Rows:
    """The offer to go on with what was left half filled in; nothing while a form is open."""
    kept = kept_drafts(turn.session, turn.me)
    if not kept or open_draft(turn.session, turn.me):
        return ()
    newest = kept[0]
    offer = [Button(say("button.resume_kept", title=say(f"form.{newest.form}")), "form.card", _of(newest))]
    if newest.form not in NEVER_DISCARDED:
        offer.append(Button(say("button.discard"), "form.discard", _of(newest)))
    return (tuple(offer),)
