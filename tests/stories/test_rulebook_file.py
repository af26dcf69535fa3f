"""The rulebook's file and what was approved in the chat: neither undoes the other without a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.checking import findings
from bot.config import Config, DatabaseSection, RulebookSection
from bot.settling import open_house
from models import rule_changes, rulebooks
from models.people import Staff
from models.rule_changes import RuleChange, State, Wanted
from models.rulebook_file import as_it_will_be, compare, take_in
from models.store import Store
from rules.changing import edited, number
from rules.house import House
from rules.rulebook import RulebookError
from tests.office import START


@pytest.fixture
def records(database: str) -> Iterator[Session]:
    store = Store(database)
    with store.write() as session:
        yield session
    store.close()


def by(session: Session, number_: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == number_)).one()


def approved(session: Session, house: House, rule: str, key: str, after: str) -> RuleChange:
    """Proposed by the sales department, approved by the general manager."""
    starts = house.calendar.local(START).date() + timedelta(days=1)
    made = rule_changes.propose(session, house, by(session, "D01"), Wanted(rule, key, after, "试行", starts), START)
    rule_changes.approve(session, house, made, by(session, "G01"), starts, START)
    return made


def changed(session: Session, house: House, rule: str, key: str, after: str) -> RuleChange:
    """And in force."""
    made = approved(session, house, rule, key, after)
    assert rule_changes.take_effect(session, house, made, START + timedelta(days=1))
    session.flush()
    return made


def stands(session: Session, rule: str, key: str) -> str:
    newest = rulebooks.newest(session)
    found = number(rulebooks.loaded(newest.text), rule, key) if newest else None
    return found.written if found else ""


def starts_with(session: Session, text: str) -> int:
    """The product starts with this file."""
    return take_in(session, text, "rulebook.toml", START + timedelta(days=2))


def test_a_file_that_did_not_change_leaves_what_was_approved(
    records: Session, house: House, rulebook_text: str
) -> None:
    made = changed(records, house, "R16.1", "in_province", "36h")
    assert starts_with(records, rulebook_text) == made.version
    assert stands(records, "R16.1", "in_province") == "36h"
    assert [each.number for each in compare(records, rulebook_text, "rulebook.toml").kept] == [made.number]


def test_another_row_edited_on_disk_stands_beside_it(records: Session, house: House, rulebook_text: str) -> None:
    made = changed(records, house, "R16.1", "in_province", "36h")
    assert starts_with(records, edited(rulebook_text, "R17.5", "count", "7")) > (made.version or 0)
    assert stands(records, "R16.1", "in_province") == "36h"
    assert stands(records, "R17.5", "count") == "7"


def test_the_same_number_changed_in_both_is_refused_by_its_line(
    records: Session, house: House, rulebook_text: str
) -> None:
    made = changed(records, house, "R16.1", "in_province", "36h")
    text = edited(rulebook_text, "R16.1", "in_province", "12h")
    line = text.splitlines().index('in_province     = "12h"') + 1
    with pytest.raises(RulebookError) as refused:
        starts_with(records, text)
    assert str(refused.value).startswith(f"rulebook.toml:{line}: in_province 写的是 12h，而 {made.number} 已在聊天里")
    assert stands(records, "R16.1", "in_province") == "36h"


def test_the_exported_file_may_be_put_in_place_and_edited_from_then_on(
    records: Session, house: House, rulebook_text: str
) -> None:
    made = approved(records, house, "R14.3", "count", "2")
    exported = as_it_will_be(records, made)
    assert "# 每个单位几次由销售部核定；5 是默认值。" in exported
    assert set(exported.splitlines()) - set(rulebook_text.splitlines()) == {"count = 2"}
    assert rule_changes.take_effect(records, house, made, START + timedelta(days=1))
    starts_with(records, exported)
    assert stands(records, "R14.3", "count") == "2"
    assert compare(records, exported, "rulebook.toml").kept == []
    starts_with(records, edited(exported, "R14.3", "count", "3"))
    assert stands(records, "R14.3", "count") == "3"


def test_a_number_edited_on_disk_before_its_day_is_not_changed_over_it(
    records: Session, house: House, rulebook_text: str
) -> None:
    made = approved(records, house, "R16.1", "in_province", "36h")
    starts_with(records, edited(rulebook_text, "R16.1", "in_province", "12h"))
    assert not rule_changes.take_effect(records, house, made, START + timedelta(days=3))
    assert (made.state, stands(records, "R16.1", "in_province")) == (State.OVERTAKEN, "12h")


def test_a_start_goes_on_with_what_was_approved_and_the_check_says_what_the_file_does_not(
    database: str, house: House, rulebook_text: str, tmp_path: Path
) -> None:
    file = tmp_path / "rulebook.toml"
    file.write_text(rulebook_text, encoding="utf-8")
    config = Config(database=DatabaseSection(url=database), rulebook=RulebookSection(path=file))
    store = Store(database)
    with store.write() as session:
        made = changed(session, house, "R16.1", "in_province", "36h")
        number_ = made.number
    opened = open_house(config, store, START + timedelta(days=2))
    assert opened.rulebook.deadline.in_province == timedelta(hours=36)
    store.close()
    assert any(f"聊天里批准的改动 {number_} 不在" in said for said in checked(config))
    file.write_text(edited(rulebook_text, "R16.1", "in_province", "12h"), encoding="utf-8")
    assert any(f"in_province 写的是 12h，而 {number_} 已在聊天里批准改为 36h" in said for said in checked(config))


def checked(config: Config) -> list[str]:
    """What `keguan check` prints."""
    return [str(each) for each in findings(config, Path("config.toml"))]


def test_two_numbers_changed_at_once_both_hold(records: Session, house: House, rulebook_text: str) -> None:
    first = approved(records, house, "R16.1", "in_province", "36h")
    changed(records, house, "R17.5", "count", "6")
    assert rule_changes.take_effect(records, house, first, START + timedelta(days=1))
    assert stands(records, "R16.1", "in_province") == "36h"
    assert stands(records, "R17.5", "count") == "6"


def test_whoever_proposes_does_not_approve(records: Session, house: House) -> None:
    starts = house.calendar.local(START).date() + timedelta(days=1)
    wanted = Wanted("R16.1", "in_province", "36h", "试行", starts)
    made = rule_changes.propose(records, house, by(records, "G01"), wanted, START)
    with pytest.raises(ValueError, match="does not decide"):
        rule_changes.approve(records, house, made, by(records, "G01"), starts, START)
