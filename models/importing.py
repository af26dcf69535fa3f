"""Lists from outside as rows, checked before anything is written. What is wrong is named by line, column and reason.

The reasons are in Chinese, as the lists are; `Problem.key` names the kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reading.names import normalise

LONGEST: Final = 200
"""Characters in a cell."""

REASONS: Final[Mapping[str, str]] = {
    "missing": "没有填写",
    "too_long": "太长，最多 {most} 个字",
    "twice": "与第 {line} 行重复：{value}",
    "unknown_role": "没有「{value}」这个角色，可用的有：{expected}",
    "unknown_tier": "没有「{value}」这个层级，应为：{expected}",
    "unknown_province": "「{value}」不是省份，例如：山东、内蒙古、上海；国外客户写 境外",
    "unknown_unit": "没有叫「{value}」的单位，请先在员工表里导入这个单位的人员",
    "unknown_staff": "没有工号为「{value}」的在职人员",
    "nobody": "没有工号为「{value}」的人",
    "unknown_superior": "没有工号为「{value}」的人：这份文件里没有（或那一行有错），系统里也没有",
    "circle": "上级关系绕成了圈：{value}",
    "no_oversees": "分管副总要写明分管哪些单位、部门，用分号隔开",
    "left": "{value} 已经离职，不能用导入恢复",
    "telegram_id": "「{value}」不是 Telegram 数字编号（一串数字，不是用户名）",
    "telegram_taken": "这个 Telegram 编号已经是 {value} 的",
    "phone": "「{value}」不像电话号码",
    "email": "「{value}」不像邮箱",
    "credit_code": "「{value}」不是 18 位统一社会信用代码",
    "code_name": "「{value}」不能作代号：至少 2 个字，并且不能让人看出名称、联系人、城市",
    "code_taken": "代号「{value}」已有另一个客户在用",
    "no_person": "填了{value}，没有填联系人",
    "no_date": "填了{value}，没有填日期",
    "date": "看不懂日期「{value}」，例如：2026-11-20",
    "future": "{value} 还没有到，这里只填已经发生的",
    "differs": "与第 {line} 行是同一客户，这一项却不同：{value} / {other}",
    "two_customers": "名称、信用代码与系统里的客户对不上，不知道指的是哪一个：{value}",
}

REMARKS: Final[Mapping[str, str]] = {
    "tier_kept": "层级仍为「{was}」，没有改成「{value}」：已有客户的层级要经拟调层级（/tiers）改变",
    "alike": "与系统里的「{value}」名称相近，作为新客户；如果是同一个，请改成系统里的名称再导入一次，或用 /merge 合并",
    "alike_row": "与第 {other} 行名称相近，作为另一个客户；如果是同一个，请改成一样的名称",
    "empty_unit": "分管的「{value}」里还没有人，已新建；如果是写错了，请改好再导入一次",
    "oversees_unused": "只有分管副总才有分管，没有导入：{value}",
}


class HeadingsError(Exception):
    """The headings won't do; one Chinese sentence."""


@dataclass(frozen=True)
class Column:
    """A column by its key and its Chinese title; `names` are the other headings that it goes by."""

    key: str
    title: str
    names: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the file. `cells` by column key, cleaned; a column that the file does not have is not there."""

    line: int
    cells: Mapping[str, str]

    def get(self, key: str) -> str:
        return self.cells.get(key, "")


@dataclass(frozen=True)
class Problem:
    line: int
    column: str
    key: str
    values: Mapping[str, Any]

    @property
    def reason(self) -> str:
        return (REASONS.get(self.key) or REMARKS[self.key]).format(**self.values)

    def __str__(self) -> str:
        return f"第 {self.line} 行，{self.column}：{self.reason}"


@dataclass
class Review:
    """What was found in a list. A row with a problem is bad; a remark harms nobody."""

    columns: Sequence[Column]
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def wrong(self, row: Row, column: str, key: str, **values: object) -> None:
        self.problems.append(Problem(row.line, self._title(column), key, values))

    def remark(self, row: Row, column: str, key: str, **values: object) -> None:
        self.remarks.append(Problem(row.line, self._title(column), key, values))

    def is_bad(self, row: Row) -> bool:
        return row.line in self.bad_lines

    @property
    def bad_lines(self) -> set[int]:
        return {problem.line for problem in self.problems}

    def reasons(self, line: int) -> str:
        return "；".join(f"{each.column}：{each.reason}" for each in self.problems if each.line == line)

    def _title(self, column: str) -> str:
        return next(each.title for each in self.columns if each.key == column)


@dataclass
class Tally:
    """What an import did; `changed` says of each what it was and what it is."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    unchanged: int = 0

    def count(self, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
        if before is None:
            self.added.append(name)
        elif differences := {key: [before[key], after[key]] for key in after if before[key] != after[key]}:
            self.changed[name] = differences
        else:
            self.unchanged += 1


@dataclass(frozen=True)
class Layout:
    """Where each column is, and the headings that nobody knows."""

    places: Mapping[str, int]
    ignored: tuple[str, ...]

    def row(self, line: int, cells: Sequence[str]) -> Row:
        return Row(line, {key: clean(cells[at]) if at < len(cells) else "" for key, at in self.places.items()})


def layout(headings: Sequence[str], columns: Sequence[Column]) -> Layout:
    """Match headings to columns; spaces, case, width, `*` and `_` don't matter. Raises `HeadingsError`."""
    known = {plain_heading(name): column for column in columns for name in (column.key, column.title, *column.names)}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for at, heading in enumerate(headings):
        column = known.get(plain_heading(heading))
        if column is None:
            ignored += [clean(heading)] if heading.strip() else []
        elif column.key in places:
            both = f"「{clean(headings[places[column.key]])}」和「{clean(heading)}」"
            raise HeadingsError(f"{both}都是“{column.title}”：请只留一列")
        else:
            places[column.key] = at
    missing = [f"{column.title}（{column.key}）" for column in columns if column.required and column.key not in places]
    if missing:
        raise HeadingsError(f"第一行缺少这些列：{'、'.join(missing)}；现有的列：{'、'.join(map(clean, headings))}")
    return Layout(places, tuple(ignored))


def plain_heading(heading: str) -> str:
    return re.sub(r"[*_\-:]", "", normalise(heading))


def clean(text: str) -> str:
    """Without control characters and needless spaces; the `'` that keeps a cell from being a formula is taken off."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    plain = " ".join(printable.split())
    return plain[1:] if re.match(r"'\s*[=+\-@]", plain) else plain


def code(text: str) -> str:
    """A number or code in half-width characters without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def split(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several, each once."""
    parts = (part.strip() for part in re.split(r"[;；、,，\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def check_filled(row: Row, review: Review) -> None:
    """Required cells are filled, and none is too long."""
    for column in review.columns:
        value = row.get(column.key)
        if column.required and not value:
            review.wrong(row, column.key, "missing")
        if len(value) > LONGEST:
            review.wrong(row, column.key, "too_long", most=LONGEST)


def phone(row: Row, key: str, review: Review) -> str | None:
    """A telephone number has five digits at least; several may stand in one cell."""
    value = row.get(key)
    if value and sum(each.isdigit() for each in value) < 5:
        review.wrong(row, key, "phone", value=value)
    return value or None
