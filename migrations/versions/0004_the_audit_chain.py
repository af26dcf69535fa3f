"""the audit chain, what the auditor found, and triggers on what is never changed or deleted"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"

NEVER_CHANGED = ("audit", "chain", "posted_head", "entry", "participant", "finding", "rulebook")
SEALED_COLUMNS = {
    # never deleted, and these columns stay as they were written
    "matter": ("kind", "number", "opened_at"),
    "complaint": ("what", "received_at", "in_province", "province_reason", "rulebook_version"),
    "event": ("clock_id", "cycle", "step", "nth", "staff_id", "at"),
    "task": ("kind", "number", "text", "by_id", "at", "due_at"),
    "clock": ("rule", "subject_kind", "subject_id"),
    "filing": ("by_id", "made_at"),
    "audit_body": ("audit_id",),
}
EMPTIED = "NEW.salt = '' AND CAST(NEW.body AS TEXT) = '{}'"
"""The one change of a body: it is sealed, which the chain holds to a row of the audit that says so."""


def upgrade() -> None:
    op.create_table(
        "chain",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seal", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("audit_id"),
    )
    op.create_table(
        "posted_head",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "fault",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("found_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("gone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(sa.text(statement))


def _guards(engine: str) -> Iterator[str]:
    sqlite = engine == "sqlite"
    if not sqlite:
        yield (
            "CREATE FUNCTION keguan_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '% on % is refused: what is on record stays', TG_OP, TG_TABLE_NAME; END $$"
        )
    for table in (*NEVER_CHANGED, *SEALED_COLUMNS):
        yield _trigger(sqlite, table, "DELETE")
        if not sqlite:
            yield (
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"
            )
    for table in NEVER_CHANGED:
        yield _trigger(sqlite, table, "UPDATE")
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    for table, columns in SEALED_COLUMNS.items():
        changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns)
        yield _trigger(sqlite, table, "UPDATE", changed if table != "audit_body" else f"{changed} OR NOT ({EMPTIED})")


def _trigger(sqlite: bool, table: str, what: str, when: str = "") -> str:
    head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW"
    head += f" WHEN ({when})" if when else ""
    if sqlite:
        return f"{head} BEGIN SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays'); END"
    return f"{head} EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name != "sqlite"
    for table in (*NEVER_CHANGED, *SEALED_COLUMNS):
        for what in ("delete", "update", *(["truncate"] if postgresql else [])):
            op.execute(sa.text(f"DROP TRIGGER {table}_no_{what}" + (f" ON {table}" if postgresql else "")))
    if postgresql:
        op.execute(sa.text("DROP FUNCTION keguan_refuse()"))
    for table in ("fault", "posted_head", "chain"):
        op.drop_table(table)
