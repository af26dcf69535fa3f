"""What people hear of a survey while it goes on: a customer answered on the page, a unit has asked everybody."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from dialogue.surveys import head, said
from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen, row
from dialogue.viewer import Viewer
from models import survey_asked, survey_links
from models.customers import Customer
from models.people import Staff, Unit, holders, key, present
from models.survey_links import Refusal
from models.surveys import Campaign
from rules.gate import Action
from rules.house import House
from rules.roles import Role
from words import say


def all_asked(view: Viewer, campaign: Campaign, unit: int, unique_key: str, but: int | None = None) -> None:
    """Everybody was asked: the unit can hand in."""
    name = view.session.get_one(Unit, unit).name
    way = Button(
        say("button.survey_hand_in", unit=name), "survey.hand_in", {"survey": key(campaign.matter), "unit": unit}
    )
    for each in holders(view.session, Role.UNIT_HEAD, unit, view.now):
        if key(each) != but and view.eyes_of(each).reaches(Action.REPORT_SURVEY):
            screen = Screen(say("survey.all_asked", head=head(campaign), unit=name), (row(way),))
            tell(view.session, each, screen, MessageClass.RECEIPT, f"{unique_key}:asked:{each.id}", view.now)


def taken(
    session: Session, house: House, token: str, scores: dict[str, int], texts: dict[str, str], now: datetime
) -> Refusal | None:
    """What a customer wrote on the page, in the caller's transaction; whoever gave them the link hears of it. None: it counts."""
    found = survey_links.answer(session, token, scores, texts, now)
    if isinstance(found, Refusal):
        return found
    unique_key, unit = f"survey:{found.surveyed.id}:{found.link.digest[:16]}", found.surveyed.unit_id
    reply = survey_asked.reply_of(session, found.surveyed)
    assert reply is not None, "it was put on record just now"
    customer = session.get_one(Customer, found.surveyed.customer_id)
    text = say("survey.answered_by_page", customer=customer.called, outcome=said(found.campaign, reply))
    way = Button(say("button.survey"), "survey.show", {"survey": key(found.campaign.matter)})
    giver = session.get_one(Staff, found.link.by_id)
    for each in present(session, giver, now):
        tell(session, each, Screen(text, (row(way),)), MessageClass.REMINDER, f"{unique_key}:{each.id}", now)
    if not survey_asked.in_unit(session, found.campaign, unit).open:
        all_asked(Viewer(session, now, house, giver), found.campaign, unit, unique_key)
    return None
