"""经过: what became of a complaint or an inquiry; its newest lines on the card, all of it page by page from the first word."""

from __future__ import annotations

from dialogue import cases, inquiries
from dialogue.forms import Flow
from dialogue.marks import marked
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from models.people import key
from models.records import Matter
from papers import stories
from papers.stories import Line
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_RULES
"""Everybody's; each matter asks for itself."""
A_PAGE = 12


def newest(turn: Turn, matter: Matter) -> tuple[list[Say], list[Button]]:
    """The last lines, with how many stand before them, and the way to those."""
    lines = stories.story(turn.session, turn.house, matter)
    told = [_told(turn, each) for each in lines[-A_PAGE:]]
    before = len(lines) - A_PAGE
    if before <= 0:
        return told, []
    way = Button(say("button.from_the_start"), "history.show", {"matter": key(matter)})
    return [say("history.before", count=before), *told], [way]


def _told(turn: Turn, line: Line) -> Say:
    return marked(turn, line.entry, line.told()) if line.entry else line.told()


@flow.deed("history.show", needs=NEEDS)
def show(turn: Turn, matter: int) -> Reply:
    """The card stays."""
    return Reply(_page(turn, matter, 0), new=True)


@flow.deed("history.turn", needs=NEEDS)
def turn_page(turn: Turn, matter: int, page: int) -> Reply:
    return Reply(_page(turn, matter, page))


def _page(turn: Turn, number: int, page: int) -> Screen:
    matter = _seen(turn, number)
    lines = stories.story(turn.session, turn.house, matter)
    last = max(0, (len(lines) - 1) // A_PAGE)
    page = max(0, min(page, last))
    text = say(
        "history.page",
        number=matter.number,
        page=say("page", page=page + 1, pages=last + 1),
        lines=[_told(turn, each) for each in lines[page * A_PAGE : (page + 1) * A_PAGE]],
    )
    here = {"matter": number}
    ways = [Button(say("button.earlier"), "history.turn", {**here, "page": page - 1})] if page else []
    ways += [Button(say("button.later"), "history.turn", {**here, "page": page + 1})] if page < last else []
    return Screen(text, (tuple(ways),) if ways else ())


def _seen(turn: Turn, number: int) -> Matter:
    """A matter that this person may see. "Not yours" and "not there" sound the same."""
    case, asking = cases.found(turn, number), inquiries.found(turn, number)
    if case is not None:
        turn.need(Action.SEE_COMPLAINT, cases.subject_of(turn, case))
        return case.matter
    turn.need(Action.SEE_INQUIRY, inquiries.whose(turn, asking, Action.SEE_INQUIRY) if asking else Subject())
    if asking is None:
        raise LookupError(f"matter {number}")
    return asking.matter
