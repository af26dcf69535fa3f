"""`keguan audit` and `keguan read` as somebody types them: is the chain whole, and how would the bot take a line?"""

from __future__ import annotations

import io
import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.secret_key import load_or_make
from models import chain
from tests.shell import CUSTOMERS, Shell, shell_in


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    return shell_in(tmp_path, capsys)


@pytest.fixture
def office(shell: Shell) -> Shell:
    """A folder in which staff and customers were imported."""
    return shell.furnished()


def chained(shell: Shell) -> None:
    """What the bot does with the rows that the command line left."""
    store = shell.store()
    key = load_or_make(shell.folder / "keguan.key")
    store.run_here(chain.append, key, datetime.now(UTC))
    store.close()


def test_audit_says_in_one_line_that_the_chain_is_whole(office: Shell) -> None:
    assert office.keguan("audit") == 0
    assert re.fullmatch(r"审计链完整：还没有记录；另有 \d 条等待入链\n", office.out)
    chained(office)
    assert office.keguan("audit") == 0
    assert re.fullmatch(r"审计链完整：2 条，链头 2:[0-9a-f]{16}\n", office.out)
    head = office.out.strip().rpartition(" ")[2]
    assert office.keguan("audit", "--head", head) == 0
    assert office.keguan("audit", "--head", f"2:{'0' * 16}") == 1
    assert "第 2 节链与公布过的链头不符" in office.out
    assert office.keguan("audit", "--head", "yesterday's") == 2
    assert office.err.startswith("--head yesterday's 看不懂")


def test_audit_names_each_fault(office: Shell) -> None:
    chained(office)
    with sqlite3.connect(office.folder / "keguan.db") as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET subject = 'x' WHERE id = 2")
    assert office.keguan("audit") == 1
    fault, verdict = office.out.splitlines()
    assert fault == "第 2 条记录被改过"
    assert verdict.startswith("审计链不完整：1 处")


def test_audit_without_the_key_of_the_chain_is_refused(office: Shell) -> None:
    chained(office)
    (office.folder / "keguan.key").unlink()
    assert office.keguan("audit") == 2
    assert "没有密钥文件 keguan.key" in office.err


def answers(shell: Shell) -> list[dict[str, object]]:
    return [json.loads(line) for line in shell.out.splitlines()]


NOW = ["--now", "2026-11-25T10:00+08:00"]
NOTHING: dict[str, object] = {
    "intent": "none",
    "customer": None,
    "candidates": [],
    "person": None,
    "channel": None,
    "when": None,
    "summary": None,
    "next_step": None,
    "next_when": None,
}


def test_a_line_is_read_as_the_bot_would_read_it(office: Shell) -> None:
    line = "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系"
    assert office.keguan("read", *NOW, line) == 0
    assert answers(office) == [
        {
            "intent": "contact",
            "customer": "西安华航橡胶有限公司",
            "candidates": [],
            "person": "张工",
            "channel": "phone",
            "when": "2026-11-24T15:00",
            "summary": "谈了三季度配方",
            "next_step": "再联系",
            "next_when": "2026-12-02",
        }
    ]
    assert list(answers(office)[0]) == list(NOTHING)


@pytest.mark.parametrize(
    ("words", "when"),
    [
        (["下周三上午10点"], "2026-12-02T10:00"),
        (["周一"], "2026-11-30"),
        (["--past", "周一"], "2026-11-23"),
        (["--past", "上周"], "2026-11-16/2026-11-23"),
        (["报价1200元"], None),
    ],
)
def test_a_bare_date_is_read_in_the_direction_asked_for(shell: Shell, words: list[str], when: str | None) -> None:
    assert shell.keguan("read", *NOW, *words) == 0
    assert answers(shell)[0]["when"] == when
    assert shell.keguan("read", "--now", "2026-11-25T10:00", *words) == 0
    assert answers(shell)[0]["when"] == when


def test_a_bare_date_is_nothing_else(shell: Shell) -> None:
    shell.keguan("read", *NOW, "周一")
    assert answers(shell) == [{**NOTHING, "when": "2026-11-30"}]


def test_lines_come_from_standard_input_one_object_each(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("明天\n\n后天\r\n你好"))
    assert shell.keguan("read", *NOW, "今天", "-") == 0
    assert [each["when"] for each in answers(shell)] == ["2026-11-25", "2026-11-26", None, "2026-11-27", None]


def test_several_customers_that_fit_are_all_named(office: Shell) -> None:
    office.keguan("import", "customers", office.write("b.csv", CUSTOMERS.replace("西安", "北京")))
    office.keguan("read", *NOW, "华航橡胶 电话 昨天 谈了配方")
    (answer,) = answers(office)
    assert answer["customer"] is None
    assert sorted(answer["candidates"]) == ["北京华航橡胶有限公司", "西安华航橡胶有限公司"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("command", "intent"), [("/log", "contact"), ("/complain", "complaint"), ("/callback", "callback")]
)
def test_a_command_says_what_the_line_is(office: Shell, command: str, intent: str) -> None:
    office.keguan("read", *NOW, f"{command} 华航橡胶 昨天 胶管")
    (answer,) = answers(office)
    assert (answer["intent"], answer["customer"], answer["summary"]) == (intent, "西安华航橡胶有限公司", "胶管")
