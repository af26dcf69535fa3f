"""The provinces of the country as lists name them: 山东, 山东省, Shandong; and what lies outside it."""

from __future__ import annotations

from typing import Final

ABROAD: Final = "境外"
_OFFICIAL: Final = (
    "北京市 beijing,天津市 tianjin,上海市 shanghai,重庆市 chongqing,河北省 hebei,山西省 shanxi,辽宁省 liaoning,"
    "吉林省 jilin,黑龙江省 heilongjiang,江苏省 jiangsu,浙江省 zhejiang,安徽省 anhui,福建省 fujian,江西省 jiangxi,"
    "山东省 shandong,河南省 henan,湖北省 hubei,湖南省 hunan,广东省 guangdong,海南省 hainan,四川省 sichuan,"
    "贵州省 guizhou,云南省 yunnan,陕西省 shaanxi,甘肃省 gansu,青海省 qinghai,台湾省 taiwan,内蒙古自治区 innermongolia,"
    "广西壮族自治区 guangxi,西藏自治区 tibet,宁夏回族自治区 ningxia,新疆维吾尔自治区 xinjiang,香港特别行政区 hongkong,"
    "澳门特别行政区 macau"
)
_SUFFIXES: Final = (
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "省",
    "市",
    "autonomousregion",
    "province",
    "municipality",
)


def _bare(text: str) -> str:
    plain = "".join(text.split()).casefold()
    return plain.removesuffix(next((suffix for suffix in _SUFFIXES if plain.endswith(suffix)), ""))


_BY_WORD: Final = {
    **{_bare(word): pair.split()[0] for pair in _OFFICIAL.split(",") for word in pair.split()},
    **{"macao": "澳门特别行政区", "xizang": "西藏自治区", "neimenggu": "内蒙古自治区"},
    **dict.fromkeys((ABROAD, "国外", "海外", "abroad", "overseas", "foreign"), ABROAD),
}
NAMES: Final = (*(pair.split()[0] for pair in _OFFICIAL.split(",")), ABROAD)


def read_province(text: str) -> str | None:
    """The official name (山东省), 境外 for abroad; None for what is no province."""
    return _BY_WORD.get(_bare(text))
