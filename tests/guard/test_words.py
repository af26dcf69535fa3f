"""The catalogues say everything that the code asks for, alike in both languages, as HTML that Telegram takes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot.alarms import Alarm
from bot.service import COMMANDS
from dialogue.cases import STEPS
from dialogue.kinds import Choice, Text
from dialogue.making import ENDS, WAITING
from dialogue.rule_changes import PERIODS as PERIODS_SAID
from dialogue.rule_kinds import KNOWN
from handlers import DESK, charts, concern, exporting, merging, notifying, period_talks, tier_list
from handlers.asking import FOLLOWS
from handlers.file_keeping import ABOUT
from handlers.ledger import KINDS, PERIODS
from handlers.steps import EFFECTS
from models import (
    assessments,
    audit,
    carrying,
    doubles,
    filing_register,
    filings,
    findings,
    hand_overs,
    invitations,
    openings,
    reports,
    rule_changes,
    sealings,
    spot_checks,
    survey_links,
    tasks,
    transfers,
)
from models.amendments import KINDS as AMENDMENTS
from models.case_figures import AGES
from models.case_figures import EFFECTS as JUDGED
from models.concerns import State
from models.import_batches import NEW, SKIP
from models.import_guess import COLUMNS
from models.records import TALKS
from models.scores import CHANGED, UPHELD
from models.slots import MARKS, STATES, WAIVED
from models.steps import StepState
from models.survey_plans import MEASURE
from models.surveys import Outcome, SurveyState
from models.traces import KINDS as SEALED_KINDS
from papers import complaint_form, customer_file
from papers.charts import CHARTS
from papers.filings import HEADINGS as FILING_HEADINGS
from papers.period_words import FORMS
from papers.register import HEADINGS as REGISTER_HEADINGS
from papers.survey_page import BEST
from reading.arrangement import Why
from reading.arrangement_words import HOLIDAYS
from reading.dates import Direction
from reading.veil import Part
from rules import file_parts
from rules.changing import NUMBERS
from rules.claims import Ground, Lawsuit, Stage, Way
from rules.complaint import OVER, ComplaintState
from rules.file_parts import OTHER_PAPER, Filed, FilePart, Section
from rules.inquiry import InquiryKind, InquiryState
from rules.periods import KINDS as LENGTHS
from rules.roles import Channel, ComplaintType, Role, Tier
from rules.tiers import Benefit, Standing
from rules.tiers import Kind as Proposed
from rules.topics import OTHER, TOPICS
from scheduler.concerns import WATCHED
from scheduler.verifying import Kind
from simulator.markup import read_html
from words import LANGUAGES, Say, Value, Voice, catalogue_ids, say

ROOT = Path(__file__).parents[2]
HOUSE = ("bot", "dialogue", "handlers", "models", "papers", "scheduler", "words")
ROOMS = (*HOUSE, "docs", "simulator")
HOSTILE = '<b>&"</i>&amp;'
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday, 10:00 in Shanghai."""


def voice(language: str) -> Voice:
    return Voice(language, SHANGHAI, NOW)


# What the code asks for


@cache
def sources(room: str) -> tuple[ast.Module, ...]:
    return tuple(ast.parse(file.read_text(encoding="utf-8")) for file in sorted((ROOT / room).glob("*.py")))


def nodes(rooms: Collection[str] = ROOMS) -> Iterator[ast.AST]:
    return (node for room in rooms for module in sources(room) for node in ast.walk(module))


def asked() -> Iterator[ast.expr]:
    """The first argument of every say(…), Say(…), template(…) and word(…) in the code."""
    for node in nodes():
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("say", "Say", "template", "word"):
                yield node.args[0]


def literals(node: ast.AST) -> Iterator[str]:
    """The whole texts in an expression, without the pieces of f-strings."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))


def beginnings() -> set[str]:
    """How the f-strings among the asked ids begin: say(f"tier.{…}") begins with "tier."."""
    texts = [node.values[0] for node in asked() if isinstance(node, ast.JoinedStr)]
    return {str(text.value) for text in texts if isinstance(text, ast.Constant)}


def made(called: str, place: int = 0, keyword: str = "") -> set[str]:
    """The texts handed to calls of that name: `made("Attachment")` are the kinds of attachment that the house makes."""
    found = set()
    for node in nodes(HOUSE):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == called:
            given = (
                node.args[place : place + 1] if not keyword else [k.value for k in node.keywords if k.arg == keyword]
            )
            found |= {text for each in given for text in literals(each)}
    return found


def every(prefix: str, names: Iterable[object]) -> set[str]:
    return {f"{prefix}{each}" for each in names}


OF_REPORTS = ("figures.sheet.", "figures.note.", "figures.col.", "figures.key.", "figures.key_means.", "figures.means.",
              "figures.gap.", "figures.finding.")  # fmt: skip


def of_reports(prefix: str) -> set[str]:
    """What a report of a period is put together of: names that stand in its files, and their words."""
    files = [ast.parse(each.read_text(encoding="utf-8")) for each in (ROOT / "papers").glob("period_*.py")]
    constants = (node.value for file in files for node in ast.walk(file) if isinstance(node, ast.Constant))
    names = {str(each).lstrip("#") for each in constants}
    extra = {*WAIVED, *MARKS, *(f"effect_{each}" for each in JUDGED), "0", "1", "2", "3"}
    return {f"{prefix}{each}" for each in names | extra} & catalogue_ids("zh_CN")


FIELDS = [(form.name, field) for form in DESK.forms.values() for field in form.fields if not field.hidden]
KINDS_OF_TASK = (tasks.ANNOTATION, tasks.ORDER, tasks.FINDING, tasks.WORK, MEASURE)
DECISIONS = (UPHELD, CHANGED)
STEP_KINDS = tuple(FOLLOWS)
SAID_OF_CONCERNS = {State.ANSWERED, State.CLOSED}
CLASH = set(filings.Decision) - {filings.Decision.FILED}
NOTES = ("missing", "too_long", "busy")
WORDS = (*survey_links.Refusal, "thanks", "too_often", "too_large", "away", "bad")
"""What the page of a survey says above the form, and in its stead."""
UNITS = every("unit.", ("day", "hour", "minute", "piece", "time", "person", "customer"))
"""What is counted."""

ALSO_OF_A_FILE = ("card", "left_on", "review", "owner", "mergers")
"""What is on record or in an export beside the parts."""
REFUSALS = {each for each in made("RefusedError") if each.startswith("file_")} - {"file_missing"}
"""Why a list can't be read; one that was sent is always there."""

INQUIRED = {"inquiry", *made("_record")}
"""Entries of an inquiry."""

FAMILIES: dict[str, set[str]] = {
    "form.": every("form.", DESK.forms),
    "ask.": {f"ask.{form}.{field.name}" for form, field in FIELDS},
    "field.": {f"field.{field.name}" for _, field in FIELDS},
    "attachment.": every("attachment.", made("Attachment")),
    "button.": every("button.", (*STEPS, "topics", "anomalies")),
    "command.": every("command.", DESK.commands),
    "tier.": every("tier.", Tier),
    "channel.": every("channel.", Channel),
    "role.": every("role.", Role),
    "complaint_state.": every("complaint_state.", ComplaintState),
    "complaint_type.": every("complaint_type.", ComplaintType),
    "report_to.": {"report_to.department", "report_to.customer"},
    "story.": every(
        "story.",
        (
            *made("record"),
            *made("put"),
            *made("_put", 1),
            *INQUIRED,
            "assign",
            "hand_over",
            "refusal",
            "other",
            "change",
        ),
    ),
    "complaint_form.": every("complaint_form.", complaint_form.HEADINGS)
    | {f"complaint_form.{kind}_{name}" for kind, names in complaint_form.RESULT.items() for name in names}
    | every("complaint_form.", ("in_province", "out_of_province", "running", "over", "satisfied", "not_satisfied")),
    "complaint_form.by_": every("complaint_form.by_", complaint_form.SIGNED_BY),
    "complaint_form.limit_": every("complaint_form.limit_", ("kept", "late")),
    "stopped.": every("stopped.", ("arrived", "answered", "resolved", "closed", "voided")),
    "wrong.when_": every("wrong.when_", Direction),
    "ball.": every("ball.", set(ComplaintState) - set(OVER)),
    "effect.": every("effect.", EFFECTS),
    "step.": every("step.", STEP_KINDS),
    "opinion_line.": every("opinion_line.", StepState),
    "handed_line.": every("handed_line.", StepState),
    "inquiry_kind.": every("inquiry_kind.", InquiryKind),
    "inquiry_state.": every("inquiry_state.", InquiryState),
    "step_line.": every("step_line.", StepState),
    "vote_line.": every("vote_line.", StepState),
    "decide.": every("decide.", STEP_KINDS),
    "asked.": every("asked.", set(STEP_KINDS) - {"void", "consult", "evaluation", "resolution", "grading"}),
    "done.claim_": every("done.claim_", ("approved", "returned")),
    "way.": every("way.", Way),
    "ground.": every("ground.", Ground),
    "unsettled.": every("unsettled.", Stage),
    "told.": every("told.", Lawsuit),
    "complaint.limit_": every("complaint.limit_", ("in", "out")),
    "did.": every("did.", made("record", 3))
    | every("did.complaint.", made("_audit") | made("record") | made("put") | made("_put", 1))
    | every("did.inquiry.", INQUIRED)
    | every("did.decision.", findings.Decision)
    | {f"did.{kind}.{what}" for kind in TALKS for what in ("record", "correct", "withdraw")}
    | every("did.report.", made("_note") | every("hand_in_", reports.Kind))
    | {f"did.{kind}.{what}" for kind in KINDS_OF_TASK for what in ("give", "acknowledge", "answer")}
    | every("did.filing.", {*filings.Decision, "return", "again"})
    | every("did.transfer.", {"ask", "release", "accept", *transfers.State} - {transfers.State.WAITING})
    | {f"did.{kind}.{what}" for kind in STEP_KINDS for what in ("ask", "approved", "returned", "pass_on")}
    | every("did.rule_change.", ("propose", "approve", "return", "withdraw", "in_force", "overtaken"))
    | every("did.proxy.", ("confirm", "deny"))
    | every("did.leave.", ("take", "change", "end", "call_off"))
    | {f"did.{kind}.hand_over" for kind in ("customer", "complaint", "inquiry", "task", "entry")}
    | every("did.staff.", ("leave_ask", "leave_refuse", "leave"))
    | every("did.", (openings.OPENED, openings.EXPORTED))
    | {f"did.{audit.SEALING}", f"did.{sealings.DONE}"},
    "file_part.": every("file_part.", (*FilePart, *Filed, *Section, OTHER_PAPER, *ABOUT, *ALSO_OF_A_FILE)),
    "file_kind.": every("file_kind.", file_parts.KINDS),
    "file_ground.": every("file_ground.", made("Ground") | {"owner", "custodian", "post"}),
    "file.column_": every("file.column_", customer_file.HEADINGS),
    "button.set_": every("button.set_", ABOUT),
    "hidden.": every("hidden.", set(Part) - {Part.NAME}),
    "sealed.": every("sealed.", SEALED_KINDS),
    "sealing_state.": every("sealing_state.", ("asked", "refused", "sealing", "sealed")),
    "flaw.": every("flaw.", Kind),
    "alarm.": every("alarm.", Alarm),
    "alarm_kind.": every("alarm_kind.", Alarm),
    "concern.": every("concern.", WATCHED),
    "concern_kind.": every("concern_kind.", concern.KINDS),
    "concern_state.": every("concern_state.", State),
    "concern.said_": every("concern.said_", SAID_OF_CONCERNS),
    "concern.told_": every("concern.told_", SAID_OF_CONCERNS),
    "did.concern.": every("did.concern.", set(State) - {State.RECEIVED}),
    "status.mode_": every("status.mode_", ("polling", "webhook")),
    "ledger.": every("ledger.", (*KINDS, "open", "closed", "customers")),
    "period.": every("period.", PERIODS),
    "amendments.": every("amendments.", AMENDMENTS),
    "register.column.": every("register.column.", REGISTER_HEADINGS),
    "anomaly.": {"anomaly.reported", "anomaly.not_reported"},
    "button.log_": every("button.log_", ("phone", "visit")),
    "button.answer_": every("button.answer_", KINDS_OF_TASK),
    "task.": every("task.", KINDS_OF_TASK),
    "owed.": every("owed.", KINDS_OF_TASK),
    "task_state.": every("task_state.", ("new", "seen", "late", "answered")),
    "suggest.long_": every("suggest.long_", ("called", "visited")),
    "suggest.never_": every("suggest.never_", ("called", "visited")),
    "button.clash_": every("button.clash_", CLASH),
    "filing.original_": every("filing.original_", CLASH),
    "filing.told_": every("filing.told_", CLASH),
    "filing.outcome_": every("filing.outcome_", {*filings.Decision, "returned", "waiting"}),
    "filing.short_": every("filing.short_", filings.Kind),
    "owed.filing_": every("owed.filing_", ("waiting", "returned")),
    "transfer.state_": every("transfer.state_", transfers.State),
    "transfer.which_": every("transfer.which_", ("tier", "province", "owner")),
    "button.transfer_": every("button.transfer_", ("release", "accept")),
    "filing_kind.": every("filing_kind.", filings.Kind),
    "filing_state.": every("filing_state.", filing_register.STATES),
    "filing_": every("filing_kind.", filings.Kind) | every("filing_state.", filing_register.STATES),
    "filings.which_": every("filings.which_", ("kind", "state")),
    "filings.column.": every("filings.column.", FILING_HEADINGS),
    "button.filings_": every("button.filings_", ("kind", "state")),
    "carried.": every("carried.", carrying.GOES),
    "doubt.": every("doubt.", Why),
    "holiday.": every("holiday.", HOLIDAYS),
    "weekday.": every("weekday.", map(str, range(7))),
    "coming.leave_": every("coming.leave_", ("begins", "ends")),
    "leave.outcome_": every("leave.outcome_", ("approved", "returned")),
    "newcomer.why_": every("newcomer.why_", doubles.Why),
    "enrol.": every("enrol.", invitations.Refusal),
    "held.": every("held.", hand_overs.KINDS),
    "unit.": UNITS,
    "merge.": {"merge.secret", "merge.same", "merge.codes", "merge.tier"},
    "benefit_kind.": every("benefit_kind.", Benefit),
    "tiers.title_": every("tiers.title_", Proposed),
    "tiers.news_": every("tiers.news_", (*Proposed, "refused")),
    "tiers.waits_": every("tiers.waits_", ("resolution", "grading")),
    "tiers.list_": every("tiers.list_", tier_list.LISTS),
    "button.tiers_": every("button.tiers_", tier_list.LISTS),
    "standing.": every("standing.", Standing),
    "merge.count_": every("merge.count_", merging.COUNTED),
    "export.": {f"export.{exporting.ALL}"},
    "import.": every("import.", (*COLUMNS, *REFUSALS)),
    "button.import_as_": every("button.import_as_", COLUMNS),
    "button.import_all_": every("button.import_all_", (SKIP, NEW)),
    "report.": every("report.", reports.Kind),
    "report.anomaly_": every("report.anomaly_", ("waiting", *findings.Decision, "by_itself"))
    - {"report.anomaly_no_complaint"},
    "report.doubt_": every("report.doubt_", ("late", "bare", "same")),
    "report.own_": every("report.own_", (reports.Kind.UNIT, reports.Kind.COMPANY)),
    "report.to_": every("report.to_", (reports.Kind.UNIT, reports.Kind.COMPANY)),
    "rule_key.": every("rule_key.", NUMBERS),
    "wrong.rule_": every("wrong.rule_", KNOWN),
    "rule_period.": every("rule_period.", PERIODS_SAID),
    "rule_change_state.": every("rule_change_state.", rule_changes.State),
    "rule_change.mark_": every("rule_change.mark_", ("in_force", "approved")),
    "effect.per_": every("effect.per_", ("week", "year")),
    "chart_kind.": every("chart_kind.", CHARTS),
    "period_name.": every("period_name.", LENGTHS),
    "numeral.": every("numeral.", range(1, 5)),
    "half_year.": every("half_year.", (1, 2)),
    **{prefix: of_reports(prefix) for prefix in OF_REPORTS},
    "figures.state.": every("figures.state.", STATES),
    "figures.mark.": every("figures.mark.", MARKS),
    "button.figures_": every("button.figures_", FORMS),
    "making.": every("making.", (*chain(*FORMS.values()), *ENDS, WAITING)),
    "topic.": every("topic.", (*TOPICS, OTHER)),
    "anomaly_state.": every("anomaly_state.", period_talks.STATES),
    "chart_rows.": every("chart_rows.", charts.BEHIND),
    "chart.age.": every("chart.age.", (*AGES, "older")),
    "chart.mark.": every("chart.mark.", charts.MARKED),
    "notify.": {"notify.on", "notify.off", *every("notify.", notifying.LISTS)},
    "half.": every("half.", ("1", "2")),
    "survey_state.": every("survey_state.", SurveyState),
    "survey_outcome.": every("survey_outcome.", Outcome),
    "survey_score.": every("survey_score.", map(str, range(1, BEST + 1))),
    "survey.ask_": every("survey.ask_", ("score", "text")),
    "page.": every("page.", (*NOTES, *WORDS)),
    "chart.satisfaction.": every("chart.satisfaction.", ("up", "down", "same")),
    "assessment.": every("assessment.", assessments.TEXTS),
    "assessment.mark.": every("assessment.mark.", ("bare", "late", "unconfirmed")),
    "planned_state.": every("planned_state.", ("asked", "approved", "late", "done")),
    "spot_result.": every("spot_result.", spot_checks.RESULTS),
    "score_state.": every("score_state.", ("draft", "published", "final", "appealed", *DECISIONS)),
    "score.decided_": every("score.decided_", DECISIONS),
}
"""What every id that is put together may become."""

OFFERED = {
    f"{field.kind.words}.{each}" for _, field in FIELDS if isinstance(field.kind, Choice) for each in field.kind.options
}
QUICK = {each for _, field in FIELDS if isinstance(field.kind, Text) for each in field.kind.quick}


def spoken() -> set[str]:
    """Every id that the code can ask for, written out or put together."""
    direct = {text for node in asked() for text in literals(node)}
    in_tables = {
        node.value
        for node in nodes()
        if isinstance(node, ast.Constant) and node.value in SAID and "." in str(node.value)
    }
    units = {f"unit.{spec.partition(' ')[2]}" for _, spec in specs("en") if spec.startswith("count ")}
    return direct | in_tables | units | OFFERED | QUICK | set().union(*FAMILIES.values())


def templates(language: str) -> dict[str, str]:
    return {key: voice(language).template(key) for key in sorted(catalogue_ids(language))}


def placeholders(template: str) -> list[tuple[str, str]]:
    """Each {name:spec} of a template."""
    return [(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None]


def specs(language: str) -> list[tuple[str, str]]:
    return [each for template in templates(language).values() for each in placeholders(template)]


SAID = catalogue_ids("zh_CN")
CHOSEN_BY_LANGUAGE = {"rule.says", "import.title", "coming.several", "time.day", "time.day_of_year"}
"""Filled alike in every language; each takes of it what it needs."""


# The catalogues agree


def test_both_languages_have_the_same_ids() -> None:
    assert catalogue_ids("zh_CN") ^ catalogue_ids("en") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_built_is_what_was_written(language: str) -> None:
    with (ROOT / "words" / language / "LC_MESSAGES" / "keguan.po").open("rb") as file:
        written = {message.id: message.string for message in read_po(file) if message.id}
    assert templates(language) == written, "run `python -m words`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty(language: str) -> None:
    assert [key for key, text in templates(language).items() if not text.strip()] == []


def test_both_languages_are_filled_with_the_same_values() -> None:
    chinese, english = templates("zh_CN"), templates("en")
    names = {key: [{name for name, _ in placeholders(each[key])} for each in (chinese, english)] for key in chinese}
    assert {key: pair for key, pair in names.items() if pair[0] != pair[1]}.keys() == CHOSEN_BY_LANGUAGE


def test_every_id_in_the_code_can_be_said() -> None:
    assert {text for node in asked() for text in literals(node)} - SAID == set()


def test_every_id_that_is_put_together_belongs_to_a_family_whose_members_are_known() -> None:
    assert beginnings() == FAMILIES.keys()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_can_be_said(family: str) -> None:
    assert FAMILIES[family], "an empty family proves nothing"
    assert FAMILIES[family] - SAID == set()


def test_every_answer_that_is_offered_can_be_said() -> None:
    assert OFFERED
    assert not (OFFERED | QUICK) - SAID


def test_nothing_in_the_catalogues_is_unused() -> None:
    assert SAID - spoken() == set()


# Every sentence is HTML that Telegram takes, whatever fills it


def filling(spec: str, text: str) -> Value:
    kind, _, rest = spec.partition(" ")
    match kind:
        case "when" | "left" | "day" | "by":
            return NOW
        case "count":
            return 2
        case "word":
            return next(key for key in SAID if key.startswith(f"{rest}.")).removeprefix(f"{rest}.")
        case "joined":
            return [text, text]
        case "phone":
            return "13800138000"
    return text


def filled(template: str, text: str) -> dict[str, Value]:
    return {name: filling(spec, text) for name, spec in placeholders(template)}


PIECES = {"time.weekdays", "time.months", "time.day", "time.day_of_year", "time.left", "time.over", "time.by"}
"""Said only as a part of something else, by `str.format`."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["胶管", HOSTILE], ids=["harmless", "hostile"])
def test_every_sentence_stays_html_whatever_fills_it(language: str, text: str) -> None:
    for key, template in templates(language).items():
        if key in PIECES:
            continue
        values = filled(template, text)
        read = read_html(voice(language)(Say(key, values))).text
        times = sum(
            2 if spec == "joined" else 1
            for _, spec in placeholders(template)
            if filling(spec, text) in (text, [text, text])
        )
        assert read.count(text) == times, f"{key}: {read}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_value_inside_another_message_is_escaped_once(language: str) -> None:
    inner = say("case.product", product=HOSTILE)
    outer = say("form.card", title=inner, above=None, lines=[inner, inner], remark=HOSTILE)
    assert read_html(voice(language)(outer)).text.count(HOSTILE) == 4
    assert voice(language).plain(say("text", text=HOSTILE)) == HOSTILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_unfilled_stands_in_a_sentence(language: str) -> None:
    for key, template in templates(language).items():
        if key not in PIECES:
            nothing = dict.fromkeys((name for name, spec in placeholders(template) if spec in ("", "line")), None)
            said = voice(language)(Say(key, {**filled(template, "x"), **nothing}))
            assert "None" not in said.replace("None recorded", "").replace(voice(language).word("nothing_said"), ""), (
                key
            )


TOASTS = {"button.old"}


def labels(language: str) -> dict[str, str]:
    """Every button as it looks, with the longest that may fill it."""
    speak = voice(language)
    title = max((speak.word(f"form.{each}") for each in DESK.forms), key=len)
    ids = {key for key in SAID if key.startswith("button.")} - TOASTS | OFFERED | QUICK
    return {key: speak.plain(say(key, number="TS-2026-0001", title=title)) for key in sorted(ids)}


@pytest.mark.parametrize(("language", "longest"), [("zh_CN", 20), ("en", 28)])
def test_buttons_are_short(language: str, longest: int) -> None:
    assert {key: text for key, text in labels(language).items() if len(text) > longest or "\n" in text} == {}


@pytest.mark.parametrize(("language", "longest"), [("zh_CN", 7), ("en", 18)])
def test_the_names_of_fields_fit_three_in_a_row(language: str, longest: int) -> None:
    names = {key: voice(language).word(key) for key in FAMILIES["field."]}
    assert {key: name for key, name in names.items() if len(name) > longest} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_of_a_complaint_and_of_a_question_differ_from_each_other(language: str) -> None:
    for together in (
        [*every("button.", STEPS), "button.detail", "button.ack"],
        ["button.save", "button.edit", "button.cancel", "button.back", "button.leave_empty"],
        ["button.log", "button.complain", "button.callback", "button.due", "button.rules", "button.customer"],
        ["button.earlier", "button.more"],
    ):
        words = [labels(language)[each] for each in together]
        assert len(set(words)) == len(words), words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_of_commands_fits_telegram(language: str) -> None:
    for name in COMMANDS:
        assert 1 <= len(voice(language).plain(say(f"command.{name}"))) <= 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_is_a_plain_word(language: str) -> None:
    for unit in UNITS:
        assert not placeholders(voice(language).template(unit)), unit
