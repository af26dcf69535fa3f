"""What a complaint's card says of its claim and its weight, when a step of the claim makes sense, and what keeps it open."""

from __future__ import annotations

from collections.abc import Iterator

from dialogue.viewer import Viewer
from models import claiming
from models.claims import Claim, claim_of, is_waiting, last_entry, stage, unsettled
from models.climbing import MEETING
from models.complaints import Case
from models.people import holders, holds
from rules.claims import Lawsuit, Stage, Way
from rules.roles import Role
from words import Say, Value, say


def money(amount: float) -> Say:
    return say("money", amount=f"{amount:,.2f}".removesuffix(".00"))


def sensible(view: Viewer, case: Case, name: str) -> bool:
    """Whether that step of a claim can be taken now; True for every other step."""
    claim = claim_of(view.session, case.complaint)
    at = stage(view.session, case.matter, claim)
    match name:
        case "claim":
            return at in (None, Stage.ASSESS)
        case "estimate":
            return claim.approved_at is None and at is not Stage.APPROVE
        case "assess":
            named = claim.claimed is not None or claim.estimated is not None
            over = claim.settled_at is not None or (claim.approved_at is not None and claim.way == Way.NONE)
            return named and not over and not is_waiting(view.session, case.matter)
        case "settle":
            return at is Stage.SETTLE and _holds(view, case, Role.FINANCE)
        case "unmajor":
            return claim.major_at is not None or claim.lawsuit is not None or claiming.spoken_of(case) is not None
    return _weighty(claim, name)


def _holds(view: Viewer, case: Case, role: Role) -> bool:
    """Whether they hold the post, or stand in for it because nobody does: who approved the money must not pay it out as well."""
    return holds(view.session, view.staff, role, case.matter.unit_id, view.now)


def _weighty(claim: Claim, name: str) -> bool:
    match name:
        case "meet":
            return claim.major_at is not None and claim.decided_at is None
        case "lawsuit":
            return claim.lawsuit == Lawsuit.SUSPECTED
        case "litigation":
            return claim.lawsuit is None
        case "social":
            return not claim.social_effect
    return True


# The card


def lines(view: Viewer, case: Case) -> Iterator[Say]:
    """索赔, 初估, 核定, 结算 and why it is major, as far as they are known."""
    claim = claim_of(view.session, case.complaint)
    if claim.claimed:
        yield say("case.amount", amount=money(claim.claimed))
    if claim.estimated is not None:
        yield say("case.estimated", amount=money(claim.estimated))
    if claim.assessed is not None:
        yield say("case.assessed", amount=money(claim.assessed), way=say(f"way.{claim.way}"), state=_state(view, case))
    if claim.settled is not None:
        yield say("case.settled", amount=money(claim.settled), **_settlement(case))
    yield from _weight(view, case, claim)


def _state(view: Viewer, case: Case) -> Say:
    """Where the assessment stands."""
    claim = claim_of(view.session, case.complaint)
    match stage(view.session, case.matter, claim):
        case Stage.APPROVE:
            return say("claim_state.waiting")
        case Stage.ASSESS:
            return say("claim_state.returned")
    return say("claim_state.approved")


def _settlement(case: Case) -> dict[str, Value]:
    entry = last_entry(case.session, case.matter, "settlement")
    return {name: entry.answers.get(name) if entry else None for name in ("on", "voucher")}


def _weight(view: Viewer, case: Case, claim: Claim) -> Iterator[Say]:
    if claim.major_at is not None:
        yield say("case.major", grounds=grounds(case))
    elif case.complaint.major:
        yield say("alert.major")
    if claim.lawsuit == Lawsuit.SUSPECTED:
        yield say("case.suspected")
    if (word := claiming.spoken_of(case)) is not None:
        yield say("case.suspected_social", text=word)
    if claim.major_at is not None:
        yield _meeting(view, case, claim)


def grounds(case: Case) -> Say:
    return say("list", items=[say(f"ground.{each}") for each in claiming.grounds_of(case)])


def _meeting(view: Viewer, case: Case, claim: Claim) -> Say:
    entry = claiming.decision_of(case) if claim.decided_at is not None else None
    if entry is not None:
        return say("case.decided", **{name: entry.answers.get(name) for name in ("minutes", "on", "text")})
    who = say("list", items=[each.name for each in holders(view.session, Role.OFFICE, case.matter.unit_id, view.now)])
    due = next((each.due_at for each in case.clocks if each.rule == MEETING), None)
    return say("case.undecided", who=who, due=say("case.undecided_by", due=due) if due else None)


# What keeps it open


def hindrance(view: Viewer, case: Case) -> Say | None:
    """Why the complaint can't be closed yet: the claim or the meeting, and who has the ball."""
    at = unsettled(view.session, case.matter, case.complaint)
    if at is None:
        return None
    return say(f"unsettled.{at}", number=case.matter.number, who=say("list", items=whose_ball(view, case, at)))


def whose_ball(view: Viewer, case: Case, at: Stage) -> list[str]:
    if at is Stage.APPROVE:
        return [each.name for each in claiming.deciders(case)]
    role = {Stage.SETTLE: Role.FINANCE, Stage.MEET: Role.OFFICE}.get(at, Role.SALES_DEPT)
    return [each.name for each in holders(view.session, role, case.matter.unit_id, view.now)]
