"""which versions of a 投诉受理单 were printed; only the salt of a digest is ever changed, and by a sealing alone"""

from collections.abc import Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"

TABLE = "printed_form"
STAYS = ("id", "matter_id", "version", "digest", "by_id", "at")
SEALED = (
    "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"
    " WHERE r.place = 'printed_form' AND r.row_id = OLD.id AND s.state = 'sealing')"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("matter_id", "version"),
    )
    for statement in _guards(op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(sqlite: bool) -> Iterator[str]:
    sealed = SEALED if sqlite else "keguan_being_sealed('printed_form', OLD.id)"
    yield _trigger(sqlite, "UPDATE", f"{_differs(sqlite)} OR NEW.salt <> '' OR NOT {sealed}")
    yield _trigger(sqlite, "DELETE")
    if not sqlite:
        yield (
            "CREATE TRIGGER printed_form_no_truncate BEFORE TRUNCATE ON printed_form"
            " FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"
        )


def _differs(sqlite: bool) -> str:
    unlike = "IS NOT" if sqlite else "IS DISTINCT FROM"
    return " OR ".join(f'OLD."{name}" {unlike} NEW."{name}"' for name in STAYS)


def _trigger(sqlite: bool, what: str, when: str = "") -> str:
    head = f"CREATE TRIGGER {TABLE}_no_{what.lower()} BEFORE {what} ON {TABLE} FOR EACH ROW"
    head += f" WHEN ({when})" if when else ""
    if sqlite:
        return f"{head} BEGIN SELECT RAISE(ABORT, '{what} on {TABLE} is refused: what is on record stays'); END"
    return f"{head} EXECUTE FUNCTION keguan_refuse()"


def downgrade() -> None:
    op.drop_table(TABLE)
