"""Delivers updates to webhooks: one after another, each again and again until the bot answers 2xx."""

from __future__ import annotations

import asyncio
from datetime import UTC

import aiohttp

from simulator.updates import Updates, Webhook
from simulator.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
FOREVER = 86_400.0
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Couriers:
    """One delivering task for each bot that has set a webhook."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def serve(self, world: World) -> None:
        """See that this bot's webhook is served; does nothing when it is already, or when there is none."""
        task = self._tasks.get(world.token)
        if world.updates.webhook and (task is None or task.done()):
            self._tasks[world.token] = asyncio.create_task(_deliver(world))

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()


async def _deliver(world: World) -> None:
    updates = world.updates
    pause = FIRST_PAUSE
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        while updates.webhook:
            if not updates.waiting:
                await updates.bell.until(lambda: bool(updates.waiting) or updates.webhook is None, FOREVER)
            elif await _delivered(session, world, updates.webhook):
                pause = FIRST_PAUSE
            else:
                await _news(updates, pause)
                pause = min(pause * 2, LONGEST_PAUSE)


async def _news(updates: Updates, seconds: float) -> None:
    """Wait a while, or until a new update or another webhook asks for a try at once."""
    before = updates.bell.rings
    await updates.bell.until(lambda: updates.bell.rings > before, seconds)


async def _delivered(session: aiohttp.ClientSession, world: World, webhook: Webhook) -> bool:
    """Try the oldest update once; on success it leaves the queue."""
    update = world.updates.waiting[0]
    headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
    try:
        async with session.post(webhook.url, json=update, headers=headers) as response:
            problem = None if response.ok else f"Wrong response from the webhook: {response.status} {response.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        problem = f"Connection failed: {error}"
    if problem:
        world.updates.last_error = (world.now().astimezone(UTC), problem)
    else:
        world.updates.drop(update)
    return problem is None
