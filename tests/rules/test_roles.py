"""The words that people write for roles, tiers, channels and complaint types."""

from collections import Counter

import pytest

from rules.roles import (
    CHANNEL_NAMES,
    COMPLAINT_TYPE_NAMES,
    ROLE_NAMES,
    TIER_NAMES,
    Channel,
    ComplaintType,
    Role,
    Tier,
    Who,
    read_channel,
    read_complaint_type,
    read_role,
    read_tier,
    superior_line,
)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("业务员", Role.SALESPERSON),
        ("销售员", Role.SALESPERSON),
        ("单位负责人", Role.UNIT_HEAD),
        ("业务单位负责人", Role.UNIT_HEAD),
        ("分管副总", Role.VICE_PRESIDENT),
        ("主管副总", Role.VICE_PRESIDENT),
        ("总经理", Role.GENERAL_MANAGER),
        ("董事长", Role.CHAIRMAN),
        ("销售部", Role.SALES_DEPT),
        ("质监部", Role.QUALITY),
        ("财务部", Role.FINANCE),
        ("技术中心", Role.TECHNICAL),
        ("企管部", Role.ENTERPRISE),
        ("储运", Role.LOGISTICS),
        ("生产安全部", Role.PRODUCTION),
        ("办公室", Role.OFFICE),
        ("法务", Role.LEGAL),
        ("审计", Role.AUDIT),
        ("监察", Role.SUPERVISION),
        ("秘书", Role.SECRETARY),
        ("管理员", Role.ADMIN),
        (" unit_head ", Role.UNIT_HEAD),
        ("Unit Head", Role.UNIT_HEAD),
        ("VICE_PRESIDENT", Role.VICE_PRESIDENT),
        ("门卫", None),
        ("", None),
    ],
)
def test_roles_of_the_staff_list_are_read_in_both_languages(text: str, role: Role | None) -> None:
    assert read_role(text) is role


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("战略", Tier.STRATEGIC),
        ("战略合作伙伴", Tier.STRATEGIC),
        ("战略合作（伙伴）客户", Tier.STRATEGIC),
        ("战略合作(伙伴)", Tier.STRATEGIC),
        ("重点客户", Tier.KEY),
        ("一般", Tier.ORDINARY),
        ("普通", Tier.ORDINARY),
        ("储备", Tier.RESERVE),
        ("Key", Tier.KEY),
        ("reserve customer", Tier.RESERVE),
        ("客户", None),
        ("A级", None),
    ],
)
def test_tiers_are_read_with_ordinary_also_as_putong(text: str, tier: Tier | None) -> None:
    assert read_tier(text) is tier


def test_channels_and_complaint_types_are_read_by_the_words_in_use() -> None:
    assert [read_channel(text) for text in ("电话", "走访", "微信", "E-mail", "qq", "鸽子")] == [
        Channel.PHONE,
        Channel.VISIT,
        Channel.WECHAT,
        Channel.EMAIL,
        Channel.QQ,
        None,
    ]
    assert [read_complaint_type(text) for text in ("产品质量", "质量投诉", "发运", "票款", "shipping", "天气")] == [
        ComplaintType.QUALITY,
        ComplaintType.QUALITY,
        ComplaintType.SHIPPING,
        ComplaintType.PAYMENT,
        ComplaintType.SHIPPING,
        None,
    ]


def test_every_word_has_a_chinese_name_that_is_read_back() -> None:
    assert {role: read_role(role.chinese) for role in Role} == {role: role for role in Role}
    assert {tier: read_tier(tier.chinese) for tier in Tier} == {tier: tier for tier in Tier}
    assert {one: read_channel(one.chinese) for one in Channel} == {one: one for one in Channel}
    assert {one: read_complaint_type(one.chinese) for one in ComplaintType} == {one: one for one in ComplaintType}


@pytest.mark.parametrize("names", [ROLE_NAMES, TIER_NAMES, CHANNEL_NAMES, COMPLAINT_TYPE_NAMES])
def test_no_word_means_two_things(names: dict[str, tuple[str, ...]]) -> None:
    words = Counter(word.casefold() for member, words in names.items() for word in {member.casefold(), *words})
    assert [word for word, times in words.items() if times > 1 and word != "qq"] == []


def test_a_ladder_can_tell_every_role_by_its_name() -> None:
    assert {who.role for who in Who} - {None} == set(Role)
    assert {who for who in Who if who.role is None} == {
        Who.OWNER,
        Who.HANDLER,
        Who.SUPERIOR,
        Who.SUPERIORS_SUPERIOR,
        Who.DEPARTMENT,
        Who.ASKER,
    }


@pytest.mark.parametrize(
    ("role", "line"),
    [
        (Role.SALESPERSON, "unit_head vice_president general_manager chairman admin"),
        (Role.UNIT_HEAD, "vice_president general_manager chairman admin"),
        (Role.VICE_PRESIDENT, "general_manager chairman admin"),
        (Role.CHAIRMAN, "admin"),
        (Role.QUALITY, "vice_president general_manager chairman admin"),
        (Role.SALES_DEPT, "vice_president general_manager chairman admin"),
        (Role.AUDIT, "general_manager chairman admin"),
        (Role.SECRETARY, "vice_president general_manager chairman admin"),
        (Role.ADMIN, ""),
    ],
)
def test_what_has_no_holder_goes_up_the_line(role: Role, line: str) -> None:
    assert " ".join(superior_line(role)) == line


def test_nothing_is_addressed_to_nobody() -> None:
    assert all(superior_line(role)[-1] is Role.ADMIN for role in Role if role is not Role.ADMIN)
