"""One number of the rulebook changed in its text: what people type, what is written, and that nothing else is touched."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from rules.changing import CanNotEditError, edited, first_day_from, first_days, normalised, number, numbers
from rules.rulebook import RulebookError, load

TEXT = (Path(__file__).parents[2] / "rulebook.toml").read_text(encoding="utf-8")
BOOK = load(TEXT)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("36小时", "36h"), ("36 h", "36h"), ("7天", "7 days"), ("1 天", "1 day"), ("每周", "1 week")),
        *(("每月", "1 month"), ("每季", "3 months"), ("每两年", "2 years"), ("２次", "2"), ("100000元", "100000")),
        *(("1 week", "1 week"), ("2 weeks", "2 weeks"), ("often", "often"), ("-3", "-3"), ("", "")),
    ],
)
def test_what_people_type_is_read_as_the_rulebook_writes_it(typed: str, meant: str) -> None:
    assert normalised(typed) == meant


def test_every_number_can_be_changed_and_one_line_only() -> None:
    other = {"h": "77h", "days": "77 days", "day": "1 week", "week": "1 day", "month": "1 year", "months": "1 year"}
    other |= {"year": "1 month", "years": "1 year"}
    for each in (found for entry in BOOK.entries for found in numbers(entry)):
        unit = each.written.lstrip("0123456789 ")
        value = other[unit] if unit else {"8": "4"}.get(each.written, "7")
        new = edited(TEXT, each.rule, each.key, value)
        assert (Counter(new.splitlines()) - Counter(TEXT.splitlines())).total() == 1, each
        after = number(load(new), each.rule, each.key)
        assert after is not None
        assert after.written == value


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("every", "2 weeks", "看不懂的周期"),
        ("every", "7", "看不懂的周期"),
        ("count", "0", "不小于 1"),
        ("count", "99999999999999999999", "不大于 10000"),
        ("count", '2" #', "类型不对"),
        ("every", "99999999999 years", "看不懂的周期"),
    ],
)
def test_a_wrong_number_gets_the_sentence_of_the_check(key: str, value: str, said: str) -> None:
    with pytest.raises(RulebookError, match=said):
        edited(TEXT, "R14.3", key, value)


FIRST = 'every   = "1 month"'
"""Of several rows; R14.3 is the first."""


@pytest.mark.parametrize("becomes", ['"every" = "1 month"', 'every   = """1 month"""', "every   = '1 month' \n"])
def test_a_value_is_replaced_where_it_stands_or_left_to_people(becomes: str) -> None:
    text = TEXT.replace(FIRST, becomes, 1)
    assert load(text).duty("R14.3") == BOOK.duty("R14.3")
    try:
        new = edited(text, "R14.3", "every", "1 week")
    except (CanNotEditError, RulebookError):
        assert becomes.startswith('"') or '"""' in becomes
    else:
        assert str(load(new).duty("R14.3").every) == "1 week"


def test_line_endings_of_another_system_stay() -> None:
    new = edited(TEXT.replace("\n", "\r\n"), "R14.3", "count", "2")
    assert new.count("\r\n") == TEXT.count("\n") + 1
    assert new.replace("\r\n", "\n") == edited(TEXT, "R14.3", "count", "2")


@pytest.mark.parametrize(
    ("rule", "key", "today", "first"),
    [
        ("R14.1", "count", date(2026, 11, 23), date(2026, 11, 24)),
        ("R14.2", "count", date(2026, 11, 23), date(2026, 11, 30)),
        ("R14.3", "every", date(2026, 11, 30), date(2026, 12, 1)),
        ("R17.4", "every", date(2026, 11, 23), date(2027, 1, 1)),
        ("R17.6", "every", date(2026, 11, 23), date(2027, 1, 1)),
        ("R16.1", "in_province", date(2026, 11, 23), date(2026, 11, 24)),
    ],
)
def test_the_first_day_on_which_a_change_may_hold(rule: str, key: str, today: date, first: date) -> None:
    assert first_days(BOOK.entry(rule), key, today)[0] == first
    assert first_day_from(BOOK.entry(rule), key, date(2026, 1, 1), today) == first
    assert first_day_from(BOOK.entry(rule), key, first, today) == first
