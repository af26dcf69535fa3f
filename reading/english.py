"""dateparser, which takes half a second to import: imported here, and this module only when a line has an English date in it."""

from datetime import datetime

import dateparser


def parsed(phrase: str, base: datetime, direction: str) -> datetime | None:
    """Naive, counted from the naive `base`."""
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": direction, "RETURN_AS_TIMEZONE_AWARE": False}
    return dateparser.parse(phrase, languages=["en"], settings=settings)
