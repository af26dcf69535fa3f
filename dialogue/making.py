"""A file that takes its time: the card of the one who asked says how far it is, until the file is there.

The card follows the row of the outbox by its key. Whoever does something else on the card meanwhile is left in peace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dialogue.telling import redraw
from dialogue.values import Button, Rows, Screen
from models.messages import Card, Outbox
from words import Say, Value, say, unpack

WAITING = "waiting"
ENDS = ("done", "failed", "unsure")
"""How it ends; from then on the card leads on."""


def subject_of(unique_key: str) -> str:
    return f"making:{unique_key}"


def begun(title: Value, unique_key: str) -> Screen:
    """The card, right after it was asked for."""
    return Screen(say("making", title=title, stage=say("making.waiting"), step=None), subject=subject_of(unique_key))


def progressed(session: Session, row: Outbox, stage: str, now: datetime) -> None:
    """Say on the card how far it is, or how it ended."""
    document = row.document or {}
    card = session.exec(select(Card).where(Card.subject == subject_of(row.unique_key))).first()
    text = unpack(card.text) if card else None
    if card is None or not isinstance(text, Say):
        return
    stages: Sequence[str] = document.get("stages", ())
    place = stages.index(stage) + 1 if stage in stages else None
    step = say("making.step", step=place, steps=len(stages)) if place else None
    over = stage in ENDS
    news = text.but(stage=say(f"making.{stage}"), step=step)
    subject = None if over else card.subject
    redraw(
        session,
        card,
        Screen(news, _onward(document) if over else (), subject),
        f"{row.unique_key}:{stage}:{card.version}",
        now,
    )


def _onward(document: Mapping[str, Any]) -> Rows:
    back = document.get("back")
    return ((Button(say("button.figures"), back["do"], back["args"]),),) if back else ()


def under_way(session: Session, staff: int, report: str) -> bool:
    """Whether one of these is being made for that person already, or waits for it."""
    asked = select(Outbox).where(Outbox.staff_id == staff, col(Outbox.state).in_(("waiting", "sending")))
    return any(each.document and each.document.get("report") == report for each in session.exec(asked))


def interrupted(session: Session, rows: Iterable[Outbox], now: datetime) -> None:
    """After a restart: what was being made then is not made again by itself, which is said."""
    for row in rows:
        if row.state == "uncertain" and (row.document or {}).get("stages"):
            progressed(session, row, "unsure", now)
