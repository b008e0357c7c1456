"""Differences on their way: what comes back, how much room they take, and what is refused."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coordinator.encoding import (
    DIFFERENCE,
    Fit,
    difference_parts,
    opened_difference,
    restored,
    values_of,
)
from coordinator.errors import (
    BodyRefusedError,
    BodyTooLargeError,
    MalformedBodyError,
    ParameterMismatchError,
)
from coordinator.parameters import Manifest, Parameters, manifest_of
from coordinator.protocol import ErrorReply
from coordinator.rounding import BLOCK_VALUES
from coordinator.study import Encoding, Exchange

MESSAGE = ErrorReply(code="ä", message="b")
ENCODINGS = [encoding for encoding in get_args(Encoding) if encoding != "float32"]
BASE: Parameters = {
    "feature_extractor.b": np.linspace(-1, 1, BLOCK_VALUES + 5, dtype=np.float32),
    "feature_extractor.a": np.ones((2, 3), np.float32),
    "lesion_classifier.bias": np.array(3, np.float32),
}
STATISTICS: Parameters = {
    "moments.0.mean": np.array([0.1, 0.2], np.float32),
    "styles.0": np.full((2, 2), 0.3, np.float32),
}
FIT = Fit(manifest_of(BASE), 6, Exchange(encoding="int4", compression="zstd"))
PLAIN = Fit(manifest_of(BASE), 6, Exchange(encoding="int8"))


def trained(distance: float = 0.01) -> Parameters:
    some = np.random.default_rng(0)
    return {
        name: (array + distance * some.standard_normal(array.shape)).astype(np.float32)
        for name, array in BASE.items()
    }


def packed(
    new: Parameters, fit: Fit = FIT, statistics: Mapping[str, Any] = STATISTICS, seed: int = 0
) -> bytes:
    values = (new[name] for name in sorted(new))
    return b"".join(difference_parts(MESSAGE, values, values_of(BASE), statistics, fit, seed))


def with_header(header: object, values: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + values


@pytest.mark.parametrize("compression", ["none", "zstd"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_parameters_come_back_within_a_step_and_statistics_as_they_were(
    encoding: Encoding, compression: Any
) -> None:
    fit = Fit(FIT.shapes, 6, Exchange(encoding=encoding, compression=compression))
    new = trained()
    arrays, message = restored(packed(new, fit), ErrorReply, BASE, fit)
    assert message == MESSAGE
    assert list(arrays) == sorted([*BASE, *STATISTICS])
    # The largest of 4,096 draws is some four deviations of 0.01 away; a step is a seventh of that.
    allowed = {"float16": 1e-4, "int8": 5e-4, "int4": 8e-3}[encoding]
    for name, array in new.items():
        assert arrays[name].shape == array.shape
        np.testing.assert_allclose(arrays[name], array, atol=allowed)
    for name, array in STATISTICS.items():
        assert arrays[name].tobytes() == array.tobytes()


@given(
    away=hnp.arrays(np.float32, (2, 3), elements=st.floats(-1, 1, width=32)),
    encoding=st.sampled_from(ENCODINGS),
    seed=st.integers(0, 2**56),
)
def test_a_difference_never_has_more_bytes_than_its_limit_and_is_the_same_again(
    away: np.ndarray, encoding: Encoding, seed: int
) -> None:
    fit = Fit(FIT.shapes, 6, Exchange(encoding=encoding, compression="zstd"))
    new = {**BASE, "feature_extractor.a": BASE["feature_extractor.a"] + away}
    body = packed(new, fit, seed=seed)
    assert len(body) <= fit.limit_bytes
    assert body == packed(new, fit, seed=seed)
    arrays, _ = restored(body, ErrorReply, BASE, fit)
    for name in ("feature_extractor.b", "lesion_classifier.bias"):  # did not move
        assert arrays[name].tobytes() == BASE[name].tobytes()


def test_what_is_not_trained_takes_next_to_no_room() -> None:
    shapes: Manifest = {"feature_extractor.frozen": (1000, 1000)}
    frozen = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    fit = Fit(shapes, 0, FIT.exchange)
    parts = difference_parts(MESSAGE, frozen.values(), values_of(frozen), {}, fit, 0)
    assert len(b"".join(parts)) < 1000  # of 4,000,000


# --- what is refused ---


def header(**changes: Any) -> dict[str, Any]:
    count = PLAIN.difference_bytes
    entry = {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}
    message = {"message": MESSAGE.model_dump_json()}
    return {"__metadata__": message, DIFFERENCE: entry, **changes}


def statistics_entry(count: int) -> dict[str, Any]:
    start = PLAIN.difference_bytes
    return {"dtype": "F32", "shape": [count], "data_offsets": [start, start + 4 * count]}


def endless_zeros() -> Iterator[bytes]:
    while True:
        yield bytes(1 << 20)


def bomb(size_mib: int) -> bytes:
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    zeros = endless_zeros()
    body = b"".join(compressor.compress(next(zeros)) for _ in range(size_mib))
    return body + compressor.flush()


def wide_frame() -> bytes:
    """A frame that asks for a window of 128 MiB."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    plain = restorable_plain()
    return compressor.compress(plain) + compressor.flush()


def restorable_plain() -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed(trained()))


@pytest.mark.parametrize(
    ("body", "fit", "kind", "sentence"),
    [
        (packed(trained(), PLAIN)[:-1], PLAIN, MalformedBodyError, "ends before its last array"),
        (packed(trained(), PLAIN) + b"\0", PLAIN, MalformedBodyError, "goes on after its last"),
        (packed(trained())[:-9], FIT, MalformedBodyError, "is cut"),
        (packed(trained()) + b"more", FIT, MalformedBodyError, "cannot be decompressed"),
        (packed(trained(), PLAIN), FIT, MalformedBodyError, "cannot be decompressed"),
        (packed(trained()), PLAIN, MalformedBodyError, "header is cut or too long"),
        (b"", FIT, MalformedBodyError, "header is cut or too long"),
        (b"\x80\x04\x95pickle", FIT, MalformedBodyError, "cannot be decompressed"),
        (bomb(64), FIT, MalformedBodyError, "header is no JSON"),
        (wide_frame(), FIT, MalformedBodyError, "cannot be decompressed"),
        (with_header({}, b""), PLAIN, MalformedBodyError, "more or less than its message"),
        (
            with_header(header(**{DIFFERENCE: statistics_entry(1)}), b""),
            PLAIN,
            MalformedBodyError,
            "does not lie where it belongs",
        ),
        (
            with_header(header(**{"lesion_classifier.bias": statistics_entry(1)}), b""),
            PLAIN,
            ParameterMismatchError,
            "'lesion_classifier.bias' travels as it is",
        ),
        (
            with_header(header(**{"moments.0.mean": statistics_entry(7)}), b""),
            PLAIN,
            BodyTooLargeError,
            "more than the 6 values",
        ),
        (
            packed(trained(), Fit(FIT.shapes, 6, Exchange(encoding="float16"))),
            PLAIN,
            ParameterMismatchError,
            "is one array of 4124 bytes",
        ),
    ],
)
def test_what_is_no_difference_of_the_model_is_refused_by_its_own_code(
    body: bytes, fit: Fit, kind: type[BodyRefusedError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        restored(body, ErrorReply, BASE, fit)


def test_no_more_of_a_body_is_decompressed_than_its_model_has() -> None:
    """A frame of a right difference and 64 MiB more: what is too much is never made."""
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    body = compressor.compress(restorable_plain() + bytes(64 << 20)) + compressor.flush()
    with (
        opened_difference(io.BytesIO(body), FIT) as found,
        pytest.raises(MalformedBodyError, match="goes on after its last array"),
    ):
        list(found.values(values_of(BASE)))
    assert len(body) < FIT.limit_bytes


def test_values_that_are_not_finite_are_left_to_whoever_checks_the_model() -> None:
    step = np.float32(np.inf).tobytes()
    plain = bytearray(packed(trained(), PLAIN))
    at = plain.index(b"}", plain.index(DIFFERENCE.encode()))
    start = int.from_bytes(plain[:8], "little") + 8
    assert at < start
    plain[start : start + 4] = step
    arrays, _ = restored(bytes(plain), ErrorReply, BASE, PLAIN)
    assert not np.isfinite(arrays["feature_extractor.a"]).all()
