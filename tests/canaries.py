"""A few customers whose files, talks and complaints carry canaries: words that stand nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from models import acceptance, customers
from models.customers import Customer
from models.customers import Person as Contact
from models.people import Staff, actor, key, unit_ids_of_role
from models.records import Complaint, Entry, Matter, write_entry
from rules.gate import Action, Subject, may, scope
from rules.house import House
from rules.roles import ComplaintType
from tests.company import PEOPLE
from tests.office import START, Office


@dataclass(frozen=True)
class Target:
    """A customer, with its owner, and the canaries of its file (`seen`), its talk and its complaint."""

    name: str
    owner: str
    number: str
    contact: str
    phone: str
    talk: str
    trouble: str

    @property
    def canaries(self) -> tuple[str, ...]:
        return self.contact, self.phone, self.talk, self.trouble


TARGETS = (
    Target("华航橡胶", "ann", "TS-2026-0001", "甲暗号", "13911110001", "谈了甲密谈", "胶管甲密诉"),
    Target("远大机械", "amy", "TS-2026-0002", "乙暗号", "13911110002", "谈了乙密谈", "胶管乙密诉"),
    Target("申江液压", "bob", "TS-2026-0003", "丙暗号", "13911110003", "谈了丙密谈", "胶管丙密诉"),
)


def file(session: Session, house: House, target: Target) -> None:
    customer = called(session, target)
    owner = session.get_one(Staff, customer.owner_id)
    for known in customers.people(session, key(customer)):
        session.delete(known)
    session.add(Contact(customer_id=key(customer), name=target.contact, title="总工", phone=target.phone))
    session.flush()
    customers.index(session, customer)
    talk = {"summary": target.talk}
    entry = Entry(
        kind="contact",
        customer_id=key(customer),
        at=START,
        written_at=START,
        by_id=key(owner),
        channel="phone",
        answers=talk,
    )
    write_entry(session, entry, [key(owner)], house.calendar.tz)
    acceptance.accept(session, house, owner, accepted(customer, owner, target), START)


def accepted(customer: Customer, owner: Staff, target: Target) -> acceptance.Accepted:
    return acceptance.Accepted(
        customer=customer,
        complainant=target.contact,
        phone=target.phone,
        type=ComplaintType.QUALITY,
        product=None,
        what=target.trouble,
        evidence=[],
        received_at=START,
        in_province=True,
        province_reason="",
        on_site_needed=True,
        amount=None,
        handler=owner,
    )


def called(session: Session, target: Target) -> Customer:
    return session.exec(select(Customer).where(Customer.short_name == target.name)).one()


def allowed(office: Office, who: str, action: Action, target: Target) -> bool:
    """What the gate says of this person and this customer, or of its complaint."""
    with office.read() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
        customer = called(session, target)
        acting = actor(session, staff, office.clock.now())
        if action not in (Action.SEE_COMPLAINT, Action.NOTE_COMPLAINT):
            return may(acting, action, Subject(unit=customer.unit_id, owner=customer.owner_id))
        matter = session.exec(select(Matter).where(Matter.number == target.number)).one()
        complaint = session.get_one(Complaint, key(matter))
        subject = Subject(
            unit=matter.unit_id,
            owner=customer.owner_id,
            handler=complaint.handler_id,
            departments=frozenset(unit_ids_of_role(session, complaint.department, office.clock.now())),
            self_=matter.opened_by,
        )
        return may(acting, action, subject)


def reaches(office: Office, who: str, action: Action) -> bool:
    with office.read() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
        reach = scope(actor(session, staff, office.clock.now()), action)
        return bool(reach.all or reach.units or reach.owner or reach.self_)
