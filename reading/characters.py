"""Characters one for one: full-width to half-width, traditional to simplified, Chinese numerals to numbers."""

import re

from reading.traditional import SIMPLIFIED

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES: dict[int, int] = dict.fromkeys([0x3000, 0xA0, 0x2002, 0x2003, 0x2009, 0x202F, ord("\t"), ord("\r")], ord(" "))
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_FOLDING = {**SIMPLIFIED, **_FULL_WIDTH, **_SPACES, **_UPPER} | {
    0xFF21 + i: ord("a") + i for i in range(26)
}  # full-width capitals

DIGITS = "零一二三四五六七八九"
_VALUES = {character: value for value, character in enumerate(DIGITS)} | {"〇": 0, "两": 2, "○": 0}
NUMERALS = "零〇○一二两三四五六七八九十廿卅百"
NUMBER = rf"(?:\d{{1,4}}|[{NUMERALS}]{{1,6}})"
_WRITTEN = re.compile(
    r"(?:([一二两三四五六七八九])百零?)?(?:([一二三四五六七八九])?(十|廿|卅))?([零〇○]?[一二两三四五六七八九零〇])?"
)
_TENS = {"十": 1, "廿": 2, "卅": 3}


def fold(text: str) -> str:
    """The same text in plain characters: half-width, simplified, lower case; every character keeps its place."""
    return text.translate(_FOLDING)


def number(written: str) -> int | None:
    """12, 十二, 廿三, 一百二十 as a number; None for what is none, such as 三五 ("three to five")."""
    if written.isascii():
        return int(written) if written.isdigit() else None
    match = _WRITTEN.fullmatch(written)
    if not match or not written:
        return None
    hundreds, tens, ten, ones = match.groups()
    value = 100 * _VALUES.get(hundreds or "", 0) + _VALUES.get((ones or "")[-1:], 0)
    return value + 10 * (_VALUES[tens] if tens else _TENS[ten]) if ten else value


def year(written: str) -> int | None:
    """2026, 26, 二〇二六, 二六 as a year of our era."""
    digits = written if written.isascii() else "".join(str(_VALUES.get(c, "x")) for c in written)
    if not digits.isdigit() or len(digits) not in {2, 4}:
        return None
    value = int(digits) + (2000 if len(digits) == 2 else 0)
    return value if 1990 <= value <= 2100 else None


_END = r"$|[\s，。,.;；:：、!！?？()（）【】\[\]…\"“”'‘’+/\n—~-]"
_VERBS = (
    "去来再给打发要开见交签送付走联谈回约跟拜提催出安汇收结派带请会面和与可能需必应准过把报寄验试讨访告定确完复补飞拿看"
    "参办还投就也都已将想务争计预前后之以左早晚凌傍上下中到至我你他她您客对被在从由同向用了做说等"
)
_NOUNS = (
    "会议室|会场|会客|试验|试样|试块|试件|发动|发电|开关|回路|出口|定子|定型|送料|走廊|面料|面板|面粉|报告|补料|提升|收尘|上料|下料|上模|下模|中间|"
    "中心|前桥|前轴|后桥|后轴|前门|后门|来料|复合|带钢|带轮|安全|交换|联轴|联箱|通道|过滤|结晶|回收|对接|付款单|投料|还原|办公|客车|看板|约束|访客|用户|用料|"
    "做工|被单|在线|就业|等级|同步|从动|[由和与到至前]\\d|上海|下料|中转|签字笔"
)
CONTINUED = rf"(?!{_NOUNS})[{_VERBS}]"
"""A word such as 去, 前, 我 that goes on after a date."""
FOLLOWED = rf"(?={_END}|{NUMBER}[号日点]|\d\d?[:：]\d\d|{CONTINUED})"
"""What stands after a bare 5号 or 3点 when it is a date: an end, or such a word; not 线, 胶, 楼."""
