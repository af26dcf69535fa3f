"""A filing in words: what is new, what changed, what was transferred. Of a customer marked 涉密 no name, place or person is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dialogue.viewer import Viewer
from models import customers, transfers
from models.customers import Customer
from models.filed_changes import CLOSED
from models.filings import Filing, Kind
from models.people import Staff, Unit, key
from models.records import last_entries
from models.transfers import Transfer
from rules.file_parts import OF_PEOPLE, FilePart
from words import Say, Value, say

TELLING: Final = frozenset({"name", "place", "people", "code", *OF_PEOPLE})
"""Changes that would tell who a customer marked 涉密 is."""
NAMED: Final = 8


def described(view: Viewer, filing: Filing) -> Say:
    """The whole of it, as those read it who file it."""
    match filing.kind:
        case Kind.CHANGE:
            return _of_change(view, filing)
        case Kind.TRANSFER:
            return _of_transfer(view, filing)
    return _of_new(view, filing)


def called(view: Viewer, filing: Filing) -> Value:
    """What it is about, in a few words."""
    if filing.kind == Kind.TRANSFER and (found := transfers.of_filing(view.session, filing)):
        return say("filing.transferred", count=len(found.moved["customers"]), name=_staff(view, found.to_id))
    customer = view.session.get(Customer, filing.customer_id) if filing.customer_id else None
    return customer.called if customer else str(filing.facts.get("name", ""))


def short(view: Viewer, filing: Filing) -> Say:
    return say(f"filing.short_{filing.kind}", name=called(view, filing))


def _of_new(view: Viewer, filing: Filing) -> Say:
    facts = filing.facts
    return say(
        "filing.clash" if filing.is_clash else "filing.card",
        name=facts["name"],
        tier=say(f"tier.{facts['tier']}") if facts.get("tier") else None,
        place="".join(filter(None, (facts.get("province"), facts.get("city")))),
        person=facts.get("person"),
        phone=facts.get("phone"),
        unit=_unit(view, filing.unit_id),
        by=_staff(view, filing.by_id),
        code=say("filing.code", code=facts["credit_code"]) if facts.get("credit_code") else None,
        reason=say("filing.reason", reason=facts["reason"]) if facts.get("reason") else None,
        alike=say("filing.alike", names=say("list", items=facts["alike"])) if facts.get("alike") else None,
        other=_other(view, filing),
    )


def _other(view: Viewer, filing: Filing) -> Say | None:
    """The one already on file, for those who decide."""
    other = view.session.get(Customer, filing.clash_id) if filing.clash_id else None
    if other is None:
        return None
    unit, owner = customers.unit_and_owner(view.session, other)
    last = last_entries(view.session, key(other), 1)
    return say(
        "filing.other",
        name=other.called_in_full,
        tier=say(f"tier.{other.tier}"),
        unit=unit.name,
        owner=owner.name,
        last=say("filing.last_talk", when=last[0].at) if last else say("customer.no_talks"),
    )


def _of_change(view: Viewer, filing: Filing) -> Say:
    return say(
        "filing.change_card",
        name=called(view, filing),
        unit=_unit(view, filing.unit_id),
        by=_staff(view, filing.by_id),
        lines=changed(view, filing),
    )


def changed(view: Viewer, filing: Filing) -> list[Say]:
    """Part by part, what stood before and what stands now."""
    customer = view.session.get(Customer, filing.customer_id) if filing.customer_id else None
    secret = customer is not None and customer.code_name is not None
    return list(_changes(filing.facts.get("changes", ()), secret=secret))


def _changes(changes: Any, *, secret: bool) -> Iterator[Say]:
    for each in changes:
        hidden = secret and each["part"] in TELLING
        part = say(f"file_part.{each['part']}")
        if each.get("person") and not hidden:
            part = say("file.of_person", person=each["person"], part=part)
        if hidden or each["part"] in CLOSED or "after" not in each:
            yield say("filing.changed_hidden", part=part)
        else:
            yield say("filing.changed", part=part, before=_value(each, "before"), after=_value(each, "after"))


def _value(change: Mapping[str, Any], which: str) -> Value:
    value: str | None = change.get(which)
    return say(f"file_kind.{value}") if change["part"] == FilePart.KIND and value else value


def _of_transfer(view: Viewer, filing: Filing) -> Say:
    found = transfers.of_filing(view.session, filing)
    assert found is not None, "a filing of a transfer is made with it"
    return say("filing.transfer_card", lines=transfer_lines(view, found), by=_staff(view, found.by_id))


def transfer_lines(view: Viewer, transfer: Transfer) -> list[Say]:
    """From whom to whom, which customers, and why."""
    rows = transfers.rows(view.session, transfer)
    owners = list(dict.fromkeys((each.owner_id, each.unit_id) for each in rows))
    froms = [say("transfer.side", name=_staff(view, who), unit=_unit(view, unit)) for who, unit in owners[:NAMED]]
    to = say("transfer.side", name=_staff(view, transfer.to_id), unit=_unit(view, transfer.unit_id))
    names = [each.called for row in rows[:NAMED] if (each := view.session.get(Customer, row.customer_id))]
    return [
        say("transfer.from_to", before=say("list", items=froms), after=to),
        say("transfer.names", count=len(rows), names=say("list", items=list(dict.fromkeys(names)))),
        *([say("transfer.why", reason=transfer.reason)] if transfer.reason else []),
    ]


def outcome(filing: Filing) -> Say:
    """How it stands."""
    reason = say("filing.why", reason=filing.opinion) if filing.opinion else None
    return say(f"filing.outcome_{filing.state}", number=filing.number, reason=reason)


def _unit(view: Viewer, number: int) -> str:
    return view.session.get_one(Unit, number).name


def _staff(view: Viewer, number: int) -> str:
    return view.session.get_one(Staff, number).name
