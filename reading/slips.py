"""One slip of the thumb in a name: a character that sounds or looks the same, a letter missing, extra, wrong or swapped."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pypinyin import Style, pinyin

from reading.names import core_name, normalise, pinyin_parts

SHORTEST = 3
"""Characters of the shortest Chinese name in which one may be wrong; in shorter ones too little is left."""
FEWEST_LETTERS = 6
"""The same for letters."""
_LOOKALIKES = (
    "航杭肮吭抗 橡像象 胶狡绞校 末未 己已巳 侯候 晋普 材村 土士 千干 日曰 天夭 刀刁 辰晨 真直 徽微 晴睛 析折 治冶 准淮 历厉 享亨 "
    "贝见 乌鸟 园圆 泰秦 奉秦 兴头 沪护 潍维 氟氯 塑朔 轮伦论 轴抽 密蜜 嘉喜 博搏 鑫森 淼森 昌晶 昊吴 晟成 钢纲 铜钢 管菅"
)
_ALIKE_STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_ALIKE_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=8192)
def _sounds(character: str) -> frozenset[str]:
    """Every reading of a character, and those that are taken for it: hang and han, zhong and zong."""
    readings = {each for each in pinyin(character, style=Style.NORMAL, heteronym=True)[0] if each.isalpha()}
    return frozenset(readings | {other for each in readings for other in _alike(each)})


def _alike(sound: str) -> Iterator[str]:
    for one, other in _ALIKE_STARTS:
        if sound.startswith(one):
            yield other + sound.removeprefix(one)
        elif sound.startswith(other):
            yield one + sound.removeprefix(other)
    for one, other in _ALIKE_ENDS:
        if sound.endswith(one):
            yield sound[:-1]
        elif sound.endswith(other):
            yield sound + "g"


@lru_cache(maxsize=8192)
def _look(character: str) -> frozenset[str]:
    return frozenset(each for group in _LOOKALIKES.split() if character in group for each in group)


def _confused(one: str, other: str) -> bool:
    """Whether one Chinese character is easily typed for the other."""
    if one.isascii() or other.isascii():
        return False
    return other in _look(one) or bool(_sounds(one) & _sounds(other))


def slip_end(text: str, name: str) -> int | None:
    """Where a name ends that begins the text, both normalised, with exactly one slip in it; None where there is none."""
    return _letters_end(text, name) if name.isascii() else _characters_end(text, name)


def _characters_end(text: str, name: str) -> int | None:
    if len(name) < SHORTEST or len(text) < len(name):
        return None
    wrong = [(one, other) for one, other in zip(text, name, strict=False) if one != other]
    swapped = len(wrong) == 2 and wrong[0] == wrong[1][::-1] and len(name) > SHORTEST
    return len(name) if swapped or (len(wrong) == 1 and _confused(*wrong[0])) else None


def _letters_end(text: str, name: str) -> int | None:
    """Names in letters are slipped as whole words only; the first letter is right.

    A short text that is good pinyin is another name (langda is not liangda), unless n for ng or z for zh was typed.
    """
    if len(name) < FEWEST_LETTERS or abs(len(text) - len(name)) > 1 or text[:1] != name[:1]:
        return None
    another = len(text) < _SURELY_LONG and _GOOD_PINYIN.fullmatch(text) and _loosely(text) != _loosely(name)
    return len(text) if one_letter_off(text, name) and not another else None


_SURELY_LONG = 10
_GOOD_PINYIN = re.compile(
    r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|[aeio]ng|ia[no]|ua[ni]|[aeiu]n|ai|ei|ao|ou|ia|ie|iu|ua|uo|ui|ue|[aeiouv]))+"
)


def _loosely(sound: str) -> str:
    return re.sub("(?<=[zcs])h|(?<=n)g", "", sound)


def one_letter_off(text: str, name: str) -> bool:
    """One letter missing or extra, one taken from the key beside it, or two neighbours swapped."""
    at = next((n for n, (one, other) in enumerate(zip(text, name, strict=False)) if one != other), None)
    if at is None:
        return len(text) != len(name)
    if len(text) != len(name):
        shorter, longer = sorted((text, name), key=len)
        return shorter[at:] == longer[at + 1 :]
    swapped = text[at : at + 2] == name[at : at + 2][::-1] and text[at + 2 :] == name[at + 2 :]
    return swapped or (text[at + 1 :] == name[at + 1 :] and _beside(text[at], name[at]))


_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside(one: str, other: str) -> bool:
    """Whether two letters are neighbours on the keyboard."""
    places = {letter: (row, column) for row, keys in enumerate(_KEYS) for column, letter in enumerate(keys)}
    if one not in places or other not in places:
        return False
    (row, column), (other_row, other_column) = places[one], places[other]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


@lru_cache(maxsize=4096)
def names_to_slip(name: str, short_name: str | None) -> frozenset[str]:
    """What somebody may have meant to type: a name without place and legal form, the short name, and how they sound."""
    names = {core_name(name), normalise(short_name or "")} - {""}
    parts = [pinyin_parts(each) for each in names]
    beginnings = {"".join(each[:n]) for each in parts for n in range(2, len(each) + 1)}
    return frozenset(names | {each for each in beginnings if each.isascii()})


def beginnings(text: str) -> set[str]:
    """How the sound of a name may begin that begins the text with one slip, for a directory that knows names by their sound."""
    plain = normalise(text)
    if plain[:2].isascii():
        return {plain[:1]} if len(plain) >= FEWEST_LETTERS - 1 else set()
    if len(plain) < SHORTEST:
        return set()
    first, second = (set(_sounds(each)) | {s for one in _look(each) for s in _sounds(one)} for each in plain[:2])
    return {one + other for one in first for other in second}


def slipped(text: str, name: str, short_name: str | None) -> int | None:
    """Where one of the customer's names ends that begins the text with one slip; the longest."""
    plain = normalise(text)
    ends = [end for each in names_to_slip(name, short_name) if (end := slip_end(plain, each))]
    return max(ends, default=None)
