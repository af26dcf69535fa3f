"""callback plans, spot checks, quarterly assessments, score sheets and appeals"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0024"

KEPT = {
    "plan_quota": ("id", "unit_id", "year", "number", "by_id", "at"),
    "plan_line": ("id", "unit_id", "year", "rule", "month", "by_id", "at"),
    "callback_plan": ("id", "unit_id", "year", "planned", "lines", "by_id", "at", "due_at"),
    "planned_visit": ("matter_id", "staff_id", "channel", "by_when"),
    "spot_draw": ("id", "period", "seed", "percent", "population", "entries", "at"),
    "spot_result": ("id", "draw_id", "entry_id", "result", "by_id", "at"),
    "callback_assessment": ("id", "quarter", "figures", "by_id", "at", "due_at"),
    "score_sheet": ("id", "unit_id", "quarter", "criteria", "total", "by_id", "at", "due_at", "appeal_by"),
    "score_appeal": ("id", "sheet_id", "by_id", "at", "due_at"),
}
"""What never changes once it is there; a merger may move a customer."""
WORDS = {
    "planned_visit": ("text",),
    "spot_result": ("note",),
    "callback_assessment": ("results", "problems", "improvements"),
    "score_appeal": ("reason",),
}
"""Where a sealing alone may replace a name among the words."""
ONCE = {"score_appeal": ("decision", "total", "decided_by", "decided_at")}
"""Filled in once."""
JSON = ("lines", "entries", "figures", "criteria")


def _columns() -> dict[str, list[Any]]:
    words, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime

    def whole(name: str, nullable: bool = False) -> Any:
        return sa.Column(name, sa.Integer(), nullable=nullable)

    def said(name: str, nullable: bool = False) -> Any:
        return sa.Column(name, words(), nullable=nullable)

    def when(name: str, nullable: bool = False) -> Any:
        return sa.Column(name, moment(), nullable=nullable)

    def stored(name: str) -> Any:
        return sa.Column(name, sa.JSON(), nullable=False)

    def number(name: str) -> Any:
        return sa.Column(name, sa.Float(), nullable=True)

    by = [whole("by_id"), when("at")]
    due = when("due_at", nullable=True)
    return {
        "plan_quota": [whole("unit_id"), whole("year"), whole("number"), *by],
        "plan_line": [whole("unit_id"), whole("year"), said("rule"), whole("customer_id"), whole("month"), *by],
        "callback_plan": [whole("unit_id"), whole("year"), whole("planned"), stored("lines"), *by, due],
        "planned_visit": [whole("matter_id"), whole("staff_id"), said("channel"), when("by_when"), said("text")],
        "spot_draw": [
            *(said("period"), whole("seed"), whole("percent"), whole("population"), stored("entries"), when("at"))
        ],
        "spot_result": [whole("draw_id"), whole("entry_id"), said("result"), said("note"), *by],
        "callback_assessment": [
            *(said("quarter"), stored("figures"), said("results"), said("problems"), said("improvements"), *by, due)
        ],
        "score_sheet": [
            *(whole("unit_id"), said("quarter"), stored("criteria"), number("total"), *by, due, when("appeal_by"))
        ],
        "score_appeal": [
            *(whole("sheet_id"), said("reason"), *by, due, said("decision", nullable=True), number("total")),
            *(said("opinion", nullable=True), whole("decided_by", nullable=True), when("decided_at", nullable=True)),
        ],
    }


POINTS = {
    **dict.fromkeys(("by_id", "staff_id", "decided_by"), "staff"),
    **{"unit_id": "unit", "customer_id": "customer", "matter_id": "matter", "entry_id": "entry"},
    **{"draw_id": "spot_draw", "sheet_id": "score_sheet"},
}
UNIQUE = {"spot_draw": ("period",), "score_sheet": ("unit_id", "quarter"), "score_appeal": ("sheet_id",)}
INDEXED = {
    **dict.fromkeys(("plan_quota", "callback_plan", "score_sheet"), ("unit_id",)),
    **{"plan_line": ("unit_id", "customer_id"), "planned_visit": ("staff_id",)},
    **{"spot_result": ("draw_id", "entry_id"), "callback_assessment": ("quarter",)},
}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in _columns().items():
        own = () if table == "planned_visit" else (sa.Column("id", sa.Integer(), nullable=False),)
        points = [
            sa.ForeignKeyConstraint([each.name], [f"{POINTS[each.name]}.id"]) for each in columns if each.name in POINTS
        ]
        unique = (sa.UniqueConstraint(*UNIQUE[table]),) if table in UNIQUE else ()
        keyed = sa.PrimaryKeyConstraint("matter_id" if table == "planned_visit" else "id")
        op.create_table(table, *own, *columns, *points, *unique, keyed)
        for column in INDEXED.get(table, ()):
            op.create_index(f"ix_{table}_{column}", table, [column])
        for statement in _guards(table, sqlite):
            op.execute(sa.text(statement))


def _guards(table: str, sqlite: bool) -> Iterator[str]:
    """What is on record stays; a name among the words is replaced by a sealing alone."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"

    def other(name: str) -> str:
        old, new = (f'{side}."{name}"' + ("::text" if name in JSON and not sqlite else "") for side in ("OLD", "NEW"))
        return f"{old} {differs} {new}"

    changed = [other(name) for name in KEPT[table]]
    changed += [f'(OLD."{name}" IS NOT NULL AND {other(name)})' for name in ONCE.get(table, ())]
    if table in WORDS:
        reworded = " OR ".join(other(name) for name in WORDS[table])
        changed.append(f"(({reworded}) AND NOT {_sealed(table, sqlite)})")
    for what, when in (("DELETE", ""), ("UPDATE", f" WHEN ({' OR '.join(changed)})")):
        head = f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} FOR EACH ROW{when}"
        refusal = f"SELECT RAISE(ABORT, '{what} on {table} is refused: what is on record stays')"
        yield f"{head} BEGIN {refusal}; END" if sqlite else f"{head} EXECUTE FUNCTION keguan_refuse()"
    if not sqlite:
        head = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        yield f"{head} FOR EACH STATEMENT EXECUTE FUNCTION keguan_refuse()"


def _sealed(table: str, sqlite: bool) -> str:
    row = "matter_id" if table == "planned_visit" else "id"
    if not sqlite:
        return f"keguan_being_sealed('{table}', OLD.{row})"
    return (
        "EXISTS (SELECT 1 FROM sealed_row r JOIN sealing s ON s.id = r.sealing_id"  # noqa: S608
        f" WHERE r.place = '{table}' AND r.row_id = OLD.{row} AND s.state = 'sealing')"
    )


def downgrade() -> None:
    for table in reversed(list(KEPT)):
        op.drop_table(table)
