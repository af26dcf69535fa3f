"""/survey 满意度调查 (article 15（五）): how far it is, unit by unit; opening it; and who is still to be asked, one tap each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Picks, Text, Whole
from dialogue.surveys import counts, half_name, head, progress_lines, row_line
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.calls import whom
from handlers.choosing import turning, which_unit
from models import survey_asked, surveys
from models.customers import Customer
from models.people import Staff, Unit, distinct, holders, key
from models.records import last_entries
from models.survey_asked import Progress
from models.surveys import Campaign, Surveyed
from rules import gate
from rules.entries import SurveyRule
from rules.gate import Action, Scope, Subject
from rules.halves import Half
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
SEE, ASK, RUN = Action.SEE_SURVEY, Action.ASK_SURVEY, Action.RUN_SURVEY
A_PAGE = 8
SEEDS = 2**31


def rule_of(turn: Turn) -> SurveyRule | None:
    return turn.house.rulebook.survey


def campaign_of(turn: Turn, survey: int, action: Action = SEE) -> Campaign:
    """One that there is, for somebody who reaches surveys at all. Raises `NotAllowedError`."""
    turn.need_any(action)
    found = surveys.find(turn.session, survey)
    if found is None:
        raise NotAllowedError(action)
    return found


def sight(turn: Turn) -> Scope:
    return gate.scope(turn.actor, SEE)


@flow.command("survey", "满意度调查", "调查", needs=SEE)
def survey(turn: Turn, _: str) -> Reply:
    return _newest(turn)


@flow.deed("survey.open", needs=SEE)
def open_newest(turn: Turn) -> Reply:
    return replace(_newest(turn), new=True)


def _newest(turn: Turn) -> Reply:
    if rule_of(turn) is None:
        return notice(say("survey.no_rule"))
    found = surveys.latest(turn.session, 1)
    return Reply(page(turn, found[0]) if found else _none_yet(turn))


def way(turn: Turn) -> Rows:
    """From the menu, while somebody of theirs is still to be asked."""
    if not turn.reaches(ASK):
        return ()
    running = [each for each in surveys.latest(turn.session, 1) if each.takes_answers]
    count = sum(each.open for one in running for each in survey_asked.progress(turn.session, one, sight(turn)).values())
    return (row(Button(say("button.survey_ask", count=count), "survey.open", {})),) if count else ()


def _none_yet(turn: Turn) -> Screen:
    return Screen(say("survey.none"), _to_begin(turn, None))


@flow.deed("survey.show", needs=SEE)
def show(turn: Turn, survey: int) -> Reply:
    return Reply(page(turn, campaign_of(turn, survey)))


def page(turn: Turn, campaign: Campaign) -> Screen:
    found = survey_asked.progress(turn.session, campaign, sight(turn))
    total = sum(found.values(), Progress())
    rule = rule_of(turn)
    text = say(
        "survey.page",
        head=head(campaign),
        due=campaign.survey.due_at,
        drawn=_drawn(turn, campaign),
        lines=progress_lines(turn, campaign) or say("survey.nobody"),
        total=say("survey.total", counts=counts(total)) if len(found) > 1 else None,
        article=rule.article if rule else "",
    )
    return Screen(text, (*_ways(turn, campaign, total), *_to_begin(turn, campaign)))


def _drawn(turn: Turn, campaign: Campaign) -> Say:
    """Whom it asks; to those who see all of it with the seed, by which the same are drawn again."""
    size, seed = campaign.survey.size, str(campaign.survey.seed)
    if size is None:
        return say("survey.everybody")
    return say("survey.sample", size=size, seed=seed) if sight(turn).all else say("survey.sample_of", size=size)


def _ways(turn: Turn, campaign: Campaign, total: Progress) -> Rows:
    here = {"survey": key(campaign.matter)}
    first = []
    if campaign.takes_answers and total.open and turn.reaches(ASK):
        first.append(Button(say("button.survey_ask", count=total.open), "survey.list", here))
    if total.asked > total.open:
        first.append(Button(say("button.survey_asked"), "survey.list", {**here, "which": "done"}))
        first.append(Button(say("button.survey_results"), "survey.results", here))
    second = [Button(say("button.survey_plan"), "survey.plan", here)] if _shows_plan(turn, campaign) else []
    if not campaign.takes_answers or len(surveys.latest(turn.session, 2)) > 1:
        second.append(Button(say("button.survey_past"), "survey.past", {}))
    rows = (*_hand_in(turn, campaign), *columns(first, 2), tuple(second))
    return tuple(each for each in rows if each)


def _shows_plan(turn: Turn, campaign: Campaign) -> bool:
    return turn.reaches(RUN) or not campaign.takes_answers


def _hand_in(turn: Turn, campaign: Campaign) -> Rows:
    """For those of their units that have asked everybody and not handed in."""
    mine = gate.scope(turn.actor, Action.REPORT_SURVEY).units
    waited = surveys.awaited(turn.session, campaign) if campaign.takes_answers else []
    done = [each for each in waited if each in mine and not survey_asked.in_unit(turn.session, campaign, each).open]
    buttons = [
        Button(
            say("button.survey_hand_in", unit=turn.session.get_one(Unit, each).name),
            "survey.hand_in",
            {"survey": key(campaign.matter), "unit": each},
        )
        for each in done[:A_PAGE]
    ]
    return columns(buttons, 1)


@flow.deed("survey.past", needs=SEE)
def past(turn: Turn) -> Reply:
    turn.need_any(SEE)
    buttons = [
        Button(half_name(each.half), "survey.show", {"survey": key(each.matter)})
        for each in surveys.latest(turn.session)
    ]
    return Reply(Screen(say("survey.past"), columns(buttons, 2)))


# Opened


def _to_begin(turn: Turn, running: Campaign | None) -> Rows:
    """While one is still being asked, the next waits."""
    half = surveys.to_open(turn.session, turn.house, turn.now)
    busy = running is not None and running.takes_answers
    if half is None or busy or not turn.reaches(RUN):
        return ()
    return (row(Button(say("button.survey_begin", half=half_name(half)), "survey.begin", {})),)


class Size(Whole):
    """How many of each tier in each unit; a few sizes can be tapped."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(str(each), each) for each in (3, 5, 10, 20, 30)]


@flow.deed("survey.begin", needs=RUN)
def begin(turn: Turn) -> Reply:
    half = surveys.to_open(turn.session, turn.house, turn.now)
    if half is None:
        return notice(say("survey.begun_already" if rule_of(turn) else "survey.no_rule"))
    return Reply(engine.begin(turn, BEGINNING, {"half": half.name}).screen, new=True)


def _remark(turn: Turn, answers: Answers) -> Value:
    rule = rule_of(turn)
    if rule is None:
        return None
    drawn = surveys.draw(surveys.candidates(turn.session, rule), answers.get("size"), 0)
    due = rule.done_by(Half.named(answers["half"]))
    return say("survey.to_ask", count=len(drawn), units=len({each.unit for each in drawn}), due=due)


def _begun(turn: Turn, answers: Answers) -> Reply:
    turn.need(RUN, Subject(unit=surveys.home(turn.session, turn.now)))
    half = surveys.to_open(turn.session, turn.house, turn.now)
    if half is None or half.name != answers["half"]:
        raise WrongAnswerError(say("survey.begun_already"))
    size = answers["size"] if answers["drawn"] == "sample" else None
    campaign = surveys.begin(turn.session, turn.house, turn.staff, half, size, secrets.randbelow(SEEDS), turn.now)
    told = _announce(turn, campaign)
    return Reply(page(turn, campaign), toast=say("survey.begun", count=told))


def _announce(turn: Turn, campaign: Campaign) -> int:
    """Heads of units and owners of customers hear whom they have to ask. Returns how many could be told."""
    found = survey_asked.progress(turn.session, campaign, Scope(True, frozenset(), None, None))
    heads = [each for unit in found for each in holders(turn.session, Role.UNIT_HEAD, unit, turn.now)]
    owners = [turn.session.get_one(Staff, each) for each in survey_asked.owners_of(turn.session, campaign)]
    told = 0
    for each in distinct([*heads, *owners]):
        if key(each) == turn.me:
            continue
        total = sum(survey_asked.progress(turn.session, campaign, sight(turn.seen_by(each))).values(), Progress())
        news = say("survey.started", head=head(campaign), count=total.asked, due=campaign.survey.due_at)
        rows = (row(Button(say("button.survey"), "survey.open", {})),)
        card = tell(
            turn.session, each, Screen(news, rows), MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now
        )
        told += card is not None
    return told


BEGINNING = Form(
    "survey_begin",
    RUN,
    (
        Field("half", Text(), hidden=True),
        Field("drawn", Choice("survey_whom", ("all", "sample"))),
        Field("size", Size(1, 1000), asked=lambda answers: answers.get("drawn") == "sample"),
    ),
    _begun,
    lambda _turn, _text: {},
    _remark,
    about=lambda turn, answers: turn.voice.plain(half_name(Half.named(answers["half"]))),
)
flow.forms.append(BEGINNING)

# Who is asked


@dataclass(frozen=True)
class Shown:
    """What the list shows; kept in its buttons."""

    survey: int
    unit: int | None = None
    which: str = "open"
    page: int = 0

    def but(self, **changes: object) -> Mapping[str, object]:
        return {**asdict(self), "page": 0, **changes}


@flow.deed("survey.list", needs=SEE)
def list_(turn: Turn, survey: int, unit: int | None = None, which: str = "open", page: int = 0) -> Reply:
    campaign = campaign_of(turn, survey)
    if unit is not None:
        turn.need(SEE, Subject(unit=unit))
    return Reply(_list(turn, campaign, Shown(survey, unit, which, page)))


def _list(turn: Turn, campaign: Campaign, shown: Shown) -> Screen:
    is_open = shown.which == "open"
    total = sum(survey_asked.progress(turn.session, campaign, sight(turn), shown.unit).values(), Progress())
    count = total.open if is_open else total.asked - total.open
    last = max(0, (count - 1) // A_PAGE)
    at = max(0, min(shown.page, last))
    found = survey_asked.rows(
        turn.session, campaign, sight(turn), unit=shown.unit, is_open=is_open, skip=at * A_PAGE, most=A_PAGE
    )
    numbered = list(enumerate(found, at * A_PAGE + 1))
    text = say(
        "survey.list",
        head=head(campaign),
        what=say("survey.still_open" if is_open else "survey.asked_so_far", count=count),
        page=say("page", page=at + 1, pages=last + 1) if last else None,
        lines=[row_line(campaign, number, each, _whom(turn, each.customer)) for number, each in numbered]
        or say("ledger.empty"),
    )
    asks = [
        Button(
            say("button.survey_call" if is_open else "button.survey_again", number=number),
            "survey.ask",
            {"surveyed": key(each.surveyed)},
        )
        for number, each in numbered
        if campaign.takes_answers and turn.may(ASK, Subject(unit=each.customer.unit_id, owner=each.customer.owner_id))
    ]
    return Screen(text, (*columns(asks, 4), *_turning(turn, campaign, replace(shown, page=at), last)))


def _whom(turn: Turn, customer: Customer) -> Value:
    """Whom to ask for, with the number."""
    last = next(iter(last_entries(turn.session, key(customer), 1)), None)
    person = whom(turn, customer, last)
    return say("survey.person", name=person.name, phone=person.phone) if person else None


def _turning(turn: Turn, campaign: Campaign, shown: Shown, last: int) -> Rows:
    ways = turning("survey.list", shown.page, last, lambda page: shown.but(page=page))
    if len(survey_asked.progress(turn.session, campaign, sight(turn))) > 1:
        ways.append(Button(say("button.by_unit"), "survey.units", {"survey": shown.survey, "which": shown.which}))
    ways.append(Button(say("button.back"), "survey.show", {"survey": shown.survey}))
    return (tuple(ways),)


@flow.deed("survey.units", needs=SEE)
def units(turn: Turn, survey: int, which: str = "open") -> Reply:
    campaign = campaign_of(turn, survey)
    theirs = [turn.session.get_one(Unit, each) for each in survey_asked.progress(turn.session, campaign, sight(turn))]
    return which_unit("survey.list", Shown(survey, None, which).but, theirs)


def next_one(turn: Turn, campaign: Campaign) -> Surveyed | None:
    """Whom this person could ask next."""
    reach = gate.scope(turn.actor, ASK)
    found = survey_asked.rows(turn.session, campaign, reach, unit=None, is_open=True, skip=0, most=1)
    return found[0].surveyed if found else None
