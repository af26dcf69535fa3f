"""What must not be said, in any form in which it could be."""

from __future__ import annotations

from bot.config import AlarmSection, Config, DatabaseSection, TelegramSection
from bot.logs import Redactor, secrets_of
from tests.conftest import TOKEN

DEAD_MAN = "https://ping.example/9f3a61c0"
MAIL = "mailtos://keguan:a-mail-password@mail.example"
WEBHOOK = "a-webhook-secret"
DATABASE = "a-database-password"
CONFIG = Config(
    telegram=TelegramSection(token=TOKEN, secret_token=WEBHOOK),
    database=DatabaseSection(url=f"postgresql://keguan:{DATABASE}@db/keguan"),
    alarm=AlarmSection(urls=[MAIL], dead_man_url=DEAD_MAN),
)


def test_every_secret_of_the_configuration_is_taken_out() -> None:
    redact = Redactor(secrets_of(CONFIG))
    for secret in (TOKEN, TOKEN.partition(":")[2], WEBHOOK, DATABASE, MAIL, DEAD_MAN):
        assert secret not in redact(f"before {secret} after"), secret


def test_a_secret_is_taken_out_of_an_address_too() -> None:
    redact = Redactor(["a secret/with:signs"])
    assert redact("https://x.example/?k=a%20secret%2Fwith%3Asigns&n=1") == "https://x.example/?k=[…]&n=1"
