"""What the poison is tried on: every registered command, deed and form step in turn, from a month in which each of them was met."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from sqlmodel import Session, col, select

from dialogue.desk import handle
from dialogue.values import Incoming
from handlers import DESK
from models.messages import Card, Draft, open_draft
from models.people import Staff, active_staff, actor, key
from models.store import Store
from rules.gate import scope
from rules.house import House
from tests.canaries import TARGETS, file
from tests.conftest import office_on
from tests.servers import a_house
from tests.walk import Shown, Walk

T = TypeVar("T")
Step = tuple[str, str]
"""A form and the field that it asks for."""
STEPS = {(form.name, field.name) for form in DESK.forms.values() for field in form.fields if not field.hidden}
AT_ONCE = 40
"""Buttons that are laid out in one transaction."""


@dataclass(frozen=True)
class Growing:
    """A database with the month of `tests.walk` in it and the canaries of `tests.canaries`, when that month ended, the buttons that
    were shown to each person, and who may give which command."""

    path: Path
    now: datetime
    shown: Sequence[tuple[int, Shown]]
    commands: Sequence[tuple[int, str]]


async def grow(database: Path, rulebook: str) -> Growing:
    """Live through the month on this database."""
    async with office_on(f"sqlite:///{database}", rulebook) as office:
        walk = Walk(office)
        await walk.goes()
        for target in TARGETS:
            office.store.run_here(file, a_house(rulebook), target)
        shown = [(walk.people[each.who].user, each) for each in walk.shown]
        office.store.run_here(_every_deed_once, office.house, shown, office.clock.now())
        with office.read() as session:
            commands = list(_commands(session, office.clock.now()))
        return Growing(database, office.clock.now(), shown, commands)


def _every_deed_once(session: Session, house: House, shown: Sequence[tuple[int, Shown]], now: datetime) -> None:
    """So that each form that a button opens was opened."""
    newest = {each.deed: (user, each) for user, each in shown}
    for _, (user, each) in sorted(newest.items()):
        data = _card(session, user, each.deed, json.loads(each.args))
        handle(session, house, DESK, Incoming(speaker=user, chat=user, press=data), f"once:{each.deed}", now)


def _commands(session: Session, now: datetime) -> Iterator[tuple[int, str]]:
    for staff in active_staff(session):
        who = actor(session, staff, now)
        for command in DESK.commands.values():
            reach = scope(who, command.needs)
            if staff.telegram_id and (reach.all or reach.units or reach.owner or reach.self_):
                yield staff.telegram_id, command.name


class Turns(Generic[T]):
    """Every name comes once before any comes again; which of its things is left to chance."""

    def __init__(self, chance: random.Random, things: Sequence[tuple[str, T]]) -> None:
        self.random, self.left = chance, list[str]()
        self.by_name: dict[str, list[T]] = defaultdict(list)
        for name, thing in things:
            self.by_name[name].append(thing)

    def next(self) -> tuple[str, T]:
        if not self.left:
            self.left = self.random.sample(sorted(self.by_name), len(self.by_name))
        name = self.left.pop()
        return name, self.random.choice(self.by_name[name])


class Garden:
    def __init__(self, chance: random.Random, growing: Growing) -> None:
        self.random, self.now = chance, growing.now
        self.deeds = Turns(chance, [(each.deed, (user, each.args)) for user, each in growing.shown])
        self.commands = Turns(chance, [(name, user) for user, name in growing.commands])
        self.stock: list[tuple[int, str]] = []
        self.steps: list[Step] = []

    def command(self) -> tuple[int, str]:
        name, user = self.commands.next()
        return user, name

    def button(self, store: Store) -> tuple[int, str]:
        """The next deed's button on a message of its own, and whose it is."""
        if not self.stock:
            self.stock = store.run_here(self._laid_out)
        return self.stock.pop()

    def _laid_out(self, session: Session) -> list[tuple[int, str]]:
        wanted = [self.deeds.next() for _ in range(AT_ONCE)]
        return [(user, _card(session, user, deed, json.loads(args))) for deed, (user, args) in wanted]

    def asked(self, store: Store) -> int | None:
        """Somebody whom a form asks something: the next step of all forms, taken up where somebody once was."""
        if not self.steps:
            self.steps = self.random.sample(sorted(STEPS), len(STEPS))
        return store.run_here(self.asks, *self.steps.pop())

    def asks(self, session: Session, form: str, name: str) -> int | None:
        """Open that form, answered as it once was, at that question; whose it is. None where nobody ever came so far."""
        field = DESK.forms[form].field(name)
        drafts = session.exec(select(Draft).where(Draft.form == form).order_by(col(Draft.id).desc()))
        fitting = list(islice((each for each in drafts if field.asked(each.answers)), 10))
        if not fitting:
            return None
        model = self.random.choice(fitting)
        staff = session.get_one(Staff, model.staff_id)
        before = open_draft(session, model.staff_id)
        if before is not None:
            before.state = "kept"
        draft = Draft(
            staff_id=model.staff_id,
            form=form,
            answers=model.answers,
            asking=name,
            started_at=self.now,
            touched_at=self.now,
        )
        session.add(draft)
        session.flush()
        session.add(card := _cancelling(staff, draft))
        session.flush()
        draft.card_id = key(card)
        return staff.telegram_id


def _card(session: Session, user: int, deed: str, args: dict[str, object]) -> str:
    """A message with this one button; what the button carries."""
    staff = session.exec(select(Staff).where(Staff.telegram_id == user)).one()
    card = Card(staff_id=key(staff), chat_id=user, text={"say": "menu"}, buttons=[{"do": deed, "args": args}])
    session.add(card)
    session.flush()
    return f"{card.key}.1.0"


def _cancelling(staff: Staff, draft: Draft) -> Card:
    buttons = [{"do": "form.cancel", "args": {"draft": key(draft)}}]
    return Card(staff_id=key(staff), chat_id=staff.telegram_id or 0, text={"say": "menu"}, buttons=buttons)
