"""what a unit makes of the problems that its customers reported in a quarter"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"

NEVER_CHANGED = ("id", "unit_id", "quarter", "problems", "by_id", "at", "due_at")
SEALED = (
    "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
    " WHERE r.place = 'problem_analysis' AND r.row_id = OLD.id AND s.state = 'sealing')"
)
"""Names among the words are replaced by a sealing alone."""


def upgrade() -> None:
    op.create_table(
        "problem_analysis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_problem_analysis_unit_id", "problem_analysis", ["unit_id"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """What was analysed stays; whoever thinks again writes another."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in NEVER_CHANGED)
    sealed = SEALED if sqlite else "keguan_being_sealed('problem_analysis', OLD.id)"
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({changed} OR NOT {sealed})")):
        head = f"CREATE TRIGGER problem_analysis_no_{what.lower()} BEFORE {what} ON problem_analysis FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on problem_analysis is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = "CREATE TRIGGER problem_analysis_no_truncate BEFORE TRUNCATE ON problem_analysis"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table("problem_analysis")
