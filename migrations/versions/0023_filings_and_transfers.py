"""changes are filed with the sales department, filings come back with a reason; selected customers go to a colleague"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"

STAYS = {"transfer": ("id", "to_id", "unit_id", "by_id", "at")}
"""What was asked for is never changed; what became of it is filled in once."""


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.add_column("filing", sa.Column("kind", words(), nullable=False, server_default="new"))
    op.add_column("filing", sa.Column("opinion", words(), nullable=True))
    op.add_column("filing", sa.Column("returned_at", moment(), nullable=True))
    op.execute("UPDATE filing SET kind = 'clash' WHERE clash_id IS NOT NULL")
    op.create_index("filing_open", "filing", ["decided_at", "id"])
    op.create_index("filing_of_unit", "filing", ["unit_id", "made_at"])
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("reason", words(), nullable=True),
        sa.Column("state", words(), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("opinion", words(), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=True),
        *(sa.ForeignKeyConstraint([each], ["staff.id"]) for each in ("to_id", "by_id", "released_by", "accepted_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfer_filing_id", "transfer", ["filing_id"])
    op.create_index("ix_transfer_state", "transfer", ["state"])
    op.create_table(
        "transferred",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transferred_transfer_id", "transferred", ["transfer_id"])
    op.create_index("ix_transferred_customer_id", "transferred", ["customer_id"])
    for table, columns in STAYS.items():
        for statement in _guards(table, columns, op.get_bind().dialect.name == "sqlite"):
            op.execute(sa.text(statement))


def _guards(table: str, columns: tuple[str, ...], sqlite: bool) -> Iterator[str]:
    """No transfer is deleted, and what was asked for stays as it was."""
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
    op.drop_table("transferred")
    op.drop_table("transfer")
    op.drop_index("filing_open", "filing")
    op.drop_index("filing_of_unit", "filing")
    for column in ("kind", "opinion", "returned_at"):
        op.drop_column("filing", column)
