"""The one gate: who may do what, to whose records. Asked at every step, buttons included.

A row of `NEEDS` says how far each role reaches with one action. A role that a row does not name reaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from rules.roles import Role


class Reach(IntEnum):
    """How far a role reaches; each includes those before it."""

    NONE = 0
    SELF = 1  # only what they wrote or were told themselves
    OWN = 2  # customers they own, complaints they handle
    UNIT = 3  # their unit's records, and matters in which their department is concerned
    OVERSEEN = 4  # the units and departments they oversee (分管)
    ALL = 5


class Action(StrEnum):
    FIND_CUSTOMER = "find_customer"  # the name only
    SEE_CUSTOMER = "see_customer"  # the file
    LOG_CONTACT = "log_contact"
    RECORD_CALLBACK = "record_callback"
    OPEN_COMPLAINT = "open_complaint"
    SEE_COMPLAINT = "see_complaint"
    NOTE_COMPLAINT = "note_complaint"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    ASSIGN_COMPLAINT = "assign_complaint"
    CONFIRM_COMPLAINT = "confirm_complaint"
    CLOSE_COMPLAINT = "close_complaint"
    HAND_ON_COMPLAINT = "hand_on_complaint"
    ENTRUST_COMPLAINT = "entrust_complaint"  # the responsible unit and its limit
    REROUTE_COMPLAINT = "reroute_complaint"
    CHANGE_COMPLAINT = "change_complaint"  # the province, whether a visit is needed
    EVALUATE_COMPLAINT = "evaluate_complaint"
    REINSTATE_COMPLAINT = "reinstate_complaint"
    OPEN_INQUIRY = "open_inquiry"
    SEE_INQUIRY = "see_inquiry"
    ANSWER_INQUIRY = "answer_inquiry"  # and promise, hand over, refer, make a complaint of it
    RAISE_CLAIM = "raise_claim"
    ESTIMATE_CLAIM = "estimate_claim"  # 初估
    ASSESS_CLAIM = "assess_claim"  # 索赔核定
    SETTLE_CLAIM = "settle_claim"
    FLAG_MAJOR = "flag_major"  # 重大社会影响, 诉讼
    UNDO_MAJOR = "undo_major"  # 取消重大, with a reason
    RECORD_MEETING = "record_meeting"  # what the general manager's meeting decided
    DECIDE_STEP = "decide_step"  # 同意, 退回, 转办: what is asked of one's post
    OPEN_FILE = "open_file"  # the confidential parts of a customer's file, by right
    ASK_FILE = "ask_file"  # for them, with a reason
    KEEP_FILE = "keep_file"  # change what is on file
    NAME_CUSTODIAN = "name_custodian"  # 专管员
    SEE_OPENINGS = "see_openings"  # 谁看过
    EXPORT_FILE = "export_file"
    ACKNOWLEDGE = "acknowledge"
    SEE_RULES = "see_rules"
    SEE_DUE = "see_due"
    ENROL = "enrol"  # 邀请
    HAND_OVER = "hand_over"  # 交接: what somebody holds goes to a colleague
    RECORD_LEAVING = "record_leaving"  # 离职
    DECIDE_LEAVING = "decide_leaving"  # of a privileged role: never one's own, never one's own proposal
    UNDO_OWN = "undo_own"
    KEEP_PERSON = "keep_person"  # put somebody on a customer's file
    REGISTER_CUSTOMER = "register_customer"
    FILE_CUSTOMER = "file_customer"  # 备案, and the decision of a 撞单
    SEE_FILINGS = "see_filings"  # 备案台账, and what was returned
    TRANSFER_CUSTOMER = "transfer_customer"  # 转交: selected customers to a colleague
    DECIDE_ANOMALY = "decide_anomaly"  # whether it goes to company leaders
    SEE_REPORTING = "see_reporting"  # who has entered how much
    URGE = "urge"  # 催办
    EXPORT = "export"  # lists as files
    SEE_SUSPECTS = "see_suspects"  # 疑似未报投诉
    JUDGE_SUSPECT = "judge_suspect"  # a finding beside the record, which it leaves as it is
    SEE_AUDIT = "see_audit"
    SEE_UNIT = "see_unit"  # 本单位: what its people owe
    SEE_UNITS = "see_units"  # 各单位: all units side by side
    ANNOTATE = "annotate"  # 批示
    GIVE_ORDER = "give_order"  # 督办
    ANSWER_TASK = "answer_task"
    CONFIRM_PROXY = "confirm_proxy"  # 确认代录
    GIVE_CODE_NAME = "give_code_name"  # 涉密: a customer goes by a code name
    LIFT_CODE_NAME = "lift_code_name"
    SEE_STATUS = "see_status"  # how the bot itself is
    SEE_SEALINGS = "see_sealings"  # 封存: what was asked for and became of it
    ASK_SEALING = "ask_sealing"
    DECIDE_SEALING = "decide_sealing"  # never one's own
    REPORT_CONCERN = "report_concern"  # 举报
    HANDLE_CONCERN = "handle_concern"  # what was reported: read, taken up, answered
    GIVE_FINDING = "give_finding"  # 整改通知
    SEE_REGISTER = "see_register"  # 问题台账: what customers reported, by quarter
    ANALYSE_PROBLEMS = "analyse_problems"
    SEE_REPORT = "see_report"  # 月报: logs, units' reports
    HAND_IN_LOG = "hand_in_log"
    SEND_UNIT_REPORT = "send_unit_report"  # with what is to be done, to the sales department
    PUBLISH_REPORT = "publish_report"  # the company's, to leaders
    KEEP_CALENDAR = "keep_calendar"  # 放假安排: rest and make-up days
    TAKE_LEAVE = "take_leave"  # 请假, and who stands in
    IMPORT_LIST = "import_list"  # staff and customers from a file
    MERGE_CUSTOMERS = "merge_customers"  # 合并客户: two files of one company become one
    PROPOSE_TIER = "propose_tier"  # 拟调层级, 优惠条件
    SEE_TIERS = "see_tiers"  # tiers, preferences and what is proposed
    SEE_PLAN = "see_plan"  # 回访计划, its assessment, and what spot checks found
    ADJUST_PLAN = "adjust_plan"  # and hand it in, and plan a callback beside it
    SET_QUOTA = "set_quota"  # 核定次数
    ASSESS_CALLBACKS = "assess_callbacks"  # 季度考核
    CHECK_VISITS = "check_visits"  # 抽查: never one's own
    SEE_SCORES = "see_scores"  # 考核评分
    SCORE_UNITS = "score_units"
    APPEAL_SCORE = "appeal_score"
    DECIDE_APPEAL = "decide_appeal"  # never of a score that one gave
    SEE_SURVEY = "see_survey"  # 满意度调查: whom it asks, and what came of it
    ASK_SURVEY = "ask_survey"  # put it to a customer, or give them a link
    REPORT_SURVEY = "report_survey"  # 报送: a unit hands in
    RUN_SURVEY = "run_survey"  # open it, analyse it, plan what is to become better
    PROPOSE_RULE = "propose_rule"  # 修改制度: a number of the rulebook
    DECIDE_RULE = "decide_rule"  # never one's own
    EXPORT_CUSTOMERS = "export_customers"  # 导出: the customers that one may see, as a file


@dataclass(frozen=True)
class Seat:
    """A role held in a unit: a department's role in the department's unit, a company-wide one in the company's."""

    role: Role
    unit: int


@dataclass(frozen=True)
class Actor:
    """Who acts. A vice president has a seat for every unit or department overseen. `stands_for`: those who are away and in whose
    place they act, with the seats that are lent."""

    staff: int
    seats: frozenset[Seat]
    stands_for: frozenset[Actor] = frozenset()


@dataclass(frozen=True)
class Subject:
    """Whose record it is: its unit, the customer's owner, the complaint's handler, the departments concerned.

    `self_` is the member of staff who wrote it, or to whom it was told.
    """

    unit: int | None = None
    owner: int | None = None
    handler: int | None = None
    departments: frozenset[int] = frozenset()
    self_: int | None = None


@dataclass(frozen=True)
class Scope:
    """What an actor reaches with an action, in the terms of a query; a record is reached when any part fits.

    `units` are compared with the record's unit and its departments, `owner` with its owner and handler; so are `lent`, those who
    are away and whose own a substitute reaches.
    """

    all: bool
    units: frozenset[int]
    owner: int | None
    self_: int | None
    lent: frozenset[int] = frozenset()

    @property
    def owners(self) -> frozenset[int]:
        """Everybody whose own is reached."""
        return self.lent if self.owner is None else self.lent | {self.owner}

    def covers(self, subject: Subject) -> bool:
        concerned = subject.departments if subject.unit is None else subject.departments | {subject.unit}
        return (
            self.all
            or bool(self.units & concerned)
            or bool(self.owners & {subject.owner, subject.handler})
            or (self.self_ is not None and self.self_ == subject.self_)
        )


R = Role
_LEADERS: Final = (R.GENERAL_MANAGER, R.CHAIRMAN)
_AUDITORS: Final = (R.AUDIT, R.SUPERVISION)
_DEPARTMENTS: Final = (
    R.QUALITY,
    R.FINANCE,
    R.TECHNICAL,
    R.ENTERPRISE,
    R.LOGISTICS,
    R.PRODUCTION,
    R.OFFICE,
    R.LEGAL,
)
_EVERYONE: Final = tuple(Role)


def _row(
    *,
    everything: Iterable[Role] = (),
    overseen: Iterable[Role] = (),
    unit: Iterable[Role] = (),
    own: Iterable[Role] = (),
    self_: Iterable[Role] = (),
) -> Mapping[Role, Reach]:
    row = dict.fromkeys(Role, Reach.NONE)
    named = {
        Reach.SELF: self_,
        Reach.OWN: own,
        Reach.UNIT: unit,
        Reach.OVERSEEN: overseen,
        Reach.ALL: everything,
    }
    for reach, roles in named.items():
        row.update(dict.fromkeys(roles, reach))
    return row


_CUSTOMERS: Final = _row(
    own=[R.SALESPERSON], unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]
)
_HANDLING: Final = _row(
    self_=[R.SECRETARY],
    own=[R.SALESPERSON],
    unit=[R.UNIT_HEAD, *_DEPARTMENTS],
    overseen=[R.VICE_PRESIDENT],
    everything=[*_LEADERS, R.SALES_DEPT],
)
_ASKED: Final = _row(
    own=[R.SALESPERSON, R.SECRETARY],
    unit=[R.UNIT_HEAD, *_DEPARTMENTS],
    overseen=[R.VICE_PRESIDENT],
    everything=[*_LEADERS, R.SALES_DEPT],
)
_DECIDING: Final = _row(
    unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]
)  # a leader's line stands in where a post has no holder

_EVALUATING: Final = {**_CUSTOMERS, **dict.fromkeys([R.FINANCE, R.TECHNICAL, R.ENTERPRISE], Reach.ALL)}

NEEDS: Final[Mapping[Action, Mapping[Role, Reach]]] = {
    Action.FIND_CUSTOMER: _row(
        unit=[R.SALESPERSON, R.UNIT_HEAD],
        overseen=[R.VICE_PRESIDENT, R.SECRETARY],
        everything=[*_LEADERS, R.SALES_DEPT, *_DEPARTMENTS, *_AUDITORS],
    ),
    Action.SEE_CUSTOMER: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    # Files are confidential (article 31): by right those whose customer it is, who lead them, and who audit; the others ask.
    Action.OPEN_FILE: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    Action.ASK_FILE: _row(
        unit=[R.SALESPERSON], overseen=[R.SECRETARY], everything=[*_DEPARTMENTS]
    ),  # whoever finds the name
    Action.KEEP_FILE: _CUSTOMERS,
    Action.NAME_CUSTODIAN: _row(unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.SEE_OPENINGS: _row(
        own=[R.SALESPERSON, R.UNIT_HEAD, R.VICE_PRESIDENT, *_LEADERS, R.SALES_DEPT], everything=_AUDITORS
    ),
    Action.EXPORT_FILE: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    # A secretary writes for a leader (代录) of the customers whom that leader oversees; it counts once the leader confirms.
    Action.LOG_CONTACT: {**_CUSTOMERS, R.SECRETARY: Reach.OVERSEEN},
    Action.RECORD_CALLBACK: {**_CUSTOMERS, R.SECRETARY: Reach.OVERSEEN},
    # Whoever is told first accepts (article 26（三）); which customers they are offered is FIND_CUSTOMER's to say.
    Action.OPEN_COMPLAINT: _row(everything=[role for role in Role if role not in (*_AUDITORS, R.ADMIN)]),
    Action.SEE_COMPLAINT: {**_HANDLING, **dict.fromkeys([R.ENTERPRISE, *_AUDITORS], Reach.ALL)},
    Action.NOTE_COMPLAINT: _HANDLING,
    Action.ARRIVE: _HANDLING,
    Action.RESOLVE: _HANDLING,
    Action.ASSIGN_COMPLAINT: {**_DECIDING, **dict.fromkeys(_DEPARTMENTS, Reach.UNIT)},
    Action.HAND_ON_COMPLAINT: {**_DECIDING, R.SALESPERSON: Reach.OWN},
    Action.ENTRUST_COMPLAINT: _row(
        unit=_DEPARTMENTS, overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]
    ),
    Action.REROUTE_COMPLAINT: _HANDLING,
    Action.CHANGE_COMPLAINT: _HANDLING,
    # The sales department asks the complainant, not the unit whose work it was (article 16（二）3).
    Action.CONFIRM_COMPLAINT: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.EVALUATE_COMPLAINT: {**_HANDLING, R.SALES_DEPT: Reach.NONE, R.SECRETARY: Reach.NONE},
    Action.CLOSE_COMPLAINT: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.REINSTATE_COMPLAINT: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    # Whoever is asked first enters it and owns it (首问负责), until somebody named accepts it.
    Action.OPEN_INQUIRY: _row(everything=[role for role in Role if role not in (*_AUDITORS, R.ADMIN)]),
    Action.SEE_INQUIRY: {**_ASKED, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    Action.ANSWER_INQUIRY: _ASKED,
    Action.RAISE_CLAIM: _HANDLING,
    Action.ESTIMATE_CLAIM: {**_HANDLING, R.SECRETARY: Reach.NONE},
    # Investigation and 索赔核定 are the sales department's (article 16（一）), the money is finance's.
    Action.ASSESS_CLAIM: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.SETTLE_CLAIM: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.FINANCE]),
    Action.FLAG_MAJOR: {**_HANDLING, R.LEGAL: Reach.ALL, R.OFFICE: Reach.ALL},
    Action.UNDO_MAJOR: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.RECORD_MEETING: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.OFFICE]),
    Action.DECIDE_STEP: _row(self_=[role for role in Role if role not in (*_AUDITORS, R.ADMIN)]),
    Action.ACKNOWLEDGE: _row(self_=_EVERYONE),
    Action.SEE_RULES: _row(everything=_EVERYONE),
    Action.SEE_DUE: _row(
        self_=[R.SECRETARY, R.ADMIN],
        own=[R.SALESPERSON],
        unit=[R.UNIT_HEAD, *_DEPARTMENTS],
        overseen=[R.VICE_PRESIDENT],
        everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS],
    ),
    Action.ENROL: _row(unit=[R.UNIT_HEAD], everything=[R.ADMIN]),
    Action.HAND_OVER: _row(unit=[R.UNIT_HEAD], everything=[R.SALES_DEPT, R.ADMIN]),
    Action.RECORD_LEAVING: _row(everything=[R.ADMIN]),
    Action.DECIDE_LEAVING: _row(everything=[*_LEADERS, R.ADMIN]),
    Action.UNDO_OWN: _row(self_=[R.SALESPERSON, R.UNIT_HEAD, R.VICE_PRESIDENT, *_LEADERS, R.SALES_DEPT, R.SECRETARY]),
    Action.KEEP_PERSON: _CUSTOMERS,
    Action.REGISTER_CUSTOMER: _row(own=[R.SALESPERSON], unit=[R.UNIT_HEAD]),
    # Article 9 gives it to the sales department; its line of leaders stands in where nobody holds the post.
    Action.FILE_CUSTOMER: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.SEE_FILINGS: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    # Between units each head speaks for their own side; a leader over both for both.
    Action.TRANSFER_CUSTOMER: _CUSTOMERS,
    Action.DECIDE_ANOMALY: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.SEE_REPORTING: _row(
        unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS]
    ),
    Action.SEE_REGISTER: _row(
        unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS]
    ),
    Action.ANALYSE_PROBLEMS: _DECIDING,
    Action.SEE_REPORT: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    # Whose post is empty, or who is away with nobody standing in, is replaced by the line of leaders; it is asked for besides.
    Action.HAND_IN_LOG: _row(own=[R.SALESPERSON], unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.SEND_UNIT_REPORT: _row(unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.PUBLISH_REPORT: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.URGE: _DECIDING,
    Action.EXPORT: _row(
        unit=[R.UNIT_HEAD, *_DEPARTMENTS],
        overseen=[R.VICE_PRESIDENT],
        everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS],
    ),
    Action.SEE_SUSPECTS: _row(everything=[R.SALES_DEPT, *_AUDITORS]),
    Action.JUDGE_SUSPECT: _row(everything=[R.SALES_DEPT, *_AUDITORS]),
    Action.SEE_AUDIT: _row(everything=_AUDITORS),
    Action.SEE_UNIT: {**_DECIDING, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    Action.SEE_UNITS: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS]),
    Action.ANNOTATE: _DECIDING,
    Action.GIVE_ORDER: _row(overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.ANSWER_TASK: _row(self_=[role for role in Role if role not in (*_AUDITORS, R.ADMIN)]),
    Action.CONFIRM_PROXY: _row(self_=[R.VICE_PRESIDENT, *_LEADERS]),
    # The sales department keeps the key files (article 31); only leaders make a real name public again.
    Action.GIVE_CODE_NAME: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.LIFT_CODE_NAME: _row(overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.SEE_STATUS: _row(everything=[R.ADMIN]),
    Action.SEE_SEALINGS: _row(everything=[R.OFFICE, R.SALES_DEPT, *_AUDITORS, R.GENERAL_MANAGER]),
    Action.ASK_SEALING: _row(everything=[R.OFFICE, R.SALES_DEPT]),
    Action.DECIDE_SEALING: _row(everything=[*_AUDITORS, R.GENERAL_MANAGER]),
    Action.REPORT_CONCERN: _row(everything=[role for role in Role if role not in _AUDITORS]),
    # The general manager only where nobody audits or supervises, which is asked besides; never another leader or administrator.
    Action.HANDLE_CONCERN: _row(everything=[*_AUDITORS, R.GENERAL_MANAGER]),
    Action.GIVE_FINDING: _row(everything=_AUDITORS),
    Action.KEEP_CALENDAR: _row(everything=[*_LEADERS, R.ENTERPRISE]),
    Action.TAKE_LEAVE: _row(self_=_EVERYONE),
    Action.IMPORT_LIST: _row(everything=[R.ADMIN]),
    # The sales department keeps the files and decides a 撞单 (article 9); both files must lie within reach.
    Action.MERGE_CUSTOMERS: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    # Sales, finance, the technical centre, enterprise management and the units evaluate and propose (article 12（二）).
    Action.PROPOSE_TIER: _EVALUATING,
    Action.SEE_TIERS: {**_EVALUATING, **dict.fromkeys([R.OFFICE, *_AUDITORS], Reach.ALL)},
    # Each unit's head plans (article 17（三）), the sales department sets the numbers, assesses and checks (article 17（五）).
    Action.SEE_PLAN: _row(
        unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT, *_AUDITORS]
    ),
    Action.ADJUST_PLAN: _row(unit=[R.UNIT_HEAD], overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.SET_QUOTA: _row(everything=[R.SALES_DEPT]),
    Action.ASSESS_CALLBACKS: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    Action.CHECK_VISITS: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    # The sales department and enterprise management score (articles 3 and 7); who leads the unit decides an appeal.
    Action.SEE_SCORES: _row(
        unit=[R.UNIT_HEAD],
        overseen=[R.VICE_PRESIDENT],
        everything=[*_LEADERS, R.SALES_DEPT, R.ENTERPRISE, *_AUDITORS],
    ),
    Action.SCORE_UNITS: _row(everything=[R.SALES_DEPT, R.ENTERPRISE]),
    Action.APPEAL_SCORE: _row(unit=[R.UNIT_HEAD]),
    Action.DECIDE_APPEAL: _row(overseen=[R.VICE_PRESIDENT], everything=_LEADERS),
    Action.SEE_SURVEY: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
    Action.ASK_SURVEY: _CUSTOMERS,
    Action.REPORT_SURVEY: _DECIDING,
    # Article 15 gives it to the sales department; its line of leaders stands in where nobody holds the post.
    Action.RUN_SURVEY: _row(overseen=[R.VICE_PRESIDENT], everything=[*_LEADERS, R.SALES_DEPT]),
    # The sales department owns the scheme, leaders answer for it, enterprise management keeps the rules and approves their changes.
    Action.PROPOSE_RULE: _row(everything=[R.VICE_PRESIDENT, *_LEADERS, R.SALES_DEPT, R.ENTERPRISE]),
    Action.DECIDE_RULE: _row(everything=[*_LEADERS, R.ENTERPRISE]),
    Action.EXPORT_CUSTOMERS: {**_CUSTOMERS, **dict.fromkeys(_AUDITORS, Reach.ALL)},
}

LENT_ROLES: Final = frozenset(Role) - {R.AUDIT, R.SUPERVISION, R.ADMIN, R.SECRETARY}
"""What a substitute takes over. Audit, supervision and administration are trust in one person; a secretary writes for a leader by
that leader's choice."""
NEVER_LENT: Final = frozenset(
    {
        Action.ENROL,
        Action.SEE_STATUS,
        Action.SEE_AUDIT,
        Action.GIVE_FINDING,
        Action.HANDLE_CONCERN,
        Action.CONFIRM_PROXY,
    }
    | {Action.SEE_SEALINGS, Action.ASK_SEALING, Action.DECIDE_SEALING, Action.LIFT_CODE_NAME}
    | {Action.UNDO_OWN, Action.TAKE_LEAVE}
)
"""What no seat that is lent gives: what touches reports to audit, the identity of people, or one's own word."""


def scope(actor: Actor, action: Action) -> Scope:
    """What the actor reaches with the action, over all seats together, and over those lent by the people they stand in for."""
    stands_for = () if action in NEVER_LENT else actor.stands_for
    lent = [seat for each in stands_for for seat in each.seats]
    reaches = [(NEEDS[action][seat.role], seat.unit) for seat in (*actor.seats, *lent)]
    furthest = max((reach for reach, _ in reaches), default=Reach.NONE)
    return Scope(
        all=furthest is Reach.ALL,
        units=frozenset(unit for reach, unit in reaches if reach in (Reach.UNIT, Reach.OVERSEEN)),
        owner=actor.staff if furthest >= Reach.OWN else None,
        self_=actor.staff if furthest >= Reach.SELF else None,
        lent=frozenset(each.staff for each in stands_for if _reaches_own(each, action)),
    )


def _reaches_own(away: Actor, action: Action) -> bool:
    return any(NEEDS[action][seat.role] >= Reach.OWN for seat in away.seats)


def may(actor: Actor, action: Action, subject: Subject) -> bool:
    """Whether the actor may do that to that record."""
    return scope(actor, action).covers(subject)
