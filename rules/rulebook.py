"""The rulebook: the company's rules as data. Loaded whole or refused with every mistake named by its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from rules.entries import (
    Accepting,
    Anomaly,
    Appeal,
    Approval,
    Article,
    Assessment,
    Callback,
    CallbackPlan,
    Correction,
    CustomerFileParts,
    Deadline,
    Duty,
    FileGap,
    FileOpening,
    FileReview,
    Filing,
    Handling,
    Meeting,
    MonthlyReport,
    PaperExpiry,
    Pause,
    PreferenceRule,
    ProblemRegister,
    Progress,
    Promise,
    Reminder,
    Routing,
    RulebookFile,
    Scoring,
    SpotCheck,
    SurveyPlan,
    SurveyRule,
    Thresholds,
    TierCriteria,
    TierDecision,
    TierOpinion,
    Unanswered,
)
from rules.ladder import Ladder
from rules.lines import Path, lines_of
from rules.problems import Finding, Problem, from_pydantic, from_toml, unknown_name

FILES = ("customer_file", "file_gap", "paper_expiry", "file_opening", "file_review")
"""The tables about customers' files (articles 30 and 31)."""
FILINGS = ("filing", "transfer")
"""The tables about what is filed with the sales department (article 9)."""
REVIEWS = ("callback_plan", "assessment", "spot_check", "scoring", "appeal")
"""The tables about how callbacks are planned and units are looked at (articles 3, 7 and 17)."""
REPORTS = ("monthly_log", "monthly_unit", "monthly_company")
"""The tables about monthly reports (article 14)."""
SURVEYS = ("survey", "survey_plan", "survey_approval")
"""The tables about satisfaction surveys (article 15)."""
TIERS = ("tier_criteria", "tier_opinion", "tier_decision", "preference")
"""The tables about tiers and preferences (article 12)."""


class RulebookError(ValueError):
    """The rulebook can't be used; `problems` says where and what was expected."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Rulebook:
    """The rules of one version. `entries` is every row that cites an article, in the articles' order."""

    duties: tuple[Duty, ...]
    deadline: Deadline
    progress: Progress
    handling: Handling | None
    approval: Approval | None
    handover: Approval | None
    unanswered: Unanswered | None
    pause: Pause | None
    meeting: Meeting | None
    callback: Callback
    anomaly: Anomaly | None
    problem_register: ProblemRegister | None
    callback_plan: CallbackPlan | None
    assessment: Assessment | None
    spot_check: SpotCheck | None
    scoring: Scoring | None
    appeal: Appeal | None
    monthly_log: MonthlyReport | None
    monthly_unit: MonthlyReport | None
    monthly_company: MonthlyReport | None
    promise: Promise
    customer_file: CustomerFileParts | None
    file_gap: FileGap | None
    paper_expiry: PaperExpiry | None
    file_opening: FileOpening | None
    file_review: FileReview | None
    filing: Filing | None
    transfer: Accepting | None
    tier_criteria: TierCriteria | None
    tier_opinion: TierOpinion | None
    tier_decision: TierDecision | None
    preference: PreferenceRule | None
    survey: SurveyRule | None
    survey_plan: SurveyPlan | None
    survey_approval: Approval | None
    routing: Routing
    thresholds: Thresholds
    reminder: Reminder
    correction: Correction
    ladders: Mapping[str, Ladder]
    entries: tuple[Article, ...]

    def duty(self, id_: str) -> Duty:
        """The duty of that row name (R14.3); KeyError when the company has no such duty any more."""
        return {duty.id: duty for duty in self.duties}[id_]

    def ladder(self, id_: str) -> Ladder:
        return self.ladders[id_]

    def entry(self, id_: str) -> Article:
        """The row of that name, of whatever kind; KeyError when there is none."""
        return {entry.id: entry for entry in self.entries}[id_]


def load(text: str, name: str = "rulebook.toml") -> Rulebook:
    """Read the text of a rulebook; RulebookError with every problem found, each with its line in the file `name`."""
    text = text.removeprefix("\ufeff")  # written by some Windows editors
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError((from_toml(error, name, text),)) from None
    lines = lines_of(text)
    file, findings = _validate(data)
    if file is not None:
        findings = [*_unknown_references(file), *_duplicates(file, lines)]
    if file is None or findings:
        problems = (finding.at(name, lines) for finding in findings)
        raise RulebookError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return _rulebook(file)


def _validate(data: Mapping[str, Any]) -> tuple[RulebookFile | None, list[Finding]]:
    try:
        return RulebookFile.model_validate(data), []
    except ValidationError as error:
        return None, from_pydantic(error, RulebookFile)


def _unknown_references(file: RulebookFile) -> Iterator[Finding]:
    ladders = [ladder.id for ladder in file.ladder]
    for path, entry in _articles(file):
        named = getattr(entry, "ladder", None)
        if named is not None and named not in ladders:
            yield unknown_name((*path, "ladder"), "unknown_ladder", named, ladders)
    duties = [duty.id for duty in file.duty]
    for number, duty in enumerate(file.duty):
        if duty.relieved_by is not None and duty.relieved_by not in duties:
            yield unknown_name(("duty", number, "relieved_by"), "unknown_duty", duty.relieved_by, duties)


def _duplicates(file: RulebookFile, lines: Mapping[Path, int]) -> Iterator[Finding]:
    rows = [(path, entry.id) for path, entry in _articles(file)]
    ladders: list[tuple[Path, str]] = [(("ladder", number), ladder.id) for number, ladder in enumerate(file.ladder)]
    for table in (rows, ladders):
        first: dict[str, Path] = {}
        for path, id_ in table:
            if id_ in first:
                line = lines[*first[id_], "id"]
                yield Finding((*path, "id"), "duplicate", {"value": id_, "line": str(line)})
            first.setdefault(id_, path)


def _articles(file: RulebookFile) -> Iterator[tuple[Path, Article]]:
    """Every row that cites an article, with its path in the file."""
    for number, duty in enumerate(file.duty):
        yield ("duty", number), duty
    single: Mapping[str, Article | None] = {
        "deadline": file.deadline,
        "progress": file.progress,
        "handling": file.handling,
        "approval": file.approval,
        "handover": file.handover,
        "unanswered": file.unanswered,
        "pause": file.pause,
        "meeting": file.meeting,
        "callback": file.callback,
        "anomaly": file.anomaly,
        "problem_register": file.problem_register,
        "promise": file.promise,
        **{name: getattr(file, name) for name in (*FILES, *FILINGS, *REPORTS, *TIERS, *REVIEWS, *SURVEYS)},
        "routing": file.routing,
    }
    for key, entry in single.items():
        if entry is not None:
            yield (key,), entry
    for key in Thresholds.model_fields:
        yield ("thresholds", key), getattr(file.thresholds, key)


def _rulebook(file: RulebookFile) -> Rulebook:
    entries = (entry for _, entry in _articles(file))
    return Rulebook(
        duties=file.duty,
        deadline=file.deadline,
        progress=file.progress,
        handling=file.handling,
        approval=file.approval,
        handover=file.handover,
        unanswered=file.unanswered,
        pause=file.pause,
        meeting=file.meeting,
        callback=file.callback,
        anomaly=file.anomaly,
        problem_register=file.problem_register,
        promise=file.promise,
        **{name: getattr(file, name) for name in (*FILES, *FILINGS, *REPORTS, *TIERS, *REVIEWS, *SURVEYS)},
        routing=file.routing,
        thresholds=file.thresholds,
        reminder=file.reminder,
        correction=file.correction,
        ladders={ladder.id: ladder for ladder in file.ladder},
        entries=tuple(sorted(entries, key=_in_order)),
    )


def _in_order(entry: Article) -> tuple[tuple[int, ...], str]:
    """R14.3 before R14.10, R17.2a before R17.2b."""
    return tuple(int(number) for number in re.findall(r"\d+", entry.id)), entry.id
