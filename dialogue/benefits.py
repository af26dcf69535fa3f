"""优惠条件 on the screen: the kind and the days for whoever sees the card, the terms in the confidential part of the file."""

from __future__ import annotations

from dialogue.viewer import Viewer
from models import preferences, proposals
from models.customers import Customer
from models.people import key
from models.preferences import Preference
from words import Say, say


def benefit_line(view: Viewer, preference: Preference) -> Say:
    """What kind, from when to when; the terms stand in the confidential part of the file."""
    return say(
        _tense(view, preference),
        benefit=say(f"benefit_kind.{preference.benefit}"),
        starts=preference.starts,
        ends=preference.ends,
    )


def _tense(view: Viewer, preference: Preference) -> str:
    if not preference.is_held(view.today):
        return "benefit.ended"
    return "benefit.later" if preference.starts > view.today else "benefit.held"


def held_lines(view: Viewer, customer: Customer) -> list[Say]:
    return [benefit_line(view, each) for each in preferences.held(view.session, key(customer), view.today)]


def terms_lines(view: Viewer, customer: Customer) -> list[Say]:
    """With the words and the number, for whoever opened that part of the file."""
    return [
        say("benefit.terms", line=benefit_line(view, each), number=found.matter.number, terms=found.proposal.terms)
        for each in preferences.of_customer(view.session, key(customer))
        if (found := proposals.find(view.session, each.matter_id)) is not None
    ]
