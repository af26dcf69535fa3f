"""`keguan …` as somebody types it, in a folder with a rulebook in it."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from bot.commands import main
from models.store import Store

ROOT = Path(__file__).parents[1]
STAFF = "工号,姓名,单位,角色,上级,分管\nS01,安然,西北销售一部,业务员,U01,\nU01,何建国,西北销售一部,单位负责人,,\n"
CUSTOMERS = (
    "客户名称,简称,层级,省份,所属业务单位,责任业务员,联系人,电话\n"
    "西安华航橡胶有限公司,华航橡胶,重点,陕西,西北销售一部,S01,张伟,13800138001\n"
)


class Shell:
    """A folder with a rulebook in it, and `keguan` to be typed there."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.out = ""
        self.err = ""
        self._capture = capture

    def keguan(self, *words: str) -> int:
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        logging.basicConfig(handlers=[], force=True)  # `run` has set up its own, on what is read here
        self.out, self.err = self._capture.readouterr()
        return code

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def store(self) -> Store:
        return Store(f"sqlite:///{self.folder / 'keguan.db'}")

    def furnished(self) -> Shell:
        """Staff and customers are imported."""
        assert self.keguan("import", "staff", self.write("staff.csv", STAFF)) == 0
        assert self.keguan("import", "customers", self.write("customers.csv", CUSTOMERS)) == 0
        return self


def shell_in(folder: Path, capture: pytest.CaptureFixture[str]) -> Shell:
    shutil.copy(ROOT / "rulebook.toml", folder)
    return Shell(folder, capture)
