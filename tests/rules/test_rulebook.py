"""The company's rules, one test a row, each by its sentence. They read the rulebook that the company edits."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from rules.cadence import Every
from rules.entries import Duty, Whom
from rules.fields import write_span
from rules.halves import Half
from rules.roles import Channel, ComplaintType, Role, Tier, Who
from rules.rulebook import load

RULEBOOK = load((Path(__file__).parents[2] / "rulebook.toml").read_text(encoding="utf-8"))
CALL = (Channel.PHONE, Channel.MEETING, Channel.VISIT)  # a richer channel counts as a call
ON_SITE = (Channel.VISIT,)
HOUR = timedelta(hours=1)


def demands(duty: Duty) -> tuple[Role, Whom | None, tuple[Channel, ...], str, int]:
    return duty.who, duty.whom, duty.how, str(duty.every), duty.count


def each(*tiers: Tier) -> Whom:
    return Whom(tier=tiers)


def of_own_choice(*tiers: Tier) -> Whom:
    return Whom(tier=tiers, own_choice=True)


def test_salespersons_make_an_entry_every_working_day() -> None:
    duty = RULEBOOK.duty("R14.1")
    assert demands(duty) == (Role.SALESPERSON, None, tuple(Channel), "1 day", 1)
    assert duty.article == "第十四条（三）1"


def test_strategic_and_key_customers_are_phoned_weekly_by_the_unit_head() -> None:
    duty = RULEBOOK.duty("R14.2")
    assert demands(duty) == (Role.UNIT_HEAD, each(Tier.STRATEGIC, Tier.KEY), CALL, "1 week", 1)
    assert duty.article == "第十四条（三）2"


def test_ordinary_customers_are_phoned_monthly_by_the_unit_head() -> None:
    """业务单位负责人与一般客户每月至少一次电话沟通。"""
    duty = RULEBOOK.duty("R14.3")
    assert demands(duty) == (Role.UNIT_HEAD, each(Tier.ORDINARY), CALL, "1 month", 1)
    assert duty.article == "第十四条（三）2"


def test_strategic_customers_are_phoned_monthly_by_the_vice_president_in_charge() -> None:
    duty = RULEBOOK.duty("R14.4")
    assert demands(duty) == (Role.VICE_PRESIDENT, each(Tier.STRATEGIC), CALL, "1 month", 1)
    assert duty.article == "第十四条（三）3"


def test_the_general_manager_phones_a_strategic_customer_of_own_choice_monthly() -> None:
    duty = RULEBOOK.duty("R14.5")
    assert demands(duty) == (Role.GENERAL_MANAGER, of_own_choice(Tier.STRATEGIC), CALL, "1 month", 1)
    assert duty.article == "第十四条（三）4"


def test_complaints_are_handled_on_site_within_24_hours_in_the_province_and_48_outside() -> None:
    deadline = RULEBOOK.deadline
    assert (deadline.in_province, deadline.out_of_province) == (24 * HOUR, 48 * HOUR)
    assert (deadline.id, deadline.article) == ("R16.1", "第十六条（三）3")


def test_progress_is_reported_to_department_and_customer_twice_in_every_7_days() -> None:
    progress = RULEBOOK.progress
    assert (progress.to, progress.times, progress.within) == (("department", "customer"), 2, timedelta(days=7))
    assert (progress.id, progress.article) == ("R16.2", "第十六条（三）2")


def test_every_type_of_complaint_has_its_department() -> None:
    assert RULEBOOK.routing.departments == {
        ComplaintType.QUALITY: Role.QUALITY,
        ComplaintType.SERVICE: Role.SALES_DEPT,
        ComplaintType.SHIPPING: Role.LOGISTICS,
        ComplaintType.PAYMENT: Role.FINANCE,
        ComplaintType.OTHER: Role.SALES_DEPT,
    }


def test_a_claim_of_100000_yuan_is_large() -> None:
    threshold = RULEBOOK.thresholds.large_claim
    assert (threshold.amount, threshold.article) == (100_000, "第十六条（四）")


def test_the_office_records_the_meetings_decision_about_a_major_complaint_in_three_working_days() -> None:
    meeting = RULEBOOK.meeting
    assert meeting is not None
    assert (meeting.work_days, meeting.article) == (3, "第十六条（四）")
    assert [step.tell for step in RULEBOOK.ladder(meeting.ladder).steps] == [
        (Who.OWNER,),
        (Who.OWNER, Who.GENERAL_MANAGER),
    ]


def test_everybody_who_complained_is_called_back_30_days_after_closing_at_the_latest() -> None:
    callback = RULEBOOK.callback
    assert (callback.after_closing, callback.article) == (timedelta(days=30), "第十七条（三）1")


@pytest.mark.parametrize(("row", "who"), [("R17.2a", Role.VICE_PRESIDENT), ("R17.2b", Role.UNIT_HEAD)])
def test_every_strategic_customer_is_visited_yearly_by_vice_president_and_unit_head_each(row: str, who: Role) -> None:
    duty = RULEBOOK.duty(row)
    assert demands(duty) == (who, each(Tier.STRATEGIC), ON_SITE, "1 year", 1)
    assert duty.article == "第十七条（三）2"


@pytest.mark.parametrize(("row", "who"), [("R17.3a", Role.CHAIRMAN), ("R17.3b", Role.GENERAL_MANAGER)])
def test_chairman_and_general_manager_each_visit_a_strategic_customer_of_own_choice_yearly(row: str, who: Role) -> None:
    duty = RULEBOOK.duty(row)
    assert demands(duty) == (who, of_own_choice(Tier.STRATEGIC), ON_SITE, "1 year", 1)
    assert duty.article == "第十七条（三）2"


def test_every_key_customer_is_visited_yearly_by_the_unit_head() -> None:
    duty = RULEBOOK.duty("R17.4")
    assert demands(duty) == (Role.UNIT_HEAD, each(Tier.KEY), ON_SITE, "1 year", 1)
    assert duty.article == "第十七条（三）3"


def test_the_unit_head_visits_five_ordinary_customers_of_own_choice_a_year() -> None:
    duty = RULEBOOK.duty("R17.5")
    assert demands(duty) == (Role.UNIT_HEAD, of_own_choice(Tier.ORDINARY), ON_SITE, "1 year", 5)
    assert duty.article == "第十七条（三）4"


def test_an_ordinary_customer_whom_the_unit_head_did_not_visit_is_visited_in_two_years_by_the_salesperson() -> None:
    duty = RULEBOOK.duty("R17.6")
    assert demands(duty) == (Role.SALESPERSON, each(Tier.ORDINARY), ON_SITE, "2 years", 1)
    assert duty.relieved_by == "R17.5"
    assert duty.article == "第十七条（三）4"


def test_what_was_promised_is_a_clock() -> None:
    assert (RULEBOOK.promise.article, RULEBOOK.promise.ladder) == ("第二十六条（三）5", "promise")


@pytest.mark.parametrize(
    ("name", "amount", "article"),
    [("contract_approval", 100_000, "第二十八条（一）"), ("new_customer_contract", 50_000, "第二十八条（二）")],
)
def test_contracts_over_a_threshold_ask_for_more(name: str, amount: int, article: str) -> None:
    threshold = getattr(RULEBOOK.thresholds, name)
    assert (threshold.amount, threshold.article) == (amount, article)


def test_a_reminder_can_be_put_off_three_times() -> None:
    assert RULEBOOK.reminder.max_snoozes == 3


def test_a_duty_per_customer_and_a_duty_in_all_are_told_apart() -> None:
    in_all = {duty.id for duty in RULEBOOK.duties if not duty.each}
    assert in_all == {"R14.1", "R14.5", "R17.3a", "R17.3b", "R17.5"}


def climbs(ladder: str) -> list[tuple[str, set[Who], bool]]:
    return [(str(step.at), set(step.tell), step.night) for step in RULEBOOK.ladder(ladder).steps]


def test_an_unanswered_complaint_climbs_to_the_general_manager() -> None:
    unit = {Who.HANDLER, Who.UNIT_HEAD}
    company = unit | {Who.SALES_DEPT, Who.VICE_PRESIDENT}
    assert climbs("complaint") == [
        ("50%", {Who.HANDLER}, False),
        ("80%", unit, True),
        ("100%", company, True),
        ("+4h", company | {Who.GENERAL_MANAGER}, False),
    ]
    last = RULEBOOK.ladder("complaint").steps[-1]
    assert (last.every, last.until, last.again_after) == (4 * HOUR, "acknowledged", 8 * HOUR)


def test_an_overdue_duty_climbs_to_the_superiors_superior() -> None:
    assert climbs("overdue duty") == [
        ("due", {Who.OWNER}, False),
        ("+2 workdays", {Who.OWNER, Who.SUPERIOR}, False),
        ("+5 workdays", {Who.OWNER, Who.SUPERIOR, Who.SUPERIORS_SUPERIOR}, False),
    ]


def test_every_entry_cites_its_article_and_says_so_in_both_languages() -> None:
    for entry in RULEBOOK.entries:
        assert entry.article.startswith("第"), entry.id
        assert "用户" not in entry.says + entry.article, entry.id  # the corrected wording
        assert entry.says_en.isascii(), entry.id
        assert RULEBOOK.entry(entry.id) is entry


def test_entries_come_in_the_order_of_the_articles() -> None:
    ids = [entry.id for entry in RULEBOOK.entries]
    assert ids[:10] == ["R7.6", "R7.6b", "R9.2", "R9.2b", "R12.1", "R12.2", "R12.2b", "R12.3", "R14.1", "R14.2"]
    assert ids[10:17] == ["R14.3", "R14.4", "R14.5", "R14.6", "R14.7", "R14.8", "R14.8b"]
    assert ids[17:22] == ["R15.5", "R15.5b", "R15.5c", "R16", "R16.1"]
    assert ids[-6:] == ["R28.2", "R30.1", "R30.2", "R31.1", "R31.2", "R31.3"]


def test_logs_go_to_the_unit_head_units_report_to_the_sales_department_and_it_to_leaders_every_month() -> None:
    book = RULEBOOK
    rows = [each for each in (book.monthly_log, book.monthly_unit, book.monthly_company) if each is not None]
    assert [(each.id, each.who, each.within_workdays) for each in rows] == [
        ("R14.6", "salesperson", 3),
        ("R14.7", "unit_head", 5),
        ("R14.8b", "sales_dept", 8),
    ]
    assert {(each.article, str(each.every)) for each in rows} == {("第十四条 注", "1 month")}


def test_five_departments_say_what_they_think_of_a_proposed_tier() -> None:
    rule = RULEBOOK.tier_opinion
    assert rule is not None
    assert rule.departments == ("sales_dept", "finance", "technical", "enterprise", "unit_head")
    assert (rule.article, rule.work_hours) == ("第十二条（二）", 16)


def test_the_meeting_decides_on_strategic_and_key_tiers_and_they_alone_may_hold_preferences() -> None:
    decision, preference = RULEBOOK.tier_decision, RULEBOOK.preference
    assert decision is not None
    assert preference is not None
    assert decision.meeting == preference.tiers == (Tier.STRATEGIC, Tier.KEY)
    assert preference.article == "第十二条（三）"


def test_a_rule_that_the_company_removed_is_not_found() -> None:
    with pytest.raises(KeyError):
        RULEBOOK.duty("R14.9")


@pytest.mark.parametrize(
    ("span", "text"),
    [(4 * HOUR, "4h"), (48 * HOUR, "48h"), (timedelta(days=7), "7 days"), (timedelta(days=30), "30 days")],
)
def test_a_span_is_written_as_it_is_read(span: timedelta, text: str) -> None:
    assert write_span(span) == text


def test_the_period_of_a_duty_is_a_value() -> None:
    assert RULEBOOK.duty("R17.6").every == Every.parse("2 years")


def test_progress_is_asked_for_a_day_ahead_then_goes_to_the_unit_head_and_to_the_superior() -> None:
    unit = {Who.HANDLER, Who.UNIT_HEAD}
    assert climbs("progress") == [
        ("-24h", {Who.HANDLER}, False),
        ("100%", unit, False),
        ("+24h", unit | {Who.SUPERIOR, Who.VICE_PRESIDENT, Who.SALES_DEPT}, False),
    ]


def test_an_anomaly_reaches_company_leaders_by_itself_after_2_hours() -> None:
    anomaly = RULEBOOK.anomaly
    assert anomaly is not None
    assert (anomaly.id, anomaly.article, anomaly.within) == ("R14.8", "第十四条 注", 2 * HOUR)
    assert climbs("anomaly") == [("100%", {Who.VICE_PRESIDENT, Who.GENERAL_MANAGER, Who.CHAIRMAN}, True)]


def test_customers_are_asked_every_half_year_by_10_july_and_10_january() -> None:
    rule = RULEBOOK.survey
    assert rule is not None
    halves = [Half.of(date(2026, 3, 1)), Half.of(date(2026, 11, 23))]
    days = [(rule.done_by(each), rule.opens_on(each)) for each in halves]
    assert days == [(date(2026, 7, 10), date(2026, 6, 10)), (date(2027, 1, 10), date(2026, 12, 10))]
    assert [each.id for each in rule.questions] == ["quality", "price", "service", "words"]
    assert rule.article == "第十五条（五）"


HALF_DUE = [
    # on this day the next date to be kept is that of which half-year
    ("2026-07-10", "2026-H1"),
    ("2026-07-11", "2026-H2"),
    ("2027-01-10", "2026-H2"),
    ("2027-01-11", "2027-H1"),
]


@pytest.mark.parametrize(("day", "half"), HALF_DUE)
def test_a_survey_is_due_until_its_date(day: str, half: str) -> None:
    assert RULEBOOK.survey is not None
    found = RULEBOOK.survey.half_due(date.fromisoformat(day))
    assert found.name == half
    assert Half.named(half) == found == found.before.after
