"""APScheduler with its few jobs, which can be begun anew: a hung run is called off, and the next comes at once.

Its plan is made on the wall clock: set back by six hours, that would hold the next run off for as long. The watch sees that
nothing happens and begins it anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Job = Callable[[], Awaitable[object]]


class Timer:
    """Jobs by name, each every so many seconds, never twice at once; runs that were missed count as one."""

    def __init__(self, jobs: Mapping[str, tuple[Job, float]]) -> None:
        self.jobs = jobs
        self.scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        every = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        for name, (job, seconds) in self.jobs.items():
            self.scheduler.add_job(job, "interval", id=name, seconds=seconds, next_run_time=datetime.now(UTC), **every)
        self.scheduler.start()

    async def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        """A run that is under way is called off."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
