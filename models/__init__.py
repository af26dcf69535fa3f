"""What do we remember? Tables, each with its few verbs."""

from models import audit, clocks, customers, invitations, messages, people, records, rulebooks

__all__ = ["audit", "clocks", "customers", "invitations", "messages", "people", "records", "rulebooks"]
