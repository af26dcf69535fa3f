"""导入: an administrator sends a list of staff or customers as a file. What it would do, then a word, then it is done."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

from dialogue import imports
from dialogue.forms import Flow, notice
from dialogue.imports import heading, screen, titled
from dialogue.kinds import subject_of
from dialogue.telling import hand_over
from dialogue.turn import Turn
from dialogue.values import Attachment, Button, Reply, Rows, Screen, columns, row
from models import audit, list_imports
from models.customers import Customer
from models.import_batches import NEW, SKIP
from models.import_guess import COLUMNS, NOWHERE
from models.list_imports import ListImport, State
from models.people import Unit
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.IMPORT_LIST
LISTS: Final = (".csv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et", ".tsv")
"""Files that are meant as lists; those that can't be read are answered with what to save them as."""
A_PAGE: Final = 6


def begun(turn: Turn) -> Reply | None:
    """A file that looks like a list, from somebody who may import one."""
    found = sent(turn)
    if found is None:
        return None
    if list_imports.writing(turn.session) is not None:
        return notice(say("import.busy"))
    return Reply(screen(list_imports.begin(turn.session, turn.me, found.name, found.stored(), turn.now)))


def sent(turn: Turn) -> Attachment | None:
    """What came just now and may be a list that this person may import."""
    found = next((each for each in turn.incoming.attachments if _is_list(each)), None)
    return found if found is not None and turn.reaches(NEEDS) else None


def _is_list(each: Attachment) -> bool:
    return each.kind == "file" and PurePath(each.name).suffix.lower() in LISTS


@flow.command("import", "导入", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    """How it goes; or how far the list has come that was sent."""
    under_way = list_imports.of_staff(turn.session, turn.me, State.READING, State.WAITING, State.WRITING)
    return Reply(screen(under_way[0])) if under_way else notice(say("import.how"))


@flow.deed("import.open", needs=NEEDS)
def open_import(turn: Turn) -> Reply:
    return Reply(typed(turn, "").screen, new=True)


def _mine(turn: Turn, number: int, *states: State) -> ListImport | None:
    found = turn.session.get(ListImport, number)
    return found if found is not None and found.staff_id == turn.me and found.state in states else None


def _gone() -> Reply:
    return Reply(toast=say("import.over"))


@flow.deed("import.show", needs=NEEDS)
def show(turn: Turn, number: int) -> Reply:
    found = _mine(turn, number, *State)
    return Reply(screen(found)) if found else _gone()


@flow.deed("import.start", needs=NEEDS)
def start(turn: Turn, number: int) -> Reply:
    """From here on it goes by itself, part by part."""
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    if list_imports.writing(turn.session) is not None:
        return Reply(toast=say("import.busy"))
    found.state, found.done, found.total, found.counts, found.tries = State.WRITING, 0, 0, {}, 0
    found.touched_at = turn.now
    audit.record(turn.session, turn.now, turn.me, "import.start", f"import:{number}", file=found.name, kind=found.kind)
    return Reply(screen(found))


@flow.deed("import.cancel", needs=NEEDS)
def cancel(turn: Turn, number: int) -> Reply:
    found = _mine(turn, number, State.READING, State.WAITING)
    if found is None:
        return _gone()
    found.state, found.rejects, found.touched_at = State.CANCELLED, [], turn.now
    return Reply(screen(found))


@flow.deed("import.stop", needs=NEEDS)
def stop(turn: Turn, number: int) -> Reply:
    """What is written stays; the rest can be sent again at any time, nothing is doubled."""
    found = _mine(turn, number, State.WRITING)
    if found is None:
        return _gone()
    found.state, found.touched_at = State.CANCELLED, turn.now
    body = {"file": found.name, "done": found.done, "total": found.total, **found.counts}
    audit.record(turn.session, turn.now, turn.me, "import.stop", f"import:{number}", **body)
    return Reply(screen(found))


@flow.deed("import.rejects", needs=NEEDS)
def rejects(turn: Turn, number: int) -> Reply:
    """The wrong rows as a file, each with its reason, to be mended and sent again."""
    found = _mine(turn, number, State.WAITING, State.DONE, State.CANCELLED)
    if found is None or not found.rejects:
        return _gone()
    caption = say("import.rejects", name=found.name, count=len(found.rejects))
    hand_over(turn.session, turn.staff, "rejects", {"import": number}, caption, f"{turn.unique_key}:rejects", turn.now)
    return Reply(toast=say("paper.coming"))


# Which column is which


@flow.deed("import.kind", needs=NEEDS)
def kind(turn: Turn, number: int, kind: str) -> Reply:
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    found.kind, found.places, found.choices = kind, {}, {}
    return _again(found)


def _again(found: ListImport) -> Reply:
    """It is looked through anew."""
    found.state, found.rejects, found.tries = State.READING, [], 0
    return Reply(screen(found))


@flow.deed("import.columns", needs=NEEDS)
def which_column(turn: Turn, number: int) -> Reply:
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    here = {"number": number}
    buttons = [
        Button(
            say("import.place", column=titled(each), heading=_now(found, each.key)),
            "import.column",
            {**here, "column": each.key},
        )
        for each in COLUMNS[found.kind or "customers"]
    ]
    back = row(Button(say("button.back"), "import.show", here))
    return Reply(Screen(say("import.which_column", name=found.name), (*columns(buttons, 2), back)))


def _now(found: ListImport, column: str) -> Value:
    at = found.places.get(column, NOWHERE)
    return say("import.nowhere") if at == NOWHERE else heading(found, at)


@flow.deed("import.column", needs=NEEDS)
def which_heading(turn: Turn, number: int, column: str) -> Reply:
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    here = {"number": number, "column": column}
    title = next(titled(each) for each in COLUMNS[found.kind or "customers"] if each.key == column)
    buttons = [
        Button(_label(heading(found, at)), "import.place", {**here, "at": at}) for at in range(len(found.headings))
    ]
    last = (
        Button(say("button.import_nowhere"), "import.place", {**here, "at": NOWHERE}),
        Button(say("button.back"), "import.columns", {"number": number}),
    )
    return Reply(Screen(say("import.which_heading", column=title), (*columns(buttons[:60], 2), last)))


def _label(text: Value) -> Say:
    return text if isinstance(text, Say) else say("text", text=text)


@flow.deed("import.place", needs=NEEDS)
def place(turn: Turn, number: int, column: str, at: int) -> Reply:
    """One column of the file stands for one of ours."""
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    others = {name: where for name, where in found.places.items() if where != at or at == NOWHERE}
    found.places = {**others, column: at}
    return _again(found)


# Rows that look like a customer on file


@flow.deed("import.alike", needs=NEEDS)
def alike(turn: Turn, number: int) -> Reply:
    """The next few that nobody decided yet."""
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    open_ = imports.undecided(found)
    if not open_:
        return Reply(screen(found))
    rows: list[tuple[Button, ...]] = []
    for each in open_[:A_PAGE]:
        rows += _ways(number, each)
    all_of_them = [
        Button(say(f"button.import_all_{choice}"), "import.choose_all", {"number": number, "choice": choice})
        for choice in (SKIP, NEW)
    ]
    lines = [_line(turn, each) for each in open_[:A_PAGE]]
    text = say("import.which", lines=lines, count=len(open_))
    return Reply(
        Screen(text, (*rows, tuple(all_of_them), row(Button(say("button.back"), "import.show", {"number": number}))))
    )


def _line(turn: Turn, each: dict[str, Any]) -> Say:
    """Whom a row seems to mean; the name on file is for those alone who may find that customer."""
    if each.get("customer") is None:
        return say("import.like_row", line=each["line"], name=each["name"], before=each["before"])
    customer = turn.session.get(Customer, each["customer"])
    unit = turn.session.get(Unit, customer.unit_id) if customer else None
    seen = customer is not None and turn.may(Action.FIND_CUSTOMER, subject_of(customer))
    return say(
        "import.like_customer" if seen else "import.like_somebody",
        line=each["line"],
        name=each["name"],
        customer=customer.called_in_full if customer and seen else None,
        unit=unit.name if unit else None,
    )


def _ways(number: int, each: dict[str, Any]) -> Rows:
    here, line = {"number": number, "line": each["line"]}, each["line"]
    ways = [Button(say("button.import_join", line=line), "import.choose", {**here, "choice": each["customer"]})]
    ways = ways if each.get("customer") else []
    ways.append(Button(say("button.import_skip", line=line), "import.choose", {**here, "choice": SKIP}))
    ways.append(Button(say("button.import_new", line=line), "import.choose", {**here, "choice": NEW}))
    return (tuple(ways),)


@flow.deed("import.choose", needs=NEEDS)
def choose(turn: Turn, number: int, line: int, choice: Any) -> Reply:
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    found.choices = {**found.choices, str(line): choice}
    return alike(turn, number)


@flow.deed("import.choose_all", needs=NEEDS)
def choose_all(turn: Turn, number: int, choice: str) -> Reply:
    found = _mine(turn, number, State.WAITING)
    if found is None:
        return _gone()
    found.choices = {**found.choices, **{str(each["line"]): choice for each in imports.undecided(found)}}
    return Reply(screen(found))
