"""涉密 in a conversation: the real name may be typed and is gently discouraged; photos, files, places and shared contacts of
such a customer are not kept, the rest of what was entered is."""

from __future__ import annotations

from dataclasses import replace

from dialogue.forms import Answers
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Reply
from models import secrecy
from models.customers import Customer
from models.messages import Draft
from models.records import Entry
from rules.gate import Action, scope
from words import Value, say

SHARED, CORRECTS = "_shared", "corrects"
"""Among the answers: the fields that a shared contact filled, the entry that is put right."""


def of_draft(turn: Turn, answers: Answers) -> Customer | None:
    """The customer that the answers are about, if it is marked."""
    found = secrecy.customer_of(turn.session, answers)
    customer = turn.session.get(Customer, found) if found is not None else None
    return customer if customer is not None and customer.code_name else None


def without_what_shows(turn: Turn, draft: Draft) -> Value:
    """Takes from a draft what may not lie in the chat's files; says so, and what to do instead. None: nothing was taken."""
    customer = of_draft(turn, draft.answers)
    if customer is None:
        return None
    sent = draft.answers.get(ATTACHMENTS, [])
    kept = [each for each in sent if each in _on_record(turn, draft.answers)]
    shared = draft.answers.get(SHARED, [])
    if kept == sent and not shared:
        return None
    gone = {*shared, SHARED, *(() if kept else (ATTACHMENTS,))}
    answers = {name: value for name, value in draft.answers.items() if name not in gone}
    draft.answers = {**answers, ATTACHMENTS: kept} if kept else answers
    return say("secret.no_contact" if shared else "secret.no_attachments", code=customer.called)


def _on_record(turn: Turn, answers: Answers) -> list[object]:
    """What the entry that is put right had already, from before the customer was marked."""
    old = turn.session.get(Entry, answers[CORRECTS]) if isinstance(answers.get(CORRECTS), int) else None
    return list(old.attachments) if old is not None else []


def with_a_word(turn: Turn, reply: Reply) -> Reply:
    """「请用代号」 over the answer to somebody who typed the real name of a customer that they may find."""
    text, screen = turn.incoming.text, reply.screen
    if screen is None or not text or turn.incoming.press is not None:
        return reply
    veil = secrecy.names(turn.session)
    reach = scope(turn.actor, Action.FIND_CUSTOMER)
    named = [each for each in veil.told(text) if secrecy.may_hear(turn.session, each, reach)] if veil else []
    if not named:
        return reply
    codes = [turn.session.get_one(Customer, each).called for each in named]
    word = say("secret.use_code", text=screen.text, codes=say("list", items=codes))
    return replace(reply, screen=replace(screen, text=word))


def is_marked(turn: Turn, answers: Answers) -> bool:
    return of_draft(turn, answers) is not None
