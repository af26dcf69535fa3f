"""What a customer's file is made of (articles 30 and 31), and which parts of it are confidential."""

from enum import StrEnum
from typing import Final


class FilePart(StrEnum):
    """What has to be on file; which of them, a customer's tier decides (rulebook)."""

    KIND = "kind"  # main-business, service provider, potential
    PEOPLE = "people"  # somebody who is still there, with a number
    CUSTODIAN = "custodian"  # 专管员
    PRODUCTION = "production"
    CREDIT = "credit"  # 资信
    CODE = "code"  # 统一社会信用代码
    LICENCE = "licence"  # 营业执照
    STATEMENTS = "statements"  # 年度报表
    ACCOUNT = "account"  # 基本账户信息
    DEVELOPMENT = "development"  # 发展记录, of a reserve customer


PAPERS: Final = (FilePart.LICENCE, FilePart.STATEMENTS, FilePart.ACCOUNT)
OTHER_PAPER: Final = "other"
PAPER_KINDS: Final = (*(each.value for each in PAPERS), OTHER_PAPER)


class Section(StrEnum):
    """What is opened, asked for and put on record as one."""

    BASIC = "basic"
    CREDIT = "credit"
    PAPERS = "papers"
    PERSONAL = "personal"  # birthdays
    PREFERENCES = "preferences"  # the terms of what it is favoured with (article 12)
    HISTORY = "history"  # what stood there before
    EVERYTHING = "everything"


CONFIDENTIAL: Final = (Section.CREDIT, Section.PAPERS, Section.PERSONAL, Section.PREFERENCES, Section.HISTORY)


class Filed(StrEnum):
    """What of a customer's file is filed with the sales department when it changes (备案, article 9)."""

    NAME = "name"
    PLACE = "place"
    KIND = "kind"
    PEOPLE = "people"
    CUSTODIAN = "custodian"
    PRODUCTION = "production"
    CREDIT = "credit"
    CODE = "code"
    LICENCE = "licence"
    STATEMENTS = "statements"
    ACCOUNT = "account"


OF_PEOPLE: Final = frozenset({"title", "left_on"})
"""What of somebody at the customer's is filed with `people`; a birthday is not."""
KINDS: Final = ("main_business", "service_provider", "potential")
