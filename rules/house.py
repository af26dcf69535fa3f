"""What is the same for everybody in the company: its name and place, its calendar, its rulebook, its hours."""

from dataclasses import dataclass, field
from datetime import time

from rules.calendar import Calendar
from rules.ladder import MORNING, Quiet
from rules.rulebook import Rulebook


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
