"""The one card of a list that is imported: what was found, what is wrong, how far it has come. Drawn anew as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dialogue.live import face
from dialogue.values import Button, Rows, Screen, columns
from dialogue.viewer import Viewer
from models.import_guess import COLUMNS, NOWHERE, missing
from models.importing import Column
from models.list_imports import ListImport, State
from words import Say, Value, say, unpack

SHOWN: Final = 8
"""Wrong rows, and columns that nobody uses, that are named on the card; the file has all of them."""


@face("import")
def card(view: Viewer, number: int) -> Screen | None:
    row = view.session.get(ListImport, number)
    return screen(row) if row is not None and row.staff_id == view.me else None


def screen(row: ListImport) -> Screen:
    return Screen(TEXTS[State(row.state)](row), _buttons(row), subject=row.subject)


def _reading(row: ListImport) -> Say:
    return say("import.reading", name=row.name)


def _waiting(row: ListImport) -> Say:
    lacking = missing(row.kind or "customers", row.places)
    if lacking:
        heads: Value = say("import.lacking", names=say("list", items=[titled(each) for each in lacking]))
    else:
        heads = say(
            "import.counts", **{name: row.found[name] for name in ("rows", "added", "changed", "unchanged", "wrong")}
        )
    return say(
        "import.card",
        name=row.name,
        kind=say(f"import.{row.kind}"),
        counts=heads,
        columns=[mapping(row)],
        problems=problems(row),
        alike=_alike(row),
        ask=None if lacking else say("import.ask" if importable(row) else "import.same"),
    )


def mapping(row: ListImport) -> Say:
    """Which column was taken for which, and which are not used."""
    used = [
        say("import.place", column=titled(each), heading=heading(row, row.places[each.key]))
        for each in COLUMNS[row.kind or "customers"]
        if row.places.get(each.key, NOWHERE) != NOWHERE
    ]
    unused = row.found.get("ignored", [])[:SHOWN]
    left = say("import.unused", names=say("list", items=unused)) if unused else None
    return say("import.columns", places=say("list", items=used), unused=left)


def titled(column: Column) -> Say:
    """As it may stand in the file's first row."""
    return say("import.title", zh=column.title, en=column.key)


def heading(row: ListImport, at: int) -> Value:
    return row.headings[at] if at < len(row.headings) and row.headings[at] else say("import.nth", number=at + 1)


def problems(row: ListImport) -> list[Value]:
    """The first wrong rows, each in one sentence with its number."""
    found: Sequence[str] = row.found.get("problems", [])
    lines: list[Value] = list(found[:SHOWN])
    if len(found) > SHOWN or row.found.get("more"):
        lines.append(say("import.more", count=max(0, len(found) - SHOWN) + row.found.get("more", 0)))
    return lines


def undecided(row: ListImport) -> list[dict[str, Any]]:
    return [each for each in row.found.get("alike", []) if str(each["line"]) not in row.choices]


def _alike(row: ListImport) -> Value:
    count, waiting = len(row.found.get("alike", [])), len(undecided(row))
    if not count:
        return None
    return say("import.alike", count=count, open=waiting) if waiting else say("import.alike_decided", count=count)


def importable(row: ListImport) -> int:
    """Customers or colleagues that pressing 导入 would write."""
    kept = sum(row.choices.get(str(each["line"])) == "skip" for each in row.found.get("alike", []))
    total = row.found.get("added", 0) + row.found.get("changed", 0) - kept - len(undecided(row))
    return max(0, int(total))


def _writing(row: ListImport) -> Say:
    percent = 100 * row.done // row.total if row.total else 0
    return say("import.writing", name=row.name, percent=percent, counts=_written(row))


def _written(row: ListImport) -> Say:
    return say("import.written", **{each: row.counts.get(each, 0) for each in ("added", "changed", "unchanged")})


def _done(row: ListImport) -> Say:
    left = say("import.left_out", count=len(row.rejects)) if row.rejects else None
    return say("import.done", name=row.name, counts=_written(row), left=left)


def _refused(row: ListImport) -> Say:
    why = unpack(row.found.get("refused"))
    return say("import.refused", name=row.name, why=why)


def _cancelled(row: ListImport) -> Say:
    if row.done:
        return say("import.stopped", name=row.name, done=row.done, total=row.total, counts=_written(row))
    return say("import.cancelled", name=row.name)


TEXTS: Final = {
    State.READING: _reading,
    State.WAITING: _waiting,
    State.WRITING: _writing,
    State.DONE: _done,
    State.REFUSED: _refused,
    State.CANCELLED: _cancelled,
}


def _buttons(row: ListImport) -> Rows:
    here = {"number": row.id}
    rejects = (
        [Button(say("button.import_rejects", count=len(row.rejects)), "import.rejects", here)] if row.rejects else []
    )
    match State(row.state):
        case State.READING:
            return ((Button(say("button.cancel"), "import.cancel", here),),)
        case State.WRITING:
            return ((Button(say("button.import_stop"), "import.stop", here),),)
        case State.DONE | State.CANCELLED:
            return (tuple(rejects),) if rejects else ()
        case State.REFUSED:
            return ()
    return _choices(row, here, rejects)


def _choices(row: ListImport, here: dict[str, Any], rejects: list[Button]) -> Rows:
    ways = [Button(say("button.import_columns"), "import.columns", here)]
    if undecided(row):
        ways.append(Button(say("button.import_alike", count=len(undecided(row))), "import.alike", here))
    other = "staff" if row.kind == "customers" else "customers"
    ways += [*rejects, Button(say(f"button.import_as_{other}"), "import.kind", {**here, "kind": other})]
    last = [Button(say("button.cancel"), "import.cancel", here)]
    ready = not missing(row.kind or "customers", row.places)
    if ready and importable(row):
        last.insert(0, Button(say("button.import_start", count=importable(row)), "import.start", here))
    return (*columns(ways, 2), tuple(last))
