"""Where in a TOML text each value stands: `tomllib` reads the values, this finds their lines.

The text must be one that `tomllib` accepted: nothing is checked here.
"""

import re
from collections.abc import Mapping
from typing import Final

Path = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*|[\[\]{}=,\n]|[^\s\[\]{}=,#"\']+',
    re.DOTALL,
)


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table, key and array item, by its path: ("duty", 2, "whom", "tier", 0)."""
    return _Lines(text).lines


class _Lines:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._tokens = _tokens(text)
        self._next = 0
        self._tables: dict[Path, int] = {}  # how many of each [[table]] so far
        table: Path = ()
        while self._next < len(self._tokens):
            if self._peek() == "\n":
                self._take()
            elif self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self) -> tuple[str, int]:
        self._next += 1
        return self._tokens[self._next - 1]

    def _key(self, end: str) -> list[str]:
        """The parts of a dotted key, up to and including the token that ends it."""
        parts: list[str] = []
        while (token := self._take()[0]) != end:
            parts += [token[1:-1]] if token[0] in "\"'" else [part for part in token.split(".") if part]
        return parts

    def _header(self) -> Path:
        _, line = self._take()
        several = self._peek() == "["
        if several:
            self._take()
        path = self._current(self._key("]"))
        if several:
            self._take()
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            self.lines.setdefault(path, line)
            path = (*path, number)
        self.lines[path] = line
        return path

    def _current(self, parts: list[str]) -> Path:
        """The path of a header's key, within the latest of each [[table]] on the way."""
        path: Path = ()
        for number, part in enumerate(parts, start=1):
            path = (*path, part)
            if number < len(parts) and path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line = self._tokens[self._next][1]
        path = table
        for part in self._key("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        start, _ = self._take()
        if start == "{":
            while self._skip() != "}":
                self._pair(path)
            self._take()
        elif start == "[":
            number = 0
            while self._skip() != "]":
                self.lines[*path, number] = self._tokens[self._next][1]
                self._value((*path, number))
                number += 1
            self._take()

    def _skip(self) -> str:
        while self._peek() in ("\n", ","):
            self._take()
        return self._peek()


def _tokens(text: str) -> list[tuple[str, int]]:
    """Every token but comments, with its line."""
    found = []
    line, position = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        if not match[0].startswith("#"):
            found.append((match[0], line))
    return found
