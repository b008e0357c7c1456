"""Values as whole numbers of steps: exact on the average, never farther off than one step."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coordinator.errors import NonFiniteParametersError
from coordinator.parameters import Manifest
from coordinator.rounding import (
    BLOCK_VALUES,
    LEVELS,
    block_bytes,
    block_counts,
    in_blocks,
    rounded,
    seed_of,
    values_in,
)
from coordinator.study import Encoding

ENCODINGS = [encoding for encoding in get_args(Encoding) if encoding != "float32"]
BLOCKS = hnp.arrays(
    np.float32, st.integers(1, 70), elements=st.floats(-(2.0**60), 2.0**60, width=32)
)
SHAPES: Manifest = {"b": (3,), "a": (BLOCK_VALUES + 2, 1), "c": (0, 2), "d": ()}


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(values=BLOCKS, encoding=st.sampled_from(ENCODINGS), seed=st.integers(0, 2**32))
def test_no_value_is_farther_off_than_one_step(
    values: np.ndarray, encoding: Encoding, seed: int
) -> None:
    block = rounded(values, encoding, chance(seed))
    assert len(block) == block_bytes(values.size, encoding)
    step = float(np.frombuffer(block, "<f4", 1)[0])
    # A half is rounded to the nearest of 2048 between two powers of two: at most 1 / 2048 of all.
    allowed = step / 2048 if encoding == "float16" else step
    error = np.abs(values_in(block, values.size, encoding).astype(np.float64) - values)
    # The step itself is a float32, so the largest value may be off by its last bit, LEVELS times.
    assert error.max() <= allowed * 1.000001 + LEVELS[encoding] * np.spacing(np.float32(step))


@given(values=BLOCKS, encoding=st.sampled_from(ENCODINGS))
def test_the_same_chance_gives_the_same_bytes(values: np.ndarray, encoding: Encoding) -> None:
    assert rounded(values, encoding, chance()) == rounded(values, encoding, chance())


@pytest.mark.parametrize("encoding", ["int8", "int4"])
def test_a_value_between_two_steps_is_exact_on_the_average(encoding: Encoding) -> None:
    steps = np.array([LEVELS[encoding], 2.25, -1.9, 0.5, 0.0], np.float32)
    values = np.tile(steps, BLOCK_VALUES // 5) * np.float32(0.001)
    some = chance()
    blocks = [rounded(values, encoding, some) for _ in range(50)]
    found = np.stack([values_in(block, values.size, encoding) for block in blocks])
    means = found.reshape(-1, 5).mean(axis=0, dtype=np.float64)
    # 40,950 draws of a step of 0.001, each with a deviation of at most half: 2.5e-6 of the mean;
    # five of them.
    np.testing.assert_allclose(means, steps * 0.001, atol=1.25e-5)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_zeros_stay_zeros_and_the_largest_value_stays_itself(encoding: Encoding) -> None:
    nothing = np.zeros(9, np.float32)
    assert values_in(rounded(nothing, encoding, chance()), 9, encoding).tolist() == [0] * 9
    values = np.array([-0.875, 0, 0.875], np.float32)  # seven eighths: seven steps are exact
    found = values_in(rounded(values, encoding, chance()), 3, encoding)
    np.testing.assert_allclose(found, values, rtol=1e-6)


def test_four_bits_hold_every_number_of_steps_in_its_place() -> None:
    values = np.array([*range(-7, 8)], np.float32)  # an odd count: half a byte is left over
    assert values_in(rounded(values, "int4", chance()), 15, "int4").tolist() == values.tolist()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_block_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(NonFiniteParametersError):
        rounded(np.array([1, value], np.float32), "int4", chance())


def test_blocks_end_with_their_array_in_order_of_the_names() -> None:
    assert list(block_counts(SHAPES)) == [BLOCK_VALUES, 2, 3, 1]


@given(cuts=st.lists(st.integers(0, BLOCK_VALUES + 6), max_size=6))
def test_pieces_of_any_size_are_cut_into_the_same_blocks(cuts: list[int]) -> None:
    values = np.arange(BLOCK_VALUES + 6, dtype=np.float32)
    blocks = list(in_blocks(np.split(values, sorted(cuts)), SHAPES))
    assert [block.size for block in blocks] == [BLOCK_VALUES, 2, 3, 1]
    assert np.concatenate(blocks).tolist() == values.tolist()


def test_seeds_differ_by_site_by_round_and_by_study() -> None:
    seeds = {seed_of(w, n, s) for w in ("a", "b") for n in (1, 2) for s in (0, 1)}
    assert len(seeds) == 8
    assert seed_of("a", 1, 0) == seed_of("a", 1, 0)
