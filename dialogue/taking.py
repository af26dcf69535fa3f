"""What is typed or sent while a form is open becomes a part of it. Nothing that was typed is lost: what can't be taken is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dialogue import code_names, engine
from dialogue.code_names import SHARED
from dialogue.engine import LONGEST_ANSWER, MOST_WORDS, proceed, take_buttons
from dialogue.forms import LAST, UNKNOWN, UNTAKEN, Form, WrongAnswerError
from dialogue.kinds import CustomerKind, PersonName, Phone
from dialogue.parts import PASSED_ON, attach, by_hand, joined, sent_last
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from models.messages import Card, Draft
from models.people import key
from words import Say, Value, say

IN_A_ROW = timedelta(seconds=10)
"""What is passed on within this time of the one before is seen as one: it is drawn on the same card."""
SHOWN = 1000


def take(turn: Turn, draft: Draft) -> Reply:
    """It stands on a new card, and the old one's buttons go; further photos of an album are drawn on the card that is there."""
    if goes_on(turn, draft):
        turn.card = turn.session.get(Card, draft.card_id) if draft.card_id else None
    take_buttons(turn, draft)
    remember_last(turn, draft)
    form, text = turn.forms[draft.form], spoken(turn)
    if turn.incoming.trifle:
        return proceed(turn, draft, say("wrong.trifle"))
    if turn.incoming.contact is not None:
        return _take_contact(turn, draft, form)
    if turn.incoming.attachments:
        return _take_attachments(turn, draft, form, text)
    if turn.incoming.forwarded:
        return add(turn, draft, text)
    return take_text(turn, draft, text)


def goes_on(turn: Turn, draft: Draft) -> bool:
    """Whether it belongs to what was sent last: another photo of the album, the next message passed on."""
    last = draft.answers.get(LAST)
    if turn.incoming.album:
        return bool(last == turn.incoming.album)
    return bool(turn.incoming.forwarded and last == PASSED_ON and turn.now - draft.touched_at <= IN_A_ROW)


def remember_last(turn: Turn, draft: Draft) -> None:
    draft.answers = {**draft.answers, LAST: sent_last(turn)}


def spoken(turn: Turn) -> str:
    """What was typed; what was passed on is followed by whose words they are and from when."""
    text, origin = turn.incoming.text.strip(), turn.incoming.forwarded
    if origin is None or not text:
        return text
    return text + turn.voice.plain(say("forwarded.mark", name=origin.name, when=origin.at))


def take_text(turn: Turn, draft: Draft, text: str) -> Reply:
    """Typed words as the answer to the question that stands."""
    form = turn.forms[draft.form]
    if draft.asking is None:
        return _out_of_place(turn, draft, text)
    if len(text) > LONGEST_ANSWER:
        return _not_taken(turn, draft, text, say("wrong.too_long", most=LONGEST_ANSWER, length=len(text)))
    kind = form.field(draft.asking).kind
    try:
        value = kind.read(turn, draft.answers, text)
    except WrongAnswerError as wrong:
        if isinstance(kind, CustomerKind):
            draft.answers = {**draft.answers, UNKNOWN: text[:50]}
        return _not_taken(turn, draft, text, wrong.why, wrong.picks)
    return engine.answered(turn, draft, draft.asking, value)


def fits(turn: Turn, draft: Draft, text: str) -> bool:
    """Whether the typed text answers what the open form asks. A card that waits for a button asks nothing."""
    if draft.asking is None:
        return False
    try:
        turn.forms[draft.form].field(draft.asking).kind.read(turn, draft.answers, text)
    except WrongAnswerError:
        return False
    return True


def _not_taken(turn: Turn, draft: Draft, text: str, why: Say, picks: Any = ()) -> Reply:
    """The question again, why it is asked again, and the words that were typed, which can be added to the entry's own."""
    draft.answers = {**draft.answers, UNTAKEN: text}
    if text in why.values.values():
        return proceed(turn, draft, why, picks)
    shown = proceed(turn, draft, say("form.not_taken", why=why, text=_cut(text)), picks)
    return _offering(turn, draft, text, shown)


def _out_of_place(turn: Turn, draft: Draft, text: str) -> Reply:
    """Words typed while the card waits for a button: never swallowed, offered as an addition to the text."""
    draft.answers = {**draft.answers, UNTAKEN: text}
    return _offering(turn, draft, text, proceed(turn, draft, say("form.out_of_place", text=_cut(text))))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _offering(turn: Turn, draft: Draft, text: str, shown: Reply) -> Reply:
    field = turn.forms[draft.form].words
    if shown.screen is None or field is None or field == draft.asking:
        return shown
    label = say("button.add_to_words", field=say(f"field.{field}"))
    add_it = Button(label, "form.append", {"draft": key(draft), "field": field, "text": text})
    return Reply(Screen(shown.screen.text, (row(add_it), *shown.screen.rows)))


def add(turn: Turn, draft: Draft, text: str, above: Value = None) -> Reply:
    """Words that came with something sent or passed on go to the entry's own words."""
    field = turn.forms[draft.form].words
    if field is None:
        return _not_taken(turn, draft, text, say("wrong.no_words"))
    words = joined(draft.answers.get(field), text)
    if len(words) > MOST_WORDS:
        return _not_taken(turn, draft, text, say("wrong.too_long", most=MOST_WORDS, length=len(words)))
    draft.answers = by_hand({**draft.answers, field: words}, field)
    draft.asking = None if draft.asking == field else draft.asking
    return proceed(turn, draft, above or say("form.words_added"))


def _take_contact(turn: Turn, draft: Draft, form: Form) -> Reply:
    """Somebody's card from the address book: who was spoken to, with the number."""
    shared = turn.incoming.contact
    values = {PersonName: shared.name if shared else None, Phone: shared.phone if shared else None}
    taken = {each.name: values[type(each.kind)] for each in form.fields if type(each.kind) in values}
    if not taken:
        return proceed(turn, draft, say("wrong.no_contact"))
    known = {name: value for name, value in taken.items() if value}
    draft.answers = by_hand({**draft.answers, **known, SHARED: list(known)}, *known)
    draft.asking = None if draft.asking in taken else draft.asking
    return proceed(turn, draft, None if code_names.is_marked(turn, draft.answers) else say("form.contact_taken"))


def _take_attachments(turn: Turn, draft: Draft, form: Form, text: str) -> Reply:
    """Photos and the like, with what is written under them: an answer where one is asked for, otherwise more words."""
    if not form.takes_attachments:
        why = say("wrong.no_attachments")
        return _not_taken(turn, draft, text, why) if text else proceed(turn, draft, why)
    answers = dict(draft.answers)
    room = attach(answers, [each.stored() for each in turn.incoming.attachments])
    draft.answers = answers
    note: Value = say(_kept(turn)) if room else say("wrong.too_many_attachments")
    if code_names.is_marked(turn, draft.answers):
        note = None
    if not text:
        return proceed(turn, draft, note)
    if fits(turn, draft, text) and not turn.incoming.forwarded:
        return take_text(turn, draft, text)
    return add(turn, draft, text, note)


def _kept(turn: Turn) -> str:
    """A voice note is kept, not heard: the words are asked for."""
    heard = any(each.kind == "voice" for each in turn.incoming.attachments)
    return "form.voice_kept" if heard else "form.attachment_kept"
