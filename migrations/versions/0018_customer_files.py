"""customer files: what is known of a customer beside its name, its papers, and messages that are deleted again"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"

STAYS = {
    "customer_file": ("id", "customer_id"),
    "paper": ("id", "customer_id", "kind", "expires_on", "by_id", "at"),
    "stored_file": ("digest", "size", "content", "at"),
}
"""What is never changed; everything else of a file has its before and after in the audit."""


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "customer_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=True),
        sa.Column("production", words(), nullable=True),
        sa.Column("credit", words(), nullable=True),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("touched_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["custodian_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer_id"),
    )
    op.create_index("ix_customer_file_custodian_id", "customer_file", ["custodian_id"])
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", words(), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("fetch_at", moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_paper_customer_id", "paper", ["customer_id"])
    op.create_index("ix_paper_fetch_at", "paper", ["fetch_at"])
    op.create_table(
        "stored_file",
        sa.Column("digest", words(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.add_column("person", sa.Column("birthday", words(), nullable=True))
    op.add_column("person", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("outbox", sa.Column("vanish_at", moment(), nullable=True))
    op.add_column("outbox", sa.Column("deletes", sa.BigInteger(), nullable=True))
    for table, columns in STAYS.items():
        for statement in _guards(table, columns, op.get_bind().dialect.name == "sqlite"):
            op.execute(sa.text(statement))


def _guards(table: str, columns: tuple[str, ...], sqlite: bool) -> Iterator[str]:
    """Nothing of a file is deleted: a newer paper stands before the older one."""
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
    for table, column in (
        ("outbox", "deletes"),
        ("outbox", "vanish_at"),
        ("person", "left_on"),
        ("person", "birthday"),
    ):
        op.drop_column(table, column)
    for table in STAYS:
        op.drop_table(table)
