"""A customer's tier changes (article 12): the one place where it does, once its proposal was approved. Duties change with it at
once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import audit, duties, preferences
from models.clocks import Clock, running
from models.customers import Customer
from models.files import FILE, GAP
from models.kinds import Json
from models.people import Staff, key
from models.preferences import Preference
from rules.house import House
from rules.roles import Tier
from rules.rulebook import Rulebook


@dataclass(frozen=True)
class Changed:
    """What is owed from now on and what no longer is, and the preferences that ended with the tier."""

    added: Sequence[Clock]
    fallen: Sequence[Clock]
    ended: Sequence[Preference]

    def stored(self) -> Json:
        """By the names of the rules."""
        found = {"added": self.added, "fallen": self.fallen}
        by_rule: Json = {name: sorted({each.rule for each in clocks}) for name, clocks in found.items()}
        return {**by_rule, "ended": [key(each) for each in self.ended]}


def change(
    session: Session, house: House, customer: Customer, tier: Tier, by: Staff, matter_id: int, now: datetime
) -> Changed:
    """In the transaction of the decision."""
    before, was = _owed(session, customer), customer.tier
    customer.tier = tier.value
    session.flush()
    duties.sync(session, house, now, [customer], posts=True)
    after = _owed(session, customer)
    ended = preferences.end_unallowed(session, house, [customer], key(by), now)
    changed = Changed(
        [clock for number, clock in after.items() if number not in before],
        [clock for number, clock in before.items() if number not in after],
        ended,
    )
    body = {"before": was, "after": tier.value, "proposal": matter_id, **changed.stored()}
    audit.record(session, now, key(by), "customer.tier", f"customer:{customer.id}", **body)
    return changed


def _owed(session: Session, customer: Customer) -> dict[int, Clock]:
    """What somebody owes this customer, or its file, now."""
    theirs = running(session, "customer", key(customer))
    gaps = [each for each in running(session, FILE, key(customer)) if each.rule == GAP]
    return {key(each): each for each in (*theirs, *gaps)}


def owed_by_tier(rulebook: Rulebook, tier: str) -> list[str]:
    """The rules by which something is owed to each customer of a tier, to be shown before it changes."""
    found = [duty.id for duty in rulebook.duties if duty.each and tier in duty.tiers]
    gap = rulebook.file_gap
    return [*found, *([gap.id] if gap is not None and tier in gap.tiers else [])]
