"""A contact sheet: up to 64 of the pictures, from first to last at even distances, on one small PNG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from operators.artifacts.pixels import encode_png

if TYPE_CHECKING:
    import numpy as np

SIDE = 8
CELL = 64
GAP = 2
BACKGROUND = 235


def contact_sheet(pixels: Sequence[np.ndarray], path: Path) -> str | None:
    """Write the sheet and give its file name; None where there are no pictures."""
    import numpy as np

    count = min(len(pixels), SIDE * SIDE)
    if not count:
        return None
    across = min(SIDE, math.ceil(math.sqrt(count)))
    down = math.ceil(count / across)
    sheet = np.full((_length(down), _length(across), 3), BACKGROUND, np.uint8)
    for cell in range(count):
        _place(sheet, _thumbnail(pixels[cell * len(pixels) // count]), *divmod(cell, across))
    path.write_bytes(encode_png(sheet))
    return path.name


def _length(cells: int) -> int:
    return cells * (CELL + GAP) + GAP


def _place(sheet: np.ndarray, thumbnail: np.ndarray, row: int, column: int) -> None:
    height, width = thumbnail.shape[:2]
    top = GAP + row * (CELL + GAP) + (CELL - height) // 2
    left = GAP + column * (CELL + GAP) + (CELL - width) // 2
    sheet[top : top + height, left : left + width] = thumbnail if thumbnail.ndim == 3 else thumbnail[:, :, None]


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    """The picture in a cell: a small one with its pixels as sharp squares, a large one by area."""
    import cv2

    height, width = picture.shape[:2]
    longest = max(height, width)
    scale = CELL // longest if longest <= CELL else CELL / longest
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_NEAREST if longest <= CELL else cv2.INTER_AREA
    return cv2.resize(picture, size, interpolation=how)
