"""转交: selected customers go to a colleague. Inside a unit at once; from one unit to another when both sides have agreed.

Each head speaks for their own side, a leader over both for both; the colleague named may accept for themselves. A transfer changes
nothing of what was written before; a mistaken one is mended by another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.carrying import Carrying, Load
from models.climbing import TRANSFER, wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.filings import Filing, Office, await_filing
from models.filings import Kind as Filed
from models.kinds import Json, json_field
from models.people import Assignment, Staff, actor, current, key, post, seats
from rules import gate
from rules.gate import Action, Subject
from rules.roles import Role

SUBJECT: Final = "transfer"
END_OF_WORK: Final = time(18)
TAKERS: Final = (Role.SALESPERSON, Role.UNIT_HEAD)
"""Who can have customers."""


class State(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"  # nothing of it was left to transfer


class Transfer(SQLModel, table=True):
    """`released_by` speaks for the units that give, `accepted_by` for the one that takes. `moved`: what went along, counted, and
    the complaints that stayed. `opinion`: why it was refused."""

    id: int | None = Field(default=None, primary_key=True)
    to_id: int = Field(foreign_key="staff.id")
    unit_id: int = Field(foreign_key="unit.id")
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    reason: str | None = None
    state: str = Field(default=State.WAITING, index=True)
    released_by: int | None = Field(default=None, foreign_key="staff.id")
    accepted_by: int | None = Field(default=None, foreign_key="staff.id")
    ended_at: datetime | None = None
    ended_by: int | None = Field(default=None, foreign_key="staff.id")
    opinion: str | None = None
    moved: Json = json_field()
    filing_id: int | None = Field(default=None, foreign_key="filing.id", index=True)


class Transferred(SQLModel, table=True):
    """One of the customers, with whose it was and where when it was asked for. A merger moves it to the file that stays."""

    id: int | None = Field(default=None, primary_key=True)
    transfer_id: int = Field(foreign_key="transfer.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    owner_id: int = Field(foreign_key="staff.id")
    unit_id: int = Field(foreign_key="unit.id")


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    customers: Sequence[Customer]
    to: Staff
    unit_id: int
    reason: str | None


def taking_unit(session: Session, staff: Staff, preferred: Collection[int], now: datetime) -> int | None:
    """The unit in which somebody can have customers, one of these if they can; None where they can have none."""
    if not staff.active:
        return None
    mine = [seat.unit_id for seat in seats(session, key(staff), now) if seat.role in TAKERS]
    return next((each for each in mine if each in preferred), mine[0] if mine else None)


def takers(session: Session, now: datetime) -> list[tuple[Staff, int]]:
    """Everybody who can have customers, with each unit in which they can."""
    query = select(Staff, Assignment.unit_id).join(Assignment, col(Assignment.staff_id) == col(Staff.id))
    seated = query.where(col(Assignment.role).in_(TAKERS), Staff.active, *current(now))
    return list(session.exec(seated.order_by(col(Staff.id), col(Assignment.id))).all())


def ask(office: Office, asked: Asked) -> Transfer:
    """Each side that the one who asks speaks for has agreed by that; where that is both, it is done."""
    session = office.session
    transfer = Transfer(
        to_id=key(asked.to), unit_id=asked.unit_id, by_id=key(office.by), at=office.now, reason=asked.reason
    )
    session.add(transfer)
    session.flush()
    here = key(transfer)
    session.add_all(
        Transferred(transfer_id=here, customer_id=key(each), owner_id=each.owner_id, unit_id=each.unit_id)
        for each in asked.customers
    )
    session.flush()
    _noted(office, transfer, "ask", to=transfer.to_id, customer=[key(each) for each in asked.customers])
    sign(office, transfer)
    return transfer


def sign(office: Office, transfer: Transfer) -> None:
    """This person agrees for whichever side they speak for. With both it is carried out; else the next side has its time."""
    if transfer.released_by is None and speaks_for(office, giving(office.session, transfer)):
        transfer.released_by = key(office.by)
        _noted(office, transfer, "release")
    if transfer.accepted_by is None and may_accept(office, transfer):
        transfer.accepted_by = key(office.by)
        _noted(office, transfer, "accept")
    if transfer.released_by is not None and transfer.accepted_by is not None:
        _carry_out(office, transfer)
    else:
        _await(office, transfer)


def giving(session: Session, transfer: Transfer) -> list[int]:
    """The units from which it goes to another."""
    units = {each.unit_id for each in rows(session, transfer)}
    return sorted(units - {transfer.unit_id})


def speaks_for(office: Office, units: Collection[int]) -> bool:
    """Inside a unit nobody else needs to agree."""
    who = actor(office.session, office.by, office.now)
    return all(gate.may(who, Action.TRANSFER_CUSTOMER, Subject(unit=each)) for each in units)


def may_accept(office: Office, transfer: Transfer) -> bool:
    inside = not giving(office.session, transfer)
    return inside or office.by.id == transfer.to_id or speaks_for(office, [transfer.unit_id])


def rows(session: Session, transfer: Transfer) -> list[Transferred]:
    query = select(Transferred).where(Transferred.transfer_id == transfer.id)
    return list(session.exec(query.order_by(col(Transferred.id))))


def still_there(session: Session, transfer: Transfer) -> list[Customer]:
    """Those that are still whose they were; the others were moved or merged into somebody else's meanwhile."""
    query = select(Customer).join(Transferred, col(Transferred.customer_id) == col(Customer.id))
    same = (Transferred.transfer_id == transfer.id, col(Transferred.owner_id) == col(Customer.owner_id))
    found = session.exec(query.where(*same, Transferred.unit_id == Customer.unit_id).order_by(col(Customer.id)))
    return list({key(each): each for each in found}.values())


def _carry_out(office: Office, transfer: Transfer) -> None:
    """All of it in this transaction, and filed with the sales department."""
    session = office.session
    to, those = session.get_one(Staff, transfer.to_id), still_there(session, transfer)
    if not those or taking_unit(session, to, [transfer.unit_id], office.now) != transfer.unit_id:
        end(office, transfer, State.VOID)
        return
    load = Carrying(session, office.house, to, transfer.unit_id, office.by, office.now).done(those)
    transfer.moved = {"customers": [key(each) for each in those], "counts": load.counts, "stays": load.stays} | _on(
        load
    )
    filing = Filing(kind=Filed.TRANSFER, unit_id=transfer.unit_id, by_id=transfer.by_id, made_at=office.now, facts={})
    session.add(filing)
    session.flush()
    transfer.filing_id = key(filing)
    await_filing(office, filing)
    end(office, transfer, State.DONE)


def _on(load: Load) -> dict[str, list[int]]:
    """Where the receiver goes on."""
    return {kind: load.goes[kind] for kind in ("complaints", "inquiries", "drafts") if load.goes.get(kind)}


def end(office: Office, transfer: Transfer, state: State, opinion: str | None = None) -> None:
    transfer.state, transfer.opinion = state, opinion
    transfer.ended_at, transfer.ended_by = office.now, key(office.by)
    office.session.flush()
    close(running(office.session, SUBJECT, key(transfer)), office.now, state)
    _noted(office, transfer, state, **({"reason": opinion} if opinion else {}), **transfer.moved)


def _noted(office: Office, transfer: Transfer, what: str, **body: object) -> None:
    audit.record(office.session, office.now, key(office.by), f"transfer.{what}", f"{SUBJECT}:{transfer.id}", **body)


def of_filing(session: Session, filing: Filing) -> Transfer | None:
    return session.exec(select(Transfer).where(Transfer.filing_id == filing.id)).first()


def waiting_with(session: Session, customers: Collection[int]) -> dict[int, Transfer]:
    """By customer, the transfer of it that waits for the other side."""
    query = select(Transferred.customer_id, Transfer).join(Transfer, col(Transfer.id) == Transferred.transfer_id)
    found = query.where(col(Transferred.customer_id).in_(customers), Transfer.state == State.WAITING)
    return dict(session.exec(found).all())


def waiting(session: Session) -> list[Transfer]:
    return list(session.exec(select(Transfer).where(Transfer.state == State.WAITING).order_by(col(Transfer.id))))


# The clock


def side(session: Session, transfer: Transfer) -> int:
    """The unit whose word it waits for: first the one that gives."""
    units = giving(session, transfer)
    return units[0] if transfer.released_by is None and units else transfer.unit_id


def _await(office: Office, transfer: Transfer) -> None:
    rule, session, house = office.house.rulebook.transfer, office.session, office.house
    address = post(Role.UNIT_HEAD, side(session, transfer))
    there = running(session, SUBJECT, key(transfer))
    if rule is None or any(each.post == address for each in there):
        return
    close(there, office.now, "agreed")
    today = house.calendar.local(office.now).date()
    clock = Clock(
        rule=TRANSFER,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(transfer),
        post=address,
        cycle="1",
        anchor=office.now,
        due_at=house.calendar.at(house.calendar.add_workdays(today, rule.workdays), END_OF_WORK),
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, office.now)
