"""What /report 报表 leads to beside the ledgers: each module that has a report offers it here with one line.

`behind_report("button.monthly", "monthly.open", NEEDS)` puts a button behind /report, for those who reach that right.
"""

from __future__ import annotations

from dialogue.turn import Turn
from dialogue.values import Button
from rules.gate import Action
from words import say

_offered: list[tuple[str, str, Action]] = []


def behind_report(label: str, deed: str, needs: Action) -> None:
    """A way behind /report, in the order in which the modules are loaded. The deed takes no arguments."""
    _offered.append((label, deed, needs))


def ways(turn: Turn) -> list[Button]:
    """Those that this person may go."""
    return [Button(say(label), deed, {}) for label, deed, needs in _offered if turn.reaches(needs)]
