"""Cases of the outbox, played: each with people of its own, as many at once as leave in one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from dialogue.telling import MessageClass, hand_over, redraw, tell
from dialogue.values import Screen
from models.messages import Card, Outbox
from models.people import Staff, key
from simulator.faults import Kind
from tests.guard.faults.promise import NETWORK, STANDING, STRONG, TROUBLES, Act, Case, Fate, Means, fate
from tests.guard.faults.site import Site, site_on
from tests.guard.faults.wires import DEAD
from words import say

AGAIN = "⚠️ 重发，可能重复（编号 {}）\n{}"
PASSED_ON = "↪️ 联系不上{}，转给您：\n{}"
ROUNDS = 5
"""Minutes after which every message has come to its end: two repeats, two troubles, one to spare."""
MOST_STEPS = 20
"""Of the sender at one moment; more is a loop."""
RETRY_AFTER = 7
METHODS = {Act.EDIT: "editMessageText", Act.FILE: "sendDocument"}
PAPER = {"wanted": {"kind": "contact"}, "title": "无"}


@dataclass
class Mail:
    """A case under way. The person, their superior and the superior's are nobody else's."""

    case: Case
    place: int
    row: int = 0
    group: int | None = None
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"请看〔{self.place}〕"

    @property
    def chats(self) -> tuple[int, int, int]:
        return (10_000 + 10 * self.place, 10_001 + 10 * self.place, 10_002 + 10 * self.place)

    @property
    def method(self) -> str:
        return METHODS.get(self.case.act, "sendMessage")

    def name(self, rank: int) -> str:
        return f"{'甲乙丙'[rank]}{self.place}"


@dataclass(frozen=True)
class Outcome:
    """What was promised, and what came."""

    case: Case
    promised: Fate
    came: Fate
    wrong: tuple[str, ...] = ()

    @property
    def broken(self) -> Iterator[str]:
        if self.came != self.promised:
            yield f"{self.case}: promised {self.promised}, came {self.came}"
        yield from (f"{self.case}: {each}" for each in self.wrong)


@dataclass
class Played:
    outcomes: list[Outcome]
    broken: list[str] = field(default_factory=list)


async def play(url: str, cases: Sequence[Case]) -> Played:
    """On a furnished database of their own. All cases of one network trouble strike equally often."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(site_on(url))
        await stack.enter_async_context(site.service.bot)
        mails = [Mail(case, place) for place, case in enumerate(cases)]
        office = Office(site, mails, stack)
        await office.prepares()
        await office.works()
        outcomes = [office.outcome(mail) for mail in mails]
        return Played(outcomes, [*office.broken, *await office.administrators_hear(outcomes)])


@dataclass
class Office:
    site: Site
    mails: list[Mail]
    stack: AsyncExitStack
    broken: list[str] = field(default_factory=list)

    # Before

    async def prepares(self) -> None:
        """Everybody takes their post; the cards to be drawn anew and the first of several messages arrive in peace."""
        for mail in self.mails:
            for rank, chat in enumerate(mail.chats):
                self.site.enters(chat, mail.name(rank))
        with self.site.store.write() as session:
            for mail in self.mails:
                self._hires(session, mail)
                if mail.case.act in (Act.EDIT, Act.MIDDLE):
                    self._tells(session, mail, f"先有〔{mail.place}〕", "before")
        while await self.site.step():
            pass

    def _hires(self, session: Session, mail: Mail) -> None:
        superior: int | None = None
        for rank in (2, 1, 0):
            staff = Staff(
                number=f"F{mail.place}-{rank}",
                name=mail.name(rank),
                telegram_id=mail.chats[rank],
                superior_id=superior,
            )
            session.add(staff)
            session.flush()
            superior = key(staff)

    def _tells(self, session: Session, mail: Mail, text: str, name: str) -> None:
        screen = Screen(say("text", text=text))
        kind = MessageClass(mail.case.kind)
        tell(session, _first(session, mail), screen, kind, f"case:{mail.place}:{name}", self.site.clock.now())

    # The troubles

    async def works(self) -> None:
        for mail in self.mails:
            self._strikes(mail)
        with self.site.store.write() as session:
            for mail in self.mails:
                self._writes(session, mail)
        waited = any(mail.case.troubles[0] == "flood" for mail in self.mails)
        for minute in range(ROUNDS + 1):
            await self._through(minute)
            if minute == 0:
                self._third_messages()
                if waited:
                    await self._keeps_quiet()
            self.site.passes(60)

    def _strikes(self, mail: Mail) -> None:
        """Plan the troubles of a case, as far as they are of its own."""
        for place, trouble in enumerate(mail.case.troubles, 1):
            if trouble == "migrate":
                mail.group = self.site.telegram.group("新群", [mail.chats[0]])
            if trouble in STANDING:
                self._shuts(mail, trouble)
            elif trouble not in NETWORK:
                self._plans(mail, trouble, None if mail.case.lasting and place == len(mail.case.troubles) else 1)

    def _plans(self, mail: Mail, trouble: str, times: int | None) -> None:
        kind: Kind = "slow" if trouble == "too_slow" else trouble  # type: ignore[assignment]
        self.site.telegram.faults.add(
            kind=kind,
            method=mail.method,
            times=times,
            chat_id=mail.chats[0],
            retry_after=RETRY_AFTER,
            seconds=60 if trouble == "too_slow" else 0.02,
            new_chat_id=mail.group or 0,
        )

    def _shuts(self, mail: Mail, trouble: str) -> None:
        match trouble:
            case "blocked":
                self.site.telegram.blocks_bot(mail.chats[0])
            case "account_closed":
                self.site.telegram.closes_account(mail.chats[0])
            case "chat_not_found":
                self.site.telegram.people.pop(mail.chats[0])
                self.site.telegram.world().chats.pop(mail.chats[0])

    def _writes(self, session: Session, mail: Mail) -> None:
        """The message that is struck."""
        now, name = self.site.clock.now(), f"case:{mail.place}:struck"
        staff, text = _first(session, mail), say("text", text=mail.text)
        match mail.case.act:
            case Act.EDIT:
                card = session.exec(select(Card).where(Card.staff_id == key(staff))).one()
                redraw(session, card, Screen(text), name, now)
            case Act.FILE:
                hand_over(session, staff, "ledger", PAPER, text, name, now)
            case _:
                self._tells(session, mail, mail.text, "struck")
        session.flush()
        mail.row = session.exec(select(Outbox.id).where(Outbox.unique_key == name)).one() or 0

    def _third_messages(self) -> None:
        with self.site.store.write() as session:
            for mail in self.mails:
                if mail.case.act is Act.MIDDLE:
                    self._tells(session, mail, f"后有〔{mail.place}〕", "after")

    async def _through(self, minute: int) -> None:
        """Everything that may go now, over a wire that is dead for as many minutes as the case says."""
        sender, trouble = self.site.sender, self.mails[0].case.troubles[0]
        case = self.mails[0].case
        if trouble in NETWORK and (case.lasting or minute < len(case.troubles)):
            async with DEAD[trouble](sender.bot.token) as sender.bot:
                await self._sends()
            sender.bot = self.site.service.bot
        else:
            await self._sends()

    async def _sends(self) -> None:
        for _ in range(MOST_STEPS):
            if not await self.site.step():
                return
            self._nobody_waits_unheard()
        self.broken.append("the sender asks again and again without waiting")

    async def _keeps_quiet(self) -> None:
        """Told to wait, the bot writes to nobody until then."""
        asked = self.site.asked()
        self.site.passes(RETRY_AFTER - 1)
        await self._sends()
        if self.site.asked() != asked:
            self.broken.append("Telegram was asked again before the time it had told us to wait")
        self.site.passes(1)
        await self._sends()

    def _nobody_waits_unheard(self) -> None:
        """What the next in line must hear is on its way to them in the transaction that gives up the first."""
        with self.site.store.read() as session:
            rows = dict(session.exec(select(Outbox.unique_key, Outbox.state)).all())
        for mail in self.mails:
            name = f"case:{mail.place}:struck"
            given_up = rows[name] in ("failed", "uncertain")
            if given_up and fate(mail.case).next and not any(other.startswith(f"{name}>") for other in rows):
                self.broken.append(f"{mail.case}: given up, and not yet passed on")

    # After

    def outcome(self, mail: Mail) -> Outcome:
        promised = fate(mail.case)
        with self.site.store.read() as session:
            row = session.get_one(Outbox, mail.row)
        seen = self._seen(mail)
        again = AGAIN.format(mail.row, mail.text)
        up = [text for chat in mail.chats[1:] for text in self.site.texts(chat)]
        came = Fate(
            row.state,
            plain=seen.count(mail.text),
            marked=seen.count(again),
            next=up.count(PASSED_ON.format(mail.name(0), mail.text)),
            tries=row.tries if promised.tries else None,
        )
        return Outcome(mail.case, promised, came, tuple(self._wrong(mail, seen, up, came, again)))

    def _seen(self, mail: Mail) -> list[str]:
        if "chat_not_found" in mail.case.troubles:
            return []
        here = self.site.texts(mail.chats[0])
        return here + (self.site.texts(mail.chats[0], mail.group) if mail.group else [])

    def _wrong(self, mail: Mail, seen: list[str], up: list[str], came: Fate, again: str) -> Iterator[str]:
        """What holds for every case, whatever was promised to it."""
        doubts = sum(TROUBLES[each].means is Means.DOUBT for each in mail.case.strikes())
        strong = mail.case.kind in STRONG
        if came.plain > 1 or came.marked > doubts or (came.marked and not strong) or came.next > 1:
            yield f"said too often: {seen}, {up}"
        if len(up) != came.next:
            yield f"the next in line reads {up}"
        peaceful = {Act.MIDDLE: ["先有", "后有"], Act.EDIT: [] if came.plain else ["先有"]}.get(mail.case.act, [])
        rest = sorted(text for text in seen if text not in (mail.text, again))
        if (
            rest != sorted(f"{each}〔{mail.place}〕" for each in peaceful)
            and "chat_not_found" not in mail.case.troubles
        ):
            yield f"beside it they read {rest}"
        if not (came.plain or came.marked or came.next) and came.state not in ("waiting", "failed", "uncertain"):
            yield f"lost: nobody read it, and it counts as {came.state}"

    async def administrators_hear(self, outcomes: Sequence[Outcome]) -> list[str]:
        """Of every message that failed or whose end is uncertain."""
        self.site.telegram.faults.clear()
        with self.site.store.write() as session:
            for row in session.exec(select(Outbox).where(col(Outbox.state) == "waiting")):
                row.state = "superseded"
        await self.site.service.tick()
        self.site.passes(60)
        await self._sends()
        heard = "\n".join(self.site.texts(ADMIN))
        counts = {state: sum(each.came.state == state for each in outcomes) for state in WORDS}
        missing = [WORDS[state].format(count) for state, count in counts.items() if count]
        ends = any("unauthorized" in each.case.troubles for each in outcomes)
        wrong = [f"administrators do not read {each!r} but {heard!r}" for each in missing if each not in heard]
        return wrong + (
            ["a revoked token did not end it, or something else did"] if ends != bool(self.site.ended) else []
        )


WORDS = {"failed": "新增 {} 条消息发送失败", "uncertain": "新增 {} 条消息发送后没有回应"}
ADMIN = 1061


def _first(session: Session, mail: Mail) -> Staff:
    return session.exec(select(Staff).where(Staff.telegram_id == mail.chats[0])).one()
