"""In one transaction a question is asked once, and anew as soon as something that its answer is made of was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, event, text, update
from sqlmodel import Session, select

from models.asked import asked_once
from models.people import Staff, Unit
from models.store import Store

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@asked_once(Unit)
def named(session: Session, start: str) -> list[str]:
    return sorted(name for name in session.exec(select(Unit.name)) if name.startswith(start))


@pytest.fixture
def asked(store: Store) -> Iterator[list[str]]:
    """The questions that really went to the database."""
    went: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT unit.name"):
            went.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    with store.write() as session:
        session.add(Unit(name="一部"))
    yield went
    event.remove(store.engine, "before_cursor_execute", note)


def test_twice_the_same_is_asked_once(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        assert named(session, "一") == named(session, "一") == ["一部"]
    assert len(asked) == 1


def test_something_else_is_another_question(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        assert (named(session, "一"), named(session, "二")) == (["一部"], [])


def test_another_transaction_asks_anew(store: Store, asked: list[str]) -> None:
    for _ in range(2):
        with store.write() as session:
            named(session, "一")
    assert len(asked) == 2


def test_after_a_commit_others_may_have_written(store: Store, asked: list[str]) -> None:
    with store.read() as session:
        for _ in range(2):
            named(session, "一")
            session.commit()
    assert len(asked) == 2


def test_who_changes_an_answer_changes_their_own(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        named(session, "一").clear()
        assert named(session, "一") == ["一部"]


def add(session: Session) -> None:
    session.add(Unit(name="一组"))


def rename(session: Session) -> None:
    session.exec(select(Unit)).one().name = "二部"


def delete(session: Session) -> None:
    session.delete(session.exec(select(Unit)).one())


def write_past_the_objects(session: Session) -> None:
    session.execute(update(Unit).values(name="二部"))


def write_in_plain_sql(session: Session) -> None:
    session.execute(text("UPDATE unit SET name = '二部'"))


@pytest.mark.parametrize(
    ("write", "then"),
    [(add, ["一组", "一部"]), (rename, []), (delete, []), (write_past_the_objects, []), (write_in_plain_sql, [])],
)
def test_after_writing_the_answer_is_the_new_one(
    store: Store, asked: list[str], write: Callable[[Session], None], then: list[str]
) -> None:
    with store.write() as session:
        assert named(session, "一") == ["一部"]
        write(session)
        assert named(session, "一") == then


def test_a_question_in_plain_sql_leaves_the_answers(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        named(session, "一")
        session.execute(text("SELECT name FROM staff"))
        named(session, "一")
    assert len(asked) == 1


def test_what_was_rolled_back_was_never_said(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        with session.begin_nested() as within:
            add(session)
            assert len(named(session, "一")) == 2
            within.rollback()
        assert named(session, "一") == ["一部"]


def test_what_is_written_elsewhere_leaves_the_answer(store: Store, asked: list[str]) -> None:
    with store.write() as session:
        named(session, "一")
        session.add(Staff(number="S1", name="安娜", language="zh", entitled_from=NOW))
        assert named(session, "一") == ["一部"]
    assert len(asked) == 1
