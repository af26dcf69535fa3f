"""Where everything starts: /start, /menu, /me, /rules, /lang, /cancel, and words that are no command."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.forms import Flow, notice
from dialogue.members import posts_lines
from dialogue.telling import as_written
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import approvals, concerns, due, filing, first, invite, rule_changes, survey, transfer, unsubmitted
from models.messages import open_draft
from rules.entries import Article
from rules.gate import Action
from words import LANGUAGES, Say, say

flow = Flow()
RULES_A_PAGE = 6


LOGGING = (
    ("button.log", "contact.open", Action.LOG_CONTACT),
    ("button.complain", "complaint.open", Action.OPEN_COMPLAINT),
    ("button.callback", "callback.open", Action.RECORD_CALLBACK),
)
LOOKING = (
    ("button.due", "due.open", Action.SEE_DUE),
    ("button.order", "order.open", Action.GIVE_ORDER),
    ("button.reporting", "reporting.open", Action.SEE_REPORTING),
    ("button.ledger", "ledger.menu", Action.EXPORT),
    ("button.suspects", "suspects.open", Action.SEE_SUSPECTS),
    ("button.trail", "trail.open", Action.SEE_AUDIT),
    ("button.calendar", "calendar.open", Action.KEEP_CALENDAR),
    ("button.import", "import.open", Action.IMPORT_LIST),
    ("button.pass_work", "handover.open", Action.RECORD_LEAVING),
    ("button.leaving", "leaving.open", Action.RECORD_LEAVING),
    ("button.status", "status.open", Action.SEE_STATUS),
)
RULES = ("button.rules", "rules.page", Action.SEE_RULES)


def home(turn: Turn) -> Rows:
    """The ways to go on from anywhere, as far as this person may go them; those who lead several units look before they log."""
    due_first, *rest = LOOKING
    looking = [*_offered(turn, [due_first]), *due.pages(turn), *_offered(turn, rest)]
    logging = _offered(turn, LOGGING)
    buttons = [*looking, *logging] if turn.reaches(Action.SEE_UNITS) else [*logging, *looking]
    buttons += _offered(turn, [RULES])
    return (
        *engine.unfinished(turn),
        *columns(buttons, 3),
        *unsubmitted.way(turn),
        *filing.way(turn),
        *transfer.way(turn),
        *survey.way(turn),
        *approvals.way(turn),
        *concerns.way(turn),
        *invite.way(turn),
    )


def _offered(turn: Turn, ways: Sequence[tuple[str, str, Action]]) -> list[Button]:
    return [Button(say(label), deed, {}) for label, deed, action in ways if turn.reaches(action)]


@flow.command("start", needs=Action.SEE_RULES)
def start(turn: Turn, code: str) -> Reply:
    """Who they are, what they can do here, and what to press first, on one screen."""
    if code:
        return notice(say("enrol.already", name=turn.staff.name, number=turn.staff.number), *home(turn))
    return notice(first.screen(turn), *home(turn))


@flow.command("menu", "菜单", needs=Action.SEE_RULES)
def menu(turn: Turn, _: str) -> Reply:
    return notice(unsubmitted.with_mine(turn, say("menu")), *home(turn), *unsubmitted.mine_rows(turn))


@flow.command("me", "我的", needs=Action.SEE_RULES)
def me(turn: Turn, _: str) -> Reply:
    other = Button(say("button.language"), "language.switch", {})
    text = say(
        "me",
        name=turn.staff.name,
        number=turn.staff.number,
        posts=posts_lines(turn, turn.staff),
        phone=turn.staff.phone,
    )
    masks = Button(say("button.unmask" if masked(turn) else "button.mask"), "mask.switch", {})
    away = Button(say("button.leave"), "away.open", {})
    notify = Button(say("button.notify"), "notify.open", {})
    return notice(text, (other, Button(say("button.due"), "due.open", {})), (masks, away), (notify,))


def masked(turn: Turn) -> bool:
    return turn.house.masks if turn.staff.masks is None else turn.staff.masks


@flow.deed("mask.switch", needs=Action.SEE_RULES)
def switch_mask(turn: Turn) -> Reply:
    """Names in what is pushed shortened, or whole."""
    turn.staff.masks = not masked(turn)
    return notice(say("mask.on" if turn.staff.masks else "mask.off"), *home(turn))


@flow.deed("message.show", needs=Action.SEE_RULES)
def show(turn: Turn) -> Reply:
    """The whole of a message that came shortened."""
    whole = as_written(turn.session, turn.card) if turn.card else None
    return Reply(whole) if whole else Reply(toast=say("button.old"))


@flow.command("cancel", "取消", needs=Action.SEE_RULES)
def cancel(turn: Turn, _: str) -> Reply:
    draft = open_draft(turn.session, turn.me)
    if draft is None:
        return notice(say("nothing_to_cancel"), *home(turn))
    return engine.cancel(turn, draft=draft.id or 0)


@flow.command("lang", "语言", needs=Action.SEE_RULES)
def lang(turn: Turn, wanted: str) -> Reply:
    return switch_language(turn, wanted)


@flow.deed("language.switch", needs=Action.SEE_RULES)
def switch_language(turn: Turn, wanted: str = "") -> Reply:
    """To the language named, or to the other one."""
    named = {"zh": "zh_CN", "中文": "zh_CN", "en": "en", "英文": "en", "english": "en"}.get(wanted.lower())
    turn.staff.language = named or next(each for each in LANGUAGES if each != turn.staff.language)
    return notice(say("language_is"), *home(turn))


@flow.command("rules", "制度", needs=Action.SEE_RULES)
def rules(turn: Turn, _: str) -> Reply:
    return page(turn)


@flow.deed("rules.page", needs=Action.SEE_RULES)
def page(turn: Turn, number: int = 0) -> Reply:
    entries = turn.house.rulebook.entries
    first = max(0, min(number, (len(entries) - 1) // RULES_A_PAGE)) * RULES_A_PAGE
    shown = entries[first : first + RULES_A_PAGE]
    last = (len(entries) - 1) // RULES_A_PAGE
    turns = [Button(say("button.earlier"), "rules.page", {"number": number - 1})] if number else []
    turns += [Button(say("button.more"), "rules.page", {"number": number + 1})] if number < last else []
    text = say("rules.page", lines=[_rule(turn, each) for each in shown], page=number + 1, pages=last + 1)
    return Reply(Screen(text, (*([tuple(turns)] if turns else []), *rule_changes.ways(turn, shown))))


def _rule(turn: Turn, entry: Article) -> Say:
    says = say("rule.says", zh=entry.says, en=entry.says_en)
    changed = rule_changes.marks(turn, entry)
    return say("rules.line", id=entry.id, article=entry.article, says=says, changed=changed or None)
