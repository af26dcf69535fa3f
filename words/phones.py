"""Telephone numbers as they stand in messages: plain digits with nothing glued to them, so that a phone can tap them."""

import re
import unicodedata

_GROUPS = re.compile(r"\+?\d+(?:[\s\-‐-―().]+\d+)*")
_GLUED = re.compile(r"(?<=\d)(?=[^\d\s])|(?<=[^\d\s+])(?=\+?\d)")
_OUR_COUNTRY = re.compile(r"(?<!\d)(?:\+|00)?86[\s\-]*(?=1[3-9](?:[\s\-]*\d){9}(?!\d))")
_LONGEST = 12
"""The digits of an area code and a number; what goes beyond is another number or an extension."""


def plain_phone(text: str) -> str:
    """138-0013-8000 → 13800138000; (029)8888 1234 转801 → 02988881234 转 801; two numbers stay two."""
    plain = _OUR_COUNTRY.sub("", unicodedata.normalize("NFKC", text))
    plain = _GROUPS.sub(lambda found: f" {_joined(found[0])} ", re.sub(r"[(（]", " ", plain))
    return " ".join(_GLUED.sub(" ", re.sub(r"[/,、;；，)）]+", " ", plain)).split())


def _joined(groups: str) -> str:
    most = 15 if groups.startswith("+") else _LONGEST
    numbers = [""]
    for each in re.findall(r"\+?\d+", groups):
        if len(numbers[-1] + each) <= most:
            numbers[-1] += each
        else:
            numbers.append(each)
    return " ".join(filter(None, numbers))
