"""The last guard before words leave: whatever a template or a person said, a customer marked 涉密 is called by its code name.

Cards, buttons, passing words and files all pass here, with every value filled in. Somebody who may not find the customer does
not learn its code name either: the word is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import secrecy
from models.kinds import Json
from models.people import Staff, actor
from reading.veil import Part, Veil
from rules.gate import Action, Scope, scope
from words import Voice

LEFT_OUT = "…"
NOBODY = Scope(all=False, units=frozenset(), owner=None, self_=None)


@dataclass(frozen=True)
class Discretion:
    """For one reader. `veil` is None where no customer is marked: then every text stays as it is."""

    session: Session
    voice: Voice
    veil: Veil | None
    scope: Scope

    def __call__(self, text: str, about: Collection[int] = ()) -> str:
        """`about` are the customers spoken of, as far as they are known from elsewhere."""
        if self.veil is None:
            return text
        return self.veil(text, self._instead, {*about, *secrecy.numbered(self.session, text)})

    def cells(self, row: Sequence[str]) -> list[str]:
        """The cells of a row, which are all about the same customers."""
        if self.veil is None:
            return list(row)
        whole = "\n".join(row)
        about = {*self.veil.named(whole), *secrecy.numbered(self.session, whole)}
        return [self(each, about) for each in row]

    def concerned(self, buttons: Iterable[Json]) -> set[int]:
        """The customers that the buttons of a card are about."""
        return secrecy.concerned(self.session, buttons) if self.veil is not None else set()

    def _instead(self, customer: int, part: Part) -> str:
        if not secrecy.may_hear(self.session, customer, self.scope):
            return LEFT_OUT
        if part is Part.NAME and self.veil is not None:
            return next(each.code for each in self.veil.secrets if each.customer == customer)
        return self.voice.word(f"hidden.{part}")


def discretion(
    session: Session, voice: Voice, reader: Staff | None, now: datetime, veil: Veil | None = None
) -> Discretion:
    """What this reader may be told. `veil` where it was made already for this batch; otherwise it is made here."""
    reach = scope(actor(session, reader, now), Action.FIND_CUSTOMER) if reader is not None else NOBODY
    return Discretion(session, voice, veil or secrecy.veil(session), reach)
