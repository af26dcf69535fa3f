"""The configuration: config.toml, each key also from the environment as KEGUAN_SECTION__KEY."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from rules.ladder import Quiet


class ConfigError(Exception):
    """One sentence that says where the configuration is wrong and what to do."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CompanySection(Section):
    name: str = "本公司"
    province: str = ""
    timezone: str = "Asia/Shanghai"
    language: Literal["zh_CN", "en"] = "zh_CN"

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except Exception as unknown:
            raise ValueError(f"no such time zone: {name}") from unknown
        return name


class TelegramSection(Section):
    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    base_url: str = "https://api.telegram.org/bot"
    proxy_url: str | None = None
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_listen: str = "127.0.0.1:8080"
    secret_token: SecretStr | None = None


class DatabaseSection(Section):
    url: str = "sqlite:///keguan.db"


class RulebookSection(Section):
    path: Path = Path("rulebook.toml")


class AdminSection(Section):
    telegram_ids: list[int] = Field(default_factory=list)


class HoursSection(Section):
    quiet: tuple[time, time] = (time(21), time(7, 30))
    digest: time = time(8, 30)
    work: tuple[time, time] = (time(8, 30), time(17, 30))

    @field_validator("work")
    @classmethod
    def _runs_forward(cls, work: tuple[time, time]) -> tuple[time, time]:
        if work[0] >= work[1]:
            raise ValueError('must be from when to when, as ["08:30", "17:30"]')
        return work

    def as_quiet(self) -> Quiet:
        return Quiet(*self.quiet)


class AlarmSection(Section):
    urls: list[SecretStr] = Field(default_factory=list)
    dead_man_url: SecretStr | None = None


class SecretsSection(Section):
    key_file: Path = Path("keguan.key")


class BackupSection(Section):
    folder: str = "backups"
    at: time = time(2)
    keep_days: int = Field(default=14, ge=1)
    keep_monthly: int = Field(default=12, ge=0)


class PrivacySection(Section):
    seal_after_years: int = Field(default=3, ge=0)
    mask_notifications: bool = False
    export_reason_above: int = Field(default=50, ge=0)


class SurveyPageSection(Section):
    url: str = ""
    listen: str = "127.0.0.1:8090"


class Config(BaseSettings):
    """Every setting, checked. `company`, `telegram` … are the sections of config.toml."""

    model_config = SettingsConfigDict(env_prefix="KEGUAN_", env_nested_delimiter="__", extra="forbid", frozen=True)

    company: CompanySection = CompanySection()
    telegram: TelegramSection = TelegramSection()
    database: DatabaseSection = DatabaseSection()
    rulebook: RulebookSection = RulebookSection()
    admin: AdminSection = AdminSection()
    hours: HoursSection = HoursSection()
    alarm: AlarmSection = AlarmSection()
    secrets: SecretsSection = SecretsSection()
    backup: BackupSection = BackupSection()
    privacy: PrivacySection = PrivacySection()
    survey_page: SurveyPageSection = SurveyPageSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(path: Path) -> Config:
    """The configuration in `path`; without that file, the environment and the defaults. Raises `ConfigError`."""
    if path.exists():
        _check_toml(path)

    class Here(Config):
        model_config = SettingsConfigDict(toml_file=path if path.exists() else None)

    try:
        return Here()
    except ValidationError as wrong:
        raise ConfigError("\n".join(_sentence(path, problem) for problem in wrong.errors())) from wrong


def _check_toml(path: Path) -> None:
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{path}: this is not valid TOML: {wrong}") from wrong


def _sentence(path: Path, problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: there is no setting {where}; see config.example.toml"
    return f"{path}: {where} (or KEGUAN_{where.upper().replace('.', '__')}): {problem['msg']}"
