"""The unit, the compose file and the image are in step with the program: settings that exist, commands that exist, no secret."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import _parser
from bot.health import MOST
from bot.keeper import FILE
from bot.watch import LAST_WORDS, LIMITS, NEVER
from rules.rulebook import load
from tests.conftest import ROOT
from tests.guard.test_config_example import settings

DEPLOY = ROOT / "deploy"
UNIT, COMPOSE, IMAGE = (DEPLOY / name for name in ("keguan.service", "compose.yaml", "Dockerfile"))
FILES = (UNIT, COMPOSE, IMAGE)
SETTING = re.compile(r"KEGUAN_[A-Z]+__[A-Z_]+[A-Z]")
NAMES = {f"KEGUAN_{name.replace('.', '__')}".upper() for name in settings()}


class Unit(ConfigParser):
    """A unit names some keys several times; the last of them is kept here."""

    optionxform = staticmethod(str)  # type: ignore[assignment]


def unit() -> ConfigParser:
    read = Unit(strict=False, interpolation=None)
    read.read(UNIT, encoding="utf-8")
    return read


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_there_is_one(file: Path) -> None:
    named = set(SETTING.findall(file.read_text(encoding="utf-8")))
    assert named
    assert named - NAMES == set()


def commands() -> list[list[str]]:
    in_unit = unit()["Service"]["ExecStart"].split()
    in_compose = [services()[name]["command"] for name in ("bot", "standby")]
    (in_image,) = re.findall(r'^CMD \["(.+)"\]$', IMAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [in_unit, *in_compose, in_image.split('", "')]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one_of_the_program(words: list[str]) -> None:
    assert Path(words[0]).name == "keguan"
    assert _parser().parse_args(words[1:]).command


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_secret_stands_there(file: Path) -> None:
    """What is secret is only named, and comes from a file that is not in the repository."""
    text = file.read_text(encoding="utf-8")
    for name in ("KEGUAN_TELEGRAM__TOKEN", "KEGUAN_TELEGRAM__SECRET_TOKEN", "POSTGRES_PASSWORD", "KEGUAN_ALARM__URLS"):
        for given in re.findall(rf"(?<!{{){name}[:=] ?([^\s…]+)", text):
            assert given.startswith(f"${{{name}:"), given
    assert not re.search(r"\d{5,}:[\w-]{20,}|://[^\s/$]+:[^\s/$]+@", text)


def test_the_watch_speaks_before_systemd_does() -> None:
    """Pings stop when a part ails; the process must end with its own words before the watchdog ends it without any."""
    service = unit()["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    for limit in LIMITS.values():
        assert limit.ends == NEVER or limit.ails + int(service["WatchdogSec"]) > limit.ends + LAST_WORDS
    assert int(service["TimeoutStopSec"]) > 2 * LAST_WORDS


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("no systemd here")
    text = UNIT.read_text(encoding="utf-8").replace("/opt/keguan/.venv/bin/keguan", "/bin/true")
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    said = subprocess.run([verify, "verify", str(tmp_path / UNIT.name)], capture_output=True, text=True, check=False)
    assert UNIT.name not in said.stderr, said.stderr


def test_a_bot_and_a_standby_wait_for_the_same_database() -> None:
    found = services()
    assert found["bot"] == found["standby"]
    assert found["bot"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert {each["restart"] for each in found.values()} == {"always"}
    assert all("healthcheck" in each for each in found.values())


def test_the_health_check_reads_what_the_bot_writes() -> None:
    assert services()["bot"]["healthcheck"]["test"] == ["CMD", "python", "-m", "bot.health"]
    assert "RUNTIME_DIRECTORY=" in IMAGE.read_text(encoding="utf-8")
    assert unit()["Service"]["RuntimeDirectory"]
    assert (FILE, MOST) == ("alive", 60.0)


def test_what_the_image_copies_is_there() -> None:
    for name in re.findall(r"^COPY (?!--from)(\S+) ", IMAGE.read_text(encoding="utf-8"), re.MULTILINE):
        assert (ROOT / name).exists()
    assert load((ROOT / "rulebook.toml").read_text(encoding="utf-8")).entries
    assert "deploy/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8")
