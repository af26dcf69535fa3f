"""The schema: what the migrations make is what the tables say; upgrades are safe to repeat, and a newer one is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel, select

from models.customers import Customer
from models.people import Staff
from models.records import Entry
from models.store import NewerSchemaError, Store, alembic_config

VERSION = "alembic_version"


@pytest.fixture
def bare(empty_database: str) -> Iterator[Store]:
    """A database with nothing in it."""
    store = Store(empty_database)
    yield store
    store.close()


def migrate(store: Store, where: str) -> None:
    config = alembic_config()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        step = command.downgrade if where == "base" else command.upgrade
        step(config, where)


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, SQLModel.metadata))


def tables(store: Store) -> set[str]:
    return set(inspect(store.engine).get_table_names()) - {VERSION}


def schema(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, as the database itself tells them."""
    seen = inspect(store.engine)
    return {
        table: [
            [(each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(table)],
            seen.get_pk_constraint(table),
            seen.get_foreign_keys(table),
            seen.get_unique_constraints(table),
            sorted(seen.get_indexes(table), key=lambda index: str(index["name"])),
        ]
        for table in sorted(seen.get_table_names())
    }


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    assert tables(store) == SQLModel.metadata.tables.keys()
    with store.engine.connect() as connection:
        assert differences(connection) == []


def test_a_missing_column_would_be_noticed(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE draft DROP COLUMN asking"))
        assert [each[0] for each in differences(connection)] == ["add_column"]


def test_a_missing_index_would_be_noticed(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DROP INDEX clock_next_at"))
        assert [each[0] for each in differences(connection)] == ["add_index"]


def test_the_history_is_one_line() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)


def test_a_newer_database_is_refused_and_left_as_it_is(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_2031'"))
    before = schema(store)
    with pytest.raises(NewerSchemaError, match="from_2031"):
        store.upgrade()
    assert schema(store) == before
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["from_2031"]


def test_upgrading_again_changes_nothing(store: Store) -> None:
    before = schema(store)
    store.upgrade()
    store.upgrade()
    assert schema(store) == before


def test_an_upgrade_keeps_what_was_there(database: str) -> None:
    store = Store(database)
    before = content(store)
    assert before["customer"]
    assert before["clock"]
    store.upgrade()
    assert content(store) == before
    with store.read() as session:
        assert {each.short_name for each in session.exec(select(Customer))} >= {"华航橡胶", "飞翼制造"}
    store.close()


def test_going_down_leaves_nothing_behind(bare: Store) -> None:
    migrate(bare, "head")
    migrate(bare, "base")
    assert tables(bare) == set()
    if not bare.is_sqlite:
        with bare.engine.connect() as connection:
            own = "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE nspname = 'public'"
            assert {each.lstrip("_") for each in connection.execute(text(own)).scalars()} <= {VERSION}
            made = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
            assert connection.execute(text(made)).scalars().all() == []


def test_every_step_goes_down_and_up_again(bare: Store) -> None:
    migrate(bare, "head")
    made = schema(bare)
    migrate(bare, "base")
    migrate(bare, "head")
    assert schema(bare) == made


def test_a_migration_that_fails_leaves_no_half_schema(bare: Store) -> None:
    with bare.engine.begin() as connection:
        connection.execute(text("CREATE TABLE outbox (id INTEGER)"))
    with pytest.raises(Exception, match="outbox"):
        bare.upgrade()
    assert tables(bare) == {"outbox"}


def test_moments_come_back_as_they_were(store: Store) -> None:
    moment = datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)
    with store.write() as session:
        session.add(Staff(number="S01", name="安然", unreachable_since=moment))
    with store.read() as session:
        assert session.exec(select(Staff.unreachable_since)).one() == moment


STAYS = {
    # table: what may not be changed in it; "*" nothing at all
    "audit": "*",
    "chain": "*",
    "posted_head": "*",
    "entry": "*",
    "participant": "*",
    "finding": "*",
    "rulebook": "*",
    "arrangement": "*",
    "working_day": "*",
    "concern": "*",
    "concern_step": "*",
    "stood_in": "*",
    "absence": "staff_id",
    "audit_body": "audit_id",
    "matter": "kind number opened_at",
    "complaint": "what received_at in_province province_reason rulebook_version",
    "event": "clock_id cycle step nth staff_id at",
    "inquiry": "matter_id received_at words",
    "task": "kind number text by_id at due_at",
    "clock": "rule subject_kind subject_id",
    "filing": "by_id made_at",
    "sealing": "by_id at subjects decided_by decided_at",
    "sealed_row": "*",
    "step": "matter_id kind group seq text asked_by asked_at opinion state decided_at decided_by",
    "claim": "matter_id",
    "rule_change": "id number rule key before after reason by_id at",
    "printed_form": "id matter_id version digest by_id at",
    "customer_file": "id customer_id",
    "paper": "id customer_id kind expires_on by_id at",
    "stored_file": "digest size content at",
    "problem_analysis": "id unit_id quarter problems by_id at due_at",
    "plan_quota": "id unit_id year number by_id at",
    "plan_line": "id unit_id year rule month by_id at",
    "callback_plan": "id unit_id year planned lines by_id at due_at",
    "planned_visit": "matter_id staff_id channel by_when text",
    "spot_draw": "id period seed percent population entries at",
    "spot_result": "id draw_id entry_id result note by_id at",
    "callback_assessment": "id quarter figures results problems improvements by_id at due_at",
    "score_sheet": "id unit_id quarter criteria total by_id at due_at appeal_by",
    "score_appeal": "id sheet_id reason by_id at due_at decision total decided_by decided_at",
    "hand_over": "*",
    "transfer": "id to_id unit_id by_id at",
    "merger": "*",
    "proposal": "matter_id kind before after benefit terms starts ends reason figures",
    "report": "id kind period unit_id post version made_at due_at figures handed_at handed_by",
    "report_line": "id report_id entry_id line_id task_id by_id at struck_at struck_by handed",
    "survey": "matter_id half size seed questions due_at rulebook_version",
    "surveyed": "id matter_id tier",
    "survey_reply": "id surveyed_id outcome scores texts by_id at",
    "survey_report": "id matter_id unit_id text by_id at",
    "survey_measure": "id matter_id unit_id text due_on by_id at",
    "survey_link": "digest surveyed_id by_id at expires_at",
    "preference": "id customer_id matter_id benefit starts ends granted_at ended_at ended_why",
}
ALONE = {"customer_no_delete"}
"""A customer's row goes only along a merger; else it changes in the course of things."""
BEGUN = {"sealing_no_insert", "sealed_row_no_insert"}
"""A sealing begins as one that was asked for; its rows are named only while it is under way."""


def guards(store: Store) -> dict[str, str]:
    """The triggers of the database by their names, with what they say."""
    ours = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    theirs = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    with store.engine.connect() as connection:
        found = connection.execute(text(ours if store.is_sqlite else theirs)).all()
    return {str(name): str(says) for name, says in found}


def test_what_is_on_record_is_guarded(store: Store) -> None:
    """A later migration that makes a table anew on SQLite would take its triggers away without a word."""
    found = guards(store)
    kinds = ("delete", "update") if store.is_sqlite else ("delete", "update", "truncate")
    assert found.keys() == {f"{table}_no_{kind}" for table in STAYS for kind in kinds} | BEGUN | ALONE
    for table, columns in STAYS.items():
        for column in columns.replace("*", "").split():
            assert column in found[f"{table}_no_update"].replace("what is on record stays", "")


def test_the_records_of_a_day_can_not_be_taken_out(database: str) -> None:
    store = Store(database)
    with store.write() as session:
        customer = session.exec(select(Customer)).first()
        assert customer is not None
        now = datetime(2026, 11, 23, 1, tzinfo=UTC)
        entry = Entry(kind="note", customer_id=customer.id, at=now, written_at=now, by_id=1)
        session.add(entry)
    refused = [
        "DELETE FROM entry",
        "UPDATE entry SET answers = '{}'",
        "DELETE FROM clock",
        "UPDATE clock SET rule = 'x'",
    ]
    refused += ["DELETE FROM rulebook", "UPDATE rulebook SET text = ''"]
    refused += ["REPLACE INTO entry SELECT * FROM entry"] if store.is_sqlite else ["TRUNCATE entry CASCADE"]
    for each in refused:
        with pytest.raises(Exception, match="what is on record stays"), store.engine.begin() as connection:
            connection.execute(text(each))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE clock SET snoozes = snoozes + 1"))
    store.close()
