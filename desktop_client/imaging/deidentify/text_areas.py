"""Find what looks like writing at the edges of an image; proposals for a person, no more.

Writing that a machine burns into an image has two levels and nothing between them, and changes
from one to the other many times along a line. Skin, tissue and noise do not do both.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.image import Pixels

_CELL_PX: Final = 12
"""Side of the squares that are judged one by one; about the height of small letters."""
_EDGE_SHARE: Final = 0.2
"""How far from each edge writing is looked for; inside, it is part of the picture."""
_LEAST_CONTRAST: Final = 0.35
"""Of the image's own range between its darkest and lightest parts."""
_LEAST_TWO_LEVEL_SHARE: Final = 0.7
_LEVEL_WIDTH: Final = 0.2
"""Share of a cell's range that counts as one of its two levels."""
_STEP_SHARES: Final = (0.08, 0.6)
"""How many neighbours along a line may differ by more than half of the cell's range."""
_LEAST_CELLS: Final = 3
"""A word is at least so many cells wide."""
_MOST_AREAS: Final = 8
_STRIDE: Final = 3
"""Every ninth pixel tells the image's range well enough."""

_Cells = npt.NDArray[np.bool_]


def find_text_areas(pixels: Pixels) -> tuple[Area, ...]:
    """Return rectangles at the edges in which there seems to be writing, the largest first.

    Args:
        pixels: ``[H, W]`` or ``[H, W, 3]``, upright.
    """
    grey = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    cells = _text_cells(grey)
    cells &= _is_near_edge(cells.shape)
    areas = [_area(box, grey.shape) for box in _boxes(_closed(cells))]
    areas.sort(key=lambda area: area.width_px * area.height_px, reverse=True)
    return tuple(areas[:_MOST_AREAS])


def _text_cells(grey: Pixels) -> _Cells:
    """Judge each whole cell of an image."""
    rows, columns = grey.shape[0] // _CELL_PX, grey.shape[1] // _CELL_PX
    if not rows or not columns:
        return np.zeros((rows, columns), dtype=np.bool_)
    cut = grey[: rows * _CELL_PX, : columns * _CELL_PX].astype(np.float32)
    tiles = cut.reshape(rows, _CELL_PX, columns, _CELL_PX).swapaxes(1, 2)  # [R, C, 12, 12]
    low = tiles.min(axis=(2, 3), keepdims=True)
    span = tiles.max(axis=(2, 3), keepdims=True) - low
    level = (tiles - low) / np.maximum(span, 1)
    two_level = ((level < _LEVEL_WIDTH) | (level > 1 - _LEVEL_WIDTH)).mean(axis=(2, 3))
    steps = (np.abs(np.diff(level, axis=3)) > 0.5).mean(axis=(2, 3))
    low_end, high_end = np.percentile(grey[::_STRIDE, ::_STRIDE], (0.1, 99.9))
    image_span = float(high_end - low_end)
    has_contrast = span[..., 0, 0] >= _LEAST_CONTRAST * max(image_span, 1)
    least, most = _STEP_SHARES
    found: _Cells = (
        has_contrast & (two_level >= _LEAST_TWO_LEVEL_SHARE) & (steps >= least) & (steps <= most)
    )
    return found


def _is_near_edge(shape: tuple[int, ...]) -> _Cells:
    row_count, column_count = shape
    depth = max(1, round(_EDGE_SHARE * row_count)), max(1, round(_EDGE_SHARE * column_count))
    rows, columns = np.ogrid[:row_count, :column_count]
    near: _Cells = (
        (rows < depth[0])
        | (rows >= row_count - depth[0])
        | (columns < depth[1])
        | (columns >= column_count - depth[1])
    )
    return near


def _closed(cells: _Cells) -> _Cells:
    """Close gaps of a cell between letters and words."""
    padded = np.pad(cells, ((0, 0), (1, 1)))
    bridged: _Cells = cells | (padded[:, :-2] & padded[:, 2:])
    return bridged


def _boxes(cells: _Cells) -> list[tuple[int, int, int, int]]:
    """Return top, left, bottom and right of the runs of cells, those that touch as one."""
    boxes: list[tuple[int, int, int, int]] = []
    for row in range(cells.shape[0]):
        edges = np.flatnonzero(np.diff(np.pad(cells[row], 1).astype(np.int8)))
        for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if right - left >= _LEAST_CELLS:
                _add(boxes, (row, left, row + 1, right))
    return boxes


def _add(boxes: list[tuple[int, int, int, int]], box: tuple[int, int, int, int]) -> None:
    top, left, bottom, right = box
    for other in list(boxes):
        if other[2] >= top - 1 and other[1] <= right + 1 and other[3] >= left - 1:
            boxes.remove(other)
            top, left = min(top, other[0]), min(left, other[1])
            bottom, right = max(bottom, other[2]), max(right, other[3])
    boxes.append((top, left, bottom, right))


def _area(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> Area:
    """Return the pixels of a box with a cell more on each side: letters reach beyond cells."""
    top, left, bottom, right = (edge * _CELL_PX for edge in box)
    grown = Area(
        left - _CELL_PX,
        top - _CELL_PX,
        right - left + 2 * _CELL_PX,
        bottom - top + 2 * _CELL_PX,
    )
    inside = grown.within(shape[1], shape[0])
    assert inside is not None  # noqa: S101  a box is made of the image's own cells
    return inside
