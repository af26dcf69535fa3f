"""What people do with a complaint, in a few words."""

from __future__ import annotations

from sqlmodel import select

from models.clocks import Clock
from tests.office import Office, Person


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def entrust(who: Person, unit: str = "西北销售一部", due: str = "后天17点") -> None:
    await who.does("定责任单位", f".{unit}", due)


async def resolve(who: Person) -> None:
    await who.does("已解决", "硫化时间不足", "调整工艺，已换货")


async def satisfied(who: Person, yes: bool, text: str = "还是漏") -> None:
    await who.does("客户确认", ".是" if yes else ".否", text)


async def asks(who: Person, button: str, *answers: str) -> None:
    """What stands under 更多操作."""
    await who.says("/case 1")
    await who.presses("更多操作")
    await who.does(button, *answers)


def clock(office: Office, rule: str) -> Clock:
    """The one clock of that rule."""
    with office.read() as records:
        return records.exec(select(Clock).where(Clock.rule == rule)).one()


def at(moment: object) -> str:
    return f"{moment:%m-%d %H:%M}" if moment else "-"
