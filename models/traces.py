"""Where in the database somebody's identity stands, row by row, and what stands there once it is sealed.

What belongs to the customer is searched whole. Raw updates are needed by nobody once they are handled: one that carries the name
or the number is emptied. Messages, cards and drafts have no customer of their own: where others have the same name too, only those
are touched that carry the number or belong to this customer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final

from sqlalchemy import String, Table, cast
from sqlalchemy import select as select_rows
from sqlmodel import Session, SQLModel, col, or_, select

from models.assessments import CallbackAssessment
from models.audit import Audit, AuditBody
from models.faults import Fault
from models.files import CustomerFile, Paper
from models.filings import Filing
from models.findings import Finding
from models.identities import Identity, is_only_one
from models.inquiries import Inquiry
from models.list_imports import ListImport
from models.messages import Card, Draft, Inbox, Outbox
from models.people import key
from models.planned_visits import PlannedVisit
from models.printed_forms import PrintedForm
from models.proposals import Proposal
from models.records import Complaint, Entry, Matter
from models.registers import ProblemAnalysis
from models.report_lines import ReportLine
from models.reports import Kind, Report
from models.scores import ScoreAppeal, ScoreSheet
from models.spot_checks import SpotResult
from models.steps import PLAN, Step
from models.survey_plans import SurveyMeasure
from models.surveys import Surveyed, SurveyReply, SurveyReport
from models.tasks import Task
from models.transfers import Transfer, Transferred

RECORDS: Final[dict[str, tuple[type[SQLModel], tuple[str, ...]]]] = {
    "complaint": (Complaint, ("complainant", "complainant_phone", "product", "what", "province_reason", "evidence")),
    "inquiry": (Inquiry, ("person", "phone", "words", "plan", "answer", "told_name", "told_phone")),
    "entry": (Entry, ("answers", "attachments")),
    "finding": (Finding, ("text",)),
    "task": (Task, ("text", "answer")),
    "filing": (Filing, ("facts", "opinion")),
    "transfer": (Transfer, ("reason", "opinion")),
    "customer_file": (CustomerFile, ("production", "credit")),
    "paper": (Paper, ("note", "attachments")),
    "proposal": (Proposal, ("terms", "reason")),
    "step": (Step, ("text", "opinion")),
    "printed_form": (PrintedForm, ("salt",)),
    "problem_analysis": (ProblemAnalysis, ("text",)),
    "planned_visit": (PlannedVisit, ("text",)),
    "spot_result": (SpotResult, ("note",)),
    "callback_assessment": (CallbackAssessment, ("results", "problems", "improvements")),
    "score_appeal": (ScoreAppeal, ("reason", "opinion")),
    "report": (Report, ("text",)),
    "report_line": (ReportLine, ("text",)),
    "survey_reply": (SurveyReply, ("texts",)),
    "survey_report": (SurveyReport, ("text",)),
    "survey_measure": (SurveyMeasure, ("text",)),
}
"""What belongs to a customer, with the columns in which somebody may be named; a person's row is emptied besides."""
BY_MATTER: Final = ("complaint", "inquiry", "proposal", "planned_visit")
"""Whose rows go by the id of their matter."""
MESSAGES: Final[dict[str, tuple[type[SQLModel], tuple[str, ...]]]] = {
    "outbox": (Outbox, ("text", "rows", "document")),
    "card": (Card, ("text", "buttons")),
    "draft": (Draft, ("answers",)),
    "fault": (Fault, ("text",)),
    "list_import": (ListImport, ("found", "rejects")),
}
FIXED: Final = frozenset({"say", "data", "do", "at", "on", "url", "kind", "form", "channel", "type", "tier"})
"""What the machine reads in a stored message, never a person's name."""
EMPTIED: Final = "{}"
KINDS: Final = ("names", "phones", "emails", "titles", "texts", "attachments", "messages", "drafts", "updates", "audit")
"""What people are told was there."""
SUBJECTS: Final = (
    "customer",
    "complaint",
    "inquiry",
    "entry",
    "task",
    "opening",
    "proposal",
    "planned_visit",
    "report",
)


@dataclass(frozen=True)
class Change:
    """New values of a row of a place; `kind` is what people are told was there."""

    place: str
    row: Any
    kind: str
    values: dict[str, Any]


@dataclass
class Traces:
    """Everything to be done for one identity."""

    session: Session
    identity: Identity
    pseudonym: str
    counts: Counter[str] = field(default_factory=Counter)

    @cached_property
    def only_one(self) -> bool:
        return is_only_one(self.session, self.identity)

    @cached_property
    def own(self) -> dict[str, set[int]]:
        """The ids of what belongs to the customer, by what JSON and the audit call it."""
        here = key(self.identity.customer)
        ids = {"customer": {here}}
        for name, query in (
            ("matter", select(Matter.id).where(Matter.customer_id == here)),
            ("entry", select(Entry.id).where(Entry.customer_id == here)),
            ("task", select(Task.id).where(Task.customer_id == here)),
            ("report", select(ReportLine.report_id).where(ReportLine.customer_id == here)),
        ):
            ids[name] = {each for each in self.session.exec(query) if each is not None}
        ids["complaint"] = ids["inquiry"] = ids["opening"] = ids["proposal"] = ids["planned_visit"] = ids["matter"]
        drafts = self.session.exec(select(Draft.id, Draft.answers)).all()
        ids["draft"] = {number for number, answers in drafts if number and answers.get("customer") == here}
        return ids

    def changes(self) -> list[Change]:
        """All of them, counted in `counts` by what people are told was there."""
        found = chain(self._people(), self._records(), self._messages(), self._inbox(), self._audit())
        changes = list(found)
        self.counts.update(each.kind for each in changes)
        return changes

    def _people(self) -> Iterator[Change]:
        empty = {"name": self.pseudonym, "title": None, "phone": None, "email": None, "birthday": None}
        for person in self.identity.persons:
            self.counts["phones"] += bool(person.phone)
            self.counts["emails"] += bool(person.email)
            self.counts["titles"] += bool(person.title)
            yield Change("person", key(person), "names", empty)

    def _records(self) -> Iterator[Change]:
        for place, (table, columns) in RECORDS.items():
            for row in self.session.exec(select(table).where(self._theirs(place))).all():
                values = {name: getattr(row, name) for name in columns}
                new = {name: self._cleaned(value) for name, value in values.items()}
                number = getattr(row, "matter_id" if place in BY_MATTER else "id")
                self._finish(place, number, new, values)
                if changed := {name: value for name, value in new.items() if value != values[name]}:
                    yield Change(
                        place, number, "names" if changed.keys() & {"complainant", "person"} else "texts", changed
                    )

    def _theirs(self, place: str) -> Any:
        here, entries = key(self.identity.customer), self.own["entry"]
        conditions: dict[str, Any] = {
            "complaint": col(Complaint.matter_id).in_(self.own["matter"]),
            "inquiry": col(Inquiry.matter_id).in_(self.own["matter"]),
            "entry": col(Entry.customer_id) == here,
            "finding": col(Finding.entry_id).in_(entries),
            "task": or_(col(Task.customer_id) == here, col(Task.entry_id).in_(entries)),
            "filing": or_(col(Filing.customer_id) == here, col(Filing.clash_id) == here),
            "transfer": col(Transfer.id).in_(select(Transferred.transfer_id).where(Transferred.customer_id == here)),
            "customer_file": col(CustomerFile.customer_id) == here,
            "paper": col(Paper.customer_id) == here,
            "proposal": col(Proposal.matter_id).in_(self.own["matter"]),
            "step": or_(col(Step.matter_id).in_(self.own["matter"]), col(Step.kind) == PLAN),
            "printed_form": col(PrintedForm.matter_id).in_(self.own["matter"]),
            "problem_analysis": col(ProblemAnalysis.unit_id) == self.identity.customer.unit_id,
            "planned_visit": col(PlannedVisit.matter_id).in_(self.own["matter"]),
            "spot_result": col(SpotResult.entry_id).in_(entries),
            "callback_assessment": col(CallbackAssessment.id).is_not(None),
            "score_appeal": col(ScoreAppeal.sheet_id).in_(_sheets(self.identity.customer.unit_id)),
            "report": col(Report.id).in_(self._reports()),
            "report_line": or_(
                col(ReportLine.customer_id) == here,
                col(ReportLine.customer_id).is_(None) & col(ReportLine.report_id).in_(self._reports()),
            ),
            "survey_reply": col(SurveyReply.surveyed_id).in_(select(Surveyed.id).where(Surveyed.customer_id == here)),
            "survey_report": col(SurveyReport.unit_id) == self.identity.customer.unit_id,
            "survey_measure": col(SurveyMeasure.id).is_not(None),
        }
        return conditions[place]

    def _reports(self) -> Any:
        """Those in which a unit may have written of this customer."""
        unit = self.identity.customer.unit_id
        return select(Report.id).where(or_(Report.unit_id == unit, Report.kind == Kind.COMPANY))

    def _finish(self, place: str, number: int, new: dict[str, Any], old: dict[str, Any]) -> None:
        """A complainant's phone goes altogether, and with it what they sent in: pictures, voices, places. Of what was printed the
        salt goes, so that nothing can be guessed from the digest."""
        cases = {key(matter) for matter, _ in self.identity.cases}
        if place == "complaint" and number in cases:
            self.counts["phones"] += bool(old["complainant_phone"])
            new.update(complainant=self.pseudonym, complainant_phone=None, evidence=self._bare(new["evidence"]))
        if place == "inquiry" and new["person"] != old["person"]:
            self.counts["phones"] += bool(old["phone"])
            new["phone"] = None
        if place == "printed_form":
            new["salt"] = ""
        if place == "entry":
            theirs = {key(each) for each in self.identity.talks}
            row = self.session.get_one(Entry, number)
            if number in theirs or row.matter_id in cases:
                new["attachments"] = self._bare(new["attachments"])

    def _bare(self, attachments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """That there was something, and of what kind."""
        self.counts["attachments"] += sum(len(each) > 1 for each in attachments)
        return [{"kind": each.get("kind", "")} for each in attachments]

    def _messages(self) -> Iterator[Change]:
        cards: set[int] = set()
        for place, (table, columns) in sorted(MESSAGES.items(), key=lambda each: each[0] != "card"):
            for row in self._rows(_table(table), columns):
                old = {name: row[name] for name in columns}
                its_card = place == "outbox" and row["card_id"] in cards
                if not self._meant(old, its_card or (place == "draft" and row["id"] in self.own["draft"])):
                    continue
                if place == "card":
                    cards.add(row["id"])
                new = {name: self._cleaned(value) for name, value in old.items()}
                if changed := {name: value for name, value in new.items() if value != old[name]}:
                    yield Change(place, row["key" if place == "fault" else "id"], _kind(place), changed)

    def _inbox(self) -> Iterator[Change]:
        for row in self._rows(_table(Inbox), ("body",)):
            if row["state"] != "waiting" and self._carries(_readable(row["body"])):
                yield Change("inbox", row["id"], "updates", {"body": EMPTIED})

    def _audit(self) -> Iterator[Change]:
        for row in self._rows(_table(AuditBody), ("body",)):
            kind, _, number = self.session.get_one(Audit, row["audit_id"]).subject.partition(":")
            own = kind in SUBJECTS and number.isdecimal() and int(number) in self.own[kind]
            if self._meant(row["body"], own):
                yield Change("audit_body", row["audit_id"], "audit", {})

    def _rows(self, table: Table, columns: Sequence[str]) -> list[Any]:
        """The rows that may carry it, by the database's own search."""
        hints = [
            cast(table.c[name], String).icontains(hint, autoescape=True) for name in columns for hint in self.hints
        ]
        return list(self.session.execute(select_rows(table).where(or_(*hints))).mappings())

    @property
    def hints(self) -> tuple[str, ...]:
        return self.identity.hints

    def _carries(self, value: Any) -> bool:
        text = _flat(value)
        return bool(self.identity.reached.search(text) or self.identity.named.search(text))

    def _meant(self, value: Any, own: bool) -> bool:
        text = _flat(value)
        if self.identity.reached.search(text):
            return True
        return bool(self.identity.named.search(text)) and (own or self.only_one or self._mentions(value, text))

    def _mentions(self, value: Any, text: str) -> bool:
        customer = self.identity.customer
        return any(name in text for name in (customer.name, customer.short_name) if name) or _any(value, self._is_own)

    def _is_own(self, name: str, value: Any) -> bool:
        return isinstance(value, int) and value in self.own.get(name, ())

    def _cleaned(self, value: Any) -> Any:
        match value:
            case str():
                return self.identity.without(value, self.pseudonym)
            case dict():
                return {name: each if name in FIXED else self._cleaned(each) for name, each in value.items()}
            case list():
                return [self._cleaned(each) for each in value]
            case _:
                return value


def _sheets(unit: int) -> Any:
    return select(ScoreSheet.id).where(ScoreSheet.unit_id == unit)


def _kind(place: str) -> str:
    return {"draft": "drafts"}.get(place, "messages")


def _table(model: type[SQLModel]) -> Table:
    found: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return found


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _readable(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def _any(value: Any, fits: Callable[[str, Any], bool]) -> bool:
    match value:
        case dict():
            return any(fits(name, each) or _any(each, fits) for name, each in value.items())
        case list():
            return any(_any(each, fits) for each in value)
        case _:
            return False
