"""Lines as staff type them: a table that a non-programmer can read, and what must hold for any text."""

import string
from collections import Counter
from datetime import datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading.dates import iso
from reading.line import Candidate, Reading, read_line
from rules.calendar import Calendar
from tests.cards import OFFICE

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
NOW = datetime.fromisoformat("2026-11-25T10:00+08:00")
TABLE = Path(__file__).with_name("reading_lines.tsv")
HEAD, *ROWS = [line.replace("⏎", "\n").split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]


def read(text: str) -> Reading:
    return read_line(text, NOW, CALENDAR, OFFICE)


def as_row(reading: Reading) -> dict[str, str]:
    """The fields as the table writes them: nothing as an empty field."""
    named = (reading.customer,) if reading.customer else reading.candidates
    fields = {
        "intent": reading.intent,
        "customer": "|".join(_called(each) for each in named) or f"?{reading.customer_text or ''}",
        "person": reading.person,
        "channel": reading.channel,
        "when": iso(reading.when) if reading.when else None,
        "summary": reading.summary,
        "next_step": reading.next_step,
        "next_when": iso(reading.next_when) if reading.next_when else None,
    }
    return {name: "" if value in {None, "?"} else str(value) for name, value in fields.items()}


def _called(candidate: Candidate) -> str:
    return candidate.name + (f"（{' '.join(candidate.hint)}）" if candidate.hint else "")


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_line_of_the_table_is_read_as_expected(row: list[str]) -> None:
    expected = dict(zip(HEAD, row, strict=True))
    assert as_row(read(expected.pop("line"))) == expected


ENOUGH = 200
RIGHT = 0.98


def test_at_least_98_of_100_fields_are_right_and_no_customer_or_date_is_wrong_without_a_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pairs = [(row[0], dict(zip(HEAD[1:], row[1:], strict=True)), as_row(read(row[0]))) for row in ROWS]
    fields = [wanted[name] == found[name] for _, wanted, found in pairs for name in wanted]
    wrong = [line for line, wanted, found in pairs if _silently_wrong(wanted, found)]
    share = sum(fields) / len(fields)
    with capsys.disabled():
        print(f"\n{len(ROWS)} lines: {share:.1%} of {len(fields)} fields right, {len(wrong)} silently wrong")
    assert len(ROWS) >= ENOUGH
    assert share >= RIGHT
    assert wrong == []


def _silently_wrong(wanted: dict[str, str], found: dict[str, str]) -> bool:
    """A customer or a date that is not the one meant; several to choose from, or none, are a question."""
    chosen = found["customer"] if not found["customer"].startswith("?") and "|" not in found["customer"] else ""
    dates = [found[name] for name in ("when", "next_when") if found[name] and found[name] != wanted[name]]
    return bool(dates) or (chosen != "" and chosen != wanted["customer"])


def test_the_measure_sees_a_wrong_customer_and_a_wrong_date_but_no_question() -> None:
    right = {"customer": "甲", "when": "2026-11-24", "next_when": ""}
    assert not _silently_wrong(right, right)
    assert not _silently_wrong(right, {**right, "customer": "甲|乙"})
    assert not _silently_wrong(right, {**right, "customer": "?丙", "when": ""})
    assert _silently_wrong(right, {**right, "customer": "乙"})
    assert _silently_wrong(right, {**right, "when": "2026-11-23"})
    assert _silently_wrong(right, {**right, "next_when": "2026-11-30"})


def test_when_several_customers_fit_equally_none_is_chosen() -> None:
    reading = read("长城 电话 昨天 催款")
    assert reading.customer is None
    assert [each.id for each in reading.candidates] == [2, 3]


def test_what_looks_like_a_customer_but_is_unknown_is_kept() -> None:
    reading = read("新华橡胶 电话 昨天 王经理 要报价")
    assert (reading.customer, reading.candidates, reading.customer_text) == (None, (), "新华橡胶")


def test_a_name_of_a_place_chooses_no_customer() -> None:
    assert read("青岛 电话 昨天").customer is None


def test_a_customer_is_found_by_the_digits_of_the_phone() -> None:
    found = read("13905321234 昨天来电 问交期").customer
    assert found is not None
    assert found.id == 1


def _characters(text: str) -> Counter[str]:
    return Counter(c for c in text if not c.isspace() and c not in string.punctuation + "，。；：、！？\x00")


def _assert_nothing_is_lost(text: str) -> None:
    reading = read(text)
    kept = _characters(reading.summary + "".join(reading.understood))
    assert not _characters(text) - kept


_WORDS = [word for row in ROWS for word in row[0].split()] + ["，", "。", " ", "3", "12.1", "周", "上", "的"]
_TYPED = st.lists(st.sampled_from(_WORDS), max_size=12).map("".join)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(max_size=60) | _TYPED)
def test_any_text_gives_a_reading_and_loses_nothing(text: str) -> None:
    _assert_nothing_is_lost(text)


_LINES = st.sampled_from([row[0] for row in ROWS])
_CUT = st.tuples(_LINES, st.integers(0, 60), st.integers(0, 60)).map(lambda cut: cut[0][min(cut[1:]) : max(cut[1:])])


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(_LINES | _CUT, min_size=2, max_size=4), st.sampled_from(["", " ", "，", "\n", "。", "的", "和"]))
def test_any_mixture_of_lines_and_pieces_of_lines_gives_a_reading_and_loses_nothing(
    pieces: list[str], between: str
) -> None:
    _assert_nothing_is_lost(between.join(pieces))


def test_a_text_far_longer_than_a_message_is_read_in_bounded_time_and_kept_whole() -> None:
    line = "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系，"
    for text in (line * 3000, "周" * 100_000, "一" * 100_000, "1/" * 50_000, "a " * 50_000):
        start = perf_counter()
        _assert_nothing_is_lost(text)
        assert perf_counter() - start < 5


_ODD = ["", " ", "\n", "\x00", "𠮷野家", "🙂", "İstanbul", "0" * 50, "99999年后", "9999天后", "二〇九九年十三月"]


@pytest.mark.parametrize("text", _ODD)
def test_odd_texts_are_read_without_error(text: str) -> None:
    _assert_nothing_is_lost(text)
