"""What do we remember? Tables, each with its few verbs."""

from models import audit, clocks, customers, filings, invitations, messages, people, records, rulebooks

__all__ = ["audit", "clocks", "customers", "filings", "invitations", "messages", "people", "records", "rulebooks"]
