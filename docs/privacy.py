"""docs/privacy.md: what is stored where and what Telegram sees. Every column of every table is classified here; one that is not
stops the page."""

# ruff: noqa: E501

from collections.abc import Iterator, Mapping
from typing import Final

from sqlmodel import SQLModel

import models
from docs.markdown import ROOT, code, table, top
from docs.markdown import page as written

TEXT: Final = ROOT / "docs" / "privacy.txt"
ROOM: Final = models
"""Whose import makes every table known."""
TABLES: Final = "{tables}"
HEADS = ("表 / table", "里面的个人信息 / personal data in it", "列 / columns")

PERSONAL: Final[Mapping[str, tuple[str, str]]] = {
    "staff": ("员工：姓名、工号、手机、Telegram 编号 / staff: name, number, phone, Telegram id", "number name telegram_id phone language superior_id active unreachable_since"),
    "person": ("客户方的人：姓名、职务、电话、邮箱、生日、何时离职 / people at customers: name, title, phone, mail, birthday, when they left", "customer_id name title phone email birthday left_on"),
    "customer": ("客户名称（个体户的名称可以是人名） / names of customers (a sole trader's may be a person's)", "name short_name code_name credit_code owner_id"),
    "customer_file": ("客户档案：资信、生产情况，谁是专管员 / customers' files: credit standing, production, the custodian", "customer_id production credit custodian_id"),
    "paper": ("证照、报表、账户资料：说明、附件的文件编号和摘要，谁登记的 / papers and account information: remarks, ids and digests of what was attached, who recorded it", "customer_id note attachments by_id"),
    "stored_file": ("证照附件的原件 / what was attached to the papers", "content"),
    "former_name": ("客户以前的名称 / names that a customer had before", "customer_id name"),
    "search_key": ("姓名、电话的片段，用来查找 / parts of names and numbers, for the search", "text customer_id"),
    "complaint": ("投诉人、电话、投诉内容、证据的文件编号 / complainant, number, what was said, ids of evidence files", "complainant complainant_phone what product evidence handler_id"),
    "inquiry": ("咨询人、电话、问了什么、怎么答复、转告了谁 / who asked, number, what was asked and answered, whom the customer was told to call", "person phone words owner_id plan answer told_name told_phone"),
    "entry": ("沟通、回访、进展：对方姓名电话、内容、位置、文件编号 / talks, callbacks, progress: who, number, what, location, file ids", "answers attachments by_id customer_id"),
    "draft": ("没填完的单：同上 / forms half filled in: the same", "answers staff_id"),
    "filing": ("备案：名称、联系人、电话，改动前后，裁定和退回的理由 / filings: name, person, number, what stood before and after, reasons of decisions", "facts by_id decided_by opinion"),
    "task": ("批示、督办、工作安排的文字和答复 / orders, work given, and their answers", "text answer by_id answered_by post customer_id"),
    "finding": ("疑似未报投诉的判断 / judgements of suspected complaints", "text by_id"),
    "inbox": ("Telegram 送来的原文：发送人、文字、名片、位置 / what Telegram delivered: sender, text, contacts, locations", "body"),
    "outbox": ("发出和待发的消息 / messages sent and to be sent", "text rows document chat_id staff_id"),
    "card": ("聊天里每张卡片现在的文字和按钮 / the words and buttons of each card in the chats", "text buttons chat_id staff_id"),
    "arrangement": ("谁录入的放假安排 / who entered a holiday arrangement", "by_id"),
    "audit": ("谁在什么时候做了什么 / who did what when", "staff_id subject"),
    "audit_body": ("改动前后的内容 / what stood before and after", "body"),
    "participant": ("谁参加了沟通 / who took part", "staff_id"),
    "absence": ("谁什么时候请假、谁代理（不记事由） / who is away when, who stands in (no reason is kept)", "staff_id substitute_id starts ends"),
    "stood_in": ("谁代谁办的 / who did it in whose place", "by_id for_id"),
    "proxy": ("代录和确认 / entries made for a leader, and their confirmation", "staff_id"),
    "assignment": ("谁任什么职、什么时候 / who holds which post, when", "staff_id role unit_id"),
    "event": ("提醒过谁，谁确认收到 / who was told, who acknowledged", "staff_id acked_at"),
    "invitation": ("加入用的一次性口令（只存摘要），谁邀请了谁 / one-time codes (their digest only), who invited whom", "staff_id by_id"),
    "hand_over": ("交接：从谁到谁、谁办的 / hand-overs: from whom, to whom, by whom", "from_id to_id by_id"),
    "transfer": ("转交：谁提、交给谁、谁同意、理由 / transfers: by whom, to whom, who agreed, why", "to_id by_id released_by accepted_by ended_by reason opinion"),
    "transferred": ("转交的客户原来是谁的 / whose the transferred customers were", "customer_id owner_id"),
    "departure": ("离职：谁、谁提、谁确认、交给谁 / who left, by whose word, who took over", "staff_id to_id by_id decided_by"),
    "enrolment_attempt": ("试口令的 Telegram 编号 / Telegram ids that tried a code", "telegram_id"),
    "step": ("审批：谁提、谁定、意见 / approvals: who asked, who decided, their opinion", "post text facts asked_by opinion decided_by"),
    "matter": ("谁登记的 / who opened it", "opened_by customer_id"),
    "printed_form": ("谁打印了受理单的哪一版（内容只存摘要） / who printed which version of a complaint form (of the content its digest only)", "by_id"),
    "problem_analysis": ("谁写的问题整理分析、写了什么 / who analysed the problems of a quarter, and what they wrote", "text by_id"),
    "plan_quota": ("谁核定了回访次数 / who set the number of visits", "by_id"),
    "plan_line": ("谁把哪个客户的走访排在几月 / who planned which customer's visit for which month", "customer_id by_id"),
    "callback_plan": ("谁报送的回访计划 / who handed in a plan of callbacks", "by_id"),
    "planned_visit": ("临时回访：谁去、为什么 / ad-hoc callbacks: who goes, and why", "staff_id text"),
    "spot_result": ("抽查：谁核实的、客户怎么说 / spot checks: who asked, and what was said", "note by_id"),
    "callback_assessment": ("季度考核：谁发布、写了什么 / quarterly assessments: by whom, and their words", "results problems improvements by_id"),
    "score_sheet": ("考核评分：谁发布的 / score sheets: who published them", "by_id"),
    "score_appeal": ("评分申诉：谁提、谁定、理由 / appeals: who asked, who decided, why", "reason by_id opinion decided_by"),
    "report": ("月报：谁欠、谁报的，主要信息和措施的文字 / monthly reports: who owes and who handed in, main information and measures", "post text handed_by"),
    "report_line": ("月报里的补充、改写，关于哪家客户，谁写谁删的 / lines of monthly reports: added or reworded, about which customer, by whom", "text customer_id by_id struck_by"),
    "clock": ("期限落在谁身上 / whom a limit addresses", "post subject_id"),
    "sealing": ("封存申请：谁提、谁定、理由；决定前还有本人的其他称呼 / proposals to seal: who, why; until decided, other names of the person", "by_id decided_by reason subjects also"),
    "concern": ("举报：内容、附件、举报人（加密），是谁举报的（密钥摘要） / reports to audit: words, files, author (encrypted), whose it is (a keyed digest)", "body told_by"),
    "concern_step": ("举报的受理、答复、办结：谁办的，答复的话（加密） / what became of a report: by whom, the words (encrypted)", "by_id body"),
    "list_import": ("导入的清单：谁发的、文件编号；有错的行保留两天，好发回去 / lists imported: who sent them, the file's id; wrong rows for two days, to be sent back", "staff_id name file headings found rejects"),
    "merger": ("合并客户：谁合并的、为什么，被并入的档案原来的名称 / mergers of customers: who, why, the name of the file that was given up", "by_id reason facts"),
    "proposal": ("拟调层级、优惠条件：理由、条件 / proposals of tiers and preferences: why, the terms", "reason terms"),
    "rule_change": ("制度变更：谁提、谁批、理由和意见 / changes of rules: by whom, who decided, why", "by_id decided_by reason opinion"),
    "preference": ("哪个客户享受哪种优惠 / which customer is favoured with what", "customer_id"),
    "surveyed": ("满意度调查问了哪个客户 / which customer a survey asks", "customer_id"),
    "survey_reply": ("客户对调查的回答：评分、意见，谁问的 / what customers answered: marks, words, who asked them", "scores texts by_id"),
    "survey_report": ("单位的调查报告：谁写的、写了什么 / a unit's report of a survey: by whom, the words", "text by_id"),
    "survey_measure": ("改进措施：谁提的、写了什么 / measures of improvement: by whom, the words", "text by_id"),
    "survey_link": ("给客户填写调查的链接（只存摘要），谁给的 / links for customers to answer a survey (their digest only), who gave them", "by_id"),
    "suspect": ("像投诉的记录指向哪条沟通 / which talk sounds like a complaint", "entry_id customer_id"),
}  # fmt: skip
"""By table: what there is of people, and in which columns."""

NEUTRAL: Final[Mapping[str, str]] = {
    "absence": "id made_at",
    "arrangement": "id year whole text at",
    "assignment": "id starts ends",
    "audit": "id at action digest",
    "audit_body": "audit_id salt",
    "claim": "matter_id claimed estimated assessed way approved_at settled settled_at social_effect lawsuit major_at decided_at",
    "card": "id key message_id version subject",
    "chain": "seq audit_id key_id seal mac at",
    "clock": "id rule rulebook_version subject_kind cycle anchor due_at next_at snoozes snoozed_until paused_until closed_at stopped_by",
    "complaint": "matter_id type received_at in_province province_reason on_site_needed amount major department limit_at rulebook_version now_in_province responsible_unit_id entrusted_at handle_by report_every",
    "customer_file": "id kind touched_at",
    "paper": "id kind expires_on at fetch_at tries",
    "stored_file": "digest size at",
    "counter": "series year last",
    "customer": "id tier province city unit_id live_from created_at quiet_since",
    "draft": "id form asking card_id state started_at touched_at",
    "enrolment_attempt": "id at",
    "entry": "id kind number matter_id at written_at channel withdraws",
    "event": "id clock_id cycle step nth at",
    "fault": "key text found_at gone_at",
    "filing": "id number customer_id clash_id unit_id draft_id made_at decided_at decision kind returned_at",
    "finding": "id decision entry_id at",
    "concern": "id number kind received_at",
    "concern_step": "id concern_id state at",
    "departure": "id at privileged state decided_at",
    "hand_over": "id at moved returns",
    "inbox": "id update_id received_at state tries error told_by",
    "inquiry": "matter_id kind received_at promised_at became_id",
    "invitation": "code_hash expires_at used_at",
    "list_import": "id kind digest state places choices counts done total tries asked_at touched_at",
    "merger": "id from_id into_id at moved",
    "matter": "id kind number unit_id state cycle opened_at closed_at",
    "outbox": (
        "id unique_key message_class priority card_id card_version edits state tries repeats created_at next_try_at sent_at error"
        " vanish_at deletes"
    ),
    "participant": "entry_id",
    "person": "id",
    "posted_head": "seq mac at",
    "preference": "id matter_id benefit starts ends granted_at ended_at ended_why",
    "problem_analysis": "id unit_id quarter problems at due_at",
    "plan_quota": "id unit_id year number at",
    "plan_line": "id unit_id year rule month at",
    "callback_plan": "id unit_id year planned lines at due_at",
    "planned_visit": "matter_id channel by_when",
    "spot_draw": "id period seed percent population entries at",
    "spot_result": "id draw_id entry_id result at",
    "callback_assessment": "id quarter figures at due_at",
    "score_sheet": "id unit_id quarter criteria total at due_at appeal_by",
    "score_appeal": "id sheet_id at due_at decision total decided_at",
    "printed_form": "id matter_id version salt digest at",
    "proposal": "matter_id kind before after benefit starts ends figures changes",
    "proxy": "id entry_id asked_at answered_at confirmed",
    "report": "id kind period unit_id version figures made_at due_at handed_at",
    "report_line": "id report_id entry_id line_id task_id at struck_at handed",
    "restore": "id made_at restored_at released_at",
    "rule_change": "id number rule key before after starts at state decided_at version on_disk open_for",
    "rulebook": "version text loaded_at disk",
    "survey": "matter_id half size seed questions due_at rulebook_version",
    "surveyed": "id matter_id unit_id tier",
    "survey_reply": "id surveyed_id outcome at",
    "survey_report": "id matter_id unit_id at",
    "survey_measure": "id matter_id unit_id due_on at struck_at task_id",
    "survey_link": "digest surveyed_id at expires_at used_at ended_at",
    "sealed_row": "sealing_id place row_id",
    "sealing": "id at state decided_at counts wiped_at",
    "search_key": "kind whole unit_id",
    "staff": "id masks morning_list weekly_page",
    "stood_in": "entry_id",
    "step": "id matter_id kind group seq asked_at due_at state decided_at",
    "suspect": "at since until",
    "task": "id kind number unit_id entry_id at due_at seen_at answered_at",
    "transfer": "id unit_id at state ended_at moved filing_id",
    "transferred": "id transfer_id unit_id",
    "unit": "id name company",
    "working_day": "id day works name arrangement_id",
    "vital": "name at since count text",
}
"""By table: the columns that say nothing of anybody."""


class UnclassifiedError(Exception):
    """A column of which nobody has said whether it is personal, or one that is gone."""


def page() -> str:
    check()
    return written(
        [
            *top("个人信息 / Personal data", "`docs/privacy.py` and `docs/privacy.txt`"),
            TEXT.read_text(encoding="utf-8").strip().replace(TABLES, table(HEADS, _rows())),
        ]
    )


def check(columns: Mapping[str, set[str]] | None = None) -> None:
    """Raises `UnclassifiedError`, naming every column that is classified nowhere, twice, or no longer there."""
    stored = columns or {
        each.name: {column.name for column in each.columns} for each in SQLModel.metadata.sorted_tables
    }
    wrong = []
    for name in sorted({*stored, *PERSONAL, *NEUTRAL}):
        personal = set(PERSONAL[name][1].split()) if name in PERSONAL else set()
        neutral = set(NEUTRAL.get(name, "").split())
        odd = ((personal | neutral) ^ stored.get(name, set())) | (personal & neutral)
        wrong += [f"{name}.{column}" for column in sorted(odd)]
    if wrong:
        raise UnclassifiedError(f"classify in docs/privacy.py: {', '.join(wrong)}")


def _rows() -> Iterator[tuple[str, str, str]]:
    for name, (says, columns) in PERSONAL.items():
        yield code(name), says, " ".join(code(each) for each in columns.split())
