"""What a survey found: by question, tier and unit, against the last half-year; the words of customers; and a unit's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.surveys import counts, half_name, head, question
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.choosing import turning, which_tier, which_unit
from handlers.survey import SEE, campaign_of, page, rule_of, sight
from models import survey_asked, survey_figures, surveys
from models.customers import Customer
from models.people import Staff, Unit, distinct, holders, key
from models.survey_asked import Progress
from models.survey_figures import Answer, Tally, by_question, change, grouped, together
from models.surveys import Campaign
from rules.gate import Action, Subject
from rules.roles import Role, Tier
from words import Say, Value, say

flow = Flow()
REPORT = Action.REPORT_SURVEY
A_PAGE = 8
MOST_UNITS = 12


@dataclass(frozen=True)
class Shown:
    """Whose answers are shown; kept in the buttons."""

    survey: int
    unit: int | None = None
    tier: str | None = None
    page: int = 0

    def but(self, **changes: object) -> Mapping[str, object]:
        return {**asdict(self), "page": 0, **changes}


@flow.deed("survey.results", needs=SEE)
def results(turn: Turn, survey: int, unit: int | None = None, tier: str | None = None, page: int = 0) -> Reply:
    campaign = campaign_of(turn, survey)
    _need_unit(turn, unit)
    return Reply(_results(turn, campaign, Shown(survey, unit, tier)))


def _need_unit(turn: Turn, unit: int | None) -> None:
    if unit is not None:
        turn.need(SEE, Subject(unit=unit))


def _answers(turn: Turn, campaign: Campaign, shown: Shown) -> list[Answer]:
    return survey_figures.answers(turn.session, campaign, sight(turn), shown.unit, shown.tier)


def _results(turn: Turn, campaign: Campaign, shown: Shown) -> Screen:
    found = _answers(turn, campaign, shown)
    tallies = by_question(found, campaign.survey.scores)
    text = say(
        "survey.results",
        head=head(campaign),
        what=_what(turn, shown),
        counts=_counts(turn, campaign, shown, found),
        lines=list(_lines(turn, campaign, shown, tallies)),
        groups=[*_groups(turn, campaign, shown, found)] or None,
        compared=_compared(turn, campaign),
        reports=_reports(turn, campaign, shown) or None,
    )
    return Screen(text, _ways(turn, campaign, shown, found))


def _what(turn: Turn, shown: Shown) -> Value:
    parts: list[Value] = [turn.session.get_one(Unit, shown.unit).name] if shown.unit is not None else []
    parts += [say(f"tier.{shown.tier}")] if shown.tier else []
    return say("survey.of", what=say("list", items=parts)) if parts else None


def _counts(turn: Turn, campaign: Campaign, shown: Shown, found: Sequence[Answer]) -> Say:
    """Who could not be asked stands apart; of one tier only what came of it can be said."""
    by_page = sum(each.by_page for each in found)
    if shown.tier:
        of_all = grouped(found, lambda each: each.reply.outcome)
        some = {name: len(of_all.get(name, ())) for name in surveys.Outcome}
        return say("survey.counts_of_tier", **{name.value: count for name, count in some.items()}, by_page=by_page)
    total = sum(survey_asked.progress(turn.session, campaign, sight(turn), shown.unit).values(), Progress())
    return say("survey.counts_in_all", counts=counts(total), by_page=by_page)


def _before(turn: Turn, campaign: Campaign) -> Campaign | None:
    return surveys.of_half(turn.session, campaign.half.before)


def _lines(turn: Turn, campaign: Campaign, shown: Shown, tallies: Mapping[str, Tally]) -> Iterator[Say]:
    before = _before(turn, campaign)
    earlier = by_question(_answers(turn, before, shown), campaign.survey.scores) if before else {}
    asked = {each["id"]: each for each in campaign.survey.questions}
    for name, tally in tallies.items():
        yield _line(turn, question(asked[name]), tally, earlier.get(name))
    if len(tallies) > 1:
        yield _line(turn, say("survey.together"), together(tallies), together(earlier) if before else None)


def _line(turn: Turn, name: Say, tally: Tally, before: Tally | None) -> Say:
    if tally.mean is None or tally.share is None:
        return say("survey.no_marks", name=name)
    rule = rule_of(turn)
    changed = change(tally, before, rule.fewest if rule else 1)
    return say(
        "survey.line",
        name=name,
        mean=f"{tally.mean:.2f}",
        share=f"{tally.share:.0%}",
        count=tally.count,
        change=say("survey.change", by=f"{changed:+.2f}") if changed is not None else None,
        marks=say(
            "list",
            items=[
                say("survey.marks", mark=mark, count=tally.marks[mark]) for mark in range(5, 0, -1) if tally.marks[mark]
            ],
        ),
    )


def _groups(turn: Turn, campaign: Campaign, shown: Shown, found: Sequence[Answer]) -> Iterator[Say]:
    """All questions together, tier by tier and unit by unit, where there are several."""
    if shown.tier is None:
        tiers = grouped(found, lambda each: each.surveyed.tier)
        yield from _means(campaign, [(say(f"tier.{each}"), tiers[each.value]) for each in Tier if each.value in tiers])
    if shown.unit is None:
        units = grouped(found, lambda each: each.surveyed.unit_id)
        named = [(say("text", text=turn.session.get_one(Unit, each).name), units[each]) for each in sorted(units)]
        yield from _means(campaign, named[:MOST_UNITS])


def _means(campaign: Campaign, groups: Sequence[tuple[Say, Sequence[Answer]]]) -> Iterator[Say]:
    for name, found in groups if len(groups) > 1 else ():
        tally = together(by_question(found, campaign.survey.scores))
        if tally.mean is not None and tally.share is not None:
            yield say(
                "survey.group",
                name=name,
                mean=f"{tally.mean:.2f}",
                share=f"{tally.share:.0%}",
                count=len([each for each in found if each.reply.scores]),
            )


def _compared(turn: Turn, campaign: Campaign) -> Say:
    """With which survey, or why not."""
    before, rule = _before(turn, campaign), rule_of(turn)
    if before is None:
        return say("survey.nothing_before", half=half_name(campaign.half.before))
    return say("survey.compared", half=half_name(before.half), fewest=rule.fewest if rule else 1)


def _reports(turn: Turn, campaign: Campaign, shown: Shown) -> list[Say]:
    """What the units wrote, as far as this person sees their unit."""
    return [
        say(
            "survey.report",
            unit=turn.session.get_one(Unit, unit).name,
            by=turn.session.get_one(Staff, each.by_id).name,
            when=each.at,
            text=each.text[:400],
        )
        for unit, each in surveys.reports(turn.session, campaign).items()
        if turn.may(SEE, Subject(unit=unit)) and shown.unit in (None, unit) and shown.tier is None
    ]


def _ways(turn: Turn, campaign: Campaign, shown: Shown, found: Sequence[Answer]) -> Rows:
    said = sum(bool(each.reply.texts) for each in found)
    looks = [Button(say("button.survey_words", count=said), "survey.words", shown.but())] if said else []
    if len(survey_asked.progress(turn.session, campaign, sight(turn))) > 1:
        looks.append(Button(say("button.by_unit"), "survey.of_unit", shown.but()))
    looks.append(Button(say("button.tier"), "survey.of_tier", shown.but()))
    looks.append(Button(say("button.back"), "survey.show", {"survey": shown.survey}))
    return columns(looks, 2)


@flow.deed("survey.of_unit", needs=SEE)
def of_unit(turn: Turn, survey: int, unit: int | None = None, tier: str | None = None, page: int = 0) -> Reply:
    campaign = campaign_of(turn, survey)
    theirs = [turn.session.get_one(Unit, each) for each in survey_asked.progress(turn.session, campaign, sight(turn))]
    return which_unit("survey.results", Shown(survey, unit, tier).but, theirs)


@flow.deed("survey.of_tier", needs=SEE)
def of_tier(turn: Turn, survey: int, unit: int | None = None, tier: str | None = None, page: int = 0) -> Reply:
    campaign_of(turn, survey)
    _need_unit(turn, unit)
    return which_tier("survey.results", Shown(survey, unit, tier).but)


@flow.deed("survey.words", needs=SEE)
def words(turn: Turn, survey: int, unit: int | None = None, tier: str | None = None, page: int = 0) -> Reply:
    """The free words, customer by customer."""
    campaign, shown = campaign_of(turn, survey), Shown(survey, unit, tier, page)
    _need_unit(turn, unit)
    found = [each for each in _answers(turn, campaign, shown) if each.reply.texts]
    last = max(0, (len(found) - 1) // A_PAGE)
    at = max(0, min(page, last))
    text = say(
        "survey.words",
        head=head(campaign),
        count=len(found),
        page=say("page", page=at + 1, pages=last + 1) if last else None,
        lines=[
            _said(turn, number, each) for number, each in list(enumerate(found, 1))[at * A_PAGE : (at + 1) * A_PAGE]
        ],
    )
    ways = turning("survey.words", at, last, lambda to: shown.but(page=to))
    looks = [
        Button(say("survey.number", number=number), "customer.card", {"customer": each.surveyed.customer_id})
        for number, each in list(enumerate(found, 1))[at * A_PAGE : (at + 1) * A_PAGE]
        if turn.reaches(Action.SEE_CUSTOMER)
    ]
    back = Button(say("button.back"), "survey.results", shown.but())
    return Reply(Screen(text, (*columns(looks, 8), row(*ways, back))))


def _said(turn: Turn, number: int, answer: Answer) -> Say:
    name = turn.session.get_one(Customer, answer.surveyed.customer_id).called
    return say(
        "survey.said",
        number=number,
        customer=name,
        texts=say("list", items=[each[:600] for each in answer.reply.texts.values()]),
    )


# A unit hands in


@flow.deed("survey.hand_in", needs=REPORT)
def hand_in(turn: Turn, survey: int, unit: int) -> Reply:
    campaign = _theirs(turn, survey, unit)
    if why := _not_yet(turn, campaign, unit):
        return notice(why, _to_list(campaign, unit))
    return Reply(engine.begin(turn, FORM, {"survey": survey, "unit_id": unit}).screen, new=True)


def _theirs(turn: Turn, survey: int, unit: int) -> Campaign:
    turn.need(REPORT, Subject(unit=unit))
    return campaign_of(turn, survey, REPORT)


def _not_yet(turn: Turn, campaign: Campaign, unit: int) -> Say | None:
    if not campaign.takes_answers:
        return say("survey.over", head=head(campaign))
    left = survey_asked.in_unit(turn.session, campaign, unit).open
    return say("survey.not_all", count=left) if left else None


def _to_list(campaign: Campaign, unit: int) -> tuple[Button, ...]:
    here = {"survey": key(campaign.matter), "unit": unit}
    return row(Button(say("button.survey_list"), "survey.list", here))


def _remark(turn: Turn, answers: Answers) -> Value:
    """What the unit's customers said, above the report."""
    campaign = _theirs(turn, answers["survey"], answers["unit_id"])
    found = _answers(turn, campaign, Shown(answers["survey"], answers["unit_id"]))
    tallies = by_question(found, campaign.survey.scores)
    return list(_lines(turn, campaign, Shown(answers["survey"], answers["unit_id"]), tallies))


def _submit(turn: Turn, answers: Answers) -> Reply:
    unit = answers["unit_id"]
    campaign = _theirs(turn, answers["survey"], unit)
    if why := _not_yet(turn, campaign, unit):
        raise WrongAnswerError(why)
    surveys.hand_in(turn.session, turn.house, campaign, turn.staff, unit, answers["text"], turn.now)
    _tell_department(turn, campaign, unit, answers["text"])
    return Reply(page(turn, campaign), toast=say("survey.handed_in_toast"))


def _tell_department(turn: Turn, campaign: Campaign, unit: int, text: str) -> None:
    """The sales department reads the report, and hears when it was the last one."""
    left = len(surveys.awaited(turn.session, campaign))
    news = say(
        "survey.report_came",
        head=head(campaign),
        unit=turn.session.get_one(Unit, unit).name,
        by=turn.staff.name,
        text=text,
        left=say("survey.units_left", count=left) if left else say("survey.all_handed_in"),
    )
    rows = (row(Button(say("button.survey"), "survey.show", {"survey": key(campaign.matter)})),)
    for each in distinct(holders(turn.session, Role.SALES_DEPT, campaign.matter.unit_id, turn.now)):
        if key(each) != turn.me:
            tell(turn.session, each, Screen(news, rows), MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)


FORM = Form(
    "survey_report",
    REPORT,
    (Field("survey", Text(), hidden=True), Field("unit_id", Text(), hidden=True), Field("text", Text(shortest=2))),
    _submit,
    lambda _turn, _text: {},
    _remark,
)
flow.forms.append(FORM)
