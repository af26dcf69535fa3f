"""What is confidential in a conversation: forms of which no word may lie open in the database, and the cards that show them.

Whether an update is a part of it is found out before it is handled, so that it is known also of one that can't be handled. What is
answered carries the mark then, and the database's vault locks it (`models.vault`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, select

from dialogue.forms import Command, Desk, Form
from dialogue.turn import Turn
from dialogue.values import Button, Incoming, Reply, Screen
from models.messages import Card, Draft, Inbox, card_by_key, open_draft
from models.people import key, speaker
from models.vault import MARK, Vault, is_marked, vault_of
from words import Say


def is_part(session: Session, desk: Desk, incoming: Incoming) -> bool:
    """Whether something that somebody did belongs to a confidential conversation, or repeats a message that does."""
    staff = speaker(session, incoming.speaker)
    if staff is None or not incoming.private:
        return False
    if incoming.press is not None:
        card = card_by_key(session, incoming.press.partition(".")[0])
        return card is not None and is_marked(card.text)
    if any(_is_kept(session, incoming.chat, each) for each in _speaks_of(incoming)):
        return True
    draft = open_draft(session, key(staff))
    command = named(desk, incoming, draft)
    if command is not None:
        return command.confidential
    return draft is not None and desk.forms[draft.form].confidential


def _speaks_of(incoming: Incoming) -> list[int]:
    """The messages that come again with it: what is answered, and what is changed."""
    again = [incoming.replies_to, incoming.message if incoming.edited else None]
    return [each for each in again if each is not None]


def _is_kept(session: Session, chat: int, message: int) -> bool:
    """Whether that message, of a person or of ours, was confidential."""
    vault = vault_of(session)
    if (
        vault.ready
        and session.exec(select(Inbox.id).where(Inbox.told_by == place(vault, chat, message)).limit(1)).first()
    ):
        return True
    shown = select(Card).where(Card.chat_id == chat, Card.message_id == message)
    return any(is_marked(each.text) for each in session.exec(shown))


def place(vault: Vault, chat: int, message: int) -> str:
    """How a message is known that is kept locked."""
    return vault.known_by("message", chat, message)


def named(desk: Desk, incoming: Incoming, draft: Draft | None) -> Command | None:
    """The command that the text begins with: any by its slash, a confidential one also by its word, which needs no blank after it
    while no form is open. In a confidential form its word is part of the answer."""
    head = [*incoming.text.split(maxsplit=1), ""][0]
    if incoming.forwarded is not None:
        return None
    if head.startswith("/"):
        return desk.commands.get(head[1:].partition("@")[0].lower())
    if draft is not None and desk.forms[draft.form].confidential:
        return None
    fits = head.startswith if draft is None else head.__eq__
    return next((each for word, each in desk.words.items() if each.confidential and fits(word)), None)


def refused(turn: Turn, form: Form) -> bool:
    """Whether there is no key to keep what would be written."""
    return form.confidential and not vault_of(turn.session).ready


def of_form(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers, marked where the form is confidential."""
    return {**answers, MARK: True} if form.confidential else dict(answers)


def kept(reply: Reply) -> Reply:
    """The answer, marked: what is shown and what its buttons carry."""
    return replace(reply, screen=marked(reply.screen)) if reply.screen is not None else reply


def marked(screen: Screen) -> Screen:
    rows = tuple(tuple(_marked_button(each) for each in line) for line in screen.rows)
    return Screen(mark(screen.text), rows)


def mark(text: Say) -> Say:
    return text.but(**{MARK: True})


def _marked_button(button: Button) -> Button:
    return Button(mark(button.label), button.do, {**button.args, MARK: True})


def bare(args: Mapping[str, Any]) -> dict[str, Any]:
    """What a button carries, without the mark."""
    return {name: value for name, value in args.items() if name != MARK}
