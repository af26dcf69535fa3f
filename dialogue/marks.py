"""What is said beside an entry in every list: 无佐证, 补录."""

from __future__ import annotations

from datetime import timedelta

from dialogue.turn import Turn
from models.ledgers import bare
from models.records import Entry
from rules.evidence import delay
from words import Say, say


def marked(turn: Turn, entry: Entry, line: Say) -> Say:
    """The line with its marks, or as it is where there is nothing to say."""
    marks = [say("mark.unproven")] if bare(entry) else []
    late = delay(entry.answers.get("when"), entry.at, entry.written_at, turn.house.calendar)
    if late:
        marks.append(late_by(late))
    return say("marked", line=line, marks=say("list", items=marks)) if marks else line


def late_by(gap: timedelta) -> Say:
    if gap >= timedelta(days=2):
        return say("mark.late_days", days=gap.days)
    return say("entry.late", hours=int(gap.total_seconds() // 3600))
