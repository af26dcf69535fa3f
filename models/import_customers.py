"""The list of customers, checked: every row belongs to one customer, and one customer may have several rows.

Rows with the same credit code, or the same name and province, are one customer with several people (联系人); what else they
say of the customer must agree. In the database a customer is found by credit code, then by name and province, then by a name
that only one customer there has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from sqlmodel import Session, col, select

from models.customers import FORMER, LEGAL, Customer, SearchKey
from models.importing import Column, Review, Row, check_filled, code, phone
from models.people import Staff, Unit, key
from models.provinces import read_province
from reading.dates import Direction, find_date
from reading.names import normalise
from rules.house import House
from rules.roles import Tier, read_tier

COLUMNS: Final = (
    Column("name", "客户名称", ("单位名称", "客户", "客户单位", "公司名称", "企业名称", "customer"), required=True),
    Column("short_name", "简称", ("客户简称",)),
    Column("code_name", "代号", ("涉密代号", "涉密", "code name")),
    Column("tier", "层级", ("客户层级", "客户类别", "客户等级", "级别"), required=True),
    Column("province", "省份", ("省", "所在省份"), required=True),
    Column("city", "城市", ("市", "所在城市")),
    Column("unit", "所属业务单位", ("业务单位", "所属单位", "business unit"), required=True),
    Column("owner", "责任业务员", ("业务员", "客户经理", "负责人", "责任业务员工号", "业务员工号"), required=True),
    Column("person", "联系人", ("联系人姓名", "contact")),
    Column("title", "职务", ("联系人职务",)),
    Column("phone", "电话", ("联系电话", "联系人电话", "手机", "手机号")),
    Column("email", "邮箱", ("电子邮箱", "邮件", "e-mail")),
    Column("credit_code", "统一社会信用代码", ("信用代码", "社会信用代码")),
    Column("last_contact", "最近沟通日期", ("最近沟通时间",)),
    Column("last_contact_by", "最近沟通人"),
    Column("last_visit", "最近走访日期", ("最近走访时间",)),
    Column("last_visit_by", "最近走访人"),
)
TALKS: Final = (("last_contact", "phone"), ("last_visit", "visit"))
"""The columns with the day of a talk, and the channel that it counts as."""
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
_TELLING: Final = ("name", "short_name", "person", "city", "phone")
_MARKS: Final = {"是", "否", "yes", "no", "涉密"}
"""What stands where a name was wanted: a mark without a code name says nothing that could be used."""
_NOON = time(12)
AT_ONCE: Final = 1000
"""Names in one question to the database."""


@dataclass(frozen=True)
class Contact:
    """A person at the customer."""

    name: str
    title: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class Talk:
    """What was done before the list was written; `by` is a staff id."""

    at: datetime
    channel: str
    by: int


@dataclass(frozen=True)
class Facts:
    """What a row says of the customer itself. None: the cell is empty."""

    name: str
    tier: str
    province: str
    unit_id: int
    owner_id: int
    short_name: str | None
    city: str | None
    credit_code: str | None
    code_name: str | None = None


FIELDS: Final = tuple(Facts.__dataclass_fields__)
_COLUMN_OF: Final = {"unit_id": "unit", "owner_id": "owner"}


@dataclass(frozen=True)
class Line:
    """A row that was understood."""

    row: Row
    facts: Facts
    contact: Contact | None
    talks: tuple[Talk, ...]


@dataclass
class Group:
    """The rows of one customer, and the one in the database that they mean."""

    lines: list[Line] = field(default_factory=list)
    known: Customer | None = None
    joins: bool = False
    """It goes by another name than the one on file, which stays: the rows only add what is not known."""
    keeps_tier: bool = False
    """The tier on file stays: a list does not change it (article 12)."""

    @property
    def facts(self) -> dict[str, Any]:
        """What the rows say together: the first that is not empty."""
        found = {name: next((v for each in self.lines if (v := getattr(each.facts, name))), None) for name in FIELDS}
        return {**found, "tier": None} if self.keeps_tier else found


class Reader:
    """Understands rows against the staff and the units as they are."""

    def __init__(self, session: Session, house: House, now: datetime, review: Review) -> None:
        staff = list(session.exec(select(Staff)))
        self.everybody = {each.number: key(each) for each in staff}
        self.active = {each.number for each in staff if each.active}
        self.units = {normalise(unit.name): key(unit) for unit in session.exec(select(Unit)) if not unit.company}
        self.house = house
        self.now = now
        self.review = review
        self._dates: dict[str, datetime | None] = {}

    def line(self, row: Row) -> Line | None:
        check_filled(row, self.review)
        facts = self._facts(row)
        contact = self._contact(row)
        talks = tuple(talk for day, channel in TALKS if (talk := self._talk(row, day, channel)))
        return None if facts is None or self.review.is_bad(row) else Line(row, facts, contact, talks)

    def _facts(self, row: Row) -> Facts | None:
        tier, province = self._tier(row), self._province(row)
        unit = self._unit(row)
        owner = self._owner(row)
        if tier is None or province is None or unit is None or owner is None:
            return None
        return Facts(
            name=row.get("name"),
            tier=tier.value,
            province=province,
            unit_id=unit,
            owner_id=owner,
            short_name=row.get("short_name") or None,
            city=row.get("city") or None,
            credit_code=self._credit_code(row),
            code_name=self._code_name(row),
        )

    def _tier(self, row: Row) -> Tier | None:
        value = row.get("tier")
        tier = read_tier(value)
        if value and tier is None:
            self.review.wrong(row, "tier", "unknown_tier", value=value, expected="战略、重点、一般、储备")
        return tier

    def _province(self, row: Row) -> str | None:
        """As the configuration writes it where it is the company's own, otherwise the official name."""
        value = row.get("province")
        province = read_province(value)
        if value and province is None:
            self.review.wrong(row, "province", "unknown_province", value=value)
        own = province is not None and province == read_province(self.house.province)
        return self.house.province if own else province

    def _unit(self, row: Row) -> int | None:
        value = row.get("unit")
        unit = self.units.get(normalise(value))
        if value and unit is None:
            self.review.wrong(row, "unit", "unknown_unit", value=value)
        return unit

    def _owner(self, row: Row) -> int | None:
        number = code(row.get("owner"))
        if number and number not in self.active:
            self.review.wrong(row, "owner", "unknown_staff", value=number)
        return self.everybody.get(number) if number in self.active else None

    def _by(self, row: Row, column: str) -> int | None:
        """Who talked, perhaps no longer here; the owner where nobody is named."""
        number = code(row.get(column)) or code(row.get("owner"))
        if row.get(column) and number not in self.everybody:
            self.review.wrong(row, column, "nobody", value=number)
        return self.everybody.get(number)

    def _credit_code(self, row: Row) -> str | None:
        value = code(row.get("credit_code")).upper()
        if value and not _CREDIT_CODE.fullmatch(value):
            self.review.wrong(row, "credit_code", "credit_code", value=value)
        return value or None

    def _code_name(self, row: Row) -> str | None:
        """Of a customer marked 涉密. It must not be, contain or be part of what the row says of the customer."""
        code = row.get("code_name")
        plain, told = normalise(code), [normalise(row.get(each)) for each in _TELLING if row.get(each)]
        if code and (len(plain) < 2 or plain in _MARKS or any(each in plain or plain in each for each in told)):
            self.review.wrong(row, "code_name", "code_name", value=code)
        return code or None

    def _contact(self, row: Row) -> Contact | None:
        number, email = phone(row, "phone", self.review), row.get("email")
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            self.review.wrong(row, "email", "email", value=email)
        said = [each.title for each in COLUMNS if each.key in ("title", "phone", "email") and row.get(each.key)]
        if said and not row.get("person"):
            self.review.wrong(row, "person", "no_person", value="、".join(said))
        if not row.get("person"):
            return None
        return Contact(row.get("person"), row.get("title") or None, number, email or None)

    def _talk(self, row: Row, column: str, channel: str) -> Talk | None:
        text, by_column = row.get(column), f"{column}_by"
        by = self._by(row, by_column)
        if not text:
            if row.get(by_column):
                title = next(each.title for each in COLUMNS if each.key == by_column)
                self.review.wrong(row, column, "no_date", value=title)
            return None
        at = self._date(text)
        if at is None:
            self.review.wrong(row, column, "date", value=text)
        elif at > self.now:
            self.review.wrong(row, column, "future", value=text)
        return Talk(at, channel, by) if at is not None and by is not None else None

    def _date(self, text: str) -> datetime | None:
        if text not in self._dates:
            self._dates[text] = self._read_date(text)
        return self._dates[text]

    def _read_date(self, text: str) -> datetime | None:
        """An instant, or a day's noon (of today: no later than now); None when it is not one date and nothing else."""
        calendar = self.house.calendar
        found = find_date(text, self.now, Direction.PAST, calendar)
        if found is None or text[: found.start].strip() or text[found.end :].strip():
            return None
        match found.value:
            case datetime() as moment:
                return moment
            case date() as day:
                noon = calendar.at(day, _NOON)
                return min(noon, calendar.local(self.now)) if day == calendar.local(self.now).date() else noon
        return None


def check(session: Session, house: House, rows: Iterable[Row], now: datetime) -> tuple[list[Group], Review]:
    """The customers whose rows are right, and what is wrong with the other rows."""
    review = Review(COLUMNS)
    reader = Reader(session, house, now, review)
    groups = _grouped([line for row in rows if (line := reader.line(row))], review)
    _find_known(session, groups, review)
    _one_code_each(session, groups, review)
    _keep_tiers(groups, review, house.calendar.local(now).date())
    return [group for group in groups if group.lines], review


def _grouped(lines: Sequence[Line], review: Review) -> list[Group]:
    by_code: dict[str, Group] = {}
    by_name: dict[tuple[str, str], Group] = {}
    groups: list[Group] = []
    for line in lines:
        facts = line.facts
        name = normalise(facts.name), facts.province
        group = (by_code.get(facts.credit_code) if facts.credit_code else None) or by_name.get(name)
        if group is None:
            group = Group()
            groups.append(group)
        if _agrees(line, group, review):
            group.lines.append(line)
            by_name.setdefault(name, group)
            if facts.credit_code:
                by_code.setdefault(facts.credit_code, group)
    return groups


def _agrees(line: Line, group: Group, review: Review) -> bool:
    """Whether the row says the same of the customer as the rows before it."""
    agrees = True
    for name in FIELDS:
        mine = getattr(line.facts, name)
        other = next((each for each in group.lines if getattr(each.facts, name)), None)
        if mine and other and not _same(mine, getattr(other.facts, name)):
            column = _COLUMN_OF.get(name, name)
            shown = {"value": line.row.get(column), "other": other.row.get(column)}
            review.wrong(line.row, column, "differs", line=other.row.line, **shown)
            agrees = False
    return agrees


def _same(one: str | int, other: str | int) -> bool:
    return normalise(str(one)) == normalise(str(other))


def _find_known(session: Session, groups: Sequence[Group], review: Review) -> None:
    standing = [group for group in groups if group.lines]
    filed = _filed(session, standing)
    named = _count(normalise(group.lines[0].facts.name) for group in standing)
    claimed: dict[int, Group] = {}
    for group in standing:
        first = group.lines[0].facts
        same_name = filed.by_name.get(normalise(first.name), [])
        here = [each for each in same_name if _province(each.province) == _province(first.province)]
        alone = same_name if len(same_name) == 1 == named[normalise(first.name)] else []
        coded = filed.by_code.get(str(group.facts["credit_code"]))
        known = coded or next(iter([*here, *alone]), None)
        if known is None and (former := filed.former(group)) is not None:
            group.known, group.joins = former, True
        elif known and (key(known) in claimed or (coded and here and coded not in here)):
            for line in group.lines:
                review.wrong(line.row, "name", "two_customers", value="、".join({known.name, first.name}))
            group.lines.clear()
        elif known:
            group.known = known
            claimed[key(known)] = group


@dataclass
class _Filed:
    """The customers on file that the rows may mean, by credit code, name, and names that they had before."""

    by_code: dict[str, Customer]
    by_name: dict[str, list[Customer]]
    by_former: dict[str, list[Customer]]

    def former(self, group: Group) -> Customer | None:
        """The one customer that was called so before, unless the credit codes tell that it is another."""
        found = self.by_former.get(normalise(group.lines[0].facts.name), [])
        codes = {each for each in (group.facts["credit_code"], *(one.credit_code for one in found)) if each}
        return found[0] if len(found) == 1 and len(codes) < 2 else None


def _filed(session: Session, groups: Sequence[Group]) -> _Filed:
    """Only those are read that may be meant: a long list comes in by parts, and each must not read the whole company."""
    filed = _Filed({}, {}, {})
    for start in range(0, len(groups), AT_ONCE):
        part = groups[start : start + AT_ONCE]
        codes = [str(code) for group in part if (code := group.facts["credit_code"])]
        names = [normalise(group.lines[0].facts.name) for group in part]
        for each in session.exec(select(Customer).where(col(Customer.credit_code).in_(codes))):
            filed.by_code[str(each.credit_code)] = each
        keys = (
            select(Customer, SearchKey.text, SearchKey.kind)
            .join(SearchKey)
            .where(col(SearchKey.text).in_(names), col(SearchKey.whole), col(SearchKey.kind).in_((LEGAL, FORMER)))
        )
        for customer, text, kind in session.exec(keys.order_by(col(Customer.id))):
            found = (filed.by_name if kind == LEGAL else filed.by_former).setdefault(text, [])
            if customer not in found:
                found.append(customer)
    return filed


def _one_code_each(session: Session, groups: Sequence[Group], review: Review) -> None:
    """A code name stands for one customer."""
    coded = select(Customer).where(col(Customer.code_name).is_not(None))
    taken = {normalise(each.code_name or ""): key(each) for each in session.exec(coded)}
    for number, group in enumerate((each for each in groups if each.lines), 1):
        code = normalise(str(group.facts["code_name"] or ""))
        me = key(group.known) if group.known else -number
        if code and taken.setdefault(code, me) != me:
            for line in group.lines:
                review.wrong(line.row, "code_name", "code_taken", value=group.facts["code_name"])
            group.lines.clear()


def _keep_tiers(groups: Sequence[Group], review: Review, today: date) -> None:
    """The tier of a customer on file changes by a proposal only; on the day on which it came in, a list may still put it right."""
    for group in groups:
        known = group.known
        if known is None or group.joins or not group.lines or known.live_from == today:
            continue
        if group.facts["tier"] != known.tier:
            told = {"value": Tier(group.lines[0].facts.tier).chinese, "was": Tier(known.tier).chinese}
            review.remark(group.lines[0].row, "tier", "tier_kept", **told)
            group.keeps_tier = True


def _province(name: str) -> str:
    return read_province(name) or name


def _count(names: Iterable[str]) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for name in names:
        counted[name] = counted.get(name, 0) + 1
    return counted
