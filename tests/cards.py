"""Customers on cards kept in memory, for what is read without a database."""

from collections.abc import Sequence

from reading.customers import Candidate
from reading.names import core_name, initials, normalise, pinyin_full
from reading.slips import beginnings


class CardIndex:
    """Looked up by part of a name, sound, person or phone digits."""

    def __init__(self, cards: dict[Candidate, str]) -> None:
        self.cards = tuple(cards)
        self._keys = [(card, (*_keys(card), phone)) for card, phone in cards.items()]
        self._sounds = [(card, _sounds(card)) for card in cards]

    def find(self, text: str) -> Sequence[Candidate]:
        wanted = normalise(text)
        return [card for card, keys in self._keys if len(wanted) >= 2 and any(wanted in each for each in keys)]

    def near(self, text: str) -> Sequence[Candidate]:
        heads = tuple(beginnings(text))
        return [card for card, sounds in self._sounds if any(each.startswith(heads) for each in sounds)]


def _names(card: Candidate) -> set[str]:
    return {normalise(card.name), core_name(card.name), normalise(card.short_name or "")}


def _keys(card: Candidate) -> set[str]:
    return (
        _names(card)
        | _sounds(card)
        | {initials(each) for each in _names(card)}
        | {normalise(each) for each in card.people}
    )


def _sounds(card: Candidate) -> set[str]:
    return {pinyin_full(each) for each in _names(card)}


OFFICE = CardIndex(
    {
        Candidate(1, "青岛华航橡胶有限公司", "华航橡胶", ("张伟", "李红")): "13905321234",
        Candidate(2, "烟台长城密封件厂", "长城密封", ("单永强",)): "053588001122",
        Candidate(3, "济南长城轮胎股份有限公司", None, ()): "",
        Candidate(4, "深圳华强电子有限公司", "华强电子", ()): "",
        Candidate(5, "Harbor Rubber Ltd.", None, ("John Smith",)): "",
        Candidate(6, "远大机械有限公司", "远大机械", ("解晓东",), ("潍坊", "一公司")): "",
        Candidate(7, "远大机械有限公司", "远大机械", (), ("临沂", "二公司")): "",
        Candidate(8, "重庆重汽配件有限公司", "重汽配件", ("曾丽",)): "",
        Candidate(9, "厦门行健胶管股份有限公司", "行健胶管", ("仇英",)): "",
        Candidate(10, "Northwind Seals Inc.", "Northwind", ("Mary Jones",)): "",
        Candidate(11, "山东恒丰轮胎集团有限公司", "恒丰轮胎", ("王建国", "刘洋")): "",
        Candidate(12, "上海申联汽车零部件有限公司", "申联汽配", ("朴顺姬",)): "",
    }
)
