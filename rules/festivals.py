"""The festivals of a year, of the sun and of the moon: what greetings (article 15) and working days are counted from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lunardate import LunarDate

OnYear = Callable[[int], date | None]
ONE_DAY: Final = timedelta(days=1)


def solar(month: int, day: int) -> OnYear:
    return lambda year: date(year, month, day)


def lunar(month: int, day: int) -> OnYear:
    """A lunar day; the last days of the lunar year fall in the following solar year and belong to that one."""
    return lambda year: next(
        (d for d in (_lunar_day(year - 1, month, day), _lunar_day(year, month, day)) if d and d.year == year), None
    )


def _lunar_day(year: int, month: int, day: int) -> date | None:
    try:
        found: date = LunarDate(year, month, day).to_solar_date()
    except ValueError:
        return None
    return found


def eve(year: int) -> date | None:
    """The last day of the lunar year, which has 29 or 30 days in its last month."""
    new_year = _lunar_day(year, 1, 1)
    return new_year - ONE_DAY if new_year else None


def term(coefficient: float, month: int) -> OnYear:
    """A solar term of this century by the usual approximation (寿星公式)."""
    return lambda year: (
        date(year, month, int((year - 2000) * 0.2422 + coefficient) - (year - 2000) // 4)
        if 2000 < year < 2100
        else None
    )


@dataclass(frozen=True)
class FestivalDay:
    """A festival in its year. `lunar`: it moves through the solar calendar."""

    name: str
    day: date
    lunar: bool


_GREETED: Final[tuple[tuple[str, OnYear, bool], ...]] = (
    ("元旦", solar(1, 1), False),
    ("小年", lunar(12, 23), True),
    ("除夕", eve, True),
    ("春节", lunar(1, 1), True),
    ("元宵节", lunar(1, 15), True),
    ("妇女节", solar(3, 8), False),
    ("清明节", term(4.81, 4), False),
    ("劳动节", solar(5, 1), False),
    ("端午节", lunar(5, 5), True),
    ("七夕", lunar(7, 7), True),
    ("中秋节", lunar(8, 15), True),
    ("教师节", solar(9, 10), False),
    ("国庆节", solar(10, 1), False),
    ("重阳节", lunar(9, 9), True),
    ("冬至", term(21.94, 12), False),
)


def festivals(year: int) -> tuple[FestivalDay, ...]:
    """The festivals of a solar year, in order. Raises ValueError outside 2001 to 2099, for which the moon is not worked out."""
    if not 2000 < year < 2100:
        raise ValueError(f"no festivals are known for {year}")
    found = [FestivalDay(name, day, moves) for name, on, moves in _GREETED if (day := on(year))]
    return tuple(sorted(found, key=lambda each: each.day))
