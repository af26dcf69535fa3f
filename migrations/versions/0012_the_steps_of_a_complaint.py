"""approvals, the responsible unit of a complaint and its limit, pauses, and cards that follow what they are about"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"

NEVER_CHANGED = ("matter_id", "kind", "group", "seq", "asked_by", "asked_at")


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
    """What was asked stays as it was asked; a step is decided once and never deleted. Only a sealing changes words."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"

    def changed(*names: str) -> str:
        return " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in names)

    sealing = (
        "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
        " WHERE r.place = 'step' AND r.row_id = OLD.id AND s.state = 'sealing')"
    )
    sealed = sealing if sqlite else "keguan_being_sealed('step', OLD.id)"
    decided = f"OLD.decided_at IS NOT NULL AND ({changed('decided_at', 'decided_by', 'state')})"
    words = f"({changed('text')} OR (OLD.decided_at IS NOT NULL AND {changed('opinion')})) AND NOT {sealed}"
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed(*NEVER_CHANGED)} OR ({decided}) OR ({words}))")):
        head = f"CREATE TRIGGER step_no_{what.lower()} BEFORE {what} ON step FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on step is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = "CREATE TRIGGER step_no_truncate BEFORE TRUNCATE ON step"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_index("ix_card_subject", "card")
    op.drop_column("card", "subject")
    op.drop_column("clock", "paused_until")
    op.drop_index("ix_complaint_responsible_unit_id", "complaint")
    for column in ("report_every", "handle_by", "entrusted_at", "responsible_unit_id", "now_in_province"):
        op.drop_column("complaint", column)
    op.drop_table("step")
