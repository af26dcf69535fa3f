"""主题分析 and 异常统计: what customers talked about in a period, what became of the anomalies; the rows behind each a tap away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import col, select

from dialogue.forms import Flow
from dialogue.kinds import subject_of
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning
from handlers.period_report import Wanted, about, allowed, typed
from models.anomaly_figures import Anomaly, anomalies
from models.customers import Customer
from models.figures import View
from models.people import Staff, key
from models.records import Entry
from models.talk_figures import Talks
from papers.period_words import percent, reach_of
from rules.gate import Action
from rules.topics import OTHER, TOPICS
from words import Say, say

flow = Flow()
NEEDS: Final = Action.SEE_REPORTING
BOTH: Final = (NEEDS, Action.SEE_CUSTOMER)
"""For the rows: who may see the figures, and the customers."""
STATES: Final = ("waiting", "by_itself", "reported", "not_reported")
A_PAGE: Final = 8


def _talks(turn: Turn, wanted: Wanted) -> Talks:
    reach = reach_of(turn.session, turn.staff, turn.now, wanted.unit, BOTH)
    return Talks(View(turn.session, turn.house, wanted.of.span, reach, turn.now))


def _here(turn: Turn, period: str, unit: int | None) -> Wanted:
    return allowed(turn, Wanted(period, unit))


# Topics


@flow.command("topics", "主题分析", needs=NEEDS)
def topics_typed(turn: Turn, text: str) -> Reply:
    return typed(turn, text, "topics.show")


@flow.deed("topics.show", needs=NEEDS, slow=True)
def topics(turn: Turn, period: str, unit: int | None = None) -> Reply:
    return Reply(_topics(turn, _here(turn, period, unit)))


def _topics(turn: Turn, wanted: Wanted) -> Screen:
    """The most frequent first."""
    talks = _talks(turn, wanted)
    whole, count = talks.topics(), len(talks.all)
    names = sorted((each for each in (*TOPICS, OTHER) if whole[each]), key=lambda each: (each == OTHER, -whole[each]))
    lines = [_share(say(f"topic.{each}"), whole[each], count) for each in names]
    text = say("topics.list", about=about(turn, wanted), count=count, lines=lines or say("ledger.empty"))
    buttons = [Button(say(f"topic.{each}"), "topics.rows", {**wanted.args, "topic": each}) for each in names]
    other = Button(say("button.anomalies"), "anomalies.show", wanted.args)
    return Screen(text, (*columns(buttons, 3), (other, _back(wanted))))


def _share(name: Say, count: int, whole: int) -> Say:
    return say("topics.line", name=name, count=count, share=percent(count / whole))


def _back(wanted: Wanted) -> Button:
    return Button(say("button.other_time"), "figures.open", wanted.args)


@flow.deed("topics.rows", needs=NEEDS, slow=True)
def topic_rows(turn: Turn, period: str, topic: str, unit: int | None = None, page: int = 0) -> Reply:
    wanted = _here(turn, period, unit)
    if topic not in (*TOPICS, OTHER):
        raise NotAllowedError(NEEDS)
    found = [each.entry for each in _talks(turn, wanted).all if topic in each.topics]
    shown = _Page(wanted, len(found), page, "topics", {"topic": topic})
    return Reply(shown.screen(turn, say(f"topic.{topic}"), shown.of(found[::-1])))


# Anomalies


@flow.command("anomalies", "异常统计", needs=NEEDS)
def anomalies_typed(turn: Turn, text: str) -> Reply:
    return typed(turn, text, "anomalies.show")


@flow.deed("anomalies.show", needs=NEEDS, slow=True)
def anomalies_shown(turn: Turn, period: str, unit: int | None = None) -> Reply:
    return Reply(_anomalies(turn, _here(turn, period, unit)))


def _found(turn: Turn, wanted: Wanted) -> Sequence[Anomaly]:
    talks = _talks(turn, wanted)
    return anomalies(talks.view, talks)


def _anomalies(turn: Turn, wanted: Wanted) -> Screen:
    """By what became of them, what is undecided first; how long it took."""
    found = _found(turn, wanted)
    count = Counter(each.state for each in found)
    lines = [_state(each, [one for one in found if one.state == each]) for each in STATES if count[each]]
    rule = turn.house.rulebook.anomaly
    text = say(
        "anomalies.list",
        about=about(turn, wanted),
        count=len(found),
        lines=lines or say("ledger.empty"),
        article=rule.article if rule and found else None,
    )
    buttons = [
        Button(say(f"anomaly_state.{each}"), "anomalies.rows", {**wanted.args, "state": each})
        for each in STATES
        if count[each]
    ]
    other = Button(say("button.topics"), "topics.show", wanted.args)
    return Screen(text, (*columns(buttons, 2), (other, _back(wanted))))


def _state(state: str, found: Sequence[Anomaly]) -> Say:
    mean = sum(each.hours for each in found) / len(found)
    late = sum(each.kept is False for each in found)
    return say(
        "anomalies.line",
        name=say(f"anomaly_state.{state}"),
        count=len(found),
        hours=f"{mean:.1f}",
        late=say("anomalies.late", count=late) if late else None,
    )


@flow.deed("anomalies.rows", needs=NEEDS, slow=True)
def anomaly_rows(turn: Turn, period: str, state: str, unit: int | None = None, page: int = 0) -> Reply:
    wanted = _here(turn, period, unit)
    if state not in STATES:
        raise NotAllowedError(NEEDS)
    found = [each.entry for each in _found(turn, wanted) if each.state == state]
    shown = _Page(wanted, len(found), page, "anomalies", {"state": state})
    return Reply(shown.screen(turn, say(f"anomaly_state.{state}"), shown.of(found[::-1])))


# Rows of either


@dataclass(frozen=True)
class _Page:
    """A page of talks, the newest first, and how to turn it."""

    wanted: Wanted
    count: int
    asked: int
    flow: str
    which: Mapping[str, Any]

    @property
    def last(self) -> int:
        return max(0, (self.count - 1) // A_PAGE)

    @property
    def page(self) -> int:
        return max(0, min(self.asked, self.last))

    def of(self, found: Sequence[int]) -> Sequence[int]:
        return found[self.page * A_PAGE : (self.page + 1) * A_PAGE]

    def screen(self, turn: Turn, name: Say, ids: Sequence[int]) -> Screen:
        talks = {key(each): each for each in turn.session.exec(select(Entry).where(col(Entry.id).in_(ids)))}
        numbered = [(number, talks[each]) for number, each in enumerate(ids, self.page * A_PAGE + 1)]
        text = say(
            "chart.rows",
            name=name,
            unit=about(turn, self.wanted),
            count=self.count,
            lines=[_line(turn, number, each) for number, each in numbered] or say("ledger.empty"),
            page=say("page", page=self.page + 1, pages=self.last + 1) if self.last else None,
        )
        steps = [self._step(turn, number, each) for number, each in numbered]
        return Screen(text, (*columns(steps, 4), *self._ways()))

    def _ways(self) -> Rows:
        turns = turning(
            f"{self.flow}.rows", self.page, self.last, lambda page: {**self.wanted.args, **self.which, "page": page}
        )
        back = Button(say("button.back"), f"{self.flow}.show", self.wanted.args)
        return ((*turns, back),)

    def _step(self, turn: Turn, number: int, entry: Entry) -> Button:
        """Where something can be decided, the decision; else the customer."""
        customer = turn.session.get_one(Customer, entry.customer_id)
        label = say("button.row", number=number)
        if self.flow == "anomalies" and turn.may(Action.DECIDE_ANOMALY, subject_of(customer)):
            return Button(label, "anomaly.show", {"entry": key(entry)})
        return Button(label, "customer.card", {"customer": key(customer)})


def _line(turn: Turn, number: int, entry: Entry) -> Say:
    return say(
        "topics.talk",
        number=number,
        entry=entry.number,
        when=entry.at,
        customer=turn.session.get_one(Customer, entry.customer_id).called,
        by=turn.session.get_one(Staff, entry.by_id).name,
        text=str(entry.answers.get("summary") or entry.answers.get("opinions") or "")[:60],
    )
