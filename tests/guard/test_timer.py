"""The promises of the timer to the tick, as APScheduler keeps them."""

from __future__ import annotations

from bot.timer import Timer


async def _nothing() -> None:
    pass


async def test_a_run_that_was_missed_is_made_up_for_however_late() -> None:
    """Its own default gives a run up that is a second late; several that were missed are one, and none overtakes another."""
    timer = Timer({"nothing": (_nothing, 10.0)})
    timer.start()
    try:
        (job,) = timer.scheduler.get_jobs()
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    finally:
        timer.stop()
