"""Pictures compared with those that were kept and looked at. Another machine smooths the edges of letters a little differently."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

KEPT = Path(__file__).parent / "fixtures" / "pictures"
SMALL = (270, 300)
COLOURS = 128
TOLERANCE = 0.006
"""The share of points that may look different."""
DIFFERENT = 48
"""Of 255, in any colour."""


def small(picture: bytes, size: tuple[int, int] = SMALL) -> Image.Image:
    return Image.open(BytesIO(picture)).convert("RGB").resize(size, Image.Resampling.BOX)


def differ(one: Image.Image, other: Image.Image) -> float:
    """The share of the points that look different."""
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(most.histogram()[DIFFERENT:]) / (one.width * one.height)


def kept(name: str) -> Image.Image:
    return Image.open(KEPT / f"{name}.png").convert("RGB")


def keep(name: str, picture: bytes, size: tuple[int, int] = SMALL) -> None:
    """Run `python -m tests.guard.test_charts` (or `test_period_book`) to keep the pictures anew; look at them afterwards."""
    KEPT.mkdir(parents=True, exist_ok=True)
    small(picture, size).quantize(COLOURS).save(KEPT / f"{name}.png", optimize=True)
