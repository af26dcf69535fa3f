"""Random walks through the forms: whatever is pressed and typed, in whatever order, nobody is ever trapped."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlmodel import Session, col, func, select

from handlers import DESK
from models.messages import Card, Draft, open_draft
from models.people import Staff
from models.records import Entry
from rules.house import House
from tests.company import PEOPLE
from tests.garden import STEPS, Garden, Growing
from tests.poison import ANSWERS, DATES, NAMES, Poisoner, Update
from tests.post import Post

WALKERS = ("ann", "head", "vp", "gm", "sales", "quality")
BEGINNINGS = [f"/{name}" for name in DESK.commands if name not in ("start", "cancel")]
WAYS_OUT = {"form.cancel", "form.back", "form.card"}
walkers = st.sampled_from(WALKERS)
forms = st.sampled_from(sorted(DESK.forms))
NAME_OF = {user: name for name, (_, _, user, _) in PEOPLE.items()}


class Walk(RuleBasedStateMachine):
    """Several people walk at once, each through forms of their own."""

    growing: Growing
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "keguan.db"
        shutil.copy(self.growing.path, path)
        self.runner = asyncio.Runner()
        self.post = Post(f"sqlite:///{path}", self.house, now=self.growing.now)
        self.poisoner = Poisoner(1, self.post.store)
        self.garden = Garden(random.Random(1), self.growing)

    @rule(who=walkers, command=st.sampled_from(BEGINNINGS), name=st.sampled_from(("", *NAMES)))
    def begins(self, who: str, command: str, name: str) -> None:
        self.takes(who, self.poisoner.message(PEOPLE[who][2], text=f"{command} {name}".strip()))

    @rule(who=walkers, text=st.sampled_from((*ANSWERS, *DATES, *NAMES)))
    def says(self, who: str, text: str) -> None:
        self.takes(who, self.poisoner.message(PEOPLE[who][2], text=text))

    @rule(who=walkers, back=st.sampled_from((0, 0, 0, 0, 1, 3)), which=st.integers(0, 20))
    def presses(self, who: str, back: int, which: int) -> None:
        """A button on the newest card, or on one that stands above it."""
        user = PEOPLE[who][2]
        with self.post.store.read() as session:
            newest = select(Card).where(Card.chat_id == user).order_by(col(Card.id).desc())
            cards = [each for each in session.exec(newest.limit(back + 1)) if each.buttons]
        if cards:
            card = cards[-1]
            press = f"{card.key}.{card.version}.{which % len(card.buttons)}"
            self.runner.run(self.post.take(self.poisoner.press(user, press)))
            self.is_not_trapped(who)

    @rule(form=forms, which=st.integers(0, 20))
    def takes_up(self, form: str, which: int) -> None:
        """A form of any kind, at any of its questions, as somebody once was."""
        names = [field.name for field in DESK.forms[form].fields if not field.hidden]
        user = self.post.store.run_here(self.garden.asks, form, names[which % len(names)])
        if user in NAME_OF:
            self.is_not_trapped(NAME_OF[user])

    @rule(who=walkers)
    def sends_a_photo(self, who: str) -> None:
        photo = {"file_id": "F", "file_unique_id": "u", "file_size": 9, "width": 1, "height": 1}
        self.takes(who, self.poisoner.message(PEOPLE[who][2], photo=[photo]))

    def takes(self, who: str, update: Update) -> None:
        self.runner.run(self.post.take(update))
        assert self.post.answered(update["update_id"]), "whoever writes is answered"
        self.is_not_trapped(who)

    def is_not_trapped(self, who: str) -> None:
        """At most one form is open, and its card has a way out."""
        with self.post.store.read() as session:
            staff = _staff(session, who)
            opened = select(func.count()).select_from(Draft).where(Draft.staff_id == staff, Draft.state == "open")
            assert session.exec(opened).one() <= 1
            draft = open_draft(session, staff)
            if draft is not None:
                card = session.get_one(Card, draft.card_id)
                assert WAYS_OUT & {each["do"] for each in card.buttons}, f"{draft.form}, asking {draft.asking}"

    def teardown(self) -> None:
        """After all of it, everybody who may log a talk can, in one line and one tap."""
        try:
            for who in ("ann", "head"):
                self.can_log(who)
        finally:
            self.runner.close()
            self.post.store.close()
            self.folder.cleanup()

    def can_log(self, who: str) -> None:
        user = PEOPLE[who][2]
        for line in ("/cancel", "/log 华航橡胶 电话 刚才 谈了三季度配方"):
            self.takes(who, self.poisoner.message(user, text=line))
        press = self.poisoner.newest(user, "form.save")
        assert press, "a complete line can be saved"
        before = self.entries()
        self.runner.run(self.post.take(self.poisoner.press(user, press)))
        assert self.entries() == before + 1

    def entries(self) -> int:
        with self.post.store.read() as session:
            return session.exec(select(func.count()).select_from(Entry).where(Entry.kind == "contact")).one()


def _staff(session: Session, who: str) -> int:
    return session.exec(select(Staff.id).where(Staff.number == PEOPLE[who][0])).one() or 0


def test_nobody_is_ever_trapped(growing: Growing, house: House, caplog: pytest.LogCaptureFixture) -> None:
    Walk.growing, Walk.house = growing, house
    health = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=15, stateful_step_count=40, derandomize=True, deadline=None,
                                suppress_health_check=health, database=None)
    )  # fmt: skip
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


def test_no_form_traps_anybody_at_any_of_its_questions(growing: Growing, house: House) -> None:
    """Every registered form at every question; one that is never opened in the month of `tests.walk` has no place here."""
    Walk.growing, Walk.house = growing, house
    walk = Walk()
    met = {step for step in sorted(STEPS) if _is_left_well(walk, *step)}
    walk.teardown()
    assert STEPS - met == set(), "let tests.walk come to these"


def _is_left_well(walk: Walk, form: str, name: str) -> bool:
    user = walk.post.store.run_here(walk.garden.asks, form, name)
    if user is not None:
        for text in ("²", "/cancel"):
            update = walk.poisoner.message(user, text=text)
            walk.runner.run(walk.post.take(update))
            assert walk.post.answered(update["update_id"]), (form, name)
    return user is not None
