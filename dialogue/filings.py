"""A filing in words: what is new, changed or transferred. Of a customer marked 涉密 no name, place or person is said."""

from __future__ import annotations

from typing import Final

from dialogue.viewer import Viewer
from models import customers, transfers
from models.customers import Customer
from models.filings import Filing, Kind
from models.people import Staff, Unit, key
from models.records import last_entries
from models.transfers import Transfer
from papers import filings as in_words
from words import Say, Value, say

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
    return in_words.called(view.session, filing)


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
    return in_words.changed(view.session, filing)


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


def _unit(view: Viewer, number: int) -> str:
    return view.session.get_one(Unit, number).name


def _staff(view: Viewer, number: int) -> str:
    return view.session.get_one(Staff, number).name
