"""Canonical bodies: what safetensors writes of float32 arrays, read by ranges; all else refused."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load, save

from coordinator.errors import MalformedBodyError, StateDamagedError
from coordinator.layout import with_message
from coordinator.parameters import HEADER_ALLOWANCE_BYTES, Parameters, encode, manifest_of
from coordinator.protocol import ErrorReply
from coordinator.storage.bodies import Body, body_parts, open_body

MESSAGE = ErrorReply(code="ä", message="b")
ARRAYS: Parameters = {
    "b.two": np.array([[4, 5], [6, 7]], np.float32),
    "b.one": np.array([1, 2, 3], np.float32),
    "c": np.array(8, np.float32),
}
FLOATS = hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))


def written(folder: Path, body: bytes) -> Path:
    path = folder / "body"
    path.write_bytes(body)
    return path


def with_header(header: object, values: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + values


def entry(start: int, stop: int, **changes: Any) -> dict[str, Any]:
    count = (stop - start) // 4
    return {"dtype": "F32", "shape": [count], "data_offsets": [start, stop], **changes}


@pytest.fixture
def body(tmp_path: Path) -> Body:
    return open_body(written(tmp_path, encode(ARRAYS, MESSAGE)))


def test_values_lie_in_order_of_the_arrays_names(body: Body) -> None:
    assert body.values(0, 8).tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert body.values(2, 5).tolist() == [3, 4, 5]
    assert body.values(3, 3).tolist() == []


def test_array_is_read_in_its_shape(body: Body) -> None:
    assert {n: body.array(n).tolist() for n in body.shapes} == {
        "b.one": [1, 2, 3],
        "b.two": [[4, 5], [6, 7]],
        "c": 8,
    }


def test_message_is_read_from_the_header(body: Body) -> None:
    assert body.message(ErrorReply) == MESSAGE


@given(arrays=st.dictionaries(st.text(min_size=1, max_size=8), FLOATS, max_size=5))
def test_body_written_in_pieces_is_what_safetensors_would_read(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, Any]
) -> None:
    if "__metadata__" in arrays:
        return
    values = (arrays[name] for name in sorted(arrays))
    whole = b"".join(body_parts(manifest_of(arrays), with_message(MESSAGE), values))
    loaded = load(whole)
    assert {n: (a.shape, a.tobytes()) for n, a in loaded.items()} == {
        n: (a.shape, a.tobytes()) for n, a in arrays.items()
    }
    opened = open_body(written(tmp_path_factory.getbasetemp(), whole))
    assert opened.message(ErrorReply) == MESSAGE
    assert {n: a.tobytes() for n, a in arrays.items()} == {
        n: opened.array(n).tobytes() for n in opened.shapes
    }


def test_safetensors_own_bodies_are_canonical(tmp_path: Path) -> None:
    own = save({**ARRAYS, "a": np.zeros((0, 2), np.float32)}, metadata={"message": "{}"})
    assert open_body(written(tmp_path, own)).array("b.two").tolist() == [[4, 5], [6, 7]]


def test_fewer_values_than_the_shapes_have_are_not_written() -> None:
    with pytest.raises(ValueError, match="3 values given for a body of 4"):
        list(body_parts({"a": (4,)}, {}, [np.zeros(3, np.float32)]))


@pytest.mark.parametrize(
    ("header", "values", "complaint"),
    [
        ({"a": entry(0, 8), "b": entry(12, 16)}, bytes(16), "'b' does not lie where it belongs"),
        ({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12), "'b' does not lie where it belongs"),
        ({"b": entry(0, 4), "a": entry(4, 8)}, bytes(8), "'a' does not lie where it belongs"),
        ({"a": entry(0, 8, shape=[3])}, bytes(8), "'a' does not lie where it belongs"),
        ({"a": entry(0, 8, shape=[10**30])}, bytes(8), "a.shape.0: Input should be less than"),
        ({"a": entry(0, 8, shape=[-1, -2])}, bytes(8), "greater than or equal to 0"),
        ({"a": entry(0, 8, shape=[True, 2])}, bytes(8), "should be a valid integer"),
        ({"a": entry(0, 8, shape=["2"])}, bytes(8), "should be a valid integer"),
        ({"a": entry(0, 8, dtype="F64")}, bytes(8), "'a' is F64; only float32 may travel"),
        ({"a": entry(0, 8, decoder="pickle")}, bytes(8), "Extra inputs are not permitted"),
        ({"a": entry(0, 8)}, bytes(9), "has 9 bytes of values; its header describes 8"),
        ({"a": entry(0, 8)}, bytes(7), "has 7 bytes of values; its header describes 8"),
        ({"__metadata__": {"message": 1}}, b"", "should be a valid string"),
        ({"__metadata__": []}, b"", "should be a valid dictionary"),
        ([], b"", "its header is no object"),
        (b'{"a": 1, "a": 2}', b"", "its header is no JSON"),
        (b"not json", b"", "its header is no JSON"),
        (b"\xff", b"", "its header is no JSON"),
        (b"[" * 100_000, b"", "its header is no JSON"),
        (b"1" * 5000, b"", "its header is no JSON"),
        (b" " * (HEADER_ALLOWANCE_BYTES + 1), b"", "its header is cut or too long"),
    ],
)
def test_body_that_is_not_canonical_is_refused(
    tmp_path: Path, header: object, values: bytes, complaint: str
) -> None:
    with pytest.raises(MalformedBodyError, match=complaint):
        open_body(written(tmp_path, with_header(header, values)))


@pytest.mark.parametrize("body", [b"", b"\0" * 7, b"\xff" * 100, b"\x09" + b"\0" * 7 + b"{}"])
def test_file_that_is_cut_in_its_header_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(MalformedBodyError, match="its header is cut or too long"):
        open_body(written(tmp_path, body))


def test_file_that_is_cut_after_it_was_opened_is_damaged_state(body: Body, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(path.read_bytes()[:-1])
    assert body.values(0, 7).tolist() == [1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(StateDamagedError, match="missing or damaged"):
        body.values(7, 8)
    path.unlink()
    with pytest.raises(StateDamagedError, match="missing or damaged"):
        body.values(0, 1)


def test_shape_with_very_many_sides_is_refused_without_multiplying_them(tmp_path: Path) -> None:
    header = {"a": {"dtype": "F32", "shape": [9] * 300_000, "data_offsets": [0, 4]}}
    path = written(tmp_path, with_header(header, b"\0\0\0\0"))
    begun_s = time.process_time()
    with pytest.raises(MalformedBodyError, match="at most 8 items"):
        open_body(path)
    assert time.process_time() - begun_s < 3  # it took 8 seconds, in which nothing else went on
