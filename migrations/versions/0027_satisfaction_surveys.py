"""satisfaction surveys: whom each asks, what they said, links for customers, and the plan that follows; a matter of no customer"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"

STAYS = {
    "survey": ("matter_id", "half", "size", "seed", "questions", "due_at", "rulebook_version"),
    "surveyed": ("id", "matter_id", "tier"),
    "survey_reply": ("id", "surveyed_id", "outcome", "scores", "by_id", "at"),
    "survey_report": ("id", "matter_id", "unit_id", "by_id", "at"),
    "survey_measure": ("id", "matter_id", "unit_id", "due_on", "by_id", "at"),
    "survey_link": ("digest", "surveyed_id", "by_id", "at", "expires_at"),
}
"""What never changes."""
WORDS = {"survey_reply": "texts", "survey_report": "text", "survey_measure": "text"}
"""What changes by a sealing alone."""


def upgrade() -> None:
    _without_customer(allowed=True)
    words, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "survey",
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("half", words(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("matter_id"),
        sa.UniqueConstraint("half"),
    )
    op.create_table(
        "surveyed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("tier", words(), nullable=False),
        *_refers(matter_id="matter", customer_id="customer", unit_id="unit"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("surveyed_of_unit", "surveyed", ["matter_id", "unit_id"])
    op.create_index("ix_surveyed_customer_id", "surveyed", ["customer_id"])
    op.create_table(
        "survey_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("surveyed_id", sa.Integer(), nullable=False),
        sa.Column("outcome", words(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        *_refers(surveyed_id="surveyed", by_id="staff"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_reply_surveyed_id", "survey_reply", ["surveyed_id"])
    _of_units(words, moment)
    op.create_table(
        "survey_link",
        sa.Column("digest", words(), nullable=False),
        sa.Column("surveyed_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        *_refers(surveyed_id="surveyed", by_id="staff"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_survey_link_surveyed_id", "survey_link", ["surveyed_id"])
    for table, columns in STAYS.items():
        for statement in _guards(table, columns, op.get_bind().dialect.name == "sqlite"):
            op.execute(sa.text(statement))


def _of_units(words: type, moment: type) -> None:
    op.create_table(
        "survey_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("text", words(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        *_refers(matter_id="matter", unit_id="unit", by_id="staff"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_report_matter_id", "survey_report", ["matter_id"])
    op.create_table(
        "survey_measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("text", words(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("struck_at", moment(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        *_refers(matter_id="matter", unit_id="unit", by_id="staff", task_id="task"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_measure_matter_id", "survey_measure", ["matter_id"])


def _refers(**tables: str) -> Iterator[sa.ForeignKeyConstraint]:
    return (sa.ForeignKeyConstraint([column], [f"{table}.id"]) for column, table in tables.items())


def _without_customer(*, allowed: bool) -> None:
    """Whether a matter may be of no customer. SQLite can't change a column; making the table anew would take its triggers away and
    break what refers to it, so that its definition is changed in place, as SQLite's own manual has it for constraints."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.alter_column("matter", "customer_id", existing_type=sa.Integer(), nullable=allowed)
        return
    strict, loose = "customer_id INTEGER NOT NULL,", "customer_id INTEGER,"
    (made,) = bind.execute(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'matter'")).one()
    changed = made.replace(strict, loose) if allowed else made.replace(loose, strict)
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar_one()
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = 'matter'"), {"sql": changed}
    )
    bind.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = OFF"))


def _guards(table: str, columns: tuple[str, ...], sqlite: bool) -> Iterator[str]:
    """Nothing of a survey is deleted, and what was drawn, said and handed in stays; words change by a sealing alone."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    plain = "" if sqlite else "::text"
    changed = " OR ".join(f'OLD."{name}"{plain} {differs} NEW."{name}"{plain}' for name in columns)
    if (words := WORDS.get(table)) is not None:
        changed += f' OR (OLD."{words}"{plain} {differs} NEW."{words}"{plain} AND NOT {_sealed(table, sqlite)})'
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed})")):
        head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def _sealed(table: str, sqlite: bool) -> str:
    if not sqlite:
        return f"keguan_being_sealed('{table}', OLD.id)"
    return (
        "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"  # noqa: S608
        f" WHERE r.place = '{table}' AND r.row_id = OLD.id AND s.state = 'sealing')"
    )


def downgrade() -> None:
    for table in ("survey_link", "survey_measure", "survey_report", "survey_reply", "surveyed", "survey"):
        op.drop_table(table)
    _without_customer(allowed=False)
