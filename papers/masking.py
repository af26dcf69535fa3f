"""Names in what is pushed to a phone, shortened for those who want it so: 华航橡胶 is 华**. The whole stands behind a button."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models import secrecy
from models.customers import Customer
from models.people import key
from papers.discretion import Discretion
from reading.veil import Part, Veil

HIDDEN = "**"


@dataclass(frozen=True)
class Mask:
    """For one message: what the reader may be told, with the names of the customers it is about shortened."""

    told: Discretion
    veil: Veil
    called: Mapping[int, str]

    def __call__(self, text: str, about: Collection[int] = ()) -> str:
        return self.veil(self.told(text, about), self._instead, self.called)

    def _instead(self, customer: int, part: Part) -> str:
        if part is Part.NAME:
            return f"{self.called[customer][0]}{HIDDEN}"
        return self.told.voice.word(f"hidden.{part}")


def mask(session: Session, told: Discretion, about: Collection[int]) -> Mask:
    found = session.exec(select(Customer).where(col(Customer.id).in_(about)))
    return Mask(told, secrecy.of(session, about), {key(each): each.called for each in found})
