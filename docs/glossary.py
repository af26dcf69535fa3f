"""docs/glossary.md: one word for one thing, in Chinese, English and code."""

import csv
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from docs.markdown import CHINESE, ENGLISH, ROOT, code, table, top
from docs.markdown import page as written
from rules.complaint import ComplaintState
from rules.roles import CHANNEL_NAMES, COMPLAINT_TYPE_NAMES, ROLE_NAMES, TIER_NAMES
from words import say

HAND_KEPT = ROOT / "docs" / "glossary.tsv"
HEADS = ("中文", "English", "code")
Name = TypeVar("Name", bound=StrEnum)


def page() -> str:
    return written(
        [
            *top("词汇 / Glossary", "`docs/glossary.tsv`, `rules/roles.py` and the catalogues"),
            "## 日常用词 / Words that staff use",
            table((*HEADS, "意思 / meaning"), [_term(each) for each in terms()]),
            "## 角色 / Roles",
            _names("role", ROLE_NAMES),
            "## 客户层级 / Tiers",
            _names("tier", TIER_NAMES),
            "## 沟通方式 / Channels",
            _names("channel", CHANNEL_NAMES),
            "## 投诉类型 / Types of complaints",
            _names("complaint_type", COMPLAINT_TYPE_NAMES),
            "## 投诉状态 / States of complaints",
            table(HEADS, [_words("complaint_state", each) for each in ComplaintState]),
        ]
    )


def terms() -> list[Mapping[str, str]]:
    with HAND_KEPT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _term(term: Mapping[str, str]) -> Sequence[str]:
    return term["zh"], term["en"], code(term["code"]), term["meaning"]


def _names(prefix: str, names: Mapping[Name, tuple[str, ...]]) -> str:
    heads = (*HEADS, "也认得 / also understood")
    return table(heads, [(*_words(prefix, each), _others(prefix, each, names[each])) for each in names])


def _others(prefix: str, member: StrEnum, names: tuple[str, ...]) -> str:
    return "、".join(each for each in names if each not in _words(prefix, member))


def _words(prefix: str, member: StrEnum) -> tuple[str, str, str]:
    message = say(f"{prefix}.{member}")
    return CHINESE.plain(message), ENGLISH.plain(message), code(member)
