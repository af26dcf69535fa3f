"""What the veil takes out of a text, and what it leaves as it is."""

from __future__ import annotations

import pytest

from reading.veil import Part, Secret, Veil, words_of

HIDDEN = {Part.PERSON: "〔人〕", Part.NUMBER: "〔号〕", Part.PLACE: "〔地〕"}
SECRET = Secret(
    1,
    "甲一",
    (
        *words_of(1, Part.NAME, ["沈阳飞翼制造股份有限公司", "飞翼制造", "A&B Rubber"]),
        *words_of(1, Part.PERSON, ["密不言"]),
        *words_of(1, Part.PERSON, ["刘主任"], everywhere=False),
        *words_of(1, Part.NUMBER, ["13900139002", "024-88001122", "mi@feiyi.cn", "8002"]),
        *words_of(1, Part.PLACE, ["沈阳", "沈阳市"], everywhere=False),
    ),
)
VEIL = Veil((SECRET,), kept=("沈阳飞翼制造设备厂", "沈阳销售部"))


def said(text: str, *about: int) -> str:
    return VEIL(text, lambda _, part: "甲一" if part is Part.NAME else HIDDEN[part], about)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # the name, however it is written
        ("飞翼制造要货", "甲一要货"),
        ("沈阳飞翼制造股份有限公司要货", "甲一要货"),
        ("飞 翼 制 造", "甲一"),
        ("飛翼製造", "甲一"),
        ("問 飞翼制造 訂單", "問 甲一 訂單"),
        ("feiyizhizao, Fei Yi Zhi Zao, FEI-YI-ZHI-ZAO", "甲一, 甲一, 甲一"),
        ("<b>A&amp;B rubber</b> &amp; Ａ&amp;Ｂ Ｒｕｂｂｅｒ", "<b>甲一</b> &amp; 甲一"),
        ("A&B Rubbery", "A&B Rubbery"),
        # cut off at the end of a line or of a label
        ("谈到沈阳飞翼制", "谈到甲一"),
        ("“沈阳飞翼…”还有", "“甲一…”还有"),
        ("<b>飞翼制</b>", "<b>甲一</b>"),
        ("沈阳", "沈阳"),
        # people and numbers
        ("密不言说", "〔人〕说"),
        ("mibuyan", "〔人〕"),
        ("139 0013 9002、+86139-0013-9002", "〔号〕、+86〔号〕"),
        ("88001122 转 8002", "〔号〕 转 〔号〕"),
        ("mi@feiyi.cn", "〔号〕"),
        ("TS-2026-08002", "TS-2026-08002"),
        # what others are called, only where this customer is spoken of
        ("刘主任在沈阳", "刘主任在沈阳"),
        ("甲一：刘主任在沈阳市", "甲一：〔人〕在〔地〕"),
        ("飞翼制造的刘主任", "甲一的〔人〕"),
        # names that contain such a word
        ("沈阳飞翼制造设备厂要货", "沈阳飞翼制造设备厂要货"),
        ("甲一归沈阳销售部", "甲一归沈阳销售部"),
    ],
)
def test_what_is_said_instead(text: str, told: str) -> None:
    assert said(text) == told


def test_what_is_known_to_be_about_the_customer_needs_no_name() -> None:
    assert said("刘主任在沈阳", 1) == "〔人〕在〔地〕"


def test_a_text_tells_by_a_word_but_not_by_a_code_name() -> None:
    assert VEIL.told("飞翼制造") == VEIL.named("甲一") == {1}
    assert VEIL.told("甲一") == VEIL.named("刘主任") == set()


def test_what_was_said_instead_stays_as_it_is() -> None:
    once = said("沈阳飞翼制造股份有限公司 密不言 13900139002 刘主任 沈阳市")
    assert said(once) == once == "甲一 〔人〕 〔号〕 〔人〕 〔地〕"
