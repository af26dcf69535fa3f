"""An audit of thirty rows, chained in three batches, and somebody who holds its database: every guard in it falls before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlmodel import Session, select, update

from models import audit, chain
from models.audit import Audit
from models.chain import Link
from models.store import Store

KEY, OTHER = b"k" * 32, b"o" * 32
BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ROWS, POSTED, SEALED, SEALING = 30, (10, 20), 12, 21


def furnish(store: Store) -> None:
    """Rows 1 to 30, one a minute; 12 sealed by 21; the heads 10 and 20 posted."""
    store.upgrade()
    for number in range(1, ROWS + 1):
        with store.write() as session:
            _write(session, number)
        if number % 10 == 0:
            at = BEGAN + timedelta(minutes=number)
            store.run_here(chain.append, KEY, at)
            if number in POSTED:
                store.run_here(chain.post_head, at)


def _write(session: Session, number: int) -> None:
    at = BEGAN + timedelta(minutes=number)
    if number == SEALING:
        audit.seal(session, at, None, [SEALED], "期满封存")
    else:
        audit.record(
            session, at, None, f"talk.{number}", f"customer:{number}", n=number, text=f"第 {number} 次", amount=0.1
        )


class Attacker:
    """Raw SQL on a database whose triggers are dropped and whose keys are off; what is done is rolled back in the end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sqlite = connection.dialect.name == "sqlite"
        if self.sqlite:
            self._does("PRAGMA defer_foreign_keys = ON")
            for name in self._does("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
                self._does(f"DROP TRIGGER {name}")
        else:
            for table in inspect(connection).get_table_names():
                self._does(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')

    def _does(self, sql: str, **values: Any) -> Any:
        return self.connection.execute(text(sql), values)

    def does(self, *statements: str) -> None:
        for each in statements:
            self._does(each)

    def row(self, number: int, minutes: float, body: dict[str, Any] | None = None) -> None:
        """A row of the audit that looks like any other, with its body, as anybody can write it who has no key."""
        body = {"n": number} if body is None else body
        made = Audit(
            id=number,
            at=BEGAN + timedelta(minutes=minutes),
            action="talk.forged",
            subject="customer:1",
            digest=audit.digest("0" * 32, body),
        )
        self._orm(made, audit.AuditBody(audit_id=number, salt="0" * 32, body=body))

    def link(self, seq: int, row: int, key: bytes = OTHER, *, mark: bytes | None = None) -> None:
        """A link made with a key; `mark` says it is of another."""
        with Session(self.connection) as session:
            found = session.get_one(Audit, row)
            before = session.get(Link, seq - 1)
            seal = chain.seal_of(key, _values(found))
            mac = chain.mac_of(key, before.mac if before else "", seq, row, seal, found.at)
        self._orm(Link(seq=seq, audit_id=row, key_id=chain.key_id(mark or key), seal=seal, mac=mac, at=found.at))

    def chains_again(self, first: int, key: bytes, *, mark: bytes | None = None) -> None:
        """Every link from this one on is made anew, with a key."""
        rows = self._does("SELECT audit_id FROM chain WHERE seq >= :first ORDER BY seq", first=first).scalars().all()
        self._does("DELETE FROM chain WHERE seq >= :first", first=first)
        for place, number in enumerate(rows):
            self.link(first + place, number, key, mark=mark)

    def rewrites(self, number: int, body: dict[str, Any]) -> None:
        """Another body, and the digest that fits it."""
        with Session(self.connection) as session:
            salt = session.exec(select(audit.AuditBody.salt).where(audit.AuditBody.audit_id == number)).one()
            session.exec(update(audit.AuditBody).where(_is(audit.AuditBody.audit_id, number)).values(body=body))
            session.exec(update(Audit).where(_is(Audit.id, number)).values(digest=audit.digest(salt, body)))
            session.flush()

    def bodies(self, number: int, body: object, salt: str | None = None) -> None:
        value = ":body" if self.sqlite else "CAST(:body AS JSON)"
        sql = f"UPDATE audit_body SET body = {value} WHERE audit_id = :number"
        self._does(sql, body=json.dumps(body), number=number)
        if salt is not None:
            self._does("UPDATE audit_body SET salt = :salt WHERE audit_id = :number", salt=salt, number=number)

    def swaps(self, one: int, other: int, *columns: str) -> None:
        """Two rows change places, by their numbers in each `table.column`."""
        for before, after in ((one, -900), (other, one), (-900, other)):
            for table, column in (each.split(".") for each in columns):
                self.does(f"UPDATE {table} SET {column} = {after} WHERE {column} = {before}")

    def shifts(self, first: int, by: int) -> None:
        """The links from this one on get other numbers."""
        self.does(
            f"UPDATE chain SET seq = seq + 1000 WHERE seq >= {first}",
            f"UPDATE chain SET seq = seq - 1000 + {by} WHERE seq > 1000",
        )

    def lets_the_bot_chain(self) -> None:
        with Session(self.connection) as session:
            chain.append(session, KEY, BEGAN + timedelta(hours=1))
            session.flush()

    def _orm(self, *rows: Any) -> None:
        with Session(self.connection) as session:
            for each in rows:
                session.add(each)
                session.flush()


def _values(row: Audit) -> tuple[Any, ...]:
    return row.id, row.at, row.staff_id, row.action, row.subject, row.digest


def _is(column: Any, number: int) -> Any:
    return column == number


@contextmanager
def attacked(store: Store) -> Iterator[Attacker]:
    connection = store.engine.connect()
    try:
        yield Attacker(connection)
    finally:
        connection.rollback()
        connection.close()
