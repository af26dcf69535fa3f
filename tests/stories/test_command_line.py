"""`keguan …` as somebody types it: what it prints, where, and the exit code. Nobody ever sees a traceback for their own mistake."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.config import Config
from bot.opening import open_store
from bot.sentences import RefusedError
from models.customers import Customer
from models.invitations import Invitation, redeem
from models.people import Staff
from tests.shell import CUSTOMERS, STAFF, Shell, shell_in


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    return shell_in(tmp_path, capsys)


@pytest.fixture
def office(shell: Shell) -> Shell:
    """A folder in which staff and customers were imported."""
    return shell.furnished()


# Wrong use and configuration: 2, and one sentence on stderr


@pytest.mark.parametrize(
    ("words", "config", "said"),
    [
        (["dance"], "", "invalid choice: 'dance'"),
        ([], "", "required: COMMAND"),
        (["import", "staff"], "", "required: FILE"),
        (["read"], "", "required: TEXT"),
        (["check", "--config", "none.toml"], "", "找不到配置文件 none.toml"),
        (["--config", "none.toml", "check"], "", "找不到配置文件 none.toml"),
        (["check"], "[company", "config.toml: this is not valid TOML"),
        (["check"], "[telegram]\ntokn = 'x'", "config.toml: there is no setting telegram.tokn"),
        (["check"], "[hours]\ndigest = 'early'", "hours.digest (or KEGUAN_HOURS__DIGEST)"),
        (["check"], "[telegram]\nproxy_url = 'nonsense'", "telegram.proxy_url 看不懂"),
        (["check"], "[telegram]\nwebhook_listen = '8080'", "telegram.webhook_listen = 8080 看不懂"),
        (["check"], "[telegram]\nmode = 'webhook'", "还要填 telegram.webhook_url"),
        (["check"], "[survey_page]\nlisten = '8090'", "survey_page.listen = 8090 看不懂"),
        (
            ["check"],
            "[survey_page]\nurl = 'http://survey.example.com'",
            "survey_page.url = http://survey.example.com 不行",
        ),
        (["check"], "[telegram]\nbase_url = 'api.telegram.org'", "telegram.base_url = api.telegram.org 看不懂"),
        (["run"], "", "没有机器人的令牌：请在 config.toml 填写 telegram.token"),
        (["run"], "[company]\nlanguage = 'en'", "no bot token: set telegram.token or token_file in config.toml"),
        (["rules"], "[rulebook]\npath = 'none.toml'", "找不到制度簿 none.toml"),
        (["invite", "S01"], "[database]\nurl = 'nonsense'", "看不懂 database.url"),
        (["invite", "S01"], "[database]\nurl = 'oracle+nonsense://x'", "看不懂 database.url"),
        (
            ["invite", "S01"],
            "[database]\nurl = 'sqlite:///no/such/folder/x.db'",
            "用不了（unable to open database file",
        ),
        (["invite", "S01"], "[database]\nurl = 'sqlite:///rulebook.toml'", "用不了（file is not a database"),
        (["invite", "S01"], "[database]\nurl = 'postgresql://k:secret@127.0.0.1:1/k'", "用不了（"),
        (["invite", "S01"], "", "没有工号为 S01 的在职人员"),
        (["import", "staff", "none.csv"], "", "找不到文件 none.csv"),
        (["import", "staff", "rulebook.toml"], "", "rulebook.toml 不是 .xlsx 或 .csv"),
        (["read", "--now", "soon", "周五"], "", "看不懂 --now soon"),
        (["read", "--now", "9999-12-31T23:59-12:00", "周五"], "", "看不懂 --now"),
    ],
)
def test_wrong_use_is_one_sentence(shell: Shell, words: list[str], config: str, said: str) -> None:
    if config:
        shell.write("config.toml", config)
    assert shell.keguan(*words) == 2
    assert said in shell.err
    assert len(shell.err.strip().splitlines()) == 1
    assert "secret" not in shell.err
    assert shell.out == ""


def test_a_database_of_a_newer_release_is_refused(shell: Shell) -> None:
    assert shell.keguan("invite", "S01") == 2
    with sqlite3.connect(shell.folder / "keguan.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert shell.keguan("invite", "S01") == 2
    assert "是由更新的版本写的（9999）" in shell.err


def test_a_busy_database_is_said_to_be_busy(office: Shell) -> None:
    """Another program holds the database for longer than anybody waits."""
    blocker = sqlite3.connect(office.folder / "keguan.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(RefusedError) as refused, open_store(Config()) as store:
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 1"))
        store.run_here(lambda session: session.exec(select(Staff)).all())
    blocker.close()
    assert refused.value.key == "database_busy"


def test_settings_come_from_the_environment_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEGUAN_DATABASE__URL", "sqlite:///other.db")
    assert shell.keguan("check") == 0
    assert (shell.folder / "other.db").exists()


def test_the_configuration_is_named_before_or_after_the_command(shell: Shell) -> None:
    shell.write("mine.toml", "[database]\nurl = 'sqlite:///mine.db'")
    assert shell.keguan("--config", "mine.toml", "check") == 0
    assert shell.keguan("check", "--config", "mine.toml") == 0
    assert "✓ 配置：mine.toml" in shell.out
    assert not (shell.folder / "keguan.db").exists()


# check and rules


def test_check_has_a_line_for_each_thing(shell: Shell) -> None:
    assert shell.keguan("check") == 0
    lines = shell.out.splitlines()
    assert [line[:4] for line in lines] == ["✓ 配置", "✓ 制度", "– 令牌", "– 警报", "✓ 数据", "– 备份", "– 满意"]
    assert "没有试连" in lines[2]


def test_check_names_every_wrong_line_of_the_rulebook(shell: Shell) -> None:
    text = (shell.folder / "rulebook.toml").read_text(encoding="utf-8")
    text = text.replace('who     = "unit_head"', 'who     = "unit_haed"', 1).replace(
        'every   = "1 month"', 'every = "1 moon"', 1
    )
    shell.write("rulebook.toml", text)
    assert shell.keguan("check") == 1
    wrong = [line for line in shell.out.splitlines() if line.startswith("✗")]
    assert len(wrong) == 2
    assert re.search(r"rulebook\.toml:\d+: 未知的角色 “unit_haed”；应为：unit_head", wrong[0])
    assert re.search(r"rulebook\.toml:\d+: 看不懂的周期 “1 moon”；应为：", wrong[1])


@pytest.mark.parametrize("words", [["rules"], ["import", "staff", "staff.csv"], ["run"]])
def test_a_wrong_rulebook_stops_what_needs_it(shell: Shell, words: list[str]) -> None:
    shell.write("staff.csv", STAFF)
    shell.write("config.toml", "[telegram]\ntoken = '1000000001:AAE-a-token-of-the-tests-0123456789'")
    shell.write("rulebook.toml", "[[duty]]\nid = 1\n")
    assert shell.keguan(*words) == 2
    assert "rulebook.toml:2: id 的类型不对：1；应为：" in shell.err


def test_check_counts_the_addresses_of_alarms_and_never_says_them(shell: Shell) -> None:
    shell.write(
        "config.toml", "[alarm]\nurls = ['json://localhost/a-secret-path', 'mailto://someone:a-secret@example.com']"
    )
    assert shell.keguan("check") == 0
    assert "✓ 警报：2 个地址" in shell.out
    shell.write("config.toml", "[alarm]\nurls = ['json://localhost/a-secret-path', 'nonsense://a-secret']")
    assert shell.keguan("check") == 1
    assert "✗ 警报：看不懂 alarm.urls 的第 2 个地址" in shell.out
    assert "secret" not in shell.out + shell.err


def test_check_says_what_is_wrong_with_the_database(shell: Shell) -> None:
    shell.write("config.toml", "[database]\nurl = 'sqlite:///no/such/folder/x.db'")
    assert shell.keguan("check") == 1
    assert "✗ 数据库：数据库 sqlite:///no/such/folder/x.db 用不了" in shell.out


def test_rules_prints_every_entry_with_its_article(shell: Shell) -> None:
    assert shell.keguan("rules") == 0
    lines = shell.out.splitlines()
    assert "R14.3\t第十四条（三）2\t业务单位负责人与一般客户每月至少一次电话沟通" in lines
    assert shell.keguan("rules", "--lang", "en") == 0
    assert "R14.3\t第十四条（三）2\tordinary customers are phoned monthly by the unit head" in shell.out.splitlines()
    assert len(shell.out.splitlines()) == len(lines)


# import and invite


def test_staff_and_customers_are_imported(shell: Shell) -> None:
    assert shell.keguan("import", "staff", shell.write("staff.csv", STAFF)) == 0
    assert shell.out == "新增 2，更新 0，不变 0，有错 0 行\n"
    assert shell.keguan("import", "customers", shell.write("customers.csv", CUSTOMERS)) == 0
    assert shell.out == "新增 1，更新 0，不变 0，有错 0 行\n"
    with shell.store().read() as session:
        assert session.exec(select(Customer)).one().called == "华航橡胶"


def test_wrong_rows_go_to_a_file_and_nothing_is_imported(office: Shell) -> None:
    text = CUSTOMERS + "咸阳远大密封件厂,=1+1,钻石,陕西,西北销售一部,S99,,\n"
    assert office.keguan("import", "customers", office.write("new.csv", text.replace("西安", "北京"))) == 1
    assert "第 3 行，层级：没有「钻石」这个层级" in office.out
    assert "第 3 行，责任业务员：没有工号为「S99」的在职人员" in office.out
    assert office.err == "什么也没有导入：改好再来，或用 --good-only 只导入没有错的行\n"
    rejected = (office.folder / "new-rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rejected[0] == "客户名称,简称,层级,省份,所属业务单位,责任业务员,联系人,电话,原因"
    assert rejected[1].startswith("咸阳远大密封件厂,'=1+1,钻石,陕西,西北销售一部,S99,,,层级：没有「钻石」")
    assert len(rejected) == 2
    with office.store().read() as session:
        assert [each.called for each in session.exec(select(Customer))] == ["华航橡胶"]


def test_good_rows_only(office: Shell) -> None:
    text = CUSTOMERS.replace("西安", "北京") + "咸阳远大密封件厂,,钻石,陕西,西北销售一部,S01,,\n"
    assert office.keguan("import", "customers", office.write("new.csv", text), "--good-only") == 1
    assert office.out.endswith("新增 1，更新 0，不变 0，有错 1 行\n")
    assert office.err == ""


def test_a_reject_file_is_imported_again_once_put_right(office: Shell) -> None:
    text = CUSTOMERS + "咸阳远大密封件厂,-远大,钻石,陕西,西北销售一部,S01,,\n"
    office.keguan("import", "customers", office.write("new.csv", text))
    fixed = (office.folder / "new-rejected.csv").read_text(encoding="utf-8-sig").replace("钻石", "一般", 1)
    assert office.keguan("import", "customers", office.write("fixed.csv", fixed)) == 0
    assert office.out == "不认识的列，没有导入：原因\n新增 1，更新 0，不变 0，有错 0 行\n"
    with office.store().read() as session:
        assert "-远大" in [each.called for each in session.exec(select(Customer))]


def test_a_dry_run_writes_neither_database_nor_file(office: Shell) -> None:
    text = CUSTOMERS.replace("西安", "北京") + "咸阳远大密封件厂,,钻石,陕西,西北销售一部,S01,,\n"
    assert office.keguan("import", "customers", "--dry-run", office.write("new.csv", text)) == 1
    assert office.out.endswith("试运行，没有写入：新增 1，更新 0，不变 0，有错 1 行\n")
    assert not (office.folder / "new-rejected.csv").exists()
    with office.store().read() as session:
        assert len(session.exec(select(Customer)).all()) == 1


def test_many_wrong_rows_are_counted_on_the_screen_and_all_in_the_file(office: Shell) -> None:
    text = "工号,姓名,单位,角色\n" + "".join(f"N{number},某人,一部,飞行员\n" for number in range(30))
    assert office.keguan("import", "staff", office.write("many.csv", text)) == 1
    assert "…… 另有 10 处" in office.out
    assert len((office.folder / "many-rejected.csv").read_text(encoding="utf-8-sig").splitlines()) == 31


def test_a_missing_heading_is_one_sentence(office: Shell) -> None:
    assert office.keguan("import", "staff", office.write("half.csv", "工号,姓名\nS1,安\n")) == 2
    assert office.err == "第一行缺少这些列：单位（unit）、角色（role）；现有的列：工号、姓名\n"


def test_an_invitation_is_good_for_the_one_it_was_made_for(office: Shell) -> None:
    assert office.keguan("invite", "S01") == 0
    said = re.search(r"安然（S01）请在 10 分钟内私聊机器人发送：/start (\S+)", office.out)
    assert said is not None
    with office.store().write() as session:
        found = redeem(session, said[1], 1001, datetime.now(UTC))
        assert isinstance(found, Invitation)
        staff = session.get_one(Staff, found.staff_id)
        assert (staff.number, staff.telegram_id) == ("S01", 1001)
