"""The one engine that walks every form: asks, takes, shows the card, goes back, keeps, resumes, submits.

The state of a conversation is the draft's answers; the next question is the first field still unanswered. So a restart, a
back, an edit of one answer and a resume tomorrow are all the same step.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dialogue import code_names, confidences
from dialogue.forms import (
    BY_HAND,
    FROM,
    HINT,
    LAST,
    LINE,
    UNKNOWN,
    Answers,
    Field,
    Flow,
    Form,
    WrongAnswerError,
    notice,
)
from dialogue.kinds import CustomerKind, PersonName, Phone
from dialogue.parts import ATTACHMENTS, attach, by_hand, joined, sent_last
from dialogue.telling import retire
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from models.messages import Card, Draft, kept_drafts, open_draft
from models.people import key
from rules.gate import Action
from words import Say, Value, say, unpack

flow = Flow()
LONGEST_ANSWER = 2000
MOST_WORDS = 12_000
"""Of one entry, with everything that was passed on or added to it."""
LOOSE = "loose"
"""The form of what was sent before it was said what it belongs to."""
STILL_MEANT = timedelta(minutes=30)
"""Something loose goes into the next form that is opened within this time."""
NEVER_DISCARDED = {"complaint"}


def begin(turn: Turn, form: Form, answers: Answers) -> Reply:
    """Start a form with what is known already. Another one left half filled in is kept and offered again."""
    if confidences.refused(turn, form):
        return notice(say("confidential.no_key"))
    _take_in(turn, form, answers)
    keep(turn)
    turn.need_any(form.needs)
    _need_customer(turn, form, answers)
    hint = unpack(answers.pop(HINT, None))
    if form.takes_attachments:
        attach(answers, [each.stored() for each in turn.incoming.attachments])
    if turn.incoming.text and turn.incoming.press is None:
        answers = {LINE: turn.incoming.text, FROM: turn.incoming.message, LAST: sent_last(turn), **answers}
    answers = confidences.of_form(form, answers)
    draft = Draft(staff_id=turn.me, form=form.name, answers=answers, started_at=turn.now, touched_at=turn.now)
    turn.session.add(draft)
    turn.session.flush()
    return proceed(turn, draft, hint)


def _take_in(turn: Turn, form: Form, answers: Answers) -> None:
    """What was sent just before, without a word to whom it belongs, belongs to the form that is opened now."""
    loose = None if form.confidential else open_draft(turn.session, turn.me)
    if loose is None or loose.form != LOOSE or not form.takes_attachments or turn.now - loose.touched_at > STILL_MEANT:
        return
    attach(answers, loose.answers.get(ATTACHMENTS, []))
    if form.words and loose.answers.get("summary"):
        answers[form.words] = joined(answers.get(form.words), loose.answers["summary"])
    for each in form.fields:
        name = {PersonName: "person", Phone: "person_phone"}.get(type(each.kind))
        if name and name in loose.answers:
            answers.setdefault(each.name, loose.answers[name])
    take_buttons(turn, loose)
    loose.state = "done"


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
        _forget(turn, draft)


def _forget(turn: Turn, draft: Draft) -> None:
    """Of a confidential form that was submitted or given up not even the draft stays, of a fleeting one only what it was about."""
    form = turn.forms[draft.form]
    if draft.state not in ("done", "dropped"):
        return
    if form.confidential:
        turn.session.delete(draft)
    elif form.fleeting:
        draft.answers = {
            each.name: draft.answers[each.name] for each in form.fields if each.hidden and each.name in draft.answers
        }


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
    if form.face:
        return Reply(form.face(turn, draft, above))
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
            say("button.pick", label=label) if isinstance(label, Say) else say("text", text=label),
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
    form = turn.forms[draft.form]
    title = titled(turn, form, draft.answers)
    ask = asked.asks(turn, draft.answers) if asked.asks else say(f"ask.{draft.form}.{asked.name}")
    text = say("form.question", above=above, title=title, ask=ask)
    return Screen(text, (*columns(buttons, wide), *extra, *form.ways(turn, draft), tuple(last)))


def _can_go_back(form: Form, asked: Field, answers: Answers) -> bool:
    """To the card, where nothing is missing; else to a question that was answered before."""
    before = any(each.name in answers for each in form.fields if not each.hidden and not each.default)
    return form.missing(answers) is None or (asked.required and before)


def _new_customer(turn: Turn, draft: Draft, asked: Field) -> Rows:
    """Where a customer was named who is not on file: the way to a new one, from which this form goes on."""
    if not isinstance(asked.kind, CustomerKind) or UNKNOWN not in draft.answers:
        return ()
    name, here = draft.answers[UNKNOWN], _of(draft)
    other = [Button(say("button.rename"), "line.rename", here)]
    if turn.forms[draft.form].words:
        other.append(Button(say("button.no_customer"), "line.no_customer", here))
    if not turn.reaches(Action.REGISTER_CUSTOMER):
        return (tuple(other),)
    return ((Button(say("button.new_customer", name=name), "newcomer.open", here),), tuple(other))


def confirmation(turn: Turn, draft: Draft, form: Form, above: Value = None) -> Screen:
    text = say(
        "form.card",
        above=above,
        title=titled(turn, form, draft.answers),
        lines=lines(turn, form, draft.answers),
        remark=form.remark(turn, draft.answers),
    )
    here = _of(draft)
    buttons = (
        Button(say("button.save"), "form.save", here),
        Button(say("button.edit"), "form.edit", here),
        Button(say("button.cancel"), "form.cancel", here),
    )
    return Screen(text, (buttons, *form.ways(turn, draft)))


def titled(turn: Turn, form: Form, answers: Answers) -> Say:
    """What a form is for, and which complaint it is about."""
    title, number = say(f"form.{form.name}"), form.about(turn, answers)
    return say("form.about", number=number, title=title) if number else title


def lines(turn: Turn, form: Form, answers: Answers) -> list[Value]:
    shown: list[Value] = [
        say("form.line", label=each.label(turn, answers), value=each.kind.show(turn, answers[each.name]))
        for each in form.fields
        if not each.hidden and each.asked(answers) and answers.get(each.name) not in (None, "", [])
    ]
    if answers.get(ATTACHMENTS):
        kinds = [attachment(each) for each in answers[ATTACHMENTS]]
        shown.append(say("form.line", label=say("field.attachments"), value=say("list", items=kinds)))
    return shown


def attachment(stored: dict[str, Any]) -> Say:
    kind = say(f"attachment.{stored['kind']}")
    return say("attachment.named", kind=kind, name=stored["name"]) if stored.get("name") else kind


def answered(turn: Turn, draft: Draft, name: str, value: Any) -> Reply:
    kept = _without_what_followed(turn, draft, name) if draft.answers.get(name) != value else draft.answers
    draft.answers = by_hand({**kept, name: value}, name)
    draft.asking = None
    return proceed(turn, draft)


def _without_what_followed(turn: Turn, draft: Draft, name: str) -> Answers:
    """The answers without those that nobody gave, but that were assumed from this one."""
    answers, changed = dict(draft.answers), {name}
    for each in turn.forms[draft.form].fields:
        assumed = each.name in answers and each.name not in answers.get(BY_HAND, ())
        if each.default and assumed and changed.intersection(each.follows):
            rest = {other: value for other, value in draft.answers.items() if other != each.name}
            if each.default(turn, rest) == answers[each.name]:
                del answers[each.name]
                changed.add(each.name)
    return answers


def _of(draft: Draft) -> dict[str, int]:
    return {"draft": key(draft)}


def _shown(form: Form, answers: Answers) -> bool:
    return ATTACHMENTS in answers or any(
        each.name in answers for each in form.fields if not each.hidden and not each.default
    )


def mine(turn: Turn, draft: int) -> Draft | None:
    """The draft a button speaks of, if it is still this person's and open."""
    found = turn.session.get(Draft, draft)
    if found is not None and found.staff_id == turn.me and found.state in ("open", "kept"):
        return None if confidences.refused(turn, turn.forms[found.form]) else found
    return None


def reopen(turn: Turn, draft: Draft) -> None:
    """Take up again what was laid aside; what is open instead is laid aside."""
    if draft.state == "kept":
        keep(turn)
        draft.state = "open"


def current(turn: Turn) -> Draft:
    found = open_draft(turn.session, turn.me)
    if found is None:
        raise LookupError("no form is open")
    return found


def resume(draft: Draft) -> Rows:
    return ((Button(say("button.resume"), "form.card", _of(draft)),),)


def gone() -> Reply:
    return Reply(Screen(say("form.gone")))


@flow.deed("form.pick", needs=Action.SEE_DUE)
def pick(turn: Turn, draft: int, field: str, value: Any) -> Reply:
    found = mine(turn, draft)
    return answered(turn, found, field, value) if found else gone()


@flow.deed("form.append", needs=Action.SEE_DUE)
def append(turn: Turn, draft: int, field: str, text: str) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return gone()
    words = joined(found.answers.get(field), text)
    if len(words) > MOST_WORDS:
        return proceed(turn, found, say("wrong.too_long", most=MOST_WORDS, length=len(words)))
    return answered(turn, found, field, words)


@flow.deed("form.ask", needs=Action.SEE_DUE)
def ask(turn: Turn, draft: int, field: str) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return gone()
    form = turn.forms[found.form]
    found.asking = field
    return Reply(question(turn, found, form.field(field), None, ()))


@flow.deed("form.clear", needs=Action.SEE_DUE)
def clear(turn: Turn, draft: int, field: str) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return gone()
    found.answers = by_hand({name: value for name, value in found.answers.items() if name != field}, field)
    found.asking = None
    return proceed(turn, found)


@flow.deed("form.back", needs=Action.SEE_DUE)
def back(turn: Turn, draft: int) -> Reply:
    """From a change on a card that was complete, back to it as it was; else to the last question answered before this one."""
    found = mine(turn, draft)
    if found is None:
        return gone()
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
    found = mine(turn, draft)
    if found is None:
        return gone()
    form = turn.forms[found.form]
    buttons = [
        Button(each.label(turn, found.answers), "form.ask", {**_of(found), "field": each.name})
        for each in form.fields
        if not each.hidden and each.asked(found.answers)
    ]
    rows = (*columns(buttons, 3), (Button(say("button.back"), "form.card", _of(found)),))
    return Reply(
        Screen(say("form.which", title=titled(turn, form, found.answers), lines=lines(turn, form, found.answers)), rows)
    )


@flow.deed("form.card", needs=Action.SEE_DUE)
def card(turn: Turn, draft: int) -> Reply:
    """Back to the card; also how a kept draft is taken up again."""
    found = mine(turn, draft)
    if found is None:
        return gone()
    reopen(turn, found)
    found.asking = None
    return proceed(turn, found)


@flow.deed("form.cancel", needs=Action.SEE_DUE)
def cancel(turn: Turn, draft: int) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return gone()
    keep(turn)
    ways = resume(found) if found.state == "kept" else ()
    return notice(say("form.cancelled", title=say(f"form.{found.form}")), *ways)


@flow.deed("form.save", needs=Action.SEE_DUE)
def save(turn: Turn, draft: int) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return gone()
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
    found.state, found.asking, found.touched_at = "done", None, turn.now
    _forget(turn, found)
    if reply.screen is None:
        return reply
    return replace(reply, screen=replace(reply.screen, rows=(*reply.screen.rows, *unfinished(turn))))


@flow.deed("form.discard", needs=Action.SEE_DUE)
def discard(turn: Turn, draft: int) -> Reply:
    """Give up what was left half filled in. A complaint's draft can't be given up: it stays and is listed (R26.1)."""
    found = mine(turn, draft)
    if found is None or found.form in NEVER_DISCARDED:
        return gone()
    found.state = "dropped"
    _forget(turn, found)
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
