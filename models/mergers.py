"""合并客户: two files of one company become one. What belongs to the one moves to the other in one transaction; nothing is lost.

The row of the file that was given up goes, so that no list counts it twice; what stood in it, and what moved, stays in the merger.
Its number leads to the other file for good, its name stays findable, and the database lets entries move this one way only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, func, update
from sqlalchemy import select as select_rows
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, customers, duties, files, secrecy
from models.clocks import Clock, close
from models.customers import Customer, FormerName, Person, SearchKey, people
from models.files import CustomerFile, Keeper
from models.kinds import Json, json_field
from models.messages import Draft
from models.people import Staff, key
from models.records import Entry, Matter, heard
from models.steps import Step
from reading.names import normalise
from rules.file_parts import FilePart
from rules.house import House
from rules.roles import Tier

FACTS: Final = ("name", "short_name", "tier", "province", "city", "unit_id", "owner_id", "credit_code")
FILLED: Final = ("short_name", "city", "credit_code")
"""What the file that stays takes over where it has nothing itself."""
BY_HAND: Final = frozenset({"person", "former_name", "search_key", "customer_file"})
"""Tables that are not moved row by row: people are joined by name, what is on file part by part, names and keys are made anew."""
OWN: Final = ("customer", files.FILE)
"""What clocks are about that end with the file."""
OF_A_PERSON: Final = ("title", "phone", "email", "birthday", "left_on")
OF_A_FILE: Final = (FilePart.KIND, FilePart.PRODUCTION, FilePart.CREDIT)


class Merger(SQLModel, table=True):
    """`facts` is the file as it was, `moved` the ids of what moved, by table. Nobody at the customer is named in it: it stays."""

    id: int | None = Field(default=None, primary_key=True)
    from_id: int = Field(unique=True)
    into_id: int = Field(index=True)
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    reason: str
    facts: Json = json_field()
    moved: Json = json_field()


@dataclass(frozen=True)
class Merge:
    """What is asked for: this file goes into that one."""

    gone: Customer
    stays: Customer
    by: Staff
    reason: str
    now: datetime


class NotMergeableError(Exception):
    """Why not: `secret`, `same`, `codes` or `tier`."""


def hindrance(gone: Customer, stays: Customer) -> str | None:
    """Why these two can't become one: a code name is at stake, it is the same file, two credit codes are two companies, or
    the file to be given up has the higher tier."""
    if gone.id == stays.id:
        return "same"
    if gone.code_name or stays.code_name:
        return "secret"
    codes = {each for each in (gone.credit_code, stays.credit_code) if each}
    if len(codes) > 1:
        return "codes"
    return "tier" if _outranks(gone, stays) else None


def _outranks(gone: Customer, stays: Customer) -> bool:
    """A strategic or key tier is given up by a decision only, not by a merger: that file is the one to stay."""
    ranks = [each.value for each in Tier]
    return gone.tier in (Tier.STRATEGIC, Tier.KEY) and ranks.index(gone.tier) < ranks.index(stays.tier)


def tables() -> Iterator[tuple[Table, str]]:
    """Every table with a column that names a customer, and that column."""
    for table in SQLModel.metadata.sorted_tables:
        for foreign in table.foreign_keys:
            if foreign.column.table.name == "customer" and foreign.column.name == "id":
                yield table, foreign.parent.name


def counts(session: Session, customer: Customer) -> dict[str, int]:
    """How many rows of each kind belong to a customer."""
    found: dict[str, int] = {}
    for table, column in tables():
        query = select_rows(func.count()).select_from(table).where(table.c[column] == customer.id)
        if number := session.execute(query).scalar_one():
            found[table.name] = found.get(table.name, 0) + number
    return found


def resolved(session: Session, customer: int) -> int:
    """The file that this number means now."""
    while (found := session.exec(select(Merger.into_id).where(Merger.from_id == customer)).first()) is not None:
        customer = found
    return customer


def into(session: Session, customer: int) -> list[Merger]:
    """What was merged into this file, at first or second hand, the newest first."""
    here = list(session.exec(select(Merger).where(Merger.into_id == customer)))
    found = [*here, *(each for one in here for each in into(session, one.from_id))]
    return sorted(found, key=lambda each: each.at, reverse=True)


def merge(session: Session, house: House, what: Merge) -> Merger:
    """In the caller's transaction, all of it or nothing. Raises `NotMergeableError`."""
    if why := hindrance(what.gone, what.stays):
        raise NotMergeableError(why)
    gone, stays = key(what.gone), key(what.stays)
    facts = {name: getattr(what.gone, name) for name in FACTS}
    merger = Merger(
        from_id=gone,
        into_id=stays,
        by_id=key(what.by),
        at=what.now,
        reason=what.reason,
        facts=facts,
        moved=dict(_moving(session, gone)),
    )
    session.add(merger)
    session.flush()
    _move(session, gone, stays)
    names = _names(session, what.gone)
    _join_people(session, gone, stays)
    lacking = _give_up_file(session, gone)
    _give_up(session, what)
    secrecy.renamed(session, what.stays, [each for each in names if each not in what.stays.names])
    heard(session, [stays])
    session.refresh(what.stays)
    customers.index(session, what.stays)
    _fill(session, house, what, lacking)
    _wind(session, house, what.stays, what.now)
    audit.record(
        session,
        what.now,
        key(what.by),
        "customer.merge",
        f"customer:{stays}",
        merged=gone,
        reason=what.reason,
        facts=facts,
        moved={table: len(ids) for table, ids in merger.moved.items()},
    )
    return merger


def _moving(session: Session, customer: int) -> Iterator[tuple[str, list[Any]]]:
    for table, column in tables():
        named = [each for each in table.primary_key.columns if each.name != column]
        if table.name not in BY_HAND and named:
            ids = session.execute(select_rows(named[0]).where(table.c[column] == customer).order_by(named[0])).scalars()
            if found := list(ids):
                yield (f"{table.name}.{column}", found)


def _move(session: Session, gone: int, stays: int) -> None:
    for table, column in tables():
        if table.name not in BY_HAND:
            session.execute(update(table).where(table.c[column] == gone).values({column: stays}))
    addressed = update(Clock).where(col(Clock.post) == f"owner@{gone}", col(Clock.subject_kind).not_in(OWN))
    session.execute(addressed.values(post=f"owner@{stays}"))
    for draft in session.exec(select(Draft).where(col(Draft.state).in_(("open", "kept")))).all():
        if draft.answers.get("customer") == gone:
            draft.answers = {**draft.answers, "customer": stays}
    for step in session.exec(
        select(Step).where(col(Step.matter_id).in_(select(Matter.id).where(Matter.customer_id == stays)))
    ):
        if step.facts.get("customer") == gone:
            step.facts = {**step.facts, "customer": stays}
    session.flush()
    session.expire_all()


def _names(session: Session, customer: Customer) -> list[str]:
    former = session.exec(select(FormerName.name).where(FormerName.customer_id == customer.id))
    return [*customer.names, *former]


def _join_people(session: Session, gone: int, stays: int) -> None:
    """Those of the same name are one person, with what is known of either; the others move."""
    known = {normalise(each.name): each for each in people(session, stays)}
    for person in people(session, gone):
        same = known.get(normalise(person.name))
        if same is None or _differ(same, person):
            person.customer_id = stays
            continue
        for name in OF_A_PERSON:
            setattr(same, name, getattr(same, name) or getattr(person, name))
        session.delete(person)
    session.flush()


def _differ(one: Person, other: Person) -> bool:
    """Whether two of the same name have different numbers, addresses or birthdays: then both stay on file."""
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("phone", "email", "birthday"))
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _give_up_file(session: Session, gone: int) -> CustomerFile | None:
    """What was on file there, to fill the other with."""
    found = files.of(session, gone)
    if found is None:
        return None
    session.delete(found)
    session.flush()
    return found


def _fill(session: Session, house: House, what: Merge, theirs: CustomerFile | None) -> None:
    """What the file that stays lacked is taken over, each on record; what both had stays readable in the history of both. Of two
    papers of a kind the newer counts."""
    keeper = Keeper(session, house, what.stays, what.by, what.now)
    for part in OF_A_FILE if theirs else ():
        if (value := getattr(theirs, part)) and not getattr(keeper.file, part):
            keeper.set(part, value)
    custodian = session.get(Staff, theirs.custodian_id) if theirs and theirs.custodian_id else None
    mine = session.get(Staff, keeper.file.custodian_id) if keeper.file.custodian_id else None
    if custodian is not None and custodian.active and not (mine and mine.active):
        keeper.name_custodian(custodian)
    files.end_older(session, key(what.stays), what.now)
    files.gaps(session, house, what.stays, what.now)


def _give_up(session: Session, what: Merge) -> None:
    """Its own duties end, its names and keys go, and the file that stays takes what it lacked."""
    gone, now = key(what.gone), what.now
    theirs = select(Clock).where(col(Clock.subject_kind).in_(OWN), Clock.subject_id == gone)
    close([each for each in session.exec(theirs) if each.closed_at is None], now, "merged")
    for table in (FormerName, SearchKey):
        for row in session.exec(select(table).where(col(table.customer_id) == gone)).all():
            session.delete(row)
    taken: Mapping[str, Any] = {name: getattr(what.gone, name) for name in FILLED}
    session.flush()
    session.delete(what.gone)
    session.flush()
    for name, value in taken.items():
        setattr(what.stays, name, getattr(what.stays, name) or value)
    session.add(what.stays)
    session.flush()


def _wind(session: Session, house: House, customer: Customer, now: datetime) -> None:
    """The duties of the file that stays count the talks of both from now on."""
    duties.sync(session, house, now, [customer])
    running = select(Clock).where(
        Clock.subject_kind == "customer", Clock.subject_id == customer.id, col(Clock.closed_at).is_(None)
    )
    rules = {duty.id for duty in house.rulebook.duties}
    for clock in session.exec(running).all():
        if clock.rule in rules:
            duties.derive(session, house, clock, now)


def last_talk(session: Session, customer: Customer) -> datetime | None:
    return session.exec(select(func.max(Entry.at)).where(Entry.customer_id == customer.id)).first()
