"""How a complaint becomes major on the way (article 16（四）): leaders, the office and legal affairs hear of it at once."""

from __future__ import annotations

from collections.abc import Callable

from dialogue.cases import with_news
from dialogue.claims import grounds
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from models import claiming
from models.claims import claim_of
from models.complaints import Case
from models.people import Staff, distinct, holders, key
from rules.roles import Role
from words import Say, Value, say

LEADERS = (Role.CHAIRMAN, Role.GENERAL_MANAGER, Role.VICE_PRESIDENT)
LARGE_CLAIM = "R16.3"
Standing = tuple[bool, str | None, str | None]
NOTHING: Standing = (False, None, None)


def standing(case: Case) -> Standing:
    """Whether it is major, what is known of a lawsuit, and the word that speaks of the public."""
    claim = claim_of(case.session, case.complaint)
    return claim.major_at is not None, claim.lawsuit, claiming.spoken_of(case)


def heard(turn: Turn, case: Case, text: str) -> Callable[[], None]:
    """Look for talk of a lawsuit or the public in what was typed. Returns what is to be told of it once the cards have followed."""
    before = standing(case)
    claiming.suspect(case, text)
    return lambda: tell_weight(turn, case, before)


def tell_weight(turn: Turn, case: Case, before: Standing) -> None:
    """Those whom the change since `before` concerns, at night too."""
    major, lawsuit, social = standing(case)
    if major and not before[0]:
        _tell(turn, case, _leaders(case), say("told.major", grounds=grounds(case), **_words(turn, case)))
    if lawsuit and lawsuit != before[1]:
        legal = holders(case.session, Role.LEGAL, case.matter.unit_id, case.now)
        _tell(turn, case, legal, say(f"told.{lawsuit}", **_words(turn, case)))
    if social and not before[2]:
        roles = (Role.SALES_DEPT, Role.UNIT_HEAD)
        those = [each for role in roles for each in holders(case.session, role, case.matter.unit_id, case.now)]
        _tell(turn, case, those, say("told.suspected_social", text=social, **_words(turn, case)))


def _words(turn: Turn, case: Case) -> dict[str, Value]:
    rule = case.rulebook.entry(LARGE_CLAIM)
    says = say("rule.says", zh=rule.says, en=rule.says_en)
    return {"number": case.matter.number, "by": turn.staff.name, "article": rule.article, "says": says}


def _leaders(case: Case) -> list[Staff]:
    """The company's leaders and its office; the vice presidents in charge are those of the unit and of the department."""
    session, unit = case.session, case.matter.unit_id
    found = [each for role in (*LEADERS, Role.OFFICE) for each in holders(session, role, unit, case.now)]
    return [*found, *holders(session, Role.VICE_PRESIDENT, case.department_unit, case.now)]


def _tell(turn: Turn, case: Case, people: list[Staff], news: Say) -> None:
    for each in distinct(people):
        if key(each) != turn.me:
            screen = with_news(turn.seen_by(each), case, news)
            tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{news.id}:{each.id}", turn.now)
