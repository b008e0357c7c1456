"""Named float32 arrays wherever they lie, read as one flat row of values; pure."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from coordinator.parameters import Group, Manifest, Parameters

BLOCK_VALUES: Final = 1 << 18
"""Values handled at a time: 1 MiB as float32. Smaller blocks stay in cache but are no faster, and
each is a question to an object store; blocks four times as large take half as long again."""

Values = npt.NDArray[np.float32]
"""A flat piece of arrays."""


class Arrays(Protocol):
    """Arrays in order of their names, one after the other."""

    @property
    def shapes(self) -> Manifest:
        """Shape of each array, in order of their names."""

    def values(self, start: int, stop: int) -> Values:
        """Return a range of all values."""

    def array(self, name: str) -> Values:
        """Return one array, in its shape."""


class HeldArrays:
    """Arrays in memory."""

    def __init__(self, arrays: Parameters) -> None:
        self._arrays = dict(sorted(arrays.items()))
        self._flat = np.concatenate(
            [np.empty(0, np.float32), *(array.ravel() for array in self._arrays.values())]
        )

    @property
    def shapes(self) -> Manifest:
        """Shape of each array, in order of their names."""
        return {name: array.shape for name, array in self._arrays.items()}

    def values(self, start: int, stop: int) -> Values:
        """Return a range of all values."""
        return self._flat[start:stop]

    def array(self, name: str) -> Values:
        """Return one array, in its shape."""
        return self._arrays[name]


def gathered(shapes: Manifest, values: Iterable[Values]) -> Parameters:
    """Make arrays of all their values, given in order of their names."""
    flat = np.concatenate([np.empty(0, np.float32), *values])
    arrays, start = {}, 0
    for name, shape in sorted(shapes.items()):
        stop = start + math.prod(shape)
        arrays[name] = flat[start:stop].reshape(shape)
        start = stop
    return arrays


def values_before(shapes: Manifest, prefix: str) -> int:
    """Return how many values lie before the first array whose name begins with ``prefix``."""
    return sum(math.prod(shape) for name, shape in shapes.items() if name < prefix)


def group_span(shapes: Manifest, group: Group) -> tuple[int, int]:
    """Return where a parameter group's values begin and end: its arrays follow each other."""
    sizes = (math.prod(s) for name, s in shapes.items() if name.startswith(f"{group}."))
    start = values_before(shapes, f"{group}.")
    return start, start + sum(sizes)


def blocks(start: int, stop: int, size: int = BLOCK_VALUES) -> Iterator[tuple[int, int]]:
    """Yield the ranges that cut values into blocks."""
    yield from pairwise([*range(start, stop, size), stop])
