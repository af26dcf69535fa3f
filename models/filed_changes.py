"""变更备案 (R9.2): what was changed in a customer's file goes before the sales department, before and after.

One filing gathers what one person changes of one customer until it is decided, so that they get one receipt. Of confidential
parts it says only that they changed; what stood there is in the file's own history. What is changed in a returned filing mends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlmodel import col, select

from models.customers import Customer
from models.files import Keeper
from models.filings import Filing, Kind, Office, await_filing, file_again
from models.people import key
from rules.file_parts import OF_PEOPLE, Filed

CLOSED: Final = frozenset({Filed.CREDIT, Filed.LICENCE, Filed.STATEMENTS, Filed.ACCOUNT})
"""Confidential parts (article 31): their values stand in no filing."""
RETOLD: Final = ("name", "province", "city", "credit_code")
"""What a filing of a new customer says of it as it is now."""


def of(keeper: Keeper) -> Filing | None:
    """File what this person has just changed; None where nothing of it is to be filed."""
    rule = keeper.house.rulebook.filing
    changes = list(_filed(keeper.changes, rule.changes)) if rule else []
    if not changes:
        return None
    office = Office(keeper.session, keeper.house, keeper.by, keeper.now)
    filing = _open(keeper) or _begin(office, keeper.customer)
    if filing.kind == Kind.NEW:
        filing.facts = {**filing.facts, **_as_it_is(keeper.customer)}
    else:
        filing.facts = {**filing.facts, "changes": together([*filing.facts.get("changes", ()), *changes])}
    if filing.returned_at is not None:
        file_again(office, filing)
    keeper.session.flush()
    return filing


def _filed(changes: Sequence[Mapping[str, Any]], parts: Sequence[Filed]) -> Iterator[dict[str, Any]]:
    for each in changes:
        part = Filed.PEOPLE if each["part"] in OF_PEOPLE else each["part"]
        if part not in parts:
            continue
        values = {} if part in CLOSED else {"before": each.get("before"), "after": each.get("after")}
        yield {"part": each["part"], **({"person": each["person"]} if each.get("person") else {}), **values}


def _open(keeper: Keeper) -> Filing | None:
    """The filing that this belongs to: that of the new customer, the one that was returned, or this person's own."""
    here = (Filing.customer_id == key(keeper.customer), col(Filing.decided_at).is_(None))
    found = list(keeper.session.exec(select(Filing).where(*here).order_by(col(Filing.id))))
    news = [each for each in found if each.kind == Kind.NEW]
    changes = [each for each in found if each.kind == Kind.CHANGE]
    returned = [each for each in changes if each.returned_at is not None]
    mine = [each for each in changes if each.by_id == keeper.by.id]
    return next(iter([*news, *returned, *mine]), None)


def _begin(office: Office, customer: Customer) -> Filing:
    filing = Filing(
        kind=Kind.CHANGE,
        customer_id=key(customer),
        facts={},
        unit_id=customer.unit_id,
        by_id=key(office.by),
        made_at=office.now,
    )
    office.session.add(filing)
    office.session.flush()
    await_filing(office, filing)
    return filing


def together(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was changed twice stands once: as it was first, as it is last."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for each in changes:
        first = found.get((each["part"], each.get("person")))
        found[each["part"], each.get("person")] = {**each, "before": first.get("before")} if first else dict(each)
    for each in found.values():
        if "after" not in each:
            each.pop("before", None)
    return list(found.values())


def _as_it_is(customer: Customer) -> dict[str, str]:
    values = {name: getattr(customer, name) for name in RETOLD}
    return {name: value for name, value in values.items() if value}
