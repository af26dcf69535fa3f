"""inquiries: what somebody at a customer's asked, who owns it, what was promised and answered"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"

STAYS = ("matter_id", "received_at")
SEALED_ONLY = ("words",)
"""What only a sealing may change."""
BEING_SEALED = (
    "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
    " WHERE r.place = 'inquiry' AND r.row_id = OLD.matter_id AND s.state = 'sealing')"
)


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "inquiry",
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("person", words(), nullable=False),
        sa.Column("phone", words(), nullable=True),
        sa.Column("words", words(), nullable=False),
        sa.Column("received_at", moment(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("plan", words(), nullable=True),
        sa.Column("promised_at", moment(), nullable=True),
        sa.Column("answer", words(), nullable=True),
        sa.Column("told_name", words(), nullable=True),
        sa.Column("told_phone", words(), nullable=True),
        sa.Column("became_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["became_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("matter_id"),
    )
    op.create_index("ix_inquiry_owner_id", "inquiry", ["owner_id"])
    op.create_index("ix_inquiry_became_id", "inquiry", ["became_id"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """An inquiry is never deleted; what was asked, and when, stays as it was entered."""
    sealing = BEING_SEALED if sqlite else "keguan_being_sealed('inquiry', OLD.matter_id)"
    changed = f"{_differs(sqlite, STAYS)} OR (({_differs(sqlite, SEALED_ONLY)}) AND NOT {sealing})"
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed})")):
        head = f"CREATE TRIGGER inquiry_no_{what.lower()} BEFORE {what} ON inquiry FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on inquiry is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        yield (
            "CREATE TRIGGER inquiry_no_truncate BEFORE TRUNCATE ON inquiry"
            " FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"
        )


def _differs(sqlite: bool, columns: tuple[str, ...]) -> str:
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    return " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns)


def downgrade() -> None:
    op.drop_table("inquiry")
