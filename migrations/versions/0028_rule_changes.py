"""a number of the rulebook is changed in the chat: proposed, decided, in force from its day on"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"

STAYS = ("id", "number", "rule", "key", "before", "after", "reason", "by_id", "at")
"""What was asked for is never changed; what became of it is filled in."""


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.add_column("rulebook", sa.Column("disk", words(), nullable=True))
    op.create_table(
        "rule_change",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, words(), nullable=False) for name in ("number", "rule", "key", "before", "after", "reason")),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("state", words(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("opinion", words(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("on_disk", sa.Boolean(), nullable=False),
        sa.Column("open_for", words(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> by_id", name="rule_change_by_two"),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["version"], ["rulebook.version"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("open_for"),
    )
    op.create_index("ix_rule_change_state", "rule_change", ["state"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _guards("rule_change", STAYS, sqlite):
        op.execute(sa.text(statement))


def _guards(table: str, columns: tuple[str, ...], sqlite: bool) -> Iterator[str]:
    """No change is deleted, and what was asked for stays as it was."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns)
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed})")):
        head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table("rule_change")
    op.drop_column("rulebook", "disk")
