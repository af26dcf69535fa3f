"""The token comes from the environment, the configuration, a file of its own or systemd's credentials; `check` says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.checking import findings
from bot.config import load
from bot.sentences import RefusedError
from bot.token import Origin, origin, with_token

TOKEN = "1000000001:AAE-a-token-that-is-in-a-file-0123456789"
OTHER = "1000000002:AAE-another-token-0123456789012345678901"


def a_file(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def token(path: Path, environ: dict[str, str]) -> str:
    return with_token(load(path), path, environ).telegram.token.get_secret_value()


def test_a_file_of_its_own(tmp_path: Path) -> None:
    held = a_file(tmp_path / "token", f"{TOKEN}\n")
    path = a_file(tmp_path / "config.toml", f'[telegram]\ntoken_file = "{held}"\n')
    assert token(path, {}) == TOKEN
    assert origin(load(path), path, {}) == Origin("token_from_file", held)


def test_systemds_credentials_need_no_setting(tmp_path: Path) -> None:
    held = a_file(tmp_path / "telegram_token", TOKEN)
    path = a_file(tmp_path / "config.toml", "")
    assert token(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == TOKEN
    assert origin(load(path), path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == Origin("token_from_credentials", held)
    assert token(path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "nowhere")}) == ""


def test_the_configuration_comes_before_the_credentials(tmp_path: Path) -> None:
    a_file(tmp_path / "telegram_token", TOKEN)
    path = a_file(tmp_path / "config.toml", f'[telegram]\ntoken = "{OTHER}"\n')
    assert token(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == OTHER


def test_the_environment_comes_first(tmp_path: Path) -> None:
    path = a_file(tmp_path / "config.toml", f'[telegram]\ntoken = "{TOKEN}"\n')
    assert origin(load(path), path, {"KEGUAN_TELEGRAM__TOKEN": OTHER}) == Origin("token_from_environment")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path / "config.toml", f'[telegram]\ntoken_file = "{tmp_path / "gone"}"\n')
    with pytest.raises(RefusedError, match="token_file"):
        token(path, {})


@pytest.mark.parametrize(("mode", "mark", "warns"), [(0o600, "✓", False), (0o640, "–", True), (0o644, "–", True)])
def test_check_says_where_from_and_warns_when_others_can_read_it(
    tmp_path: Path, mode: int, mark: str, warns: bool
) -> None:
    settings = f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "http://127.0.0.1:9/bot"\n'
    settings += f'[database]\nurl = "sqlite:///{tmp_path / "keguan.db"}"\n[backup]\nfolder = ""\n'
    path = a_file(tmp_path / "config.toml", settings, mode)
    (said,) = [each for each in findings(load(path), path) if "来自" in each.text]
    assert said.mark == mark
    assert ("chmod 600" in said.text) is warns
    assert TOKEN not in said.text
