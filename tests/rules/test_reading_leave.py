"""A leave in one line: from when to when, and what is left of the words. It is Monday 23 November 2026, 09:00."""

from __future__ import annotations

from datetime import datetime

import pytest

from reading.leave import asked_for, leave
from tests.rules.test_cadence import CALENDAR

NOW = datetime(2026, 11, 23, 9, tzinfo=CALENDAR.tz)
LINES = """
    12月1日 到 12月5日 代理人 S2           12-01 00:00  12-06 00:00
    12月1日至5日 艾梅代                    12-01 00:00  12-06 00:00
    12/1-12/5                              12-01 00:00  12-06 00:00
    明天到周五                             11-24 00:00  11-28 00:00
    今天下午到周五                         11-23 12:00  11-28 00:00
    艾梅代，明天到周五                     11-24 00:00  11-28 00:00
    明天                                   11-24 00:00  11-25 00:00
    明天起三天                             11-24 00:00  11-27 00:00
    今天开始 10 天                         11-23 00:00  12-03 00:00
    明天9点到12点                          11-24 09:00  11-24 12:00
    明天下午                               11-24 12:00  11-24 18:00
    明天下午3点                            11-24 15:00  11-25 00:00
    明天下午3点到后天18点                  11-24 15:00  11-25 18:00
    下周                                   11-30 00:00  12-07 00:00
    1 Dec to 5 Dec substitute S2           12-01 00:00  12-06 00:00
    from Dec 1 until Dec 5                 12-01 00:00  12-06 00:00
    tomorrow to Friday                     11-24 00:00  11-28 00:00
    tomorrow for 3 days                    11-24 00:00  11-27 00:00
    2026-12-01 - 2026-12-05                12-01 00:00  12-06 00:00
    12.1-12.5 王浩                         12-01 00:00  12-06 00:00
    12.1至12.5                             12-01 00:00  12-06 00:00
    12.1～5 S02                            12-01 00:00  12-06 00:00
    12-1到12-5                             12-01 00:00  12-06 00:00
    12/1-5                                 12-01 00:00  12-06 00:00
    2026.12.1—2026.12.5                    12-01 00:00  12-06 00:00
    十二月一日至五日                       12-01 00:00  12-06 00:00
    12.1                                   12-01 00:00  12-02 00:00
    明后两天                               11-24 00:00  11-26 00:00
    今明两天                               11-23 00:00  11-25 00:00
"""


@pytest.mark.parametrize("line", [each for each in LINES.splitlines() if each.strip()], ids=str.strip)
def test_a_leave_is_read_as_it_is_meant(line: str) -> None:
    *_, first, first_at, last, last_at = line.split()
    found = leave(line[:43].strip(), NOW, CALENDAR)
    assert found is not None
    assert [f"{each:%m-%d %H:%M}" for each in found[0]] == [f"{first} {first_at}", f"{last} {last_at}"]


@pytest.mark.parametrize(
    ("text", "rest"), [("12月1日 到 12月5日 代理人 S2", "代理人 S2"), ("艾梅代，明天起三天", "艾梅代， 起")]
)
def test_what_is_left_names_the_substitute(text: str, rest: str) -> None:
    found = leave(text, NOW, CALENDAR)
    assert found is not None
    assert " ".join(found[1].split()) == rest


@pytest.mark.parametrize("text", ["", "三天", "艾梅代", "2.5%", "99.9", "32日到40日"])
def test_without_a_day_there_is_no_leave(text: str) -> None:
    assert leave(text, NOW, CALENDAR) is None


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("请假明天", "明天"),
        ("请假12.1-12.5 王浩", "12.1-12.5 王浩"),
        ("出差12月1日-3日 王浩", "12月1日-3日 王浩"),
        ("12月1日到5日请假 代理人王浩", "12月1日到5日  代理人王浩"),
        ("明天请假", "明天"),
        ("我想请假", ""),
        ("张工请假了，下周三再联系", None),
        ("明天出差去看华航，谈配方后请假", None),
        ("客户说他们放假", None),
    ],
)
def test_a_line_asks_for_a_leave_without_a_command(line: str, rest: str | None) -> None:
    found = asked_for(line, NOW, CALENDAR)
    assert found == rest
