"""The front desk: one thing that somebody did becomes one answer. Who speaks, may they, what was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from dialogue import code_names, confidences, engine, taking
from dialogue.asides import is_large, put_off
from dialogue.forms import Command, Desk, notice
from dialogue.telling import answer, stranger
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Incoming, Reply, Screen
from models import mergers
from models.messages import Card, Draft, Outbox, card_by_key, open_draft
from models.people import key, speaker
from models.vault import vault_of
from rules.house import House
from words import Say, say

MOST_CHARACTERS = 4000


def handle(
    session: Session, house: House, desk: Desk, incoming: Incoming, unique_key: str, now: datetime
) -> Say | None:
    """Answer what somebody did, inside the caller's transaction. Returns a passing word for a button press, if there is one. The
    caller knows whether it is confidential (`confidences.is_part`), because it keeps the update."""
    staff = speaker(session, incoming.speaker)
    if staff is None or not incoming.private:
        return _outsider(session, desk, incoming, house, unique_key, now)
    turn = Turn(session, now, house, staff, incoming, desk, unique_key)
    if incoming.confidential and not vault_of(session).ready:
        answer(session, staff, incoming.chat, notice(say("confidential.no_key")), None, unique_key, now)
        return None
    try:
        with session.begin_nested():
            reply = _pressed(turn) if incoming.press is not None else code_names.with_a_word(turn, _typed(turn))
    except NotAllowedError:
        reply = Reply(Screen(say("not_here")), toast=say("not_here"))
    draft = open_draft(session, turn.me)
    if incoming.confidential or _shows_confidential(turn, reply, draft):
        reply = confidences.kept(reply)
    card = answer(session, staff, incoming.chat, reply, turn.card, unique_key, now)
    if draft is not None and card is not None and _shows(card, draft):
        draft.card_id = key(card)
    return reply.toast


def _shows(card: Card, draft: Draft) -> bool:
    """Whether it is the draft's own card, and not an answer to something asked in between."""
    return any(each["do"].startswith("form.") and each["args"].get("draft") == draft.id for each in card.buttons)


def _shows_confidential(turn: Turn, reply: Reply, draft: Draft | None) -> bool:
    """Whether the answer is the card of an open confidential form, however it was come to."""
    if draft is None or reply.screen is None or not turn.forms[draft.form].confidential:
        return False
    return any(button.args.get("draft") == draft.id for line in reply.screen.rows for button in line)


def _outsider(
    session: Session, desk: Desk, incoming: Incoming, house: House, unique_key: str, now: datetime
) -> Say | None:
    """A stranger gets one polite line an hour and nothing else; a one-time code makes a colleague of them. Why a code does not is
    said once an hour too, each reason."""
    line = say("stranger" if incoming.private else "group")
    if incoming.private and incoming.text.startswith("/start "):
        why = desk.enrol(session, house, incoming, now)
        if why is None:
            return handle(session, house, desk, replace(incoming, text="/start"), unique_key, now)
        line = why
    hourly = f"stranger:{incoming.chat}:{now:%Y%m%d%H}" + (f":{line.id}" if line.id.startswith("enrol.") else "")
    if session.exec(select(Outbox.id).where(Outbox.unique_key == hourly)).first() is None and _worth_a_word(incoming):
        stranger(session, incoming.chat, line, hourly, now)
    return line if incoming.press is not None else None


def _worth_a_word(incoming: Incoming) -> bool:
    return incoming.private or incoming.text.startswith("/")


def _pressed(turn: Turn) -> Reply:
    card_key, _, rest = (turn.incoming.press or "").partition(".")
    card = card_by_key(turn.session, card_key)
    if card is None or card.staff_id != turn.me:
        return Reply(toast=say("not_here"))
    turn.card = card
    version, _, number = rest.partition(".")
    if version != str(card.version):
        return Reply(toast=say("button.old"))
    if not (number.isascii() and number.isdigit() and int(number[:4]) < len(card.buttons)):
        return Reply(toast=say("button.old"))
    return perform(turn, card.buttons[int(number)]["do"], card.buttons[int(number)]["args"])


def perform(turn: Turn, name: str, args: dict[str, object]) -> Reply:
    """Run a declared deed, if the gate lets this person do it at all; the deed asks again for its subject."""
    deed = turn.desk.deeds[name]
    turn.need_any(deed.needs)
    if isinstance(customer := args.get("customer"), int):
        args = {**args, "customer": mergers.resolved(turn.session, customer)}
    if deed.slow and is_large(turn.session):
        return put_off(turn, name, args)
    return deed.run(turn, **confidences.bare(args))


def _typed(turn: Turn) -> Reply:
    text = turn.incoming.text.strip()
    if turn.incoming.edited:
        return turn.desk.edited(turn)
    if len(text) > MOST_CHARACTERS:
        return notice(say("wrong.too_long", most=MOST_CHARACTERS, length=len(text)))
    passed_on = turn.incoming.forwarded is not None
    draft = None if text.startswith("/") and not passed_on else open_draft(turn.session, turn.me)
    found = None if passed_on else _command(turn, text, busy=draft is not None)
    found = found or _confidential(turn, text, draft)
    if found:
        command, rest = found
        turn.need_any(command.needs)
        return command.run(turn, rest)
    if text.startswith("/") and not passed_on:
        return notice(say("unknown_command", text=text[:50]), *turn.desk.home(turn))
    if draft is None:
        return turn.desk.free(turn, text)
    said = None if passed_on else _word_for_button(turn, draft, text) or _command_after_all(turn, draft, text)
    return said or turn.desk.between(turn, draft) or taking.take(turn, draft)


def _command(turn: Turn, text: str, *, busy: bool) -> tuple[Command, str] | None:
    """A slash command or one of its Chinese words. While a form asks something, a word counts only when it stands alone."""
    head, rest = [*text.split(maxsplit=1), "", ""][:2]
    if head.startswith("/"):
        name = head[1:].partition("@")[0].lower()
        return (turn.desk.commands[name], rest.strip()) if name in turn.desk.commands else None
    for word in sorted(turn.desk.words, key=len, reverse=True):
        if text == word:
            return turn.desk.words[word], ""
        if not busy and head == word:
            return turn.desk.words[word], rest.strip()
    return None


def _confidential(turn: Turn, text: str, draft: Draft | None) -> tuple[Command, str] | None:
    """A confidential command is heard also without a blank, and while a form is open: its words must not go any other way."""
    command = confidences.named(turn.desk, turn.incoming, draft)
    if command is None or not command.confidential:
        return None
    word = max((each for each in command.words if text.startswith(each)), key=len, default="")
    return command, text.removeprefix(word).strip(" ：:，,")


def _command_after_all(turn: Turn, draft: Draft, text: str) -> Reply | None:
    """A Chinese word with more after it, where it can't be the answer that the open form waits for: 简报 华航."""
    head, _, rest = text.partition(" ")
    command = turn.desk.words.get(head)
    if command is None or not turn.reaches(command.needs) or taking.fits(turn, draft, text):
        return None
    if turn.forms[draft.form].confidential:
        return None
    return command.run(turn, rest.strip())


def _word_for_button(turn: Turn, draft: Draft, text: str) -> Reply | None:
    """A typed 保存 or 取消 does what the button would."""
    card = turn.session.get(Card, draft.card_id) if draft.card_id else None
    if card is None:
        return None
    for words, deed in ((("保存", "save", "确定", "ok"), "form.save"), (("修改", "edit"), "form.edit")):
        if text.lower() in words and any(each["do"] == deed for each in card.buttons):
            engine.take_buttons(turn, draft)
            return perform(turn, deed, {"draft": key(draft)})
    return None
