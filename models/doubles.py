"""Whether a customer is on file already: by credit code, telephone number, name, sound of the name, or a name one slip away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from models import customers
from models.customers import LEGAL, SHORT, SOUND, Customer, people
from models.people import key
from models.search import Beginning, hits
from reading.names import core_name, normalise, pinyin_full
from rules.gate import Scope

EVERYBODY = Scope(all=True, units=frozenset(), owner=None, self_=None)
LONG_ENOUGH = 4
"""Characters from which one name that begins with another is nearly the same."""
SLIP_FROM = 3
"""Characters from which a name with one slip of the pen is still the same name."""
MOST_LOOKED_AT = 5000


class Why(StrEnum):
    """In order of how sure it is."""

    CODE = "code"
    PHONE = "phone"
    NAME = "name"
    SLIP = "slip"


@dataclass(frozen=True)
class Double:
    customer: Customer
    why: Why

    @property
    def sure(self) -> bool:
        """One slip alone may be another company's name: it is asked about, but decides nothing."""
        return self.why is not Why.SLIP


def doubles(session: Session, name: str, phone: str | None, code: str | None) -> list[Double]:
    """Customers anywhere in the company who may be the same, the surest first."""
    core = core_name(name)
    asked = [normalise(name), core, pinyin_full(core), *([phone] if phone else [])]
    found = {key(each): each for text in asked for each in customers.find(session, text, EVERYBODY, most=50)}
    found |= {key(each): each for each in [*_with_code(session, code), *_written_alike(session, core, EVERYBODY)]}
    alike = [Double(each, why) for each in found.values() if (why := _why(session, each, core, phone, code))]
    return sorted(alike, key=lambda each: (list(Why).index(each.why), key(each.customer)))


def near(session: Session, name: str, scope: Scope, most: int = 4) -> list[Customer]:
    """Customers whose name may have been meant: one slip away in writing or in sound."""
    core = core_name(name)
    found = {key(each): each for each in _written_alike(session, core, scope)}
    return [each for each in found.values() if _alike(core, each) or _slipped(core, each) or _sounds_near(core, each)][
        :most
    ]


def _why(session: Session, customer: Customer, core: str, phone: str | None, code: str | None) -> Why | None:
    if code and customer.credit_code == code:
        return Why.CODE
    if _same_phone(session, customer, phone):
        return Why.PHONE
    if _alike(core, customer):
        return Why.NAME
    return Why.SLIP if _slipped(core, customer) else None


def _with_code(session: Session, code: str | None) -> Iterable[Customer]:
    return session.exec(select(Customer).where(Customer.credit_code == code)) if code else ()


def _written_alike(session: Session, core: str, scope: Scope) -> list[Customer]:
    """Names that have one half of this one: a single slip leaves the other half as it is."""
    names, sound = _halves(core), _halves(pinyin_full(core))
    if not names or not sound:
        return []
    written = [Beginning(half, whole, kind) for half in names for whole in (True, False) for kind in (LEGAL, SHORT)]
    found = hits(session, scope, [*written, Beginning(sound[0], True, SOUND)], MOST_LOOKED_AT).found
    ids = list(dict.fromkeys(each.customer_id for each in found))[:MOST_LOOKED_AT]
    return (
        list(session.exec(select(Customer).where(col(Customer.id).in_(ids)).order_by(col(Customer.id)))) if ids else []
    )


def _halves(text: str) -> tuple[str, ...]:
    middle = len(text) // 2
    return (text[:middle], text[middle:]) if middle else ()


def _names(customer: Customer) -> set[str]:
    return {core_name(each) for each in (customer.name, customer.short_name) if each}


def _alike(core: str, customer: Customer) -> bool:
    sound = pinyin_full(core)
    return any(each == core or pinyin_full(each) == sound or _begins(each, core) for each in _names(customer))


def _begins(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= LONG_ENOUGH and longer.startswith(shorter)


def _slipped(core: str, customer: Customer) -> bool:
    return len(core) >= SLIP_FROM and any(one_slip(core, each) for each in _names(customer))


def _sounds_near(core: str, customer: Customer) -> bool:
    sound = pinyin_full(core)
    return len(core) >= SLIP_FROM and any(one_slip(sound, pinyin_full(each)) for each in _names(customer))


def one_slip(one: str, other: str) -> bool:
    """Whether one character was put in the place of another, left out, put in, or changed places with its neighbour."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    turned = shorter[at : at + 2] == longer[at : at + 2][::-1] and shorter[at + 2 :] == longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or turned


def _same_phone(session: Session, customer: Customer, phone: str | None) -> bool:
    digits = _digits(phone)
    return bool(digits) and any(_digits(each.phone) == digits for each in people(session, key(customer)))


def _digits(phone: str | None) -> str:
    return "".join(each for each in phone or "" if each.isdecimal())
