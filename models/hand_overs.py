"""交接: whatever somebody holds in person goes to a colleague, all of it in one transaction.

What is addressed to a post needs no hand-over: it finds the next holder by itself. No clock is stopped or moved; only whom it
addresses changes. Who wrote an entry, asked for an approval or gave an order stays on record as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, steps
from models.climbing import wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.files import CustomerFile, Keeper
from models.inquiries import SUBJECT as INQUIRY
from models.inquiries import Inquiry
from models.kinds import Json, json_field
from models.messages import Draft
from models.people import Staff, above, key, seats
from models.records import Complaint, Matter
from models.steps import Step, StepState
from models.tasks import SUBJECT as TASK
from models.tasks import Task
from rules.gate import NEEDS, Action, Reach
from rules.house import House
from rules.inquiry import UNDER_WAY
from rules.roles import Role

DRAFTS: Final = ("contact", "callback", "complaint", "inquiry", "newcomer", "batch")
"""Forms about customers. What somebody began to write to audit, or about colleagues, is nobody else's to finish."""
ON_RECORD: Final = {"customers": "customer", "complaints": "complaint", "inquiries": "matter", "tasks": "task"}
"""Under which names the audit lists them, so that a reader of it sees which they were."""
Holdings = Mapping[str, Sequence[int]]
"""What somebody holds: ids by kind."""


class HandOver(SQLModel, table=True):
    """`moved`: ids by kind, as in `Holdings`. `returns`: the mistaken one that this one mends."""

    __tablename__ = "hand_over"

    id: int | None = Field(default=None, primary_key=True)
    from_id: int = Field(foreign_key="staff.id", index=True)
    to_id: int = Field(foreign_key="staff.id", index=True)
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    moved: Json = json_field()
    returns: int | None = Field(default=None, foreign_key="hand_over.id", unique=True)

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(ids) for kind, ids in self.moved.items() if ids}


@dataclass(frozen=True)
class Passing:
    """From whom to whom, by whom, now."""

    session: Session
    house: House
    before: Staff
    after: Staff
    by: Staff
    now: datetime

    def readdress(self, clocks: Sequence[Clock]) -> None:
        """The clocks run on as they were, for somebody else."""
        for clock in clocks:
            if clock.post == f"staff@{self.before.id}":
                _give(self.session, clock, f"staff@{self.after.id}", self.now)
                wind(self.session, self.house, clock, self.now)

    def record(self, subject: str) -> None:
        what = f"{subject.partition(':')[0]}.hand_over"
        audit.record(
            self.session, self.now, key(self.by), what, subject, before=key(self.before), after=key(self.after)
        )


def _give(session: Session, clock: Clock, post: str, now: datetime) -> None:
    """Where the receiver owes the same already, once is enough; where they did before, the two rows change places."""
    same = (Clock.rule == clock.rule, Clock.subject_kind == clock.subject_kind, Clock.subject_id == clock.subject_id)
    theirs = session.exec(select(Clock).where(*same, Clock.post == post)).first()
    if theirs is not None and theirs.closed_at is None:
        close([clock], now, "handed over")
        return
    mine = clock.post
    if theirs is not None:
        theirs.post = f"{mine}#before"
        session.flush()
    clock.post = post
    session.flush()
    if theirs is not None:
        theirs.post = mine
        session.flush()


# What somebody holds


def _customers(session: Session, me: int) -> Any:
    return select(Customer.id).where(Customer.owner_id == me)


def _files(session: Session, me: int) -> Any:
    """Customers whose files are in their keeping (专管员), whosever the customers are."""
    return select(CustomerFile.customer_id).where(CustomerFile.custodian_id == me)


def _complaints(session: Session, me: int) -> Any:
    mine = select(Matter.id).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    return mine.where(Complaint.handler_id == me, col(Matter.closed_at).is_(None))


def _inquiries(session: Session, me: int) -> Any:
    mine = select(Matter.id).join(Inquiry, col(Inquiry.matter_id) == col(Matter.id))
    return mine.where(Inquiry.owner_id == me, col(Matter.state).in_(UNDER_WAY))


def _tasks(session: Session, me: int) -> Any:
    return select(Task.id).where(Task.post == f"staff@{me}", col(Task.answered_at).is_(None))


def _steps(session: Session, me: int) -> Any:
    return select(Step.id).where(Step.post == f"staff@{me}", col(Step.state).in_((StepState.WAITING, StepState.HELD)))


def _promises(session: Session, me: int) -> Any:
    """What they owe by name and goes with none of the others: the next steps promised to customers."""
    apart = ("staff", TASK, steps.SUBJECT, INQUIRY)
    mine = (Clock.post == f"staff@{me}", col(Clock.closed_at).is_(None))
    return select(Clock.id).where(*mine, col(Clock.subject_kind).not_in(apart))


def _drafts(session: Session, me: int) -> Any:
    return select(Draft.id).where(
        Draft.staff_id == me, col(Draft.state).in_(("open", "kept")), col(Draft.form).in_(DRAFTS)
    )


# How each goes over


def _pass_customer(passing: Passing, number: int) -> None:
    passing.session.get_one(Customer, number).owner_id = key(passing.after)
    passing.record(f"customer:{number}")


def _pass_file(passing: Passing, number: int) -> None:
    customer = passing.session.get_one(Customer, number)
    Keeper(passing.session, passing.house, customer, passing.by, passing.now).pass_on(passing.after)


def _pass_complaint(passing: Passing, number: int) -> None:
    passing.session.get_one(Complaint, number).handler_id = key(passing.after)
    passing.record(f"complaint:{number}")


def _pass_inquiry(passing: Passing, number: int) -> None:
    """One that was offered to the receiver is theirs now, and need not be accepted any more."""
    session, matter = passing.session, passing.session.get_one(Matter, number)
    session.get_one(Inquiry, number).owner_id = key(passing.after)
    passing.readdress(running(session, INQUIRY, number))
    if any(each.post == f"staff@{passing.after.id}" for each in steps.waiting(session, number, steps.HANDOVER)):
        steps.drop(session, matter, passing.now, (steps.HANDOVER,))
    passing.record(f"{INQUIRY}:{number}")


def _pass_task(passing: Passing, number: int) -> None:
    passing.session.get_one(Task, number).post = f"staff@{passing.after.id}"
    passing.readdress(running(passing.session, TASK, number))
    passing.record(f"{TASK}:{number}")


def _pass_step(passing: Passing, number: int) -> None:
    """Nobody decides what they asked for themselves: such a step goes to whoever stands over the receiver."""
    session, step = passing.session, passing.session.get_one(Step, number)
    over = above(session, passing.after, passing.now) if step.asked_by == passing.after.id else []
    to = (over or [passing.after])[0]
    steps.pass_on(session, passing.house, step, passing.by, to, "", passing.now)


def _pass_promise(passing: Passing, number: int) -> None:
    clock = passing.session.get_one(Clock, number)
    passing.readdress([clock])
    passing.record(f"{clock.subject_kind}:{clock.subject_id}")


def _pass_draft(passing: Passing, number: int) -> None:
    """The receiver is offered to go on with it; its old card is no longer anybody's."""
    draft = passing.session.get_one(Draft, number)
    draft.staff_id, draft.state, draft.card_id = key(passing.after), "kept", None


KINDS: Final[Mapping[str, tuple[Callable[[Session, int], Any], Callable[[Passing, int], None]]]] = {
    "customers": (_customers, _pass_customer),
    "files": (_files, _pass_file),
    "complaints": (_complaints, _pass_complaint),
    "inquiries": (_inquiries, _pass_inquiry),
    "tasks": (_tasks, _pass_task),
    "steps": (_steps, _pass_step),
    "promises": (_promises, _pass_promise),
    "drafts": (_drafts, _pass_draft),
}
"""How each is found and how it goes over, in the order in which people are told of them. Inquiries go before steps, because a step
by which one was offered to the receiver ends with it."""


def held(session: Session, staff: Staff, only: Holdings | None = None) -> dict[str, list[int]]:
    """What they hold in person; of `only` these, what is still theirs."""
    found = {kind: list(session.exec(query(session, key(staff)))) for kind, (query, _) in KINDS.items()}
    return {
        kind: sorted(each for each in ids if only is None or each in only.get(kind, ())) for kind, ids in found.items()
    }


def is_nothing(holdings: Holdings) -> bool:
    return not any(holdings.values())


def can_hold(session: Session, staff: Staff, holdings: Holdings, now: datetime) -> bool:
    """Whether they work here in a post in which all this can be done: customers in their own unit, or in any for those who reach
    all; the rest in any post that handles complaints."""
    if not staff.active:
        return False
    posts = [(Role(each.role), each.unit_id) for each in seats(session, key(staff), now)]
    handles = any(NEEDS[Action.RESOLVE][role] >= Reach.OWN for role, _ in posts)
    return handles and all(_keeps(posts, unit) for unit in _units(session, holdings.get("customers", ())))


def _keeps(posts: Collection[tuple[Role, int]], unit: int) -> bool:
    reaches = [(NEEDS[Action.KEEP_PERSON][role], seat) for role, seat in posts]
    return any(reach is Reach.ALL or (reach is not Reach.NONE and seat == unit) for reach, seat in reaches)


def _units(session: Session, customers: Sequence[int]) -> list[int]:
    chosen = select(Customer.unit_id).where(col(Customer.id).in_(customers)).distinct()
    return list(session.exec(chosen)) if customers else []


def hand_over(passing: Passing, only: Holdings | None = None, returns: HandOver | None = None) -> HandOver:
    """Everything at once, in the caller's transaction; of `only` these, what is still theirs."""
    session = passing.session
    what = held(session, passing.before, only)
    for kind, (_, go) in KINDS.items():
        for number in what[kind]:
            go(passing, number)
    done = HandOver(
        from_id=key(passing.before),
        to_id=key(passing.after),
        by_id=key(passing.by),
        at=passing.now,
        moved=what,
        returns=key(returns) if returns else None,
    )
    session.add(done)
    session.flush()
    body = {name: what[kind] for kind, name in ON_RECORD.items() if what[kind]}
    about = f"staff:{passing.before.id}"
    audit.record(session, passing.now, key(passing.by), "staff.hand_over", about, after=key(passing.after), **body)
    return done


def returned(session: Session, done: HandOver) -> bool:
    return session.exec(select(HandOver.id).where(HandOver.returns == key(done))).first() is not None
