"""docs/configuration.md: every setting with its default and sentence, from `config.example.toml`, which a test
holds to `bot.config`."""

import re
from collections.abc import Iterator

from docs.markdown import ROOT, code, table, top, two
from docs.markdown import page as written

SETTING = re.compile(
    r"^# (?P<zh>[^\n]+?) / (?P<en>[^\n]+)\n(?P<unset># )?(?P<key>\w+) = (?P<value>[^\n]+)$", re.MULTILINE
)
SECTION = re.compile(r"^\[(\w+)\]$", re.MULTILINE)
HEADS = ("设置 / setting", "默认 / default", "说明 / what it is", "环境变量 / environment variable")


def page() -> str:
    return written(
        [
            *top("配置 / Configuration", "`config.example.toml`"),
            "把 `config.example.toml` 复制为 `config.toml`，改需要改的，运行 `keguan check`。环境变量优先于文件。\n"
            "Copy `config.example.toml` to `config.toml`, change what you need, run `keguan check`. "
            "The environment wins over the file.",
            *(part for name, text in _sections() for part in (f"## `[{name}]`", table(HEADS, _rows(name, text)))),
        ]
    )


def _sections() -> Iterator[tuple[str, str]]:
    parts = SECTION.split((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    return zip(parts[1::2], parts[2::2], strict=True)


def _rows(section: str, text: str) -> Iterator[tuple[str, ...]]:
    for found in SETTING.finditer(text):
        key, says = found["key"], two(found["zh"], found["en"])
        default = "–" if found["unset"] else code(found["value"])
        yield code(key), default, says, code(f"KEGUAN_{section}__{key}".upper())
