"""proposals of tiers and preferences, and the preferences that were granted"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"

PROPOSED = ("matter_id", "kind", "before", "after", "benefit", "starts", "ends", "figures")
WORDS = ("terms", "reason")
"""What only a sealing may change."""
GRANTED = ("id", "matter_id", "benefit", "starts", "ends", "granted_at")
ENDED = ("ended_at", "ended_why")
SEALED = (
    "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
    " WHERE r.place = 'proposal' AND r.row_id = OLD.matter_id AND s.state = 'sealing')"
)
MERGED = "EXISTS (SELECT 1 FROM merger m WHERE m.from_id = OLD.customer_id AND m.into_id = NEW.customer_id)"
REFUSED = "{what} on {table} is refused: what is on record stays"


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "proposal",
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("before", words(), nullable=False),
        sa.Column("after", words(), nullable=True),
        sa.Column("benefit", words(), nullable=True),
        sa.Column("terms", words(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("reason", words(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("matter_id"),
    )
    op.create_table(
        "preference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("benefit", words(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("granted_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("ended_why", words(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("matter_id"),
    )
    op.create_index("ix_preference_customer_id", "preference", ["customer_id"])
    op.create_index("ix_preference_ends", "preference", ["ends"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """What was proposed and granted stays; a preference that ended does not come back, and moves only along a merger."""
    sealed = SEALED if sqlite else "keguan_being_sealed('proposal', OLD.matter_id)"
    merged = MERGED if sqlite else "keguan_merged(OLD.customer_id, NEW.customer_id)"
    proposed = f"{_differs(sqlite, PROPOSED)} OR (({_differs(sqlite, WORDS)}) AND NOT {sealed})"
    moved = f"(({_differs(sqlite, ('customer_id',))}) AND NOT {merged})"
    ended = f"(OLD.ended_at IS NOT NULL AND ({_differs(sqlite, ENDED)}))"
    granted = f"{_differs(sqlite, GRANTED)} OR {moved} OR {ended}"
    for table, changed in (("proposal", proposed), ("preference", granted)):
        yield _trigger(sqlite, table, "DELETE")
        yield _trigger(sqlite, table, "UPDATE", changed)
        if not sqlite:
            head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def _differs(sqlite: bool, columns: tuple[str, ...]) -> str:
    if sqlite:
        return " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
    return " OR ".join(f'CAST(OLD."{name}" AS TEXT) IS DISTINCT FROM CAST(NEW."{name}" AS TEXT)' for name in columns)


def _trigger(sqlite: bool, table: str, what: str, when: str = "") -> str:
    head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW"
    head += f" WHEN ({when})" if when else ""
    if sqlite:
        return f"{head} BEGIN SELECT RAISE(ABORT, '{REFUSED.format(what=what, table=table)}'); END"
    return f"{head} EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table("preference")
    op.drop_table("proposal")
