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
    proxies,
    records,
    rulebooks,
    suspects,
    tasks,
    vitals,
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
    "proxies",
    "records",
    "rulebooks",
    "suspects",
    "tasks",
    "vitals",
]
