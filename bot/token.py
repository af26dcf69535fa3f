"""Where the bot's token comes from: the environment, the configuration, a file of its own, or systemd's credentials directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bot.config import Config
from bot.sentences import RefusedError

VARIABLE: Final = "KEGUAN_TELEGRAM__TOKEN"
DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL: Final = "telegram_token"
"""The name of the file in systemd's credentials directory (LoadCredential=telegram_token:…)."""
OTHERS: Final = 0o077


@dataclass(frozen=True)
class Origin:
    """`kind` names the sentence that says it; `file` holds the token where a file does."""

    kind: str
    file: Path | None = None

    @property
    def exposed(self) -> bool:
        """Whether others on this machine can read the file."""
        return self.file is not None and bool(self.file.stat().st_mode & OTHERS)


def origin(config: Config, path: Path, environ: Mapping[str, str] = os.environ) -> Origin | None:
    """Where the token is found, the first of them; None where there is none. `path` is the configuration's file."""
    if environ.get(VARIABLE):
        return Origin("token_from_environment")
    if config.telegram.token.get_secret_value() and path.is_file():
        return Origin("token_from_config", path)
    if config.telegram.token_file is not None:
        return Origin("token_from_file", config.telegram.token_file)
    given = Path(environ[DIRECTORY]) / CREDENTIAL if environ.get(DIRECTORY) else None
    return Origin("token_from_credentials", given) if given is not None and given.is_file() else None


def with_token(config: Config, path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration with the token read from its file. Raises `RefusedError` for a file that can't be read."""
    found = origin(config, path, environ)
    if found is None or found.kind in ("token_from_environment", "token_from_config") or found.file is None:
        return config
    return config.model_copy(
        update={"telegram": config.telegram.model_copy(update={"token": SecretStr(_read(found.file))})}
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError("token_file", path=file, reason=type(error).__name__) from None
