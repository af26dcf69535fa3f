"""What do we remember? Tables, each with its few verbs."""

from models import (
    audit,
    clocks,
    customers,
    filings,
    findings,
    invitations,
    messages,
    people,
    records,
    rulebooks,
    suspects,
)

__all__ = [
    "audit",
    "clocks",
    "customers",
    "filings",
    "findings",
    "invitations",
    "messages",
    "people",
    "records",
    "rulebooks",
    "suspects",
]
