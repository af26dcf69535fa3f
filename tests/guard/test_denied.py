"""Whoever may not, learns nothing: in every cell of who × what × whose × where × which way, what comes is what comes for something
that is not there, holds no word of a hidden record, and leaves nothing behind.

Here a few cells; all of them are tried by `python -m bench.trust denied`.
"""

from __future__ import annotations

from pathlib import Path

from handlers import DESK
from rules.roles import Role
from tests.guard.denied.cells import LINE, LISTS, OF_TARGET, PLAIN, PRESS, Cell, Way, arguments, every, sample
from tests.guard.denied.company import EVERYBODY, TARGETS, hidden_from, seats
from tests.guard.denied.trial import at_work

SEED = 20261124


OPEN_ONCE = [
    # who, way, after whose record: each told something once
    ("amy", Way(LINE, "/find {}", "phone"), "琥"),
    ("logistics", Way(LINE, "/find {}", "person"), "鹦"),
    ("legal", Way(LINE, "/file {}", "phone"), "琥"),
    ("secretary", Way(LINE, "{}", "phone"), "鹦"),
    ("vp", Way(PRESS, "reporting.show"), "骆"),
    ("vp", Way(PRESS, "ledger.show"), "骆"),
    ("head", Way(PRESS, "ledger.export"), "鲸"),
]


async def test_whoever_may_not_learns_nothing(furnished: Path, rulebook_text: str, tmp_path: Path) -> None:
    by_seed = {each.seed: each for each in TARGETS}
    cells = [*sample(SEED), *(Cell(who, way, by_seed[seed]) for who, way, seed in OPEN_ONCE)]
    async with at_work(tmp_path, rulebook_text, furnished) as trial:
        found = [wrong for cell in cells for wrong in await trial.wrong(cell)]
    assert found == []
    assert {cell.who for cell in cells} == EVERYBODY.keys()


def test_every_command_deed_and_role_has_its_cells() -> None:
    """What is added later too: a deed whose arguments are not known here needs an example."""
    strange = (
        {each.name for deed in DESK.deeds for each in arguments(deed)} - OF_TARGET.keys() - LISTS.keys() - PLAIN.keys()
    )
    assert strange == set()
    cells = list(every())
    tried = {each.way.what for each in cells}
    assert DESK.deeds.keys() - tried == set()
    assert {f"/{name} {{}}" for name in DESK.commands} - tried == set()
    assert {role for who in EVERYBODY for role, _ in seats(who)} == set(Role)
    assert {each.who for each in cells} == EVERYBODY.keys()


def test_something_is_hidden_from_everybody_but_those_who_see_all() -> None:
    everything = {word for target in TARGETS for words in target.canaries.values() for word in words}
    sees_all = {who for who in EVERYBODY if not set(hidden_from(who))}
    assert sees_all == {"gm", "chair", "sales", "auditor", "supervisor"}
    assert set(hidden_from("postless")) == set(hidden_from("left")) == set(hidden_from("admin")) == everything
