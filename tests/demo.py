"""The demo in a process of its own, as a newcomer starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]


class Page:
    """A running demo, asked through its page's own API."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(scratch)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), self.process.communicate()
        self.people = {each["name"]: each for each in self.asks("sim/state")["people"]}

    def asks(self, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if body else None
        request = Request(self.address + path, data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=40) as answer:
            return json.load(answer)

    def does(self, name: str, verb: str, **body: Any) -> None:
        assert self.asks(f"sim/{verb}", user=self.people[name]["id"], **body)["ok"]

    def reads(self, name: str, text: str) -> str:
        """The newest message with the text on that person's phone, waited for."""
        since, until = 0, time.monotonic() + 10
        messages: dict[int, str] = {}
        while time.monotonic() < until:
            state = self.asks(f"sim/state?since={since}&wait=5")
            since = state["version"]
            mine = [each for each in state["messages"] if each["chat"] == self.people[name]["id"] and each["by_bot"]]
            messages |= {each["id"]: each["text"] for each in mine}
            if found := [each for each in messages.values() if text in each]:
                return found[-1]
        raise AssertionError(f"{name} does not read {text!r} but:\n" + "\n———\n".join(messages.values()))

    def ends(self) -> None:
        self.process.kill()
        self.process.communicate()
