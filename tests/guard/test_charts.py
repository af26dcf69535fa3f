"""The charts as they were kept and looked at, and their colours, as the colour-blind see them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from matplotlib.colors import to_rgb

from papers.drawing import BAD, GOOD, PALETTE, SOME, draw
from tests.pictures import TOLERANCE, differ, keep, kept, small

WEEKS = ["9/28", "10/5", "10/12", "10/19", "10/26", "11/2", "11/9", "11/16"]
CHARTS: Mapping[str, dict[str, Any]] = {
    "coverage": {
        "shape": "shares", "title": "西北销售一部周电话完成率 62%，低于全公司 81%",
        "note": "第十四条（三）2 每周电话 · 近 8 周 · 单位：%",
        "rows": ["西北销售一部", "华东销售部", "华南销售部"], "columns": WEEKS,
        "cells": [[0.62, 0.55, 0.7, 0.66, 0.5, 0.6, 0.62, 0.7], [0.9, 0.95, 1, None, 0.85, 0.9, 0.92, 0.88],
                  [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]],
    },
    "complaints": {
        "shape": "stacks", "title": "未关闭投诉 41 件，其中 14 件超过 7 天", "note": "按受理后的天数和状态",
        "rows": ["1 天内", "1–3 天", "3–7 天", "7–30 天", "30 天以上"],
        "parts": [{"name": "处理中", "values": [3, 5, 6, 7, 2]}, {"name": "已到场", "values": [1, 4, 3, 2, 1]},
                  {"name": "已解决", "values": [0, 2, 3, 1, 1]}],
    },
    "limits": {
        "shape": "bars", "title": "到场处理 84% 在时限内，12 件超时",
        "note": "2026 年受理 · 省内 24 小时、省外 48 小时 · 34 件靠中止计时才在时限内",
        "columns": ["0–25%", "25–50%", "50–75%", "75–100%", "100–150%", ">150%"], "values": [50, 70, 80, 42, 9, 3],
        "tones": ["good"] * 4 + ["bad"] * 2, "limit": 4, "limit_name": "时限", "below": "用去时限的比例（不扣除中止）",
    },
    "satisfaction": {
        "shape": "run", "title": "Satisfaction 4.1 in month 11, 0.2 below month 10", "note": "181 marks from callbacks, 5 is best",
        "lines": [{"name": "", "at": [0, 1, 2, 3, 4, 5], "values": [4.2, 4.4, None, 4.0, 4.3, 4.1], "tone": "good", "dots": True}],
        "ticks": [[n, str(n + 6)] for n in range(6)], "range": [1, 5.4],
    },
    "pace": {
        "shape": "run", "title": "按目前进度，12 月 31 日前走访 71 次，计划 96 次", "note": "第十七条（三） · 2026 年现场回访",
        "lines": [{"name": "计划 96", "at": [0, 364], "values": [96, 96], "tone": "grey"},
                  {"name": "", "at": [0, 60, 120, 200, 326], "values": [0, 12, 30, 50, 64], "tone": "good"},
                  {"name": "71", "at": [326, 364], "values": [64, 71], "tone": "bad", "dashed": True}],
        "ticks": [[0, "1月"], [90, "4月"], [181, "7月"], [273, "10月"]],
    },
    "nothing": {"shape": "stacks", "title": "这段时间没有可画的数据", "note": "按受理后的天数和状态", "rows": [], "parts": []},
}  # fmt: skip


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_looks_as_it_was_kept(name: str) -> None:
    picture = small(draw(CHARTS[name]))
    assert differ(picture, kept(name)) < TOLERANCE


def test_another_chart_is_noticed() -> None:
    other = {**CHARTS["coverage"], "title": "华东销售部周电话完成率 62%，低于全公司 81%"}
    assert differ(small(draw(other)), kept("coverage")) > TOLERANCE


DEUTERANOPIA = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))
PROTANOPIA = ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052))
"""Machado, Oliveira and Fernandes 2009, at full strength."""


@pytest.mark.parametrize("sees", [DEUTERANOPIA, PROTANOPIA])
def test_the_colours_are_told_apart_by_the_colour_blind(sees: tuple[tuple[float, ...], ...]) -> None:
    seen = {
        each: [sum(w * c for w, c in zip(row, to_rgb(each), strict=True)) for row in sees] for each in (*PALETTE, BAD)
    }
    for one, other in combinations((GOOD, BAD, SOME), 2):
        assert sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5 > 0.25, (one, other)


if __name__ == "__main__":
    for each, chart in CHARTS.items():
        keep(each, draw(chart))
