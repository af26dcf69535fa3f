"""A customer's file on the screen: the plain part with what is missing, and the confidential parts one by one (R31.2)."""

from __future__ import annotations

from collections.abc import Iterable

from dialogue.approvals import AFTER
from dialogue.benefits import terms_lines
from dialogue.values import Button, Rows, Screen, columns
from dialogue.viewer import Viewer
from models import audit, customers, files, openings, steps
from models.audit import Audit
from models.customers import Customer, Person
from models.files import Paper
from models.openings import Ground
from models.people import Staff, key
from models.steps import Step, StepState
from papers.customer_file import born
from rules.file_parts import CONFIDENTIAL, OTHER_PAPER, FilePart, Section
from rules.gate import Action, Subject
from words import Say, Value, say

A_PAGE = 12
FREE = frozenset(FilePart) - {FilePart.CREDIT, FilePart.LICENCE, FilePart.STATEMENTS, FilePart.ACCOUNT}
"""Parts of which the history may say the values to whoever sees the plain part."""


def subject_of(view: Viewer, customer: Customer) -> Subject:
    """Its unit, its owner, and its custodian, who stands beside the owner."""
    return Subject(customer.unit_id, customer.owner_id, files.custodian_of(view.session, key(customer)))


def ground(view: Viewer, customer: Customer, section: Section) -> Ground | None:
    """Why this person may see it now; None where they may not."""
    subject = subject_of(view, customer)
    if view.may(Action.OPEN_FILE, subject):
        mine = {subject.owner: "owner", subject.handler: "custodian"}
        return Ground(mine.get(view.me, "post"))
    return openings.granted(view.session, view.house, view.me, key(customer), section, view.now)


def head(view: Viewer, customer: Customer) -> Say:
    unit, owner = customers.unit_and_owner(view.session, customer)
    return say(
        "file.head",
        name=customer.called_in_full,
        tier=say(f"tier.{customer.tier}"),
        unit=unit.name,
        owner=owner.name,
    )


# Without a right


def cover(view: Viewer, customer: Customer, above: Value = None) -> Screen:
    """For those who may only find the name: how to ask, what waits, and what was granted."""
    waits = openings.waiting(view.session, view.me, key(customer))
    granted = openings.any_granted(view.session, view.house, view.me, key(customer), view.now)
    asked = [
        *(_waits(view, each) for each in waits),
        *(_granted(view, customer, each) for each in dict.fromkeys(granted)),
    ]
    open_ = [each for section in granted for each in _opened_by(section)]
    rows = columns([_open(customer, each) for each in dict.fromkeys(open_)], 2)
    if view.may(Action.ASK_FILE, subject_of(view, customer)) and not waits:
        rows = (*rows, (Button(say("button.ask_file"), "file.ask", {"customer": key(customer)}),))
    return Screen(say("file.cover", above=above, head=head(view, customer), asked=asked), rows)


def _waits(view: Viewer, step: Step) -> Say:
    """What was asked for, and whose word it waits for."""
    names = [each.name for each in steps.deciders(view.session, step, view.now)]
    return say("file.waits", part=say(f"file_part.{step.facts['part']}"), who=say("list", items=names))


def _granted(view: Viewer, customer: Customer, section: Section) -> Say | None:
    why = openings.granted(view.session, view.house, view.me, key(customer), section, view.now)
    return say("file.granted", part=say(f"file_part.{section}"), until=why.until) if why else None


def _opened_by(section: Section) -> Iterable[Section]:
    return (Section.BASIC, *CONFIDENTIAL) if section is Section.EVERYTHING else (section,)


def _open(customer: Customer, section: Section) -> Button:
    args = {"customer": key(customer), "section": str(section)}
    return Button(say("button.open_part", part=say(f"file_part.{section}")), "file.open", args)


def way_on(view: Viewer, step: Step) -> Rows:
    """From the approval of a request to the part that it opens."""
    customer = view.session.get(Customer, step.facts["customer"])
    mine = step.asked_by == view.me and step.state == StepState.APPROVED and customer is not None
    if not mine or customer is None or view.now >= openings.ends(view.house, step):
        return ()
    return columns([_open(customer, each) for each in _opened_by(Section(step.facts["part"]))], 2)


AFTER[openings.ASKED] = way_on


# The plain part


def page(view: Viewer, customer: Customer, above: Value = None) -> Screen:
    """For those who have it by right, with the gaps one tap from being filled."""
    return Screen(_plain(view, customer, above), _page_rows(view, customer))


def _plain(view: Viewer, customer: Customer, above: Value = None) -> Say:
    here = key(customer)
    found = files.of(view.session, here)
    custodian = view.session.get(Staff, found.custodian_id) if found and found.custodian_id else None
    people = customers.people(view.session, here)
    return say(
        "file.page",
        above=above,
        head=head(view, customer),
        place=customer.place or say("secret.place"),
        complete=complete(view, customer),
        facts=[
            _fact(FilePart.KIND, say(f"file_kind.{found.kind}") if found and found.kind else None),
            _fact(FilePart.CUSTODIAN, custodian.name if custodian else _named_by(view, customer)),
            _fact(FilePart.CODE, customer.credit_code),
            _fact(FilePart.PRODUCTION, found.production if found else None),
        ],
        people=[person_line(view, each) for each in people],
        notes=[say("file.note", when=each.at, text=each.answers["text"]) for each in files.notes(view.session, here)],
        touched=say("file.touched", when=found.touched_at) if found else None,
    )


def _fact(part: FilePart, value: Value) -> Value:
    return say("form.line", label=say(f"file_part.{part}"), value=value) if value else None


def _named_by(view: Viewer, customer: Customer) -> Value:
    """Where a custodian is missing: whom to ask, for those who may not name one."""
    missing = FilePart.CUSTODIAN in files.completeness(view.session, view.house, customer, view.today).missing
    return say("file.named_by") if missing and not _may_fill(view, customer, FilePart.CUSTODIAN) else None


def person_line(view: Viewer, person: Person) -> Say:
    left = say("file.left", day=person.left_on) if person.left_on else None
    return say("file.person", name=person.name, title=person.title, phone=person.phone, email=person.email, left=left)


def complete(view: Viewer, customer: Customer) -> Say | None:
    found = files.completeness(view.session, view.house, customer, view.today)
    if not found.wanted:
        return None
    missing = [say(f"file_part.{each}") for each in found.missing]
    words = say("file.missing", parts=say("list", items=missing)) if missing else say("file.whole")
    return say("file.complete", have=found.have, wanted=len(found.wanted), missing=words)


def short(view: Viewer, customer: Customer) -> Say:
    """The label of the way to the file: 档案 7/9."""
    found = files.completeness(view.session, view.house, customer, view.today)
    return say("button.file_share", have=found.have, wanted=len(found.wanted))


def _page_rows(view: Viewer, customer: Customer) -> Rows:
    subject, here = subject_of(view, customer), {"customer": key(customer)}
    rows = columns(gap_buttons(view, customer), 2) if view.may(Action.KEEP_FILE, subject) else ()
    rows = (*rows, *columns([_open(customer, each) for each in CONFIDENTIAL], 2))
    ways = []
    if view.may(Action.KEEP_FILE, subject):
        ways.append(Button(say("button.change_file"), "file.edit", here))
    if view.may(Action.SEE_OPENINGS, subject):
        ways.append(Button(say("button.looked"), "file.looked", here))
    if view.may(Action.EXPORT_FILE, subject):
        ways.append(Button(say("button.export"), "file.export", here))
    return (*rows, tuple(ways)) if ways else rows


def gap_buttons(view: Viewer, customer: Customer) -> list[Button]:
    """One tap for each missing part; the custodian is named by those who lead."""
    missing = files.completeness(view.session, view.house, customer, view.today).missing
    return [_fill(customer, each, "button.fill") for each in missing if _may_fill(view, customer, each)]


def part_buttons(view: Viewer, customer: Customer) -> list[Button]:
    """Everything that can be changed."""
    every = (*(str(each) for each in FilePart if each is not FilePart.PEOPLE), OTHER_PAPER)
    added = (FilePart.DEVELOPMENT, OTHER_PAPER)
    labels = {each: "button.fill" if each in added else "button.change_part" for each in every}
    return [_fill(customer, each, label) for each, label in labels.items() if _may_fill(view, customer, each)]


def _may_fill(view: Viewer, customer: Customer, part: str) -> bool:
    need = Action.NAME_CUSTODIAN if part == FilePart.CUSTODIAN else Action.KEEP_FILE
    return view.may(need, subject_of(view, customer))


def _fill(customer: Customer, part: str, label: str) -> Button:
    args = {"customer": key(customer), "part": str(part)}
    return Button(say(label, part=say(f"file_part.{part}")), "file.fill", args)


# The confidential parts


def opened(view: Viewer, customer: Customer, section: Section, why: Ground) -> Screen:
    """What is shown of a part, for so long, and by what right."""
    until = openings.shown_until(view.house, why, view.now)
    text = say(
        "file.opened",
        head=head(view, customer),
        part=say(f"file_part.{section}"),
        text=_PARTS[section](view, customer),
        until=until,
        why=say(f"file_ground.{why.name}"),
    )
    close = Button(say("button.read_it"), "file.close", {"customer": key(customer)})
    return Screen(text, (*_attached(view, customer, section), (close,)), vanishes=until)


def _basic(view: Viewer, customer: Customer) -> Value:
    return _plain(view, customer)


def _credit(view: Viewer, customer: Customer) -> Value:
    found = files.of(view.session, key(customer))
    return (found.credit if found else None) or say("file.nothing")


def _papers(view: Viewer, customer: Customer) -> Value:
    lines = [paper_line(view, each) for each in files.papers(view.session, key(customer))]
    return say("text", text=lines) if lines else say("file.nothing")


def paper_line(view: Viewer, paper: Paper) -> Say:
    over = say("file.expired") if paper.is_over(view.today) else None
    return say(
        "file.paper",
        kind=say(f"file_part.{paper.kind}"),
        until=paper.expires_on or say("paper.long_term"),
        over=over,
        note=paper.note,
        files=say("file.attached", count=len(paper.attachments)) if paper.attachments else None,
    )


def _personal(view: Viewer, customer: Customer) -> Value:
    known = [each for each in customers.people(view.session, key(customer)) if each.birthday]
    return [
        say("file.birthday", name=each.name, title=each.title, day=born(each.birthday or "")) for each in known
    ] or say("file.nothing")


def _history(view: Viewer, customer: Customer) -> Value:
    rows = openings.changes(view.session, key(customer), 0, A_PAGE)
    return [history_line(view, each) for each in rows] or say("file.nothing")


def _preferences(view: Viewer, customer: Customer) -> Value:
    return list(terms_lines(view, customer)) or say("file.nothing")


_PARTS = {
    Section.BASIC: _basic,
    Section.CREDIT: _credit,
    Section.PAPERS: _papers,
    Section.PERSONAL: _personal,
    Section.PREFERENCES: _preferences,
    Section.HISTORY: _history,
}


def history_line(view: Viewer, row: Audit) -> Say:
    """Who changed what, before and after; one whose body was sealed says so."""
    body = audit.body_of(view.session, row)
    by = view.session.get_one(Staff, row.staff_id).name if row.staff_id else None
    if row.action != "file.change":
        name, numbers = (
            body.get("name") or say("file.sealed"),
            ((body.get("before") or {}).get("phone"), body.get("phone")),
        )
        return say("file.met", when=row.at, by=by, name=name, before=numbers[0], after=numbers[1])
    if not body:
        return say("file.changed", when=row.at, by=by, part=say("file.sealed"), before=None, after=None)
    before, after = (_value(body["part"], body.get(each)) for each in ("before", "after"))
    part = say(f"file_part.{body['part']}")
    if body.get("person"):
        part = say("file.of_person", person=body["person"], part=part)
    return say("file.changed", when=row.at, by=by, part=part, before=before, after=after)


def _value(part: str, value: str | None) -> Value:
    return say(f"file_kind.{value}") if part == FilePart.KIND and value else value


def _attached(view: Viewer, customer: Customer, section: Section) -> Rows:
    """What was attached to the papers; of a customer marked 涉密 nothing is sent."""
    if section is not Section.PAPERS or customer.code_name:
        return ()
    shown = [each for each in files.papers(view.session, key(customer)) if each.attachments]
    buttons = [
        Button(say("button.see_paper", kind=say(f"file_part.{each.kind}"), number=n), "file.paper", _at(each, n))
        for each in shown
        for n in range(1, len(each.attachments) + 1)
    ]
    return columns(buttons, 2)


def _at(paper: Paper, number: int) -> dict[str, int]:
    return {"paper": key(paper), "number": number}


# Who looked


def looked(view: Viewer, customer: Customer, skip: int) -> Screen:
    rows = openings.looks(view.session, key(customer), skip, A_PAGE + 1)
    lines = [_look(view, each) for each in rows[:A_PAGE]]
    text = say("file.looked", head=head(view, customer), lines=lines or say("file.nothing"))
    more = Button(say("button.more"), "file.looked", {"customer": key(customer), "skip": skip + A_PAGE})
    return Screen(text, ((more,),) if len(rows) > A_PAGE else ())


def _look(view: Viewer, row: Audit) -> Say:
    body = audit.body_of(view.session, row)
    who = view.session.get_one(Staff, row.staff_id).name if row.staff_id else None
    part = say(f"file_part.{body['part']}") if body.get("part") else say("file_part.card")
    why = say(f"file_ground.{body.get('ground', 'post')}")
    did = say("file.took") if row.action == openings.EXPORTED else None
    return say("file.look", when=row.at, who=who, part=part, why=why, reason=body.get("reason"), did=did)


def may_find(view: Viewer, customer: Customer) -> bool:
    return view.may(Action.FIND_CUSTOMER, subject_of(view, customer))
