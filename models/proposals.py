"""拟调层级 and 优惠条件 as proposals (article 12（二）（三）): nothing changes before they are decided.

The departments say what they think, then the general manager's meeting or the sales department decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, preferences, steps, tiers
from models.claims import last_entry
from models.customers import Customer
from models.filings import Office
from models.kinds import Json, json_field
from models.people import Staff, distinct, key, post, seated, unit_ids_of_role
from models.preferences import Preference
from models.records import Entry, Matter, next_number, write_entry
from models.steps import EVALUATION, GRADING, RESOLUTION, Asked, Step, StepState
from models.tiers import Changed
from models.track_record import figures_of
from rules.gate import Scope
from rules.roles import Role, Tier
from rules.tiers import UNDER_WAY, Kind, Standing

SUBJECT = "proposal"
DECIDED = "decided"
"""The entry that keeps what was decided."""


class Proposal(SQLModel, table=True):
    """`before` is the tier when it was proposed; `after` the one proposed, or none for a preference, which has its kind, terms and
    days instead. `figures`: what the record said then. `changes`: what the decision changed."""

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    kind: str
    before: str
    after: str | None = None
    benefit: str | None = None
    terms: str | None = None
    starts: date | None = None
    ends: date | None = None
    reason: str
    figures: Json = json_field()
    changes: Json = json_field()


@dataclass(frozen=True)
class Found:
    """A proposal with its matter and its customer."""

    matter: Matter
    proposal: Proposal
    customer: Customer

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.matter.id}"

    @property
    def under_way(self) -> bool:
        return self.matter.state in UNDER_WAY


def find(session: Session, matter_id: int) -> Found | None:
    matter, proposal = session.get(Matter, matter_id), session.get(Proposal, matter_id)
    if matter is None or proposal is None:
        return None
    return Found(matter, proposal, session.get_one(Customer, matter.customer_id))


def of_customer(session: Session, customer_id: int) -> list[Found]:
    """All there were, the newest first."""
    query = _all().where(Matter.customer_id == customer_id).order_by(col(Matter.id).desc())
    return [Found(*each) for each in session.exec(query)]


def under_way(session: Session, customer_id: int, kind: Kind, benefit: str | None = None) -> Found | None:
    """The one that is not decided yet, for which a second need not be made."""
    found = [each for each in of_customer(session, customer_id) if each.under_way and each.proposal.kind == kind]
    return next((each for each in found if each.proposal.benefit == benefit), None)


def within(session: Session, scope: Scope, *, open_: bool, skip: int, most: int) -> list[Found]:
    """Those within somebody's reach that are still open, the oldest first; or those that are not, the newest first."""
    query = _all().where(col(Matter.closed_at).is_(None) if open_ else col(Matter.closed_at).is_not(None))
    if not scope.all:
        query = query.where(col(Customer.unit_id).in_(scope.units) | col(Customer.owner_id).in_(scope.owners))
    order = col(Matter.id).asc() if open_ else col(Matter.id).desc()
    return [Found(*each) for each in session.exec(query.order_by(order).offset(skip).limit(most))]


def numbered(session: Session, text: str) -> Found | None:
    """By its number, as it was said."""
    found = session.exec(_all().where(Matter.number == text.strip().upper())).first()
    return Found(*found) if found else None


def _all() -> Any:
    pairs = select(Matter, Proposal, Customer).join(Proposal, col(Proposal.matter_id) == Matter.id)
    return pairs.join(Customer, col(Customer.id) == Matter.customer_id)


# Proposed


def propose(office: Office, customer: Customer, proposal: Proposal) -> list[Step]:
    """Put it before the departments. Returns the steps whose turn it is."""
    session, now = office.session, office.now
    matter = Matter(
        kind=SUBJECT,
        number=next_number(session, SUBJECT, office.house.calendar.local(now).year),
        customer_id=key(customer),
        unit_id=customer.unit_id,
        state=Standing.OPINIONS,
        opened_at=now,
        opened_by=key(office.by),
    )
    session.add(matter)
    session.flush()
    proposal.matter_id, proposal.before = key(matter), customer.tier
    proposal.figures = figures_of(session, office.house, customer, now).stored()
    session.add(proposal)
    session.flush()
    body = proposal.model_dump(mode="json", exclude={"figures", "changes", "matter_id"}, exclude_none=True)
    audit.record(session, now, key(office.by), "proposal.make", f"{SUBJECT}:{matter.id}", **body)
    asked = [step for each in _evaluators(office, customer) for step in _ask(office, matter, EVALUATION, each)]
    return asked or advance(office, Found(matter, proposal, customer))


def _ask(office: Office, matter: Matter, kind: str, address: str) -> list[Step]:
    """One by one, so that a department that does not agree keeps no other from its say."""
    by = office.session.get_one(Staff, matter.opened_by)
    return steps.ask(office.session, office.house, matter, by, Asked(kind, "", [[address]]), office.now)


def _evaluators(office: Office, customer: Customer) -> list[str]:
    """The departments of the rulebook, but for that of whoever proposes: the proposal is its word already."""
    rule = office.house.rulebook.tier_opinion
    found = [(role, _unit(office, role, customer)) for role in (rule.departments if rule else ())]
    return [post(role, unit) for role, unit in found if not _is_of(office, role, unit)]


def _unit(office: Office, role: Role, customer: Customer) -> int:
    units = [] if role is Role.UNIT_HEAD else unit_ids_of_role(office.session, role, office.now)
    return units[0] if units else customer.unit_id


def _is_of(office: Office, role: Role, unit: int) -> bool:
    return any(each.id == office.by.id for each in seated(office.session, role, unit, office.now))


# Decided


def advance(office: Office, found: Found) -> list[Step]:
    """Once every opinion is in, it goes to whoever decides. Returns the steps whose turn it is by that."""
    matter = found.matter
    if matter.state != Standing.OPINIONS or steps.waiting(office.session, key(matter), EVALUATION):
        return []
    matter.state = Standing.DECISION
    meeting = goes_to_the_meeting(office, found.proposal)
    role = Role.OFFICE if meeting else Role.SALES_DEPT
    address = post(role, _unit(office, role, found.customer))
    return _ask(office, matter, RESOLUTION if meeting else GRADING, address)


def goes_to_the_meeting(office: Office, proposal: Proposal) -> bool:
    """Preferences, and tiers of weight that are left or reached; the others are the sales department's."""
    rule = office.house.rulebook.tier_decision
    return (
        proposal.kind == Kind.PREFERENCE or rule is None or bool({proposal.before, proposal.after} & set(rule.meeting))
    )


def settle(office: Office, found: Found, approved: bool, words: Json, attachments: Sequence[Json] = ()) -> Changed:
    """What was decided, kept with its minutes, and what follows from it."""
    session, matter, proposal = office.session, found.matter, found.proposal
    entry = Entry(
        kind=DECIDED,
        customer_id=matter.customer_id,
        matter_id=key(matter),
        at=office.now,
        written_at=office.now,
        by_id=key(office.by),
        answers={"approved": approved, **words},
        attachments=list(attachments),
    )
    write_entry(session, entry, [key(office.by)], office.house.calendar.tz)
    body = {"approved": approved, **words, "files": len(attachments)}
    audit.record(session, office.now, key(office.by), "proposal.decide", found.subject, **body)
    _close(office, found, Standing.APPROVED if approved else Standing.REFUSED)
    changed = _carry_out(office, found) if approved else Changed((), (), ())
    proposal.changes = changed.stored()
    session.flush()
    return changed


def _carry_out(office: Office, found: Found) -> Changed:
    proposal, customer = found.proposal, found.customer
    if proposal.kind == Kind.TIER:
        tier, number = Tier(proposal.after or proposal.before), key(found.matter)
        return tiers.change(office.session, office.house, customer, tier, office.by, number, office.now)
    assert proposal.starts and proposal.ends, "a preference has its days"
    granted = Preference(
        customer_id=key(customer),
        matter_id=key(found.matter),
        benefit=proposal.benefit or "",
        starts=proposal.starts,
        ends=proposal.ends,
        granted_at=office.now,
    )
    preferences.grant(office.session, office.house, granted, office.now)
    return Changed((), (), ())


def _close(office: Office, found: Found, standing: Standing) -> None:
    found.matter.state, found.matter.closed_at = standing, office.now
    steps.drop(office.session, found.matter, office.now)
    office.session.flush()


def withdraw(office: Office, found: Found, reason: str) -> None:
    """By whoever proposed it, before it is decided."""
    _close(office, found, Standing.WITHDRAWN)
    audit.record(office.session, office.now, key(office.by), "proposal.withdraw", found.subject, reason=reason)


def lapse(office: Office, customer: Customer) -> list[Found]:
    """Preferences that are proposed for a customer whose tier may no longer hold any."""
    if preferences.allowed(office.house, customer):
        return []
    gone = [each for each in of_customer(office.session, key(customer)) if each.under_way]
    gone = [each for each in gone if each.proposal.kind == Kind.PREFERENCE]
    for each in gone:
        _close(office, each, Standing.LAPSED)
        audit.record(office.session, office.now, key(office.by), "proposal.lapse", each.subject)
    return gone


# Looked at


def decision_of(session: Session, found: Found) -> Entry | None:
    return last_entry(session, found.matter, DECIDED)


def evaluations(session: Session, found: Found) -> list[Step]:
    return [each for each in steps.of_matter(session, key(found.matter)) if each.kind == EVALUATION]


def waits_for(session: Session, found: Found) -> Step | None:
    """The decision that is waited for."""
    asked = steps.waiting(session, key(found.matter))
    return next((each for each in asked if each.kind in (RESOLUTION, GRADING)), None)


def concerned(session: Session, found: Found, now: datetime) -> list[Staff]:
    """Whoever proposed it and everybody who was asked: those who answered, and those whose answer is no longer waited for."""
    ids = [found.matter.opened_by]
    people: list[Staff] = []
    for each in steps.of_matter(session, key(found.matter)):
        if each.decided_by is not None:
            ids.append(each.decided_by)
        elif each.state in (StepState.WAITING, StepState.DROPPED):
            people += steps.deciders(session, each, now)
    return distinct([*(session.get_one(Staff, each) for each in ids), *people])
