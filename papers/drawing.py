"""Charts as pictures, for a phone: `python -m papers.drawing` reads what is to be drawn as JSON and writes a PNG.

A process of its own: loading matplotlib and drawing take a second of the processor and 100 MB, which nothing else is to wait for.
Only words and numbers come in; what they mean is settled before.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import MaxNLocator

FONT = Path(__file__).parent / "fonts" / "NotoSansCJKsc-Regular.otf"
WIDE, HIGH, DOTS = 5.4, 6.0, 200
"""Inches and dots: 1080 pixels wide, which is a phone's width."""
INK, PALE, LINE = "#1A1A1A", "#5A5A5A", "#D9D9D9"
GOOD, BAD, SOME, GREY = "#0072B2", "#D55E00", "#E69F00", "#999999"
PALETTE = (GOOD, SOME, "#009E73", BAD, "#CC79A7", "#56B4E9", GREY)
"""Okabe and Ito's colours, which the colour-blind tell apart; good is blue, bad is vermilion, never green and red."""
SHADES = LinearSegmentedColormap.from_list("shares", [BAD, "#F3E3D3", GOOD])
A_LINE = 21
A_NOTE = 34
"""Chinese characters in a line of the title, and in a line of the note below it."""


def draw(chart: Mapping[str, Any], high: float = HIGH) -> bytes:
    """`high`: inches; on paper there is less room than on a phone."""
    fontManager.addfont(FONT)
    family = FontProperties(fname=FONT).get_name()
    looks: dict[str, Any] = {
        "font.family": family, "font.size": 11, "text.color": INK, "axes.edgecolor": LINE, "axes.labelcolor": PALE,
        "xtick.color": PALE, "ytick.color": INK, "axes.unicode_minus": False,
    }  # fmt: skip
    with mpl.rc_context(cast(Any, looks)):
        figure = Figure(figsize=(WIDE, high), dpi=DOTS, facecolor="white")
        FigureCanvasAgg(figure)
        title, note = _folded(chart["title"], A_LINE), _folded(chart["note"], A_NOTE)
        figure.text(0.04, 0.975, title, va="top", fontsize=15.5, linespacing=1.35)
        lines = title.count("\n") + 1
        inch = HIGH / high
        top = 0.975 - 0.063 * lines * inch
        figure.text(0.04, top, note, va="top", fontsize=10, color=PALE, linespacing=1.35)
        plot = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        SHAPES[chart["shape"]](plot, chart)
        _place(figure, plot, top - (0.035 + 0.035 * (note.count("\n") + 1)) * inch)
        content = BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _folded(title: str, most: int) -> str:
    """Over several lines, as a phone has room for, at a comma where there is one; a Chinese character is two letters wide."""
    parts = title.split("，")
    for cut in range(len(parts) - 1, 0, -1):
        first, rest = "，".join(parts[:cut]) + "，", "，".join(parts[cut:])
        if _wide(title) > 2 * most and max(_wide(first), _wide(rest)) <= 2 * most:
            return f"{first}\n{rest}"
    lines, wide = [""], 0
    for word in _words(title):
        width = _wide(word)
        if wide and wide + width > 2 * most:
            lines.append("")
            wide = 0
        lines[-1] += word
        wide += width
    return "\n".join(each.strip() for each in lines)


def _wide(text: str) -> int:
    return sum(1 if each.isascii() else 2 for each in text)


def _words(text: str) -> list[str]:
    """Latin words whole, Chinese characters one by one, a stop never first in a line."""
    found: list[str] = []
    for each in text:
        joins = found and (
            (each.isascii() and each != " " and found[-1][-1].isascii() and found[-1][-1] != " ")
            or each in "，。：；、）」%"
        )
        if joins:
            found[-1] += each
        else:
            found.append(each)
    return found


def _place(figure: Figure, plot: Axes, top: float) -> None:
    """As large as the words around the plot leave room for."""
    plot.set_position((0.1, 0.1, 0.85, top - 0.1))
    figure.canvas.draw()
    box = cast(Any, plot.get_tightbbox()).transformed(figure.transFigure.inverted())
    inner = plot.get_position()
    left, bottom = 0.03 + inner.x0 - box.x0, 0.03 + inner.y0 - box.y0
    right, above = 0.97 - max(0.0, box.x1 - inner.x1), top - max(0.0, box.y1 - inner.y1)
    plot.set_position((left, bottom, right - left, above - bottom))


def _bare(plot: Axes, *sides: str) -> None:
    for side in ("top", "right", "left", "bottom"):
        plot.spines[side].set_visible(side in sides)
    plot.tick_params(length=0)


def _shares(plot: Axes, chart: Mapping[str, Any]) -> None:
    """A row for each unit, a column for each week, the share written into its field; nothing where nothing was owed."""
    rows: Sequence[Sequence[float | None]] = chart["cells"]
    numbers = [[float("nan") if each is None else each for each in row] for row in rows]
    plot.imshow(numbers, cmap=SHADES, vmin=0.4, vmax=1.0, aspect="auto")
    for y, row in enumerate(rows):
        for x, share in enumerate(row):
            dark = share is not None and (share > 0.9 or share < 0.47)
            text = "–" if share is None else f"{share:.0%}".removesuffix("%")
            plot.text(x, y, text, ha="center", va="center", fontsize=10.5, color="white" if dark else INK)
    plot.set_xticks(range(len(chart["columns"])), chart["columns"], fontsize=9)
    plot.set_yticks(range(len(chart["rows"])), chart["rows"])
    plot.xaxis.tick_top()
    _bare(plot)
    for edge in range(1, len(chart["rows"])):
        plot.axhline(edge - 0.5, color="white", linewidth=2)


def _stacks(plot: Axes, chart: Mapping[str, Any]) -> None:
    """Bars to the right, in parts, each part with its number and the whole behind."""
    names, parts = chart["rows"], chart["parts"]
    left = [0.0] * len(names)
    widest = max([1, *(sum(part["values"][n] for part in parts) for n in range(len(names)))])
    for number, part in enumerate(parts):
        colour = COLOURS.get(part.get("tone", ""), PALETTE[number % len(PALETTE)])
        plot.barh(range(len(names)), part["values"], left=left, color=colour, label=part["name"], height=0.62)
        for y, value in enumerate(part["values"]):
            if value >= widest * 0.06:
                ink = INK if colour in (SOME, "#56B4E9") else "white"
                plot.text(left[y] + value / 2, y, str(value), ha="center", va="center", color=ink, fontsize=10.5)
            left[y] += value
    for y, whole in enumerate(left):
        plot.text(whole + widest * 0.015, y, f"{whole:.0f}", va="center", fontsize=11)
    plot.set_yticks(range(len(names)), names)
    plot.set_xlim(0, widest * 1.1)
    plot.set_xticks([])
    plot.invert_yaxis()
    _bare(plot, *(["left"] if parts else []))
    if parts:
        longest = max(_wide(part["name"]) for part in parts)
        side_by_side = 3 if longest <= 12 else 2 if longest <= 24 else 1
        below: Any = {"loc": "upper center", "bbox_to_anchor": (0.45, -0.02), "ncols": side_by_side, "frameon": False}
        plot.legend(fontsize=10, handlelength=1.0, **below)


COLOURS = {"good": GOOD, "bad": BAD, "some": SOME, "grey": GREY}


def _bars(plot: Axes, chart: Mapping[str, Any]) -> None:
    """Upright bars with their numbers; a line where the limit is."""
    values, names = chart["values"], chart["columns"]
    colours = [COLOURS[each] for each in chart["tones"]]
    plot.bar(range(len(names)), values, color=colours, width=0.82)
    top = max([1, *values])
    for x, value in enumerate(values):
        plot.text(x, value + top * 0.012, str(value), ha="center", va="bottom", fontsize=11)
    plot.set_xticks(range(len(names)), names, fontsize=9.5)
    plot.set_yticks([])
    plot.set_ylim(0, top * 1.15)
    if chart.get("limit") is not None:
        plot.axvline(chart["limit"] - 0.5, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        plot.text(chart["limit"] - 0.44, top * 1.14, chart["limit_name"], va="top", fontsize=10.5)
    plot.set_xlabel(chart["below"], labelpad=8)
    _bare(plot, "bottom")


def _run(plot: Axes, chart: Mapping[str, Any]) -> None:
    """Lines over time; each says its name at its last point."""
    for line in chart["lines"]:
        points = [(x, y) for x, y in zip(line["at"], line["values"], strict=True) if y is not None]
        style: Any = (0, (4, 3)) if line.get("dashed") else "-"
        colour = COLOURS[line["tone"]]
        marker = "o" if line.get("dots") else "D" if line.get("marked") else ""
        plot.plot(
            [x for x, _ in points], [y for _, y in points], color=colour, linewidth=2.4, linestyle=style, marker=marker
        )
        for x, y in points if line.get("dots") else ():
            plot.annotate(f"{y:g}", (x, y), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=10.5)
        if line["name"] and points:
            below = bool(line.get("marked"))  # where it lies under another line, whose numbers stand above
            left = below and points[-1][0] < chart["ticks"][-1][0] / 2
            plot.annotate(
                line["name"], points[-1], xytext=(-4, -36 if below else 9), textcoords="offset points",
                ha="left" if left else "right", color=colour, fontsize=11,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
    plot.set_xticks([x for x, _ in chart["ticks"]], [name for _, name in chart["ticks"]], fontsize=10)
    plot.yaxis.set_major_locator(MaxNLocator(5, integer=chart.get("whole", True)))
    if chart.get("range"):
        plot.set_ylim(*chart["range"])
    plot.margins(x=0.05, y=0.12)
    plot.grid(axis="y", color=LINE, linewidth=0.8)
    _bare(plot, "bottom")


SHAPES: Mapping[str, Callable[[Axes, Mapping[str, Any]], None]] = {
    "shares": _shares,
    "stacks": _stacks,
    "bars": _bars,
    "run": _run,
}


def main() -> None:
    os.nice(10)
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))


if __name__ == "__main__":
    main()
