"""The list of guards does not rot: each piece stands where the list says, and the test that is to notice its loss is there.

That the test does notice is tried by `make bench-trust`.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache

import pytest

from bench.trust.guard_list import ROOT, Guard, guards

GUARDS = guards()
COVERED = {*range(1, 19), 20}
"""Rows of the twenty failures; files (19) have theirs as far as they are there."""


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_guard_stands_once_and_can_be_taken_out(guard: Guard) -> None:
    mutilated = guard.removed_from((ROOT / guard.file).read_text(encoding="utf-8"))
    compile(mutilated, guard.file, "exec")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_its_test_is_there(guard: Guard) -> None:
    file, _, name = guard.test.partition("::")
    assert name.partition("[")[0] in functions(file)


def test_every_guard_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(each.name for each in GUARDS).items() if times > 1] == []


def test_every_row_of_the_twenty_failures_has_a_guard() -> None:
    assert {each.row for each in GUARDS} >= COVERED
