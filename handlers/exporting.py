"""导出: the customers that one may see, as a file that says whose copy it is. Who took how many out of the house, and why, stays on
record; many at once need a reason."""

from __future__ import annotations

from typing import Any, Final

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Text
from dialogue.telling import hand_over
from dialogue.turn import Turn
from dialogue.values import Reply
from models import audit
from papers.customers import MOST, chosen, people_of
from rules.gate import Action
from rules.roles import Tier, read_tier
from words import Say, Value, say

flow = Flow()
NEEDS = Action.EXPORT_CUSTOMERS
ALL: Final = "all"


def _alias(text: str) -> str | None:
    tier = read_tier(text)
    return tier.value if tier else None


class Which(Choice):
    """Which customers, by tier; only those of which there are any."""

    def picks(self, turn: Turn, answers: Answers) -> list[tuple[Value, Any]]:
        found = chosen(turn.session, turn.staff, None, turn.now)
        there = {each.tier for each in found}
        return [(say(f"export.{ALL}"), ALL), *((say(f"tier.{each}"), each.value) for each in Tier if each in there)]

    def show(self, turn: Turn, value: Any) -> Value:
        return say(f"export.{ALL}") if value == ALL else say(f"tier.{value}")


def _count(turn: Turn, answers: Answers) -> int | None:
    return len(chosen(turn.session, turn.staff, _tier(answers), turn.now)) if "which" in answers else None


def _tier(answers: Answers) -> str | None:
    return None if answers["which"] == ALL else str(answers["which"])


def _many(turn: Turn, answers: Answers) -> bool:
    return (_count(turn, answers) or 0) > turn.house.export_reason_above


def _needless(turn: Turn, answers: Answers) -> str | None:
    """A few customers need no reason."""
    return None if "which" not in answers or _many(turn, answers) else ""


def _remark(turn: Turn, answers: Answers) -> Say:
    found = chosen(turn.session, turn.staff, _tier(answers), turn.now)
    people = sum(map(len, people_of(turn.session, found).values()))
    return say("export.counts", customers=len(found), people=people, name=turn.staff.name, number=turn.staff.number)


def submit(turn: Turn, answers: Answers) -> Reply:
    found = chosen(turn.session, turn.staff, _tier(answers), turn.now)
    if not found:
        return notice(say("export.nothing"))
    if len(found) > MOST:
        raise WrongAnswerError(say("ledger.too_many", count=len(found), most=MOST))
    if _many(turn, answers) and not answers.get("reason"):
        raise WrongAnswerError(say("export.why", most=turn.house.export_reason_above))
    people = sum(map(len, people_of(turn.session, found).values()))
    body = {"tier": _tier(answers), "customers": len(found), "people": people, "reason": answers.get("reason") or None}
    audit.record(turn.session, turn.now, turn.me, "customer.export", "ledger:customers", **body)
    caption = say("paper.caption", name=say("ledger.customers"), what=say("export.of", count=len(found), people=people))
    key = f"{turn.unique_key}:paper"
    hand_over(turn.session, turn.staff, "customers", {"tier": _tier(answers)}, caption, key, turn.now, protected=True)
    return notice(say("export.coming", customers=len(found), people=people))


def fill(turn: Turn, text: str) -> Answers:
    """层级 理由, as far as they were typed."""
    which, _, reason = text.partition(" ")
    tier = ALL if which in ("全部", "all") else _alias(which)
    if tier is None:
        return {"reason": text} if text else {}
    return {"which": tier, **({"reason": reason.strip()} if reason.strip() else {})}


FORM = Form(
    "export",
    NEEDS,
    (
        Field("which", Which("tier", tuple(each.value for each in Tier), _alias)),
        Field("reason", Text(shortest=2), default=_needless),
    ),
    submit,
    fill,
    remark=_remark,
)
flow.forms.append(FORM)


@flow.command("export", "导出", "导出客户", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    return engine.begin(turn, FORM, fill(turn, text))
