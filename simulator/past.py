"""What the staff did before the demo opens, as deeds with their times, each done with the product's own forms and verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import Session, col, func, select

from dialogue.turn import Turn
from dialogue.values import Incoming
from handlers import DESK
from models import audit, customers, duties, promises, steps
from models.customers import Customer
from models.people import Staff, Unit, key
from models.records import Matter, write_entry
from rules.complaint import in_province
from rules.house import House
from simulator.month import Month, Talk, minute

Deed = tuple[datetime, Callable[[], None]]
ABOUT_THE_STEP: Final = ("form", "by", "day", "at", "hours", "limit")
"""What the story says of a step besides the answers of its form."""


class Past:
    """`day` in the story counts working days from the opening day; `first` is the day of going live."""

    def __init__(self, session: Session, house: House, story: Mapping[str, Any], first: date, opens: datetime) -> None:
        self.session = session
        self.house = house
        self.story = story
        self.first = first
        self.opens = opens
        self.staff = {each.number: each for each in session.exec(select(Staff))}
        self.customers = {each.called: each for each in session.exec(select(Customer))}

    def deeds(self) -> list[Deed]:
        """Everything, in no particular order."""
        routine = Month(self.session, self.house, self.story, self.first, self.opens.date()).talks()
        talks = [*routine, *(self._talk(each) for each in self.story["talk"])]
        cases = [deed for each in self.story["complaint"] for deed in self._case(each)]
        return [*cases, *((talk.written_at, partial(self._write_down, talk)) for talk in talks)]

    def _moment(self, told: Mapping[str, Any]) -> datetime:
        calendar = self.house.calendar
        return calendar.at(calendar.add_workdays(self.opens.date(), told["day"]), time.fromisoformat(told["at"]))

    # Talks

    def _talk(self, told: Mapping[str, Any]) -> Talk:
        by = self.staff[told["by"]]
        due = self.house.calendar.add_workdays(self.opens.date(), told["due"]) if "due" in told else None
        known: dict[str, Any] = {name: told.get(name) for name in ("channel", "summary", "person", "next_step")}
        return Talk(self._moment(told), by, (key(by),), self.customers[told["customer"]], due=due, **known)

    def _write_down(self, talk: Talk) -> None:
        """As `talks.record` does, but for the duties: those are derived once, when the month is over."""
        entry = write_entry(self.session, talk.entry(self.house), talk.took_part, self.house.calendar.tz)
        now = entry.written_at
        promises.kept(self.session, entry)
        if talk.due:
            end = self.house.calendar.at(talk.due, duties.END_OF_WORK)
            promises.promise(self.session, self.house, entry, end, now)
        said = {"number": entry.number, **entry.answers}
        audit.record(self.session, now, entry.by_id, "contact.record", f"customer:{entry.customer_id}", **said)

    # Complaints

    def _case(self, told: Mapping[str, Any]) -> list[Deed]:
        """Accepted, and every step that followed. The later ones learn the complaint's id from the first."""
        received = self._moment(told)
        case = {"customer": key(self.customers[told["customer"]])}
        deeds: list[Deed] = [(received, partial(self._open, case, told, received))]
        for step in told.get("step", []):
            at = received + timedelta(hours=step["hours"]) if "hours" in step else self._moment(step)
            deeds.append((at, partial(self._step, case, step, at)))
        return deeds

    def _open(self, case: dict[str, int], told: Mapping[str, Any], now: datetime) -> None:
        customer = self.customers[told["customer"]]
        complainant = customers.people(self.session, key(customer))[0]
        answers = {
            **{name: told[name] for name in ("summary", "type", "product", "amount") if name in told},
            "customer": key(customer),
            "complainant": complainant.name,
            "phone": complainant.phone,
            "received": minute(self.house, now),
            "in_province": in_province(customer.province, self.house.province),
            "on_site": told.get("on_site", True),
        }
        self._submit("complaint", told["by"], answers, now)
        newest = self.session.exec(select(func.max(col(Matter.id)))).one()
        case["matter"] = newest or 0

    def _step(self, case: Mapping[str, int], told: Mapping[str, Any], now: datetime) -> None:
        by, form = told["by"], told["form"]
        answers = {name: value for name, value in told.items() if name not in ABOUT_THE_STEP}
        if form == "callback":
            answers |= {"customer": case["customer"], "with": [key(self.staff[by])]}
        elif form == "approve_step":
            answers["step"] = key(steps.waiting(self.session, case["matter"])[0])
        else:
            answers["matter"] = case["matter"]
        if form == "entrust":
            unit = self.session.exec(select(Unit).where(Unit.name == told["unit"])).one()
            answers |= {"unit": key(unit), "due": minute(self.house, now + timedelta(hours=told["limit"]))}
        self._submit(form, by, {**answers, "when": minute(self.house, now)}, now)

    def _submit(self, form: str, by: str, answers: dict[str, Any], now: datetime) -> None:
        """What 保存 on the card of that form does."""
        staff = self.staff[by]
        chat = staff.telegram_id or 0
        turn = Turn(self.session, now, self.house, staff, Incoming(chat, chat), DESK, f"past:{by}:{now.isoformat()}")
        DESK.forms[form].submit(turn, answers)
