"""Draw skin lesions of three kinds that differ in structure, not in size or mean colour.

Nothing here comes from a patient. Positions are in half picture sides from the middle, -1 to 1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float32]

LESION_CLASSES: Final = ("round", "irregular", "clustered")
"""Smooth and symmetric; ragged and of several colours; made of globules."""

_FAIR_SKIN: Final = np.array((0.95, 0.79, 0.71), dtype=np.float32)
_DARK_SKIN: Final = np.array((0.66, 0.47, 0.37), dtype=np.float32)
_BROWN: Final = np.array((0.42, 0.58, 0.62), dtype=np.float32)
"""Share of red, green and blue light that full pigment swallows."""
_TINTS: Final = np.array(
    ((-0.05, 0.13, 0.10), (0.22, 0.08, -0.05), (-0.18, -0.21, -0.21), (0.26, 0.18, 0.13)),
    dtype=np.float32,
)
"""Red, blue-grey, regressed white and black, as shares swallowed beside brown."""


@dataclass(frozen=True)
class Skin:
    """What all pictures of one person share; ``tone`` is 0 for dark to 1 for fair."""

    tone: float
    hair_count: int


@dataclass(frozen=True)
class _Structure:
    """How a lesion looks, before its depth of colour is chosen."""

    outline: Floats
    """``[H, W]``, 1 inside, 0 outside, between at the border."""
    pattern: Floats
    """``[H, W]``, relative darkness."""
    tint: Floats
    """``[H, W, 3]``, light swallowed beside that of brown pigment."""


def draw_lesion(lesion_class: str, skin: Skin, size_px: int, rng: np.random.Generator) -> Floats:
    """Draw one lesion as an ideal camera would see it: ``[H, W, 3]``, 0 to 1.

    Size, place and mean colour come from the same distribution for every class.
    """
    x, y = _coordinates(size_px, rng)
    structure = _DRAWERS[lesion_class](x, y, rng)
    outline = structure.outline
    weight = outline / outline.sum()
    pattern = structure.pattern - (structure.pattern * weight).sum()
    tint = structure.tint - (structure.tint * weight[..., None]).sum(axis=(0, 1))
    depth = rng.uniform(0.65, 1.0) * outline * (1 + pattern)
    swallowed = depth[..., None] * _BROWN + outline[..., None] * tint
    picture = _draw_skin(skin, size_px, rng) * (1 - swallowed)
    for _ in range(skin.hair_count):
        picture *= 1 - _draw_hair(size_px, rng)[..., None]
    drawn: Floats = np.clip(picture, 0, 1).astype(np.float32)
    return drawn


def _coordinates(size_px: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return ``x`` and ``y`` of every pixel, with the lesion's own middle as origin, turned."""
    axis = np.linspace(-1, 1, size_px, dtype=np.float32)
    across, down = (
        axis[None, :] - rng.uniform(-0.15, 0.15),
        axis[:, None] - rng.uniform(-0.15, 0.15),
    )
    turn = rng.uniform(0, 2 * np.pi)
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return across * cosine + down * sine, down * cosine - across * sine


def _draw_round(x: Floats, y: Floats, rng: np.random.Generator) -> _Structure:
    """Smooth, nearly symmetric disc with a soft border, a little darker in the middle."""
    outline, depth = _draw_outline(x, y, raggedness=rng.uniform(0, 0.05), rng=rng)
    pattern = rng.uniform(0.1, 0.5) * depth + 0.15 * _noise(x.shape[0], 6, rng)
    # Many of them have a pigment network, whose meshes are easily taken for globules.
    spacing = rng.uniform(0.14, 0.22)
    meshes = _soft_step(_distance_to_points(x / spacing, y / spacing, rng) - 0.45, 0.3)
    pattern += rng.uniform(0, 0.3) * meshes
    return _Structure(outline, pattern, np.zeros((*x.shape, 3), dtype=np.float32))


def _draw_irregular(x: Floats, y: Floats, rng: np.random.Generator) -> _Structure:
    """Ragged, lopsided outline, with patches of several colours."""
    outline, _ = _draw_outline(x, y, raggedness=rng.uniform(0.1, 0.2), rng=rng)
    tint = np.zeros((*x.shape, 3), dtype=np.float32)
    for colour in rng.permutation(_TINTS)[: rng.integers(2, 5)]:
        patch = _soft_step(_noise(x.shape[0], 5, rng) - 0.5, 0.5)
        tint += patch[..., None] * colour
    return _Structure(outline, 0.5 * _noise(x.shape[0], 5, rng), tint)


def _draw_clustered(x: Floats, y: Floats, rng: np.random.Generator) -> _Structure:
    """Many dark globules close together on a paler ground."""
    outline, _ = _draw_outline(x, y, raggedness=rng.uniform(0.02, 0.1), rng=rng)
    spacing = rng.uniform(0.17, 0.26)
    distance = _distance_to_points(x / spacing, y / spacing, rng)
    globules = _soft_step(0.3 + 0.07 * _noise(x.shape[0], 8, rng) - distance, 0.2)
    pattern = rng.uniform(0.6, 1.1) * globules + 0.15 * _noise(x.shape[0], 6, rng)
    return _Structure(outline, pattern, np.zeros((*x.shape, 3), dtype=np.float32))


_DRAWERS: Final = dict(
    zip(LESION_CLASSES, (_draw_round, _draw_irregular, _draw_clustered), strict=True)
)


def _draw_outline(
    x: Floats, y: Floats, *, raggedness: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the outline and the depth inside it, 1 in the middle and 0 at the border.

    ``raggedness`` is the share of the radius by which the border wanders; 0 gives an ellipse.
    """
    stretch = np.float32(rng.uniform(0.85, 1.18))
    radius = np.hypot(x * stretch, y / stretch)
    angle = np.arctan2(y, x)
    border = np.ones_like(angle)
    for wave in range(2, 9):
        amplitude = raggedness * rng.normal() / np.sqrt(wave)
        border += np.float32(amplitude) * np.cos(wave * angle + np.float32(rng.uniform(0, 7)))
    border *= np.float32(rng.uniform(0.48, 0.68) / np.sqrt(np.mean(border**2)))  # same mean area
    inside = 1 - radius / np.maximum(border, 0.1)
    return _soft_step(inside, rng.uniform(0.05, 0.18)), np.clip(inside, 0, 1)


def _distance_to_points(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Return each pixel's distance from the nearest of one scattered point per unit square."""
    left, top = np.floor(x), np.floor(y)
    column, row = left.astype(np.intp), top.astype(np.intp)
    side = int(max(np.abs(column).max(), np.abs(row).max())) + 3
    scatter_x, scatter_y = rng.uniform(0.2, 0.8, (2, 2 * side, 2 * side)).astype(np.float32)
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    rest_x, rest_y = x - left, y - top
    for right in (-1, 0, 1):
        for down in (-1, 0, 1):
            at = row + (down + side), column + (right + side)
            squared = (scatter_x[at] + (right - rest_x)) ** 2 + (
                scatter_y[at] + (down - rest_y)
            ) ** 2
            np.minimum(nearest, squared, out=nearest)
    distance: Floats = np.sqrt(nearest)
    return distance


def _draw_skin(skin: Skin, size_px: int, rng: np.random.Generator) -> Floats:
    colour = _DARK_SKIN + np.float32(skin.tone) * (_FAIR_SKIN - _DARK_SKIN)
    blotches = 0.035 * _noise(size_px, 4, rng) + 0.02 * _noise(size_px, size_px // 4, rng)
    redness = 0.03 * _noise(size_px, 5, rng)
    blotched: Floats = colour * (1 + blotches)[..., None]
    blotched[..., 1:] *= (1 - redness)[..., None]
    return blotched


def _draw_hair(size_px: int, rng: np.random.Generator) -> Floats:
    """Return the share of light that one slightly bent hair swallows, ``[H, W]``."""
    axis = np.linspace(-1, 1, size_px, dtype=np.float32)
    turn, offset, bend = rng.uniform(0, 2 * np.pi), rng.uniform(-0.9, 0.9), rng.uniform(-0.3, 0.3)
    along = axis[None, :] * np.cos(turn) + axis[:, None] * np.sin(turn)
    across = axis[:, None] * np.cos(turn) - axis[None, :] * np.sin(turn) - offset + bend * along**2
    width = rng.uniform(0.008, 0.018)
    hair: Floats = (rng.uniform(0.3, 0.7) * np.exp(-((across / width) ** 2))).astype(np.float32)
    return hair


def _noise(size_px: int, knot_count: int, rng: np.random.Generator) -> Floats:
    """Return smooth noise ``[H, W]`` of standard deviation near 1 between ``knot_count`` knots."""
    knots = rng.standard_normal((knot_count, knot_count), dtype=np.float32)
    return np.asarray(Image.fromarray(knots).resize((size_px, size_px), Image.Resampling.BICUBIC))


def _soft_step(values: Floats, width: float) -> Floats:
    """Go smoothly from 0 to 1 where ``values`` pass 0, over about ``width``."""
    step: Floats = 1 / (1 + np.exp(-np.clip(values * (4 / width), -30, 30)))
    return step
