"""Tiers and preferences (article 12): what is proposed, where a proposal stands, and whether a tier falls."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is proposed."""

    TIER = "tier"  # 拟调层级
    PREFERENCE = "preference"  # 优惠条件


class Benefit(StrEnum):
    """What a customer may be favoured with (article 12（三）)."""

    SUPPLY = "supply"  # 保供
    PRICE = "price"
    ACCEPTANCE = "acceptance"  # no discount interest on bank acceptance bills
    OTHER = "other"


class Standing(StrEnum):
    """Where a proposal stands."""

    OPINIONS = "opinions"  # the departments say what they think
    DECISION = "decision"  # the meeting or the sales department decides
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by whoever proposed it
    LAPSED = "lapsed"  # a preference of a customer whose tier fell meanwhile


UNDER_WAY: Final = (Standing.OPINIONS, Standing.DECISION)


class Ending(StrEnum):
    """Why a preference is no longer held."""

    EXPIRED = "expired"
    TIER = "tier"  # the customer is no longer of a tier that may hold one
