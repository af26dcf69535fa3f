"""Build the catalogues: every .po beside this file becomes a .mo. Run by `make setup`."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def build(folder: Path) -> None:
    for source in sorted(folder.glob("*/LC_MESSAGES/keguan.po")):
        with source.open("rb") as text:
            catalogue = read_po(text)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


if __name__ == "__main__":
    build(Path(__file__).parent)
