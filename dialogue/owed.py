"""What somebody owes, as lines and buttons: the same for /due and for the morning digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dialogue import reviews
from dialogue.registers import named
from dialogue.values import Button, Rows
from models import filings, surveys
from models.climbing import ANOMALY, CALLBACK, PREFERENCE, PROMISE, REGISTER, REVIEWS, SURVEY, SURVEYS, TRANSFER
from models.clocks import Clock, addressed_to
from models.customers import Customer
from models.files import EXPIRY, FILE, GAP, PAPER, REVIEW, Paper, customer_of
from models.filings import Filing
from models.inquiries import SUBJECT as INQUIRY
from models.inquiries import Inquiry
from models.people import Staff, Unit, holders, key, post, seats, split_post, whose_come_to
from models.preferences import Preference
from models.records import Complaint, Entry, Matter
from models.reports import RULES, Report
from models.steps import HANDOVER, Step
from models.tasks import Task
from models.transfers import Transfer
from rules.entries import Article
from rules.gate import LENT_ROLES
from rules.house import House
from rules.roles import Role
from words import Say, Value, say

REPORTS = frozenset(RULES.values())


@dataclass(frozen=True)
class Item:
    """One thing owed, with the customer whom it is about, where it is about one."""

    clock: Clock
    customer: Customer | None
    matter: Matter | None
    task: Task | None = None
    step: Step | None = None
    filing: Filing | None = None

    @property
    def own_choice(self) -> bool:
        """So many in all, of customers whom the one who owes it chooses."""
        return self.clock.subject_kind in ("unit", "company")


def owed_by(session: Session, staff: Staff, now: datetime, until: datetime) -> list[Item]:
    """Everything that this person owes by `until`, rule by rule: the rule with the most urgent thing first, daily duties last."""
    clocks = addressed_to(session, addresses(session, staff, now), until)
    urgency: dict[str, tuple[bool, datetime]] = {}
    for clock in clocks:
        urgency.setdefault(clock.rule, (clock.subject_kind == "staff", clock.due_at))
    return [item_of(session, clock) for clock in sorted(clocks, key=lambda each: (urgency[each.rule], each.rule))]


def addresses(session: Session, staff: Staff, now: datetime) -> list[str]:
    """Every address under which something may be owed by this person: their own, vacant posts, and those of people who are away and
    whose things come to them."""
    found = [*_own(session, staff, now), *_vacant_posts(session, staff, now)]
    for each in whose_come_to(session, staff, now):
        found += addresses_of_away(session, each, now)
    return list(dict.fromkeys(found))


def addresses_of_away(session: Session, away: Staff, now: datetime) -> list[str]:
    """What of somebody who is away others look after: all but the posts that are not lent."""
    kept = [post(seat.role, seat.unit_id) for seat in seats(session, key(away), now) if seat.role not in LENT_ROLES]
    return [each for each in _own(session, away, now) if each not in kept]


def _own(session: Session, staff: Staff, now: datetime) -> list[str]:
    """Posts held, customers, complaints."""
    me = key(staff)
    found = [f"staff@{me}"]
    for seat in seats(session, me, now):
        found.append(post(seat.role, seat.unit_id))
    owned = select(Customer.id).where(Customer.owner_id == me)
    found += [f"owner@{each}" for each in session.exec(owned)]
    handled = select(Complaint.matter_id).join(Matter, col(Matter.id) == Complaint.matter_id)
    mine = handled.where(Complaint.handler_id == me, col(Matter.closed_at).is_(None))
    found += [
        each
        for matter in session.exec(mine)
        for each in (f"handler@{matter}", f"handler@{matter}#department", f"handler@{matter}#customer")
    ]
    return found


def _vacant_posts(session: Session, staff: Staff, now: datetime) -> list[str]:
    """Posts in which nobody sits, whose duties come one step up the line to this person."""
    if not any(
        Role(seat.role) in (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN, Role.ADMIN)
        for seat in seats(session, key(staff), now)
    ):
        return []
    named = select(Clock.post).where(col(Clock.closed_at).is_(None)).distinct()
    found = []
    for address in session.exec(
        named.where(
            col(Clock.post).like("unit_head@%")
            | col(Clock.post).like("vice_president@%")
            | col(Clock.post).like("chairman@%")
            | col(Clock.post).like("general_manager@%")
            | col(Clock.post).like("office@%")
        )
    ):
        role, unit = split_post(address)
        if any(each.id == staff.id for each in holders(session, role, unit, now)):
            found.append(address)
    return found


def item_of(session: Session, clock: Clock) -> Item:
    match clock.subject_kind:
        case "customer":
            return Item(clock, session.get(Customer, clock.subject_id), None)
        case "complaint" | "inquiry":
            matter = session.get_one(Matter, clock.subject_id)
            return Item(clock, session.get(Customer, matter.customer_id), matter)
        case "entry":
            entry = session.get_one(Entry, clock.subject_id)
            return Item(clock, session.get(Customer, entry.customer_id), None)
        case "file" | "paper":
            return Item(clock, customer_of(session, clock), None)
        case "preference":
            held = session.get_one(Preference, clock.subject_id)
            return Item(clock, session.get(Customer, held.customer_id), None)
        case "task":
            task = session.get_one(Task, clock.subject_id)
            return Item(clock, session.get(Customer, task.customer_id) if task.customer_id else None, None, task)
        case "step":
            step = session.get_one(Step, clock.subject_id)
            matter = session.get_one(Matter, step.matter_id)
            customer = session.get(Customer, matter.customer_id) if matter.customer_id else None
            return Item(clock, customer, matter, step=step)
        case filings.SUBJECT:
            filing = session.get_one(Filing, clock.subject_id)
            customer = session.get(Customer, filing.customer_id) if filing.customer_id else None
            return Item(clock, customer, None, filing=filing)
    return Item(clock, None, None)


def owed_instead(session: Session, staff: Staff, now: datetime) -> dict[str, str]:
    """Of what this person owes, by address: the name of whom they stand in for."""
    away = whose_come_to(session, staff, now)
    return {address: each.name for each in away for address in addresses_of_away(session, each, now)}


def item_lines(
    session: Session,
    house: House,
    items: Sequence[Item],
    now: datetime,
    first: int = 1,
    instead: Mapping[str, str] | None = None,
) -> list[Say]:
    """The items, numbered, under what each of them rests on: a rule is said once, however many customers it is owed to. `instead`:
    for whom they are owed, as in `owed_instead`."""
    lines: list[Say] = []
    rule = None
    for number, item in enumerate(items, first):
        if item.clock.rule != rule:
            rule = item.clock.rule
            entry = house.rulebook.entry(rule)
            lines.append(say("owed.rule", what=in_short(entry), article=entry.article))
        late = item.clock.due_at < now
        what, whose = about(session, item), (instead or {}).get(item.clock.post)
        what = say("owed.instead", what=what, name=whose) if whose else what
        lines.append(say("owed.late" if late else "owed.open", number=number, what=what, due=item.clock.due_at))
    return lines


def in_short(entry: Article) -> Say:
    """The rule in a few words, for lists."""
    return say("rule.says", zh=entry.short, en=entry.short_en)


def about(session: Session, item: Item) -> Value:
    """What an item is about, in a few words."""
    if item.task is not None:
        by = session.get_one(Staff, item.task.by_id).name
        return say(f"owed.{item.task.kind}", by=by, text=item.task.text[:60])
    if item.step is not None and item.matter:
        by = session.get_one(Staff, item.step.asked_by).name
        words = "owed.handed" if item.step.kind == HANDOVER else "owed.step"
        return say(words, number=item.matter.number, what=say(f"step.{item.step.kind}"), by=by)
    if item.clock.subject_kind == INQUIRY and item.matter and item.customer:
        asked = session.get_one(Inquiry, item.clock.subject_id).words
        return say("owed.inquiry", number=item.matter.number, customer=item.customer.called, text=asked[:40])
    if item.filing is not None:
        name = item.customer.called if item.customer else item.filing.facts.get("name")
        return say(f"owed.filing_{item.filing.state}", what=say(f"filing.short_{item.filing.kind}", name=name))
    if (named_by_rule := _by_rule(session, item)) is not None:
        return named_by_rule
    if item.clock.subject_kind in (FILE, PAPER) and item.customer:
        return _of_file(session, item.clock, item.customer)
    to = item.clock.post.partition("#")[2]
    if item.matter and item.customer and to:
        return say("owed.report", number=item.matter.number, customer=item.customer.called, to=say(f"report_to.{to}"))
    if item.matter and item.customer:
        return say("owed.case", number=item.matter.number, customer=item.customer.called)
    if item.own_choice:
        return say("owed.own_choice")
    return item.customer.called if item.customer else say("owed.mine")


def _by_rule(session: Session, item: Item) -> Value | None:
    """What a duty of this rule alone is about."""
    if item.clock.rule == PROMISE and item.customer:
        promised = session.get_one(Entry, item.clock.subject_id)
        step = promised.answers.get("next_step") or say("next.again")
        return say("owed.promise", customer=item.customer.called, step=step)
    if item.clock.rule == ANOMALY and item.customer:
        text = session.get_one(Entry, item.clock.subject_id).answers.get("summary", "")
        return say("owed.anomaly", customer=item.customer.called, text=text[:40])
    if item.clock.rule == REGISTER:
        unit = session.get_one(Unit, item.clock.subject_id).name
        return say("owed.register", unit=unit, quarter=named(item.clock.cycle))
    if item.clock.rule in REVIEWS:
        return reviews.about(session, item.clock)
    if item.clock.rule in REPORTS:
        return _of_report(session, item.clock)
    if item.clock.rule in SURVEYS:
        return _of_survey(session, item.clock)
    if item.clock.rule == TRANSFER:
        return _of_transfer(session, item.clock)
    if item.clock.rule == PREFERENCE and item.customer:
        return say("owed.preference", customer=item.customer.called)
    return None


def _of_report(session: Session, clock: Clock) -> Say:
    """Which unit's, or which person's: somebody may owe several."""
    unit = session.get_one(Unit, session.get_one(Report, clock.subject_id).unit_id).name
    return say("owed.report_of", period=named(clock.cycle), unit=unit)


def _of_survey(session: Session, clock: Clock) -> Say:
    if clock.subject_kind == surveys.OPENING:
        return say("owed.survey_opening")
    number = session.get_one(Matter, clock.subject_id).number
    unit = session.get_one(Unit, split_post(clock.post)[1]).name
    return say("owed.survey" if clock.rule == SURVEY else "owed.survey_plan", number=number, unit=unit)


def _of_transfer(session: Session, clock: Clock) -> Say:
    found = session.get_one(Transfer, clock.subject_id)
    to, by = (session.get_one(Staff, each).name for each in (found.to_id, found.by_id))
    return say("owed.transfer", by=by, to=to)


def _of_file(session: Session, clock: Clock, customer: Customer) -> Say:
    if clock.rule == EXPIRY:
        paper = session.get_one(Paper, clock.subject_id)
        part = say(f"file_part.{paper.kind}")
        return say("owed.paper", customer=customer.called, part=part, day=paper.expires_on)
    return say({GAP: "owed.file_gap", REVIEW: "owed.file_review"}[clock.rule], customer=customer.called)


def items_rows(items: Sequence[Item], first: int = 1, more: int | None = None) -> Rows:
    """A row for each item: do it, or be reminded tomorrow."""
    rows = []
    for number, item in enumerate(items, first):
        label, deed, args = _remedy(item)
        row = [Button(say(label, number=number), deed, args)]
        if item.own_choice:
            row.append(Button(say("button.suggest", number=number), "suggest.open", {"clock": key(item.clock)}))
        if item.matter is None and item.clock.rule not in (ANOMALY, REGISTER, PREFERENCE, *REVIEWS, *REPORTS, *SURVEYS):
            row.append(Button(say("button.snooze", number=number), "duty.snooze", {"clock": key(item.clock)}))
        rows.append(tuple(row))
    if more is not None:
        rows.append((Button(say("button.more"), "due.open", {"skip": more}),))
    return tuple(rows)


Remedy = tuple[str, str, dict[str, Any]]


def _remedy(item: Item) -> Remedy:
    """去登记 opens the form that settles it, filled in."""
    if item.clock.subject_kind in (surveys.SUBJECT, surveys.OPENING):
        here = {"survey": item.clock.subject_id} if item.clock.subject_kind == surveys.SUBJECT else {}
        return "button.do_case", "survey.show" if here else "survey.open", here
    return _remedy_of_rule(item) or _remedy_of_record(item)


def _remedy_of_rule(item: Item) -> Remedy | None:
    if item.clock.rule == ANOMALY:
        return "button.do_case", "anomaly.show", {"entry": item.clock.subject_id}
    if item.clock.rule == PREFERENCE and item.customer:
        return "button.do_case", "tiers.customer", {"customer": key(item.customer)}
    if item.clock.rule in REPORTS:
        return "button.do_report", "monthly.show", {"report": item.clock.subject_id}
    if item.clock.rule in REVIEWS:
        return ("button.do_case", *reviews.goal(item.clock))
    if item.clock.rule == REGISTER:
        return "button.do_analyse", "register.analyse", {"unit": item.clock.subject_id, "quarter": item.clock.cycle}
    if item.clock.rule == CALLBACK and item.customer:
        return "button.do_callback", "callback.open", {"customer": key(item.customer)}
    return None


def _remedy_of_record(item: Item) -> Remedy:
    if item.task is not None:
        return "button.do_answer", "task.answer", {"ids": [key(item.task)]}
    if item.step is not None:
        return "button.do_case", "step.show", {"step": key(item.step)}
    if item.clock.subject_kind == INQUIRY:
        return "button.do_case", "inquiry.show", {"matter": item.clock.subject_id}
    if item.filing is not None:
        deed = "filings.mend" if item.filing.state == "returned" else "filing.show"
        return "button.do_filing", deed, {"filing": key(item.filing)}
    if item.clock.rule == TRANSFER:
        return "button.do_transfer", "transfer.show", {"transfer": item.clock.subject_id}
    if item.clock.subject_kind in (FILE, PAPER) and item.customer:
        return "button.do_file", "file.show", {"customer": key(item.customer)}
    if item.matter is not None:
        return "button.do_case", "complaint.show", {"matter": key(item.matter)}
    known: dict[str, Any] = {"customer": key(item.customer)} if item.customer else {}
    if item.clock.rule.startswith("R17"):
        known["channel"] = "visit"
    return "button.do_log", "contact.open", known
