"""What do we remember? Tables, each with its few verbs."""

from models import audit, clocks, customers, invitations, messages, people, proxies, records, rulebooks, tasks

__all__ = [
    "audit",
    "clocks",
    "customers",
    "invitations",
    "messages",
    "people",
    "proxies",
    "records",
    "rulebooks",
    "tasks",
]
