"""月报, R14.8: the company's summary with its analysis. The sales department writes the measures and publishes it to leaders.

What was published stays; a correction is a new version beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Text
from dialogue.reports import READS, days_late, draft, is_theirs, may_read, read, state, title
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from models import month_figures, reports
from models.people import Unit, distinct, in_role, key
from models.report_lines import Pen, lines
from models.reports import Kind, Report
from rules.gate import Action
from rules.roles import Role, Tier
from words import Say, say

flow = Flow()
NEEDS = Action.PUBLISH_REPORT
LEADERS = (Role.CHAIRMAN, Role.GENERAL_MANAGER, Role.VICE_PRESIDENT, Role.UNIT_HEAD)
MOST_UNITS = 12
Figures = Mapping[str, Any]


def screen(turn: Turn, report: Report) -> Screen:
    """Figures of a draft are counted now, those of what was published stand as they were."""
    figures = report.figures if report.handed_at is not None else _counted(turn, report)
    units = [(each, turn.session.get(Report, each["report"])) for each in figures["reports"]]
    text = say(
        "report.company_page",
        title=title(turn, report),
        state=state(turn, report),
        came=sum(each["handed"] for each, _ in units),
        of=len(units),
        units=[_of_unit(turn, each, figures) for each, _ in units[:MOST_UNITS]],
        analysis=_analysis(figures),
        text=report.text or say("report.not_written"),
    )
    return Screen(text, _rows(turn, report, [each for _, each in units if each is not None]))


def _counted(turn: Turn, report: Report) -> dict[str, Any]:
    cycle = reports.cycle_of(turn.house, report)
    counted = month_figures.counted(turn.session, turn.house, cycle, turn.now)
    return {**counted, "reports": [_stands(turn, each) for each in _units(turn, report)]}


def _units(turn: Turn, report: Report) -> list[Report]:
    return reports.newest(reports.of_period(turn.session, report.period, Kind.UNIT))


def _stands(turn: Turn, unit: Report) -> dict[str, Any]:
    """What of a unit's report stands in the company's."""
    first, came = reports.first_of(turn.session, unit), unit.handed_at is not None
    count = sum(not each.struck for each in lines(turn.session, turn.house, unit)) if came else 0
    return {
        "report": key(unit),
        "unit": unit.unit_id,
        "handed": came,
        "late": days_late(turn.house, first, turn.now),
        "lines": count,
    }


def _of_unit(turn: Turn, each: Figures, figures: Figures) -> Say:
    made, wanted, _ = figures["units"].get(str(each["unit"]), (0, 0, 0))
    late = say("report.late", days=each["late"]) if each["late"] else None
    unit = turn.session.get(Report, each["report"])
    return say(
        "report.unit_came" if each["handed"] else "report.unit_missing",
        name=turn.session.get_one(Unit, each["unit"]).name,
        share=_share(made, wanted),
        late=late,
        count=each["lines"],
        text=unit.text[:200] if unit is not None and each["handed"] else None,
    )


def _share(made: int, wanted: int) -> str:
    """38/40 95 %; a dash where nothing was owed yet."""
    return f"{made}/{wanted} {made / wanted:.0%}" if wanted else "–"


def _analysis(figures: Figures) -> list[Say]:
    """Coverage by tier, what was not done, anomalies and what became of them, doubtful entries, what was talked about."""
    made, wanted, missed = figures["all"]
    tiers = [
        say("report.of_tier", tier=say(f"tier.{tier}"), share=_share(*figures["tiers"][tier][:2]))
        for tier in Tier
        if tier in figures["tiers"]
    ]
    anomalies = [say(f"report.anomaly_{what}", count=count) for what, count in sorted(figures["anomalies"].items())]
    doubtful = [say(f"report.doubt_{what}", count=count) for what, count in figures["doubtful"].items() if count]
    topics = [say("report.topic", topic=say(f"topic.{name}"), count=count) for name, count in figures["topics"]]
    return [
        say("report.duties", share=_share(made, wanted), missed=missed),
        *([say("report.tiers", tiers=say("list", items=tiers))] if tiers else []),
        say(
            "report.talks",
            count=figures["talks"],
            topics=say("report.about", topics=say("list", items=topics)) if topics else None,
        ),
        say("report.anomalies", items=say("list", items=anomalies)) if anomalies else say("report.no_anomalies"),
        *([say("report.doubtful", items=say("list", items=doubtful))] if doubtful else []),
    ]


def _rows(turn: Turn, report: Report, units: list[Report]) -> Rows:
    here = {"report": key(report)}
    reads = [
        Button(say("text", text=turn.session.get_one(Unit, each.unit_id).name), "monthly.show", {"report": key(each)})
        for each in units[:MOST_UNITS]
        if each.handed_at is not None and may_read(turn, each)
    ]
    ways = [Button(say("button.charts"), "chart.open", {})] if turn.reaches(READS) else []
    if turn.reaches(READS):
        ways.append(Button(say("button.report_status"), "monthly.status", {"period": report.period}))
    mine = is_theirs(turn, report)
    newest = reports.versions(turn.session, report)[-1]
    if mine and report.handed_at is not None and newest is report:
        ways.append(Button(say("button.report_revise"), "monthly.revise", here))
    publish = Button(say("button.report_publish"), "monthly.publish", here)
    write = Button(say("button.report_measures"), "monthly.measures", here)
    first: Rows = ((publish, write),) if mine and report.handed_at is None else ()
    return (*first, *columns(ways, 3), *columns(reads, 2))


def _gone(turn: Turn, number: int) -> Reply:
    return Reply(screen(turn, read(turn, number)), toast=say("report.published_already"))


def _written(turn: Turn, answers: Answers) -> Reply:
    found = draft(turn, answers["report"], Kind.COMPANY)
    if found is None:
        raise WrongAnswerError(say("report.published_already"))
    reports.write(turn.session, found, answers["text"], turn.staff, turn.now)
    return _published(turn, found) if answers.get("send") else Reply(screen(turn, found))


FORM = Form(
    "report_measures",
    NEEDS,
    (
        Field("report", Text(), hidden=True),
        Field("send", Text(), required=False, hidden=True),
        Field("text", Text(quick=("report.no_measures",))),
    ),
    _written,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)


@flow.deed("monthly.measures", needs=NEEDS)
def measures(turn: Turn, report: int) -> Reply:
    if draft(turn, report, Kind.COMPANY) is None:
        return _gone(turn, report)
    return Reply(engine.begin(turn, FORM, {"report": report}).screen, new=True)


@flow.deed("monthly.publish", needs=NEEDS)
def publish(turn: Turn, report: int) -> Reply:
    """Without measures those are asked for first, and then it goes out."""
    found = draft(turn, report, Kind.COMPANY)
    if found is None:
        return _gone(turn, report)
    if not found.text:
        return Reply(engine.begin(turn, FORM, {"report": report, "send": True}).screen, new=True)
    return _published(turn, found)


def _published(turn: Turn, report: Report) -> Reply:
    figures = _counted(turn, report)
    Pen(turn.session, turn.house, report, turn.staff, turn.now).hand_in(turn.staff, figures)
    made, wanted, missed = figures["all"]
    news = say(
        "report.news",
        title=title(turn, report),
        by=turn.staff.name,
        duties=say("report.duties", share=_share(made, wanted), missed=missed),
        text=report.text[:300],
    )
    look = Button(say("button.report_company"), "monthly.show", {"report": key(report)})
    # themselves, also while they are away: it is to be read, not to be done
    told = distinct(each for role in LEADERS for each in in_role(turn.session, role, turn.now))
    for each in told:
        if key(each) != turn.me:
            tell(
                turn.session,
                each,
                Screen(news, ((look,),)),
                MessageClass.RECEIPT,
                f"{turn.unique_key}:{each.id}",
                turn.now,
            )
    return Reply(screen(turn, report), toast=say("report.published", count=len(told)))
