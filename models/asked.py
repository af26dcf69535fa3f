"""Within one transaction the same question is asked once, until something that the answer is made of is written.

A card asks for each of its buttons who may press it now, and so for the same seats, absences and steps dozens of times: half of
all statements of a complaint's screens were ones that had just been answered.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import TextClause, event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session, SQLModel

P = ParamSpec("P")
R = TypeVar("R")
Question = Callable[Concatenate[Session, P], R]

ANSWERS: Final = "answers"
"""Where a session keeps them: by the tables that they are made of, then by question and arguments."""


def asked_once(*tables: type[SQLModel]) -> Callable[[Question[P, R]], Question[P, R]]:
    """For a question about these tables alone, with arguments that can be compared. Whoever changes a list that was the answer
    changes only their own."""

    def of(question: Question[P, R]) -> Question[P, R]:
        def answer(session: Session, /, *args: P.args, **values: P.kwargs) -> R:
            if session.autoflush:
                session.flush()
            known: dict[Any, R] = session.info.setdefault(ANSWERS, {}).setdefault(tables, {})
            asked = (question, args, tuple(values.items()))
            if asked not in known:
                known[asked] = question(session, *args, **values)
            found = known[asked]
            return copy(found) if isinstance(found, (list, dict, set)) else found

        update_wrapper(answer, question)
        return answer

    return of


def _forget_what_changed(session: Session, _: UOWTransaction) -> None:
    if known := session.info.get(ANSWERS):
        written = {type(each) for each in (*session.new, *session.dirty, *session.deleted)}
        for tables in [each for each in known if not written.isdisjoint(each)]:
            del known[tables]


def _forget_at_writing(state: ORMExecuteState) -> None:
    """By a statement of its own, past the objects."""
    asks = isinstance(state.statement, TextClause) and state.statement.text.startswith("SELECT ")
    if not (state.is_select or asks):
        state.session.info.pop(ANSWERS, None)


def _forget_all(session: Session, _: object) -> None:
    session.info.pop(ANSWERS, None)


event.listen(Session, "after_flush", _forget_what_changed)
event.listen(Session, "do_orm_execute", _forget_at_writing)
event.listen(Session, "after_soft_rollback", _forget_all)
event.listen(Session, "after_commit", lambda session: _forget_all(session, None))
