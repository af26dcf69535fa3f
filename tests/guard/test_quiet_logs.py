"""At DEBUG of everything, with faults and errors that quote data: no secret, no name and nobody's words in the log."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.commands import main
from bot.config import Config, TelegramSection
from bot.service import Rhythm, Service
from models.audit import Audit
from models.store import Store
from tests.conftest import ROOT, TOKEN
from tests.office import Office, quick_limiter

PATIENCE = 20
NAME, PHONE, WORDS, HOOK = "欧阳秋实", "13711112222", "胶管甲密诉", "the-secret-word-of-the-hook"
CANARIES = (TOKEN, TOKEN.partition(":")[2], HOOK, NAME, PHONE, WORDS, "华航橡胶", "张工", "13800138001", "安然")
UNIT = "INSERT INTO unit (name, company) VALUES (:name, false)"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written while every logger there is says everything."""
    stream, before = io.StringIO(), (logging.getLogger().handlers[:], logging.getLogger().level)
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    yield stream
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.basicConfig(handlers=before[0], level=before[1], force=True)


def loud(config: Config, stream: io.StringIO) -> None:
    logs.set_up(config, stream)
    for name in ("", *logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


def found(said: str) -> list[str]:
    return [each for each in CANARIES if each in said or each.encode("ascii", "backslashreplace").decode() in said]


def refuse(_mapper: object, _connection: object, row: Audit) -> None:
    raise ValueError(f"{NAME} {PHONE} {WORDS}: {row.subject}")


async def test_a_running_service_says_nothing_of_anybody(office: Office, log: io.StringIO) -> None:
    telegram = TelegramSection(token=TOKEN, base_url=office.server.base_url, secret_token=HOOK)
    config = Config(telegram=telegram)
    loud(config, log)
    rhythm = Rhythm(poll=1, retire=0.1, breath=0.1)
    service = Service(config, office.store, office.house, office.clock, quick_limiter(), rhythm=rhythm)
    running = asyncio.create_task(service.run())
    (ann,) = office.people("ann")
    office.telegram.says(ann.user, f"/complain 华航橡胶 胶管开裂，{WORDS}，{NAME} {PHONE}")
    await office.telegram.bell.until(lambda: ann.count(WORDS) > 0, PATIENCE)
    fault = office.telegram.faults.add(kind="server_error_html", method="sendMessage", times=1)
    office.telegram.says(ann.user, "/find 华航橡胶")
    await office.telegram.bell.until(lambda: fault.struck > 0, 0.5)
    assert fault.struck
    event.listen(Audit, "before_insert", refuse)
    try:
        office.telegram.taps(ann.user, "保存")
        await office.telegram.bell.until(lambda: ann.count("刚才这条没有保存") > 0, PATIENCE)
        assert ann.count("刚才这条没有保存") > 0
    finally:
        event.remove(Audit, "before_insert", refuse)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert "could not be handled" in log.getvalue()
    assert "ValueError: […]" in log.getvalue()
    assert found(log.getvalue()) == []


def test_a_library_that_quotes_an_answer_is_not_heard(log: io.StringIO) -> None:
    loud(Config(), log)
    logging.getLogger("telegram.request.BaseRequest").error("Can not load invalid JSON data: %r", f'{{"text":"{WORDS}')
    assert log.getvalue() == ""


async def test_a_task_that_nobody_waited_for_quotes_nothing(log: io.StringIO) -> None:
    loud(Config(), log)
    task = asyncio.create_task(_fails())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert "Task exception was never retrieved" in log.getvalue()
    assert "ValueError: […]" in log.getvalue()
    assert found(log.getvalue()) == []


async def _fails() -> None:
    raise ValueError(f"{NAME} {PHONE}")


def test_a_thread_that_ends_quotes_nothing(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    loud(Config(), log)
    with logs.of_threads():
        thread = threading.Thread(target=int, args=(NAME,))
        thread.start()
        thread.join()
    assert "ValueError: […]" in log.getvalue()
    assert found(log.getvalue() + capsys.readouterr().err) == []


def test_a_line_that_can_not_be_put_together_shows_nothing_of_it(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    loud(Config(), log)
    logging.getLogger("bot.tests").error("%d of them", NAME)
    assert "could not be written" in log.getvalue()
    assert found(log.getvalue() + capsys.readouterr().err) == []


def test_a_command_that_fails_for_an_unknown_reason_quotes_no_row(
    empty_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(empty_database)
    store.upgrade()
    with store.write() as session:
        guard = REFUSAL if store.is_sqlite else f"ALTER TABLE staff ADD CHECK (name <> '{NAME}')"
        session.execute(text(guard))
    store.close()
    (tmp_path / "staff.csv").write_text(f"工号,姓名,单位,角色\nS01,{NAME},一部,业务员\n", encoding="utf-8")
    config = f'[database]\nurl = "{empty_database}"\n[rulebook]\npath = "{ROOT / "rulebook.toml"}"\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    assert main(["--config", f"{tmp_path / 'config.toml'}", "import", "staff", f"{tmp_path / 'staff.csv'}"]) == 1
    said = capsys.readouterr()
    assert "IntegrityError: […]" in said.err
    assert found(said.out + said.err) == []


REFUSAL = f"CREATE TRIGGER refuses AFTER INSERT ON staff WHEN NEW.name = '{NAME}' BEGIN SELECT RAISE(ABORT, 'no'); END"


async def test_an_error_of_the_database_quotes_no_value(office: Office, log: io.StringIO) -> None:
    """Neither the parameters nor the row that PostgreSQL adds."""
    loud(Config(), log)
    with office.store.write() as session:
        session.execute(text(UNIT), {"name": NAME})
    with pytest.raises(IntegrityError) as caught, office.store.write() as session:
        session.execute(text(UNIT), {"name": NAME})
    logging.getLogger("bot.tests").error("failed", exc_info=caught.value)
    assert "IntegrityError: […]" in log.getvalue()
    assert found(log.getvalue()) == []
    assert found(str(caught.value).partition("DETAIL")[0]) == []
