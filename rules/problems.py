"""What is wrong with an edited rulebook, said to the person who edited it: file, line, what, what was expected."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from textwrap import shorten
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.fields import EntryError
from rules.file_parts import FilePart
from rules.lines import Path
from rules.roles import Channel, ComplaintType, Role, Tier, Who

# For every kind of problem: what is wrong, and what was expected.
MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "toml": ("TOML 语法错误（{message}）", "合法的 TOML；字符串加英文双引号，括号成对"),
    "unknown_key": ("未知的键 {name}", "{expected}"),
    "missing": ("缺少 {name}", "补上 {name}"),
    "unknown_role": ("未知的角色 “{value}”", "{expected}"),
    "unknown_who": ("未知的通知对象 “{value}”", "{expected}"),
    "unknown_tier": ("未知的客户层级 “{value}”", "{expected}"),
    "unknown_channel": ("未知的沟通方式 “{value}”", "{expected}"),
    "unknown_complaint_type": ("未知的投诉类型 “{value}”", "{expected}"),
    "unknown_file_part": ("未知的档案内容 “{value}”", "{expected}"),
    "unknown_word": ("{name} 不能是 “{value}”", "{expected}"),
    "unknown_ladder": ("没有名为 “{value}” 的阶梯", "{expected}"),
    "unknown_duty": ("没有编号为 “{value}” 的规定", "{expected}"),
    "period": ("看不懂的周期 “{value}”", '"1 day"、"1 week"、"1 month"、"1 year" 或 "2 years"'),
    "span": ("看不懂的时长 “{value}”", '"4h" 或 "7 days"'),
    "moment": ("看不懂的时点 “{value}”", '"50%"（1% 到 100%）、"-24h"、"+4h"、"due" 或 "+2 workdays"'),
    "month_day": ("看不懂的日期 “{value}”", '"07-10"（月-日）'),
    "twice": ("“{value}” 用了两次", "每一项各有自己的 id"),
    "no_score": ("没有打分的问题", 'kind = "score"'),
    "duplicate": ("编号 “{value}” 重复，第 {line} 行已经用过", "每条规定、每个阶梯各有自己的 id"),
    "step_order": ("阶梯的顺序不对：“{value}” 排在 “{before}” 之后", "由早到晚，时点各不相同"),
    "weights": ("权重合计是 {value}", "合计 100"),
    "empty": ("{name} 是空的", "至少一项"),
    "nobody_told": ("这一级没有通知任何人", 'tell = ["handler"] 或 also = ["general_manager"]'),
    "also_first": ("第一级不能用 also：前面没有可以追加的一级", "改用 tell"),
    "until_without_every": ("until 要和 every 一起用", 'every = "4h", until = "acknowledged"'),
    "too_small": ("{name} 不能是 {value}", "不小于 {least} 的整数"),
    "too_large": ("{name} 不能是 {value}", "不大于 {most} 的整数"),
    "changed_in_chat": (
        "{name} 写的是 {value}，而 {number} 已在聊天里批准改为 {after}",
        "{name} = {after}；要改成别的值，请在聊天里用 /change_rule 提出",
    ),
    "type": ("{name} 的类型不对：{value}", "{expected}"),
}

_VOCABULARY: Final[Mapping[type[StrEnum], str]] = {
    Role: "unknown_role",
    Who: "unknown_who",
    Tier: "unknown_tier",
    Channel: "unknown_channel",
    ComplaintType: "unknown_complaint_type",
    FilePart: "unknown_file_part",
}

_TYPES: Final[Mapping[str, str]] = {
    "string_type": "文字，加英文双引号",
    "int_type": "整数，不加引号",
    "bool_type": "true 或 false，不加引号",
    "tuple_type": '方括号里的列表，如 ["phone", "visit"]；成组的表写 [[名称]]',
    "dict_type": '花括号里的表，如 { quality = "quality" }',
    "model_type": "一张表：[名称] 或 { 键 = 值 }",
}


@dataclass(frozen=True)
class Problem:
    """One mistake. `key` names its kind, `values` fill its sentence; `str()` is the line that people read."""

    file: str
    line: int
    key: str
    values: Mapping[str, str]

    @property
    def what(self) -> str:
        return MESSAGES[self.key][0].format(**self.values)

    @property
    def expected(self) -> str:
        return MESSAGES[self.key][1].format(**self.values)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}；应为：{self.expected}"


class Finding(NamedTuple):
    """A problem whose line is still to be found from its path in the file."""

    path: Path
    key: str
    values: Mapping[str, str]

    def at(self, file: str, lines: Mapping[Path, int]) -> Problem:
        """The nearest line that is known: the value's own, or its table's."""
        known = next(path for path in (self.path[:n] for n in range(len(self.path), -1, -1)) if path in lines)
        return Problem(file, lines[known], self.key, self.values)


def unknown_name(path: Path, key: str, value: str, known: Iterable[str]) -> Finding:
    """A word that is not among the known ones; says which was probably meant."""
    return Finding(path, key, {"value": value, "expected": _choice(value, known)})


def _choice(value: str, known: Iterable[str]) -> str:
    names = list(known)
    listed = "、".join(names)
    close = _closest(value, names)
    return f"{close}（可用的有：{listed}）" if close else listed


def _closest(value: str, names: Iterable[str]) -> str:
    """The name that was probably meant; empty when none is near."""
    return next(iter(get_close_matches(value, list(names), n=1)), "")


_WHERE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def from_toml(error: tomllib.TOMLDecodeError, file: str, text: str) -> Problem:
    """A text that is no TOML; an error at the end of the document is named by the last line that says anything."""
    message = str(error)
    where = _WHERE.search(message)
    line = int(where[1]) if where and where[1] else max(1, text.rstrip().count("\n") + 1)
    return Problem(file, line, "toml", {"message": _WHERE.sub("", message)})


def from_pydantic(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Every mistake that pydantic found, in our own words; a misspelt key is not reported as missing besides."""
    findings = [_own_words(one, model) for one in error.errors()]
    meant = {(*one.path[:-1], one.values["meant"]) for one in findings if one.key == "unknown_key"}
    return [one for one in findings if one.key != "missing" or one.path not in meant]


def _own_words(error: ErrorDetails, model: type[BaseModel]) -> Finding:
    path = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, EntryError):
        return Finding((*path, *cause.at), cause.key, cause.values)
    return _finding(error["type"], path, error["input"], context, model)


def _finding(kind: str, path: Path, value: Any, context: Mapping[str, Any], model: type[BaseModel]) -> Finding:
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    match kind:
        case "extra_forbidden":
            known = _keys(model, path[:-1])
            values = {"name": name, "expected": _choice(name, known), "meant": _closest(name, known)}
            return Finding(path, "unknown_key", values)
        case "missing":
            return Finding(path, "missing", {"name": name})
        case "enum":
            vocabulary = _vocabulary(context["expected"])
            return unknown_name(path, _VOCABULARY[vocabulary], str(value), [word.value for word in vocabulary])
        case "literal_error":
            return Finding(path, "unknown_word", {"name": name, "value": str(value), "expected": context["expected"]})
        case "too_short" | "string_too_short":
            return Finding(path, "empty", {"name": name})
        case "greater_than_equal":
            return Finding(path, "too_small", {"name": name, "value": str(value), "least": str(context["ge"])})
        case "less_than_equal":
            return Finding(path, "too_large", {"name": name, "value": str(value), "most": str(context["le"])})
    shown = shorten(str(value), 40, placeholder="…")
    return Finding(path, "type", {"name": name, "value": shown, "expected": _TYPES.get(kind, kind)})


def _vocabulary(expected: str) -> type[StrEnum]:
    """Which vocabulary pydantic meant, by the words that it expected."""
    words = set(re.findall(r"'(\w+)'", expected))
    return next(kind for kind in _VOCABULARY if {word.value for word in kind} == words)


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the table at that path may have."""
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table's model within tuple[Duty, ...], Whom | None and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
