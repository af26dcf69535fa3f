"""Which words speak of a lawsuit, and which amounts are large."""

import pytest

from rules.claims import is_large, lawsuit_word, social_word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("要到法院起诉", "法院"),
        ("已收到律师函", "律师"),
        ("已申请仲裁", "仲裁"),
        ("准备打官司", "打官司"),
        ("They will sue us", "sue"),
        ("their lawyers wrote", "lawyers"),
        ("TO COURT", "COURT"),
    ],
)
def test_words_of_a_lawsuit(text: str, word: str) -> None:
    assert lawsuit_word(text) == word


@pytest.mark.parametrize(
    "text", ["客户在投诉热线等答复", "上诉求是换货", "issue solved, pursued further", "courtesy visit", ""]
)
def test_other_words_are_not(text: str) -> None:
    assert lawsuit_word(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("客户说要发微博", "微博"),
        ("已经上了热搜", "热搜"),
        ("威胁找媒体曝光", "媒体"),
        ("有记者来电话", "记者"),
        ("在抖音上发视频", "抖音"),
        ("They will tell the media", "the media"),
        ("A reporter called", "reporter"),
        ("多媒体室设备、曝光机、曝光时间", None),
        ("filter media and the press machine", None),
    ],
)
def test_words_of_the_public(text: str, word: str | None) -> None:
    assert social_word(text) == word


@pytest.mark.parametrize(
    ("amounts", "large"),
    [
        ((99_999.99,), False),
        ((100_000.0,), True),
        ((None, 100_000.0), True),
        ((60_000.0, 60_000.0), False),
        ((None, None), False),
        ((), False),
    ],
)
def test_any_of_the_amounts_that_reaches_the_threshold_is_large(amounts: tuple[float | None, ...], large: bool) -> None:
    assert is_large(100_000, *amounts) is large
