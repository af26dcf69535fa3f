"""What can be handed over as a file, by name. A file is made at the moment it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.people import Staff
from papers import (
    charts,
    complaint_form,
    customer_file,
    customers,
    filings,
    invitation,
    ledger,
    register,
    rejects,
    rulebook,
)
from papers.book import Paper
from rules.house import House

Make = Callable[[Session, House, Staff, Mapping[str, Any], datetime], Paper]
REPORTS: Mapping[str, Make] = {
    "ledger": ledger.make,
    "complaint_form": complaint_form.make,
    "register": register.make,
    "filings": filings.make,
    "invitation": invitation.make,
    "customer_file": customer_file.make,
    "kept_file": customer_file.kept,
    "rejects": rejects.make,
    "customers": customers.make,
    "chart": charts.make,
    "rulebook": rulebook.make,
}


def made(session: Session, house: House, staff: Staff, document: Mapping[str, Any], asked_at: datetime) -> Paper:
    """The file of a row of the outbox: {"report": its name, "args": {…}}."""
    return REPORTS[document["report"]](session, house, staff, document["args"], asked_at)
