"""The one gate out: rows of the outbox become messages.

A row is marked `sending` and committed before the request leaves, so that our own death leaves a trace: such a row may have
arrived. Text is made at this moment. What an uncertain answer means depends on the class of the message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import httpx
from aiohttp import ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError
from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.letters import Letter, Outcome, take_back
from bot.limits import Limiter
from bot.passing import hand_out, pass_file
from bot.press import Press, settled
from dialogue.making import interrupted
from dialogue.telling import MessageClass, forget, offer_whole, owe_deletion, pass_on, stranger
from models import secrecy
from models.messages import Card, Outbox
from models.people import Staff, above, key
from models.present import in_force
from models.restores import held
from models.store import Store
from models.vault import is_marked
from papers.book import Paper
from papers.desk import made
from papers.discretion import Discretion, discretion
from papers.masking import Mask, mask
from reading.veil import Veil
from rules.house import House
from words import Say, Voice, say, unpack

log = logging.getLogger(__name__)

STRONG = {MessageClass.ESCALATION, MessageClass.RECEIPT}
MOST_REPEATS = 2
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
BATCH = 30
AT_THE_END = 5.0
"""Seconds for which the end waits for files that are being made."""
PROBE = 1.0
"""Seconds between two questions whether Telegram answers."""
SURELY_NOT_SENT = (ClientConnectorError, ConnectionTimeoutError, ClientHttpProxyError, httpx.PoolTimeout)
"""Seen anywhere in the chain of causes. The transport calls every lost connection a connect timeout; only these never left:
no address, no connection, none in time (nor a free one of ours), no way opened by the proxy."""


class Sender:
    """`monotonic` gives the seconds by which Telegram's limits are kept."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        house: House,
        limiter: Limiter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bot = bot
        self.store = store
        self.house = house
        self.limiter = limiter or Limiter()
        self.monotonic = monotonic
        self.press = Press(store, house)
        self._making: set[asyncio.Task[None]] = set()
        self._revoked: InvalidToken | None = None
        self.unanswered = False
        """Telegram answered nothing of what went out last, nor since then a question."""
        self._asked = 0.0

    async def recover(self, now: datetime) -> None:
        """At the start: what was on its way when the last process ended has an uncertain end. So has, where sending begins anew, a
        file that hangs."""
        making = list(self._making)
        for each in making:
            each.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        await self.store.run(_recover, now)

    async def step(self, now: datetime) -> int:
        """Send what may go now. Returns how many were tried. Raises `InvalidToken` once Telegram no longer knows this bot."""
        self._say_revoked()
        left = self.monotonic()
        letters = await self.store.run(self._pick, now, left)
        if not letters:
            if self.unanswered:
                await self._ask()
            return 0
        quick = [each for each in letters if not each.is_made]
        for letter in (each for each in letters if each.is_made):
            task = asyncio.create_task(self._make(letter, now))
            self._making.add(task)
            task.add_done_callback(self._making.discard)
        if quick:
            outcomes = await asyncio.gather(*(self._send(letter, now) for letter in quick))
            self.unanswered = not any(outcome.answered for outcome in outcomes)
            self.limiter.arrived(left, self.monotonic())
            await self.store.run(self._settle, list(zip(quick, outcomes, strict=True)), now)
            for outcome in outcomes:
                if outcome.revoked is not None:
                    await self.finish()  # each knows how it went before the end
                    raise outcome.revoked
        return len(letters)

    async def _make(self, letter: Letter, now: datetime) -> None:
        """A file takes its time, up to seconds for the report of a year: no other message waits for it."""
        outcome = await self._send(letter, now)
        await self.store.run(self._settle, [(letter, outcome)], now)
        self._revoked = outcome.revoked or self._revoked

    def _say_revoked(self) -> None:
        """What a file met on its way, the next step says."""
        revoked, self._revoked = self._revoked, None
        if revoked is not None:
            raise revoked

    async def finish(self) -> bool:
        """Wait for the files that are being made. Whether there were any."""
        making = list(self._making)
        await asyncio.gather(*making)
        return bool(making)

    async def stop(self) -> None:
        """A file that is nearly made still goes out; another has an uncertain end, as everything that was on its way."""
        if self._making:
            _, late = await asyncio.wait(self._making, timeout=AT_THE_END)
            for each in late:
                each.cancel()

    async def _ask(self) -> None:
        """Nothing may go now and the last went unanswered: does Telegram answer at all? What still waits will tell by itself."""
        if self.monotonic() - self._asked < PROBE or await self.store.run(_any_waiting):
            return
        self._asked = self.monotonic()
        with contextlib.suppress(TelegramError):
            await self.bot.get_me()
            self.unanswered = False

    def _pick(self, session: Session, now: datetime, leaves: float) -> list[Letter]:
        letters: list[Letter] = []
        if held(session):
            return letters
        ready = session.exec(READY, params={"now": now}).all()
        veil = secrecy.veil(session) if ready else None
        for row in ready:
            edit = row.edits or row.deletes is not None
            if self.limiter.wait(row.chat_id, leaves, edit=edit):
                continue
            try:
                letter = self._letter(session, row, now, veil)
            except Exception as error:
                log.exception("message %s can't be put into words", row.id)
                row.state, row.error = "failed", repr(error)
                continue
            if letter is None:
                row.state = "superseded"
                continue
            row.state = "sending"
            row.tries += 1
            self.limiter.sent(row.chat_id, leaves, edit=edit)
            letters.append(letter)
            if len(letters) == BATCH:
                break
        return letters

    def _letter(self, session: Session, row: Outbox, now: datetime, veil: Veil | None) -> Letter | None:
        card = session.get(Card, row.card_id) if row.card_id else None
        if row.edits and card is not None and card.message_id is None and _adrift(session, card):
            row.edits = False
        if row.edits and (card is None or card.message_id is None):
            return None
        if row.vanish_at is not None and row.vanish_at <= now:
            return None  # its time was over before it could be shown
        staff = session.get(Staff, row.staff_id) if row.staff_id else None
        voice = Voice(staff.language if staff else self.house.language, self.house.calendar.tz, now)
        text = unpack(row.text)
        if row.repeats and isinstance(text, Say):
            text = say("sent_again", text=text, number=row.id)
        told = discretion(session, voice, staff, now, veil)
        about = told.concerned(card.buttons) if card else set()
        if card is not None and self._is_masked(row, staff):
            return self._masked(session, row, card, told, voice(text))
        keyboard = _keyboard(row, voice, told, about)
        most = LONGEST_CAPTION if row.document else LONGEST_TEXT
        edits = card.message_id if card and row.edits else None
        words = fitting(told(voice(text), about), most)
        vanishes = row.vanish_at is not None
        return Letter(key(row), row.chat_id, words, keyboard, edits, row.document, vanishes, row.deletes)

    def _is_masked(self, row: Outbox, staff: Staff | None) -> bool:
        """What somebody asked for, and what is drawn over an older message, is shown whole."""
        pushed = row.message_class != MessageClass.REPLY and not row.edits
        return pushed and staff is not None and (self.house.masks if staff.masks is None else staff.masks)

    def _masked(self, session: Session, row: Outbox, card: Card, told: Discretion, text: str) -> Letter:
        about = secrecy.concerned(session, card.buttons) | secrecy.numbered(session, text)
        masked = mask(session, told, about)
        if about:
            offer_whole(row, card)
        keyboard = _keyboard(row, told.voice, masked, about)
        return Letter(key(row), row.chat_id, fitting(masked(text, about), LONGEST_TEXT), keyboard, None)

    async def _send(self, letter: Letter, now: datetime) -> Outcome:
        try:
            paper = await self._made(letter, now) if letter.is_made else None
        except Exception as error:
            log.exception("the file of message %s can't be made", letter.row)
            return Outcome(refused=repr(error), unmade=True)
        try:
            if letter.deletes is not None:
                return await take_back(self.bot, letter, letter.deletes)
            if paper is not None:
                protected = letter.vanishes or bool((letter.document or {}).get("protected"))
                sent = await hand_out(self.bot, letter.chat, paper, letter.text, protected=protected)
                return Outcome(message=sent.message_id)
            if letter.document is not None:
                stored = letter.document["file"]
                sent = await pass_file(self.bot, letter.chat, stored, letter.text, protected=letter.vanishes)
                return Outcome(message=sent.message_id)
            if letter.edit_of is not None:
                await self.bot.edit_message_text(
                    letter.text,
                    letter.chat,
                    letter.edit_of,
                    parse_mode=ParseMode.HTML,
                    reply_markup=letter.keyboard,
                )
                return Outcome(message=letter.edit_of)
            sent = await self.bot.send_message(
                letter.chat,
                letter.text,
                parse_mode=ParseMode.HTML,
                reply_markup=letter.keyboard,
                protect_content=letter.vanishes or None,
            )
            return Outcome(message=sent.message_id)
        except TelegramError as error:
            return self._judged(error)
        except Exception:
            log.exception("the answer to message %s can't be read", letter.row)
            return Outcome(uncertain=True, answered=False)

    def _paper(self, letter: Letter) -> Paper:
        """Beside the writer: a long list must not hold up those who work."""
        with self.store.read() as session:
            row = session.get_one(Outbox, letter.row)
            staff = session.get_one(Staff, row.staff_id)
            return made(session, in_force(session, self.house), staff, letter.document or {}, row.created_at)

    async def _made(self, letter: Letter, now: datetime) -> Paper:
        return await (self.press.made(letter, now) if letter.is_long else self.store.beside(self._paper, letter))

    def _judged(self, error: TelegramError) -> Outcome:
        match error:
            case RetryAfter():
                delay = seconds(error)
                self.limiter.halt(delay, self.monotonic())
                return Outcome(again_in=delay)
            case InvalidToken():
                return Outcome(again_in=0, revoked=error)
            case Forbidden():
                return Outcome(unreachable=True, refused=error.message)
            case ChatMigrated():
                return Outcome(again_in=0, migrated_to=error.new_chat_id)
            case BadRequest() if "not modified" in error.message:
                return Outcome(message=0)
            case BadRequest():
                gone = "chat not found" in error.message.lower()
                return Outcome(unreachable=gone, refused=error.message)
            case NetworkError() if any(isinstance(cause, SURELY_NOT_SENT) for cause in _causes(error)):
                return Outcome(again_in=5, answered=False)
        return Outcome(uncertain=True, answered=False)

    def _settle(self, session: Session, went: Sequence[tuple[Letter, Outcome]], now: datetime) -> None:
        for letter, outcome in went:
            row = session.get_one(Outbox, letter.row)
            row.error = outcome.refused
            settled(session, row, outcome, now)
            if outcome.message is not None:
                _arrived(session, row, outcome.message, now)
            elif outcome.again_in is not None:
                row.state, row.next_try_at = "waiting", now + timedelta(seconds=outcome.again_in)
                row.chat_id = outcome.migrated_to or row.chat_id
            elif outcome.uncertain:
                _uncertain(session, row, now)
            else:
                log.warning("message %s was refused: %s", row.id, outcome.refused)
                row.state = "failed"
                if outcome.unmade:
                    stranger(session, row.chat_id, say("paper.failed"), f"unmade:{row.id}", now)
                if outcome.unreachable:
                    _unreachable(session, row, now)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


EARLIER = aliased(Outbox)
BLOCKED = exists().where(
    col(EARLIER.card_id) == col(Outbox.card_id),
    col(EARLIER.id) < col(Outbox.id),
    col(EARLIER.state).in_(("waiting", "sending")),
)
READY = (
    select(Outbox)
    .where(Outbox.state == "waiting", ~BLOCKED)
    .where(or_(col(Outbox.next_try_at).is_(None), col(Outbox.next_try_at) <= bindparam("now")))
    .order_by(col(Outbox.priority), col(Outbox.id))
    .limit(BATCH * 10)
)
"""What waits and may be tried, escalations first. A message waits for the earlier ones of its own card only."""


def _any_waiting(session: Session) -> bool:
    return session.exec(select(Outbox.id).where(*_mail()).limit(1)).first() is not None


def _mail() -> tuple[ColumnElement[bool], ...]:
    """What waits to be said; a deletion waits for its time."""
    return col(Outbox.state) == "waiting", col(Outbox.deletes).is_(None)


def _adrift(session: Session, card: Card) -> bool:
    """Whether it is unsure that the card arrived, and where: what is drawn on it comes as a message of its own."""
    unsure = (Outbox.card_id == key(card), Outbox.state == "uncertain", col(Outbox.edits).is_(False))
    return session.exec(select(Outbox.id).where(*unsure)).first() is not None


def _keyboard(row: Outbox, voice: Voice, told: Discretion | Mask, about: set[int]) -> InlineKeyboardMarkup | None:
    lines = [
        [
            InlineKeyboardButton(
                told(voice.plain(unpack(face["label"])), about)[:64] or "…", callback_data=face["data"]
            )
            for face in line
        ]
        for line in row.rows
    ]
    return InlineKeyboardMarkup(lines) if lines else None


def seconds(told: RetryAfter) -> float:
    wait = told.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def fitting(text: str, most: int = LONGEST_TEXT) -> str:
    """At most what one message holds, in UTF-16 units; cut at a line, so that no tag is left open."""
    if len(text.encode("utf-16-le")) // 2 <= most:
        return text
    lines = text.split("\n")
    while lines and len("\n".join([*lines, "…"]).encode("utf-16-le")) // 2 > most:
        lines.pop()
    return "\n".join([*lines, "…"])


def _arrived(session: Session, row: Outbox, message: int, now: datetime) -> None:
    row.state, row.sent_at = "sent", now
    if row.deletes is not None:
        forget(session, row)
        return
    if row.vanish_at is not None:
        owe_deletion(session, row, message, now)
    card = session.get(Card, row.card_id) if row.card_id else None
    if card is not None and not row.edits:
        card.message_id = message
    staff = session.get(Staff, row.staff_id) if row.staff_id else None
    if staff is not None and staff.unreachable_since is not None:
        staff.unreachable_since = None


def _uncertain(session: Session, row: Outbox, now: datetime) -> None:
    """It may have arrived. Edits are done again; the strong classes are said again, marked, then go to the next in line."""
    if row.edits or row.deletes is not None:
        row.state, row.next_try_at = "waiting", now + timedelta(seconds=5)
    elif MessageClass(row.message_class) not in STRONG:
        row.state = "uncertain"
    elif row.repeats < MOST_REPEATS:
        row.repeats += 1
        row.state, row.next_try_at = "waiting", now + timedelta(seconds=60)
    else:
        row.state = "uncertain"
        _to_the_next(session, row, now)


def _unreachable(session: Session, row: Outbox, now: datetime) -> None:
    staff = session.get(Staff, row.staff_id) if row.staff_id else None
    if staff is None:
        return
    staff.unreachable_since = staff.unreachable_since or now
    if MessageClass(row.message_class) in STRONG and not row.edits:
        _to_the_next(session, row, now)


def _to_the_next(session: Session, row: Outbox, now: datetime) -> None:
    """Somebody must hear it: the next in line who has not been asked yet."""
    staff = session.get(Staff, row.staff_id) if row.staff_id else None
    text = unpack(row.text)
    if staff is None or not isinstance(text, Say) or is_marked(row.text):
        return  # what is confidential is for nobody else's eyes
    asked = row.unique_key.split(">")[1:]
    for other in above(session, staff, now):
        if other.telegram_id is not None and str(other.id) not in asked:
            pass_on(session, row, other, say("passed_on", name=staff.name, text=text), now)


def _recover(session: Session, now: datetime) -> None:
    rows = session.exec(select(Outbox).where(Outbox.state == "sending").order_by(col(Outbox.id))).all()
    for row in rows:
        _uncertain(session, row, now)
        if row.state == "waiting":
            row.next_try_at = None
    interrupted(session, rows, now)
