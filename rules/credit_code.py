"""统一社会信用代码 (GB 32100-2015): eighteen characters, the last of them made from the others."""

import re
import unicodedata
from enum import StrEnum
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z, which are easily misread."""
LENGTH: Final = 18
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_IN_A_LINE: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")


class Fault(StrEnum):
    """Why a code can't be one."""

    LENGTH = "length"
    SIGN = "sign"
    CHECK = "check"


def plain(text: str) -> str:
    """As it is written: full-width forms resolved, without spaces and hyphens, in capitals."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def check_digit(first: str) -> str:
    """The eighteenth character that belongs to the first seventeen."""
    total = sum(ALPHABET.index(each) * weight for each, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def fault(code: str) -> Fault | None:
    """What is wrong with a plain code; None where nothing is."""
    if len(code) != LENGTH:
        return Fault.LENGTH
    if any(each not in ALPHABET for each in code):
        return Fault.SIGN
    return None if check_digit(code[:-1]) == code[-1] else Fault.CHECK


def found_in(text: str) -> str | None:
    """The stretch of a line that is written like such a code, as typed."""
    match = _IN_A_LINE.search(text)
    return match[0] if match and any(each.isdigit() for each in match[0]) else None
