"""The list of customers comes in: found by every name, owed what the rules say, and nothing overdue on the day of going live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.asking import EVERYONE
from bot.imports import Import, Outcome, run_import
from bot.tables import Table
from models import customers
from models.audit import AuditBody
from models.clocks import Clock, running
from models.customers import Customer, Person
from models.duties import sync
from models.people import Staff, key
from models.records import Entry, last_entries, participants
from models.store import Store
from rules.house import House
from tests.conftest import a_house

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday 25 November 2026, 10:00 in the company's time zone."""
LATER = NOW + timedelta(days=7)

STAFF = """
工号 | 姓名   | 单位         | 角色       | 分管
S01  | 安然   | 西北销售一部 | 业务员     |
S02  | 艾梅   | 西北销售一部 | 业务员     |
U01  | 何建国 | 西北销售一部 | 单位负责人 |
V01  | 魏立   | 公司领导     | 分管副总   | 西北销售一部
"""
HEAD = "客户名称 | 简称 | 层级 | 省份 | 城市 | 所属业务单位 | 责任业务员 | 联系人 | 职务 | 电话 | 邮箱 | 统一社会信用代码\n"
CODE = "91610000123456789X"
HUAHANG = f"西安华航橡胶有限公司|华航橡胶|重点|陕西|西安|西北销售一部|S01|张伟|总工|13800138001|zw@hh.cn|{CODE}\n"
YUANDA = "咸阳远大密封件厂|远大密封|一般客户|陕西省||西北销售一部|S02|||||\n"
TALKS = "客户名称 | 层级 | 省份 | 业务单位 | 业务员 | 最近沟通日期 | 最近沟通人 | 最近走访日期 | 最近走访人\n"


def table(text: str) -> Table:
    """A list written with bars; the headings are line 1."""
    lines = [tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()]
    return Table(lines[0], tuple(enumerate(lines[1:], 2)))


def bring_in(
    store: Store,
    house: House,
    text: str,
    now: datetime = NOW,
    *,
    dry_run: bool = False,
    good_only: bool = False,
) -> Outcome:
    asked = Import("customers", table(text), "customers.csv", now, dry_run=dry_run, good_only=good_only)
    return run_import(store, house, asked, lambda done, total: None)


def hire(store: Store, house: House) -> None:
    outcome = run_import(store, house, Import("staff", table(STAFF), "staff.csv", NOW), lambda done, total: None)
    assert outcome.written


@pytest.fixture
def staffed(store: Store, house: House) -> Store:
    hire(store, house)
    return store


def counts(outcome: Outcome) -> tuple[int, int, int]:
    assert outcome.review.problems == [], list(map(str, outcome.review.problems))
    return len(outcome.tally.added), len(outcome.tally.changed), outcome.tally.unchanged


def only(session: Session) -> Customer:
    return session.exec(select(Customer)).one()


def due(session: Session, rule: str) -> date:
    return session.exec(select(Clock).where(Clock.rule == rule)).one().due_at.date()


def test_customers_come_in_with_their_owner_unit_and_people(staffed: Store, house: House) -> None:
    assert counts(bring_in(staffed, house, HEAD + HUAHANG + YUANDA)) == (2, 0, 0)
    with staffed.read() as session:
        huahang = customers.find(session, "华航橡胶", EVERYONE)[0]
        unit, owner = customers.unit_and_owner(session, huahang)
        assert (huahang.tier, huahang.province, huahang.city) == ("key", "陕西省", "西安")
        assert (unit.name, owner.number, huahang.credit_code) == ("西北销售一部", "S01", CODE)
        assert huahang.live_from == date(2026, 11, 25)
        met = customers.people(session, key(huahang))
        assert [(each.name, each.title, each.phone, each.email) for each in met] == [
            ("张伟", "总工", "13800138001", "zw@hh.cn")
        ]


@pytest.mark.parametrize("text", ["华航", "hhxj", "huahang", "张伟", "zhangwei", "8001", "西安华航橡胶有限公司"])
def test_they_are_found_by_name_sound_person_and_phone(staffed: Store, house: House, text: str) -> None:
    bring_in(staffed, house, HEAD + HUAHANG + YUANDA)
    with staffed.read() as session:
        assert [each.called for each in customers.find(session, text, EVERYONE)] == ["华航橡胶"]


def test_the_search_knows_an_imported_customer_as_it_knows_any_other(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG)
    with staffed.write() as session:
        keys = select(customers.SearchKey.text, customers.SearchKey.kind, customers.SearchKey.whole)
        imported = set(session.exec(keys))
        customers.index(session, only(session))
        session.flush()
        assert set(session.exec(keys)) == imported


def test_on_going_live_nothing_is_overdue_and_first_days_are_spread(staffed: Store, house: House) -> None:
    rows = "".join(f"客户{number}厂||一般|陕西||西北销售一部|S01|||||\n" for number in range(40))
    bring_in(staffed, house, HEAD + rows)
    with staffed.read() as session:
        clocks = list(session.exec(select(Clock).where(Clock.closed_at == None)))  # noqa: E711
        assert {each.rule for each in clocks} >= {"R14.3", "R17.6"}
        assert min(each.due_at for each in clocks) > NOW
        assert len({each.due_at for each in clocks if each.rule == "R14.3"}) > 10


def test_talks_before_going_live_count(staffed: Store, house: House) -> None:
    """The unit head phoned this month and the salesperson paid a visit: only then may the next month be owed first."""
    bring_in(staffed, house, TALKS + "甲厂|一般|陕西|西北销售一部|S01|2026-11-20|U01|11月3日|")
    with staffed.read() as session:
        customer = only(session)
        talks = last_entries(session, key(customer))
        assert [(each.channel, each.at.astimezone(house.calendar.tz).date()) for each in talks] == [
            ("phone", date(2026, 11, 20)),
            ("visit", date(2026, 11, 3)),
        ]
        names = [session.get_one(Staff, participants(session, key(each))[0]).number for each in talks]
        assert names == ["U01", "S01"]
        assert {each.number for each in talks} == {"LX-2026-000001", "LX-2026-000002"}
        assert {each.answers["source"] for each in talks} == {"import"}


def test_a_talk_of_this_month_fulfils_its_duty(staffed: Store, house: House) -> None:
    done, not_done = "甲厂|一般|陕西|西北销售一部|S01|2026-12-01|U01||", "乙厂|一般|陕西|西北销售一部|S01||||"
    bring_in(staffed, house, TALKS + done + "\n" + not_done, datetime(2026, 12, 2, 2, tzinfo=UTC))
    with staffed.read() as session:
        cycles = {
            session.get_one(Customer, each.subject_id).name: each.cycle
            for each in session.exec(select(Clock).where(Clock.rule == "R14.3"))
        }
    assert cycles == {"甲厂": "2027-01", "乙厂": "2026-12"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/11/20", date(2026, 11, 20)),
        ("2026.11.20", date(2026, 11, 20)),
        ("2026年11月20日", date(2026, 11, 20)),
        ("20261120", date(2026, 11, 20)),
        ("2026-11-20 15:30", date(2026, 11, 20)),
        ("11月20日", date(2026, 11, 20)),
        ("上周五", date(2026, 11, 20)),
        ("昨天", date(2026, 11, 24)),
        ("今天", date(2026, 11, 25)),
    ],
)
def test_days_are_read_as_people_write_them(furnished_store: Store, house: House, text: str, day: date) -> None:
    outcome = bring_in(furnished_store, house, TALKS + f"甲{text}厂|一般|陕西|西北销售一部|S01|{text}|||")
    assert counts(outcome) == (1, 0, 0)
    with furnished_store.read() as session:
        entry = session.exec(select(Entry).order_by(Entry.id.desc())).first()  # type: ignore[union-attr]
        assert entry is not None
        assert entry.at.astimezone(house.calendar.tz).date() == day
        assert entry.at <= NOW


def test_several_rows_of_one_customer_add_their_people(staffed: Store, house: House) -> None:
    second = HUAHANG.replace("张伟|总工|13800138001|zw@hh.cn", "李娜|采购|13900139002|")
    nameless = second.replace("西安华航橡胶有限公司", "西安华航橡胶有限公司 ").replace(CODE, "").replace("李娜", "王芳")
    assert counts(bring_in(staffed, house, HEAD + HUAHANG + second + nameless)) == (1, 0, 0)
    with staffed.read() as session:
        assert [each.name for each in customers.people(session, key(only(session)))] == ["张伟", "李娜", "王芳"]


def test_the_same_name_in_another_province_is_another_customer(staffed: Store, house: House) -> None:
    rows = HEAD + YUANDA + YUANDA.replace("陕西省", "江苏")
    assert counts(bring_in(staffed, house, rows)) == (2, 0, 0)
    assert counts(bring_in(staffed, house, rows, LATER)) == (0, 0, 2)


def test_a_namesake_in_another_province_may_come_later(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + YUANDA)
    assert counts(bring_in(staffed, house, HEAD + YUANDA + YUANDA.replace("陕西省", "江苏"), LATER)) == (1, 0, 1)


def test_importing_again_doubles_nothing(staffed: Store, house: House) -> None:
    text = TALKS + "甲厂|一般|陕西|西北销售一部|S01|2026-11-20||11月3日|U01"
    bring_in(staffed, house, text)
    bring_in(staffed, house, HEAD + HUAHANG)
    assert counts(bring_in(staffed, house, text, LATER)) == (0, 0, 1)
    assert counts(bring_in(staffed, house, HEAD + HUAHANG, LATER)) == (0, 0, 1)
    with staffed.read() as session:
        assert len(session.exec(select(Entry)).all()) == 2
        assert len(session.exec(select(Person)).all()) == 1


def test_importing_again_updates_and_keeps_the_day_of_going_live(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG)
    changed = "西安华航橡胶有限公司||重点|陕西||西北销售一部|S02|张伟|厂长|||"
    outcome = bring_in(staffed, house, HEAD + changed, LATER)
    assert counts(outcome) == (0, 1, 0)
    with staffed.read() as session:
        huahang = only(session)
        _, owner = customers.unit_and_owner(session, huahang)
        assert (huahang.tier, owner.number, huahang.live_from) == ("key", "S02", date(2026, 11, 25))
        assert (huahang.short_name, huahang.credit_code) == ("华航橡胶", CODE)
        met = customers.people(session, key(huahang))
        assert [(each.title, each.phone) for each in met] == [("厂长", "13800138001")]


def test_a_customer_is_known_again_by_its_credit_code_under_a_new_name(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG)
    assert counts(bring_in(staffed, house, HEAD + HUAHANG.replace("橡胶有限", "橡塑有限"), LATER)) == (0, 1, 0)
    with staffed.read() as session:
        assert [each.name for each in customers.find(session, "橡塑", EVERYONE)] == ["西安华航橡塑有限公司"]


def test_a_customer_that_moved_to_another_province_is_the_same(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + YUANDA)
    assert counts(bring_in(staffed, house, HEAD + YUANDA.replace("陕西省", "甘肃"), LATER)) == (0, 1, 0)


def test_a_later_talk_moves_the_clocks_of_a_known_customer(staffed: Store, house: House) -> None:
    bring_in(staffed, house, TALKS + "甲厂|一般|陕西|西北销售一部|S01||||")
    with staffed.read() as session:
        before = due(session, "R14.3")
    december = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)
    bring_in(staffed, house, TALKS + "甲厂|一般|陕西|西北销售一部|S01|2026-12-07|U01||", december)
    with staffed.read() as session:
        assert due(session, "R14.3") > before
        assert session.exec(select(Clock).where(Clock.rule == "R14.3")).one().cycle == "2027-01"


def test_the_clocks_are_those_that_the_rules_call_for(staffed: Store, house: House) -> None:
    """Nothing is left for the next start to put right."""
    bring_in(staffed, house, HEAD + HUAHANG + YUANDA)
    with staffed.write() as session:
        assert running(session, "customer", key(customers.find(session, "华航橡胶", EVERYONE)[0]))
        assert sync(session, house, NOW) == 0


def test_the_import_is_on_record_with_what_was_and_what_is(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG)
    bring_in(staffed, house, HEAD + HUAHANG.replace("|西安|", "|咸阳|"), LATER)
    with staffed.read() as session:
        bodies = [each.body for each in session.exec(select(AuditBody).order_by(AuditBody.audit_id))]  # type: ignore[arg-type]
    assert bodies[-1]["changed"] == {"西安华航橡胶有限公司": {"city": ["西安", "咸阳"]}}


def test_a_list_changes_no_tier_of_a_customer_on_file_but_on_its_first_day(staffed: Store, house: House) -> None:
    """Article 12: that takes a proposal. What came in wrongly today may be put right today."""
    bring_in(staffed, house, HEAD + HUAHANG)
    outcome = bring_in(staffed, house, HEAD + HUAHANG.replace("重点", "一般"))
    assert (counts(outcome), outcome.review.remarks) == ((0, 1, 0), [])
    outcome = bring_in(staffed, house, HEAD + HUAHANG.replace("重点", "战略"), LATER)
    assert counts(outcome) == (0, 0, 1)
    assert [str(each) for each in outcome.review.remarks] == [
        "第 2 行，层级：层级仍为「一般」，没有改成「战略合作伙伴」：已有客户的层级要经拟调层级（/tiers）改变"
    ]
    with staffed.read() as session:
        assert only(session).tier == "ordinary"


@pytest.fixture(scope="module")
def furnished_store(tmp_path_factory: pytest.TempPathFactory, rulebook_text: str) -> Iterator[Store]:
    """The staff is here; for lists that must not get in, and for single customers of their own."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('furnished') / 'keguan.db'}")
    store.upgrade()
    hire(store, a_house(rulebook_text))
    yield store
    store.close()


FAULTS = [
    ("层级", "钻石", "没有「钻石」这个层级，应为：战略、重点、一般、储备"),
    ("层级", "", "没有填写"),
    ("省份", "西安", "「西安」不是省份"),
    ("所属业务单位", "西北销售九部", "没有叫「西北销售九部」的单位"),
    ("责任业务员", "S99", "没有工号为「S99」的在职人员"),
    ("责任业务员", "安然", "没有工号为「安然」的在职人员"),
    ("联系人", "", "填了职务、电话、邮箱，没有填联系人"),
    ("电话", "n/a", "「n/a」不像电话号码"),
    ("邮箱", "zw.hh.cn", "「zw.hh.cn」不像邮箱"),
    ("统一社会信用代码", "12345", "「12345」不是 18 位统一社会信用代码"),
    ("客户名称", "华" * 201, "太长，最多 200 个字"),
]


@pytest.mark.parametrize(("column", "value", "reason"), FAULTS)
def test_a_wrong_cell_is_named_by_line_and_column(
    furnished_store: Store, house: House, column: str, value: str, reason: str
) -> None:
    at = [heading.strip() for heading in HEAD.split("|")].index(column)
    cells = HUAHANG.strip().split("|")
    cells[at] = value
    outcome = bring_in(furnished_store, house, HEAD + YUANDA + "|".join(cells))
    problem = outcome.review.problems[0]
    assert str(problem).startswith(f"第 3 行，{column}：{reason}")
    assert not outcome.written


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        ("2026-11-26|||", "第 2 行，最近沟通日期：2026-11-26 还没有到，这里只填已经发生的"),
        ("2026-11-25 18:00|||", "第 2 行，最近沟通日期：2026-11-25 18:00 还没有到"),
        ("很久以前|||", "第 2 行，最近沟通日期：看不懂日期「很久以前」"),
        ("2026-02-30|||", "第 2 行，最近沟通日期：看不懂日期「2026-02-30」"),
        ("上周|||", "第 2 行，最近沟通日期：看不懂日期「上周」"),
        ("2026-11-20|S99||", "第 2 行，最近沟通人：没有工号为「S99」的人"),
        ("||2030年1月1日|", "第 2 行，最近走访日期：2030年1月1日 还没有到"),
        ("|||S01", "第 2 行，最近走访日期：填了最近走访人，没有填日期"),
    ],
)
def test_a_talk_must_have_happened(furnished_store: Store, house: House, talk: str, said: str) -> None:
    outcome = bring_in(furnished_store, house, TALKS + f"甲厂|一般|陕西|西北销售一部|S01|{talk}")
    assert [str(each)[: len(said)] for each in outcome.review.problems] == [said]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (HUAHANG.replace("重点", "一般"), "第 3 行，层级：与第 2 行是同一客户，这一项却不同：一般 / 重点"),
        (HUAHANG.replace("S01", "S02"), "第 3 行，责任业务员：与第 2 行是同一客户"),
        (HUAHANG.replace("华航橡胶有限", "华航轮胎有限"), "第 3 行，客户名称：与第 2 行是同一客户"),
        (HUAHANG.replace(CODE, "916100001234567890"), "第 3 行，统一社会信用代码：与第 2 行是同一客户"),
    ],
)
def test_rows_of_one_customer_must_agree(furnished_store: Store, house: House, second: str, said: str) -> None:
    outcome = bring_in(furnished_store, house, HEAD + HUAHANG + second)
    assert str(outcome.review.problems[0]).startswith(said)


def test_a_name_and_a_code_of_two_customers_are_not_guessed_at(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG + YUANDA)
    mixed = YUANDA.replace("|||||", f"|||||{CODE}")
    outcome = bring_in(staffed, house, HEAD + mixed, LATER)
    assert [each.key for each in outcome.review.problems] == ["two_customers"]


def test_two_rows_do_not_both_mean_the_same_customer_on_file(staffed: Store, house: House) -> None:
    bring_in(staffed, house, HEAD + HUAHANG)
    renamed, as_it_was = HUAHANG.replace("橡胶有限", "橡塑有限"), HUAHANG.replace(CODE, "")
    outcome = bring_in(staffed, house, HEAD + renamed + as_it_was, LATER)
    assert [(each.line, each.key) for each in outcome.review.problems] == [(3, "two_customers")]


def test_one_wrong_row_keeps_all_out_unless_the_good_ones_are_asked_for(staffed: Store, house: House) -> None:
    text = HEAD + HUAHANG + YUANDA.replace("一般客户", "？")
    assert not bring_in(staffed, house, text).written
    with staffed.read() as session:
        assert session.exec(select(Customer)).all() == []
    outcome = bring_in(staffed, house, text, good_only=True)
    assert (outcome.tally.added, outcome.review.bad_lines) == (["西安华航橡胶有限公司"], {3})


def test_a_dry_run_of_customers_counts_and_writes_nothing(staffed: Store, house: House) -> None:
    outcome = bring_in(staffed, house, HEAD + HUAHANG + YUANDA, dry_run=True)
    assert counts(outcome) == (2, 0, 0)
    with staffed.read() as session:
        assert session.exec(select(Customer)).all() == []
        assert session.exec(select(customers.SearchKey)).all() == []


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Shaanxi", "陕西省"),
        ("内蒙古", "内蒙古自治区"),
        ("上海", "上海市"),
        ("海外", "境外"),
        ("广西省", "广西壮族自治区"),
    ],
)
def test_provinces_are_read_in_every_usual_form(furnished_store: Store, house: House, text: str, stored: str) -> None:
    bring_in(furnished_store, house, HEAD + YUANDA.replace("远大", text).replace("陕西省", text))
    with furnished_store.read() as session:
        found = session.exec(select(Customer).where(Customer.name == f"咸阳{text}密封件厂")).one()
        assert found.province == stored
