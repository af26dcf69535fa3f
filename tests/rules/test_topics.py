"""What a talk is about, by its words."""

import pytest

from rules.topics import topics_of


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("报价已发，等回款", ("price", "payment")),
        ("胶管开裂，返工", ("quality",)),
        ("三季度需求，新牌号试用", ("demand", "product")),
        ("Quote sent, delivery next week", ("price", "delivery")),
        ("问候", ("other",)),
        ("", ("other",)),
    ],
)
def test_a_talk_is_about_what_its_words_say(text: str, topics: tuple[str, ...]) -> None:
    assert topics_of(text) == topics
