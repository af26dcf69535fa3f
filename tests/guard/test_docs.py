"""The generated pages are in step with what they are drawn from, and every file that a page names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.__main__ import PAGES, main, stale
from docs.forms import diagram
from docs.glossary import terms
from handlers import DESK
from handlers.contact import FORM

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("rules", "models", "handlers", "dialogue", "bot", "scheduler", "words")
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in (".py", ".po")
]
STAFF_SAY = (
    "沟通 登记 跟进 回访 走访 受理 催办 督办 超时 上报 批示 转办 退回 同意 代理人 交接 转交 备案 撞单 专管员 中止计时 到场处理 "
    "台账 报送情况 分管"
)


def test_the_pages_are_in_step_with_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_is_missing_or_behind_is_named(tmp_path: Path) -> None:
    assert stale(tmp_path) == list(PAGES)
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page(), encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "rules.md").write_text("# of yesterday\n", encoding="utf-8")
    assert stale(tmp_path) == ["rules.md"]


def test_a_diagram_asks_what_is_required_in_order_and_offers_the_rest_from_the_card() -> None:
    drawn = diagram(FORM)
    assert "start --> ask_customer" in drawn
    assert "ask_when --> ask_summary" in drawn, "whom they spoke to is optional"
    assert re.search(r"card -\. .* \.-> ask_person -\.-> card", drawn)


def test_every_command_and_form_has_its_place() -> None:
    commands, forms = PAGES["commands.md"](), PAGES["forms.md"]()
    assert all(f"`/{name}`" in commands for name in DESK.commands)
    assert forms.count("```mermaid") == len(DESK.forms)


def test_the_words_that_staff_use_are_in_the_glossary() -> None:
    assert set(STAFF_SAY.split()) <= {each["zh"] for each in terms()}


def test_what_the_glossary_calls_code_is_in_the_code() -> None:
    everything = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    gone = [each["code"] for each in terms() if each["code"].removeprefix("/") not in everything]
    assert gone == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"\]\((?!http)([^)#]+)\)", text) + re.findall(r"`([\w/]+(?:/|\.(?:py|toml|md|tsv)))`", text)
    missing = [each for each in named if not (ROOT / each).exists() and each != "config.toml"]
    assert len(named) > 5
    assert missing == []
