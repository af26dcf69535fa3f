"""docs/forms.md: every form with its fields and a diagram of its way, drawn from the `Form` itself."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dialogue.forms import Field, Form
from dialogue.kinds import Choice, Colleagues, CustomerKind, Flag, Money, PersonName, Text, When, Whole
from dialogue.members import Member
from docs.markdown import both, code, table, top
from docs.markdown import page as written
from handlers import DESK
from reading.dates import Direction

HEADS = ("", "名称 / label", "提问 / question", "答案 / answer", "必填 / required", "先自动填 / filled in first")
LEGEND = """\
实线：依次提问，已知的跳过；虚线：在卡片上按“修改”才填。填到一半可以放下，草稿会留着。
Solid: asked one after the other, what is known already is passed over; dotted: offered under “Edit” on the card.
A form left half filled in is kept."""
KINDS: Mapping[type, str] = {
    Text: "文字 / words",
    Flag: "是、否 / yes or no",
    Money: "金额，元 / an amount in CNY",
    CustomerKind: "客户 / a customer",
    PersonName: "对方姓名 / somebody there",
    Colleagues: "我方同事 / colleagues",
    Member: "一位同事 / a colleague",
}
TIMES = {Direction.PAST: "过去的时间 / a time in the past", Direction.FUTURE: "将来的日期 / a date to come"}


def page() -> str:
    return written(
        [
            *top("单子 / Forms", "the forms of `handlers/`"),
            LEGEND,
            *(part for form in DESK.forms.values() for part in _form(form)),
        ]
    )


def _form(form: Form) -> Sequence[str]:
    attached = (
        ["可加照片、文件、语音、位置。 / Takes photos, files, voice notes, locations."]
        if form.takes_attachments
        else []
    )
    shown = [each for each in form.fields if not each.hidden]
    return [
        f"## {both(f'form.{form.name}')}",
        *attached,
        table(HEADS, [_row(form, each) for each in shown]),
        f"```mermaid\n{diagram(form)}\n```",
    ]


def _row(form: Form, field: Field) -> tuple[str, ...]:
    return (
        code(field.name),
        both(f"field.{field.name}"),
        both(f"ask.{form.name}.{field.name}"),
        _kind(field),
        "✓" if field.required else "",
        "✓" if field.default else "",
    )


def _kind(field: Field) -> str:
    """What may be answered; a kind that has no words here is described by its own docstring."""
    match field.kind:
        case Choice(words=words, options=options):
            return "、".join(both(f"{words}.{each}") for each in options)
        case Whole(least=least, most=most):
            return f"{least}–{most}"
        case When(direction=direction):
            return TIMES[direction]
        case kind:
            return KINDS.get(type(kind)) or str(type(kind).__doc__).partition("\n")[0]


def diagram(form: Form) -> str:
    """A flowchart: the required questions in their order, the card, and the optional ones beside it."""
    shown = [each for each in form.fields if not each.hidden]
    asked = [each for each in shown if each.required]
    way = ["start", *map(_id, asked), "card"]
    lines = [
        "flowchart TD",
        f'  start(["{both(f"form.{form.name}")}"])',
        *(_node(each) for each in shown),
        '  card{"卡片 / card"}',
        *(f"  {here} --> {there}" for here, there in pairwise(way)),
        f'  card -- "{both("button.save")}" --> done(["✓"])',
        f'  card -- "{both("button.cancel")}" --> kept["草稿留着 / the draft is kept"]',
        *(f'  card -. "{both("button.edit")}" .-> {_id(each)} -.-> card' for each in shown if not each.required),
    ]
    return "\n".join(lines)


def _node(field: Field) -> str:
    return f'  {_id(field)}["{both(f"field.{field.name}")}"]'


def _id(field: Field) -> str:
    """Some names (end, default) are words of Mermaid's own."""
    return f"ask_{field.name}"
