"""What is said beside an entry in every list: 无佐证, 抽查未证实, 补录."""

from __future__ import annotations

from dialogue.turn import Turn
from models.ledgers import bare
from models.records import Entry
from models.spot_checks import is_unconfirmed
from papers.stories import late_by
from rules.evidence import delay
from words import Say, say


def marked(turn: Turn, entry: Entry, line: Say) -> Say:
    """The line with its marks, or as it is where there is nothing to say."""
    marks = [say("mark.unproven")] if bare(entry) else []
    marks += [say("mark.unconfirmed")] if is_unconfirmed(turn.session, entry) else []
    late = delay(entry.answers.get("when"), entry.at, entry.written_at, turn.house.calendar)
    if late:
        marks.append(late_by(late))
    return say("marked", line=line, marks=say("list", items=marks)) if marks else line
