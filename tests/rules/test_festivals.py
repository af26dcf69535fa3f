"""Festivals of a year, against the days on which they were and will be (2024 to 2030, from the published lunar calendar)."""

from __future__ import annotations

from datetime import date

import pytest

from rules.festivals import festivals

KNOWN = {
    # 除夕 春节 元宵节 清明节 端午节 七夕 中秋节 重阳节 冬至, as month and day
    2024: "0209 0210 0224 0404 0610 0810 0917 1011 1221",
    2025: "0128 0129 0212 0404 0531 0829 1006 1029 1221",
    2026: "0216 0217 0303 0405 0619 0819 0925 1018 1222",
    2027: "0205 0206 0220 0405 0609 0808 0915 1008 1222",
    2028: "0125 0126 0209 0404 0528 0826 1003 1026 1221",
    2029: "0212 0213 0227 0404 0616 0816 0922 1016 1221",
    2030: "0202 0203 0217 0405 0605 0805 0912 1005 1222",
}
NAMES = ("除夕", "春节", "元宵节", "清明节", "端午节", "七夕", "中秋节", "重阳节", "冬至")
SOLAR = {"元旦": "0101", "妇女节": "0308", "劳动节": "0501", "教师节": "0910", "国庆节": "1001"}


@pytest.mark.parametrize("year", KNOWN)
def test_lunar_festivals_and_solar_terms_fall_on_their_days(year: int) -> None:
    found = {each.name: each.day for each in festivals(year)}
    assert {name: f"{found[name]:%m%d}" for name in NAMES} == dict(zip(NAMES, KNOWN[year].split(), strict=True))


@pytest.mark.parametrize("year", KNOWN)
def test_solar_festivals_stay_where_they_are(year: int) -> None:
    found = {each.name: f"{each.day:%m%d}" for each in festivals(year) if not each.lunar}
    assert {name: found[name] for name in SOLAR} == SOLAR


def test_a_year_has_each_of_its_festivals_once_in_order() -> None:
    for year in range(2001, 2100):
        found = festivals(year)
        assert len({each.name for each in found}) == len(found) == 15, year
        assert [each.day for each in found] == sorted(each.day for each in found)
        assert {each.day.year for each in found} == {year}


def test_a_year_for_which_the_moon_is_not_known_is_refused() -> None:
    for year in (2000, 2100):
        with pytest.raises(ValueError, match=str(year)):
            festivals(year)
    assert festivals(2027)[0].day == date(2027, 1, 1)
