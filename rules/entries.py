"""The tables of the rulebook, as they are written in rulebook.toml. Every one cites the article that it rests on."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from rules.fields import Count, EntryError, MonthDay, Period, Rule, Span, Text, YesNo
from rules.file_parts import Filed, FilePart
from rules.halves import Half
from rules.ladder import Ladder
from rules.roles import Channel, ComplaintType, Role, Tier


class Article(Rule):
    """Something the company's rules demand: what people are told when they ask why."""

    id: Text  # a row name, such as R14.3
    article: Text  # the exact citation
    short: Text  # a few words for lists
    short_en: Text
    says: Text
    says_en: Text


class Whom(Rule):
    """The customers that a duty is about: all of some tiers, or some of them by the choice of the one who owes it."""

    tier: Annotated[tuple[Tier, ...], Field(min_length=1)]
    own_choice: YesNo = False


class Duty(Article):
    """A contact that is owed in every cycle by a post (articles 14 and 17)."""

    who: Role
    whom: Whom | None = None  # None: no customer in particular
    how: Annotated[tuple[Channel, ...], Field(min_length=1)] = tuple(Channel)  # any of these counts
    every: Period
    count: Count = 1  # so many in every cycle
    relieved_by: Text | None = None  # nothing is owed for a customer for whom that other duty was done in the cycle
    ladder: Text

    @property
    def each(self) -> bool:
        """Owed for every single customer, not so many in all."""
        return self.whom is not None and not self.whom.own_choice

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return self.whom.tier if self.whom else ()


class Deadline(Article):
    """The on-site limit of a complaint, in hours on the clock from 受理时间."""

    in_province: Span
    out_of_province: Span
    ladder: Text


class Progress(Article):
    """So many reports of progress within every span, to each of those named, until the complaint is closed."""

    to: Annotated[tuple[Literal["department", "customer"], ...], Field(min_length=1)]
    times: Count
    within: Span
    at_most: Span = timedelta(days=30)  # the longest interval that may be agreed upon with a customer
    ladder: Text


class Handling(Article):
    """The time limit that the department in charge sets for the responsible unit (处理时限), a clock beside the on-site limit."""

    ladder: Text


class Approval(Article):
    """How long a decision may take, in hours of working time, before those above are told too."""

    work_hours: Count
    ladder: Text


class Unanswered(Article):
    """How many working days an inquiry may go without an answer or a promised date, before whoever owns it is reminded."""

    workdays: Count
    ladder: Text


class Reason(Rule):
    """One of the reasons for which a limit may be paused."""

    id: Text
    says: Text
    says_en: Text


class Pause(Article):
    """For which reasons a limit may be paused (中止计时), and for how long at most at a time."""

    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    at_most: Span


class Callback(Article):
    """The callback to everybody who complained: by 31 December, or some days after closing, whichever is later."""

    who: Role
    after_closing: Span
    ladder: Text


class Anomaly(Article):
    """An anomaly that a contact reports: the unit head and the sales department hear of it at once, company leaders by the sales
    department or, `within` that time on the clock without a decision of theirs, by the ladder."""

    within: Span
    ladder: Text


class Round(Article):
    """What a post owes again and again: each such period, so many working days after its end."""

    who: Role
    every: Period
    within_workdays: Count
    ladder: Text


class ProblemRegister(Round):
    """The problems that customers reported, sorted and analysed by every unit."""


class MonthlyReport(Round):
    """The log of a person, the report of a unit, or that of the company."""


class CallbackPlan(Round):
    """A unit's plan of the year's callbacks, handed in at its beginning."""


class Assessment(Round):
    """What the sales department makes of the callbacks of a quarter."""


class SpotCheck(Round):
    """Of the on-site entries of a period the sales department asks so many per cent of the customers by phone."""

    percent: Annotated[StrictInt, Field(ge=1, le=100)]


class ScoreCriterion(Rule):
    """What a unit is scored by, and how much of a hundred it is worth."""

    id: Literal["coverage", "plan", "limits", "progress", "callbacks", "prompt", "handed_in", "confirmed"]
    weight: Annotated[StrictInt, Field(ge=1, le=100)]
    says: Text
    says_en: Text


class Scoring(Round):
    """The score sheet of every unit; its head may appeal within so many working days of its publication."""

    appeal_workdays: Count
    criteria: Annotated[tuple[ScoreCriterion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _a_hundred_in_all(self) -> Self:
        if (found := sum(each.weight for each in self.criteria)) != 100:
            raise EntryError("weights", at=("criteria",), value=str(found))
        return self


class Appeal(Article):
    """Within how many working days an appeal against a score is decided, and by whom: never by who scored."""

    who: Role
    workdays: Count
    ladder: Text


class Promise(Article):
    """The next step that was promised, with its date."""

    ladder: Text


class Threshold(Article):
    """An amount, in CNY, from which more is asked."""

    amount: Annotated[StrictInt, Field(ge=1)]


class Thresholds(Rule):
    large_claim: Threshold
    contract_approval: Threshold
    new_customer_contract: Threshold


class Meeting(Article):
    """Within how many working days the office puts on record what the general manager's meeting decided about a major complaint."""

    work_days: Count
    ladder: Text


class Routing(Article):
    """Which department is in charge of which type of complaint."""

    departments: dict[ComplaintType, Role]

    @model_validator(mode="after")
    def _every_type(self) -> Self:
        missing = [kind.value for kind in ComplaintType if kind not in self.departments]
        if missing:
            raise EntryError("missing", at=("departments",), name=missing[0])
        return self


class CustomerFileParts(Article):
    """What belongs into a customer's file, by tier: its completeness (7/9) is counted over these."""

    parts: dict[Tier, tuple[FilePart, ...]]


class FileGap(Article):
    """A gap in a key file is a duty of the customer's owner, from when it is noticed."""

    tiers: tuple[Tier, ...]
    workdays: Count
    ladder: Text


class PaperExpiry(Article):
    """How long before a paper expires its owner is reminded."""

    before: Span
    ladder: Text


class FileOpening(Article):
    """How long an approved request opens confidential parts, and after how long what was shown is deleted from the chat."""

    hours: Annotated[StrictInt, Field(ge=1, le=8)]
    shown_minutes: Annotated[StrictInt, Field(ge=5, le=480)]


class FileReview(Article):
    """A file that nobody touched for so long is put before its owner."""

    after: Span
    ladder: Text


class Filing(Article):
    """Which changes of a customer's file are filed with the sales department, and within how many working days it takes new
    customers, changes and transfers on record; what it returned is mended in the same time."""

    changes: tuple[Filed, ...]
    workdays: Count
    ladder: Text


class Accepting(Article):
    """How many working days the heads of two units have for a transfer between them."""

    workdays: Count
    ladder: Text


class Criterion(Rule):
    """Which customers belong to a tier."""

    says: Text
    says_en: Text


class TierCriteria(Article):
    """Which customers belong to which tier: shown to whoever proposes, gives an opinion or decides."""

    criteria: dict[Tier, Criterion]

    @model_validator(mode="after")
    def _every_tier(self) -> Self:
        missing = [tier.value for tier in Tier if tier not in self.criteria]
        if missing:
            raise EntryError("missing", at=("criteria",), name=missing[0])
        return self


class TierOpinion(Approval):
    """Which departments say what they think of a proposed tier or preference, each within so many hours of working time."""

    departments: Annotated[tuple[Role, ...], Field(min_length=1)]


class TierDecision(Approval):
    """Within how long it is decided once all opinions are in: by the general manager's meeting for every preference, and where one
    of these tiers is left or reached; else by the sales department."""

    meeting: Annotated[tuple[Tier, ...], Field(min_length=1)]


class PreferenceRule(Article):
    """Customers of which tiers may hold preferences; the ladder reminds before one ends, and says that it has ended."""

    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    ladder: Text


class Question(Rule):
    """One question of a satisfaction survey: a mark from 1 to 5, or free words."""

    id: Text
    kind: Literal["score", "text"]
    says: Text
    says_en: Text


class SurveyRule(Article):
    """The satisfaction survey of every half-year: of whom, what is asked, when it is opened and by when units are done with it. A
    link to the page is good for so many days; means of fewer answers than `fewest` are not compared."""

    who: Role
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    opens: tuple[MonthDay, MonthDay]
    finish: tuple[MonthDay, MonthDay]
    link_days: Annotated[StrictInt, Field(ge=1, le=60)]
    fewest: Count
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=8)]
    ladder: Text

    def opens_on(self, half: Half) -> date:
        return half.day(*self.opens[half.number - 1])

    def done_by(self, half: Half) -> date:
        return half.day(*self.finish[half.number - 1])

    def half_due(self, today: date) -> Half:
        """Whose date comes next."""
        current = Half.of(today)
        return current.before if today <= self.done_by(current.before) else current

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        ids = [each.id for each in self.questions]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise EntryError("twice", at=("questions",), value=twice)
        if all(each.kind != "score" for each in self.questions):
            raise EntryError("no_score", at=("questions",))
        return self


class SurveyPlan(Article):
    """Within how many working days the sales department opens a survey, and, after the units' date, puts its plan before the
    leaders."""

    workdays: Count
    ladder: Text


class Reminder(Rule):
    max_snoozes: Annotated[StrictInt, Field(ge=0)]


class Correction(Rule):
    """How long one's own entry can be taken back, and until which working day of the next month it can be corrected."""

    undo_minutes: Annotated[StrictInt, Field(ge=0)] = 10
    until_workday: Annotated[StrictInt, Field(ge=1, le=15)] = 5


class RulebookFile(Rule):
    duty: tuple[Duty, ...]
    deadline: Deadline
    progress: Progress
    handling: Handling | None = None  # None: the department's limit is on the card, and nobody is told
    approval: Approval | None = None  # None: decisions take as long as they take
    handover: Approval | None = None  # None: a hand-over waits as long as it waits
    unanswered: Unanswered | None = None  # None: nobody is reminded of an inquiry that was not answered
    pause: Pause | None = None  # None: no limit can be paused
    callback: Callback
    meeting: Meeting | None = None  # None: the decision can be recorded, and nobody is reminded
    anomaly: Anomaly | None = None  # None: leaders are told by the button only
    problem_register: ProblemRegister | None = None  # None: nobody owes an analysis
    callback_plan: CallbackPlan | None = None  # None: nobody hands in a plan
    assessment: Assessment | None = None  # None: nobody owes one
    spot_check: SpotCheck | None = None  # None: nothing is drawn
    scoring: Scoring | None = None  # None: units are not scored
    appeal: Appeal | None = None  # None: an appeal waits as long as it waits
    monthly_log: MonthlyReport | None = None  # None: no monthly reports at all
    monthly_unit: MonthlyReport | None = None  # None: what salespersons hand in goes no further
    monthly_company: MonthlyReport | None = None  # None: what units send in goes no further
    promise: Promise
    customer_file: CustomerFileParts | None = None  # None: completeness is not counted
    file_gap: FileGap | None = None  # None: gaps are shown, and nobody is reminded
    paper_expiry: PaperExpiry | None = None  # None: nobody is reminded of papers that expire
    file_opening: FileOpening | None = None  # None: a request opens a file for 8 hours, what is shown stays an hour
    file_review: FileReview | None = None  # None: old files are not put before anybody
    filing: Filing | None = None  # None: new customers are filed, changes are not, and nobody is reminded
    transfer: Accepting | None = None  # None: a transfer between units waits as long as it waits
    tier_criteria: TierCriteria | None = None  # None: no criteria are shown
    tier_opinion: TierOpinion | None = None  # None: no department is asked
    tier_decision: TierDecision | None = None  # None: the meeting decides everything, and nobody is reminded
    preference: PreferenceRule | None = None  # None: no preferences are held
    survey: SurveyRule | None = None  # None: there are no surveys
    survey_plan: SurveyPlan | None = None  # None: nobody reminds the sales department
    survey_approval: Approval | None = None  # None: a plan waits as long as it waits
    routing: Routing
    thresholds: Thresholds
    reminder: Reminder
    correction: Correction = Correction()  # a rulebook from before it was written there
    ladder: tuple[Ladder, ...]
