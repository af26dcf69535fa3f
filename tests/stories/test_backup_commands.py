"""`keguan backup` and `keguan restore` as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import main
from bot.config import Config, DatabaseSection
from bot.opening import open_store
from tests.conftest import ROOT

CONFIG = """
[company]
language = "{language}"
[database]
url = "sqlite:///{folder}/keguan.db"
[rulebook]
path = "{root}/rulebook.toml"
[secrets]
key_file = "{folder}/keguan.key"
[backup]
folder = "{folder}/backups"
"""
STAFF = "工号,姓名,单位,角色\nS01,安然,西北销售一部,业务员\n"


class Shell:
    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.out = self.err = ""
        self._capture = capture
        self.speaks("zh_CN")

    def speaks(self, language: str) -> None:
        text = CONFIG.format(language=language, folder=self.folder, root=ROOT)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def keguan(self, *words: str) -> int:
        try:
            code = main([*words, "--config", str(self.folder / "config.toml")])
        except SystemExit as ended:
            code = int(ended.code or 0)
        self.out, self.err = self._capture.readouterr()
        return code

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    shell = Shell(tmp_path, capsys)
    (tmp_path / "staff.csv").write_text(STAFF, encoding="utf-8")
    assert shell.keguan("import", "staff", shell.path("staff.csv")) == 0
    return shell


def test_from_a_backup_to_a_release(shell: Shell) -> None:
    file = shell.path("one.backup")
    assert shell.keguan("backup", file) == 0
    assert "试恢复核对无误" in shell.out
    assert shell.path("keguan.key") in shell.out
    assert shell.keguan("restore", file) == 2
    assert "里已有数据，什么也没有改动" in shell.err
    assert shell.keguan("restore", file, "--replace") == 0
    assert "原来的数据库保留为" in shell.out
    assert "发送已暂停" in shell.out
    assert shell.keguan("restore", "--release") == 0
    assert "恢复发送：待发消息 0 条，待处理 0 条" in shell.out
    assert shell.keguan("restore", "--release") == 2
    assert "没有暂停" in shell.err


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        ("cut", 1, "was cut off or changed and can't be used, nothing was changed; take another backup"),
        ("other", 1, "was made with another key file"),
        ("empty", 1, "is no backup of keguan, nothing was changed"),
        ("gone", 2, "no such file"),
    ],
)
def test_what_can_not_be_restored_is_one_sentence(shell: Shell, spoil: str, code: int, said: str) -> None:
    shell.speaks("en")
    file = Path(shell.path("one.backup"))
    assert shell.keguan("backup", str(file)) == 0
    match spoil:
        case "cut":
            file.write_bytes(file.read_bytes()[:-100])
        case "other":
            Path(shell.path("keguan.key")).unlink()
            assert shell.keguan("backup", shell.path("two.backup")) == 0
        case "empty":
            file.write_bytes(b"")
        case "gone":
            file.unlink()
    assert shell.keguan("restore", str(file), "--replace") == code
    assert said in shell.err
    assert len(shell.err.strip().splitlines()) == 1
    assert shell.out == ""


@pytest.mark.parametrize("words", [["restore"], ["backup"], ["restore", "one.backup", "--release"]])
def test_wrong_use_ends_with_2(shell: Shell, words: list[str]) -> None:
    assert shell.keguan(*words) == 2


def test_an_existing_file_and_a_missing_folder_are_refused(shell: Shell) -> None:
    assert shell.keguan("backup", shell.path("staff.csv")) == 2
    assert "已经存在" in shell.err
    assert shell.keguan("backup", shell.path("no/such/folder.backup")) == 1
    assert "备份没有做成" in shell.err


def test_check_says_when_the_last_backup_was_made(shell: Shell) -> None:
    shell.keguan("check")
    assert "里还没有备份" in shell.out
    Path(shell.path("backups")).mkdir()
    Path(shell.path("backups/keguan-20261122T180000Z.backup")).touch()
    shell.keguan("check")
    assert "最近一次 2026-11-23 02:00" in shell.out


def test_a_command_of_a_newer_release_takes_a_backup_first(shell: Shell) -> None:
    """Every command upgrades the database; `open_store` is where they get it from."""
    url = f"sqlite:///{shell.path('keguan.db')}"
    with open_store(Config(database=DatabaseSection(url=url))) as store:
        assert store.before_upgrade is not None
