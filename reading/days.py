"""Days, weeks and months by name and by number: 后天, 下周三, 月底, 12月8号, 2026-12-01."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice

from dateutil.relativedelta import relativedelta

from reading.characters import CONTINUED, FOLLOWED, NUMBER, NUMERALS, number, year
from reading.when import ONE_DAY, Context, Interval, When, rule

_NO_HABIT = "(?<![每逢隔])"
_WEEK = "(?:周|星期|礼拜)"
_DAY_OF_WEEK = {character: index for index, character in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_DAY_OF_WEEK |= {str(index + 1): index for index in range(7)}
_STEPS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "今": 0, "下": 1, "下下": 2}
_NO_WEEKDAY = "(?<=五)[金矿粮菱]|(?<=末)班|愉快|快乐|[个家次台吨天名位批件种条箱岁百千万]|十[号日]"
_YEAR_WORDS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上年": -1,
    "今年": 0,
    "本年": 0,
    "当年": 0,
    "明年": 1,
    "来年": 1,
    "后年": 2,
}
_YEAR_DIGITS = r"(?:\d{4}|\d{2}|[零〇○一二三四五六七八九]{4}|[二][五六七八九]) 年"
_NO_YEAR = "(?<![说证声表文发透])"
_YEAR = f"(?P<year>{'|'.join(_YEAR_WORDS)}|{_YEAR_DIGITS}) 的?"
_PART_OF_MONTH = "底|末|初|中旬|上旬|下旬"


def month_of(day: date, step: int = 0) -> date:
    """The first day of the month `step` months away."""
    return day.replace(day=1) + relativedelta(months=step)


def whole_month(first: date) -> Interval:
    return Interval(first, first + relativedelta(months=1))


def monday(day: date, step: int = 0) -> date:
    return day - timedelta(days=day.weekday()) + timedelta(weeks=step)


def days_from(context: Context, start: date | None = None) -> Iterator[date]:
    """The days in the order of the direction, the anchor first."""
    step = ONE_DAY if context.forward else -ONE_DAY
    day = start or context.anchor
    return (day + step * n for n in count())


def real_days(years: Iterable[int], month: int, day: int) -> Iterator[date]:
    for number_of_year in years:
        try:
            yield date(number_of_year, month, day)
        except ValueError:
            continue


def nearest_month_day(context: Context, month: int, day: int) -> date | None:
    """The next, or the last, such day; 2月30日 is none."""
    first = context.anchor.year
    years = range(first, first + 9) if context.forward else range(first, first - 9, -1)
    fitting = (
        d for d in real_days(years, month, day) if (d >= context.anchor if context.forward else d <= context.anchor)
    )
    return next(fitting, None)


def _named_year(written: str, context: Context) -> int | None:
    written = written.replace(" ", "")
    if written in _YEAR_WORDS:
        return context.today.year + _YEAR_WORDS[written]
    return year(written.removesuffix("年"))


# Days


_NAMED_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "本": 0, "明": 1, "后": 2, "大后": 3}


@rule(
    "今明昨后前大",
    "(?P<day>大后|大前|(?<![以之然最午背往明])后|(?<![提以之目午])前|今|(?<![说证表声])明|昨) "
    "(?:天(?!天|数|性|因素)|日(?![内后前]|科技|头条)|儿(?!子)|(?=[早晚晨夜](?!期)))",
)
def named_day(match: re.Match[str], context: Context) -> When:
    return context.today + timedelta(days=_NAMED_DAYS[match["day"]])


@rule(
    "上下这本当",
    rf"{_NO_HABIT}(?P<step>上上|下下|上|下|这|本|当) (?:一 )?个? {_WEEK} "
    rf"(?:(?P<day>[一二三四五六日天末](?!{_NO_WEEKDAY})|[1-7](?!{_NO_WEEKDAY}|[\d.点:]))|"
    "(?P<edge>初|内|之内|以内|之前|以前|前(?!台))|(?![年转边期]))",
)
def day_of_that_week(match: re.Match[str], context: Context) -> When:
    start = monday(context.today, _STEPS[match["step"]])
    if match["day"] == "末":
        return Interval(start + timedelta(days=5), start + timedelta(days=7))
    if match["day"]:
        return start + timedelta(days=_DAY_OF_WEEK[match["day"]])
    return _edge(Interval(start, start + timedelta(days=7)), match["edge"])


def _edge(span: Interval, edge: str | None) -> When:
    """The day that a deadline names: 下周内 its last day, 下周前 the day before it, 下周初 its first."""
    if not edge:
        return span
    if edge == "初":
        return span.start
    return span.end - ONE_DAY if edge.endswith("内") else span.start - ONE_DAY


@rule(
    "周星礼",
    rf"{_NO_HABIT}(?<![{NUMERALS}几半每\d]){_WEEK} "
    rf"(?:(?P<day>[一二三四五六日末天])|(?P<digit>[1-7])(?![\d.点:]))(?<!周天)(?!{_NO_WEEKDAY})",
)
def weekday(match: re.Match[str], context: Context) -> When | None:
    day = match["day"] or match["digit"]
    start = context.anchor
    if context.forward and context.week_of and context.week_of > start:
        start = context.week_of
    if day == "末":
        return _weekend(start, context)
    return next(d for d in days_from(context, start) if d.weekday() == _DAY_OF_WEEK[day])


def _weekend(day: date, context: Context) -> When:
    saturday = monday(day) + timedelta(days=5)
    if not context.forward and saturday > day:
        saturday -= timedelta(weeks=1)
    return Interval(saturday, saturday + timedelta(days=2))


# Months


def _of_month(first: date, part: str | None) -> When:
    last = first + relativedelta(months=1)
    parts: dict[str | None, When] = {
        "底": last - ONE_DAY,
        "末": last - ONE_DAY,
        "内": last - ONE_DAY,
        "初": first,
        "上旬": Interval(first, first.replace(day=11)),
        "中旬": Interval(first.replace(day=11), first.replace(day=21)),
        "下旬": Interval(first.replace(day=21), last),
        "中": first.replace(day=15),
    }
    return parts.get(part, Interval(first, last))


def _day_in(first: date, day: str, last: str | None = None) -> When | None:
    """A day of that month, or a span of days in it (both ends counted)."""
    numbers = [number(day), number(last) if last else None]
    days = [next(real_days([first.year], first.month, n), None) if n else None for n in numbers]
    if not days[0]:
        return None
    if not last:
        return days[0]
    return Interval(days[0], days[1] + ONE_DAY) if days[1] and days[1] > days[0] else None


_DAYS = rf"(?P<day>{NUMBER}) (?:[日号]?[-~到至—](?P<last>{NUMBER}) )?[日号]"


@rule(
    "上下这本当",
    rf"{_NO_HABIT}(?P<step>上上|下下|上|下|这|本|当) (?:一 )?个? 月(?:份)? "
    rf"(?:{_DAYS}|(?P<part>{_PART_OF_MONTH}|中(?!午)|内)|(?P<before>之前|以前|前)|(?![饼台光球]))",
)
def that_month(match: re.Match[str], context: Context) -> When | None:
    first = month_of(context.today, _STEPS[match["step"]])
    if match["day"]:
        return _day_in(first, match["day"], match["last"])
    return first - ONE_DAY if match["before"] else _of_month(first, match["part"])


@rule("月", rf"(?<![{NUMERALS}\d个每半岁])月 (?P<part>底|末|初|中旬|上旬|下旬|中(?![午国秋间心标]))")
def part_of_month(match: re.Match[str], context: Context) -> When:
    months = (_of_month(month_of(context.anchor, step if context.forward else -step), match["part"]) for step in (0, 1))
    return next((value for value in months if _fits(value, context)), context.anchor)


def _fits(value: When, context: Context) -> bool:
    if not isinstance(value, Interval):
        return _day(value) >= context.anchor if context.forward else _day(value) <= context.anchor
    return _day(value.end) > context.anchor if context.forward else _day(value.start) <= context.anchor


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


_MONTH = rf"(?P<month>{NUMBER}) 月"
_REST = (
    rf"(?:{_DAYS}|(?P<bare>\d\d?)(?= [上下中早晚凌傍前之以（(]|[ ]+(?:\d|{CONTINUED})|[ ]?[，,。；;]|$|{CONTINUED})(?!\d|[.:]\d)|"
    rf"(?:份 )?(?P<part>{_PART_OF_MONTH}|中(?![午国间心标])))"
)


def _month_and_rest(match: re.Match[str], first: date) -> When | None:
    fields = match.groupdict()
    day = fields.get("day") or fields.get("bare")
    return _day_in(first, day, fields.get("last")) if day else _of_month(first, fields.get("part"))


@rule("0123456789" + NUMERALS, f"{_MONTH} {_REST}")
def month_and_day(match: re.Match[str], context: Context) -> When | None:
    month = number(match["month"]) or 0
    if not 1 <= month <= 12:
        return None
    return next((v for v in _every_year(match, month, context) if _fits(v, context)), None)


def _every_year(match: re.Match[str], month: int, context: Context) -> Iterator[When]:
    first = context.anchor.year
    for step in range(9):
        value = _month_and_rest(match, date(first + (step if context.forward else -step), month, 1))
        if value is not None:
            yield value


@rule("0123456789" + NUMERALS, rf"{_MONTH}(?:份(?![的订货])|(?![前后以之内])(?={CONTINUED}))")
def month_alone(match: re.Match[str], context: Context) -> When | None:
    """12月份, 12月拜访: the whole month; a bare 5月, as in a product code, is none."""
    month = number(match["month"]) or 0
    if not 1 <= month <= 12:
        return None
    return next((v for v in _every_year(match, month, context) if _fits(v, context)), None)


@rule(
    "0123456789" + NUMERALS,
    rf"(?<![月型牌编批订单账帐票图楼门车线座])(?<!月[ ]){_DAYS}(?!内|后|本人|报表|用品|常){FOLLOWED}",
)
def day_of_month(match: re.Match[str], context: Context) -> When | None:
    """5号, 15日: the next, or the last, such day; 3号线 and 5号胶 are no days."""
    steps = (step if context.forward else -step for step in islice(count(), 9))
    values = (_day_in(month_of(context.anchor, step), match["day"], match["last"]) for step in steps)
    return next((value for value in values if value is not None and _fits(value, context)), None)


# Years


@rule("大前去今本当明来后上0123456789" + NUMERALS, rf"{_NO_YEAR}{_YEAR} {_MONTH} (?:{_REST}|份)?")
def year_and_month(match: re.Match[str], context: Context) -> When | None:
    of_year, month = _named_year(match["year"], context), number(match["month"]) or 0
    if of_year is None or not 1 <= month <= 12:
        return None
    return _month_and_rest(match, date(of_year, month, 1))


@rule(
    "大前去今本当明来后上0123456789二",
    rf"{_NO_YEAR}{_YEAR} (?:年? (?P<part>底|末|初|内)|(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4]) 季度)",
)
def part_of_year(match: re.Match[str], context: Context) -> When | None:
    of_year = _named_year(match["year"], context)
    if of_year is None:
        return None
    return _of_year(of_year, match)


def _of_year(of_year: int, match: re.Match[str]) -> When:
    fields = match.groupdict()
    if fields.get("half"):
        first = date(of_year, 1 if fields["half"] == "上" else 7, 1)
        return Interval(first, first + relativedelta(months=6))
    if fields.get("quarter"):
        return quarter(of_year, number(fields["quarter"] or "") or 1)
    return date(of_year, 1, 1) if fields["part"] == "初" else date(of_year, 12, 31)


def quarter(of_year: int, which: int) -> Interval:
    first = date(of_year, 3 * which - 2, 1)
    return Interval(first, first + relativedelta(months=3))


@rule("年", rf"(?<![{NUMERALS}\d每]) 年 (?P<part>底|末|初(?![一二三四五六七八九十])|内)(?P<half>)")
def end_of_year(match: re.Match[str], context: Context) -> When:
    years = (_of_year(context.anchor.year + (step if context.forward else -step), match) for step in (0, 1))
    return next((value for value in years if _fits(value, context)), context.anchor)


@rule("上下", r"(?P<half>[上下])半年(?P<part>)")
def half_year(match: re.Match[str], context: Context) -> When:
    years = (_of_year(context.anchor.year + (step if context.forward else -step), match) for step in (0, 1))
    return next((value for value in years if _fits(value, context)), context.anchor)


@rule("上下这本", r"(?P<step>上|下|这|本)(?:一 )?个?季度? (?P<part>末|底|初|内)?(?<=[季度末底初内])(?<!上季)(?<!这季)")
def that_quarter(match: re.Match[str], context: Context) -> When:
    today = month_of(context.today)
    span = quarter_of(today + relativedelta(months=3 * _STEPS[match["step"]]))
    part = match["part"]
    if not part:
        return span
    return span.start if part == "初" else span.end - ONE_DAY


def quarter_of(day: date) -> Interval:
    return quarter(day.year, (day.month + 2) // 3)


@rule("季", r"(?<![一二三四1-4])季度?[末底]")
def end_of_quarter(_match: re.Match[str], context: Context) -> When:
    ends = (quarter_of(month_of(context.anchor, step if context.forward else -step)).end - ONE_DAY for step in (0, 3))
    return next((end for end in ends if _fits(end, context)), context.anchor)


@rule("大前去今明来后", rf"{_NO_YEAR}(?<![之以])(?P<year>大前年|前年|去年|今年|明年|来年|后年)(?![度份纪龄代终])")
def whole_year(match: re.Match[str], context: Context) -> When:
    first = date(context.today.year + _YEAR_WORDS[match["year"]], 1, 1)
    return Interval(first, first + relativedelta(years=1))


@rule("第一二三四1234", r"(?<![\d点])第?(?P<quarter>[一二三四1-4]) ?季度?(?P<part>[末底初])")
def edge_of_quarter(match: re.Match[str], context: Context) -> When | None:
    """二季度末; 二季度 alone may be any year's."""
    first = context.anchor.year
    years = (first + (step if context.forward else -step) for step in range(3))
    spans = (quarter(each, number(match["quarter"]) or 1) for each in years)
    days = (span.start if match["part"] == "初" else span.end - ONE_DAY for span in spans)
    return next((day for day in days if _fits(day, context)), None)


RULES = (
    edge_of_quarter,
    named_day,
    day_of_that_week,
    weekday,
    year_and_month,
    part_of_year,
    that_month,
    month_and_day,
    month_alone,
    part_of_month,
    day_of_month,
    that_quarter,
    end_of_quarter,
    half_year,
    end_of_year,
    whole_year,
)
