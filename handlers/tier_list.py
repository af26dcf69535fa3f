"""/tiers 层级与优惠: what is proposed, what was decided, and the preferences in force; or the page of the customer named."""

from __future__ import annotations

from dialogue.benefits import benefit_line
from dialogue.forms import Flow
from dialogue.kinds import label
from dialogue.tiers import line, look, may_see, page
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.choosing import turning
from handlers.tiers import nothing, opened
from models import customers, preferences, proposals
from models.people import key
from rules import gate
from rules.gate import Action
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_TIERS
A_PAGE = 8
LISTS = ("open", "past", "benefits")


@flow.command("tiers", "层级与优惠", "拟调层级", "优惠条件", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    """The lists; with a number that proposal, with a name that customer."""
    if not text.strip():
        return Reply(_screen(turn, "open", 0))
    if reply := opened(turn, text):
        return reply
    found = [each for each in customers.find(turn.session, text, gate.scope(turn.actor, NEEDS)) if may_see(turn, each)]
    if len(found) == 1:
        return Reply(page(turn, found[0]))
    if not found:
        return nothing(text)
    buttons = [Button(label(turn, each), "tiers.customer", {"customer": key(each)}) for each in found]
    return Reply(Screen(say("find.several", text=text[:50], count=len(found)), columns(buttons, 1)))


@flow.deed("tiers.open", needs=NEEDS)
def open_lists(turn: Turn) -> Reply:
    return Reply(_screen(turn, "open", 0), new=True)


@flow.deed("tiers.list", needs=NEEDS)
def listed(turn: Turn, which: str = "open", number: int = 0) -> Reply:
    return Reply(_screen(turn, which if which in LISTS else "open", max(0, number)))


def _screen(turn: Turn, which: str, number: int) -> Screen:
    """One page more is asked for than is shown, to know whether another follows."""
    lines, buttons = _benefits(turn, number) if which == "benefits" else _proposals(turn, which, number)
    more = len(lines) > A_PAGE
    text = say(f"tiers.list_{which}", lines=lines[:A_PAGE] or say("ledger.empty"))
    turns = turning("tiers.list", number, number + more, lambda page: {"which": which, "number": page})
    others = [Button(say(f"button.tiers_{each}"), "tiers.list", {"which": each}) for each in LISTS if each != which]
    return Screen(text, (*columns(buttons[:A_PAGE], 2), *([tuple(turns)] if turns else []), tuple(others)))


def _proposals(turn: Turn, which: str, number: int) -> tuple[list[Say], list[Button]]:
    scope = gate.scope(turn.actor, NEEDS)
    found = proposals.within(turn.session, scope, open_=which == "open", skip=number * A_PAGE, most=A_PAGE + 1)
    return [line(turn, each) for each in found], [look(each) for each in found]


def _benefits(turn: Turn, number: int) -> tuple[list[Say], list[Button]]:
    scope = gate.scope(turn.actor, NEEDS)
    found = preferences.all_held(turn.session, scope, turn.today)[number * A_PAGE :][: A_PAGE + 1]
    lines = [say("tiers.benefit_line", customer=each.called, line=benefit_line(turn, held)) for held, each in found]
    cards = [Button(say("text", text=each.called), "tiers.customer", {"customer": key(each)}) for _, each in found]
    return list(lines), list({each.args["customer"]: each for each in cards}.values())
