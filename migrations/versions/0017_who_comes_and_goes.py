"""who invited whom, what was handed over to whom, and who left by whose word"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE invitation ADD COLUMN by_id INTEGER REFERENCES staff (id)")
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=True),
        *(sa.ForeignKeyConstraint([each], ["staff.id"]) for each in ("from_id", "to_id", "by_id")),
        sa.ForeignKeyConstraint(["returns"], ["hand_over.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("returns"),
    )
    op.create_index("ix_hand_over_from_id", "hand_over", ["from_id"])
    op.create_index("ix_hand_over_to_id", "hand_over", ["to_id"])
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", moment(), nullable=True),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by <> by_id AND decided_by <> staff_id)", name="departure_by_two"
        ),
        sa.CheckConstraint("NOT privileged OR state = 'asked' OR decided_by IS NOT NULL", name="departure_decided"),
        *(sa.ForeignKeyConstraint([each], ["staff.id"]) for each in ("staff_id", "to_id", "by_id", "decided_by")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_departure_staff_id", "departure", ["staff_id"])
    op.create_index("ix_departure_state", "departure", ["state"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """What went to whom stays on record as it was; a mistaken hand-over is mended by another."""
    for what in ("DELETE", "UPDATE"):
        head = f"CREATE TRIGGER hand_over_no_{what.lower()} BEFORE {what} ON hand_over FOR EACH ROW"
        refusal = f"SELECT RAISE(ABORT, '{what} on hand_over is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = "CREATE TRIGGER hand_over_no_truncate BEFORE TRUNCATE ON hand_over"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table("departure")
    op.drop_table("hand_over")
    with op.batch_alter_table("invitation") as table:  # SQLite drops no column that refers to another table
        table.drop_column("by_id")
