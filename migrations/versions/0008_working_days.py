"""the company's table of rest and make-up days, each change a new row"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"

KEPT = ("arrangement", "working_day")


def upgrade() -> None:
    op.create_table(
        "arrangement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "working_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("arrangement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["arrangement_id"], ["arrangement.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_working_day_day", "working_day", ["day"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """What is on record stays: a day is changed by a new row."""
    for table in KEPT:
        for what in ("DELETE", "UPDATE"):
            head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW"
            refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
            yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
        if not sqlite:
            head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    for table in reversed(KEPT):
        op.drop_table(table)
