"""lists that are imported in the chat, and customers that were merged into another: their records may move there, and only there"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"

STAYS = ("id", "kind", "number", "matter_id", "at", "written_at", "by_id", "channel", "withdraws")
TEXTS = ("answers", "attachments")
PAPER = ("id", "kind", "expires_on", "by_id", "at")
SEALED = (
    "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
    " WHERE r.place = 'entry' AND r.row_id = OLD.id AND s.state = 'sealing')"
)
MERGED = "EXISTS (SELECT 1 FROM merger m WHERE m.from_id = {old} AND m.into_id = {new})"
GONE = "EXISTS (SELECT 1 FROM merger m WHERE m.from_id = {old})"
REFUSED = "{what} on {table} is refused: what is on record stays"


def upgrade() -> None:
    op.create_table(
        "list_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file", sa.JSON(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("rejects", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("touched_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_list_import_staff_id", "list_import", ["staff_id"])
    op.create_index("ix_list_import_state", "list_import", ["state"])
    op.create_table(
        "merger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("from_id"),
    )
    op.create_index("ix_merger_into_id", "merger", ["into_id"])
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    """The customer of an entry or a paper changes only along a merger that is on record; a customer's row and what is on file go
    only after one; a merger stays."""
    if not sqlite:
        yield from _functions()
    merged = (
        MERGED.format(old="OLD.customer_id", new="NEW.customer_id")
        if sqlite
        else "keguan_merged(OLD.customer_id, NEW.customer_id)"
    )
    gone, filed = (
        GONE.format(old=f"OLD.{each}") if sqlite else f"keguan_merged_away(OLD.{each})"
        for each in ("id", "customer_id")
    )
    sealed = SEALED if sqlite else "keguan_being_sealed('entry', OLD.id)"
    moves, texts = _differs(sqlite, ("customer_id",)), _differs(sqlite, TEXTS)
    yield _drop(sqlite, "entry", "UPDATE")
    yield _trigger(
        sqlite,
        "entry",
        "UPDATE",
        f"{_differs(sqlite, STAYS)} OR (({moves}) AND (({texts}) OR NOT {merged})) OR (NOT ({moves}) AND NOT {sealed})",
    )
    yield _drop(sqlite, "paper", "UPDATE")
    yield _trigger(sqlite, "paper", "UPDATE", f"{_differs(sqlite, PAPER)} OR (({moves}) AND NOT {merged})")
    yield _trigger(sqlite, "customer", "DELETE", f"NOT {gone}")
    yield _drop(sqlite, "customer_file", "DELETE")
    yield _trigger(sqlite, "customer_file", "DELETE", f"NOT {filed}")
    for what in ("DELETE", "UPDATE"):
        yield _trigger(sqlite, "merger", what)
    if not sqlite:
        head = "CREATE TRIGGER merger_no_truncate BEFORE TRUNCATE ON merger"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def _functions() -> Iterator[str]:
    for name, asked in (
        ("keguan_merged(one integer, other integer)", MERGED.format(old="one", new="other")),
        ("keguan_merged_away(one integer)", GONE.format(old="one")),
    ):
        yield f"CREATE FUNCTION {name} RETURNS boolean LANGUAGE sql AS $$ SELECT {asked} $$"


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


def _drop(sqlite: bool, table: str, what: str) -> str:
    return f"DROP TRIGGER {table}_no_{what.lower()}" + ("" if sqlite else f" ON {table}")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    sealed = SEALED if sqlite else "keguan_being_sealed('entry', OLD.id)"
    for table, what in (("customer", "DELETE"), ("customer_file", "DELETE"), ("paper", "UPDATE"), ("entry", "UPDATE")):
        op.execute(sa.text(_drop(sqlite, table, what)))
    op.execute(sa.text(_trigger(sqlite, "customer_file", "DELETE")))
    op.execute(sa.text(_trigger(sqlite, "paper", "UPDATE", _differs(sqlite, (*PAPER, "customer_id")))))
    op.execute(
        sa.text(_trigger(sqlite, "entry", "UPDATE", f"{_differs(sqlite, (*STAYS, 'customer_id'))} OR NOT {sealed}"))
    )
    op.drop_table("merger")
    op.drop_table("list_import")
    if not sqlite:
        op.execute(sa.text("DROP FUNCTION keguan_merged(integer, integer)"))
        op.execute(sa.text("DROP FUNCTION keguan_merged_away(integer)"))
