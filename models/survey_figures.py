"""What customers said, in figures: by question, tier and unit. Who could not be asked stands apart; few answers are not
compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final, TypeVar

from sqlmodel import Session, col, select

from models.customers import Customer
from models.people import key
from models.survey_asked import counts, within
from models.surveys import Campaign, Outcome, Surveyed, SurveyReply, latest
from rules.gate import Scope

K = TypeVar("K")
CONTENT: Final = 4
"""From this mark on a customer is content (满意)."""


@dataclass(frozen=True)
class Answer:
    """The newest word of one customer."""

    surveyed: Surveyed
    reply: SurveyReply

    @property
    def by_page(self) -> bool:
        return self.reply.by_id is None


@dataclass
class Tally:
    """The marks of one question."""

    marks: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.marks.total()

    @property
    def mean(self) -> float | None:
        total = sum(mark * times for mark, times in self.marks.items())
        return round(total / self.count, 2) if self.count else None

    @property
    def share(self) -> float | None:
        """满意率."""
        content = sum(times for mark, times in self.marks.items() if mark >= CONTENT)
        return content / self.count if self.count else None


def answers(
    session: Session, campaign: Campaign, scope: Scope, unit: int | None = None, tier: str | None = None
) -> list[Answer]:
    """Of each customer the newest reply, the answers in the order in which they came."""
    query = (
        select(Surveyed, SurveyReply)
        .join(SurveyReply, counts())
        .join(Customer, col(Customer.id) == col(Surveyed.customer_id))
        .where(Surveyed.matter_id == key(campaign.matter), within(scope))
    )
    query = query.where(Surveyed.unit_id == unit) if unit is not None else query
    query = query.where(Surveyed.tier == tier) if tier is not None else query
    return [Answer(*each) for each in session.exec(query.order_by(col(SurveyReply.id)))]


def by_question(found: Iterable[Answer], questions: Sequence[str]) -> dict[str, Tally]:
    tallies = {each: Tally() for each in questions}
    for answer in found:
        for name, mark in answer.reply.scores.items():
            if answer.reply.outcome == Outcome.ANSWERED and name in tallies:
                tallies[name].marks[mark] += 1
    return tallies


def together(tallies: Mapping[str, Tally]) -> Tally:
    """All marks of all questions."""
    return Tally(sum((each.marks for each in tallies.values()), Counter()))


def grouped(found: Iterable[Answer], by: Callable[[Answer], K]) -> dict[K, list[Answer]]:
    groups: dict[K, list[Answer]] = {}
    for each in found:
        groups.setdefault(by(each), []).append(each)
    return groups


def change(now: Tally, before: Tally | None, fewest: int) -> float | None:
    """By how much the mean changed since the last survey; None where either had too few answers to tell anything."""
    if before is None or min(now.count, before.count) < fewest:
        return None
    assert now.mean is not None and before.mean is not None, "there are answers"
    return round(now.mean - before.mean, 2)


def by_month(session: Session, zone: tzinfo, scope: Scope) -> dict[str, Tally]:
    """All marks of all surveys, by the month in which they were given (2026-12)."""
    months: dict[str, Tally] = {}
    for campaign in latest(session):
        for answer in answers(session, campaign, scope):
            month = f"{answer.reply.at.astimezone(zone):%Y-%m}"
            marks = together(by_question([answer], campaign.survey.scores)).marks
            months.setdefault(month, Tally()).marks += marks
    return {month: tally for month, tally in sorted(months.items()) if tally.count}
