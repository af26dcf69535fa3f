"""The picture of an invitation: its link as a QR code, to be held before somebody else's phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import segno
from sqlmodel import Session

from models.people import Staff
from papers.book import Paper
from rules.house import House

SCALE, BORDER = 10, 4
"""Pixels to a dot, and dots of white around it, which readers need."""


def make(_session: Session, _house: House, _staff: Staff, args: Mapping[str, Any], _asked_at: datetime) -> Paper:
    content = BytesIO()
    segno.make(args["link"], micro=False, error="m").save(content, kind="png", scale=SCALE, border=BORDER)
    return Paper("invitation.png", content.getvalue())
