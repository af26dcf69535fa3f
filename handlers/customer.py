"""/find and the customer card: who they are, who looks after them, what is open, who owes what by when."""

from __future__ import annotations

from dialogue.benefits import held_lines
from dialogue.files import short, subject_of
from dialogue.forms import Flow, notice
from dialogue.kinds import label, looked_up
from dialogue.kinds import subject_of as plain
from dialogue.leaves import with_leave
from dialogue.marks import marked
from dialogue.tiers import may_see
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import transfer
from handlers.tasks import customer_line
from handlers.words import duty_line
from models import audit, customers, doubles, filings, mergers, proxies, tasks
from models.absences import stood_in
from models.clocks import Clock, running
from models.customers import Customer, Person
from models.people import Staff, holders, key, split_post
from models.records import Entry, last_entries, open_complaints, participants
from papers.stories import credited
from rules import gate
from rules.gate import Action
from rules.roles import Role
from words import Say, Value, say

flow = Flow()


@flow.command("find", "查", needs=Action.FIND_CUSTOMER)
def find(turn: Turn, text: str) -> Reply:
    if len(text) < 2:
        return notice(say("find.how"))
    found = looked_up(turn, text)
    if not found.customers:
        return nothing_found(turn, text, "customer.card")
    if len(found.customers) == 1 and not found.more:
        return Reply(card(turn, found.customers[0]))
    buttons = [Button(label(turn, each), "customer.card", {"customer": key(each)}) for each in found.customers]
    heading = "find.first_of_many" if found.more else "find.several"
    return Reply(Screen(say(heading, text=text[:50], count=len(buttons)), columns(buttons, 1)))


def nothing_found(turn: Turn, text: str, show: str) -> Reply:
    """Whose name may have been meant; else the way to a new customer."""
    near = doubles.near(turn.session, text, gate.scope(turn.actor, Action.FIND_CUSTOMER))
    buttons = [Button(label(turn, each), show, {"customer": key(each)}) for each in near]
    new = Button(say("button.new_customer", name=text[:20]), "newcomer.named", {"name": text[:50]})
    rows = (*columns(buttons, 1), *(((new,),) if turn.reaches(Action.REGISTER_CUSTOMER) else ()))
    return notice(say("find.near" if near else "find.nothing", text=text[:50]), *rows)


@flow.deed("customer.card", needs=Action.FIND_CUSTOMER)
def open_card(turn: Turn, customer: int) -> Reply:
    found = turn.session.get(Customer, customer)
    if found is None or not turn.may(Action.FIND_CUSTOMER, subject_of(turn, found)):
        return notice(say("not_here"))
    return Reply(card(turn, found), new=True)


def card(turn: Turn, customer: Customer) -> Screen:
    """The whole card for those who may see the file; the name and whom to ask for those who may only find it."""
    unit, owner = customers.unit_and_owner(turn.session, customer)
    head = say(
        "customer.head",
        name=customer.called_in_full,
        short=customer.called,
        tier=say(f"tier.{customer.tier}"),
        place=customer.place or say("secret.place"),
        unit=unit.name,
        owner=with_leave(turn, owner),
        phone=owner.phone,
        filed=say("filing.waits") if filings.waiting_for(turn.session, key(customer)) else None,
    )
    if not turn.may(Action.SEE_CUSTOMER, subject_of(turn, customer)):
        asking = (Button(say("button.see_file"), "file.show", {"customer": key(customer)}),)
        rows = (asking,) if turn.may(Action.ASK_FILE, subject_of(turn, customer)) else ()
        rows = (*rows, *_tiers(turn, customer))
        return Screen(say("customer.name_only", head=head), (*_may_complain(turn, customer), *rows))
    audit.record(turn.session, turn.now, turn.me, "customer.open", f"customer:{customer.id}")
    text = say(
        "customer.card",
        head=head,
        benefits=held_lines(turn, customer) or None,
        people=[person_line(each) for each in customers.people(turn.session, key(customer))],
        talks=[marked(turn, each, talk_line(turn, each)) for each in last_entries(turn.session, key(customer))]
        or say("customer.no_talks"),
        complaints=[
            _complaint(matter.number, complaint.what, complaint.limit_at)
            for matter, complaint in open_complaints(turn.session, key(customer))
        ],
        owed=[
            *(customer_line(turn, each) for each in tasks.open_about(turn.session, key(customer))),
            *(owed_line(turn, each) for each in running(turn.session, "customer", key(customer))),
        ],
    )
    return Screen(text, _buttons(turn, customer))


def person_line(person: Person) -> Say:
    return say("customer.person", name=person.name, title=person.title, phone=person.phone)


def talk_line(turn: Turn, entry: Entry, most: int = 60) -> Say:
    """A talk in one line: when, how, who of ours, what. A leader for whom it was entered is marked until they confirmed it."""
    ids = participants(turn.session, key(entry))
    instead = stood_in(turn.session, key(entry))
    names = [credited(turn.session, each, [one.for_id for one in instead if one.by_id == each]) for each in ids]
    names += [
        say("proxy.unconfirmed", name=turn.session.get_one(Staff, each.staff_id).name)
        for each in proxies.of_entry(turn.session, key(entry))
        if not each.confirmed
    ]
    text = entry.answers.get("summary") or entry.answers.get("opinions") or ""
    return say(
        "customer.talk",
        when=entry.at,
        way=say(f"channel.{entry.channel}"),
        who=say("list", items=names),
        text=text[:most],
        corrected=say("correct.mark") if entry.is_correction else None,
    )


def _complaint(number: str, what: str, limit: object) -> Say:
    return say("customer.complaint", number=number, what=what[:40])


def owed_line(turn: Turn, clock: Clock) -> Say:
    late = clock.due_at < turn.now
    return say(
        "customer.owes_late" if late else "customer.owes",
        who=who_owes(turn, clock),
        what=duty_line(turn.house, clock),
        due=clock.due_at,
    )


def who_owes(turn: Turn, clock: Clock) -> Value:
    role, number = split_post(clock.post)
    if role == "owner":
        customer = turn.session.get_one(Customer, number)
        owner = turn.session.get_one(Staff, customer.owner_id)
        return with_leave(turn, owner)
    people = holders(turn.session, Role(role), number, turn.now)
    return people[0].name if people else say(f"role.{role}")


def _buttons(turn: Turn, customer: Customer) -> Rows:
    """Talks are for those whose customer it is: who keeps the file keeps the file."""
    here = {"customer": key(customer)}
    buttons = []
    if turn.may(Action.LOG_CONTACT, plain(customer)):
        buttons.append(Button(say("button.log"), "contact.open", here))
    if turn.may(Action.RECORD_CALLBACK, plain(customer)):
        buttons.append(Button(say("button.callback"), "callback.open", here))
    if turn.may(Action.ANNOTATE, plain(customer)):
        leading = [Button(say("button.briefing"), "briefing.open", here)]
        leading.append(Button(say("button.annotate"), "annotate.choose", here))
    else:
        leading = []
    leading.append(Button(short(turn, customer), "file.show", here))
    leading += transfer.card_button(turn, customer)
    leading += [each for line in _tiers(turn, customer) for each in line]
    if mergers.into(turn.session, key(customer)):
        leading.append(Button(say("button.mergers"), "merge.history", here))
    cases = [
        Button(say("text", text=matter.number), "complaint.show", {"matter": key(matter)})
        for matter, _ in open_complaints(turn.session, key(customer))[:4]
    ]
    return (
        *columns([*buttons, *_may_complain(turn, customer)[0]] if _may_complain(turn, customer) else buttons, 3),
        *columns(leading, 3),
        *columns(cases, 2),
    )


def _tiers(turn: Turn, customer: Customer) -> Rows:
    """To its tier and preferences, for those who evaluate them (article 12)."""
    if not may_see(turn, customer):
        return ()
    return ((Button(say("button.tiers"), "tiers.customer", {"customer": key(customer)}),),)


def _may_complain(turn: Turn, customer: Customer) -> Rows:
    if not turn.may(Action.OPEN_COMPLAINT):
        return ()
    return ((Button(say("button.complain"), "complaint.open", {"customer": key(customer)}),),)
