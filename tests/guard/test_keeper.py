"""What the supervisor is told."""

from __future__ import annotations

from pathlib import Path

from bot.keeper import FILE, Keeper
from bot.watch import Part, Pulse, Watch


async def test_the_supervisor_hears_from_us_only_while_all_is_well(tmp_path: Path) -> None:
    hand = {"now": 100.0}
    watch = Watch(keeper=Keeper({"RUNTIME_DIRECTORY": str(tmp_path)}))
    watch.pulse = Pulse(lambda: hand["now"])
    watch.pulse.beat(Part.TICK)
    for seconds, well in ((0, True), (29, True), (31, False)):
        (tmp_path / FILE).unlink(missing_ok=True)
        hand["now"] = 100.0 + seconds
        await watch.look()
        assert (tmp_path / FILE).exists() is well, seconds
    await watch.quiet()
