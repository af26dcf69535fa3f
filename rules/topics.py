"""What talks with customers are about (R14.8), by the words in them: pure, so that it can be counted over a year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "price": ("价格", "报价", "降价", "涨价", "单价", "price", "quote"),
    "quality": ("质量", "开裂", "不合格", "缺陷", "返工", "quality", "defect"),
    "delivery": ("交货", "发货", "发运", "到货", "交期", "货期", "deliver", "ship"),
    "payment": ("货款", "付款", "回款", "票款", "发票", "对账", "payment", "invoice"),
    "demand": ("需求", "订单", "计划", "用量", "合同", "库存", "order", "demand", "contract", "stock"),
    "product": ("新产品", "新牌号", "试用", "样品", "配方", "trial", "sample", "new product"),
    "visit": ("来访", "走访", "拜访", "会议", "接待", "visit", "meeting"),
}
OTHER: Final = "other"


_SPOKEN: Final = {name: re.compile("|".join(words)).search for name, words in TOPICS.items()}
"""A year has a hundred thousand talks: one search for each topic, not one for each word."""


def topics_of(text: str) -> tuple[str, ...]:
    """Each of them that the text speaks of; `other` where it speaks of none."""
    plain = text.casefold()
    return tuple(name for name, spoken in _SPOKEN.items() if spoken(plain)) or (OTHER,)
