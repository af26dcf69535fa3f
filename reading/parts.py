"""The words of a line that say how, with whom and about what kind of matter: 电话, 张工, 投诉."""

import re
from dataclasses import dataclass
from typing import Literal

from reading.names import COMMON_SURNAMES

Channel = Literal["phone", "visit", "meeting", "email", "qq", "wechat", "sms", "other"]
Intent = Literal["contact", "complaint", "callback", "inquiry", "none"]


@dataclass(frozen=True)
class Part:
    """Something understood, and where it stands in the text."""

    value: str
    start: int
    end: int


_DONE = "(?:了|过|沟通|联系)*"
_CHANNELS: dict[Channel, str] = {
    "phone": (
        rf"(?:刚?打[了完]?个?|打过个?|刚?通[了完]?个?|通过|接到?了?|来|去|致|回)?(?:一[个通])?(?:了个?)?(?:电话|通话)(?![号机线簿费])(?:交流|{_DONE})|"
        r"致电|来电|\b(?:phoned?|telephoned?|called|call|rang)\b(?! again| back)"
    ),
    "wechat": rf"(?:在|通过|用|发了?|加了?)?(?:微信上?|\b[wv]x\b|wechat\b|weixin\b)(?![号群])(?:聊[了完]?(?!聊)|聊|{_DONE})",
    "qq": rf"(?:通过|用)?\bqq\b(?![号群\d])(?:聊|{_DONE})",
    "sms": rf"(?:发了?|发过)?(?:个|条)?(?:短信|\bsms\b)(?!平台){_DONE}",
    "email": rf"(?:发了?|发过|通过|用)?(?:封)?(?:电子邮件|邮件|\be-?mail(?:ed)?\b){_DONE}",
    "visit": rf"(?:去了?|上门)?(?:走访|拜访|登门){_DONE}|上门(?!板)|(?<![^\s\x00，,])去[的了过](?![^\s\x00，,])|\bvisit(?:ed)?\b",
    "meeting": (
        rf"(?:开了?个?|开过)(?:会|会议)(?!室){_DONE}|会议(?![室纪])|(?:会面|见了?个?面|面谈|座谈){_DONE}|\b(?:meeting|met)\b"
    ),
    "other": r"(?<!\S)(?:其他|其它|other)(?!\S)",
}
_CHANNEL = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _CHANNELS.items()), re.ASCII)

_TITLE = (
    "副总经理|总经理|副总|总监|总工|经理|厂长|部长|科长|处长|所长|主任|主管|老板|老师|先生|女士|小姐|师傅|工程师|会计|采购|书记|院长|"
    "董事长|董|总|(?<![重化轻机电施加职完开停手人复返军])工(?![程作厂艺])"
)
_SURNAME = f"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|[{COMMON_SURNAMES}])"
_WITH = "(?:跟|和|与|同|给|找|向|见了?)"
_TALKED = "通|谈|聊|沟通|联系|打|见|说|确认|讨论|开会|了解|交流|电话|微信|吃饭|商|对接|汇报|反映|一起|发"
_PERSON = re.compile(
    rf"(?:的|{_WITH})?[ ]?(?P<titled>{_SURNAME}[一-龥]{{0,2}}?(?:{_TITLE}))|"
    rf"{_WITH}[ ]?(?P<named>{_SURNAME}[一-龥]{{1,2}}?)(?=[ ]?(?:{_TALKED}|$|[\s\x00，,]))|"
    rf"(?<![一-龥]){_WITH}?(?P<familiar>[老小]{_SURNAME})(?![一-龥]?[家时区])|"
    rf"(?:with )?(?P<english>\b(?:mr|mrs|ms|miss|dr|engineer|manager)\.? [a-z]+(?:-[a-z]+)?)"
)
_ALONE = re.compile(rf"(?<![^\s\x00，,]){_SURNAME}[一-龥]{{1,2}}(?![^\s\x00，,])")
_SPEAKER = re.compile(
    rf"[\s\x00]*(?P<name>{_SURNAME}[一-龥]{{1,2}}?)(?=说|讲|来|问|要|催|反映|反馈|打|发|告诉|通知|[\s\x00，,])"
)
_CALLED = re.compile(r"\b(?:call|phone|meet|visit|email|see|ring) (?P<name>[a-z]+ [a-z]+)\b")
_NO_PEOPLE = (
    "高温|高压|高价|高强|方案|方便|石油|石墨|金属|金额|白色|白炭|任务|任何|查询|查看|解决|解释|单价|单号|江苏|江西|温度|马上|马达|万元|程序|路线|成本|于是|施工|齐全|左右|区别|"
    "应收|关于|项目|时间|计划|安排|严重|严格|夏天|夏季|秦皇|孟加拉|陆续|余款|余额|曾经|田间|韩国|唐山|宋体|许多|许可|何时|何况|马来|黄色|黄金|黄胶|梁柱|常规|叶片|叶轮|段落|雷达|龙头|史上|毛利|"
    "谢谢|毛坯|钱款|武汉|汤|贺卡|顾客|顾问|邵阳|康复|付款|付清|付了|钟头|管道|管件|管理|焦炭|向上|区域|华东|华北|华南|华中|单子|单位|单据|连接|齐了|柳州|温州|徐州|郑州|范围|葛洲|董事|于|周期|周转|周边|吴江|牛皮|乐"
)
_NO_PERSON = re.compile(f"(?:{_NO_PEOPLE})")

_COMPLAINT = re.compile(
    "投诉|退货|换货|索赔|赔偿|开裂|断裂|破裂|裂纹|裂口|破损|损坏|质量问题|质量异常|不合格|起泡|鼓包|脱层|脱胶|变形|失效|拒收|"
    "发错货?|错发|少发|漏发|泄漏|渗漏|漏(?=[油水气液胶了，。,;； ]|$)|爆管|掉块|有问题|"
    "起诉|曝光|[硬老]化(?=了)|律师函|打官司|仲裁|质量[太很真较]?差|不良品|次品|尺寸(?:超差|不对|不符)|"
    r"\b(?:complain\w*|defect\w*|crack\w*|leak\w*|broken|damaged|refund|return(?:ed)? (?:the )?goods|claims? compensation)\b",
    re.ASCII,
)
_NEGATED = re.compile(
    r"(?:没有?|无|未|不|别|避免|防止|防|解决了?|免|怕|担心|万一|如果|取消|撤销|撤回)"
    r"(?:再|发现|发生|出现|任何|有|过|收到|接到|被|会|用|需要?|想|打算|要|了){0,3}$|"
    r"(?:怕|担心|万一|如果|要是|防止|避免|以免|防)[^，。,;；\s\x00]{0,6}$|\b(?:no|not|without|no more) $"
)
_SETTLED = re.compile(
    r".{0,5}?(?:已经?|都|全部)?(?:办完|办好|处理[好完]|解决了|已解决|结案|关闭|了结|撤销|撤回)|"
    r"(?:的?处理|的)?(?:流程|条款|制度|办法|政策|协议|比例|标准|试验|测试|实验|强度|伸长|压力|温度|风险|险|率|量|电话|热线)"
)
_CALLBACK = re.compile(r"回访|满意度|\bcallback\b|\bfollow-up survey\b", re.ASCII)
_INQUIRY = re.compile(
    "咨询|询价|询问|打听|问价|(?<![我再])要(?:份|个|一份|一个)?(?:报价|价格)|问[^，。,;；\\s]{0,8}价|对[账帐]|"
    r"\b(?:inquir\w+|enquir\w+|asked (?:about|for))\b",
    re.ASCII,
)
_INTENT_WORD = re.compile(
    r"(?<![^\s\x00，,])(?:报投诉|登记投诉|投诉|记回访|登记回访|回访|咨询|记沟通|写跟进|complaint|callback|inquiry)(?=[\s\x00:：，,。!！]|$)[:：，,]?"
)


def channel(text: str) -> tuple[Channel, Part] | None:
    """The first channel named in folded text."""
    match = _CHANNEL.search(text)
    if not match or not match.lastgroup:
        return None
    name = next(each for each in _CHANNELS if each == match.lastgroup)
    return name, Part(match[0], match.start(), match.end())


def person(text: str, known: tuple[str, ...], *, alone: bool) -> Part | None:
    """A person known at the customer first; then a surname with a title, a name after 跟, a name that stands `alone`."""
    for name in sorted((name.lower() for name in known if len(name) >= 2), key=len, reverse=True):
        if match := re.search(rf"(?:的|{_WITH}|\bwith )?{re.escape(name)}", text):
            return Part(name, match.start(), match.end())
    match = _PERSON.search(text)
    if match and match.lastgroup and not _NO_PERSON.match(match[match.lastgroup]):
        return Part(match[match.lastgroup], match.start(), match.end())
    names = (m for m in _ALONE.finditer(text) if alone and not _NO_PERSON.match(m[0]))
    found = next(names, None)
    return Part(found[0], found.start(), found.end()) if found else None


def speaker(text: str) -> Part | None:
    """Who speaks at the beginning of a line: 王建国说, 刘洋来电. It may be any word, so somebody must know that name."""
    match = _SPEAKER.match(text)
    return (
        Part(match["name"], match.start("name"), match.end()) if match and not _NO_PERSON.match(match["name"]) else None
    )


def called(text: str) -> str | None:
    """Whom a step names in English: call John Smith."""
    match = _CALLED.search(text)
    return match["name"] if match else None


def intent_word(text: str) -> Part | None:
    """投诉, 回访, 咨询 standing alone: they say what the line is, and are no part of the summary."""
    match = _INTENT_WORD.search(text)
    return Part(match[0], match.start(), match.end()) if match else None


def special_intent(text: str) -> Intent | None:
    """A complaint before a callback before an inquiry; 没有投诉 is no complaint."""
    if any(_complains(text, word) for word in _COMPLAINT.finditer(text)):
        return "complaint"
    if _CALLBACK.search(text):
        return "callback"
    return "inquiry" if _INQUIRY.search(text) else None


def _complains(text: str, word: re.Match[str]) -> bool:
    """Not where it is denied (没有投诉), settled (退货已办完) or only the name of something (断裂强度)."""
    return not _NEGATED.search(text, max(0, word.start() - 8), word.start()) and not _SETTLED.match(text, word.end())
