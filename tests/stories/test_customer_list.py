"""客户名单: filters one tap each and combined, pages by buttons, the longest silent first, and never more than one may see."""

from __future__ import annotations

from sqlmodel import Session, select

from models import customers, secrecy
from models.customers import Customer
from models.people import Staff, Unit, key
from tests.company import PEOPLE
from tests.office import START, Office, Person

BEFORE = "上一页"


def settle(session: Session, count: int) -> None:
    """So many more for one colleague in the north-west."""
    unit = session.exec(select(Unit).where(Unit.name == "西北销售一部")).one()
    owner = session.exec(select(Staff).where(Staff.number == PEOPLE["amy"][0])).one()
    for number in range(count):
        customer = Customer(
            name=f"兰州第{number:02}机械厂",
            tier="reserve",
            province="甘肃省",
            unit_id=key(unit),
            owner_id=key(owner),
            live_from=START.date(),
            created_at=START,
        )
        session.add(customer)
        session.flush()
        customers.index(session, customer)


async def logs(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


async def test_a_salesperson_sees_their_own_and_opens_the_file_with_one_tap(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("客户名单")
    ann.reads("共 3 家", "华航橡胶　", "西北销售一部 · 安然 · 0 天未沟通")
    ann.reads_nothing_of("远大机械", "申江液压", "海润轮胎")
    assert not {"单位", "负责人", "更多", "清除筛选"} & set(ann.buttons())
    await ann.presses("华航橡胶")
    ann.reads("张工")


async def test_who_was_spoken_with_longest_ago_comes_first_and_taking_back_counts(office: Office) -> None:
    (ann,) = office.people("ann")
    await office.passes("61d")
    await ann.says("客户名单 60天")
    ann.reads("60 天未沟通", "共 3 家", "61 天未沟通")
    await logs(ann, "华航橡胶 电话 今天8点 张工 谈了配方")
    await ann.says("客户名单 60")
    ann.reads("共 2 家")
    ann.reads_nothing_of("华航橡胶")
    await ann.presses("• 60 天未沟通")
    ann.reads("共 3 家", "华航橡胶", " 0 天未沟通")
    text = ann.last().text
    assert text.index("飞翼制造") < text.index("华航橡胶")
    await ann.says("/undo")
    await ann.presses("撤回")
    await ann.says("/customers 60天未沟通")
    ann.reads("共 3 家", "华航橡胶")


async def test_filters_by_tap_and_combined_and_taken_away_again(office: Office) -> None:
    (sales,) = office.people("sales")
    await sales.says("/customers")
    await sales.presses("省份")
    assert sales.buttons() == ["上海市", "辽宁省", "山东省", "陕西省", "全部省份"]
    await sales.presses("山东省")
    sales.reads("山东省", "共 1 家", "海润轮胎")
    await sales.presses("层级")
    await sales.presses("战略合作")
    sales.reads("战略合作、山东省", "共 0 家", "（没有）")
    await sales.presses("清除筛选")
    sales.reads("共 6 家")
    await sales.presses("单位")
    await sales.presses("华东销售部")
    sales.reads("华东销售部", "共 2 家")
    await sales.presses("负责人")
    assert sales.buttons()[-1] == "全部负责人"
    await sales.presses(sales.buttons()[0])
    sales.reads("华东销售部、", "共 2 家", "申江液压", "海润轮胎")


TYPED = (
    ("客户名单 山东", "海润轮胎"),
    ("客户名单 储备 华东销售部", "海润轮胎"),
    ("客户名单 战略合作", "飞翼制造"),
    ("/customers Shaanxi 安然", "华航橡胶"),
    ("客户名单 艾梅 一般", "远大机械"),
    ("客户名单 艾梅 很久", "没看懂“很久”"),
    ("客户名单 0天", "（没有）"),
)


async def test_filters_typed_after_the_word(office: Office) -> None:
    (sales,) = office.people("sales")
    for typed, shown in TYPED:
        await sales.says(typed)
        sales.reads(shown)


async def test_pages_forth_and_back(office: Office) -> None:
    office.store.run_here(settle, 20)
    (head,) = office.people("head")
    await head.says("客户名单 甘肃")
    head.reads("共 20 家", "第00机械厂", "第07机械厂")
    assert BEFORE not in head.buttons()
    await head.presses("更多")
    head.reads("第08机械厂", "第15机械厂")
    await head.presses("更多")
    head.reads("第16机械厂", "第19机械厂")
    head.reads_nothing_of("第15机械厂")
    assert "更多" not in head.buttons()
    await head.presses(BEFORE)
    head.reads("第08机械厂", "第15机械厂")
    await head.presses(BEFORE)
    head.reads("第00机械厂", "第07机械厂")
    assert BEFORE not in head.buttons()


async def test_a_search_that_fits_many_says_so(office: Office) -> None:
    office.store.run_here(settle, 20)
    (head,) = office.people("head")
    await head.says("/find 机械")
    head.reads("“机械”的客户很多，先列 9 家", "请多写一两个字")
    await head.says("/find 第07机械")
    head.reads("兰州第07机械厂")


async def test_nobody_lists_more_than_they_may_see(office: Office) -> None:
    head, east, quality, admin, auditor = office.people("head", "east", "quality", "admin", "auditor")
    await head.says("客户名单")
    head.reads("远大机械")
    head.reads_nothing_of("申江液压", "海润轮胎")
    await head.says("客户名单 山东")
    head.reads("共 0 家")
    await east.says("/customers")
    east.reads("共 2 家", "申江液压", "海润轮胎")
    await auditor.says("/customers")
    auditor.reads("共 6 家")
    for refused in (quality, admin):
        await refused.says("客户名单")
        refused.reads("没有找到，或不在您的权限内")


async def test_a_customer_marked_secret_goes_by_its_code_name_and_lies_nowhere(office: Office) -> None:
    def mark(session: Session) -> None:
        secrecy.give(session, session.exec(select(Customer).where(Customer.short_name == "海润轮胎")).one(), "蓝鲸")

    office.store.run_here(mark)
    (sales,) = office.people("sales")
    await sales.says("客户名单 储备")
    sales.reads("共 1 家", "蓝鲸")
    sales.reads_nothing_of("海润轮胎", "山东省", "青岛")
    await sales.says("客户名单 山东")
    sales.reads("共 0 家")
    sales.reads_nothing_of("蓝鲸")
    await sales.says("/customers")
    await sales.presses("省份")
    assert "山东省" not in sales.buttons()
