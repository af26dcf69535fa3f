"""approvals, the responsible unit of a complaint and its limit, pauses, and cards that follow what they are about"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0010"

NEVER_CHANGED = ("matter_id", "kind", "group", "seq", "text", "asked_by", "asked_at")


def upgrade() -> None:
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("post", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opinion", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("matter_id", "post", "state"):
        op.create_index(f"ix_step_{column}", "step", [column])
    for column in (
        sa.Column("now_in_province", sa.Boolean(), nullable=True),
        sa.Column("entrusted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("handle_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("report_every", sa.Integer(), nullable=True),
    ):
        op.add_column("complaint", column)
    op.execute("ALTER TABLE complaint ADD COLUMN responsible_unit_id INTEGER REFERENCES unit (id)")
    op.create_index("ix_complaint_responsible_unit_id", "complaint", ["responsible_unit_id"])
    op.add_column("clock", sa.Column("paused_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("card", sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_index("ix_card_subject", "card", ["subject"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """What was asked stays as it was asked; a step is never deleted, and decided once."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in NEVER_CHANGED)
    decided = (
        f"OLD.decided_at IS NOT NULL AND (OLD.decided_at {differs} NEW.decided_at OR OLD.state {differs} NEW.state)"
    )
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed} OR ({decided}))")):
        head = f"CREATE TRIGGER step_no_{what.lower()} BEFORE {what} ON step FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on step is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        yield "CREATE TRIGGER step_no_truncate BEFORE TRUNCATE ON step FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_index("ix_card_subject", "card")
    op.drop_column("card", "subject")
    op.drop_column("clock", "paused_until")
    op.drop_index("ix_complaint_responsible_unit_id", "complaint")
    for column in ("report_every", "handle_by", "entrusted_at", "responsible_unit_id", "now_in_province"):
        op.drop_column("complaint", column)
    op.drop_table("step")
