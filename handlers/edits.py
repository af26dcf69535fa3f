"""A message that was changed after it was sent: before saving it is read again, after saving the way is 更正."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import col, select

from dialogue import engine
from dialogue.engine import take_buttons
from dialogue.forms import FROM, LINE, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, row
from handlers import line, switching
from models.messages import Card, Draft, open_draft
from models.people import key
from models.records import TALKS, Entry
from words import say

LAST = 40
"""So many drafts and cards are looked through for the message."""


def edited(turn: Turn) -> Reply:
    """What becomes of it depends on what has become of the message."""
    message = turn.incoming.message
    draft = next((each for each in _drafts(turn) if each.answers.get(FROM) == message), None)
    if draft is None and turn.incoming.confidential:
        return notice(say("confidential.edited"))
    if draft is None:
        return _elsewhere(turn, message or 0)
    if draft.state == "done":
        return _saved(turn, draft)
    text = _bare(turn, turn.incoming.text.strip())
    if draft.state == "dropped" or not text or text == _bare(turn, draft.answers.get(LINE) or ""):
        return Reply()
    return _read_again(turn, draft, text)


def _drafts(turn: Turn) -> list[Draft]:
    query = select(Draft).where(Draft.staff_id == turn.me).order_by(col(Draft.id).desc()).limit(LAST)
    return list(turn.session.exec(query))


def _bare(turn: Turn, text: str) -> str:
    """A line without its command."""
    head, *rest = text.split(maxsplit=1)[:2] or [""]
    name = head.removeprefix("/").partition("@")[0].lower()
    command = head in turn.desk.words or (head.startswith("/") and name in turn.desk.commands)
    return (rest[0] if rest else "") if command else text


def _read_again(turn: Turn, draft: Draft, text: str) -> Reply:
    """Answers that were given one by one since then stay as they are."""
    form = turn.forms[draft.form]
    read = switching.read_again(turn, draft, form, text)
    draft.answers = switching.carried(draft.answers, form, form, read)
    draft.asking = None
    if draft.state == "kept":
        resume = Button(say("button.resume"), "form.card", {"draft": key(draft)})
        return notice(say("edit.read_again"), row(resume))
    turn.card = turn.session.get(Card, draft.card_id) if draft.card_id else None
    take_buttons(turn, draft)
    return engine.proceed(turn, draft, say("edit.read_again"))


def _saved(turn: Turn, draft: Draft) -> Reply:
    """The record stays as it is; a correction is a new row."""
    mine = select(Entry).where(Entry.by_id == turn.me, Entry.kind == draft.form, Entry.written_at == draft.touched_at)
    entry = turn.session.exec(mine).first() if draft.form in TALKS else None
    if entry is None:
        return notice(say("edit.saved", title=say(f"form.{draft.form}")))
    correct = Button(say("button.correct"), "correct.open", {"entry": key(entry)})
    return notice(say("edit.saved", title=entry.number), row(correct))


def _elsewhere(turn: Turn, message: int) -> Reply:
    """Words that waited on a card are read anew; an answer that was changed is not, and that is said."""
    query = select(Card).where(Card.staff_id == turn.me).order_by(col(Card.id).desc()).limit(LAST)
    card = line.card_with(turn, message, list(turn.session.exec(query)))
    text = turn.incoming.text.strip()
    if card is not None and text and open_draft(turn.session, turn.me) is None:
        turn.card = card
        turn.incoming = replace(turn.incoming, edited=False)
        return line.free(turn, text)
    draft = open_draft(turn.session, turn.me)
    if draft is None or message <= (draft.answers.get(FROM) or message):
        return Reply()
    return notice(say("edit.not_read"), *engine.resume(draft))
