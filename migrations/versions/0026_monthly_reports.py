"""each month's log goes to the unit head, the unit's report to the sales department, the company's to its leaders"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"

STAYS = {
    "report": ("id", "kind", "period", "unit_id", "post", "version", "made_at", "due_at"),
    "report_line": ("id", "report_id", "entry_id", "line_id", "task_id", "by_id", "at"),
}
"""What is never changed."""
HANDED_IN = {
    "report": ("OLD.handed_at IS NOT NULL", ("figures", "handed_at", "handed_by")),
    "report_line": ("OLD.handed", ("struck_at", "struck_by", "handed")),
}
"""What is not changed any more once it was handed in. Words stay open, to a sealing alone; the audit has them too."""


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("period", words(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("post", words(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", words(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("handed_at", moment(), nullable=True),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["handed_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "period", "unit_id", "post", "version"),
    )
    for column in ("period", "unit_id", "post"):
        op.create_index(f"ix_report_{column}", "report", [column])
    op.create_table(
        "report_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("text", words(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("struck_at", moment(), nullable=True),
        sa.Column("struck_by", sa.Integer(), nullable=True),
        sa.Column("handed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.ForeignKeyConstraint(["line_id"], ["report_line.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["struck_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("report_id", "entry_id"),
        sa.UniqueConstraint("report_id", "line_id"),
    )
    for column in ("report_id", "entry_id", "line_id", "customer_id", "task_id"):
        op.create_index(f"ix_report_line_{column}", "report_line", [column])
    for table in STAYS:
        for statement in _guards(table, op.get_bind().dialect.name == "sqlite"):
            op.execute(sa.text(statement))


def _guards(table: str, sqlite: bool) -> Iterator[str]:
    """Nothing of a report is deleted, and what was handed in stays as it was."""
    handed_in, then = HANDED_IN[table]
    changed = f"({_changed(STAYS[table], sqlite)}) OR ({handed_in} AND ({_changed(then, sqlite)}))"
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed})")):
        head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def _changed(columns: tuple[str, ...], sqlite: bool) -> str:
    """JSON is compared as text, which is all that PostgreSQL compares of it."""
    sides = (("CAST({}.figures AS TEXT)" if each == "figures" else f'{{}}."{each}"') for each in columns)
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    return " OR ".join(f"{each.format('OLD')} {differs} {each.format('NEW')}" for each in sides)


def downgrade() -> None:
    op.drop_table("report_line")
    op.drop_table("report")
