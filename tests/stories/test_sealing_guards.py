"""Guards of 封存: what the database lets a sealing change, how one that is none is found, and that no column is forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, String, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from models.audit import SEALING, Audit
from models.records import Complaint
from models.sealings import SealedRow, Sealing
from models.traces import MESSAGES, RECORDS
from tests.office import Office
from tests.stories.test_sealing_people import (
    FOUR_YEARS,
    NAME,
    a_complaint_long_ago,
    a_settled_complaint,
    closed_complaint,
    flaws,
    sealed,
)

# Nothing but a sealing that two agreed to changes what is on record


async def test_the_database_lets_a_record_be_changed_by_a_sealing_alone(office: Office) -> None:
    await a_settled_complaint(office)
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    some = "by_id, at, subjects, also, reason, counts"
    values = "1, '2026-11-23 01:00:00', '[]', '[]', '', '{}'"
    for each in (
        "UPDATE entry SET answers = '{}' WHERE id = 1",
        "UPDATE complaint SET what = '没有的事'",
        "UPDATE task SET text = '没有的事'",
        "UPDATE sealing SET reason = '没有'",
        "UPDATE sealing SET state = 'sealing'",
        "UPDATE sealing SET subjects = '[]'",
        "UPDATE sealed_row SET row_id = 99",
        "DELETE FROM sealed_row",
        "DELETE FROM sealing",
        "INSERT INTO sealed_row (sealing_id, place, row_id) VALUES (1, 'entry', 1)",
        f"INSERT INTO sealing (id, state, decided_by, {some}) VALUES (9, 'sealing', 2, {values})",
    ):
        with pytest.raises(DBAPIError, match="what is on record stays"), office.store.write() as session:
            session.execute(text(each))


async def test_a_sealing_under_way_changes_only_the_rows_that_it_names(office: Office) -> None:
    await closed_complaint(office)
    with office.store.write() as session:
        session.add(Sealing(by_id=1, at=office.clock.now(), reason="期满"))
    opened = "UPDATE sealing SET state = 'sealing', decided_by = 2"
    named = "INSERT INTO sealed_row (sealing_id, place, row_id) VALUES (1, 'entry', 1)"
    for each in (
        "UPDATE entry SET answers = '{}' WHERE id = 2",
        "UPDATE entry SET written_at = '2026-01-01 00:00:00' WHERE id = 1",
        "UPDATE entry SET number = 'LX-1' WHERE id = 1",
    ):
        with pytest.raises(DBAPIError, match="what is on record stays"), office.store.write() as session:
            session.execute(text(opened))
            session.execute(text(named))
            session.execute(text("UPDATE entry SET answers = '{}' WHERE id = 1"))
            session.execute(text(each))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_sealing_that_the_audit_does_not_know_is_found(office: Office) -> None:
    await closed_complaint(office)
    with office.store.write() as session:
        session.add(Sealing(by_id=1, at=office.clock.now(), reason="期满"))
    with office.store.write() as session:
        session.execute(text("UPDATE sealing SET state = 'sealing', decided_by = 2"))
        session.execute(text("INSERT INTO sealed_row (sealing_id, place, row_id) VALUES (1, 'entry', 1)"))
        session.execute(text("UPDATE entry SET answers = '{}' WHERE id = 1"))
        session.execute(text("UPDATE sealing SET state = 'sealed'"))
        session.execute(text("UPDATE complaint SET complainant = '「已封存·000」'"))
    assert [str(each) for each in flaws(office)] == ["sealing:1", "sealed_stray:1"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_half_done_sealing_is_none(office: Office) -> None:
    """The last row of the audit fails: nothing is sealed."""
    await a_complaint_long_ago(office)
    sales, auditor = office.people("sales", "auditor")
    await sales.says("/seal TS-2026-0001 期满封存")
    await sales.presses("保存")

    def fail(_mapper: object, _connection: object, row: Audit) -> None:
        if row.action == SEALING:
            raise RuntimeError("no more room")

    event.listen(Audit, "before_insert", fail)
    try:
        await auditor.presses("同意封存")
    finally:
        event.remove(Audit, "before_insert", fail)
    auditor.reads_nothing_of("已执行")
    with office.read() as records:
        assert records.get_one(Sealing, 1).state == "asked"
        assert records.exec(select(Complaint)).one().complainant == NAME
        assert not records.exec(select(SealedRow)).all()
    assert flaws(office) == ()


# A new column can't be forgotten

HARMLESS = {
    # text and JSON columns that name no person of a customer's, or only as a code
    "audit": {"action", "subject", "digest"},
    "audit_body": {"salt"},
    "chain": {"key_id", "seal", "mac"},
    "posted_head": {"mac"},
    "clock": {"rule", "subject_kind", "post", "cycle", "stopped_by"},
    "event": {"cycle"},
    "counter": {"series"},
    "concern": {"number", "kind", "body", "told_by"},  # locked: 封存 neither reads nor counts what came to audit alone
    "concern_step": {"state", "body"},
    "customer": {"name", "short_name", "tier", "province", "city", "credit_code", "code_name"},
    "former_name": {"name"},
    "arrangement": {"text"},
    "rule_change": {"number", "rule", "key", "before", "after", "reason", "state", "opinion", "open_for"},
    "working_day": {"name"},
    "vital": {"name", "text"},
    "unit": {"name"},
    "staff": {"number", "name", "phone", "language"},
    "assignment": {"role"},
    "matter": {"kind", "number", "state"},
    "complaint": {"type", "department"},
    "claim": {"way", "lawsuit"},
    "entry": {"kind", "number", "channel"},
    "finding": {"decision"},
    "task": {"kind", "number", "post"},
    "step": {"kind", "post", "state", "facts"},
    "filing": {"number", "decision", "kind"},
    "transfer": {"state", "moved"},
    "inbox": {"state", "error", "told_by"},
    "outbox": {"unique_key", "message_class", "state", "error"},
    "card": {"key", "subject"},
    "draft": {"form", "asking", "state"},
    "fault": {"key"},
    "rulebook": {"text", "disk"},
    "printed_form": {"digest"},
    "hand_over": {"moved"},
    "report": {"kind", "period", "post", "figures"},
    "departure": {"state"},
    "sealing": {"subjects", "also", "reason", "state", "counts"},
    "sealed_row": {"place"},
    "customer_file": {"kind"},
    "proposal": {"kind", "before", "after", "benefit", "figures", "changes"},  # numbers, days, names of rules
    "preference": {"benefit", "ended_why"},
    "survey": {"half", "questions"},
    "surveyed": {"tier"},
    "survey_reply": {"outcome", "scores"},  # marks
    "survey_link": {"digest"},
    "paper": {"kind"},
    "plan_line": {"rule"},
    "callback_plan": {"lines"},  # rules, customers' numbers, months
    "planned_visit": {"channel"},
    "spot_draw": {"period", "entries"},
    "spot_result": {"result"},
    "callback_assessment": {"quarter", "figures"},
    "score_sheet": {"quarter", "criteria"},  # figures, and the numbers of what is behind them
    "score_appeal": {"decision"},
    "stored_file": {"digest"},
    "merger": {"reason", "facts", "moved"},  # the file's own names and numbers of rows, nobody's name
    "list_import": {"kind", "name", "file", "digest", "state", "headings", "places", "choices", "counts"},
}
LOOKED_AT = {place: set(columns) for place, (_, columns) in (*RECORDS.items(), *MESSAGES.items())} | {
    "inbox": {"body"},
    "audit_body": {"body"},
    "person": {"name", "title", "phone", "email", "birthday"},
    "search_key": {"text"},
}


def test_every_column_that_holds_words_is_looked_at_or_known_to_be_harmless() -> None:
    for table in SQLModel.metadata.sorted_tables:
        wordy = {each.name for each in table.columns if isinstance(each.type, String | JSON)}
        known = HARMLESS.get(table.name, set()) | LOOKED_AT.get(table.name, set())
        assert wordy <= known, table.name
