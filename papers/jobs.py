"""What another process is asked to make, and which one makes it: see `papers.press`."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models import secrecy
from models.people import Staff, key
from reading.veil import Veil
from rules.house import House

PRESSES: Final = {"xlsx": "papers.book_press", "pdf": "papers.page_press"}
"""By the form of the file: a module that is run. Only the one that draws loads what it draws with."""


@dataclass(frozen=True)
class Job:
    """All that the other process needs to know. `veil`: what is not to be said, found here, where the key of the vault is."""

    url: str
    house: House
    staff: int
    args: Mapping[str, Any]
    asked_at: datetime
    veil: Veil | None

    @classmethod
    def of(cls, session: Session, house: House, staff: Staff, document: Mapping[str, Any], asked_at: datetime) -> Job:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        return cls(url, house, key(staff), document["args"], asked_at, secrecy.veil(session))

    @property
    def packed(self) -> bytes:
        return pickle.dumps(self)

    @property
    def command(self) -> Sequence[str]:
        return sys.executable, "-m", PRESSES[self.args["form"]]
