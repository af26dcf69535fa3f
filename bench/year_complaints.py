"""The complaints of a year: each from its acceptance as far as it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from models.climbing import CALLBACK, HANDLING, LIMIT, PROGRESS
from models.clocks import Clock
from models.records import Matter
from rules.complaint import callback_due

if TYPE_CHECKING:
    from bench.year import Year

VOIDED = 17
"""One in so many was entered by mistake."""


@dataclass
class Life:
    """One complaint from its acceptance as far as it came by now."""

    year: Year
    customer: dict[str, Any]
    at: datetime

    def goes(self, matter: int, due: datetime) -> None:
        year, dice, row = self.year, self.year.dice, self.year.rows[Matter][matter - 1]
        speed = dice.choice((0.3, 0.6, 0.9, 1.4)) * (1 + 0.08 * (self.customer["unit_id"] % 4))
        span = due - self.at
        arrived = self._arrival(matter, span * speed)
        paused = self._pause(matter, arrived, span)
        resolved = self._step(
            matter, "resolution", self.at + span * speed + timedelta(days=dice.randrange(1, 12)), "resolved"
        )
        told = self._reports(matter, resolved)
        voided = matter % VOIDED == 0
        closed = self._ends(matter, resolved, voided=voided) if resolved or voided else None
        over = "voided" if voided else "arrived"
        self._clock(
            LIMIT,
            matter,
            due + paused,
            closed if voided and not arrived else arrived,
            over if arrived is None else "arrived",
        )
        self._clock(
            HANDLING, matter, self.at + timedelta(days=7), resolved or closed, "resolved" if resolved else "voided"
        )
        for to in ("department", "customer"):
            self._clock(PROGRESS, matter, year.now, closed, "closed", f"handler@{matter}#{to}")
        if closed and row["state"] == "closed":
            self._callback(matter, closed)
        del told

    def _step(self, matter: int, kind: str, at: datetime, state: str, **answers: Any) -> datetime | None:
        if at >= self.year.now:
            return None
        self._put(matter, kind, at, at, answers)
        self.year.rows[Matter][matter - 1]["state"] = state
        return at

    def _put(
        self, matter: int, kind: str, at: datetime, written: datetime, answers: dict[str, Any], **more: Any
    ) -> int:
        customer = self.customer
        return self.year.entry(
            kind, customer["id"], [customer["owner_id"]], at, written, answers, matter=matter, **more
        )

    def _arrival(self, matter: int, after: timedelta) -> datetime | None:
        year, at = self.year, (self.at + after).replace(microsecond=0, second=0)
        if at >= year.now:
            return None
        late = timedelta(hours=30) if year.dice.random() < 0.05 else timedelta()
        proof = [{"kind": "location"}] if year.dice.random() < 0.8 else []
        self._put(
            matter, "arrival", at, min(at + late, year.now), {"proof": bool(proof)}, channel="visit", attachments=proof
        )
        year.rows[Matter][matter - 1]["state"] = "on_site"
        return at

    def _pause(self, matter: int, arrived: datetime | None, span: timedelta) -> timedelta:
        if arrived is None or arrived - self.at < span or self.year.dice.random() > 0.3:
            return timedelta()
        start, length = self.at + span / 2, timedelta(hours=20)
        self._put(matter, "pause", start, start, {"reason": "customer_asks", "until": (start + length).isoformat()})
        return length

    def _reports(self, matter: int, resolved: datetime | None) -> int:
        """Twice a week to each as a rule, sometimes less."""
        gap = self.year.dice.choice((2, 3, 3, 6))
        at, told, until = self.at + timedelta(hours=20), 0, resolved or self.year.now
        while at < min(until, self.at + timedelta(days=60)):
            to = ["department", "customer"] if self.year.dice.random() < 0.9 else ["department"]
            self._put(matter, "progress", at, at, {"to": to, "text": "处理中"})
            at, told = at + timedelta(days=gap), told + 1
        return told

    def _ends(self, matter: int, resolved: datetime | None, *, voided: bool) -> datetime | None:
        _year, dice, row = self.year, self.year.dice, self.year.rows[Matter][matter - 1]
        since = resolved or self.at
        if voided:
            at = self._step(matter, "voiding", since + timedelta(days=1), "voided", text="重复登记")
        else:
            confirmed = self._step(
                matter, "confirmation", since + timedelta(days=2), "confirmed", satisfied=True, text=""
            )
            effect = dice.choice(("good", "good", "good", "fair", "poor"))
            judged = confirmed and self._step(
                matter, "evaluation", since + timedelta(days=4), "evaluated", effect=effect, text=""
            )
            at = judged and self._step(matter, "closing", since + timedelta(days=5), "closed", text="")
        row["closed_at"] = at
        return at

    def _callback(self, matter: int, closed: datetime) -> None:
        year, dice = self.year, self.year.dice
        at = closed + timedelta(days=dice.randrange(2, 60))
        done = at < year.now and dice.random() < 0.8
        if done:
            answers = {"opinions": self.year.words(), "satisfaction": dice.choice((5, 5, 4, 4, 4, 3, 2)),
                       "when": f"{year.calendar.local(at):%Y-%m-%dT%H:%M}"}  # fmt: skip
            self._put(matter, "callback", at, at, answers, channel=dice.choice(("phone", "visit", "wechat")))
            year.without_matter()
        local = year.calendar.local
        due = year.calendar.at(
            callback_due(local(self.at).date(), local(closed).date(), year.house.rulebook.callback), time(18)
        )
        self._clock(CALLBACK, matter, due, None, "", f"owner@{self.customer['id']}", anchor=closed)

    def _clock(
        self, rule: str, matter: int, due: datetime, closed: datetime | None, why: str, post: str = "",
        anchor: datetime | None = None,
    ) -> None:  # fmt: skip
        self.year.put(
            Clock, rule=rule, rulebook_version=1, subject_kind="complaint", subject_id=matter, post=post or f"handler@{matter}",
            cycle="1", anchor=anchor or self.at, due_at=due, next_at=None, snoozes=0, closed_at=closed,
            stopped_by=why if closed else None,
        )  # fmt: skip
