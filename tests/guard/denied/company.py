"""Everybody of every role, and customers of everybody's kind whose records carry canaries: words that stand nowhere else.

Who may see which of them is said here by `may`, from the table written from the rules and from who sits where; the product is not
asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlmodel import Session, select

from models import acceptance, customers, inquiries, secrecy, steps, survey_asked, surveys, tasks
from models.absences import Absence
from models.clocks import Clock, Event
from models.customers import Customer
from models.customers import Person as Contact
from models.files import CustomerFile, Paper
from models.filings import Filing
from models.leave import Leave, take
from models.messages import Draft
from models.people import SINCE_EVER, Assignment, Staff, Unit, company, key, unit_named
from models.records import Entry, write_entry
from models.survey_asked import Said
from models.surveys import Outcome, Surveyed
from models.tasks import ANNOTATION, Given
from rules.gate import Action
from rules.halves import Half
from rules.house import House
from rules.inquiry import InquiryKind
from rules.roles import ComplaintType, Role
from tests.company import PEOPLE
from tests.office import START
from tests.reach import LENT, row

MORE_UNITS = ("北方销售部", "技术中心", "企管部", "生产安全部", "公司办公室", "法律事务部", "监察室")
MORE = {
    "nora": ("S04", "诺敏", 1101, [("salesperson", ["北方销售部"])]),
    "technical": ("D05", "季新", 1102, [("technical", ["技术中心"])]),
    "enterprise": ("D06", "祁业", 1103, [("enterprise", ["企管部"])]),
    "production": ("D07", "单产", 1104, [("production", ["生产安全部"])]),
    "office": ("D08", "公孙办", 1105, [("office", ["公司办公室"])]),
    "legal": ("D09", "洛法", 1106, [("legal", ["法律事务部"])]),
    "supervisor": ("A02", "简察", 1107, [("supervision", ["监察室"])]),
    "secretary": ("M01", "林晓", 1108, [("secretary", ["公司"])]),
    "postless": ("N01", "吴职", 1109, []),
    "left": ("N02", "旧人", 1110, [("salesperson", ["西北销售一部"])]),
    "substitute": ("N03", "戴班", 1111, []),
}
EVERYBODY = PEOPLE | MORE
WRITES_FOR = {"secretary": "vp"}
STANDS_FOR = {"substitute": "east"}
STRANGER = 1999
OUTSIDE = ("left", "stranger")


@dataclass(frozen=True)
class Record:
    """Whose something is: units and departments concerned, owner and handler, who wrote it."""

    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    writer: str | None = None


@dataclass(frozen=True)
class Target:
    """A customer. `seed` stands in every canary of its records."""

    seed: str
    short: str
    legal: str
    owner: str
    unit: str
    number: int
    code: str | None = None
    shipping: bool = False

    @property
    def asked(self) -> Mapping[str, str]:
        """What somebody may type to get at it."""
        return {
            "name": self.short,
            "legal": self.legal,
            "code": self.code or self.short,
            "case": f"TS-2026-{self.number:04}",
            "inquiry": f"ZX-2026-{self.number:04}",
            "person": f"{self.seed}密员",
            "phone": f"1377777{self.number:04}",
        }

    @property
    def canaries(self) -> Mapping[Action, tuple[str, ...]]:
        """By what lets somebody see them."""
        person, phone = self.asked["person"], self.asked["phone"]
        seed = self.seed
        return {
            Action.FIND_CUSTOMER: (self.short, self.legal, *filter(None, [self.code])),
            Action.SEE_CUSTOMER: (person, phone, f"{seed}@hidden.cn", f"密谈{seed}"),
            Action.OPEN_FILE: (f"密信{seed}", f"密产{seed}", f"密照{seed}"),
            Action.SEE_COMPLAINT: (f"{seed}诉人", f"密诉{seed}", f"密品{seed}", self.asked["case"]),
            Action.SEE_SURVEY: (f"密评{seed}",),
            Action.SEE_INQUIRY: (f"{seed}询人", f"密询{seed}", self.asked["inquiry"]),
        }

    def record(self, kind: str) -> Record:
        owner, unit = frozenset({self.owner}), frozenset({self.unit})
        department = frozenset({"储运公司" if self.shipping else "质监部"})
        match kind:
            case "complaint":
                return Record(unit | department, owner, self.owner)
            case "in charge":
                return Record(department)
            case "inquiry":
                return Record(unit, owner, self.owner)
            case "unit":
                return Record(unit)
            case "own":
                return Record(writer=self.owner)
        return Record(unit, owner)


TARGETS = (
    Target("琥", "琥珀轮毂", "宁夏远岫制造有限公司", "ann", "西北销售一部", 1),
    Target("鹦", "鹦鹉阀门", "贵州听涛机电有限公司", "amy", "西北销售一部", 2),
    Target("珊", "珊瑚轴承", "福建望舒工业有限公司", "bob", "华东销售部", 3),
    Target("骆", "骆驼锻压", "吉林折桂装备有限公司", "nora", "北方销售部", 4, shipping=True),
    Target("鲸", "鲸鱼仪表", "海南沧浪仪器有限公司", "nora", "北方销售部", 5, code="寅七", shipping=True),
)
NOT_THERE = Target("蜻", "蜻蜓缆索", "广西青萍缆索有限公司", "", "", 99)
KINDS = {
    Action.FIND_CUSTOMER: "customer",
    Action.SEE_CUSTOMER: "customer",
    Action.OPEN_FILE: "customer",
    Action.SEE_SURVEY: "customer",
    Action.SEE_COMPLAINT: "complaint",
    Action.SEE_INQUIRY: "inquiry",
}


@cache
def seats(who: str) -> Sequence[tuple[Role, str]]:
    """The posts that somebody holds; a secretary's reach to what the leader oversees."""
    if who not in EVERYBODY or who in OUTSIDE:
        return []
    held = [(Role(role), unit) for role, units in EVERYBODY[who][3] for unit in units]
    led = [unit for _, unit in seats(WRITES_FOR[who])] if who in WRITES_FOR else []
    return held + [(Role.SECRETARY, unit) for unit in led]


def may(who: str, action: Action, record: Record) -> bool:
    """What the rules say."""
    own = any(_covers(row(action).letters[role], unit, who, record) for role, unit in seats(who))
    away = STANDS_FOR.get(who)
    if away is None or not row(action).lent:
        return own
    lent = [(row(action).letters[role], unit) for role, unit in seats(away) if role in LENT]
    return own or any(
        letter > "" and _covers(letter, unit, away, Record(record.units, record.people)) for letter, unit in lent
    )


def _covers(letter: str, unit: str, who: str, record: Record) -> bool:
    match letter:
        case "a":
            return True
        case "u" | "v":
            return unit in record.units or who in record.people or who == record.writer
        case "o":
            return who in record.people or who == record.writer
    return letter == "s" and who == record.writer


def reaches_anything(who: str, action: Action) -> bool:
    lent = seats(STANDS_FOR[who]) if who in STANDS_FOR and row(action).lent else []
    held = [*seats(who), *((role, unit) for role, unit in lent if role in LENT)]
    return any(row(action).letters[role] != "-" for role, _ in held)


def hidden_from(who: str) -> Iterator[str]:
    """The canaries that this person must never be sent."""
    for target in TARGETS:
        for action, words in target.canaries.items():
            if not may(who, action, target.record(KINDS[action])):
                yield from words


# Moving in

Ids = dict[str, int]


def move_in(session: Session, house: House) -> dict[str, Ids]:
    """More people, and the customers with everything that hangs on them. Returns the ids by target and what they name."""
    units = {name: Unit(name=name) for name in MORE_UNITS}
    session.add_all(units.values())
    session.flush()
    for number, called, chat, posts in MORE.values():
        staff = Staff(number=number, name=called, telegram_id=chat, active=called != "旧人")
        session.add(staff)
        session.flush()
        for role, places in posts:
            for place in places:
                unit = company(session) if place == "公司" else unit_named(session, place)
                assert unit is not None
                ends = None if staff.active else START - timedelta(days=1)
                seat = Assignment(staff_id=key(staff), role=role, unit_id=key(unit), starts=SINCE_EVER, ends=ends)
                session.add(seat)
    session.flush()
    member(session, "secretary").superior_id = key(member(session, "vp"))
    leave = Leave(START - timedelta(days=1), START + timedelta(days=30), member(session, "substitute"))
    take(session, house, member(session, "east"), leave, START)
    found = {target.seed: _filed(session, house, target) for target in TARGETS}
    _survey(session, house, found)
    return found


def _survey(session: Session, house: House, found: dict[str, Ids]) -> None:
    """One that asks everybody, and what each of these said."""
    campaign = surveys.begin(session, house, member(session, "sales"), Half.of(START.date()), None, 1, START)
    for seed, ids in found.items():
        asked = session.exec(select(Surveyed).where(Surveyed.customer_id == ids["customer"])).one()
        said = Said(Outcome.ANSWERED, {"quality": 5}, {"words": f"密评{seed}"}, ids["owner"])
        survey_asked.replied(session, campaign, asked, said, START)
        ids["surveyed"] = key(asked)


def member(session: Session, who: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == EVERYBODY[who][0])).one()


def _filed(session: Session, house: House, target: Target) -> Ids:
    owner, unit = member(session, target.owner), unit_named(session, target.unit)
    assert unit is not None
    customer = Customer(
        name=target.legal,
        short_name=target.short,
        tier="key",
        province="陕西省",
        unit_id=key(unit),
        owner_id=key(owner),
        live_from=START.date(),
        created_at=START,
    )
    session.add(customer)
    session.flush()
    contact = Contact(
        customer_id=key(customer),
        name=target.asked["person"],
        phone=target.asked["phone"],
        email=f"{target.seed}@hidden.cn",
    )
    session.add(contact)
    session.flush()
    customers.index(session, customer)
    if target.code:
        secrecy.give(session, customer, target.code)
    found = {"customer": key(customer), "contact": key(contact), "owner": key(owner), "unit": key(unit)}
    found |= _on_file(session, target, customer, owner)
    found |= _matters(session, house, target, customer, owner)
    return found | _asked_of(session, house, target, customer, owner, found)


def _on_file(session: Session, target: Target, customer: Customer, owner: Staff) -> Ids:
    seed = target.seed
    kept = CustomerFile(customer_id=key(customer), production=f"密产{seed}", credit=f"密信{seed}", touched_at=START)
    paper = Paper(customer_id=key(customer), kind="licence", note=f"密照{seed}", by_id=key(owner), at=START)
    paper.attachments = [{"kind": "photo", "ref": "x"}]
    filing = Filing(
        customer_id=key(customer),
        facts={"name": target.legal},
        unit_id=customer.unit_id,
        by_id=key(owner),
        made_at=START,
    )
    away = Absence(
        staff_id=key(owner), starts=START + timedelta(days=40), ends=START + timedelta(days=41), made_at=START
    )
    begun = {"customer": key(customer), "summary": "没写完"}
    draft = Draft(
        staff_id=key(owner), form="complaint", answers=begun, state="kept", started_at=START, touched_at=START
    )
    session.add_all([kept, paper, filing, away, draft])
    session.flush()
    return {"paper": key(paper), "filing": key(filing), "absence": key(away), "draft": key(draft)}


def _matters(session: Session, house: House, target: Target, customer: Customer, owner: Staff) -> Ids:
    seed = target.seed
    entry = Entry(
        kind="contact",
        number=f"LX-2026-0000{target.number:02}",
        customer_id=key(customer),
        at=START,
        written_at=START,
        by_id=key(owner),
        channel="phone",
        answers={"summary": f"密谈{seed}", "anomaly": True},
    )
    write_entry(session, entry, [key(owner)], house.calendar.tz)
    told = acceptance.Accepted(
        customer=customer,
        complainant=f"{seed}诉人",
        phone=None,
        type=ComplaintType.SHIPPING if target.shipping else ComplaintType.QUALITY,
        product=f"密品{seed}",
        what=f"密诉{seed}",
        evidence=[],
        received_at=START,
        in_province=True,
        province_reason="",
        on_site_needed=True,
        amount=None,
        handler=owner,
    )
    complaint = acceptance.accept(session, house, owner, told, START)
    asked = inquiries.Received(customer, InquiryKind.QUESTION, f"{seed}询人", None, f"密询{seed}", START)
    inquiry = inquiries.open_inquiry(session, house, owner, asked, START)
    session.flush()
    return {"entry": key(entry), "matter": key(complaint.matter), "inquiry": key(inquiry.matter)}


def _asked_of(session: Session, house: House, target: Target, customer: Customer, owner: Staff, there: Ids) -> Ids:
    """What waits for the owner alone: an order, a decision, something told."""
    post = f"staff@{key(owner)}"
    given = Given(
        ANNOTATION, customer.unit_id, "请核对", post, START + timedelta(days=2), key(customer), there["entry"]
    )
    task = tasks.give(session, house, member(session, "gm"), given, START)
    session.flush()
    step = steps.Step(
        matter_id=there["matter"],
        kind="consult",
        group=900 + target.number,
        post=post,
        text="请看",
        asked_by=key(member(session, "gm")),
        asked_at=START,
    )
    clock = session.exec(
        select(Clock).where(Clock.subject_kind == "complaint", Clock.subject_id == there["matter"])
    ).first()
    assert clock is not None
    event = Event(clock_id=key(clock), cycle="9", step=0, nth=0, staff_id=key(owner), at=START)
    session.add_all([step, event])
    session.flush()
    mine = session.exec(select(Clock).where(Clock.subject_kind == tasks.SUBJECT, Clock.subject_id == key(task))).one()
    return {"task": key(task), "step": key(step), "event": key(event), "clock": key(mine)}
