"""What is the same for everybody in the company: its name and place, its calendar, its rulebook, its hours."""

from dataclasses import dataclass, field
from datetime import datetime, time

from rules.calendar import Calendar
from rules.ladder import MORNING, Quiet
from rules.rulebook import Rulebook


@dataclass(frozen=True)
class Keeping:
    """How long things are kept: people's identity after the last dealing (years), every backup (days), one a month (months)."""

    seal_after_years: int = 3
    backup_days: int = 14
    backup_months: int = 12


@dataclass(frozen=True)
class House:
    company: str
    province: str
    calendar: Calendar
    rulebook: Rulebook
    rulebook_version: int
    language: str = "zh_CN"
    quiet: Quiet = field(default_factory=Quiet)
    digest: time = MORNING
    keeping: Keeping = field(default_factory=Keeping)
    masks: bool = False
    """Whether names in what is pushed are shortened, for those who have not chosen."""
    export_reason_above: int = 50
    """How many customers somebody may take out of the house as a file without saying why."""
    survey_address: str = ""
    """Where customers find the page of a survey, without a slash at its end; empty where there is none."""
    calendar_version: int = 0
    """Which edition of the company's own working days the calendar holds; 0 is none."""

    def next_morning(self, now: datetime) -> datetime:
        """When the next digests go out, on a working day, strictly after now."""
        today = self.calendar.local(now).date()
        morning = self.calendar.at(self.calendar.workday_on_or_after(today), self.digest)
        return morning if morning > now else self.calendar.at(self.calendar.next_workday(today), self.digest)
