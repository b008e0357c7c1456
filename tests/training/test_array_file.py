"""Arrays as a safetensors file: what any reader of the format understands, without copies."""

from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from desktop_client.training.array_file import safetensors_pieces

ARRAYS: dict[str, npt.NDArray[Any]] = {
    "bytes": np.arange(5, dtype=np.uint8),
    "alone": np.array(2.5, dtype=np.float32),
    "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "wide": np.array([[1.5], [-2.0]]),
    "whole": np.array([2**40, -1]),
    "empty": np.empty((0, 3), dtype=np.float32),
}


def written(arrays: dict[str, npt.NDArray[Any]], **metadata: str) -> bytes:
    return b"".join(safetensors_pieces(arrays, metadata))


def test_the_formats_own_reader_finds_every_array_as_it_was() -> None:
    read = load(written(ARRAYS, note="é"))
    assert set(read) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype
        assert read[name].shape == array.shape
        np.testing.assert_array_equal(read[name], array)


def test_every_array_begins_at_a_multiple_of_its_numbers_width() -> None:
    """Readers that map the file into memory need that."""
    body = written(ARRAYS)
    offset = 8 + int.from_bytes(body[:8], "little")
    for piece, array in zip(
        list(safetensors_pieces(ARRAYS, {}))[1:],
        sorted(ARRAYS.values(), key=lambda a: -a.itemsize),
        strict=True,
    ):
        assert offset % array.itemsize == 0
        offset += len(piece)


def test_arrays_are_not_copied() -> None:
    array = np.zeros(4, dtype=np.float32)
    _, piece = safetensors_pieces({"a": array}, {})
    array[0] = 1.0
    assert np.frombuffer(piece, np.float32)[0] == 1.0
