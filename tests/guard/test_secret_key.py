"""The key file: made once, whole, for its owner only; never replaced where a chain was made with it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.config import Config, DatabaseSection, SecretsSection
from bot.opening import open_store, secret_key
from bot.secret_key import SIZE, load_or_make
from bot.sentences import RefusedError
from models import audit, chain
from models.store import Store
from tests.guard.tampering.ledger import BEGAN


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "keguan.key"
    key = load_or_make(path)
    assert len(key) == SIZE
    assert load_or_make(path) == key
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
    assert list(path.parent.iterdir()) == [path], "nothing is left of its making"


def test_two_that_make_it_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(load_or_make, [tmp_path / "keguan.key"] * 32))) == 1


@pytest.mark.parametrize("text", ["", "abc", "A" * 40 + "==", "A" * 48, "zz" * 32, "密钥"])
def test_what_holds_no_key_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keguan.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        load_or_make(path)
    assert refused.value.key == "key_file"
    assert path.read_text(encoding="utf-8") == text


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Config, Store]]:
    config = Config(
        database=DatabaseSection(url=f"sqlite:///{tmp_path / 'keguan.db'}"),
        secrets=SecretsSection(key_file=tmp_path / "apart" / "keguan.key"),
    )
    with open_store(config) as store:
        store.upgrade()
        yield config, store


def test_a_missing_key_is_not_replaced_where_there_is_a_chain(site: tuple[Config, Store]) -> None:
    config, store = site
    key = secret_key(config, store)
    with store.write() as session:
        audit.record(session, BEGAN, None, "import", "staff")
    store.run_here(chain.append, key, BEGAN)
    assert secret_key(config, store) == key
    config.secrets.key_file.unlink()
    with pytest.raises(RefusedError) as refused:
        secret_key(config, store)
    assert refused.value.key == "key_missing"
    assert not config.secrets.key_file.exists()


def test_a_folder_in_place_of_the_key_file_is_said_in_a_sentence(site: tuple[Config, Store]) -> None:
    config, store = site
    config.secrets.key_file.mkdir(parents=True)
    with pytest.raises(RefusedError) as refused:
        secret_key(config, store)
    assert refused.value.key == "key_file"
