"""the search index by unit, and since when nobody has spoken with a customer"""

import re
from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0018"

EXACT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LISTS = {
    "customer_of_unit": ("unit_id", "quiet_since", "id", "tier", "province"),
    "customer_of_tier": ("unit_id", "tier", "quiet_since", "id", "province"),
    "customer_of_province": ("unit_id", "province", "quiet_since", "id", "tier"),
    "customer_of_owner": ("owner_id", "quiet_since", "id"),
}
QUIET = """UPDATE customer SET quiet_since = COALESCE((
    SELECT max(e.at) FROM entry e WHERE e.customer_id = customer.id AND e.kind IN ('contact', 'callback')
    AND NOT EXISTS (SELECT 1 FROM entry w WHERE w.withdraws = e.id)), created_at)"""


def upgrade() -> None:
    op.add_column("customer", sa.Column("quiet_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(sa.text(QUIET))
    op.create_index("customer_in_unit", "customer", ["id", "unit_id"], unique=True)
    for name, columns in LISTS.items():
        op.create_index(name, "customer", list(columns))
    op.drop_index("ix_customer_unit_id", "customer")
    op.drop_index("ix_customer_owner_id", "customer")
    _set_aside()
    op.create_table(
        "search_key",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", EXACT, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id", "unit_id"], ["customer.id", "customer.unit_id"], onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("customer_id", "whole", "text", "kind"),
        sqlite_with_rowid=False,
    )
    op.execute(
        sa.text(
            "INSERT INTO search_key (customer_id, whole, text, kind, unit_id)"
            " SELECT DISTINCT o.customer_id, o.whole, o.text, o.kind, c.unit_id FROM search_key_aside o"
            " JOIN customer c ON c.id = o.customer_id ORDER BY o.customer_id"
        )
    )
    op.execute(sa.text("DROP TABLE search_key_aside"))
    _add_numbers(lambda digits: [f"<{digits[::-1]}"], "whole, text, kind, unit_id", ":whole, :text, 4, :unit")
    op.create_index("search_key_text", "search_key", ["unit_id", "whole", "text", "customer_id", "kind"])


def _set_aside() -> None:
    """The keys as they are, without parts of numbers, while the table makes place for its successor."""
    op.execute(
        sa.text(
            "CREATE TABLE search_key_aside AS"
            " SELECT customer_id, whole, text, kind FROM search_key WHERE kind <> 4 OR whole"
        )
    )
    op.drop_table("search_key")


def _add_numbers(parts: Callable[[str], Iterable[str]], columns: str, values: str) -> None:
    """Telephone numbers anew: from their ends in one release, from each digit on in the other."""
    insert = sa.text(f"INSERT INTO search_key (customer_id, {columns}) VALUES (:customer, {values})")  # noqa: S608
    for portion in _numbers():
        rows = {
            (customer, unit, part)
            for customer, unit, phone in portion
            if (digits := re.sub(r"\D", "", phone))
            for part in parts(digits)
        }
        if rows:
            found = [{"customer": c, "unit": u, "text": part, "whole": False} for c, u, part in sorted(rows)]
            op.get_bind().execute(insert, found)


def _numbers() -> Iterator[list[tuple[int, int, str]]]:
    """By customer, so that two people with one number are met together."""
    last = 0
    query = sa.text(
        "SELECT p.customer_id, c.unit_id, p.phone FROM person p JOIN customer c ON c.id = p.customer_id"
        " WHERE p.phone IS NOT NULL AND c.id > :last AND c.id <= :until"
    )
    end = op.get_bind().execute(sa.text("SELECT max(id) FROM customer")).scalar() or 0
    while last < end:
        found = op.get_bind().execute(query, {"last": last, "until": last + 10_000}).all()
        yield [(customer, unit, phone) for customer, unit, phone in found]
        last += 10_000


def downgrade() -> None:
    _set_aside()
    op.create_table(
        "search_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", EXACT, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        sa.text(
            "INSERT INTO search_key (customer_id, whole, text, kind)"
            " SELECT customer_id, whole, text, kind FROM search_key_aside"
        )
    )
    op.execute(sa.text("DROP TABLE search_key_aside"))
    _add_numbers(lambda d: [d[n:] for n in range(1, max(1, len(d) - 3))], "whole, text, kind", ":whole, :text, 4")
    op.create_index("ix_search_key_customer_id", "search_key", ["customer_id"])
    op.create_index("search_key_text", "search_key", ["text", "customer_id"])
    for name in (*LISTS, "customer_in_unit"):
        op.drop_index(name, "customer")
    op.create_index("ix_customer_unit_id", "customer", ["unit_id"])
    op.create_index("ix_customer_owner_id", "customer", ["owner_id"])
    op.drop_column("customer", "quiet_since")
