"""config.example.toml is the page on the settings: every one with its default and a sentence, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from bot.config import Config, load

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
UNSET = re.compile(r'^# (\w+ = ".*")$', re.MULTILINE)
"""A setting whose default is to be left out stands there as a comment."""


def keys_of(tables: dict[str, dict[str, object]]) -> set[str]:
    return {f"{section}.{key}" for section, table in tables.items() for key in table}


def settings() -> dict[str, object]:
    """Every setting of the program with its default."""
    return {
        f"{section}.{key}": getattr(getattr(Config.model_construct(), section), key)
        for section, field in Config.model_fields.items()
        for key in type(field.default).model_fields
    }


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    assert keys_of(tomllib.loads(UNSET.sub(r"\1", TEXT))) == set(settings())


def test_the_example_holds_the_defaults() -> None:
    assert load(EXAMPLE).model_dump() == Config.model_construct().model_dump()


def test_only_settings_without_a_default_are_commented_out() -> None:
    unset = keys_of(tomllib.loads(UNSET.sub(r"\1", TEXT))) - keys_of(tomllib.loads(TEXT))
    assert unset == {name for name, default in settings().items() if default is None}


def test_every_setting_has_a_sentence_in_both_languages_above_it() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"(# )?\w+ = ", line):
            above = lines[number - 1]
            assert re.match(r"# .*[一-鿿].* / .*[a-z]", above), f"no sentence above {line!r}"
