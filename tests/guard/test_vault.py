"""What is marked is ciphertext in the database, and only the key that locked it opens it."""

from __future__ import annotations

import json

import pytest
from sqlmodel import col, select

from models.messages import Draft
from models.people import Staff, key
from models.store import Store
from models.vault import MARK, NoKeyError, Vault, is_marked
from tests.office import START

WORDS = "仓库账实不符黄鹂"
MARKED = {"say": "concern.card", "text": {"say": "text", MARK: True, "text": WORDS}}


def vault(secret: bytes = b"a key file of the tests, 32 byte") -> Vault:
    found = Vault()
    found.take_key(secret)
    return found


@pytest.mark.parametrize(
    "value", [MARKED, [[{"label": MARKED, "data": "k.1.0"}]], [{"do": "form.pick", "args": MARKED}]]
)
def test_what_is_marked_at_any_depth_is_locked_whole_and_read_as_it_was(value: object) -> None:
    stored = vault().dumps(value)
    assert WORDS.encode("ascii", "backslashreplace").decode() not in stored
    assert "form.pick" not in stored
    assert vault().loads(stored) == value


def test_the_same_words_never_look_the_same() -> None:
    assert vault().dumps(MARKED) != vault().dumps(MARKED)


@pytest.mark.parametrize(
    "value", [{"text": f'"{MARK}": true'}, {"locked": "x", "text": WORDS}, [], {}, None, "words", 7]
)
def test_what_is_not_marked_is_stored_as_it_is(value: object) -> None:
    assert vault().dumps(value) == json.dumps(value)
    assert vault().loads(json.dumps(value)) == value


def test_without_a_key_nothing_that_is_marked_can_be_stored() -> None:
    for what in (lambda: Vault().dumps(MARKED), lambda: Vault().lock(WORDS), lambda: Vault().known_by("concern", 1)):
        with pytest.raises(NoKeyError):
            what()


def test_with_another_key_or_after_a_change_it_is_empty() -> None:
    other = vault(b"the other key file of the tests.")
    for stored in (vault().dumps(MARKED), vault().dumps([MARKED])):
        empty = type(json.loads(stored))()
        assert other.loads(stored) == empty
        assert Vault().loads(stored) == empty
        assert vault().loads(stored.replace("1.", "1.A", 1)) == empty


def test_a_keyed_digest_tells_nothing_without_the_key() -> None:
    assert vault().known_by("concern", 1, "JB-2026-0001") == vault().known_by("concern", 1, "JB-2026-0001")
    assert len({vault().known_by("concern", who, number) for who in (1, 2) for number in ("JB-1", "JB-2")}) == 4
    assert vault().known_by("concern", 1) != vault(b"the other key file of the tests.").known_by("concern", 1)


def test_a_mark_is_found_where_a_card_is_judged() -> None:
    assert is_marked(MARKED)
    assert not is_marked({"say": "text", "text": f'"{MARK}": true'})


def test_each_database_has_its_own_key(database: str) -> None:
    """One process may speak to two, as when a backup is restored: none writes with the other's key, or with none."""
    stores = [Store(database), Store(database)]
    for store, secret in zip(
        stores, (b"one key file of the tests, 32 by", b"the other key file of the tests."), strict=True
    ):
        store.vault.take_key(secret)
        with store.write() as session:
            staff = session.exec(select(Staff)).first()
            assert staff is not None
            answers = {MARK: True, "text": WORDS}
            session.add(Draft(staff_id=key(staff), form="concern", answers=answers, started_at=START, touched_at=START))
    for number, store in enumerate(stores):
        with store.read() as session:
            found = [each.answers.get("text") for each in session.exec(select(Draft).order_by(col(Draft.id)))]
        assert found == [WORDS if each == number else None for each in range(2)]
        store.close()
