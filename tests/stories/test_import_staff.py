"""The list of staff comes in: everybody takes their post, a wrong row is named, and nothing is half imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.imports import Import, Outcome, run_import
from bot.settling import settle_in
from bot.tables import Table
from models.clocks import Clock
from models.importing import HeadingsError
from models.people import Staff, above, in_post, in_role, key, seats, unit_named
from models.store import Store
from rules.house import House

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)

COMPANY = """
工号 | 姓名   | 单位         | 角色              | 上级 | 分管                       | 手机        | telegram_id
S01  | 安然   | 西北销售一部 | 业务员            | U01  |                            | 13800138001 | 1001
U01  | 何建国 | 西北销售一部 | 单位负责人;业务员 | V01  |                            |             |
V01  | 魏立   | 公司领导     | 分管副总          | G01  | 西北销售一部；质监部       |             |
G01  | 高远   | 公司领导     | 总经理            |      |                            |             |
D02  | 秦工   | 质监部       | 质监部            | V01  |                            |             |
"""


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
    admins: tuple[int, ...] = (),
    dry_run: bool = False,
    good_only: bool = False,
) -> Outcome:
    asked = Import("staff", table(text), "staff.csv", now, admins, dry_run=dry_run, good_only=good_only)
    return run_import(store, house, asked, lambda done, total: None)


def person(session: Session, number: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == number)).one()


def posts(session: Session, number: str, now: datetime = LATER) -> set[str]:
    """Role and unit of the posts held."""
    names = {seat.unit_id: "" for seat in seats(session, key(person(session, number)), now)}
    for name in ("公司", "西北销售一部", "质监部", "华东销售部"):
        unit = unit_named(session, name)
        if unit is not None and unit.id in names:
            names[key(unit)] = name
    return {f"{seat.role}@{names[seat.unit_id]}" for seat in seats(session, key(person(session, number)), now)}


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return len(outcome.tally.added), len(outcome.tally.changed), outcome.tally.unchanged


def test_everybody_takes_their_posts(store: Store, house: House) -> None:
    outcome = bring_in(store, house, COMPANY)
    assert (counts(outcome), outcome.review.problems, outcome.review.remarks) == ((5, 0, 0), [], [])
    with store.read() as session:
        assert posts(session, "S01") == {"salesperson@西北销售一部"}
        assert posts(session, "U01") == {"unit_head@西北销售一部", "salesperson@西北销售一部"}
        assert posts(session, "V01") == {"vice_president@西北销售一部", "vice_president@质监部"}
        assert posts(session, "G01") == {"general_manager@公司"}
        assert posts(session, "D02") == {"quality@质监部"}
        assert [each.number for each in above(session, person(session, "S01"), LATER)] == ["U01"]
        assert (person(session, "S01").phone, person(session, "S01").telegram_id) == ("13800138001", 1001)


def test_a_unit_in_which_nobody_holds_a_post_is_not_made(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    with store.read() as session:
        assert unit_named(session, "公司领导") is None


def test_their_duties_and_digests_begin_at_once(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    with store.read() as session:
        rules = [clock.rule for clock in session.exec(select(Clock).where(Clock.subject_kind == "staff"))]
    assert (rules.count("digest"), rules.count("R14.1")) == (5, 2)


def test_english_headings_and_roles_in_any_order_and_spelling(store: Store, house: House) -> None:
    outcome = bring_in(
        store, house, "NAME | Staff No* | Ｒｏｌｅ | UNIT | 备注\nAnn | Ｓ０１ | Unit Head | 华东销售部 | x"
    )
    assert outcome.ignored == ("备注",)
    with store.read() as session:
        assert posts(session, "S01") == {"unit_head@华东销售部"}


def test_importing_the_same_list_again_changes_nothing(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    assert counts(bring_in(store, house, COMPANY, LATER)) == (0, 0, 5)


def test_importing_again_updates_and_ends_roles_that_are_no_longer_listed(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    changed = COMPANY.replace("单位负责人;业务员", "单位负责人").replace("| 安然  ", "| 安娜")
    outcome = bring_in(store, house, changed, LATER)
    assert counts(outcome) == (0, 2, 3)
    with store.read() as session:
        assert person(session, "S01").name == "安娜"
        assert posts(session, "U01", LATER) == {"unit_head@西北销售一部"}
        assert "salesperson@西北销售一部" in posts(session, "U01", LATER - timedelta(hours=1))


def test_a_list_without_somebody_removes_nobody_and_empty_cells_forget_nothing(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    outcome = bring_in(store, house, "工号|姓名|单位|角色|手机|telegram_id\nS01|安然|西北销售一部|业务员||", LATER)
    assert counts(outcome) == (0, 0, 1)
    with store.read() as session:
        ann = person(session, "S01")
        assert (ann.phone, ann.telegram_id) == ("13800138001", 1001)
        assert [each.number for each in above(session, ann, LATER)] == ["U01"]
        assert len(in_role(session, "general_manager", LATER)) == 1


def test_an_emptied_superior_is_taken_off(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    bring_in(store, house, "工号|姓名|单位|角色|上级\nD02|秦工|质监部|质监部|", LATER)
    with store.read() as session:
        assert person(session, "D02").superior_id is None


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database that stays empty, for lists that must not get in."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('untouched') / 'keguan.db'}")
    store.upgrade()
    yield store
    store.close()


HEAD = "工号 | 姓名 | 单位 | 角色 | 上级 | 分管 | 手机 | telegram_id\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("| 安然 | 一部 | 业务员 ||||", "第 2 行，工号：没有填写"),
        ("S1 || 一部 | 业务员 ||||", "第 2 行，姓名：没有填写"),
        ("S1 | 安然 || 业务员 ||||", "第 2 行，单位：没有填写"),
        ("S1 | 安然 | 一部 |||||", "第 2 行，角色：没有填写"),
        (f"S1 | {'安' * 201} | 一部 | 业务员 ||||", "第 2 行，姓名：太长，最多 200 个字"),
        ("S1 | 安然 | 一部 | 业务员;飞行员 ||||", "第 2 行，角色：没有「飞行员」这个角色，可用的有：业务员、"),
        ("S1|安然|一部|业务员||||\ns2|甲|一部|业务员||||\nS1|乙|一部|业务员||||", "第 4 行，工号：与第 2 行重复：S1"),
        ("S1 | 安然 | 一部 | 业务员 | X9 |||", "第 2 行，上级：没有工号为「X9」的人"),
        ("S1 | 安然 | 一部 | 业务员 | S1 |||", "第 2 行，上级：上级关系绕成了圈：S1 → S1"),
        ("S1|安然|一部|业务员|S2|||\nS2|何|一部|业务员|S1|||", "第 3 行，上级：上级关系绕成了圈：S2 → S1 → S2"),
        ("V1 | 魏立 | 公司 | 分管副总 ||||", "第 2 行，分管：分管副总要写明分管哪些单位、部门"),
        ("S1 | 安然 | 一部 | 业务员 ||| 12a |", "第 2 行，手机：「12a」不像电话号码"),
        ("S1 | 安然 | 一部 | 业务员 |||| @ann", "第 2 行，telegram_id：「@ann」不是 Telegram 数字编号"),
        ("S1 | 安然 | 一部 | 业务员 |||| -5", "不是 Telegram 数字编号"),
        ("S1 | 安然 | 一部 | 业务员 |||| 99999999999999999999", "不是 Telegram 数字编号"),
        ("S1 | 安然 | 一部 | 业务员 |||| ①a", "不是 Telegram 数字编号"),
        ("S1|安|一部|业务员||||7\nS2|何|一部|业务员||||７", "第 3 行，telegram_id：与第 2 行重复：7"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_imported(untouched: Store, house: House, rows: str, said: str) -> None:
    outcome = bring_in(untouched, house, HEAD + rows)
    assert any(said in str(problem) for problem in outcome.review.problems), list(map(str, outcome.review.problems))
    assert not outcome.written
    with untouched.read() as session:
        assert session.exec(select(Staff)).all() == []


def test_good_rows_alone_leave_out_those_that_rest_on_a_wrong_one(store: Store, house: House) -> None:
    rows = "U1|何|一部|飞行员||||\nS1|安|一部|业务员|U1|||\nS2|艾|一部|业务员||||"
    outcome = bring_in(store, house, HEAD + rows, good_only=True)
    assert (outcome.written, outcome.tally.added, outcome.review.bad_lines) == (True, ["S2"], {2, 3})


def test_a_dry_run_counts_and_writes_nothing(store: Store, house: House) -> None:
    outcome = bring_in(store, house, COMPANY, dry_run=True)
    assert (counts(outcome), outcome.written) == ((5, 0, 0), False)
    with store.read() as session:
        assert session.exec(select(Staff)).all() == []
        assert session.exec(select(Clock)).all() == []


def test_an_id_of_somebody_else_is_refused(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    outcome = bring_in(store, house, HEAD + "S9 | 新人 | 一部 | 业务员 |||| 1001")
    assert [str(each) for each in outcome.review.problems] == [
        "第 2 行，telegram_id：这个 Telegram 编号已经是 安然（S01） 的"
    ]


def test_who_has_left_does_not_come_back_by_an_old_list(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    with store.write() as session:
        person(session, "S01").active = False
    outcome = bring_in(store, house, COMPANY, LATER)
    assert [str(each) for each in outcome.review.problems] == ["第 2 行，工号：安然（S01） 已经离职，不能用导入恢复"]


def test_a_circle_with_people_on_file_is_found(store: Store, house: House) -> None:
    bring_in(store, house, COMPANY)
    outcome = bring_in(store, house, HEAD + "G01 | 高远 | 公司领导 | 总经理 | S01 |||")
    assert "上级关系绕成了圈：G01 → S01 → U01 → V01 → G01" in str(outcome.review.problems[0])


def test_overseeing_a_unit_without_anybody_is_remarked_and_made(store: Store, house: House) -> None:
    outcome = bring_in(store, house, HEAD + "V1 | 魏立 | 公司 | 分管副总 || 质检部 ||")
    assert [each.key for each in outcome.review.remarks] == ["empty_unit"]
    with store.read() as session:
        unit = unit_named(session, "质检部")
        assert unit is not None
        assert [each.number for each in in_post(session, "vice_president", key(unit), NOW)] == ["V1"]


def test_the_first_administrator_takes_over_from_the_stand_in(store: Store, house: House) -> None:
    """The configuration names a Telegram id before anybody is on file; the list then says who that is."""
    store.run_here(settle_in, house, [1001], NOW)
    outcome = bring_in(store, house, COMPANY, LATER, admins=(1001,))
    assert outcome.review.problems == []
    with store.read() as session:
        assert posts(session, "S01") == {"salesperson@西北销售一部", "admin@公司"}
        assert [each.number for each in in_role(session, "admin", LATER)] == ["S01"]
        assert not person(session, "ADMIN1001").active


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        ("工号 | 姓名", "第一行缺少这些列：单位（unit）、角色（role）；现有的列：工号、姓名"),
        ("工号 | 姓名 | 单位 | 角色 | 部门", "「单位」和「部门」都是“单位”：请只留一列"),
    ],
)
def test_wrong_headings_are_one_sentence(untouched: Store, house: House, headings: str, said: str) -> None:
    with pytest.raises(HeadingsError, match=said):
        bring_in(untouched, house, f"{headings}\nS1 | 安然")
