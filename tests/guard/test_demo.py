"""`make demo`: the sample company is as promised, its past is consistent, and the page works from the first line to Ctrl-C."""

from __future__ import annotations

import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from bot.config import CompanySection, Config, RulebookSection
from bot.settling import open_house
from models import chain, customers
from models.clocks import Clock, Event
from models.customers import Customer
from models.messages import Outbox
from models.people import Assignment, Staff, Unit
from models.records import Complaint, Entry, Matter
from models.store import Store
from rules.calendar import Calendar
from rules.gate import Scope
from rules.house import House
from rules.roles import Role, Tier
from scheduler.auditor import Auditor
from simulator import sample
from simulator.demo import main
from tests.demo import Page

KEY = b"k" * 32
ROOT = Path(__file__).parents[2]
SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
EVERYTHING = Scope(all=True, units=frozenset(), owner=None, self_=None)
SALESPERSON, HEAD, VICE_PRESIDENT, SALES = "李雪", "何建国", "魏立群", "肖红"
LINE = "/log 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系"


class Sample:
    """The company on the eve of an opening, to be read."""

    def __init__(self, session: Session, store: Store, house: House, opens: datetime) -> None:
        self.session = session
        self.store = store
        self.house = house
        self.opens = opens
        self.until = opens - sample.COMPLAINT_AGE

    def all(self, table: Any, *where: Any) -> list[Any]:
        return list(self.session.exec(select(table).where(*where).order_by(col(table.id))))


@contextmanager
def lived(folder: Path, today: date) -> Iterator[Sample]:
    opens = sample.opening(today, SHANGHAI)
    at = sample.went_live(opens, SHANGHAI)
    config = Config(
        company=CompanySection(name="凯航橡胶", province="陕西省"),
        rulebook=RulebookSection(path=ROOT / "rulebook.toml"),
    )
    store = Store(f"sqlite:///{folder / 'demo.db'}")
    house = open_house(config, store, at)
    sample.move_in(store, house, at)
    store.run_here(sample.live, house, opens)
    with store.read() as session:
        yield Sample(session, store, house, opens)
    store.close()


@pytest.fixture(
    scope="module", params=[date(2026, 11, 22), date(2026, 10, 9)], ids=["a Sunday", "after a holiday week"]
)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    with lived(tmp_path_factory.mktemp("sample"), request.param) as found:
        yield found


@pytest.mark.parametrize(
    ("today", "opens"),
    [
        ("2026-11-23", "2026-11-23T10:05+08:00"),  # Monday
        ("2026-11-21", "2026-11-23T10:05+08:00"),  # Saturday
        ("2026-10-01", "2026-10-08T10:05+08:00"),  # National Day
        ("2026-10-10", "2026-10-10T10:05+08:00"),  # a Saturday that is worked
    ],
)
def test_the_demo_opens_at_five_past_ten_on_a_working_day(today: str, opens: str) -> None:
    assert sample.opening(date.fromisoformat(today), SHANGHAI) == datetime.fromisoformat(opens)


# The company


def test_the_auditor_finds_nothing_wrong_with_it(company: Sample) -> None:
    auditor = Auditor(company.store, company.house, KEY)
    while company.store.run_here(chain.append, KEY, company.until):
        pass
    assert auditor.look(company.until) == []
    assert auditor.look(company.until + timedelta(seconds=60)) == []


def test_every_role_of_the_rules_has_somebody_in_it(company: Sample) -> None:
    assert {each.role for each in company.all(Assignment)} == set(Role)
    assert len(company.all(Staff)) >= 12


def test_three_business_units_each_have_a_head_and_a_vice_president_over_them(company: Sample) -> None:
    posts = {(each.role, each.unit_id) for each in company.all(Assignment)}
    units = {each.unit_id for each in company.all(Customer)}
    assert len(units) == 3
    assert all((role, unit) in posts for unit in units for role in (Role.UNIT_HEAD, Role.VICE_PRESIDENT))


def test_everybody_has_a_telegram_account(company: Sample) -> None:
    assert all(each.telegram_id for each in company.all(Staff))


def test_sixty_customers_of_all_tiers_from_eight_provinces_have_people_with_phones(company: Sample) -> None:
    found = company.all(Customer)
    assert len(found) >= 60
    assert {each.tier for each in found} == set(Tier)
    assert len({each.province for each in found}) >= 8
    for each in found:
        assert any(person.phone for person in customers.people(company.session, each.id)), each.name


def test_huahang_is_found_by_its_initials(company: Sample) -> None:
    (found,) = customers.find(company.session, "hhxj", EVERYTHING)
    assert found.short_name == "华航橡胶"
    assert company.session.get_one(Unit, found.unit_id).name == "西北销售一部"
    assert company.session.get_one(Staff, found.owner_id).name == SALESPERSON
    assert "张工" in [each.name for each in customers.people(company.session, found.id)]


def test_a_part_of_a_name_finds_several(company: Sample) -> None:
    assert len(customers.find(company.session, "远大", EVERYTHING)) == 2


def test_the_secretary_enters_for_the_vice_president_whose_phone_lies_there(company: Sample) -> None:
    (post,) = company.all(Assignment, Assignment.role == Role.SECRETARY)
    leader = company.session.get_one(Staff, company.session.get_one(Staff, post.staff_id).superior_id)
    assert leader.name == VICE_PRESIDENT


# The month before


def test_a_month_of_talks_by_several_people_in_several_ways_never_says_the_same_twice(company: Sample) -> None:
    talks = company.all(Entry, Entry.kind == "contact")
    assert len(talks) >= 150
    assert max(Counter(each.answers["summary"] for each in talks).values()) == 1
    assert len({each.by_id for each in talks}) >= 10
    assert {each.channel for each in talks} >= {"phone", "visit", "wechat", "email"}
    days = {SHANGHAI.local(each.at).date() for each in talks}
    first, last = sample.went_live(company.opens, SHANGHAI).date(), company.until.date()
    worked = SHANGHAI.workdays(first, last)
    assert days <= set(worked)
    assert len(days) >= 0.9 * len(worked)


def test_closed_complaints_have_their_whole_story(company: Sample) -> None:
    closed = company.all(Matter, Matter.state == "closed")
    assert len(closed) >= 3
    for each in closed:
        kinds = {entry.kind for entry in company.all(Entry, Entry.matter_id == each.id)}
        assert kinds >= {"progress", "resolution", "confirmation", "closing"}, each.number
    assert company.all(Entry, Entry.kind == "callback")


def test_a_complaint_from_outside_the_province_is_being_handled_on_site(company: Sample) -> None:
    cases = {each.id: each for each in company.all(Matter, Matter.state == "on_site")}
    (complaint,) = company.session.exec(select(Complaint).where(col(Complaint.matter_id).in_(cases)))
    assert not complaint.in_province
    assert complaint.major


def test_something_is_due_on_the_opening_day_and_something_is_overdue(company: Sample) -> None:
    running = company.all(Clock, col(Clock.closed_at).is_(None), Clock.rule != "digest")
    promised = [each for each in running if each.rule == "R26.2"]
    assert any(SHANGHAI.local(each.due_at).date() == company.opens.date() for each in promised)
    overdue = [each for each in running if each.due_at < company.until]
    assert 3 <= len(overdue) <= 20, [(each.rule, each.post) for each in overdue]


# The past is consistent


def test_nothing_happened_after_a_clock_was_closed(company: Sample) -> None:
    clocks = {each.id: each for each in company.all(Clock)}
    told = company.all(Event)
    assert told
    for event in told:
        closed = clocks[event.clock_id].closed_at
        assert closed is None or event.at <= closed


def test_every_clock_owes_its_next_word_in_the_future_or_none(company: Sample) -> None:
    for clock in company.all(Clock):
        assert clock.next_at is None or (clock.closed_at is None and clock.next_at > company.until), clock


def test_nothing_lies_in_the_future(company: Sample) -> None:
    assert all(each.at <= each.written_at <= company.until for each in company.all(Entry))


def test_numbers_have_no_gap(company: Sample) -> None:
    for kind in ("contact", "callback"):
        last = [int(each.number[-4:]) for each in company.all(Entry, Entry.kind == kind)]
        assert last == list(range(1, len(last) + 1))


def test_nobody_is_told_now_what_was_to_be_said_then(company: Sample) -> None:
    letters = company.all(Outbox)
    assert letters
    assert {each.state for each in letters} == {"superseded"}


def test_the_same_day_makes_the_same_past(tmp_path: Path) -> None:
    pasts = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        with lived(tmp_path / name, date(2026, 12, 7)) as found:
            pasts.append([(each.number, each.at, each.answers) for each in found.all(Entry)])
    assert pasts[0] == pasts[1]


# The demo itself


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = Page(tmp_path_factory.mktemp("demo"))
    yield page
    page.ends()


def test_the_first_line_is_the_address_of_the_page(page: Page) -> None:
    with urlopen(page.address, timeout=10) as answer:
        assert "<title>" in answer.read().decode()


def test_four_phones_lie_on_the_page_and_everybody_can_be_added(page: Page) -> None:
    assert {name for name, each in page.people.items() if each["pinned"]} == {SALESPERSON, HEAD, VICE_PRESIDENT, SALES}
    assert len(page.people) >= 12
    assert all(each["role"] for each in page.people.values())


def test_the_phones_show_this_morning_and_not_the_month(page: Page) -> None:
    page.reads(SALESPERSON, "还剩")
    page.reads(SALESPERSON, "☀️")
    page.reads(SALES, "秦志远：确定责任单位和处理时限")
    written = Counter(each["chat"] for each in page.asks("sim/state")["messages"] if each["by_bot"])
    assert max(written.values()) <= 5


def test_one_complaint_is_at_nineteen_of_its_twenty_four_hours(page: Page) -> None:
    clock = page.asks("sim/clock")["result"]
    now, first = datetime.fromisoformat(clock["now"]), clock["upcoming"][0]
    assert now.strftime("%H:%M") == "10:05"
    assert timedelta(minutes=11) < datetime.fromisoformat(first["at"]) - now < timedelta(minutes=13), first
    assert "TS-" in first["text"]
    assert SALESPERSON in first["who"]
    assert HEAD in first["who"]


def test_a_line_and_a_tap_give_a_number(page: Page) -> None:
    page.does(SALESPERSON, "say", text=LINE)
    page.reads(SALESPERSON, "谈了三季度配方")
    page.does(SALESPERSON, "tap", label="保存")
    assert "华航橡胶" in page.reads(SALESPERSON, "LX-")


def test_moving_the_clock_lets_the_complaint_climb(page: Page) -> None:
    page.asks("sim/clock", to="next")
    page.reads(HEAD, "还剩 4 小时")
    page.asks("sim/clock", seconds=5 * 3600)
    for name in (SALESPERSON, HEAD, VICE_PRESIDENT, SALES):
        page.reads(name, "时限已到")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_comes_next_is_said_in_words(page: Page, language: str) -> None:
    coming = page.asks(f"sim/clock?language={language}")["result"]["upcoming"]
    assert any("人" in each["who"] or "people" in each["who"] for each in coming), "the morning digest of everybody"
    assert not [each for each in coming if "{" in each["who"] + each["text"]]


def test_ctrl_c_ends_it_without_a_word(page: Page) -> None:
    page.process.send_signal(signal.SIGINT)
    _, errors = page.process.communicate(timeout=10)
    assert (page.process.returncode, errors) == (0, "")
    assert not list(page.scratch.iterdir()), "the database goes with it"


def test_a_port_in_use_is_said_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(port) in said
