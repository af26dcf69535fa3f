"""Is the audit as it was written? Every row, body and link against the key, in plain SQL; what is wrong is named, row by row.

A link's `seal` says whether its row is as it was, its `mac` whether it stands in its place. After a link that is wrong the walk
goes on with whatever the next one fits, so that one wrong row is one fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime

from models.audit import SEALING, digest
from models.chain import SHOWN, Head, key_id, mac_of, seal_of
from models.identities import MARK
from models.sealings import DONE
from words import Say, say

SALT: Final = re.compile(r"[0-9a-f]{16}([0-9a-f]{16})?")
BACK: Final = timedelta(days=1)
"""How much earlier than the rows before it a row may say that it was written: long transactions, clocks set right."""
UNCHAINED: Final = timedelta(seconds=60)
NEAR: Final = 8
"""Marks around a wrong link that the next may stand on."""


class Kind(StrEnum):
    """What can be wrong, each with its own sentence."""

    ROW_CHANGED = "row_changed"
    ROW_GONE = "row_gone"
    ROW_INSERTED = "row_inserted"  # it has no link, and a number among rows that have
    BACKDATED = "backdated"
    BODY_CHANGED = "body_changed"  # the body, or its salt
    BODY_GONE = "body_gone"
    BODY_EMPTIED = "body_emptied"  # as if it were sealed, and no sealing is on record
    BODY_STRAY = "body_stray"  # a body whose row is not there
    SALT = "salt"
    LINK_GONE = "link_gone"
    LINK_CHANGED = "link_changed"
    LINK_FORGED = "link_forged"  # neither its row nor its place fits: made without the key, or turned to another row
    ORDER = "order"
    OTHER_KEY = "other_key"
    TRUNCATED = "truncated"
    HEAD = "head"  # not the head that was posted
    SEALING = "sealing"  # records were sealed, and the audit does not say so, or says other ones
    SEALED_STRAY = "sealed_stray"  # a complaint without its complainant, which no sealing names


LINKS: Final = frozenset({Kind.LINK_GONE, Kind.LINK_CHANGED, Kind.LINK_FORGED, Kind.ORDER, Kind.OTHER_KEY})
"""These count links, the others rows of the audit."""


@dataclass(frozen=True)
class Flaw:
    """`first` to `last`: numbers of rows of the audit; of links for the kinds in `LINKS` and for heads."""

    kind: Kind
    first: int
    last: int

    def __str__(self) -> str:
        span = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.kind}:{span}"


def flaw_in_words(flaw: Flaw) -> Say:
    span = f"{flaw.first}" if flaw.first == flaw.last else f"{flaw.first}–{flaw.last}"
    return say(f"flaw.{flaw.kind}", span=span)


@dataclass(frozen=True)
class Verdict:
    flaws: tuple[Flaw, ...]
    links: int
    """How many were looked at."""
    waiting: int
    """Rows that were written since the last link."""
    head: Head | None


def verify(connection: Connection, key: bytes, now: datetime, after: int = 0, upto: int | None = None) -> Verdict:
    """The links `after` < seq <= `upto` with their rows, and what has to hold for the whole. All of it without limits."""
    walk = _Walk(connection, key, now, after)
    flaws = sorted(walk.through(upto), key=lambda flaw: (flaw.kind in LINKS, flaw.first))
    head = _head(connection)
    stray, waiting = _unchained(connection)
    found = [*_joined(flaws), *_joined(stray), *_bodies_without_rows(connection), *_posted(connection, head)]
    found += _sealings(connection, key, now)
    return Verdict(tuple(found), walk.links, waiting, head)


def against(connection: Connection, posted: str) -> Flaw | None:
    """A head that somebody was told, as `812:9f3a61c0d2e4b7a1`, against the chain. Raises ValueError for anything else."""
    number, _, mac = posted.strip().partition(":")
    if not re.fullmatch(rf"[0-9a-f]{{{SHOWN},}}", mac):
        raise ValueError(posted)
    return fits(connection, _head(connection), int(number), mac)


WALK: Final = text(
    "SELECT c.seq, c.audit_id, c.key_id, c.seal, c.mac, c.at AS linked,"
    " a.id, a.at, a.staff_id, a.action, a.subject, a.digest, b.audit_id AS embodied, b.salt, b.body"
    " FROM chain c LEFT JOIN audit a ON a.id = c.audit_id LEFT JOIN audit_body b ON b.audit_id = c.audit_id"
    " WHERE c.seq > :after AND c.seq <= :upto ORDER BY c.seq, c.audit_id"
)
SEALINGS: Final = text(
    "SELECT c.seal, a.id, a.at, a.staff_id, a.action, a.subject, a.digest, b.audit_id AS embodied, b.salt, b.body"
    " FROM audit a LEFT JOIN chain c ON c.audit_id = a.id JOIN audit_body b ON b.audit_id = a.id"
    " WHERE a.action = :action AND (c.seal IS NOT NULL OR a.id > (SELECT max(audit_id) FROM chain))"
)
"""Those of the last seconds, too, which have no link yet: see `_is_fresh`."""
LOWEST, HIGHEST = -(2**31), 2**31 - 1


@dataclass
class _Walk:
    """Values are taken as they lie there, whatever somebody has put in their place."""

    connection: Connection
    key: bytes
    now: datetime
    after: int
    links: int = 0
    _known: list[str] = field(default_factory=list)
    """The marks that the next link may stand on: of the link before, and where that was wrong, of those around it. None: any."""
    _latest: datetime | None = None
    _emptied: list[int] = field(default_factory=list)
    _displaced: tuple[int, list[str]] | None = None
    """A link that does not fit where it stands, and the marks by which the next shows that its place was this all the same."""
    _moved: int | None = None
    """The last link that was found to be moved."""

    def through(self, upto: int | None) -> Iterator[Flaw]:
        before = _mark(self.connection, self.after) if self.after else ""
        self._known = [before] if before or not self.after else []
        at, limits = self.after, {"after": self.after or LOWEST, "upto": HIGHEST if upto is None else upto}
        for row in self.connection.execution_options(stream_results=True).execute(WALK, limits).yield_per(1000):
            if row.seq > at + 1:
                yield Flaw(Kind.LINK_GONE, at + 1, row.seq - 1)
                self._known = []
            at = max(at, row.seq)
            self.links += 1
            yield from self._link(row)
        yield from self._settled(None)
        yield from self._emptied_unlawfully()

    def _link(self, row: Any) -> Iterator[Flaw]:
        seal = _seal(self.key, row)
        yield from self._settled(row)
        marks = [self._mac(before, row, row.seal) for before in self._known]
        fault = self._judged(row, seal, marks)
        if fault is None or fault in (Kind.ROW_CHANGED, Kind.ROW_GONE, Kind.OTHER_KEY):
            self._known = [row.mac]
        else:
            self._known = [row.mac, *marks, *self._known][:NEAR] if when(row.linked) else []
        if fault is Kind.ORDER:
            self._displaced = (row.seq, [row.mac, *marks])
        elif fault is not None:
            number = row.seq if fault in LINKS else row.audit_id
            yield Flaw(fault, number, number)
        if row.seal == seal:
            yield from self._contents(row)

    def _settled(self, row: Any) -> Iterator[Flaw]:
        """Where the next link stands on the one that did not fit, that one was changed, unless it was the one before that is not
        the right one; otherwise it was moved."""
        if self._displaced is not None:
            seq, marks = self._displaced
            self._displaced = None
            after_a_moved_one = self._moved == seq - 1
            stands = row is not None and any(self._mac(mark, row, row.seal) == row.mac for mark in marks)
            if (stands or row is None) and not after_a_moved_one:
                yield Flaw(Kind.LINK_CHANGED, seq, seq)
            elif not stands:
                self._moved = seq
                yield Flaw(Kind.ORDER, seq, seq)

    def _mac(self, before: str, row: Any, seal: str) -> str:
        linked = when(row.linked)
        return mac_of(self.key, before, row.seq, row.audit_id, seal, linked) if linked else ""

    def _judged(self, row: Any, seal: str | None, marks: Sequence[str]) -> Kind | None:
        placed = row.mac in marks if self._known else None
        ours = row.key_id == key_id(self.key)
        if row.seal == seal:
            return Kind.LINK_CHANGED if not ours else Kind.ORDER if placed is False else None
        if not ours:
            return Kind.OTHER_KEY
        if row.id is None:
            return Kind.ROW_GONE
        if placed is not False:
            return Kind.ROW_CHANGED
        mended = (self._mac(before, row, seal or "") for before in self._known)
        return Kind.LINK_CHANGED if row.mac in mended else Kind.LINK_FORGED

    def _contents(self, row: Any) -> Iterator[Flaw]:
        """What hangs on a row that is as it was written: its body, and its time."""
        fault = _body(row)
        if fault is Kind.BODY_EMPTIED:
            self._emptied.append(row.id)
        elif fault is not None:
            yield Flaw(fault, row.id, row.id)
        at = when(row.at)
        if at and self._latest and at < self._latest - BACK:
            yield Flaw(Kind.BACKDATED, row.id, row.id)
        self._latest = max(filter(None, (self._latest, at)), default=None)

    def _emptied_unlawfully(self) -> Iterator[Flaw]:
        lawful: set[int] = set()
        if self._emptied:
            for _, body in _said(self.connection, self.key, SEALING, self.now):
                lawful |= set(body["rows"])
        yield from (Flaw(Kind.BODY_EMPTIED, number, number) for number in self._emptied if number not in lawful)


def _said(connection: Connection, key: bytes, action: str, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the audit says was done, as subject and body, in rows that are as they were written."""
    for row in connection.execute(SEALINGS, {"action": action}):
        vouched = row.seal == _seal(key, row) if row.seal is not None else _is_fresh(row, now)
        if vouched and _body(row) is None:
            yield row.subject, _json(row.body)


def _is_fresh(row: Any, now: datetime) -> bool:
    """Whether the next tick may still make its link. A record that stays without one was not written by the bot, and whoever holds
    the database could excuse with it whatever they emptied."""
    at = when(row.at)
    return at is not None and abs(now - at) <= UNCHAINED


def _seal(key: bytes, row: Any) -> str | None:
    """What the link of this row must say; None for a row that is not there, or not readable."""
    at = when(row.at)
    return seal_of(key, (row.id, at, row.staff_id, row.action, row.subject, row.digest)) if row.id and at else None


def _body(row: Any) -> Kind | None:
    body = _json(row.body)
    if row.embodied is None:
        return Kind.BODY_GONE
    if row.salt == "" and body == {}:
        return Kind.BODY_EMPTIED
    if not SALT.fullmatch(str(row.salt)):
        return Kind.SALT
    return None if digest(row.salt, body) == row.digest else Kind.BODY_CHANGED


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


def when(value: Any) -> datetime | None:
    """A moment as it comes from the database without a type: a text in UTC on SQLite. None for anything else."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _joined(flaws: Iterable[Flaw]) -> Iterator[Flaw]:
    """Neighbours with the same fault are one."""
    last: Flaw | None = None
    for flaw in flaws:
        if last is not None and last.kind is flaw.kind and flaw.first <= last.last + 1:
            last = Flaw(last.kind, last.first, max(last.last, flaw.last))
            continue
        if last is not None:
            yield last
        last = flaw
    if last is not None:
        yield last


def _mark(connection: Connection, seq: int) -> str:
    found = connection.execute(text("SELECT mac FROM chain WHERE seq = :seq"), {"seq": seq}).scalar()
    return str(found or "")


def _head(connection: Connection) -> Head | None:
    last = connection.execute(text("SELECT seq, mac FROM chain ORDER BY seq DESC LIMIT 1")).first()
    return Head(last.seq, last.mac) if last else None


UNLINKED: Final = text(
    "SELECT a.id, a.at FROM audit a LEFT JOIN chain c ON c.audit_id = a.id WHERE c.audit_id IS NULL ORDER BY a.id"
)


def _unchained(connection: Connection) -> tuple[list[Flaw], int]:
    """Rows that the bot passed over when it made links, and how many it has not come to yet."""
    newest = connection.execute(text("SELECT max(audit_id) AS id, max(at) AS at FROM chain")).one()
    linked = when(newest.at)
    passed_over, waiting = [], 0
    for row in connection.execute(UNLINKED):
        at = when(row.at)
        if linked and row.id < newest.id and (at is None or at < linked - UNCHAINED):
            passed_over.append(Flaw(Kind.ROW_INSERTED, row.id, row.id))
        else:
            waiting += 1
    return passed_over, waiting


def unchained_since(connection: Connection, before: datetime) -> int:
    """How many rows were written before that moment, after the last link, and have none."""
    newest = connection.execute(text("SELECT max(audit_id) FROM chain")).scalar() or 0
    sql = "SELECT count(*) FROM audit WHERE id > :newest AND at < :before"
    moment = bindparam("before", type_=UTCDateTime())
    return int(connection.execute(text(sql).bindparams(moment), {"newest": newest, "before": before}).scalar_one())


SEALED_ROWS: Final = text("SELECT sealing_id, place, row_id FROM sealed_row")
BEGUN: Final = text("SELECT id FROM sealing WHERE state IN ('sealing', 'sealed')")
STRAY: Final = text(
    "SELECT matter_id AS id FROM complaint WHERE complainant LIKE :mark AND NOT EXISTS (SELECT 1 FROM sealed_row"
    " WHERE place = 'complaint' AND row_id = matter_id) ORDER BY matter_id"
)


def _sealings(connection: Connection, key: bytes, now: datetime) -> Iterator[Flaw]:
    """Each sealing against what the audit says of it: that it was done, and to which rows."""
    named: dict[str, set[tuple[str, int]]] = {f"sealing:{row.id}": set() for row in connection.execute(BEGUN)}
    for row in connection.execute(SEALED_ROWS):
        named.setdefault(f"sealing:{row.sealing_id}", set()).add((row.place, row.row_id))
    said = {
        subject: {(place, number) for place, numbers in body["rows"].items() for number in numbers}
        for subject, body in _said(connection, key, DONE, now)
    }
    wrong = sorted(
        int(each.partition(":")[2]) for each in named.keys() | said.keys() if named.get(each) != said.get(each)
    )
    yield from _joined(Flaw(Kind.SEALING, number, number) for number in wrong)
    stray = connection.execute(STRAY, {"mark": f"%{MARK}%"})
    yield from _joined(Flaw(Kind.SEALED_STRAY, row.id, row.id) for row in stray)


def _bodies_without_rows(connection: Connection) -> Iterator[Flaw]:
    stray = text(
        "SELECT b.audit_id FROM audit_body b LEFT JOIN audit a ON a.id = b.audit_id"
        " LEFT JOIN chain c ON c.audit_id = b.audit_id WHERE a.id IS NULL AND c.audit_id IS NULL ORDER BY b.audit_id"
    )
    return _joined(Flaw(Kind.BODY_STRAY, row.audit_id, row.audit_id) for row in connection.execute(stray))


def _posted(connection: Connection, head: Head | None) -> Iterator[Flaw]:
    posted = connection.execute(text("SELECT seq, mac FROM posted_head ORDER BY seq")).all()
    for row in posted:
        flaw = fits(connection, head, row.seq, row.mac)
        if flaw is not None:
            yield flaw


def fits(connection: Connection, head: Head | None, seq: int, mac: str) -> Flaw | None:
    """A head that was seen before against the chain, whose head is now this."""
    if head is None or head.seq < seq:
        return Flaw(Kind.TRUNCATED, (head.seq if head else 0) + 1, seq)
    return None if _mark(connection, seq).startswith(mac) else Flaw(Kind.HEAD, seq, seq)
