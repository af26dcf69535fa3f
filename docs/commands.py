"""docs/commands.md: what can be typed, in words or with a slash, and by whom."""

from bot.service import COMMANDS
from dialogue.forms import Command
from docs.markdown import both, code, table, top
from docs.markdown import page as written
from handlers import DESK
from rules.gate import NEEDS, Action, Reach
from rules.roles import Role

REACHES = {
    Reach.SELF: "本人的 / their own doings",
    Reach.OWN: "名下的 / own customers",
    Reach.UNIT: "本单位的 / their unit's",
    Reach.OVERSEEN: "分管的 / those they oversee",
    Reach.ALL: "全部 / all",
}
HEADS = ("命令 / command", "中文说法 / Chinese words", "做什么 / does", "谁可以 / who may")


def page() -> str:
    others = [each for each in DESK.commands if each not in COMMANDS]
    return written(
        [
            *top("能说什么 / What can be said", "`handlers/`, `bot/service.py` and `rules/gate.py`"),
            "斜杠命令和中文说法一样用；答案可以写在同一行。\n"
            "A slash command and its Chinese words do the same; the answers may stand on the same line.",
            table(HEADS, [_row(DESK.commands[name]) for name in (*COMMANDS, *others)]),
            "菜单里没有的 / not in the menu: " + ", ".join(code(f"/{each}") for each in others),
            "## 谁可以做什么 / Who may do what",
            "一行一个权限，一格是能做到多远。 / A row is a right, a cell how far it reaches.",
            table(("权限 / right", *(text for text in REACHES.values())), [_right(each) for each in Action]),
        ]
    )


def _row(command: Command) -> tuple[str, ...]:
    return code(f"/{command.name}"), "、".join(command.words), both(f"command.{command.name}"), _who(command.needs)


def _who(action: Action) -> str:
    allowed = [role for role, reach in NEEDS[action].items() if reach]
    if len(allowed) == len(Role):
        return "所有人 / everybody"
    refused = [role for role in Role if role not in allowed]
    if len(refused) < len(allowed):
        return "除以下之外 / all but: " + _roles(refused)
    return _roles(allowed)


def _right(action: Action) -> tuple[str, ...]:
    cells = [[role for role in Role if NEEDS[action][role] is reach] for reach in REACHES]
    return code(action), *("所有人 / everybody" if len(cell) == len(Role) else _roles(cell) for cell in cells)


def _roles(roles: list[Role]) -> str:
    return "、".join(both(f"role.{each}") for each in roles)
