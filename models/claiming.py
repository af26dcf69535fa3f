"""The life of a claim, step by step, and how a complaint becomes major, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Final

from models import clocks, steps
from models.claims import APPROVAL, Claim, claim_of, is_waiting, last_entry, stage
from models.climbing import MEETING, wind
from models.clocks import Clock, close
from models.complaints import SUBJECT, Case, NotNowError
from models.kinds import Json
from models.people import Staff, company, distinct, key, post, unit_ids_of_role
from models.records import Entry
from models.steps import Asked, Step
from rules.claims import Ground, Lawsuit, Stage, Way, is_large, lawsuit_word, social_word
from rules.roles import Role

END_OF_WORK: Final = time(18)


def kept(case: Case) -> Claim:
    """The claim of the complaint, stored."""
    claim = claim_of(case.session, case.complaint)
    case.session.add(claim)
    return claim


def threshold(case: Case) -> int:
    amount: int = case.rulebook.thresholds.large_claim.amount
    return amount


def accepted(case: Case) -> None:
    """What is claimed and said when the complaint is accepted."""
    suspect(case, case.complaint.what)
    if case.complaint.amount:
        kept(case)
        _grow(case)


# Claimed, estimated, assessed, approved, settled


def claim(case: Case, amount: float, text: str) -> Entry:
    """提出索赔, at acceptance or later; after one that was settled or refused, it begins anew."""
    found = kept(case)
    if stage(case.session, case.matter, found) in (Stage.APPROVE, Stage.SETTLE):
        raise NotNowError("claim")
    before, found.claimed = found.claimed, amount
    if found.approved_at is not None:
        found.assessed, found.way, found.approved_at, found.settled, found.settled_at = None, None, None, None, None
    return _put(case, "claim", text, before, amount)


def estimate(case: Case, amount: float, reason: str) -> Entry:
    """初估."""
    found = kept(case)
    before, found.estimated = found.estimated, amount
    return _put(case, "estimate", reason, before, amount)


def _put(case: Case, kind: str, text: str, before: float | None, after: float) -> Entry:
    entry = case.put(kind, {"text": text, "before": before, "after": after})
    _grow(case)
    return entry


def assess(case: Case, amount: float, way: Way, text: str) -> list[Step]:
    """索赔核定, put before the leader in charge, from the threshold on before the general manager as well, in turn. Returns the
    steps whose turn it is."""
    found = kept(case)
    if is_waiting(case.session, case.matter) or found.settled_at is not None:
        raise NotNowError("assess")
    before: Json = {"amount": found.assessed, "way": found.way}
    found.assessed, found.way, found.approved_at = amount, way, None
    case.put("assessment", {"text": text, "before": before, "after": {"amount": amount, "way": way}})
    facts = {"amount": amount, "way": way}
    return case.ask(Asked(APPROVAL, text, approvers(case, found), facts))


def approvers(case: Case, found: Claim) -> list[list[str]]:
    """In turn. What counts is the largest figure: a large claim that was assessed low is a large claim."""
    leader = post(Role.VICE_PRESIDENT, case.department_unit)
    if not is_large(threshold(case), found.largest):
        return [[leader]]
    return [[leader], [post(Role.GENERAL_MANAGER, key(company(case.session)))]]


def approved(case: Case, step: Step) -> Entry:
    """By all who had to: now it is for finance to settle."""
    kept(case).approved_at = case.now
    who = [each.decided_by for each in steps.of_group(case.session, step)]
    return case.put("claim_approved", {"text": step.opinion or "", "approver": who, **step.facts})


def returned(case: Case, step: Step) -> Entry:
    """The sales department assesses anew."""
    return case.put("claim_returned", {"text": step.opinion or "", **step.facts})


def settle(case: Case, amount: float, on: date, voucher: str, attachments: Sequence[Json] = ()) -> Entry:
    """已结算, by finance."""
    found = kept(case)
    if stage(case.session, case.matter, found) is not Stage.SETTLE:
        raise NotNowError("settle")
    found.settled, found.settled_at = amount, case.now
    answers = {"amount": amount, "way": found.way, "on": on.isoformat(), "voucher": voucher}
    return case.put("settlement", answers, attachments)


# Major


def suspect(case: Case, text: str) -> None:
    """The first words that speak of a lawsuit, or of the public, put it on record as suspected."""
    found = claim_of(case.session, case.complaint)
    if (word := lawsuit_word(text)) and found.lawsuit is None:
        kept(case).lawsuit = Lawsuit.SUSPECTED
        case.put("suspected", {"text": word})
    if (
        (word := social_word(text))
        and not found.social_effect
        and last_entry(case.session, case.matter, "suspected_social") is None
    ):
        case.put("suspected_social", {"text": word})


def spoken_of(case: Case) -> str | None:
    """The word that speaks of the public, until somebody decided on it: 社会影响重大, or 取消重大."""
    said = last_entry(case.session, case.matter, "suspected_social")
    if said is None or claim_of(case.session, case.complaint).social_effect:
        return None
    over = last_entry(case.session, case.matter, "unmajor")
    return None if over is not None and key(over) > key(said) else str(said.answers["text"])


def sue(case: Case) -> None:
    """诉讼: the customer goes to law."""
    found = kept(case)
    if found.sued:
        raise NotNowError("litigation")
    found.lawsuit = Lawsuit.CONFIRMED
    case.put("litigation", {"before": False, "after": True})
    _grow(case)


def affect(case: Case, text: str) -> None:
    """重大社会影响, with the reason."""
    found = kept(case)
    if found.social_effect:
        raise NotNowError("social")
    found.social_effect = True
    case.put("social_effect", {"text": text, "before": False, "after": True})
    _grow(case)


def _grow(case: Case) -> None:
    """A complaint becomes major once, however many grounds follow; the office owes the meeting's decision from then on."""
    found = kept(case)
    grounds = found.grounds(threshold(case))
    if not grounds or found.major_at is not None:
        return
    found.major_at, found.decided_at, case.complaint.major = case.now, None, True
    case.put("major", {"grounds": [each.value for each in grounds]})
    _await_decision(case)


def grounds_of(case: Case) -> list[Ground]:
    return claim_of(case.session, case.complaint).grounds(threshold(case))


def unmajor(case: Case, text: str) -> Entry:
    """取消重大, never without a reason on record."""
    found = kept(case)
    before = [each.value for each in found.grounds(threshold(case))]
    found.major_at, found.social_effect, found.lawsuit, case.complaint.major = None, False, None, False
    close(_meetings(case), case.now, "unmajor")
    return case.put("unmajor", {"text": text, "grounds": before})


def _meetings(case: Case) -> list[Clock]:
    return [each for each in case.clocks if each.rule == MEETING]


def _await_decision(case: Case) -> None:
    """The clock of the office; one that ran before begins a new round."""
    rule, calendar = case.house.rulebook.meeting, case.house.calendar
    if rule is None:
        return
    units = unit_ids_of_role(case.session, Role.OFFICE, case.now)
    address = post(Role.OFFICE, units[0] if units else case.matter.unit_id)
    clock = clocks.one(case.session, MEETING, SUBJECT, key(case.matter), address) or Clock(
        rule=MEETING,
        rulebook_version=case.house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(case.matter),
        post=address,
        cycle="0",
        anchor=case.now,
        due_at=case.now,
    )
    clock.anchor, clock.closed_at, clock.stopped_by = case.now, None, None
    clock.due_at = calendar.at(calendar.add_workdays(calendar.local(case.now).date(), rule.work_days), END_OF_WORK)
    clock.cycle = str(int(clock.cycle) + 1)
    case.session.add(clock)
    case.session.flush()
    wind(case.session, case.house, clock, case.now)


def decide(case: Case, minutes: str, on: date, text: str, attachments: Sequence[Json] = ()) -> Entry:
    """办公会决定: what the general manager's meeting decided, by its minutes."""
    found = kept(case)
    if found.major_at is None or found.decided_at is not None:
        raise NotNowError("decision")
    found.decided_at = case.now
    close(_meetings(case), case.now, "decided")
    return case.put("decision", {"minutes": minutes, "on": on.isoformat(), "text": text}, attachments)


def decision_of(case: Case) -> Entry | None:
    """The last decision that was put on record."""
    return last_entry(case.session, case.matter, "decision")


def deciders(case: Case) -> list[Staff]:
    """Who has to approve the assessment now."""
    asked = steps.waiting(case.session, key(case.matter), APPROVAL)
    return distinct(each for step in asked for each in steps.deciders(case.session, step, case.now))
