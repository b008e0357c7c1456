r"""Values as whole numbers of steps, rounded up or down by chance; pure.

Each array is cut into blocks of at most ``BLOCK_VALUES`` values. A block becomes the size of its
step and, for each value, a number of steps. What lies between two steps is rounded up with the
probability of how far it lies above the lower one: the expected value is exact, and errors
average out over sites and rounds. The largest value of a block is as many steps as its bits can
count. With ``float16`` it is 1, and the others are the nearest halves, which err by 1 in 2048.

Source:
    Alistarh et al. 2017, https://arxiv.org/abs/1610.02132, section 3.1.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from coordinator.errors import NonFiniteParametersError
from coordinator.parameters import Manifest
from coordinator.study import Encoding

Values = npt.NDArray[np.float32]

BLOCK_VALUES: Final = 4096
"""Values that share a step. In larger blocks a value that is far off coarsens more of the others;
in smaller ones the steps begin to cost, and most values become large, which compresses less."""
LEVELS: Final[dict[Encoding, int]] = {"float16": 1, "int8": 127, "int4": 7}
"""How many steps the largest value of a block is."""

COORDINATOR: Final = "coordinator"
"""Who rounds, where it is no site."""

_STEP_BYTES: Final = 4
_BITS: Final[dict[Encoding, int]] = {"float32": 32, "float16": 16, "int8": 8, "int4": 4}


def seed_of(who: str, round_number: int, study_seed: int) -> int:
    """Derive a seed that differs by site and round and can be derived again after a restart."""
    text = f"{study_seed}:{who}:{round_number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "little")


def block_counts(shapes: Manifest) -> Iterator[int]:
    """Yield how many values each block has, in order of the arrays' names."""
    for _, shape in sorted(shapes.items()):
        whole, rest = divmod(math.prod(shape), BLOCK_VALUES)
        yield from [BLOCK_VALUES] * whole
        if rest:
            yield rest


def block_bytes(count: int, encoding: Encoding) -> int:
    """Return how long a block of so many values is."""
    return _STEP_BYTES + math.ceil(count * _BITS[encoding] / 8)


def in_blocks(pieces: Iterable[Values], shapes: Manifest) -> Iterator[Values]:
    """Cut values that come in pieces of any size into blocks."""
    coming, held = iter(pieces), np.empty(0, np.float32)
    for count in block_counts(shapes):
        while held.size < count:
            held = np.concatenate([held, next(coming).ravel()])
        yield held[:count]
        held = held[count:]


def rounded(values: Values, encoding: Encoding, chance: np.random.Generator) -> bytes:
    """Make a block of values.

    Raises:
        NonFiniteParametersError: if one of them is not finite.
    """
    step = np.float32(np.abs(values).max() / LEVELS[encoding])
    if not np.isfinite(step):
        raise NonFiniteParametersError("A difference of parameters is not finite")
    # In float64, where the quotient of two float32 keeps the part that decides the rounding.
    steps = values / np.float64(step if step else 1)
    if encoding == "float16":
        halves = steps.astype("<f2").view(np.uint8)
        return step.tobytes() + halves[0::2].tobytes() + halves[1::2].tobytes()
    whole = np.floor(steps + chance.random(steps.size))
    # A step that was itself rounded down leaves the largest value a little more than all of them.
    codes = np.clip(whole, -LEVELS[encoding], LEVELS[encoding]).astype(np.int8)
    return step.tobytes() + (_paired(codes) if encoding == "int4" else codes.tobytes())


def values_in(block: bytes, count: int, encoding: Encoding) -> Values:
    """Return the values of a block; the same bits on every machine."""
    (step,) = np.frombuffer(block, "<f4", 1)
    content = np.frombuffer(block, np.uint8, offset=_STEP_BYTES)
    values: Values = _steps_in(content, count, encoding) * step
    return values


def _steps_in(content: npt.NDArray[np.uint8], count: int, encoding: Encoding) -> Values:
    match encoding:
        case "float16":
            planes = content.reshape(2, count)
            return np.ascontiguousarray(planes.T).view("<f2").ravel().astype(np.float32)
        case "int8":
            return content.view(np.int8).astype(np.float32)
        case _:
            return _unpaired(content, count).astype(np.float32)


def _paired(codes: npt.NDArray[np.int8]) -> bytes:
    """Put two numbers of four bits into each byte, the first into its lower half."""
    even = np.zeros(codes.size + codes.size % 2, np.int8)
    even[: codes.size] = codes
    nibbles = even.view(np.uint8) & 0xF
    return (nibbles[0::2] | nibbles[1::2] << 4).tobytes()


def _unpaired(content: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.int8]:
    nibbles = np.empty(2 * content.size, np.uint8)
    nibbles[0::2], nibbles[1::2] = content & 0xF, content >> 4
    # Of four bits the highest is the sign's.
    return ((nibbles ^ 8).view(np.int8) - np.int8(8))[:count]
