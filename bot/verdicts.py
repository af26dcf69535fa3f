"""`keguan audit`: is the audit chain whole? One line that says so, or a line for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot import secret_key
from bot.clock import Clock
from bot.config import Config
from bot.opening import open_store
from bot.sentences import RefusedError
from scheduler.verifying import Flaw, Verdict, against, flaw_in_words, verify
from words import Say, Voice, say


def audited(config: Config, posted: str | None) -> tuple[list[str], bool]:
    """The lines to print, and whether the chain is whole. `posted`: a head that the auditors were told, to be found in it."""
    now = Clock().now()
    with open_store(config) as store:
        store.upgrade()
        key = secret_key.of_company(config.secrets.key_file, store)
        with store.look() as connection:
            verdict = verify(connection, key, now)
            try:
                cut = against(connection, posted) if posted else None
            except ValueError:
                raise RefusedError("posted_head", text=posted) from None
    flaws = list(dict.fromkeys([*verdict.flaws, *filter(None, [cut])]))
    voice = Voice(config.company.language, ZoneInfo(config.company.timezone), now)
    return [voice.plain(each) for each in _lines(verdict, flaws)], not flaws


def _lines(verdict: Verdict, flaws: list[Flaw]) -> Iterator[Say]:
    yield from map(flaw_in_words, flaws)
    head = str(verdict.head) if verdict.head else None
    if flaws:
        yield say("audit.broken", count=len(flaws), rows=verdict.links, head=head or "–")
        return
    waiting = say("audit.waiting", count=verdict.waiting) if verdict.waiting else None
    yield (
        say("audit.whole", rows=verdict.links, head=head, waiting=waiting)
        if head
        else say("audit.empty", waiting=waiting)
    )
