"""Every wrong edit of the rulebook is named by its line. Each row is one careless edit of the real file."""

from pathlib import Path

import pytest

from rules.lines import lines_of
from rules.rulebook import RulebookError, load

TEXT = (Path(__file__).parents[2] / "rulebook.toml").read_text(encoding="utf-8")


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(RulebookError) as caught:
        load(text)
    return [(problem.line, problem.key, str(problem)) for problem in caught.value.problems]


def edited(before: str, after: str) -> tuple[int, str]:
    """The rulebook with the first of its rules (not of its comments) that holds `before` changed, and the line."""
    lines = TEXT.splitlines()
    number = next(n for n, line in enumerate(lines) if before in line and not line.startswith("#"))
    lines[number] = lines[number].replace(before, after, 1)
    return number + 1, "\n".join(lines)


EDITS = [
    # TOML itself
    ('who     = "unit_head"', 'who     = "unit_head', "toml", "TOML"),
    ('every   = "1 week"', 'every     "1 week"', "toml", "TOML"),
    ('every   = "1 week"', "every   = 1 week", "toml", "TOML"),
    ("[reminder]", "[reminder", "toml", "TOML"),
    # keys
    ('every   = "1 week"', 'evry    = "1 week"', "unknown_key", "every"),
    ("max_snoozes = 3", "max_snooze = 3", "unknown_key", "max_snoozes"),
    ("[reminder]", "[reminders]\n[reminder]", "unknown_key", "reminder"),
    ('whom    = { tier = ["ordinary"] }', 'whom    = { teir = ["ordinary"] }', "unknown_key", "tier"),
    ("night = true }", "nigth = true }", "unknown_key", "night"),
    ("[thresholds.large_claim]", "[thresholds.large_claims]", "unknown_key", "large_claim"),
    # types
    ("count   = 5", 'count   = "5"', "type", "整数"),
    ("count   = 5", "count   = 5.5", "type", "整数"),
    ("count   = 5", "count   = true", "type", "整数"),
    ("count   = 5", "count   = 0", "too_small", "1"),
    ("max_snoozes = 3", "max_snoozes = -1", "too_small", "0"),
    ("amount  = 50000", "amount  = 0", "too_small", "1"),
    ('"licence"]', '"license"]', "unknown_file_part", "licence"),
    ('id      = "R14.3"', "id      = 14.3", "type", "双引号"),
    ('id      = "R14.3"', 'id      = ""', "empty", "id"),
    ('whom    = { tier = ["ordinary"] }', 'whom    = "ordinary"', "type", "表"),
    ('whom    = { tier = ["ordinary"] }', 'whom    = { tier = "ordinary" }', "type", "列表"),
    ('whom    = { tier = ["ordinary"] }', "whom    = { tier = [] }", "empty", "tier"),
    ('how     = ["phone", "meeting", "visit"]', "how     = []", "empty", "how"),
    ("own_choice = true", 'own_choice = "yes"', "type", "true"),
    ("night = true }", 'night = "true" }', "type", "true"),
    # words
    ('who     = "unit_head"', 'who     = "unithead"', "unknown_role", "unit_head"),
    ('who     = "unit_head"', 'who     = "业务单位负责人"', "unknown_role", "unit_head"),
    ('who     = "unit_head"', "who     = 3", "unknown_role", "unit_head"),
    ('tier = ["ordinary"]', 'tier = ["ordinry"]', "unknown_tier", "ordinary"),
    ('how     = ["visit"]', 'how     = ["visits"]', "unknown_channel", "visit"),
    ('tell = ["handler", "unit_head"]', 'tell = ["handler", "head"]', "unknown_who", "unit_head"),
    ('also = ["general_manager"]', 'also = ["gm"]', "unknown_who", "general_manager"),
    ('ladder  = "progress"', 'ladder  = "progres"', "unknown_ladder", "progress"),
    ('ladder  = "overdue duty"', 'ladder  = "overdue"', "unknown_ladder", "overdue duty"),
    ('relieved_by = "R17.5"', 'relieved_by = "R17.55"', "unknown_duty", "R17.5"),
    ('shipping = "logistics"', 'shiping = "logistics"', "unknown_complaint_type", "shipping"),
    ('shipping = "logistics"', 'shipping = "logistic"', "unknown_role", "logistics"),
    ('to      = ["department", "customer"]', 'to      = ["department", "client"]', "unknown_word", "customer"),
    ('until = "acknowledged"', 'until = "seen"', "unknown_word", "acknowledged"),
    ("reserve   = { says", "reserved  = { says", "unknown_tier", "reserve"),
    ('"enterprise", "unit_head"]', '"enterprize", "unit_head"]', "unknown_role", "enterprise"),
    # periods, spans, moments
    ('every   = "1 month"', 'every   = "1 moon"', "period", "1 month"),
    ('every   = "1 month"', 'every   = "2 months"', "period", "1 month"),
    ('every   = "1 month"', "every   = 30", "period", "1 month"),
    ('in_province     = "24h"', 'in_province     = "24 hours"', "span", "4h"),
    ('in_province     = "24h"', 'in_province     = "0h"', "span", "4h"),
    ('in_province     = "24h"', "in_province     = 24", "span", "4h"),
    ('every = "4h"', 'every = "often"', "span", "4h"),
    ('at = "50%"', 'at = "50"', "moment", "50%"),
    ('at = "50%"', 'at = "0%"', "moment", "50%"),
    ('at = "50%"', 'at = "150%"', "moment", "50%"),
    ('at = "+2 workdays"', 'at = "2 workdays"', "moment", "+2 workdays"),
    # ladders
    ('at = "80%"', 'at = "40%"', "step_order", "50%"),
    ('at = "80%"', 'at = "50%"', "step_order", "50%"),
    ('{ at = "50%", tell = ["handler"] }', '{ at = "50%", also = ["handler"] }', "also_first", "tell"),
    ('{ at = "50%", tell = ["handler"] }', '{ at = "50%" }', "nobody_told", "tell"),
    ('every = "4h", until', "until", "until_without_every", "every"),
    # the same id twice
    ('id      = "R14.3"', 'id      = "R14.2"', "duplicate", "第 99 行"),
    ('id      = "R28.2"', 'id      = "R28.1"', "duplicate", "R28.1"),
    ('id      = "R26.2"', 'id      = "R17.6"', "duplicate", "R17.6"),
]


@pytest.mark.parametrize(("before", "after", "key", "expected"), EDITS, ids=[f"{e[2]}: {e[1][:40]}" for e in EDITS])
def test_a_wrong_edit_is_named_by_its_line_and_says_what_was_expected(
    before: str, after: str, key: str, expected: str
) -> None:
    wrong_line, text = edited(before, after)
    line, found_key, message = problems(text)[0]
    assert (line, found_key) == (wrong_line, key), message
    assert message.startswith(f"rulebook.toml:{line}: ")
    assert expected in message


def test_a_file_is_opened_for_eight_hours_at_most() -> None:
    line, text = edited("hours         = 8", "hours         = 9")
    assert [problem[:2] for problem in problems(text)] == [(line, "too_large")]


def test_a_key_written_twice_is_named_by_its_second_line() -> None:
    line, text = edited('every   = "1 week"', 'every   = "1 week"\nevery   = "1 day"')
    assert [problem[:2] for problem in problems(text)] == [(line + 1, "toml")]


def test_a_missing_key_is_named_by_its_table() -> None:
    _, text = edited('in_province     = "24h"', "")
    table = text.splitlines().index("[deadline]") + 1
    assert [problem[:2] for problem in problems(text)] == [(table, "missing")]
    assert "in_province" in problems(text)[0][2]


def test_a_missing_key_of_a_row_is_named_by_that_row() -> None:
    line, text = edited('article = "第十四条（三）4"', "")
    assert [problem[:2] for problem in problems(text)] == [(line - 2, "missing")]
    assert text.splitlines()[line - 3] == "[[duty]]"


def test_a_missing_table_is_named_at_the_top() -> None:
    _, text = edited("[reminder]", "")
    assert ("missing", 1) in [(key, line) for line, key, _ in problems(text)]


def test_a_misspelt_key_is_one_problem_not_two() -> None:
    _, text = edited('every   = "1 week"', 'evry    = "1 week"')
    assert len(problems(text)) == 1


def test_a_type_of_complaint_without_a_department_is_missing() -> None:
    line, text = edited(', shipping = "logistics"', "")
    assert [problem[:2] for problem in problems(text)] == [(line, "missing")]


def test_an_empty_ladder_is_named() -> None:
    extra = TEXT + '\n[[ladder]]\nid = "none"\nsteps = []\n'
    assert [problem[:2] for problem in problems(extra)] == [(extra.count("\n"), "empty")]


def test_a_second_ladder_of_the_same_name_is_named() -> None:
    extra = TEXT + '\n[[ladder]]\nid = "promise"\nsteps = [{ at = "due", tell = ["owner"] }]\n'
    assert [problem[:2] for problem in problems(extra)] == [(extra.count("\n") - 1, "duplicate")]


def test_an_unfinished_file_is_named_by_its_last_line() -> None:
    unfinished = TEXT.rstrip().removesuffix("]").rstrip()
    assert [problem[:2] for problem in problems(unfinished + "\n\n")] == [(unfinished.count("\n") + 1, "toml")]


def test_all_mistakes_are_named_at_once_in_the_order_of_the_lines() -> None:
    text = TEXT.replace('every   = "1 week"', 'every   = "1 weak"').replace(
        'in_province     = "24h"', "in_province = 24"
    )
    found = problems(text)
    assert [key for _, key, _ in found] == ["period", "span"]
    assert found == sorted(found)


def test_the_file_is_named_as_it_was_given() -> None:
    with pytest.raises(RulebookError, match=r"^ours\.toml:1: "):
        load("nonsense", "ours.toml")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert load("\ufeff" + TEXT.replace("\n", "\r\n")) == load(TEXT)


def test_the_edited_rulebook_is_what_is_loaded() -> None:
    _, text = edited("count   = 5", "count   = 8")
    assert load(text).duty("R17.5").count == 8


def test_lines_are_found_in_every_form_of_toml() -> None:
    text = """
# a comment with [brackets] = "and quotes"
top = 1
[[duty]]
id = "a # not a comment"
whom.tier = ["x", # one
  "y",
]
[duty.more]
'quoted key' = '''
several
lines'''
after = [ { a = 1 },
          { b = [2,
                 3] } ]
[[duty]]
id = "b"
"""
    expected = {
        ("top",): 3,
        ("duty",): 4,
        ("duty", 0): 4,
        ("duty", 0, "id"): 5,
        ("duty", 0, "whom", "tier", 0): 6,
        ("duty", 0, "whom", "tier", 1): 7,
        ("duty", 0, "more"): 9,
        ("duty", 0, "more", "quoted key"): 10,
        ("duty", 0, "more", "after"): 13,
        ("duty", 0, "more", "after", 1): 14,
        ("duty", 0, "more", "after", 1, "b", 1): 15,
        ("duty", 1): 16,
        ("duty", 1, "id"): 17,
    }
    lines = lines_of(text)
    assert {path: lines[path] for path in expected} == expected
