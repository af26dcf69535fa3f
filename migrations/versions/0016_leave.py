"""who is away and who stands in, and what was done in whose place"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"

KEPT = {"absence": "staff_id", "stood_in": None}
"""Never deleted; this column stays, or, where none is named, the whole row."""


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("starts", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["substitute_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("ends", "staff_id", "substitute_id"):
        op.create_index(f"ix_absence_{name}", "absence", [name])
    op.create_table(
        "stood_in",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["for_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("entry_id", "by_id", "for_id"),
    )
    op.create_index("ix_stood_in_for_id", "stood_in", ["for_id"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """Who stood in for whom when can be told for ever."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    for table, column in KEPT.items():
        for what in ("DELETE", "UPDATE"):
            when = f" WHEN (OLD.{column} {differs} NEW.{column})" if column and what == "UPDATE" else ""
            head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW{when}"
            refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
            yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
        if not sqlite:
            head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    for table in reversed(KEPT):
        op.drop_table(table)
