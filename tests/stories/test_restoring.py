"""After a restore nothing is said until somebody confirms it; then what became due meanwhile is said, and nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.backup_job import BackupJob
from bot.backups import into_folder, outlived, taken
from bot.config import BackupSection, Config, SecretsSection
from bot.restoring import restore, waiting
from models import restores
from models.messages import Inbox
from tests.office import START, Office, Person

AGAIN = "重发，可能重复"
embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What does not depend on the engine."""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """In the night at two, into a folder of the test."""
    secrets = SecretsSection(key_file=tmp_path / "keguan.key")
    return Config(secrets=secrets, backup=BackupSection(folder=str(tmp_path / "backups")))


def saved(config: Config, office: Office) -> Path:
    return into_folder(config, office.store, office.clock.now())


def put_back(config: Config, office: Office, file: Path) -> None:
    restore(config, office.store, file, office.clock.now(), replace=True)


def sent(office: Office) -> int:
    return len(office.telegram.calls_of("sendMessage"))


async def released(office: Office) -> None:
    assert office.store.run_here(restores.release, office.clock.now())
    await office.service.tick()
    await office.service.settle()


def alarms(person: Person) -> int:
    """Messages beside the digest of the morning."""
    return len([each for each in person.bubbles() if not each.text.startswith("☀️")])


@embedded
async def test_sending_is_held_until_it_is_released_and_each_person_hears_once(config: Config, office: Office) -> None:
    ann, sales, vp, gm = office.people("ann", "sales", "vp", "gm")
    for text in ("胶管开裂", "胶管开裂，又一批", "胶管漏油开裂"):
        await ann.says(f"/complain 华航橡胶 {text}")
        await ann.presses("保存")
    file = saved(config, office)
    put_back(config, office, file)
    said = sent(office)
    await office.sleeps("2d")
    await ann.says("/menu")
    assert sent(office) == said, "nothing falls due, nothing is answered, nothing leaves"
    with office.read() as session:
        assert [row.state for row in session.exec(select(Inbox))][-1] == "waiting", "what comes in is kept"
        will = waiting(session, office.clock.now())
    assert (will.updates, will.messages) == (1, 0)
    assert will.clocks >= 3
    before = {each: alarms(each) for each in (sales, vp, gm)}
    await released(office)
    ann.reads("要做什么？")
    for each, count in before.items():
        assert alarms(each) == count + 1, f"{each.name} hears once, however much became due"
    gm.reads("TS-2026-0001", "TS-2026-0002", "TS-2026-0003")


async def test_what_was_on_its_way_is_said_again_only_where_that_is_better_than_never(
    config: Config, office: Office
) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂")
    office.telegram.taps(ann.user, "保存")
    await office.service.receiver.poll(office.clock.now(), 0)
    await office.service.worker.step(office.clock.now())
    office.telegram.says(ann.user, "/menu")
    await office.service.receiver.poll(office.clock.now(), 0)
    await office.service.worker.step(office.clock.now())
    file = saved(config, office)
    await office.service.settle()
    assert sales.count("TS-2026-0001") == 1, "it went out just after the backup"
    assert ann.count("要做什么？") == 1, "and so did this"
    put_back(config, office, file)
    await office.service.settle()
    assert sales.count("TS-2026-0001") == 1, "held"
    await released(office)
    assert sales.count("TS-2026-0001") == 2
    assert sales.count(AGAIN) == 1
    assert ann.count("要做什么？") == 1


@embedded
async def test_a_release_is_on_record_and_happens_once(config: Config, office: Office) -> None:
    put_back(config, office, saved(config, office))
    with office.read() as session:
        assert restores.held(session) is not None
    assert office.store.run_here(restores.release, START)
    assert not office.store.run_here(restores.release, START)
    (auditor,) = office.people("auditor")
    await auditor.says("/menu")
    auditor.reads("要做什么？")


# Every night


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00")


async def made(job: BackupJob, *times: str) -> list[int]:
    """How many backups there are after each of these moments."""
    counts = []
    for each in times:
        await job.step(at(each))
        counts.append(len(taken(Path(job.config.backup.folder))))
    return counts


@embedded
async def test_a_backup_is_made_every_night_and_a_missed_one_after_the_start(config: Config, office: Office) -> None:
    job = BackupJob(config, office.store, office.house.calendar)
    assert await made(job, "11-23T09:00", "11-23T23:00", "11-24T01:59", "11-24T02:00", "11-24T02:01") == [1, 1, 1, 2, 2]
    again = BackupJob(config, office.store, office.house.calendar)
    assert await made(again, "11-24T10:00", "11-27T10:00", "11-27T10:01") == [2, 3, 3]


@embedded
async def test_without_a_folder_none_is_made(office: Office) -> None:
    off = Config(backup=BackupSection(folder=""))
    assert not BackupJob(off, office.store, office.house.calendar).due(START)


@embedded
async def test_a_failed_backup_is_said_to_administrators_once_a_day_and_tried_again(
    config: Config, office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (admin, ann) = office.people("admin", "ann")
    in_the_way = tmp_path / "backups"
    in_the_way.write_text("a file where the folder should be")
    job = BackupJob(config, office.store, office.house.calendar)
    for each in ("11-23T09:00", "11-23T09:30", "11-23T10:01"):
        await job.step(at(each))
        await office.service.settle()
    assert admin.count("备份失败") == 1
    ann.reads_nothing_of("备份失败")
    assert len([each for each in caplog.records if each.message == "the backup failed"]) == 2, (
        "tried again after an hour"
    )
    await job.step(at("11-24T02:00"))
    await office.service.settle()
    assert admin.count("备份失败") == 2
    in_the_way.unlink()
    assert await made(job, "11-24T02:30", "11-24T03:00") == [0, 1]


DAYS = [START + timedelta(days=number) for number in range(-800, 1)]

KEPT = [
    # every day for 800 days: keep_days, keep_monthly, how many are left
    (14, 12, 14 + 12 - 1),  # the first of this month lies beyond the 14 days, that of each other month too
    (1, 0, 1),
    (30, 3, 30 + 3 - 1),
]


@pytest.mark.parametrize(("days", "months", "left"), KEPT)
def test_old_backups_go_and_the_first_of_each_month_stays(days: int, months: int, left: int) -> None:
    files = {day: Path(f"{day:%Y%m%d}") for day in DAYS}
    gone = set(outlived(files, BackupSection(keep_days=days, keep_monthly=months), START))
    kept = [day for day in DAYS if files[day] not in gone]
    assert len(kept) in (left, left + 1)
    assert kept[-days:] == DAYS[-days:]
    assert all(day.day == 1 for day in kept[:-days])


def test_the_newest_backup_stays_however_old_it_is() -> None:
    files = {START - timedelta(days=900): Path("first"), START - timedelta(days=899): Path("last")}
    assert outlived(files, BackupSection(keep_monthly=0), START) == [Path("first")]


OLD = "keguan-20190101T000000Z.backup.old.backup"


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in (
        "keguan-20200101T000000Z.backup",
        "my.backup",
        "keguan-20200101T000000Z.backup.part",
        "notes.txt",
        OLD,
    ):
        (tmp_path / name).touch()
    assert [each.name for each in taken(tmp_path).values()] == ["keguan-20200101T000000Z.backup"]
