"""The customer files of the sample company: most key files are whole, some have gaps, as anywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import files
from models.customers import Customer
from models.files import CustomerFile, Paper
from models.people import key
from rules.credit_code import check_digit
from rules.file_parts import PAPERS
from rules.house import House
from rules.roles import Tier

LEFT_OPEN: Final = 8
"""Every so many-th key file has gaps."""


def fill(session: Session, house: House, at: datetime) -> None:
    """Write what the company had on paper when it began; what is whole is no duty any more."""
    keyed = col(Customer.tier).in_((Tier.STRATEGIC, Tier.KEY))
    for number, customer in enumerate(session.exec(select(Customer).where(keyed).order_by(col(Customer.id))).all(), 1):
        if number % LEFT_OPEN:
            _write(session, customer, at)
        session.flush()
        files.gaps(session, house, customer, at)


def _write(session: Session, customer: Customer, at: datetime) -> None:
    here = key(customer)
    session.add(
        CustomerFile(
            customer_id=here,
            kind="main_business",
            production="两班生产",
            credit="按期付款",
            custodian_id=customer.owner_id,
            touched_at=at,
        )
    )
    first = f"91610100MA{here:07d}"
    customer.credit_code = customer.credit_code or first + check_digit(first)
    for kind in PAPERS:
        session.add(Paper(customer_id=here, kind=kind.value, by_id=customer.owner_id, at=at))
