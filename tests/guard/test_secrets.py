"""What must not be said, in any form in which it could be."""

from __future__ import annotations

from pydantic import SecretStr

from bot.config import AlarmSection, Config, DatabaseSection, TelegramSection
from bot.logs import Redactor, secrets_of
from tests.conftest import TOKEN

DEAD_MAN = "https://ping.example/9f3a61c0"
MAIL = "mailtos://keguan:a-mail-password@mail.example"
WEBHOOK = "a-webhook-secret"
DATABASE = "a-database-password"
PROXY, SERVER = "a-proxy:password", "a-server-password"
CONFIG = Config(
    telegram=TelegramSection(
        token=TOKEN,
        secret_token=WEBHOOK,
        proxy_url="socks5://clerk:a-proxy%3apassword@proxy.example:1080",
        base_url=f"https://clerk:{SERVER}@bots.example/bot",
    ),
    database=DatabaseSection(url=f"postgresql://keguan:{DATABASE}@db/keguan"),
    alarm=AlarmSection(urls=[MAIL], dead_man_url=DEAD_MAN),
)


def test_every_secret_of_the_configuration_is_taken_out() -> None:
    redact = Redactor(secrets_of(CONFIG))
    for secret in (
        TOKEN,
        TOKEN.partition(":")[2],
        WEBHOOK,
        DATABASE,
        MAIL,
        DEAD_MAN,
        PROXY,
        "a-proxy%3apassword",
        SERVER,
    ):
        assert secret not in redact(f"before {secret} after"), secret


def test_a_secret_is_taken_out_of_an_address_too() -> None:
    redact = Redactor(["a secret/with:signs"])
    assert redact("https://x.example/?k=a%20secret%2Fwith%3Asigns&n=1") == "https://x.example/?k=[…]&n=1"


def test_a_secret_is_taken_out_however_an_address_writes_it() -> None:
    redact = Redactor(["a p@ss+word/with:signs"])
    for written in (
        "a%20p%40ss%2Bword%2Fwith%3Asigns",
        "a%20p%40ss%2Bword/with%3Asigns",
        "a p%40ss+word%2Fwith%3Asigns",
    ):
        assert redact(written) == "[…]", written


def test_a_key_in_place_of_a_host_is_a_secret() -> None:
    keys = ("9f3a61c0-d2e4-b7a1-0000", "the-secret-of-the-robot", "the-token-of-the-robot")
    wecom, ding = SecretStr(f"wecombot://{keys[0]}"), SecretStr(f"dingtalk://{keys[1]}@{keys[2]}/13800000000")
    redact = Redactor(secrets_of(Config(alarm=AlarmSection(urls=[wecom, ding]))))
    for each in keys:
        assert redact(f"https://example/send?key={each}") == "https://example/send?key=[…]"
    assert redact("https://localhost/keguan") == "https://localhost/keguan"
