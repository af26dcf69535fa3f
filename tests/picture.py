"""Pictures of the page for the README, small enough to be kept: PNG with a palette."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

from selenium import webdriver

TO_PALETTE = """
const [data, done] = arguments, image = new Image();
image.onload = () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0);
  const pixels = new Uint32Array(drawing.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const each of pixels) counts.set(each, (counts.get(each) ?? 0) + 1);
  const rgb = (each) => [each & 255, (each >> 8) & 255, (each >> 16) & 255];
  const popular = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).map(rgb);
  const apart = (one, other) => one.reduce((sum, each, i) => sum + (each - other[i]) ** 2, 0);
  const palette = [];
  for (const near of [400, 60, 0]) // the popular colours, those first that are far from the ones before
    for (const each of popular)
      if (palette.length < 256 && palette.every((other) => apart(each, other) > near)) palette.push(each);
  const nearest = new Map([...counts.keys()].map((each) => {
    const distances = palette.map((other) => apart(rgb(each), other));
    return [each, distances.indexOf(Math.min(...distances))];
  }));
  let indices = "";
  for (const each of pixels) indices += String.fromCharCode(nearest.get(each));
  done([image.width, image.height, palette.flat(), btoa(indices)]);
};
image.src = `data:image/png;base64,${data}`;
"""


def keep(browser: webdriver.Chrome, path: Path) -> None:
    """What the browser shows now, in 256 colours."""
    shown = browser.get_screenshot_as_base64()
    width, height, palette, indices = browser.execute_async_script(TO_PALETTE, shown)  # type: ignore[no-untyped-call]
    pixels = base64.b64decode(indices)
    rows = b"".join(b"\0" + pixels[start : start + width] for start in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
