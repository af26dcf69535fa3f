"""Telephone numbers as they are written, and as a phone can tap them."""

import pytest

from words import LANGUAGES, plain_phone
from words.voice import _catalogue, catalogue_ids

ROWS = """
    138-0013-8000              13800138000
    １３８００１３８０００     13800138000
    +86 138 0013 8000          13800138000
    8613800138000              13800138000
    (029)8888 1234 转801       02988881234 转 801
    029-88881234-801           02988881234 801
    400-800-1234               4008001234
    +49 89 123456              +4989123456
    13800138001/13900139002    13800138001 13900139002
    13800138001 13900139002    13800138001 13900139002
    张工13800138000            张工 13800138000
"""
TABLE = [tuple(part.strip() for part in line.strip().split("  ", 1)) for line in ROWS.strip().splitlines()]


@pytest.mark.parametrize(("written", "plain"), TABLE)
def test_a_number_is_plain_digits_with_nothing_glued_to_it(written: str, plain: str) -> None:
    assert plain_phone(written) == plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_says_phones_in_this_way(language: str) -> None:
    texts = [_catalogue(language).gettext(each) for each in catalogue_ids(language)]
    assert any("{phone:phone}" in each for each in texts)
    assert not [each for each in texts if "{phone}" in each]
