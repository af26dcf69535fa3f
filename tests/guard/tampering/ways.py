"""The ways of tampering: what somebody does who holds the database, and by what name each is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.guard.tampering.ledger import KEY, OTHER, Attacker

Deed = Callable[[Attacker], None]
HEADS = ("head:10", "head:20")


@dataclass(frozen=True)
class Way:
    says: str
    does: Deed
    found: tuple[str, ...]


def sql(*statements: str) -> Deed:
    return lambda attacker: attacker.does(*statements)


def changed(column: str, value: str) -> Deed:
    return sql(f"UPDATE audit SET {column} = {value} WHERE id = 7")


def gone(first: int, last: int, *tables: str) -> Deed:
    keys = {"audit": "id", "audit_body": "audit_id", "chain": "audit_id"}
    return sql(*(f"DELETE FROM {each} WHERE {keys[each]} BETWEEN {first} AND {last}" for each in tables))


def several(*deeds: Deed) -> Deed:
    def do(attacker: Attacker) -> None:
        for each in deeds:
            each(attacker)

    return do


def row(number: int, minutes: float, body: dict[str, Any] | None = None) -> Deed:
    return lambda attacker: attacker.row(number, minutes, body)


def link(seq: int, number: int, mark: bytes | None = KEY) -> Deed:
    """Of another key, and by its mark of ours."""
    return lambda attacker: attacker.link(seq, number, mark=mark)


def body(number: int, what: object, salt: str | None = None) -> Deed:
    return lambda attacker: attacker.bodies(number, what, salt)


def swap(one: int, other: int, *columns: str) -> Deed:
    return lambda attacker: attacker.swaps(one, other, *columns)


def shift(first: int, by: int) -> Deed:
    return lambda attacker: attacker.shifts(first, by)


def again(first: int, key: bytes, mark: bytes | None = None) -> Deed:
    return lambda attacker: attacker.chains_again(first, key, mark=mark)


def rewrite(number: int) -> Deed:
    return lambda attacker: attacker.rewrites(number, {"n": 0})


bot_comes_by: Deed = Attacker.lets_the_bot_chain

FORGED_SEALING = several(
    row(31, 31, {"rows": [7], "reason": "期满封存"}),
    sql("UPDATE audit SET action = 'audit.seal' WHERE id = 31"),
    link(31, 31),
)
UNCHAINED_SEALING = several(
    row(31, 31, {"rows": [7], "reason": "期满封存"}), sql("UPDATE audit SET action = 'audit.seal' WHERE id = 31")
)
NOUGHTS = "'" + "0" * 64 + "'"
SHORT = "'" + "0" * 32 + "'"
ALL = ("chain", "audit_body", "audit")
ROWS = (
    Way("the action of a row is changed", changed("action", "'talk.none'"), ("row_changed:7",)),
    Way("a letter of the action is made large", changed("action", "'Talk.7'"), ("row_changed:7",)),
    Way("the subject of a row is changed", changed("subject", "'customer:8'"), ("row_changed:7",)),
    Way("a space is put behind the subject", changed("subject", "subject || ' '"), ("row_changed:7",)),
    Way("a row is laid on somebody", changed("staff_id", "1"), ("row_changed:7",)),
    Way("a row is dated earlier", changed("at", "'2026-11-23 01:06:00.000000'"), ("row_changed:7",)),
    Way(
        "a row is dated later by a millionth of a second",
        changed("at", "'2026-11-23 01:07:00.000001'"),
        ("row_changed:7",),
    ),
    Way("the digest of a row is changed", changed("digest", NOUGHTS), ("row_changed:7",)),
    Way("a body is changed and the digest with it", rewrite(7), ("row_changed:7",)),
    Way(
        "a row gets another number",
        sql("UPDATE audit SET id = 70 WHERE id = 7", "UPDATE audit_body SET audit_id = 70 WHERE audit_id = 7"),
        ("row_gone:7",),
    ),
    Way("two rows change places", swap(7, 8, "audit.id", "audit_body.audit_id"), ("row_changed:7-8",)),
    Way("two rows change places, their bodies stay", swap(7, 8, "audit.id"), ("row_changed:7-8",)),
    Way("every row is changed", sql("UPDATE audit SET subject = 'customer:1'"), ("row_changed:2-30",)),
    # taken out
    Way("a row is taken out, with its body", gone(7, 7, "audit_body", "audit"), ("row_gone:7",)),
    Way("a row is taken out, its body stays", gone(7, 7, "audit"), ("row_gone:7",)),
    Way("the first row is taken out", gone(1, 1, "audit_body", "audit"), ("row_gone:1",)),
    Way("the last row is taken out", gone(30, 30, "audit_body", "audit"), ("row_gone:30",)),
    Way("ten rows are taken out", gone(11, 20, "audit_body", "audit"), ("row_gone:11-20",)),
    Way("all rows are taken out", gone(1, 30, "audit_body", "audit"), ("row_gone:1-30",)),
    Way("a row is taken out with its link", gone(7, 7, *ALL), ("link_gone:7",)),
    Way("the first is taken out with its link", gone(1, 1, *ALL), ("link_gone:1",)),
    Way("ten are taken out with their links", gone(11, 20, *ALL), ("link_gone:11-20", "head:20")),
    Way(
        "one is taken out and the links move up",
        several(gone(7, 7, *ALL), shift(8, -1)),
        ("order:7-29", *HEADS),
    ),
    Way(
        "a row and its link are taken out, the body stays",
        gone(7, 7, "chain", "audit"),
        ("link_gone:7", "body_stray:7"),
    ),
    # put in
    Way("a row is put in before the others", row(0, 0), ("row_inserted:0",)),
    Way("a row is put in far below", row(-20_000, 0), ("row_inserted:-20000",)),
    Way(
        "a row is put in and the bot comes by",
        several(row(-20_000, 0), bot_comes_by),
        ("row_inserted:-20000",),
    ),
    Way(
        "a row of last week is put in behind, and the bot chains it",
        several(row(31, -10_000), bot_comes_by),
        ("backdated:31",),
    ),
    Way(
        "a row is put in behind with a link of another key",
        several(row(31, 31), link(31, 31, None)),
        ("other_key:31",),
    ),
    Way(
        "a row is put in behind with a forged link",
        several(row(31, 31), link(31, 31)),
        ("link_forged:31",),
    ),
    Way(
        "a row is put in in the middle with a forged link",
        several(shift(8, 1), row(31, 7), link(8, 31)),
        ("link_forged:8", "order:9-31", *HEADS),
    ),
    Way(
        "a row is put in with a link before the first",
        several(row(31, 0), link(0, 31)),
        ("link_forged:0",),
    ),
    Way(
        "a row is put in with a link far below",
        several(row(31, 0), link(-5, 31)),
        ("link_forged:-5",),
    ),
    Way(
        "a body is put in without a row",
        sql(f"INSERT INTO audit_body VALUES (99, {SHORT}, '{{}}')"),
        ("body_stray:99",),
    ),
)
BODIES = (
    Way("a body is changed", body(7, {"n": 7, "text": "没有的事", "amount": 0.1}), ("body_changed:7",)),
    Way(
        "a number in a body is changed",
        body(7, {"n": 7, "text": "第 7 次", "amount": 0.2}),
        ("body_changed:7",),
    ),
    Way(
        "something is added to a body",
        body(7, {"n": 7, "text": "第 7 次", "amount": 0.1, "x": 1}),
        ("body_changed:7",),
    ),
    Way("something is taken out of a body", body(7, {"n": 7, "amount": 0.1}), ("body_changed:7",)),
    Way("a body becomes a list", body(7, []), ("body_changed:7",)),
    Way("two bodies change places", swap(7, 8, "audit_body.audit_id"), ("body_changed:7-8",)),
    Way(
        "a body moves to a row that is not there",
        sql("UPDATE audit_body SET audit_id = 77 WHERE audit_id = 7"),
        ("body_gone:7", "body_stray:77"),
    ),
    Way("a body is taken out", gone(7, 7, "audit_body"), ("body_gone:7",)),
    Way("all bodies are taken out", gone(1, 30, "audit_body"), ("body_gone:1-30",)),
    Way("a body is emptied as if it were sealed", body(7, {}, ""), ("body_emptied:7",)),
    Way("a body is emptied, its salt stays", body(7, {}), ("body_changed:7",)),
    Way(
        "a salt is changed",
        sql(f"UPDATE audit_body SET salt = {SHORT} WHERE audit_id = 7"),
        ("body_changed:7",),
    ),
    Way("a salt is taken out", sql("UPDATE audit_body SET salt = '' WHERE audit_id = 7"), ("salt:7",)),
    Way("a salt is cut short", sql("UPDATE audit_body SET salt = substr(salt, 1, 8) WHERE audit_id = 7"), ("salt:7",)),
    Way("a salt is anything", sql("UPDATE audit_body SET salt = '盐' WHERE audit_id = 7"), ("salt:7",)),
    Way("a sealed body is filled again", body(12, {"n": 12}, "0" * 32), ("body_changed:12",)),
    Way(
        "a body is emptied and a sealing of it put in",
        several(body(7, {}, ""), FORGED_SEALING),
        ("body_emptied:7", "link_forged:31"),
    ),
    Way(
        "a body is emptied and a sealing of it put in that the bot never chained",
        several(body(7, {}, ""), UNCHAINED_SEALING),
        ("body_emptied:7",),
    ),
    Way(
        "a body is emptied and a sealing widened",
        several(body(7, {}, ""), body(21, {"rows": [12, 7], "reason": "期满封存"})),
        ("body_emptied:7", "body_emptied:12", "body_changed:21"),
    ),
    Way("the sealing of a body is taken out", gone(21, 21, "audit_body", "audit"), ("body_emptied:12", "row_gone:21")),
)
SEALED = (
    "INSERT INTO sealing (id, by_id, at, subjects, also, reason, state, decided_by, decided_at, counts)"
    " VALUES (1, 1, '2026-11-23 01:00:00', '[]', '[]', '', 'sealed', 2, '2026-11-23 01:00:00', '{}')",
    "INSERT INTO sealed_row (sealing_id, place, row_id) VALUES (1, 'entry', 1)",
)
SEALINGS = (
    Way(
        "records are sealed, and nobody agreed",
        sql(*SEALED),
        ("sealing:1",),
    ),
    Way(
        "records are sealed, and a record that the bot never chained says that somebody agreed",
        several(
            sql(*SEALED),
            row(31, 31, {"rows": {"entry": [1]}}),
            sql("UPDATE audit SET action = 'sealing.done', subject = 'sealing:1' WHERE id = 31"),
        ),
        ("sealing:1",),
    ),
    Way(
        "a complainant is taken out as if it were sealed",
        sql(
            "INSERT INTO complaint (matter_id, complainant, type, what, evidence, received_at, in_province,"
            " province_reason, on_site_needed, major, department, limit_at, rulebook_version) VALUES (7, '「已封存·A3F」',"
            " 'quality', '', '[]', '2026-11-23 01:00:00', true, '', true, false, 'quality', '2026-11-23 01:00:00', 1)"
        ),
        ("sealed_stray:7",),
    ),
)
LINKS = (
    Way(
        "the mark of a link is changed",
        sql(f"UPDATE chain SET mac = {NOUGHTS} WHERE seq = 7"),
        ("link_changed:7",),
    ),
    Way(
        "the mark of the last link is changed",
        sql(f"UPDATE chain SET mac = {NOUGHTS} WHERE seq = 30"),
        ("link_changed:30",),
    ),
    Way(
        "the seal of a link is changed",
        sql(f"UPDATE chain SET seal = {NOUGHTS} WHERE seq = 7"),
        ("link_changed:7",),
    ),
    Way(
        "a link is dated earlier",
        sql("UPDATE chain SET at = '2026-11-23 00:00:00.000000' WHERE seq = 7"),
        ("link_changed:7",),
    ),
    Way("a link says another key", sql("UPDATE chain SET key_id = '00000000' WHERE seq = 7"), ("link_changed:7",)),
    Way(
        "a link is turned to another row",
        several(row(31, 31), sql("UPDATE chain SET audit_id = 31 WHERE seq = 7")),
        ("link_forged:7", "row_inserted:7"),
    ),
    Way("a link is taken out", sql("DELETE FROM chain WHERE seq = 7"), ("link_gone:7", "row_inserted:7")),
    Way("the first link is taken out", sql("DELETE FROM chain WHERE seq = 1"), ("link_gone:1", "row_inserted:1")),
    Way("two links change places", swap(7, 8, "chain.seq"), ("order:7-8",)),
    Way("two links far apart change places", swap(7, 27, "chain.seq"), ("order:7", "order:27")),
    Way("the links get other numbers", shift(1, 5), ("link_gone:1-5", "order:7-35", "head:10", "head:20")),
    Way("the chain is made anew with another key", again(7, OTHER), ("other_key:7-30", *HEADS)),
    Way(
        "the chain is made anew, and says it is ours",
        again(7, OTHER, KEY),
        ("link_forged:7-30", *HEADS),
    ),
    Way("somebody with the key rewrites it", several(rewrite(7), again(7, KEY)), HEADS),
    Way("the end is cut off, rows too", gone(19, 30, *ALL), ("truncated:19-20", "body_emptied:12")),
    Way(
        "the end of the chain is cut off, the rows stay",
        sql("DELETE FROM chain WHERE seq > 18"),
        ("truncated:19-20", "body_emptied:12"),
    ),
    Way("everything is taken out", gone(1, 30, *ALL), ("truncated:1-10", "truncated:1-20")),
    Way("a posted head is changed", sql(f"UPDATE posted_head SET mac = {NOUGHTS} WHERE seq = 10"), ("head:10",)),
    Way("a posted head gets another number", sql("UPDATE posted_head SET seq = 11 WHERE seq = 10"), ("head:11",)),
)


WAYS = (*ROWS, *BODIES, *SEALINGS, *LINKS)
