"""docs/rules.md: the rulebook as a table, and its ladders."""

from datetime import timedelta

from docs.markdown import ROOT, both, code, table, top, two
from docs.markdown import page as written
from models.climbing import HANDOVER
from rules.entries import (
    Accepting,
    Anomaly,
    Appeal,
    Approval,
    Article,
    Callback,
    CallbackPlan,
    CustomerFileParts,
    Deadline,
    Duty,
    FileGap,
    FileOpening,
    FileReview,
    Filing,
    Handling,
    Meeting,
    PaperExpiry,
    Pause,
    PreferenceRule,
    Progress,
    Promise,
    Round,
    Routing,
    Scoring,
    SpotCheck,
    SurveyPlan,
    SurveyRule,
    Threshold,
    TierCriteria,
    TierDecision,
    TierOpinion,
    Unanswered,
)
from rules.fields import write_span
from rules.ladder import Ladder, Step
from rules.roles import Channel, Who
from rules.rulebook import Rulebook, load

WHO = {
    Who.OWNER: "责任人 / whoever owes it",
    Who.HANDLER: "处理人 / the person responsible",
    Who.SUPERIOR: "上级 / the superior",
    Who.SUPERIORS_SUPERIOR: "上级的上级 / the superior's superior",
    Who.DEPARTMENT: "主管部门 / the department in charge",
    Who.ASKER: "提出人 / who asked for it",
}
"""Those whom the matter at hand resolves; everybody else is a role."""
EVERY = {
    "day": "每个工作日 / every working day",
    "week": "每周 / every week",
    "month": "每月 / every month",
    "year": "每年 / every year",
}
HEADS = ("编号", "条款 / article", "规定 / rule", "谁 / who", "对谁 / whom", "多久 / how often", "阶梯 / ladder")


def page() -> str:
    book = load((ROOT / "rulebook.toml").read_text(encoding="utf-8"))
    return written(
        [
            *top("制度条款 / The company's rules", "`rulebook.toml`"),
            "每条提醒都引用这里的条款。要改：改 `rulebook.toml`，运行 `keguan check`；"
            "数字也可以在聊天里用 `/change_rule` 提出，经企管部批准。\n"
            "Every reminder quotes one of these. To change one, edit `rulebook.toml` and run `keguan check`; "
            "a number can be proposed in the chat, too (`/change_rule`).",
            table(HEADS, [_row(book, each) for each in book.entries]),
            "## 阶梯：到什么时候通知谁 / Ladders: who is told, and when",
            *(part for ladder in book.ladders.values() for part in _ladder(ladder)),
        ]
    )


def _row(book: Rulebook, entry: Article) -> tuple[str, ...]:
    who, whom, often = _demand(book, entry)
    ladder = getattr(entry, "ladder", "")
    says = f"**{two(entry.short, entry.short_en)}**\n{entry.says}\n{entry.says_en}"
    return entry.id, entry.article, says, who, whom, often, code(ladder)


def _demand(book: Rulebook, entry: Article) -> tuple[str, str, str]:
    """Who owes it, to whom, how often or by when."""
    match entry:
        case Duty():
            return both(f"role.{entry.who}"), _whom(entry), _often(entry)
        case Deadline():
            (zh_in, en_in), (zh_out, en_out) = _span(entry.in_province), _span(entry.out_of_province)
            limits = f"省内 {zh_in}，省外 {zh_out} / in the province {en_in}, outside {en_out}"
            return WHO[Who.HANDLER], "", limits
        case Progress():
            to = "\n".join(both(f"report_to.{each}") for each in entry.to)
            zh, en = _span(entry.within)
            return WHO[Who.HANDLER], to, f"{zh}内 {entry.times} 次 / {entry.times} in {en}"
        case Callback():
            zh, en = _span(entry.after_closing)
            by = f"12月31日前，或结案后 {zh}内，以晚者为准 / by 31 December or {en} after closing, whichever is later"
            return both(f"role.{entry.who}"), "", by
        case Anomaly():
            zh, en = _span(entry.within)
            return both("role.sales_dept"), "", f"{zh}内决定，否则自动上报 / decide in {en}, or it goes up by itself"
        case Promise():
            return WHO[Who.OWNER], "", "约定的日期 / the date promised"
        case Routing(departments=departments):
            routes = [
                f"{both(f'complaint_type.{kind}')} → {both(f'role.{role}')}" for kind, role in departments.items()
            ]
            return "\n".join(routes), "", ""
        case Threshold():
            return "", "", f"≥ {entry.amount:,} 元 / CNY"
    return _of_a_case(entry)


def _of_a_case(entry: Article) -> tuple[str, str, str]:
    """What has its time whenever there is something of that kind."""
    match entry:
        case TierCriteria() | TierOpinion() | TierDecision() | PreferenceRule():
            return _of_a_tier(entry)
        case Handling():
            return WHO[Who.DEPARTMENT], "", "由主管部门确定 / set by the department in charge"
        case Approval():
            hours = entry.work_hours
            who = "接收的同事 / the colleague named" if entry.id == HANDOVER else both("role.vice_president")
            return who, "", f"{hours} 个工作小时 / {hours} hours of working time"
        case Pause():
            zh, en = _span(entry.at_most)
            reasons = "\n".join(f"{each.says} / {each.says_en}" for each in entry.reasons)
            return both("role.sales_dept"), reasons, f"每次不超过 {zh} / {en} at most at a time"
        case Unanswered():
            by = f"第 {entry.workdays} 个工作日下班前 / by the end of working day {entry.workdays} after it"
            return WHO[Who.OWNER], "", by
        case Meeting():
            days = f"{entry.work_days} 个工作日内 / within {entry.work_days} working days"
            return both("role.office"), "", days
        case Round():
            return _of_a_round(entry)
        case Appeal():
            return both(f"role.{entry.who}"), "", f"{entry.workdays} 个工作日内 / within {entry.workdays} working days"
        case SurveyRule():
            whom = "\n".join(both(f"tier.{each}") for each in entry.tiers)
            zh = "、".join(f"{month}月{day}日" for month, day in entry.finish)
            en = " and ".join(f"{month:02}-{day:02}" for month, day in entry.finish)
            questions = "\n".join(f"{each.says} / {each.says_en}" for each in entry.questions)
            often = f"每半年，{zh}前 / every half-year, by {en}\n{questions}"
            return both(f"role.{entry.who}"), whom, often
        case SurveyPlan():
            days = f"{entry.workdays} 个工作日内 / within {entry.workdays} working days"
            return both("role.sales_dept"), "", days
    return _of_a_file(entry)


def _of_a_round(entry: Round) -> tuple[str, str, str]:
    days, who, what = entry.within_workdays, both(f"role.{entry.who}"), ""
    if isinstance(entry, SpotCheck):
        what = f"现场记录的 {entry.percent}% / {entry.percent} % of on-site entries"
    if isinstance(entry, Scoring):
        what = "\n".join(f"{each.weight}：{each.says} / {each.says_en}" for each in entry.criteria)
    if isinstance(entry, CallbackPlan):
        return who, what, f"每年，第 {days} 个工作日前 / every year, by its working day {days}"
    often, name = ("每季", "quarter") if entry.every.number > 1 else ("每月", "month")
    return who, what, f"{often}，期后第 {days} 个工作日前 / every {name}, by working day {days} after it"


def _of_a_tier(entry: TierCriteria | TierOpinion | TierDecision | PreferenceRule) -> tuple[str, str, str]:
    match entry:
        case TierCriteria():
            tiers = [f"{both(f'tier.{tier}')}: {each.says} / {each.says_en}" for tier, each in entry.criteria.items()]
            return "", "\n".join(tiers), ""
        case TierOpinion():
            asked = "\n".join(both(f"role.{each}") for each in entry.departments)
            return asked, "", f"{entry.work_hours} 个工作小时 / {entry.work_hours} hours of working time"
        case TierDecision():
            who = "总经理办公会，办公室录入；其余由销售部 / the meeting, recorded by the office; the rest by the sales department"
            tiers = [both(f"tier.{each}") for each in entry.meeting]
            return who, "\n".join(tiers), f"{entry.work_hours} 个工作小时 / {entry.work_hours} hours of working time"
    return "", "\n".join(both(f"tier.{each}") for each in entry.tiers), ""


def _of_a_file(entry: Article) -> tuple[str, str, str]:
    owner = both("role.salesperson")
    match entry:
        case CustomerFileParts():
            tiers = [f"{both(f'tier.{tier}')}: {'、'.join(parts)}" for tier, parts in entry.parts.items()]
            return owner, "\n".join(tiers), ""
        case FileGap():
            tiers = [both(f"tier.{each}") for each in entry.tiers]
            return owner, "\n".join(tiers), f"{entry.workdays} 个工作日内 / within {entry.workdays} working days"
        case PaperExpiry():
            zh, en = _span(entry.before)
            return owner, "", f"到期前 {zh} / {en} before it expires"
        case FileOpening():
            shown = f"显示 {entry.shown_minutes} 分钟 / shown {entry.shown_minutes} minutes"
            return "", "", f"同意后 {entry.hours} 小时 / {entry.hours} hours after approval\n{shown}"
        case FileReview():
            zh, en = _span(entry.after)
            return owner, "", f"{zh}未更新 / {en} untouched"
        case Filing():
            parts = "、".join(both(f"file_part.{each}") for each in entry.changes)
            return both("role.sales_dept"), parts, f"{entry.workdays} 个工作日内 / within {entry.workdays} working days"
        case Accepting():
            return both("role.unit_head"), "", f"{entry.workdays} 个工作日内 / within {entry.workdays} working days"
    raise TypeError(f"docs/rules.py knows no {type(entry).__name__}")


def _whom(duty: Duty) -> str:
    tiers = "\n".join(both(f"tier.{each}") for each in duty.tiers)
    return f"{tiers}\n（自选 / of own choice）" if duty.whom and duty.whom.own_choice else tiers


def _often(duty: Duty) -> str:
    often = EVERY[duty.every.unit] if duty.every.number == 1 else f"每 {duty.every.number} 年 / every {duty.every}"
    times = f" × {duty.count}" if duty.count > 1 else ""
    ways = "" if set(duty.how) == set(Channel) else "\n" + "、".join(both(f"channel.{each}") for each in duty.how)
    relieved = f"\n（{duty.relieved_by} 已做则免 / unless {duty.relieved_by} was done）" if duty.relieved_by else ""
    return often + times + ways + relieved


def _ladder(ladder: Ladder) -> tuple[str, str]:
    heads = ("到 / at", "通知 / tells", "重复 / again", "夜里 / at night")
    waits = "（只在工作时间 / in hours of work only）" if ladder.at_work else ""
    return f"### `{ladder.id}`{waits}", table(heads, [_step(each) for each in ladder.steps])


def _step(step: Step) -> tuple[str, ...]:
    told = "、".join(WHO[each] if each.role is None else both(f"role.{each}") for each in step.tell)
    again = []
    if step.every:
        zh, en = _span(step.every)
        again.append(f"每 {zh}，直到确认收到 / every {en} until acknowledged")
    if step.again_after:
        zh, en = _span(step.again_after)
        again.append(f"确认后 {zh}没有进展 / {en} without progress after that")
    return str(step.at), told, "\n".join(again), "✓" if step.night else ""


def _span(span: timedelta) -> tuple[str, str]:
    """A length of time as the rulebook writes it, in Chinese and English."""
    english = write_span(span)
    number = english.rstrip(" dayhs")
    return (f"{number} 天", english) if english.endswith("days") else (f"{number} 小时", f"{number} hours")
