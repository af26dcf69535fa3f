"""报投诉 (article 16): accept a complaint; its limit is named as a clock time, those concerned are told at once."""

from __future__ import annotations

from dialogue import engine
from dialogue.cases import card, case_buttons
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, CustomerKind, Flag, Money, PersonName, Phone, Text, people_on_file, start_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Reply, Screen
from handlers import becoming, person, switching, talks
from handlers.reading import answers_of, read
from handlers.weight import NOTHING, tell_weight
from models import acceptance
from models.complaints import Case
from models.customers import Customer
from models.people import Staff, distinct, holders, key, seats
from rules.complaint import in_province, limit
from rules.gate import Action
from rules.roles import ComplaintType, Role, read_complaint_type
from words import Value, say

flow = Flow()
NEEDS = Action.OPEN_COMPLAINT

TELLING_WORDS = {
    ComplaintType.QUALITY: (
        "开裂",
        "质量",
        "破损",
        "漏",
        "老化",
        "不合格",
        "变形",
        "尺寸",
        "脱落",
        "起泡",
        "断",
        "硬度",
        "crack",
        "leak",
        "defect",
        "quality",
        "broken",
    ),
    ComplaintType.SHIPPING: (
        "发运",
        "发货",
        "物流",
        "运输",
        "没收到货",
        "未到货",
        "晚到",
        "少发",
        "错发",
        "delivery",
        "shipping",
        "shipment",
        "late",
    ),
    ComplaintType.PAYMENT: ("发票", "票款", "货款", "对账", "退款", "多收", "invoice", "payment", "refund"),
    ComplaintType.SERVICE: ("态度", "服务", "没人接", "不回复", "推诿", "service", "attitude"),
}


def guess_type(_: Turn, answers: Answers) -> str | None:
    """The type that the words point to, if they point to just one."""
    text = f"{answers.get('summary', '')} {answers.get('product', '')}".lower()
    found = [kind for kind, words in TELLING_WORDS.items() if any(word in text for word in words)]
    return found[0].value if len(found) == 1 else None


def _first_person(turn: Turn, answers: Answers) -> str | None:
    return next((each.name for each in people_on_file(turn, answers)), None)


def _their_phone(turn: Turn, answers: Answers) -> str | None:
    known = people_on_file(turn, answers)
    return next((each.phone for each in known if each.name == answers.get("complainant")), None)


def _province(turn: Turn, answers: Answers) -> bool | None:
    customer = turn.session.get(Customer, answers["customer"]) if "customer" in answers else None
    return in_province(customer.province, turn.house.province) if customer else None


def _just_now(turn: Turn, _: Answers) -> str:
    return turn.local_now.replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")


def fill(turn: Turn, text: str) -> Answers:
    """What a line says of a complaint. A next step has no field here, so its words stay with what is wrong: nothing is lost."""
    if not text:
        return {}
    known = answers_of(turn, read(turn, text, NEEDS))
    later = turn.voice.when(known.pop("next_when", None) or ""), known.pop("next_step", "")
    words = " ".join(filter(None, (known.pop("summary", ""), *later)))
    named = {"person": "complainant", "when": "received"}
    answers = {named.get(name, name): value for name, value in known.items() if name != "channel"}
    return answers | ({"summary": words} if words else {})


def remark(turn: Turn, answers: Answers) -> Value:
    """The limit as a clock time, so that nobody has to count hours."""
    if "received" not in answers or "in_province" not in answers:
        return None
    received = start_of(answers["received"], turn)
    rule = turn.house.rulebook.deadline
    hours = rule.in_province if answers["in_province"] else rule.out_of_province
    where = "in" if answers["in_province"] else "out"
    due = limit(received, answers["in_province"], rule)
    named = say(f"complaint.limit_{where}", hours=int(hours.total_seconds() // 3600), due=due, article=rule.article)
    return named if due > turn.now else say("complaint.limit_over", limit=named)


def submit(turn: Turn, answers: Answers) -> Reply:
    customer = turn.session.get(Customer, answers["customer"])
    if customer is None:
        raise WrongAnswerError(say("wrong.customer", text=""))
    talks.PAST.checked(turn, answers["received"])
    asked = becoming.asked_before(turn, answers)
    if asked and (there := becoming.already(turn, asked)):
        return there
    case = acceptance.accept(turn.session, turn.house, turn.staff, _accepted(turn, customer, answers), turn.now)
    if asked:
        becoming.becomes(turn, asked, case.matter)
    told = say("list", items=[each.name for each in _tell_those_concerned(turn, case)])
    tell_weight(turn, case, NOTHING)
    text = say("complaint.saved", number=case.matter.number, told=told, card=card(turn, case))
    them = {"person": answers["complainant"], "person_phone": answers.get("phone")}
    return Reply(Screen(text, (*case_buttons(turn, case), *person.offer(turn, customer, them)), subject=case.subject))


def _accepted(turn: Turn, customer: Customer, answers: Answers) -> acceptance.Accepted:
    proposed = in_province(customer.province, turn.house.province)
    stated = answers["in_province"]
    owner = turn.session.get(Staff, customer.owner_id)
    return acceptance.Accepted(
        customer=customer,
        complainant=answers["complainant"],
        phone=answers.get("phone"),
        type=ComplaintType(answers["type"]),
        product=answers.get("product"),
        what=answers["summary"],
        evidence=answers.get("attachments", []),
        received_at=min(start_of(answers["received"], turn), turn.now),
        in_province=stated,
        province_reason=f"{customer.province}/{turn.house.province}" if stated == proposed else f"{turn.staff.number}",
        on_site_needed=answers["on_site"],
        amount=answers.get("amount"),
        handler=owner if owner and owner.active else None,
        handed_on=_is_theirs(turn, customer),
    )


def _is_theirs(turn: Turn, customer: Customer) -> bool:
    """Whether the speaker belongs to the customer's own unit, whose form this is then (article 16（二）2)."""
    return any(each.unit_id == customer.unit_id for each in seats(turn.session, turn.me, turn.now))


def _tell_those_concerned(turn: Turn, case: Case) -> list[Staff]:
    """The sales department and the department of its type at once, the person responsible, and where nobody is, the unit head."""
    session, unit = turn.session, case.matter.unit_id
    roles = [Role.SALES_DEPT, case.complaint.department]
    handler = session.get(Staff, case.complaint.handler_id) if case.complaint.handler_id else None
    concerned = [each for role in roles for each in holders(session, role, unit, turn.now)]
    concerned += [handler] if handler else holders(session, Role.UNIT_HEAD, unit, turn.now)
    told = [each for each in distinct(concerned) if key(each) != turn.me and each.telegram_id is not None]
    for each in told:
        theirs = turn.seen_by(each)
        text = say("complaint.told", number=case.matter.number, by=turn.staff.name, card=card(theirs, case))
        screen = Screen(text, case_buttons(theirs, case), subject=case.subject)
        tell(session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
    return told


FORM = Form(
    "complaint",
    NEEDS,
    (
        Field("customer", CustomerKind(Action.FIND_CUSTOMER)),
        Field("summary", Text(shortest=2)),
        Field(
            "type",
            Choice("complaint_type", tuple(each.value for each in ComplaintType), read_complaint_type),
            default=guess_type,
        ),
        Field("complainant", PersonName(), default=_first_person, follows=("customer",)),
        Field("phone", Phone(), required=False, default=_their_phone, follows=("customer", "complainant")),
        Field("product", Text(), required=False),
        Field("received", talks.PAST, default=_just_now),
        Field("in_province", Flag(), default=_province, follows=("customer",)),
        Field("on_site", Flag(), default=lambda _turn, _answers: True),
        Field("amount", Money(), required=False),
        Field("inquiry", Text(), required=False, hidden=True),
    ),
    submit,
    fill,
    remark,
    takes_attachments=True,
    ways=switching.ways,
)
flow.forms.append(FORM)
flow.lines["complaint"] = FORM


@flow.command("complain", "报投诉", "登记投诉", "投诉", needs=NEEDS)
def complain(turn: Turn, rest: str) -> Reply:
    return engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("complaint.open", needs=NEEDS)
def open_form(turn: Turn, **known: object) -> Reply:
    return Reply(engine.begin(turn, FORM, dict(known)).screen, new=True)
