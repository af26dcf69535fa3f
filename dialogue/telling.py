"""Everything that leaves the house is written here, as rows of the outbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import cast

from sqlmodel import Session, col, select

from dialogue.values import Button, Reply, Rows, Screen
from models import clocks
from models.kinds import Json
from models.messages import Card, Outbox, waiting_edit
from models.people import Staff, key
from words import Say, pack, say, unpack


class MessageClass(StrEnum):
    """In order of how soon it goes out; the first two are sent again when the answer is uncertain."""

    ESCALATION = "escalation"
    RECEIPT = "receipt"
    REPLY = "reply"
    REMINDER = "reminder"
    DIGEST = "digest"

    @property
    def priority(self) -> int:
        return list(MessageClass).index(self)


def tell(
    session: Session,
    who: Staff,
    screen: Screen,
    kind: MessageClass,
    unique_key: str,
    now: datetime,
    not_before: datetime | None = None,
) -> Card | None:
    """A new card for somebody, in their private chat. Someone not enrolled yet can't be told; the caller sees None."""
    if who.telegram_id is None:
        return None
    return _new_card(session, who, who.telegram_id, screen, kind, unique_key, now, not_before)


def told_in(session: Session, who: Staff, unique_key: str) -> bool:
    """Whether a message went to that person in the turn of that key."""
    sent = select(Outbox.id).where(Outbox.staff_id == who.id, col(Outbox.edits).is_(False))
    return (
        session.exec(sent.where(col(Outbox.unique_key).startswith(f"{unique_key}:", autoescape=True))).first()
        is not None
    )


def _new_card(
    session: Session,
    who: Staff,
    chat: int,
    screen: Screen,
    kind: MessageClass,
    unique_key: str,
    now: datetime,
    not_before: datetime | None = None,
) -> Card:
    card = Card(staff_id=key(who), chat_id=chat, text=pack(screen.text), buttons=_deeds(screen.rows))
    session.add(card)
    session.flush()
    _follow(session, card, screen, unique_key, now)
    row = _message(card, screen, kind, unique_key, now)
    row.next_try_at = not_before
    session.add(row)
    return card


def answer(
    session: Session, who: Staff, chat: int, reply: Reply, pressed: Card | None, unique_key: str, now: datetime
) -> Card | None:
    """The reply to what somebody did: on the card that was pressed, or as a new one."""
    if reply.screen is None:
        return pressed
    if pressed is None or reply.new or reply.screen.vanishes:
        return _new_card(session, who, chat, reply.screen, MessageClass.REPLY, unique_key, now)
    return redraw(session, pressed, reply.screen, unique_key, now)


def redraw(session: Session, card: Card, screen: Screen, unique_key: str, now: datetime) -> Card:
    """Show something else on a card. Its old buttons are void from this moment."""
    for older in waiting_edit(session, card):
        older.state = "superseded"
    card.version += 1
    card.text, card.buttons = pack(screen.text), _deeds(screen.rows)
    _follow(session, card, screen, unique_key, now)
    row = _message(card, screen, MessageClass.REPLY, unique_key, now)
    row.edits = True
    session.add(row)
    return card


def _follow(session: Session, card: Card, screen: Screen, unique_key: str, now: datetime) -> None:
    """The card follows the subject of what it shows; the one on which the same person saw it before no longer does."""
    if screen.subject is not None:
        before = select(Card).where(Card.subject == screen.subject, Card.staff_id == card.staff_id, Card.id != card.id)
        for older in session.exec(before).all():
            retire(session, older, f"{unique_key}:older:{older.id}:{older.version}", now)
    card.subject = screen.subject


def same(card: Card, screen: Screen) -> bool:
    """Whether the card looks so already."""
    return card.text == pack(screen.text) and card.buttons == _deeds(screen.rows)


def retire(session: Session, card: Card, unique_key: str, now: datetime) -> None:
    """Leave the words of a card that was answered by typing, and take its buttons."""
    text = unpack(card.text)
    card.subject = None
    if card.buttons and isinstance(text, Say):
        redraw(session, card, Screen(text), unique_key, now)


def hand_over(
    session: Session,
    who: Staff,
    report: str,
    args: Json,
    caption: Say,
    unique_key: str,
    now: datetime,
    vanishes: datetime | None = None,
    *,
    protected: bool = False,
    followed: Json | None = None,
) -> None:
    """A file for somebody who asked for it; it is made when it is sent. Sent once: an uncertain end is not repeated. One that is
    `protected` can't be passed on in the messenger. `followed`: it takes long, and a card says how far
    it is (`dialogue.making`)."""
    document = {"report": report, "args": args, **({"protected": True} if protected else {}), **(followed or {})}
    _send_file(session, who, document, caption, unique_key, now, vanishes)


def show_file(
    session: Session,
    who: Staff,
    stored: Json,
    caption: Say,
    unique_key: str,
    now: datetime,
    vanishes: datetime | None = None,
) -> None:
    """A file that somebody else sent, for somebody who asked to see it."""
    _send_file(session, who, {"file": stored}, caption, unique_key, now, vanishes)


def _send_file(
    session: Session,
    who: Staff,
    document: Json,
    caption: Say,
    unique_key: str,
    now: datetime,
    vanishes: datetime | None,
) -> None:
    session.add(
        Outbox(
            unique_key=unique_key,
            staff_id=key(who),
            chat_id=who.telegram_id or 0,
            message_class=MessageClass.REPLY,
            priority=MessageClass.REPLY.priority,
            text=pack(caption),
            document=document,
            created_at=now,
            vanish_at=vanishes,
        )
    )


def stranger(session: Session, chat: int, text: Say, unique_key: str, now: datetime) -> None:
    """The one polite line for somebody who is not enrolled."""
    session.add(
        Outbox(
            unique_key=unique_key,
            chat_id=chat,
            message_class=MessageClass.REPLY,
            priority=MessageClass.REPLY.priority,
            text=pack(text),
            created_at=now,
        )
    )


def _message(card: Card, screen: Screen, kind: MessageClass, unique_key: str, now: datetime) -> Outbox:
    return Outbox(
        unique_key=unique_key,
        staff_id=card.staff_id,
        chat_id=card.chat_id,
        message_class=kind,
        priority=kind.priority,
        text=pack(screen.text),
        rows=_faces(card, screen.rows),
        card_id=key(card),
        card_version=card.version,
        created_at=now,
        vanish_at=screen.vanishes,
    )


VANISHES = ":vanish"
"""Ends the key of a deletion; what stands before it names the message that is deleted."""


def owe_deletion(session: Session, row: Outbox, message: int, now: datetime) -> None:
    """A message that is to vanish has arrived: its deletion is owed from now on like any message, through restarts and outages."""
    session.add(
        Outbox(
            unique_key=f"{row.unique_key}{VANISHES}",
            staff_id=row.staff_id,
            chat_id=row.chat_id,
            message_class=MessageClass.RECEIPT,
            priority=MessageClass.RECEIPT.priority,
            text=pack(say("file.vanished")),
            created_at=now,
            next_try_at=row.vanish_at,
            deletes=message,
        )
    )


def hasten_deletion(session: Session, card: Card, now: datetime) -> None:
    """Somebody has read it: it goes at once."""
    owed = select(Outbox).where(Outbox.deletes == card.message_id, Outbox.staff_id == card.staff_id)
    for each in session.exec(owed.where(Outbox.state == "waiting")):
        each.next_try_at = now


def forget(session: Session, deletion: Outbox) -> None:
    """What was deleted from the chat stands on no card and in no message of ours any more."""
    shown = Outbox.unique_key == deletion.unique_key.removesuffix(VANISHES)
    cards = select(Card).where(Card.staff_id == deletion.staff_id, Card.message_id == deletion.deletes)
    for message in session.exec(select(Outbox).where(shown)):
        message.text, message.rows = deletion.text, []
    for card in session.exec(cards):
        card.text, card.buttons, card.version = deletion.text, [], card.version + 1


def offer_whole(row: Outbox, card: Card) -> None:
    """One more button, below those of a message that is going to be shortened for its reader."""
    if any(each["do"] == "message.show" for each in card.buttons):
        return
    button = Button(say("button.in_full"), "message.show")
    face = {"label": pack(button.label), "data": f"{card.key}.{card.version}.{len(card.buttons)}"}
    card.buttons = [*card.buttons, *_deeds(((button,),))]
    row.rows = [*row.rows, [face]]


def as_written(session: Session, card: Card) -> Screen | None:
    """What stood on a card before it was shortened for its reader."""
    row = session.exec(select(Outbox).where(Outbox.card_id == card.id).order_by(col(Outbox.id)).limit(1)).first()
    if row is None:
        return None
    deeds = iter(card.buttons)
    lines = [tuple(_button(face, next(deeds)) for face in line) for line in row.rows]
    return Screen(cast(Say, unpack(row.text)), tuple(lines[:-1]))


def _button(face: Json, deed: Json) -> Button:
    return Button(cast(Say, unpack(face["label"])), deed["do"], deed["args"])


def _deeds(rows: Rows) -> list[Json]:
    return [{"do": button.do, "args": dict(button.args)} for line in rows for button in line]


def _faces(card: Card, rows: Rows) -> list[list[Json]]:
    """The buttons as people see them; each carries card key, version and its number."""
    faces: list[list[Json]] = []
    number = 0
    for line in rows:
        faces.append([])
        for button in line:
            faces[-1].append({"label": pack(button.label), "data": f"{card.key}.{card.version}.{number}"})
            number += 1
    return faces


def pass_on(session: Session, row: Outbox, to: Staff, text: Say, now: datetime) -> None:
    """Say to somebody else what could not be said to the one it was for, buttons included."""
    card = session.get(Card, row.card_id) if row.card_id else None
    unique_key = f"{row.unique_key}>{to.id}"
    if to.telegram_id is None:
        return
    deeds = [_theirs(session, deed, to, now) for deed in (card.buttons if card else [])]
    copy = Card(staff_id=key(to), chat_id=to.telegram_id, text=pack(text), buttons=deeds)
    session.add(copy)
    session.flush()
    numbers = count()
    rows = [[{**face, "data": f"{copy.key}.{copy.version}.{next(numbers)}"} for face in line] for line in row.rows]
    message = _message(copy, Screen(text), MessageClass(row.message_class), unique_key, now)
    message.rows = rows
    session.add(message)


def _theirs(session: Session, deed: Json, to: Staff, now: datetime) -> Json:
    """A button for somebody else: what it acknowledges was told to them, and is theirs to acknowledge."""
    told = deed["args"].get("events")
    if told is None:
        return deed
    events = [key(clocks.tell_also(session, number, key(to), now)) for number in told]
    return {**deed, "args": {**deed["args"], "events": events}}
