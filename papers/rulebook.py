"""The rulebook as a file: as it is in force, or as it will be once a change that was approved has come into force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.people import Staff
from models.rule_changes import RuleChange
from models.rulebook_file import as_it_will_be
from papers.book import Paper
from rules.house import House


def make(session: Session, _house: House, _staff: Staff, args: Mapping[str, Any], _asked_at: datetime) -> Paper:
    change = session.get(RuleChange, args["change"]) if args["change"] else None
    return Paper("rulebook.toml", as_it_will_be(session, change).encode())
