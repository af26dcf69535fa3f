"""代录: what a secretary entered for a leader counts for the leader's duties after one tap of theirs."""

from __future__ import annotations

from dialogue.forms import Flow, notice
from dialogue.kinds import end_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from handlers.words import fulfilled_lines
from models import duties, promises, proxies
from models.clocks import Clock
from models.customers import Customer
from models.people import Staff, key
from models.proxies import Proxy
from models.records import Entry
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.CONFIRM_PROXY
SHOWN = 5


def ask(turn: Turn, entry: Entry, leaders: list[Staff]) -> None:
    """Each leader for whom it was entered is asked at once."""
    for leader in leaders:
        proxy = proxies.ask(turn.session, entry, leader, turn.now)
        screen = Screen(say("proxy.ask", by=turn.staff.name, line=_line(turn, proxy)), (_buttons(proxy),))
        tell(turn.session, leader, screen, MessageClass.RECEIPT, f"proxy:{proxy.id}", turn.now)


def _line(turn: Turn, proxy: Proxy) -> Say:
    entry = turn.session.get_one(Entry, proxy.entry_id)
    said = entry.answers
    return say(
        "proxy.entry",
        number=entry.number,
        customer=turn.session.get_one(Customer, entry.customer_id).called,
        way=say(f"channel.{entry.channel}"),
        when=entry.at,
        person=said.get("person"),
        text=str(said.get("summary") or said.get("opinions") or "")[:200],
    )


def _buttons(proxy: Proxy) -> tuple[Button, ...]:
    here = {"ids": [key(proxy)]}
    return row(
        Button(say("button.confirm_proxy"), "proxy.confirm", here), Button(say("button.deny_proxy"), "proxy.deny", here)
    )


@flow.deed("proxy.open", needs=NEEDS)
def waiting(turn: Turn) -> Reply:
    """What waits for this leader's word, to be confirmed in one tap."""
    found = proxies.waiting(turn.session, turn.me)[:SHOWN]
    if not found:
        return notice(say("proxy.none"))
    if len(found) == 1:
        return Reply(Screen(_line(turn, found[0]), (_buttons(found[0]),)), new=True)
    everything = Button(say("button.confirm_all"), "proxy.confirm", {"ids": [key(each) for each in found]})
    return Reply(Screen(say("proxy.list", lines=[_line(turn, each) for each in found]), (row(everything),)), new=True)


@flow.deed("proxy.confirm", needs=NEEDS)
def confirm(turn: Turn, ids: list[int]) -> Reply:
    found = _open(turn, ids)
    if not found:
        return notice(say("proxy.gone"))
    fulfilled = [clock for each in found for clock in _confirm(turn, each)]
    lines = [_line(turn, each) for each in found]
    text = say("proxy.confirmed", lines=lines, fulfilled=fulfilled_lines(turn.house, fulfilled))
    return Reply(Screen(text, _next(turn)))


def _confirm(turn: Turn, proxy: Proxy) -> list[Clock]:
    """From now on the leader took part: duties, promises and callbacks are derived as if they had entered it themselves."""
    session, entry = turn.session, turn.session.get_one(Entry, proxy.entry_id)
    proxies.answer(session, proxy, True, turn.now)
    kept = promises.kept(session, entry, turn.me)
    if entry.answers.get("next_when"):
        due = end_of(entry.answers["next_when"], turn)
        promises.promise(session, turn.house, entry, due, turn.now, turn.me)
    called = promises.called_back(session, entry) if entry.kind == "callback" else []
    return [*called, *kept, *duties.after_entry(session, turn.house, entry, [turn.me], turn.now)]


@flow.deed("proxy.deny", needs=NEEDS)
def deny(turn: Turn, ids: list[int]) -> Reply:
    """不是我: the record stays as the secretary's, counts for nobody, and the secretary hears of it."""
    found = _open(turn, ids)
    if not found:
        return notice(say("proxy.gone"))
    for each in found:
        proxies.answer(turn.session, each, False, turn.now)
        entry = turn.session.get_one(Entry, each.entry_id)
        screen = Screen(say("proxy.denied_to", by=turn.staff.name, line=_line(turn, each)))
        who = turn.session.get_one(Staff, entry.by_id)
        tell(turn.session, who, screen, MessageClass.RECEIPT, f"proxy:{each.id}:no", turn.now)
    return Reply(Screen(say("proxy.denied", lines=[_line(turn, each) for each in found]), _next(turn)))


def _open(turn: Turn, ids: list[int]) -> list[Proxy]:
    """Those of them that still wait for this person. Raises `NotAllowedError` for anybody else's."""
    named = [each for number in ids if (each := turn.session.get(Proxy, number)) is not None]
    for each in named:
        turn.need(NEEDS, Subject(self_=each.staff_id))
    wanted = {key(each) for each in named}
    return [each for each in proxies.waiting(turn.session, turn.me) if key(each) in wanted]


def _next(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    left = proxies.waiting(turn.session, turn.me)
    return (row(Button(say("button.proxies", count=len(left)), "proxy.open", {})),) if left else ()
