"""咨询 (article 26（三）): a question or a request that is no complaint. Whoever enters it owns it (首问负责)."""

from __future__ import annotations

import re

from dialogue import engine, inquiries
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.inquiries import buttons, card, in_hand, sees, whose
from dialogue.kinds import Choice, CustomerKind, PersonName, Phone, Text, end_of, people_on_file, start_of
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers import person, switching, talks
from handlers.history import newest
from handlers.reading import answers_of, read
from models.customers import Customer
from models.inquiries import Asking, Received, numbered, open_inquiry, still_open
from models.people import key
from rules.gate import Action
from rules.inquiry import InquiryKind
from words import Say, Value, say

flow = Flow()
NEEDS = Action.OPEN_INQUIRY
NUMBER = re.compile(r"zx[-－\s]*[\d-]{1,12}", re.IGNORECASE)
SHOWN = 9
TELLING_WORDS = {
    InquiryKind.ACCOUNT: ("对账", "對賬", "账单", "发票", "欠款", "余额", "statement", "invoice", "balance"),
    InquiryKind.SUPPLY: (
        *("询价", "报价", "價", "价格", "多少钱", "供货", "订货", "要货", "现货", "交期", "样品"),
        *("price", "quote", "quotation", "supply", "stock", "sample", "order"),
    ),
}


def guess_kind(_: Turn, answers: Answers) -> str:
    """What the words point to; a question, where they point nowhere or to several."""
    text = str(answers.get("summary", "")).lower()
    kinds = [kind for kind, words in TELLING_WORDS.items() if any(word in text for word in words)]
    return kinds[0] if len(kinds) == 1 else InquiryKind.QUESTION


def _first_person(turn: Turn, answers: Answers) -> str | None:
    return next((each.name for each in people_on_file(turn, answers)), None)


def _their_phone(turn: Turn, answers: Answers) -> str | None:
    known = people_on_file(turn, answers)
    return next((each.phone for each in known if each.name == answers.get("person")), None)


def _just_now(turn: Turn, _: Answers) -> str:
    return turn.local_now.replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")


def fill(turn: Turn, text: str) -> Answers:
    """What a line says of an inquiry; a next step with its date is what the customer was promised."""
    if not text:
        return {}
    known = answers_of(turn, read(turn, text, NEEDS))
    if "next_when" not in known and "next_step" in known:
        known["summary"] = " ".join(filter(None, (known.get("summary"), known.pop("next_step"))))
    named = {"when": "received", "next_step": "plan", "next_when": "promised"}
    return {named.get(name, name): value for name, value in known.items()}


def remark(turn: Turn, answers: Answers) -> Value:
    return say("inquiry.yours") if "summary" in answers else None


def submit(turn: Turn, answers: Answers) -> Reply:
    customer = turn.session.get(Customer, answers["customer"])
    if customer is None:
        raise WrongAnswerError(say("wrong.customer", text=""))
    talks.PAST.checked(turn, answers["received"])
    asking = open_inquiry(turn.session, turn.house, turn.staff, _received(turn, customer, answers), turn.now)
    if answers.get("promised"):
        due = end_of(talks.FUTURE.checked(turn, answers["promised"]), turn)
        asking.promise(answers.get("plan") or "", due)
    text = say("inquiry.saved", number=asking.matter.number, card=card(turn, asking))
    offer = person.offer(turn, customer, answers)
    return Reply(Screen(text, (*buttons(turn, asking), *offer), subject=asking.subject))


def _received(turn: Turn, customer: Customer, answers: Answers) -> Received:
    return Received(
        customer=customer,
        kind=InquiryKind(answers["inquiry_kind"]),
        person=answers["person"],
        phone=answers.get("person_phone"),
        words=answers["summary"],
        received_at=min(start_of(answers["received"], turn), turn.now),
        channel=answers.get("channel"),
        attachments=answers.get(ATTACHMENTS, []),
    )


FORM = Form(
    "inquiry",
    NEEDS,
    (
        Field("customer", CustomerKind(Action.FIND_CUSTOMER)),
        Field("summary", Text(shortest=2)),
        Field(
            "inquiry_kind",
            Choice("inquiry_kind", tuple(each.value for each in InquiryKind)),
            default=guess_kind,
        ),
        Field("person", PersonName(), default=_first_person, follows=("customer",)),
        Field("person_phone", Phone(), required=False, default=_their_phone, follows=("customer", "person")),
        Field("received", talks.PAST, default=_just_now),
        Field("channel", talks.WAYS, required=False),
        Field("promised", talks.FUTURE, required=False),
        Field("plan", Text(), required=False),
    ),
    submit,
    fill,
    remark,
    takes_attachments=True,
    ways=switching.ways,
)
flow.forms.append(FORM)
flow.lines["inquiry"] = FORM


@flow.command("inquiry", "咨询", "登记咨询", needs=NEEDS)
def inquire(turn: Turn, rest: str) -> Reply:
    """With words: a new one. Alone: what is open."""
    if not rest:
        return _open_ones(turn)
    return by_number(turn, rest) or engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("inquiry.open", needs=NEEDS)
def open_form(turn: Turn, **known: object) -> Reply:
    return Reply(engine.begin(turn, FORM, dict(known)).screen, new=True)


# Looking up


@flow.command("zx", "咨询单", needs=Action.SEE_INQUIRY)
def look_up(turn: Turn, text: str) -> Reply:
    if not text:
        return _open_ones(turn)
    found = numbered(turn.session, text)
    asking = in_hand(turn, *found) if found else None
    if asking is None or not sees(turn, asking):
        return notice(say("inquiry.nothing", text=text[:30]))
    return Reply(whole(turn, asking))


def by_number(turn: Turn, text: str) -> Reply | None:
    """ZX1 alone is looked up, wherever it is typed."""
    named = NUMBER.fullmatch(text.strip()) and turn.reaches(Action.SEE_INQUIRY)
    return look_up(turn, text.strip()) if named else None


def _open_ones(turn: Turn) -> Reply:
    """Mine first, then what else this person sees."""
    open_ = [in_hand(turn, *each) for each in still_open(turn.session)]
    seen = sorted((each for each in open_ if sees(turn, each)), key=lambda each: each.inquiry.owner_id != turn.me)
    new = Button(say("button.inquire"), "inquiry.open", {})
    ways = (new,) if turn.reaches(NEEDS) else ()
    if not seen:
        return notice(say("inquiry.none_open"), ways) if ways else notice(say("inquiry.none_open"))
    mine = sum(each.inquiry.owner_id == turn.me for each in seen)
    shown = [Button(_short(turn, each), "inquiry.show", {"matter": key(each.matter)}) for each in seen[:SHOWN]]
    text = say("inquiry.open_ones", mine=mine, count=len(seen))
    return Reply(Screen(text, (*columns(shown, 1), *((ways,) if ways else ()))))


def _short(turn: Turn, asking: Asking) -> Say:
    customer = turn.session.get_one(Customer, asking.matter.customer_id).called
    return say("inquiry.short", number=asking.matter.number, customer=customer, owner=asking.owner.name)


def opened(turn: Turn, matter: int, action: Action) -> Asking:
    """An inquiry by its id, if this person may do that to it. "Not yours" and "not there" sound the same."""
    asking = inquiries.found(turn, matter)
    turn.need(action, whose(turn, asking, action) if asking else None)
    if asking is None:
        raise LookupError(f"inquiry {matter}")
    return asking


@flow.deed("inquiry.show", needs=Action.SEE_INQUIRY)
def show(turn: Turn, matter: int) -> Reply:
    return Reply(whole(turn, opened(turn, matter, Action.SEE_INQUIRY)), new=True)


def whole(turn: Turn, asking: Asking) -> Screen:
    told, from_the_start = newest(turn, asking.matter)
    text = say("case.whole", card=card(turn, asking), story=told or say("case.no_story"))
    became = asking.inquiry.became_id
    there = ((Button(say("button.its_complaint"), "complaint.show", {"matter": became}),),) if became else ()
    before = (tuple(from_the_start),) if from_the_start else ()
    return Screen(text, (*buttons(turn, asking), *before, *there), subject=asking.subject)
