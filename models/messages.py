"""What came in and what goes out: the inbox, the outbox, and what people see of a conversation (card and draft)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from models.asked import asked_once
from models.kinds import Json, json_field, json_list
from models.people import key


class Inbox(SQLModel, table=True):
    """An update as Telegram sent it. Order is our own `id`; `update_id` only tells a repeat. The body is locked until it is
    handled, and for good where it is part of something confidential."""

    __table_args__ = (Index("inbox_state", "state", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    update_id: int = Field(unique=True, sa_type=BigInteger)
    body: str
    received_at: datetime
    state: str = "waiting"
    tries: int = 0
    error: str | None = None
    told_by: str | None = Field(default=None, index=True)
    """Where the body stays locked: a keyed digest of the message's place, by which changes of it and answers to it are known."""


class Card(SQLModel, table=True):
    """What a person sees and presses. A button carries `key.version.number`, never data: what it does stands in `buttons`."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(9), unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    chat_id: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    version: int = 1
    text: Json = json_field()
    subject: str | None = Field(default=None, index=True)
    """What it shows as it stands now (`complaint:7`); it is drawn anew when that changes."""
    buttons: list[Json] = json_list()
    """Each: {"do": action name, "args": {…}}, in the order in which the buttons stand."""


class Outbox(SQLModel, table=True):
    """A message to be sent, or an edit of a card (`edits`). Text is made when it is sent."""

    __table_args__ = (Index("outbox_state", "state", "priority", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    unique_key: str = Field(unique=True)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    chat_id: int = Field(sa_type=BigInteger, index=True)
    message_class: str
    priority: int
    text: Json = json_field()
    rows: list[list[Json]] = json_list()
    """Rows of {"label": packed Say, "data": callback data or, for links, "url"}."""
    card_id: int | None = Field(default=None, foreign_key="card.id", index=True)
    card_version: int = 0
    edits: bool = False
    document: Json | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """{"report": its name, "args": {…}}: a file that is made when it is sent; {"file": an attachment}: one that somebody sent. The
    text stands under it."""
    state: str = "waiting"
    tries: int = 0
    repeats: int = 0
    created_at: datetime
    next_try_at: datetime | None = None
    sent_at: datetime | None = None
    vanish_at: datetime | None = None
    """When the message is deleted from the chat again; it can't be forwarded or saved."""
    deletes: int | None = Field(default=None, sa_type=BigInteger)
    """This row is such a deletion, owed like a message: of the message with this id."""
    error: str | None = None


class Draft(SQLModel, table=True):
    """A form being filled in: the answers so far, and the question that stands (`asking`)."""

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    form: str
    answers: Json = json_field()
    asking: str | None = None
    card_id: int | None = Field(default=None, foreign_key="card.id")
    state: str = "open"
    started_at: datetime
    touched_at: datetime


OPEN_DRAFT = (
    select(Draft).where(Draft.staff_id == bindparam("staff"), Draft.state == "open").order_by(col(Draft.id).desc())
)
CARD_OF_KEY = select(Card).where(Card.key == bindparam("key"))


@asked_once(Draft)
def open_draft(session: Session, staff_id: int) -> Draft | None:
    return session.exec(OPEN_DRAFT, params={"staff": staff_id}).first()


def kept_drafts(session: Session, staff_id: int) -> list[Draft]:
    """Left half filled in, the newest first; offered again."""
    query = (
        select(Draft)
        .where(Draft.staff_id == staff_id, Draft.state == "kept")
        .order_by(col(Draft.touched_at).desc(), col(Draft.id).desc())
    )
    return list(session.exec(query))


def drafts_of_form(session: Session, form: str) -> list[Draft]:
    """Everybody's drafts of a form that were neither submitted nor given up, the oldest first."""
    query = select(Draft).where(Draft.form == form, col(Draft.state).in_(("open", "kept")))
    return list(session.exec(query.order_by(col(Draft.started_at), col(Draft.id))))


@asked_once(Card)
def card_by_key(session: Session, card_key: str) -> Card | None:
    return session.exec(CARD_OF_KEY, params={"key": card_key}).first()


def waiting_edit(session: Session, card: Card) -> list[Outbox]:
    """Edits of the card that were not sent yet; a newer one makes them pointless."""
    query = select(Outbox).where(Outbox.card_id == key(card), Outbox.state == "waiting", Outbox.edits)
    return list(session.exec(query))


def was_told(session: Session, unique_key: str) -> bool:
    return session.exec(select(Outbox.id).where(Outbox.unique_key == unique_key)).first() is not None
