"""Claims (article 16（四）): what a claim needs next, when a complaint is major, words that speak of a lawsuit or the public."""

import re
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """What the customer gets for a claim."""

    RETURN = "return"
    REPLACEMENT = "replacement"
    REFUND = "refund"
    ALLOWANCE = "allowance"
    NONE = "none"


class Ground(StrEnum):
    """Why a complaint is major."""

    LARGE = "large"  # claimed or first estimated at the threshold or more
    SOCIAL = "social"  # a major social effect
    LITIGATION = "litigation"


class Lawsuit(StrEnum):
    SUSPECTED = "suspected"  # somebody's words speak of it
    CONFIRMED = "confirmed"


class Stage(StrEnum):
    """What an open claim waits for."""

    ASSESS = "assess"
    APPROVE = "approve"
    SETTLE = "settle"
    MEET = "meet"  # the decision of the meeting, of a major complaint


_SPOKEN: Final = (
    "起诉",
    "诉讼",
    "法院",
    "法庭",
    "律师",
    "仲裁",
    "打官司",
    "lawsuit",
    "litigation",
    "arbitration",
    "court",
    "lawyer",
    "attorney",
    "legal action",
    "sue",
)
_LAWSUIT: Final = re.compile(
    "|".join(rf"\b{each}s?\b" if each.isascii() else each for each in _SPOKEN), re.IGNORECASE | re.ASCII
)


def lawsuit_word(text: str) -> str | None:
    """The first word that speaks of a lawsuit."""
    found = _LAWSUIT.search(text)
    return found[0] if found else None


_SOCIAL: Final = re.compile(
    "微博|热搜|(?<!多)媒体|曝光(?![机灯量度时])|记者|舆论|舆情|电视台|上电视|抖音|小红书|朋友圈|发帖|拉横幅|堵门|群体事件"
    r"|\b(?:weibo|tiktok|(?:social|news|mass|the) media|journalists?|reporters?|newspapers?|tv station|go(?:es|ing)? viral)\b",
    re.IGNORECASE | re.ASCII,
)


def social_word(text: str) -> str | None:
    """The first word that speaks of the public (社会影响); 多媒体 and 曝光机 are things."""
    found = _SOCIAL.search(text)
    return found[0] if found else None


def is_large(threshold: int, *amounts: float | None) -> bool:
    """Whether any of the amounts reaches the threshold."""
    return max((each for each in amounts if each is not None), default=0) >= threshold
