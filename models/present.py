"""The house as it stands in a transaction: the company's own working days, and the rulebook that is in force now."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, select

from models import rulebooks, working_days
from rules.house import House

NEWEST = select(working_days.NEWEST.scalar_subquery(), rulebooks.NEWEST.scalar_subquery())


def in_force(session: Session, house: House) -> House:
    """Asked at the start of each transaction: two numbers tell whether anything is new, so that a change counts at once, in
    whichever process."""
    day, version = session.exec(NEWEST).one()
    if (day or 0) != house.calendar_version:
        house = working_days.in_force(session, house)
    text = rulebooks.text_of(session, version) if (version or 0) > house.rulebook_version else None
    return replace(house, rulebook=rulebooks.loaded(text), rulebook_version=version) if text else house
