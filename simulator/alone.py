"""A bare Telegram in its own process: `python -m simulator.alone --port 0` prints its address and serves until ended.

Its first line is the address of the page; the Bot API's base_url is that address and `bot`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from datetime import UTC, datetime

from simulator.server import serve
from simulator.telegram import TOKEN, Telegram


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator.alone", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN, help="of the bot that /sim speaks for when it is told no other")
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(asked.port, asked.token))


async def _serve(port: int, token: str) -> None:
    server = await serve(Telegram(lambda: datetime.now(UTC), token=token), port=port)
    print(server.page_url, flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    try:
        await ended.wait()
    finally:
        await server.close()


if __name__ == "__main__":
    main()
