"""The company's vocabulary: posts, customer tiers, channels, complaint types, and the words that people write."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar


class Role(StrEnum):
    """What a post in a unit is (articles 3 to 9)."""

    SALESPERSON = "salesperson"
    UNIT_HEAD = "unit_head"
    VICE_PRESIDENT = "vice_president"
    GENERAL_MANAGER = "general_manager"
    CHAIRMAN = "chairman"
    SALES_DEPT = "sales_dept"
    QUALITY = "quality"
    FINANCE = "finance"
    TECHNICAL = "technical"
    ENTERPRISE = "enterprise"
    LOGISTICS = "logistics"
    PRODUCTION = "production"
    OFFICE = "office"
    LEGAL = "legal"
    AUDIT = "audit"
    SUPERVISION = "supervision"
    SECRETARY = "secretary"
    ADMIN = "admin"

    @property
    def chinese(self) -> str:
        return ROLE_NAMES[self][0]


class Who(StrEnum):
    """Whom a ladder's step tells: someone as seen from the matter at hand, or any role by its name."""

    OWNER = "owner"  # the one who owes it: the duty's post, the promise's maker, else the customer's salesperson
    HANDLER = "handler"  # the person responsible for the complaint
    SUPERIOR = "superior"
    SUPERIORS_SUPERIOR = "superiors_superior"
    DEPARTMENT = "department"  # the department in charge of the complaint's type
    ASKER = "asker"  # who asked for the approval, or handed the matter over
    SALESPERSON = "salesperson"
    UNIT_HEAD = "unit_head"
    VICE_PRESIDENT = "vice_president"
    GENERAL_MANAGER = "general_manager"
    CHAIRMAN = "chairman"
    SALES_DEPT = "sales_dept"
    QUALITY = "quality"
    FINANCE = "finance"
    TECHNICAL = "technical"
    ENTERPRISE = "enterprise"
    LOGISTICS = "logistics"
    PRODUCTION = "production"
    OFFICE = "office"
    LEGAL = "legal"
    AUDIT = "audit"
    SUPERVISION = "supervision"
    SECRETARY = "secretary"
    ADMIN = "admin"

    @property
    def role(self) -> Role | None:
        """The role of that name; None for the relative ones, which the matter at hand resolves."""
        return Role.__members__.get(self.name)


class Tier(StrEnum):
    """How much a customer matters (article 12)."""

    STRATEGIC = "strategic"
    KEY = "key"
    ORDINARY = "ordinary"
    RESERVE = "reserve"

    @property
    def chinese(self) -> str:
        return TIER_NAMES[self][0]


class Channel(StrEnum):
    """How a contact was made (article 14（二）; WeChat, SMS and other are the product's)."""

    PHONE = "phone"
    VISIT = "visit"
    MEETING = "meeting"
    EMAIL = "email"
    QQ = "qq"
    WECHAT = "wechat"
    SMS = "sms"
    OTHER = "other"

    @property
    def chinese(self) -> str:
        return CHANNEL_NAMES[self][0]


class ComplaintType(StrEnum):
    """What a complaint is about; it decides the department in charge (article 16（二）2)."""

    QUALITY = "quality"
    SERVICE = "service"
    SHIPPING = "shipping"
    PAYMENT = "payment"
    OTHER = "other"

    @property
    def chinese(self) -> str:
        return COMPLAINT_TYPE_NAMES[self][0]


# The first name of each is the one that the product writes; the others are accepted when read.
ROLE_NAMES: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.SALESPERSON: ("业务员", "销售员", "销售", "业务人员", "销售人员", "客户经理", "sales", "sales person"),
    Role.UNIT_HEAD: ("单位负责人", "业务单位负责人", "负责人", "单位领导", "head", "unit manager"),
    Role.VICE_PRESIDENT: (
        "分管副总",
        "主管副总",
        "主管业务副总",
        "副总",
        "副总经理",
        "分管副总经理",
        "主管领导",
        "分管领导",
        "vp",
    ),
    Role.GENERAL_MANAGER: ("总经理", "gm"),
    Role.CHAIRMAN: ("董事长", "chair"),
    Role.SALES_DEPT: ("销售部", "sales department"),
    Role.QUALITY: ("质监部", "质量监督部", "质监", "质量", "质量部", "quality department"),
    Role.FINANCE: ("财务部", "财务", "finance department"),
    Role.TECHNICAL: ("技术中心", "技术", "technical centre", "technical center"),
    Role.ENTERPRISE: ("企管部", "企业管理部", "公司管理部", "企管", "enterprise management"),
    Role.LOGISTICS: ("储运公司", "储运", "储运分公司", "物流"),
    Role.PRODUCTION: ("生产安全部", "生产部", "生产", "production safety"),
    Role.OFFICE: ("公司办公室", "办公室", "总经理办公室", "company office"),
    Role.LEGAL: ("法律事务部", "法务", "法务部"),
    Role.AUDIT: ("审计室", "审计", "审计部"),
    Role.SUPERVISION: ("监察室", "监察"),
    Role.SECRETARY: ("秘书",),
    Role.ADMIN: ("管理员", "系统管理员", "administrator"),
}

TIER_NAMES: Final[Mapping[Tier, tuple[str, ...]]] = {
    Tier.STRATEGIC: ("战略合作伙伴", "战略合作", "战略", "战略伙伴", "战略合作（伙伴）"),
    Tier.KEY: ("重点", "关键"),
    Tier.ORDINARY: ("一般", "普通"),
    Tier.RESERVE: ("储备", "潜在"),
}

CHANNEL_NAMES: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.PHONE: ("电话", "打电话", "通话", "去电", "来电", "call", "telephone"),
    Channel.VISIT: ("走访", "拜访", "上门", "现场", "现场走访", "on-site", "on site", "onsite"),
    Channel.MEETING: ("会议", "开会", "座谈", "专题会议", "座谈会"),
    Channel.EMAIL: ("邮件", "电子邮件", "邮箱", "e-mail", "mail"),
    Channel.QQ: ("QQ",),
    Channel.WECHAT: ("微信", "weixin", "wx"),
    Channel.SMS: ("短信", "text message"),
    Channel.OTHER: ("其他", "其它"),
}

COMPLAINT_TYPE_NAMES: Final[Mapping[ComplaintType, tuple[str, ...]]] = {
    ComplaintType.QUALITY: ("产品质量", "质量", "product quality"),
    ComplaintType.SERVICE: ("服务",),
    ComplaintType.SHIPPING: ("发运", "储运", "物流", "运输", "发货"),
    ComplaintType.PAYMENT: ("票款", "货款", "发票", "付款"),
    ComplaintType.OTHER: ("其他", "其它"),
}

_E = TypeVar("_E", bound=StrEnum)


def _plain(text: str) -> str:
    return "".join(text.split()).replace("_", "").replace("（", "(").replace("）", ")").casefold()


def _words(names: Mapping[_E, tuple[str, ...]]) -> Mapping[str, _E]:
    return {_plain(word): member for member, words in names.items() for word in (member.value, *words)}


_ROLE_WORDS: Final = _words(ROLE_NAMES)
_TIER_WORDS: Final = _words(TIER_NAMES)
_CHANNEL_WORDS: Final = _words(CHANNEL_NAMES)
_COMPLAINT_TYPE_WORDS: Final = _words(COMPLAINT_TYPE_NAMES)


def read_role(text: str) -> Role | None:
    """The role that a cell of the staff list names, in Chinese or English; None when it names none."""
    return _ROLE_WORDS.get(_plain(text))


def read_tier(text: str) -> Tier | None:
    """The tier that a word names; 普通 is 一般, and a trailing 客户 is allowed."""
    plain = _plain(text)
    return _TIER_WORDS.get(plain) or _TIER_WORDS.get(plain.removesuffix("客户").removesuffix("customer"))


def read_channel(text: str) -> Channel | None:
    return _CHANNEL_WORDS.get(_plain(text))


def read_complaint_type(text: str) -> ComplaintType | None:
    return _COMPLAINT_TYPE_WORDS.get(_plain(text).removesuffix("投诉"))


_LEADERS: Final = (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN)
_AUDITORS: Final = frozenset({Role.AUDIT, Role.SUPERVISION})
LEADING: Final = frozenset({Role.UNIT_HEAD, *_LEADERS})
"""Those who answer for what others do: they get the page of the week that is over."""
PRIVILEGED: Final = frozenset({*_LEADERS, *_AUDITORS, Role.SALES_DEPT, Role.ADMIN})
"""Who approves, audits, looks after every unit, or lets people in: nobody alone takes such a person out, and no unit head invites
one or hands on what they hold."""


def superior_line(role: Role) -> tuple[Role, ...]:
    """The posts above a post, nearest first. The administrator comes last, so that nothing is addressed to nobody.

    A department answers to the vice president in charge of it; the auditors, who audit vice presidents, to the
    general manager.
    """
    if role is Role.ADMIN:
        return ()
    if role is Role.SALESPERSON:
        return (Role.UNIT_HEAD, *_LEADERS, Role.ADMIN)
    if role in _LEADERS:
        return (*_LEADERS[_LEADERS.index(role) + 1 :], Role.ADMIN)
    return (*(_LEADERS[1:] if role in _AUDITORS else _LEADERS), Role.ADMIN)
