"""层级与优惠 on the screen.

A customer's tier with its criteria and what the record says; a proposal with its opinions, its decision, and what it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from dialogue.benefits import held_lines
from dialogue.cases import decides, post_name, step_line
from dialogue.claims import money
from dialogue.files import subject_of
from dialogue.live import face
from dialogue.owed import in_short
from dialogue.values import Button, Rows, Screen, columns
from dialogue.viewer import Viewer
from models import files, preferences, proposals, steps, tiers
from models.customers import Customer
from models.people import Staff, Unit, key
from models.proposals import SUBJECT, Found
from models.steps import EVALUATION, RESOLUTION, Step
from models.track_record import figures_of
from rules.entries import Duty
from rules.file_parts import FilePart
from rules.gate import Action
from rules.roles import Tier
from rules.tiers import Kind, Standing
from words import Say, Value, say

SHOWN = 5
"""Proposals on the page of a customer."""


def may_see(view: Viewer, customer: Customer) -> bool:
    return view.may(Action.SEE_TIERS, subject_of(view, customer))


def may_propose(view: Viewer, customer: Customer) -> bool:
    return view.may(Action.PROPOSE_TIER, subject_of(view, customer))


# What a tier asks for, and what is on record


def criterion(view: Viewer, tier: str) -> Say | None:
    """Which customers belong to a tier (R12.1)."""
    rule = view.house.rulebook.tier_criteria
    if rule is None:
        return None
    found = rule.criteria[Tier(tier)]
    words = say("rule.says", zh=found.says, en=found.says_en)
    return say("tiers.criterion", tier=say(f"tier.{tier}"), says=words, article=rule.article)


def figures(stored: Mapping[str, Any]) -> Say:
    """Only what is really on record; what is not, is said to be missing."""
    missing = [say(f"file_part.{each}") for each in stored["missing"]]
    first = stored["first_talk"]
    known = {name: stored[name] for name in ("contacts", "visits", "callbacks", "complaints", "unsolved")}
    return say(
        "tiers.figures",
        until=date.fromisoformat(stored["until"]),
        claimed=money(stored["claimed"]),
        settled=money(stored["settled"]),
        on_file=date.fromisoformat(stored["on_file"]),
        first=say("tiers.first_talk", day=date.fromisoformat(first)) if first else say("tiers.no_talk"),
        file=say("tiers.file", have=stored["have"], wanted=stored["wanted"]) if stored["wanted"] else None,
        missing=say("tiers.missing", parts=say("list", items=missing)) if missing else None,
        **known,
    )


def figures_now(view: Viewer, customer: Customer) -> Say:
    return figures(figures_of(view.session, view.house, customer, view.now).stored())


def foreseen(view: Viewer, before: str, after: str) -> Say:
    """What would be owed from then on, and what no longer."""
    was, will = (tiers.owed_by_tier(view.house.rulebook, each) for each in (before, after))
    return moved(view, [each for each in will if each not in was], [each for each in was if each not in will])


def moved(view: Viewer, added: Iterable[str], fallen: Iterable[str]) -> Say:
    """What goes on as it was, only by another article, is said to."""
    was = {_demand(view, each): each for each in fallen}
    goes_on = {each: was.pop(_demand(view, each)) for each in added if _demand(view, each) in was}
    lines = [
        *(_duty(view, "tiers.added", each) for each in added if each not in goes_on),
        *(_duty(view, "tiers.fallen", each) for each in was.values()),
        *(_duty(view, "tiers.goes_on", each) for each in goes_on),
    ]
    return say("tiers.moved", lines=lines or say("tiers.same_duties"))


def _demand(view: Viewer, rule: str) -> tuple[object, ...]:
    """Who does what how often; of two rules that demand the same, one takes the place of the other."""
    found = next((each for each in view.house.rulebook.duties if each.id == rule), None)
    return (found.who, found.how, str(found.every), found.count) if found else (rule,)


def _duty(view: Viewer, words: str, rule: str) -> Say:
    """One thing owed: by whom, what, on which article it rests; its name alone, where the company no longer has such a rule."""
    try:
        entry = view.house.rulebook.entry(rule)
    except KeyError:
        return say(words, who=None, what=rule, article=None)
    who = say(f"role.{entry.who}") if isinstance(entry, Duty) else say("role.salesperson")
    return say(words, who=who, what=in_short(entry), article=entry.article)


# The page of a customer


def page(view: Viewer, customer: Customer, above: Value = None) -> Screen:
    unit = view.session.get_one(Unit, customer.unit_id)
    every = proposals.of_customer(view.session, key(customer))
    text = say(
        "tiers.page",
        above=above,
        name=customer.called_in_full,
        tier=say(f"tier.{customer.tier}"),
        unit=unit.name,
        criterion=criterion(view, customer.tier),
        figures=figures_now(view, customer),
        benefits=say("tiers.benefits", lines=held_lines(view, customer) or _no_benefits(view, customer)),
        proposals=say("tiers.proposals", lines=[line(view, each) for each in every[:SHOWN]]) if every else None,
    )
    return Screen(text, (*columns(_proposing(view, customer), 2), *columns(_looking(every[:SHOWN]), 2)))


def _no_benefits(view: Viewer, customer: Customer) -> Say:
    """None are held, or none may be."""
    if preferences.allowed(view.house, customer):
        return say("tiers.no_benefits")
    rule = view.house.rulebook.preference
    return say("tiers.none_allowed", article=rule.article) if rule else say("tiers.no_benefits")


def _proposing(view: Viewer, customer: Customer) -> list[Button]:
    if not may_propose(view, customer):
        return []
    here = {"customer": key(customer)}
    found = [Button(say("button.propose_tier"), "tiers.propose", here)]
    if preferences.allowed(view.house, customer):
        found.append(Button(say("button.propose_benefit"), "tiers.favour", here))
    return found


def _looking(found: Sequence[Found]) -> list[Button]:
    return [look(each) for each in found]


def look(found: Found) -> Button:
    return Button(say("text", text=found.matter.number), "tiers.proposal", {"matter": key(found.matter)})


def line(view: Viewer, found: Found) -> Say:
    """A proposal in one line."""
    return say(
        "tiers.line",
        number=found.matter.number,
        customer=found.customer.called,
        what=what(found),
        state=standing(view, found),
    )


def what(found: Found) -> Say:
    """What is proposed, in a few words."""
    proposal = found.proposal
    if proposal.kind == Kind.TIER:
        return say("tiers.from_to", before=say(f"tier.{proposal.before}"), after=say(f"tier.{proposal.after}"))
    words = "benefit.held"
    return say(words, benefit=say(f"benefit_kind.{proposal.benefit}"), starts=proposal.starts, ends=proposal.ends)


def standing(view: Viewer, found: Found) -> Say:
    asked = proposals.evaluations(view.session, found)
    given = sum(each.decided_at is not None for each in asked)
    return say(f"standing.{found.matter.state}", given=given, asked=len(asked))


# A proposal


def card(view: Viewer, found: Found) -> Say:
    proposal, matter = found.proposal, found.matter
    return say(
        "tiers.card",
        number=matter.number,
        title=say(f"tiers.title_{proposal.kind}"),
        state=standing(view, found),
        customer=found.customer.called_in_full,
        what=what(found),
        by=view.session.get_one(Staff, matter.opened_by).name,
        when=matter.opened_at,
        terms=say("tiers.terms", text=proposal.terms) if proposal.terms else None,
        reason=proposal.reason,
        criterion=criterion(view, proposal.after or proposal.before),
        figures=figures(proposal.figures),
        changes=_changes(view, found),
        opinions=_opinions(view, found),
        decision=list(_decision(view, found)) or None,
    )


def _changes(view: Viewer, found: Found) -> Value:
    """What it would change, or what it changed."""
    proposal = found.proposal
    if proposal.kind != Kind.TIER or proposal.after is None:
        return None
    if found.under_way:
        ends = _would_end(view, found, proposal.after)
        return say("tiers.would_change", moved=foreseen(view, proposal.before, proposal.after), ends=ends)
    if found.matter.state != Standing.APPROVED:
        return None
    return say("tiers.changed", moved=moved(view, proposal.changes["added"], proposal.changes["fallen"]))


def _would_end(view: Viewer, found: Found, after: str) -> Say | None:
    """The preferences that end at once with the tier."""
    rule = view.house.rulebook.preference
    if rule is None or after in rule.tiers:
        return None
    lines = held_lines(view, found.customer)
    return say("tiers.would_end", lines=lines) if lines else None


def _opinions(view: Viewer, found: Found) -> Value:
    lines = [step_line(view, each) for each in proposals.evaluations(view.session, found)]
    return say("tiers.opinions", lines=lines) if lines else None


def _decision(view: Viewer, found: Found) -> Iterator[Say]:
    """Who decides, or what was decided, by which minutes."""
    waits = proposals.waits_for(view.session, found)
    if waits is not None:
        who = say("list", items=[each.name for each in steps.deciders(view.session, waits, view.now)])
        yield say(f"tiers.waits_{waits.kind}", who=who, due=waits.due_at)
    entry = proposals.decision_of(view.session, found)
    if entry is not None:
        by = view.session.get_one(Staff, entry.by_id).name
        yield decided(found, entry.answers, by, len(entry.attachments))


def decided(found: Found, answers: Mapping[str, Any], by: str, attached: int = 0) -> Say:
    """What was decided, in a sentence with its minutes."""
    outcome = say("outcome.approved" if answers["approved"] else "outcome.refused")
    known = {"outcome": outcome, "by": by, "text": answers["text"] or None}
    if "minutes" not in answers:
        return say("tiers.graded", **known)
    files = say("tiers.minutes_files", count=attached) if attached else None
    return say("tiers.met", minutes=answers["minutes"], on=date.fromisoformat(answers["on"]), files=files, **known)


def rows(view: Viewer, found: Found) -> Rows:
    """What of it is this person's to do, and the ways on."""
    here = {"matter": key(found.matter)}
    asked = steps.waiting(view.session, key(found.matter))
    buttons = [_to_decide(view, each) for each in asked if _asked_of_me(view, each)]
    if found.under_way and found.matter.opened_by == view.me:
        buttons.append(Button(say("button.withdraw_proposal"), "tiers.withdraw", here))
    if found.matter.state == Standing.APPROVED:
        buttons += list(_custodian(view, found.customer))
    if may_see(view, found.customer):
        buttons.append(Button(say("button.tiers"), "tiers.customer", {"customer": key(found.customer)}))
    return columns(buttons, 2)


def _asked_of_me(view: Viewer, step: Step) -> bool:
    """By their post; those above may answer as well, and are reminded when it is late."""
    those = steps.deciders(view.session, step, view.now)
    away = steps.may_decide_while_away(view.session, step, view.staff, view.now)
    return away or any(each.id == view.me for each in those)


def _to_decide(view: Viewer, step: Step) -> Button:
    if step.kind == RESOLUTION:
        return Button(say("button.minutes"), "tiers.meet", {"matter": step.matter_id})
    label = say("button.opine", post=post_name(view, step)) if step.kind == EVALUATION else say("decide.grading")
    return Button(label, "step.show", {"step": key(step)})


def _custodian(view: Viewer, customer: Customer) -> Iterator[Button]:
    """A strategic or key customer needs one (R31.1): one tap for those who name them."""
    missing = files.completeness(view.session, view.house, customer, view.today).missing
    if FilePart.CUSTODIAN in missing and view.may(Action.NAME_CUSTODIAN, subject_of(view, customer)):
        args = {"customer": key(customer), "part": FilePart.CUSTODIAN.value}
        yield Button(say("button.fill", part=say("file_part.custodian")), "file.fill", args)


@face(SUBJECT)
def as_it_stands(view: Viewer, matter: int) -> Screen | None:
    """The live card for one person; None for somebody who may not see it."""
    found = proposals.find(view.session, matter)
    if found is None or not may_look(view, found):
        return None
    return Screen(card(view, found), rows(view, found), subject=found.subject)


def may_look(view: Viewer, found: Found) -> bool:
    """By right of role, or because they were asked."""
    if may_see(view, found.customer):
        return True
    every = steps.of_matter(view.session, key(found.matter))
    return any(each.decided_by == view.me or decides(view, each) for each in every)


def with_news(view: Viewer, found: Found, news: Say) -> Screen:
    """What happened, over the card as it stands now; the news alone for somebody who may not see it."""
    shown = as_it_stands(view, key(found.matter))
    if shown is None:
        return Screen(news)
    return Screen(say("case.done", done=news, card=shown.text), shown.rows, subject=shown.subject)
