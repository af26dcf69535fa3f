"""Days written in digits: 2026-12-01, 2026/12/1, 20261201, 12/1, 12.1 14:00; with care for prices, sizes and fractions."""

import re
from datetime import datetime

from reading.characters import FOLLOWED
from reading.days import nearest_month_day, real_days
from reading.when import Context, When, rule


@rule(
    "0123456789",
    r"(?P<y>(?:19|20)\d\d)(?:(?P<sep>[-/.])(?P<m>\d\d?)(?P=sep)(?P<d>\d\d?)|(?P<m8>\d\d)(?P<d8>\d\d))(?![\d.-]|[-/][a-z\d])",
)
def numeric_date(match: re.Match[str], context: Context) -> When | None:
    if match["m8"] and not _stands_alone(match):
        return None
    month, day = int(match["m"] or match["m8"]), int(match["d"] or match["d8"])
    return next(real_days([int(match["y"])], month, day), None)


@rule(
    "0123456789",
    r"(?P<instant>(?:19|20)\d\d-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<zone>z|[+-]\d\d:?\d\d)?)(?![\d:])",
)
def iso_instant(match: re.Match[str], context: Context) -> When | None:
    try:
        instant = datetime.fromisoformat(match["instant"].upper())
    except ValueError:
        return None
    local = context.calendar.local(instant) if match["zone"] else instant
    return context.calendar.at(local.date(), local.time().replace(second=0, microsecond=0))


@rule("23", r"(?<!\S)(?P<y>2[4-9]|3\d)\.(?P<m>\d\d?)\.(?P<d>\d\d?)(?!\S)")
def short_year(match: re.Match[str], _context: Context) -> When | None:
    """26.11.20 as a word of its own; 1.2.3 is a version."""
    return next(real_days([2000 + int(match["y"])], int(match["m"]), int(match["d"])), None)


@rule(
    "0123456789",
    rf"(?<!进度)(?<!完成)(?<!比例)(?<!合格)(?P<m>\d\d?)/(?P<d>\d\d?)(?:[日号]|{FOLLOWED})(?![a-z]|/|寸|英寸)",
)
def month_slash_day(match: re.Match[str], context: Context) -> When | None:
    """12/1; a fraction such as 2/3 only where a time or a deadline follows, or where nothing else is said."""
    month, day = int(match["m"]), int(match["d"])
    fraction = month < day <= 10
    if fraction and not (_stands_alone(match) or _TIME_FOLLOWS.match(match.string, match.end())):
        return None
    return nearest_month_day(context, month, day)


@rule("0123456789", r"(?P<m>\d\d?)(?P<sep>[.-])(?P<d>\d\d?)(?:(?P<ending>[日号])|(?![\d.%-]))")
def month_point_day(match: re.Match[str], context: Context) -> When | None:
    """12.1 14:00 and 12-01 下午; alone they are prices and sizes; 5-8号 is a span of days."""
    month, day = int(match["m"]), int(match["d"])
    if match["ending"]:
        return None if match["sep"] == "-" and month < day else nearest_month_day(context, month, day)
    if not _TIME_FOLLOWS.match(match.string, match.end()):
        return None
    return nearest_month_day(context, month, day)


_TIME_FOLLOWS = re.compile(
    r"[日号]|[ ]?(?:上午|下午|中午|早上|晚上|凌晨|傍晚|前(?![端面部])|之前|以前|\d\d?[:：]\d\d|\d\d?点)"
)


def _stands_alone(match: re.Match[str]) -> bool:
    return not match.string[: match.start()].strip() and (
        not match.string[match.end() :].strip() or bool(_TIME_FOLLOWS.match(match.string, match.end()))
    )


RULES = (iso_instant, numeric_date, short_year, month_slash_day, month_point_day)
