"""What do we remember? Tables, each with its few verbs."""

from models import (
    audit,
    chain,
    clocks,
    customers,
    faults,
    filings,
    findings,
    invitations,
    messages,
    people,
    proxies,
    records,
    restores,
    rulebooks,
    suspects,
    tasks,
)

__all__ = [
    "audit",
    "chain",
    "clocks",
    "customers",
    "faults",
    "filings",
    "findings",
    "invitations",
    "messages",
    "people",
    "proxies",
    "records",
    "restores",
    "rulebooks",
    "suspects",
    "tasks",
]
