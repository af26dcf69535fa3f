"""Names of companies, places and people: how they are compared, and how they sound."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from reading.characters import fold

COMMON_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖石金韦贾夏付方邹熊孟秦邱江尹"
    "薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔白汤洪温季倪葛颜俞施柳牛樊兰殷祝翟单解仇朴查区华尚冉纪申耿聂焦柴项詹左关路岳齐梅庄辛管祁鲁游裴阮翁荆"
)
_SURNAME_SOUNDS = {
    "单": "shan", "解": "xie", "曾": "zeng", "仇": "qiu", "朴": "piao", "查": "zha", "区": "ou",
    "任": "ren", "华": "hua", "盖": "ge", "尉迟": "yu chi", "缪": "miao", "乐": "yue", "翟": "zhai",
    "葛": "ge", "员": "yun", "折": "she", "洗": "xian", "冼": "xian", "宓": "mi", "佴": "nai", "覃": "qin",
    "黑": "he", "秘": "bi", "繁": "po", "召": "shao", "种": "chong", "訾": "zi", "万俟": "mo qi",
    "长孙": "zhang sun", "令狐": "ling hu", "澹台": "tan tai", "尹": "yin", "纪": "ji", "燕": "yan",
    "应": "ying", "宁": "ning", "车": "che", "石": "shi", "祭": "zhai", "隗": "wei", "郗": "xi",
    "逄": "pang", "晁": "chao", "曲": "qu",
}  # fmt: skip
_COMPANY_SOUNDS = {
    "华航": "hua hang",
    "长航": "chang hang",
    "重汽": "zhong qi",
    "一重": "yi zhong",
    "长安": "chang an",
    "行健": "xing jian",
    "厦工": "xia gong",
    "单县": "shan xian",
    "行长": "hang zhang",
    "六安": "lu an",
}
load_phrases_dict({word: [[sound] for sound in sounds.split()] for word, sounds in _COMPANY_SOUNDS.items()})

_LEGAL_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|责任公司|股份公司|集团公司|总公司|分公司|公司|股份|集团|总厂|分厂|厂|控股|\(集团\)|"
    r"co\.?,?ltd\.?|ltd\.?|inc\.?|corp\.?|llc|gmbh)$"
)
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "石家庄|唐山|秦皇岛|邯郸|保定|沧州|廊坊|衡水|太原|大同|沈阳|大连|鞍山|长春|哈尔滨|大庆|南京|无锡|徐州|常州|苏州|南通|扬州|镇江|泰州|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|台州|"
    "合肥|芜湖|福州|厦门|泉州|南昌|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|聊城|滨州|菏泽|郑州|洛阳|武汉|宜昌|长沙|株洲|广州|深圳|珠海|佛山|东莞|中山|惠州|"
    "成都|绵阳|贵阳|昆明|西安|宝鸡|兰州|西宁|银川|乌鲁木齐|南宁|桂林|海口|呼和浩特|包头"
)
_PLACE = re.compile(rf"^(?:(?:{_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)?)?(?:(?:{_CITIES})市?)?")


def normalise(text: str) -> str:
    """For comparing: compatibility forms resolved, simplified, lower case, without spaces."""
    return "".join(fold(unicodedata.normalize("NFKC", text)).lower().split())


def pinyin_full(name: str, *, person: bool = False) -> str:
    """华航橡胶 → huahangxiangjiao; a person's surname by the table of surnames (单 shan, 解 xie)."""
    return "".join(_sounds(name, person))


def initials(name: str, *, person: bool = False) -> str:
    """华航橡胶 → hhxj; letters and digits that stand in the name stay: A1橡胶 → a1xj."""
    plain = normalise(name)
    return "".join(sound if sound in plain else sound[0] for sound in _sounds(name, person))


def pinyin_parts(name: str) -> list[str]:
    """The same in parts: hua, hang, xiang, jiao; letters and digits stay together."""
    return list(_sounds(name, False))


@lru_cache(maxsize=4096)
def _sounds(name: str, person: bool) -> tuple[str, ...]:
    """One for each character, and one for each run of letters and digits; signs have none."""
    plain = normalise(name)
    surname = next((plain[:n] for n in (2, 1) if person and len(plain) > n and plain[:n] in _SURNAME_SOUNDS), "")
    sounds = _SURNAME_SOUNDS.get(surname, "").split()
    for run in re.findall(r"[a-z0-9]+|[^\W_a-z0-9]+", plain[len(surname) :]):
        sounds += [run] if run.isascii() else lazy_pinyin(run, style=Style.NORMAL)
    return tuple(sounds)


@lru_cache(maxsize=8192)
def core_name(name: str) -> str:
    """A legal name without its leading place and its legal form: 青岛华航橡胶有限公司 → 华航橡胶."""
    plain = normalise(name)
    bare = re.sub(r"\((?:集团|中国|" + _PROVINCES + "|" + _CITIES + r")\)", "", plain)
    while (shorter := _LEGAL_FORM.sub("", bare)) != bare:
        if len(shorter) < 2:
            break
        bare = shorter
    placeless = _PLACE.sub("", bare)
    return placeless if len(placeless) >= 2 else bare


def is_place(text: str) -> bool:
    """Whether it names a province or a city and nothing else."""
    plain = normalise(text)
    return bool(plain and _PLACE.fullmatch(plain))
