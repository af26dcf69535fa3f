"""/invite 邀请: a link and its picture, by which one colleague's Telegram account is let in; once, within ten minutes."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError
from dialogue.members import Member, posts_of, within
from dialogue.telling import MessageClass, hand_over, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen
from models import audit, invitations, vitals
from models.people import Staff, key, not_enrolled
from models.vault import MARK, vault_of
from rules.gate import Action, scope
from words import Value, pack, say

flow = Flow()
NEEDS = Action.ENROL
MINUTES = int(invitations.GOOD_FOR.total_seconds() // 60)


def fits(turn: Turn, _: Answers, staff: Staff) -> bool:
    """Unit heads invite those of theirs who are not enrolled; another account for one who is, is an administrator's to give."""
    reach = scope(turn.actor, NEEDS)
    return within(turn, NEEDS, staff) and (staff.telegram_id is None or (reach.all and key(staff) != turn.me))


def waiting(turn: Turn, _: Answers | None = None) -> Sequence[Staff]:
    """Whom they could let in."""
    return [each for each in not_enrolled(turn.session) if within(turn, NEEDS, each)]


WHO = Member(fits, waiting)


def way(turn: Turn) -> Rows:
    """From the menu, while somebody of theirs is not enrolled."""
    count = len(waiting(turn)) if turn.reaches(NEEDS) else 0
    return ((Button(say("button.invite", count=count), "invite.open", {}),),) if count else ()


@flow.command("invite", "邀请", needs=NEEDS)
def invite(turn: Turn, text: str) -> Reply:
    turn.need_any(NEEDS)
    if not text:
        return engine.begin(turn, FORM, {} if waiting(turn) else {HINT: pack(say("invite.nobody_waits"))})
    try:
        return engine.begin(turn, FORM, {"who": WHO.read(turn, {}, text)})
    except WrongAnswerError as wrong:
        reply = engine.begin(turn, FORM, {})
        return engine.proceed(turn, engine.current(turn), wrong.why, wrong.picks) if reply.screen else reply


@flow.deed("invite.open", needs=NEEDS)
def open_form(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def remark(turn: Turn, answers: Answers) -> Value:
    """Who that is, so that nobody is let in as somebody else."""
    who = turn.session.get_one(Staff, answers["who"])
    known = say("invite.enrolled_already") if who.telegram_id is not None else None
    return say("invite.who", posts=posts_of(turn, who), phone=who.phone, known=known, minutes=MINUTES)


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need_any(NEEDS)
    who = WHO.checked(turn, answers, answers["who"])
    name = vitals.bot_name(turn.session)
    if not vault_of(turn.session).ready or not name:
        raise WrongAnswerError(say("invite.not_now", number=who.number))
    code = invitations.invite(turn.session, who, turn.now, turn.staff)
    audit.record(turn.session, turn.now, turn.me, "staff.invite", f"staff:{who.id}", again=who.telegram_id is not None)
    until = turn.now + invitations.GOOD_FOR
    link = f"https://t.me/{name}?start={code}"
    caption = say("invite.caption", name=who.name, number=who.number, link=link, until=until, minutes=MINUTES)
    shown = {"link": link, MARK: True}
    hand_over(
        turn.session, turn.staff, "invitation", shown, caption.but(**{MARK: True}), f"{turn.unique_key}:qr", turn.now
    )
    _tell_the_account(turn, who)
    return Reply(Screen(say("invite.made", name=who.name, number=who.number, until=until, minutes=MINUTES)))


def _tell_the_account(turn: Turn, who: Staff) -> None:
    """Whoever has the account that is going to be replaced hears of it in time."""
    text = Screen(say("invite.moving", by=turn.staff.name, minutes=MINUTES))
    tell(turn.session, who, text, MessageClass.RECEIPT, f"{turn.unique_key}:moving", turn.now)


FORM = Form("invite", NEEDS, (Field("who", WHO),), submit, lambda _turn, _text: {}, remark)
flow.forms.append(FORM)
