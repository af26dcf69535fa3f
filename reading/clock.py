"""The time of day: 下午3点半, 15:30, 晚上12点, 下班前, 3pm, and parts of the day such as 上午."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from reading.characters import FOLLOWED, NUMBER, NUMERALS, number
from reading.when import Context, Interval

NOON = timedelta(hours=12)
MIDNIGHT = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class TimeOfDay:
    """Measured from the midnight that begins the day; `end` only for a part of the day."""

    start: timedelta
    end: timedelta | None = None

    def on(self, day: date, context: Context) -> datetime | Interval:
        start = _at(day, self.start, context)
        return start if self.end is None else Interval(start, _at(day, self.end, context))


def _at(day: date, since_midnight: timedelta, context: Context) -> datetime:
    days, rest = divmod(since_midnight, MIDNIGHT)
    return context.calendar.at(day + timedelta(days=days), _time_of(rest))


def _time_of(since_midnight: timedelta) -> time:
    minutes = since_midnight // timedelta(minutes=1)
    return time(minutes // 60, minutes % 60)


def _hours(start: float, end: float | None = None) -> TimeOfDay:
    return TimeOfDay(start * HOUR, None if end is None else end * HOUR)


_PARTS: dict[str, TimeOfDay] = {
    "凌晨": _hours(0, 6),
    **dict.fromkeys(["清晨", "早晨", "大清早", "一大早", "清早", "一早", "早上", "早", "晨"], _hours(6, 9)),
    **dict.fromkeys(["上午", "午前"], _hours(8, 12)),
    **dict.fromkeys(["中午", "正午", "午间"], _hours(12)),
    **dict.fromkeys(["下午", "午后"], _hours(12, 18)),
    **dict.fromkeys(["傍晚"], _hours(17, 19)),
    **dict.fromkeys(["晚上", "晚间", "夜里", "夜间", "夜", "深夜", "半夜", "晚"], _hours(18, 24)),
    **dict.fromkeys(["下班"], _hours(18)),
    **dict.fromkeys(["上班"], _hours(8)),
}
_AFTERNOON = {"下午", "午后", "傍晚", "pm"}
_NIGHT = {"晚上", "晚间", "夜里", "夜间", "夜", "深夜", "半夜", "晚"}
_NOONTIME = {"中午", "正午", "午间"}

_LONG = (
    "凌晨|清晨|早晨|大清早|一大早|清早|一早|早上|上午|午前|中午|正午|午间|下午|午后|傍晚|晚上|晚间|夜里|夜间|深夜|半夜"
)
_WORK = "(?:上班|下班)(?=(?:之|以)?[前后时])|下班(?![了的])"
_SHORT = "早(?![会餐饭日就已点些期晚该先出])|晚(?![会餐饭点些到了来于])|晨|夜"
PART = re.compile(rf"(?:{_LONG}|{_WORK}|(?<![最更很太还])[早晚](?=[ ]?(?:\d\d?[:：]\d\d|{NUMBER}点)))(?![好茶场餐饭])")
_PART_AFTER_DAY = re.compile(rf"(?:{_LONG}|{_WORK}|{_SHORT})(?!好)")

_COUNTED = "个吨元块万千百件台套%公斤米车批箱条人家种位名项款"
_MINUTES = (
    rf"(?:(?P<half>半)(?!点)|(?P<quarter>[一三])刻|(?P<minute>\d\d?|[{NUMERALS}]{{1,3}}) ?分(?!之)|"
    rf"(?P<short>[0-5]\d|[零〇二三四五]?[十零〇][一二三四五六七八九]?)(?![{_COUNTED}{NUMERALS}\d])|(?P<sharp>整|钟))"
)
_LISTED = "要求|需要|说明|对策|做法|改[进善]|交代|提[议示醒]|补充|想法|看法|建议|意见"
"""What comes in points: 三点要求, 两点说明."""
_SPOKEN = (
    rf"(?:差 ?(?P<lack>一刻|{NUMBER} ?分钟?) ?)?"
    rf"(?P<hour>{NUMBER}) ?(?:点|时(?![候间代常不]))钟? ?{_MINUTES}?(?![都也儿没问进小]|{_LISTED})"
)
_WRITTEN = (
    r"(?P<h>\d\d?) ?[:：] ?(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:%]|稀释|混合|配|兑|比例|放大|缩小|模型|的?比|[胜负平])"
)
_ENGLISH = r"(?P<eh>1[0-2]|0?[1-9])(?:[:.](?P<em>[0-5]\d))? ?(?P<half_day>[ap])(?:m|\.m\.?)(?![a-z])"
_AFTER_PART = r"(?P<dh>\d\d?)\.(?P<dm>[0-5]\d)(?![\d.%])"
_CLOCK = re.compile(f"(?:{_ENGLISH}|{_WRITTEN}|{_SPOKEN})".replace(" ?", "[ ]?"))
_CLOCK_AFTER_PART = re.compile(f"(?:{_ENGLISH}|{_WRITTEN}|{_SPOKEN}|{_AFTER_PART})".replace(" ?", "[ ]?"))
_NO_CLOCK_BEFORE = re.compile(
    r"(?:[第有了让降涨点差几提返个高低多少这那哪补加减扣退]|每次|比例?[是为约:]?|配比[是为约:]?)[ ]?$"
)
_BARE_FOLLOWED = re.compile(FOLLOWED)
TIME_STARTS = "凌清早大一上午中正下傍晚夜深半差" + "0123456789" + NUMERALS


def time_after_day(text: str, at: int) -> tuple[TimeOfDay, int] | None:
    """The time of day that follows a day: a part, a clock time, or both; and where it ends."""
    part = _PART_AFTER_DAY.match(text, at)
    if part:
        return _with_part(text, part)
    clock = _CLOCK.match(text, at)
    return _spoken_alone(text, clock) if clock else None


def time_alone(text: str, at: int) -> tuple[TimeOfDay, int] | None:
    """The time of day where no day is named; 第3点, 一点问题, 比例1:20 are none."""
    part = PART.match(text, at)
    if part:
        return _with_part(text, part)
    clock = _CLOCK.match(text, at)
    if not clock or _NO_CLOCK_BEFORE.search(text, max(0, at - 5), at):
        return None
    if (
        clock["hour"]
        and not _says_minutes(clock)
        and (clock["hour"] == "一" or not _BARE_FOLLOWED.match(text, clock.end()))
    ):
        return None
    return _spoken_alone(text, clock)


def _with_part(text: str, part: re.Match[str]) -> tuple[TimeOfDay, int]:
    clock = _CLOCK_AFTER_PART.match(text, part.end() + (text[part.end() : part.end() + 1] == " "))
    if clock:
        read = _clock(clock, part[0])
        if read:
            return read, clock.end()
    return _PARTS[part[0]], part.end()


def _spoken_alone(text: str, clock: re.Match[str]) -> tuple[TimeOfDay, int] | None:
    if clock["hour"] == "一" and not _says_minutes(clock) and not _BARE_FOLLOWED.match(text, clock.end()):
        return None
    read = _clock(clock, None)
    return (read, clock.end()) if read else None


def _says_minutes(clock: re.Match[str]) -> bool:
    return any(clock[name] for name in ("half", "quarter", "minute", "short", "sharp", "lack"))


def _clock(match: re.Match[str], part: str | None) -> TimeOfDay | None:
    fields = match.groupdict()
    hours = fields["eh"] or fields["h"] or fields.get("dh") or fields["hour"]
    hour = number(hours)
    minute = _minute(fields)
    if hour is None or minute is None or minute > 59:
        return None
    if fields["half_day"]:
        return _exactly(hour % 12 + (12 if fields["half_day"] == "p" else 0), minute)
    whole = _hour_of_day(hour, part, certain=hours.startswith("0"))
    return None if whole is None else _exactly(whole, minute)


def _exactly(hour: int, minute: int) -> TimeOfDay:
    return TimeOfDay(timedelta(hours=hour, minutes=minute))


def _minute(fields: dict[str, str | None]) -> int | None:
    if fields["half"]:
        return 30
    if fields["quarter"]:
        return 15 * (number(fields["quarter"]) or 0)
    if fields["lack"]:
        return -15 if fields["lack"] == "一刻" else -(number(re.sub(r" ?分钟?", "", fields["lack"])) or 0)
    written = fields["em"] or fields["m"] or fields.get("dm") or fields["minute"] or fields["short"]
    return number(written) if written else 0


def _hour_of_day(hour: int, part: str | None, certain: bool) -> int | None:
    """The hour from midnight on; 24 and more is the next day. Without a part of the day, 1 to 6 is the afternoon."""
    if hour > 24:
        return None
    if part in _NIGHT:
        return hour + 24 if hour < 5 else hour + 12 if hour <= 12 else hour
    if part in _AFTERNOON and 1 <= hour < 12:
        return hour + 12
    if part in _NOONTIME and hour in {1, 2}:
        return hour + 12
    if part == "凌晨" and hour == 12:
        return 0
    if part is None and 1 <= hour <= 6 and not certain:
        return hour + 12
    return hour
