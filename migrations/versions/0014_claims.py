"""the claim of a complaint, and since when the complaint is major"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
        sa.Column("estimated", sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
        sa.Column("assessed", sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled", sa.Numeric(precision=14, scale=2, asdecimal=False), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("social_effect", sa.Boolean(), nullable=False),
        sa.Column("lawsuit", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("major_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("matter_id"),
    )
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """A claim is never deleted, and stays with its complaint."""
    for what, when in (("DELETE", ""), ("UPDATE", " WHEN (OLD.matter_id <> NEW.matter_id)")):
        head = f"CREATE TRIGGER claim_no_{what.lower()} BEFORE {what} ON claim FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on claim is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        yield "CREATE TRIGGER claim_no_truncate BEFORE TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table("claim")
