"""Telegram's HTML, read: what remains as text, and which entities lie over it, counted in UTF-16 units."""

from __future__ import annotations

import pytest

from simulator.errors import ApiError
from simulator.markup import Formatted, read_html, units, with_found

READ = [
    # source, text, entities as (kind, offset, length)
    ("华航", "华航", []),
    ("<b>华</b>航", "华航", [("bold", 0, 1)]),
    ("<B>a</B>", "a", [("bold", 0, 1)]),
    ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
    ("😀<u>a</u>", "😀a", [("underline", 2, 1)]),
    ("&lt;b&gt; &amp; &#39;&#x4e2d;", "<b> & '中", []),
    ("  <b> a </b>\n", "a", [("bold", 0, 1)]),
    ("<b></b>a", "a", []),
    ('<a href="https://a.cn/?x=1">a</a>', "a", [("text_link", 0, 1)]),
    ('<a href="tel:110">a</a>', "a", []),
    ("<a>a</a>", "a", []),
    ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
    ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
    ("<pre>a\n b</pre>", "a\n b", [("pre", 0, 4)]),
    ("<strong>a</strong><em>b</em><ins>c</ins><del>d</del><strike>e</strike><s>f</s><code>g</code>", "abcdefg", None),
]


@pytest.mark.parametrize(("source", "text", "entities"), READ)
def test_read(source: str, text: str, entities: list[tuple[str, int, int]] | None) -> None:
    read = read_html(source)
    assert read.text == text
    if entities is not None:
        assert [(each.type, each.offset, each.length) for each in read.entities] == entities


NOT_READ = [
    # source, what Telegram says
    ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("华<br>", 'Unsupported start tag "br" at byte offset 3'),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("</b>", "Unexpected end tag at byte offset 0"),
    ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("a&b", "Unexpected & at byte offset 1, write &amp;"),
    ("&#0;", "Unexpected & at byte offset 0, write &amp;"),
    ("&#xD800;", "Unexpected & at byte offset 0, write &amp;"),
    ("&#x110000;", "Unexpected & at byte offset 0, write &amp;"),
    ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
]


@pytest.mark.parametrize(("source", "why"), NOT_READ)
def test_not_read(source: str, why: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {why}"


FOUND = [
    # text, what Telegram finds in it by itself
    ("/log 华航", [("bot_command", "/log")]),
    ("请看 /case@simulated_bot", [("bot_command", "/case@simulated_bot")]),
    ("24/7 and/or http://a.cn/log", [("url", "http://a.cn/log")]),
    ("张工 13800138000，0532-88886666", [("phone_number", "13800138000"), ("phone_number", "0532-88886666")]),
    ("@simulated_bot 你好 a@b.cn", [("mention", "@simulated_bot")]),
    ("TS-2026-0001 到 11月26日", []),
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_found(text: str, found: list[tuple[str, str]]) -> None:
    entities = with_found(Formatted(text)).entities
    assert [(each.type, text[each.offset : each.offset + each.length]) for each in entities] == found


def test_nothing_is_found_inside_other_formatting() -> None:
    assert [each.type for each in with_found(read_html("<code>/log</code>")).entities] == ["code"]


def test_a_character_outside_the_basic_plane_counts_twice() -> None:
    assert units("a中😀") == 4
