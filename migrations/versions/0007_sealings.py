"""sealing of people's identity: who asked, who agreed, which rows; the guards let exactly these rows be changed, once"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"

STAYS = {
    # table: what a sealing leaves as it is; the rest of its columns, named behind, may then be changed
    "entry": (
        ("id", "kind", "number", "customer_id", "matter_id", "at", "written_at", "by_id", "channel", "withdraws"),
        ("answers", "attachments"),
    ),
    "finding": (("id", "decision", "entry_id", "by_id", "at"), ("text",)),
    "complaint": (("received_at", "in_province", "province_reason", "rulebook_version"), ("what",)),
    "task": (("kind", "number", "by_id", "at", "due_at"), ("text",)),
}
WHOLE = ("entry", "finding")
"""Of these nothing else is ever changed; the others have columns besides that change in the course of things."""
KEYS = {"complaint": "matter_id"}
BEFORE = {
    # as 0004 left them
    "entry": (),
    "finding": (),
    "complaint": ("what", "received_at", "in_province", "province_reason", "rulebook_version"),
    "task": ("kind", "number", "text", "by_id", "at", "due_at"),
}
NEXT = (
    "(OLD.state = 'asked' AND NEW.state IN ('refused', 'sealing')) OR (OLD.state = 'sealing' AND NEW.state = 'sealed')"
    " OR (OLD.state = 'sealed' AND NEW.state = 'sealed' AND OLD.wiped_at IS NULL)"
)
"""How a sealing goes on; there is no way back."""
ASKED = ("by_id", "at", "subjects")
DECIDED = ("decided_by", "decided_at")
OUTCOME = (*DECIDED, "reason", "also", "counts")


def upgrade() -> None:
    op.create_table(
        "sealing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("also", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("wiped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> by_id", name="sealing_by_two"),
        sa.CheckConstraint("state = 'asked' OR decided_by IS NOT NULL", name="sealing_decided"),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sealing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealing_state"), ["state"], unique=False)
    op.create_table(
        "sealed_row",
        sa.Column("sealing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["sealing_id"], ["sealing.id"]),
        sa.PrimaryKeyConstraint("sealing_id", "place", "row_id"),
    )
    with op.batch_alter_table("sealed_row", schema=None) as batch_op:
        batch_op.create_index("sealed_row_place", ["place", "row_id"], unique=False)
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    if not sqlite:
        yield (
            "CREATE FUNCTION keguan_being_sealed(which text, number integer) RETURNS boolean LANGUAGE sql AS"
            f" $$ SELECT {_being_sealed('which', 'number')} $$"
        )
    for table, (stays, free) in STAYS.items():
        key = f'OLD."{KEYS.get(table, "id")}"'
        allowed = _being_sealed(f"'{table}'", key) if sqlite else f"keguan_being_sealed('{table}', {key})"
        sealing = f"NOT {allowed}" if table in WHOLE else f"(({_differs(sqlite, free)}) AND NOT {allowed})"
        yield _drop(sqlite, table, "UPDATE")
        yield _trigger(sqlite, table, "UPDATE", f"{_differs(sqlite, stays)} OR {sealing}")
    asked, decided, outcome = (_differs(sqlite, each) for each in (ASKED, DECIDED, OUTCOME))
    late = f"(OLD.state <> 'asked' AND ({decided})) OR (OLD.state = NEW.state AND ({outcome}))"
    yield _trigger(sqlite, "sealing", "UPDATE", f"{asked} OR NOT ({NEXT}) OR {late}")
    yield _trigger(sqlite, "sealed_row", "UPDATE")
    yield _trigger(sqlite, "sealing", "INSERT", "NEW.state <> 'asked'")
    not_open = "NOT EXISTS (SELECT 1 FROM sealing s WHERE s.id = NEW.sealing_id AND s.state = 'sealing')"
    if sqlite:
        yield _trigger(sqlite, "sealed_row", "INSERT", not_open)
    else:
        yield (
            "CREATE FUNCTION keguan_sealed_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {not_open} THEN RAISE EXCEPTION 'INSERT on sealed_row is refused: what is on record stays'; END IF;"
            " RETURN NEW; END $$"
        )
        yield (
            "CREATE TRIGGER sealed_row_no_insert BEFORE INSERT ON sealed_row"
            " FOR EACH ROW EXECUTE FUNCTION keguan_sealed_row()"
        )
    for table in ("sealing", "sealed_row"):
        yield _trigger(sqlite, table, "DELETE")
        if not sqlite:
            yield (
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"
            )


def _being_sealed(table: str, number: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"  # noqa: S608
        f" WHERE r.place = {table} AND r.row_id = {number} AND s.state = 'sealing')"
    )


def _differs(sqlite: bool, columns: tuple[str, ...]) -> str:
    if sqlite:
        return " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
    return " OR ".join(f'CAST(OLD."{name}" AS TEXT) IS DISTINCT FROM CAST(NEW."{name}" AS TEXT)' for name in columns)


def _trigger(sqlite: bool, table: str, what: str, when: str = "") -> str:
    head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW"
    head += f" WHEN ({when})" if when else ""
    if sqlite:
        return f"{head} BEGIN SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays'); END"
    return f"{head} EXECUTE FUNCTION keguan_refuse()"


def _drop(sqlite: bool, table: str, what: str) -> str:
    return f"DROP TRIGGER {table}_no_{what.lower()}" + ("" if sqlite else f" ON {table}")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in BEFORE.items():
        op.execute(sa.text(_drop(sqlite, table, "UPDATE")))
        op.execute(sa.text(_trigger(sqlite, table, "UPDATE", _differs(sqlite, columns) if columns else "")))
    for table in ("sealed_row", "sealing"):
        op.drop_table(table)
    if not sqlite:
        op.execute(sa.text("DROP FUNCTION keguan_sealed_row()"))
        op.execute(sa.text("DROP FUNCTION keguan_being_sealed(text, integer)"))
