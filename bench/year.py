"""A year of a company, written straight into the tables: the same for the same seed, whatever the database. Most of what the rules
ask is done, some of it late, unproven, twice or not at all; units differ, so that figures have something to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from bench.crowd import CITIES, FIRST, FORMS, GIVEN, SECOND, SURNAMES, TRADES
from bench.year_complaints import Life
from models.absences import Absence, StoodIn
from models.climbing import CALLBACK
from models.clocks import Clock
from models.customers import Customer
from models.duties import address
from models.findings import Finding
from models.people import SINCE_EVER, Assignment, Staff, Unit
from models.records import Complaint, Entry, Matter, Participant
from rules.cadence import Cycle, due_day
from rules.complaint import limit
from rules.entries import Duty
from rules.house import House
from rules.roles import ComplaintType, Role, Tier
from rules.spans import Span, windows

TIERS = (Tier.STRATEGIC,) * 1 + (Tier.KEY,) * 8 + (Tier.ORDINARY,) * 71 + (Tier.RESERVE,) * 20
WORDS = (
    "问候",
    "订单进度",
    "三季度需求",
    "价格",
    "新牌号试用",
    "货款",
    "交货期",
    "质量反馈",
    "库存",
    "来访安排",
    "合同续签",
    "样品",
)
WAYS = ("phone", "phone", "phone", "wechat", "email", "visit", "sms", "qq")
DEPARTMENTS = {
    Role.SALES_DEPT: "销售部", Role.QUALITY: "质监部", Role.LOGISTICS: "储运公司", Role.FINANCE: "财务部",
    Role.OFFICE: "公司办公室", Role.ENTERPRISE: "企业管理部", Role.AUDIT: "审计室",
}  # fmt: skip
IN_CHARGE = {
    ComplaintType.QUALITY: Role.QUALITY, ComplaintType.SHIPPING: Role.LOGISTICS, ComplaintType.PAYMENT: Role.FINANCE,
    ComplaintType.SERVICE: Role.SALES_DEPT, ComplaintType.OTHER: Role.SALES_DEPT,
}  # fmt: skip
TABLES = (
    Unit, Staff, Assignment, Absence, Customer, Clock, Matter, Complaint, Entry, Participant, StoodIn, Finding
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    staff: int = 200
    customers: int = 10_000
    units: int = 8
    complaints: int = 500


@dataclass
class Year:
    """Rows by table, made one after the other by the dice of one seed."""

    house: House
    year: int
    now: datetime
    size: Size = field(default_factory=Size)
    seed: int = 8
    rows: dict[type[SQLModel], list[dict[str, Any]]] = field(default_factory=lambda: {each: [] for each in TABLES})

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.calendar = self.house.calendar
        self.span = Span(date(self.year, 1, 1), date(self.year, 12, 31))
        self.began = self.calendar.at(date(self.year - 1, 12, 20), time(9))
        self.business: list[int] = []
        self.sellers: dict[int, list[int]] = {}
        self.holds: dict[str, list[tuple[int, datetime, datetime | None]]] = {}
        self._people()
        self._customers()
        self._clocks()
        self._duties_done()
        self._daily()
        self._taken_back()
        self._complaints()

    def put(self, table: type[SQLModel], **values: Any) -> int:
        number = len(self.rows[table]) + 1
        key = {} if table in (Complaint, Participant, StoodIn) else {"id": number}
        self.rows[table].append({**key, **values})
        return number

    # People

    def _people(self) -> None:
        company = self.put(Unit, name="公司", company=True)
        self.business = [self.put(Unit, name=f"第{n}销售部", company=False) for n in range(1, self.size.units + 1)]
        departments = {role: self.put(Unit, name=name, company=False) for role, name in DEPARTMENTS.items()}
        self._seat(Role.GENERAL_MANAGER, company)
        self._seat(Role.CHAIRMAN, company)
        for role, unit in departments.items():
            self._seat(role, unit)
        leaders = [self._staff() for _ in range(2)]
        for number, unit in enumerate(self.business):
            self._take(leaders[number % 2], Role.VICE_PRESIDENT, unit, SINCE_EVER, None)
            self._heads(unit, followed=number == 1)
        while len(self.rows[Staff]) < self.size.staff:
            unit = self.business[len(self.rows[Staff]) % len(self.business)]
            self.sellers.setdefault(unit, []).append(self._seat(Role.SALESPERSON, unit))

    def _heads(self, unit: int, *, followed: bool) -> None:
        """One unit gets a new head in the middle of the year."""
        change = self.calendar.at(date(self.year, 7, 1), time(0)) if followed else None
        self._take(self._staff(), Role.UNIT_HEAD, unit, SINCE_EVER, change)
        if change:
            self._take(self._staff(), Role.UNIT_HEAD, unit, change, None)

    def _staff(self) -> int:
        name = self.dice.choice(SURNAMES) + "".join(self.dice.choices(GIVEN, k=2))
        number = len(self.rows[Staff]) + 1
        heard = self.dice.random() > 0.04
        return self.put(Staff, number=f"G{number:05}", name=name, telegram_id=9_000_000 + number if heard else None,
                        active=True, language="zh_CN", unreachable_since=None)  # fmt: skip

    def _seat(self, role: Role, unit: int) -> int:
        staff = self._staff()
        self._take(staff, role, unit, SINCE_EVER, None)
        return staff

    def _take(self, staff: int, role: Role, unit: int, starts: datetime, ends: datetime | None) -> None:
        self.put(Assignment, staff_id=staff, role=role.value, unit_id=unit, starts=starts, ends=ends)
        self.holds.setdefault(f"{role.value}@{unit}", []).append((staff, starts, ends))

    def _holder(self, post: str, at: datetime) -> int:
        return next(staff for staff, starts, ends in self.holds[post] if starts <= at and (ends is None or at < ends))

    # Customers and what is owed for them

    def _customers(self) -> None:
        for _ in range(self.size.customers):
            unit = self.dice.choice(self.business)
            brand, trade = self.dice.choice(FIRST) + self.dice.choice(SECOND), self.dice.choice(TRADES)
            province, city = self.dice.choice(CITIES)
            new = self.dice.random() < 0.1
            opened = self.began + timedelta(days=self.dice.randrange(1, 300), hours=2) if new else self.began
            self.put(
                Customer, name=f"{city}{brand}{trade}{self.dice.choice(FORMS)}", short_name=f"{brand}{trade}",
                code_name=None, tier=self.dice.choice(TIERS).value, province=province, city=city, unit_id=unit,
                owner_id=self.dice.choice(self.sellers[unit]), credit_code=None, live_from=opened.date(),
                created_at=opened, quiet_since=opened,
            )  # fmt: skip

    def _clocks(self) -> None:
        for duty in self.house.rulebook.duties:
            for kind, subject, post, began in self._owing(duty):
                gone = kind == "customer" and self.dice.random() < 0.01
                closed = began + timedelta(days=self.dice.randrange(40, 300)) if gone else None
                closed = closed if closed and closed < self.now else None
                self.put(
                    Clock, rule=duty.id, rulebook_version=1, subject_kind=kind, subject_id=subject, post=post, cycle="",
                    anchor=began, due_at=self.now, next_at=None, snoozes=0, closed_at=closed,
                    stopped_by="no longer owed" if closed else None,
                )  # fmt: skip

    def _owing(self, duty: Duty) -> Iterator[tuple[str, int, str, datetime]]:
        if duty.each:
            for row in self.rows[Customer]:
                if row["tier"] in duty.tiers:
                    yield "customer", row["id"], address(duty, Customer(**row), 1), row["created_at"]
        elif duty.who is Role.SALESPERSON:
            for staff in (each for those in self.sellers.values() for each in those):
                yield "staff", staff, f"staff@{staff}", self.began
        elif duty.who is Role.UNIT_HEAD:
            for unit in self.business:
                yield "unit", unit, f"{duty.who.value}@{unit}", self.began
        else:
            yield "company", 1, f"{duty.who.value}@1", self.began

    # What was done

    def _duties_done(self) -> None:
        for duty in self.house.rulebook.duties:
            if duty.whom is None:
                continue
            clocks = [each for each in self.rows[Clock] if each["rule"] == duty.id]
            cycles = list(self._cycles(duty))
            for clock in clocks:
                for cycle in cycles:
                    self._cycle_done(duty, clock, cycle)

    def _cycles(self, duty: Duty) -> Iterator[Cycle]:
        day = self.calendar.local(self.now).date()
        if duty.every.number == 1:
            yield from (each.cycle for each in windows(duty, self.span, (self.year,), self.calendar, day))
        else:
            yield Cycle(self.span.first, self.span.last, str(self.year))

    def _cycle_done(self, duty: Duty, clock: dict[str, Any], cycle: Cycle) -> None:
        rate = {"1 year": 0.75, "2 years": 0.3}.get(str(duty.every), 0.9)
        for _ in range(duty.count):
            customer = self._whom(duty, clock)
            if customer is None or self.dice.random() > rate - 0.06 * (customer["unit_id"] % 6):
                continue
            last = due_day(duty.every, cycle, self.calendar) or cycle.last
            days = self.calendar.workdays(cycle.first, last)
            at = self.calendar.at(self.dice.choice(days), time(self.dice.randrange(9, 17), self.dice.randrange(60)))
            if at < min(self.now, clock["closed_at"] or self.now) and at > clock["anchor"]:
                self._talk(customer, self._who(duty, clock, customer, at), at, self.dice.choice(duty.how).value)

    def _whom(self, duty: Duty, clock: dict[str, Any]) -> dict[str, Any] | None:
        if duty.each:
            found: dict[str, Any] = self.rows[Customer][clock["subject_id"] - 1]
            return found
        some = self.dice.sample(self.rows[Customer], min(60, len(self.rows[Customer])))
        mine = [each for each in some if each["tier"] in duty.tiers]
        if clock["subject_kind"] == "unit":
            mine = [each for each in mine if each["unit_id"] == clock["subject_id"]]
        return mine[0] if mine else None

    def _who(self, duty: Duty, clock: dict[str, Any], customer: dict[str, Any], at: datetime) -> list[int]:
        if clock["post"].startswith("owner@"):
            return [int(customer["owner_id"])]
        holder = self._holder(clock["post"], at)
        return [holder, int(customer["owner_id"])] if self.dice.random() < 0.1 else [holder]

    def _daily(self) -> None:
        """Salespersons, nearly every working day; leave now and then; and some who enter the same again and again."""
        theirs: dict[int, list[dict[str, Any]]] = {}
        for row in self.rows[Customer]:
            theirs.setdefault(row["owner_id"], []).append(row)
        days = list(self.calendar.workdays(self.span.first, self.span.last))
        for staff in (each for those in self.sellers.values() for each in those):
            mine = theirs.get(staff) or [self.rows[Customer][0]]
            away = self._leave(staff, days)
            for day in days:
                at = self.calendar.at(day, time(self.dice.randrange(9, 17), self.dice.randrange(60)))
                if at >= self.now or self.dice.random() > 0.88 or any(a <= at < b for a, b in away):
                    continue
                copies = 4 if self.dice.random() < 0.004 else 1
                words = self.words()
                for _ in range(copies):
                    self._talk(self.dice.choice(mine), [staff], at, self.dice.choice(WAYS), words)

    def _leave(self, staff: int, days: Sequence[date]) -> list[tuple[datetime, datetime]]:
        if self.dice.random() > 0.5:
            return []
        first = self.dice.choice(days)
        starts, ends = (self.calendar.at(first + timedelta(days=n), time(0)) for n in (0, self.dice.randrange(1, 9)))
        self.put(Absence, staff_id=staff, substitute_id=None, starts=starts, ends=ends, made_at=starts)
        return [(starts, ends)]

    def words(self) -> str:
        return f"{self.dice.choice(WORDS)}，{self.dice.choice(WORDS)}，{self.dice.randrange(10_000)} 公斤"

    def _talk(self, customer: dict[str, Any], took_part: Sequence[int], at: datetime, way: str, words: str = "") -> int:
        late = timedelta(hours=self.dice.randrange(25, 90)) if self.dice.random() < 0.04 else timedelta(minutes=20)
        proof = way != "visit" or self.dice.random() < 0.7
        said: dict[str, Any] = {"summary": words or self.words(), "when": f"{self.calendar.local(at):%Y-%m-%dT%H:%M}"}
        if self.dice.random() < 0.004:
            said["anomaly"] = True
            self._decided(len(self.rows[Entry]) + 1, at)
        return self.entry("contact", customer["id"], took_part, at, min(at + late, self.now), said, channel=way,
                           attachments=[{"kind": "photo", "ref": "x"}] if way == "visit" and proof else [])  # fmt: skip

    def _decided(self, entry: int, at: datetime) -> None:
        """By somebody, by itself, or not yet."""
        decision, by = self.dice.choice((("reported", 1), ("reported", None), ("not_reported", 1), (None, None)))
        if decision:
            self.put(Finding, decision=decision, entry_id=entry, by_id=by, at=at, text="")

    def entry(
        self, kind: str, customer: int, took_part: Sequence[int], at: datetime, written: datetime, answers: dict[str, Any],
        *, channel: str | None = None, matter: int | None = None, attachments: Sequence[Any] = (), withdraws: int | None = None,
    ) -> int:  # fmt: skip
        number = self.put(
            Entry, kind=kind, number=None, customer_id=customer, matter_id=matter, at=at, written_at=written,
            by_id=took_part[0], channel=channel, answers=answers, attachments=list(attachments), withdraws=withdraws,
        )  # fmt: skip
        for each in dict.fromkeys(took_part):
            self.put(Participant, entry_id=number, staff_id=each)
        return number

    def without_matter(self) -> None:
        """The last entry belongs to no complaint."""
        self.rows[Entry][-1]["matter_id"] = None

    def _taken_back(self) -> None:
        """Some are taken back, some corrected."""
        for row in self.dice.sample(self.rows[Entry], len(self.rows[Entry]) // 100):
            written = min(row["written_at"] + timedelta(minutes=5), self.now)
            if self.dice.random() < 0.5:
                self.entry("withdrawal", row["customer_id"], [row["by_id"]], written, written, {}, withdraws=row["id"])
            else:
                self.entry("contact", row["customer_id"], [row["by_id"]], row["at"], written, row["answers"],
                            channel=row["channel"], attachments=row["attachments"], withdraws=row["id"])  # fmt: skip

    # Complaints

    def _complaints(self) -> None:
        for number in range(1, self.size.complaints + 1):
            customer = self.dice.choice(self.rows[Customer])
            spread = self.now - self.calendar.at(self.span.first, time(9))
            at = self.calendar.at(self.span.first, time(9)) + spread * (number / (self.size.complaints + 1))
            self._complaint(number, customer, at.replace(microsecond=0))
        self._called_back()

    def _called_back(self) -> None:
        """A callback settles every complaint of the customer that was closed before it (`models.promises.called_back`)."""
        calls = [each for each in self.rows[Entry] if each["kind"] == "callback"]
        for clock in (each for each in self.rows[Clock] if each["rule"] == CALLBACK):
            customer = self.rows[Matter][clock["subject_id"] - 1]["customer_id"]
            since = [
                each for each in calls if each["customer_id"] == customer and each["written_at"] >= clock["anchor"]
            ]
            if since:
                first = min(since, key=lambda each: each["written_at"])
                clock["closed_at"], clock["stopped_by"] = first["written_at"], f"entry {first['id']}"

    def _complaint(self, number: int, customer: dict[str, Any], at: datetime) -> None:
        life = Life(self, customer, at)
        kind = self.dice.choice([*ComplaintType, ComplaintType.QUALITY])
        inside = customer["province"] == self.house.province
        matter = self.put(
            Matter, kind="complaint", number=f"TS-{self.year}-{number:04}", customer_id=customer["id"],
            unit_id=customer["unit_id"], state="handed_on", cycle=1, opened_at=at, opened_by=customer["owner_id"], closed_at=None,
        )  # fmt: skip
        due = limit(at, inside, self.house.rulebook.deadline)
        self.put(
            Complaint, matter_id=matter, complainant="张工", type=kind.value, product=self.dice.choice(TRADES), what="开裂",
            evidence=[], received_at=at, in_province=inside, province_reason="", on_site_needed=True, major=False,
            department=IN_CHARGE[kind].value, handler_id=customer["owner_id"], limit_at=due, rulebook_version=1,
            responsible_unit_id=customer["unit_id"], entrusted_at=at, handle_by=at + timedelta(days=7),
        )  # fmt: skip
        life.goes(matter, due)


def write(session: Session, year: Year) -> None:
    """All of it, table by table."""
    for table, rows in year.rows.items():
        for start in range(0, len(rows), 5_000):
            session.execute(insert(table), rows[start : start + 5_000])
