"""Names: how they sound, what is compared, what of a legal name is its core."""

import pytest

from reading.names import core_name, initials, is_place, normalise, pinyin_full


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("华航橡胶", "huahangxiangjiao", "hhxj"),
        ("重庆长城汽车", "chongqingchangchengqiche", "cqccqc"),
        ("长春一汽", "changchunyiqi", "ccyq"),
        ("厦门银行", "xiamenyinhang", "xmyh"),
        ("航天电器", "hangtiandianqi", "htdq"),
        ("A1橡胶", "a1xiangjiao", "a1xj"),
        ("ＡＢＣ橡膠（青島）", "abcxiangjiaoqingdao", "abcxjqd"),
        ("", "", ""),
    ],
)
def test_a_company_is_found_by_how_it_sounds(name: str, full: str, short: str) -> None:
    assert pinyin_full(name) == full
    assert initials(name) == short


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("单永强", "shanyongqiang", "syq"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("曾伟", "zengwei", "zw"),
        ("仇英", "qiuying", "qy"),
        ("朴树", "piaoshu", "ps"),
        ("查良镛", "zhaliangyong", "zly"),
        ("区伟", "ouwei", "ow"),
        ("任强", "renqiang", "rq"),
        ("华罗庚", "hualuogeng", "hlg"),
        ("尉迟恭", "yuchigong", "ycg"),
    ],
)
def test_a_surname_sounds_as_a_surname(name: str, full: str, short: str) -> None:
    assert pinyin_full(name, person=True) == full
    assert initials(name, person=True) == short


def test_outside_of_names_the_same_character_sounds_as_usual() -> None:
    assert pinyin_full("单价") == "danjia"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("青岛华航橡胶有限公司", "华航橡胶"),
        ("山东省青岛市华航橡胶股份有限公司", "华航橡胶"),
        ("华航橡胶（集团）有限责任公司", "华航橡胶"),
        ("烟台长城密封件厂", "长城密封件"),
        ("ABC Rubber Co., Ltd.", "abcrubber"),
        ("青岛有限公司", "青岛"),
        ("长城", "长城"),
    ],
)
def test_the_core_of_a_legal_name_is_without_place_and_legal_form(name: str, core: str) -> None:
    assert core_name(name) == core


def test_names_are_compared_without_width_case_script_and_spaces() -> None:
    assert normalise("華航　橡膠 ＡＢＣ") == normalise("华航橡胶abc")


def test_a_place_alone_is_told_from_a_company() -> None:
    assert is_place("青岛")
    assert is_place("山东省青岛市")
    assert not is_place("青岛华航")
    assert not is_place("")
