"""The arrays that travel: as many and as large as ResNet-18's, and different at every site.

Loads numpy only, so that the memory of whoever uses it stays small.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Arrays = dict[str, Floats]

FEATURE_DIM: Final = 64
CLASS_COUNT: Final = 2
DOMAIN_CAPACITY: Final = 64
DEVIATION: Final = 1e-4
"""How far a site's values lie from the initial ones: a model that has learnt a little."""


def initial_arrays() -> Arrays:
    """Return 11.7 million float32 values under the names of a study's model."""
    random = np.random.default_rng(0)
    return {
        name: (0.02 * random.standard_normal(shape, np.float32)).astype(np.float32)
        for name, shape in _shapes()
    }


def site_arrays(number: int) -> Arrays:
    """Return what the site of this number, from 0, has after training."""
    random = np.random.default_rng(1 + number)
    return {
        name: array + np.float32(DEVIATION) * random.standard_normal(array.shape, np.float32)
        for name, array in initial_arrays().items()
    }


def sample_count(number: int) -> int:
    """Return how many images the site of this number has: the weight of its arrays."""
    return 100 + number


def check_mean(averaged: Arrays, site_count: int) -> None:
    """Make sure that a contender has averaged, and so may be compared.

    The domain classifier is left out: in SiteBlind, earlier rounds' sites count in it too.

    Raises:
        AssertionError: naming what is wrong.
    """
    weights = [sample_count(number) for number in range(site_count)]
    sites = [site_arrays(number) for number in range(site_count)]
    for name, array in averaged.items():
        if name.startswith("domain_classifier."):
            continue
        expected = np.average([site[name] for site in sites], axis=0, weights=weights)
        np.testing.assert_allclose(array, expected, rtol=1e-6, atol=1e-9, err_msg=name)


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield ResNet-18's own layers, its last one included, and the two classifiers.

    Source:
        He et al. 2016, https://arxiv.org/abs/1512.03385, table 1.
    """
    for name, shape in _extractor_shapes():
        yield f"feature_extractor.{name}", shape
    widths = (("lesion_classifier", CLASS_COUNT), ("domain_classifier", DOMAIN_CAPACITY))
    for group, width in widths:
        yield f"{group}.weight", (width, FEATURE_DIM)
        yield f"{group}.bias", (width,)


def _extractor_shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _convolution("stem", 64, 3, 7)
    width_before = 64
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for block in (1, 2):
            name = f"stage{stage}.block{block}"
            yield from _convolution(f"{name}.first", width, width_before, 3)
            yield from _convolution(f"{name}.second", width, width, 3)
            if width != width_before:
                yield from _convolution(f"{name}.shortcut", width, width_before, 1)
            width_before = width
    yield "projection.weight", (1000, 512)
    yield "projection.bias", (1000,)


def _convolution(
    name: str, width: int, width_before: int, size_px: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a convolution and the scale and shift of its normalisation."""
    yield f"{name}.weight", (width, width_before, size_px, size_px)
    yield f"{name}.norm.weight", (width,)
    yield f"{name}.norm.bias", (width,)
