import hashlib
import io
import json
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from coordinator.errors import (
    MalformedBodyError,
    MomentsRefusedError,
    NonFiniteParametersError,
    ParameterMismatchError,
    StylesRefusedError,
)
from coordinator.parameters import (
    HEADER_ALLOWANCE_BYTES,
    STYLE_COUNT,
    Group,
    Parameters,
    body_limit_bytes,
    check_moments,
    check_parameters,
    check_styles,
    decode,
    digest_of,
    encode,
    group_of,
    manifest_of,
    moment_indices,
    split_arrays,
)
from coordinator.protocol import ErrorReply, UpdateReply
from tests.coordinator.conftest import tiny_moments, tiny_parameters, tiny_styles

MESSAGE = ErrorReply(code="a", message="b")
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
CHANNELS = st.sampled_from([1, 3, 40])
BELIEVABLE = st.floats(0, 10_000, width=32)
FLOATS = hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))


def header(body: bytes) -> dict[str, Any]:
    size = int.from_bytes(body[:8], "little")
    parsed: dict[str, Any] = json.loads(body[8 : 8 + size])
    return parsed


def with_header(content: bytes, data: bytes = b"") -> bytes:
    return len(content).to_bytes(8, "little") + content + data


@given(arrays=st.dictionaries(NAMES.map(lambda n: f"feature_extractor.{n}"), FLOATS, max_size=4))
def test_arrays_and_message_come_back_bit_for_bit(arrays: dict[str, Any]) -> None:
    decoded, message = decode(encode(arrays, MESSAGE), ErrorReply)
    assert message == MESSAGE
    assert {n: (a.shape, a.tobytes()) for n, a in decoded.items()} == {
        n: (a.shape, a.tobytes()) for n, a in arrays.items()
    }


def test_array_that_is_not_contiguous_travels_by_value() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    decoded, _ = decode(encode({"feature_extractor.weight": array}, MESSAGE), ErrorReply)
    assert decoded["feature_extractor.weight"].tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64, np.uint8, np.bool_])
def test_array_of_another_type_is_refused_by_name(dtype: type[np.generic]) -> None:
    body = save(
        {"lesion_classifier.bias": np.zeros(2, dtype)},
        metadata={"message": MESSAGE.model_dump_json()},
    )
    with pytest.raises(MalformedBodyError, match=r"'lesion_classifier\.bias' is .*only float32"):
        decode(body, ErrorReply)


def zip_body() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps([1, 2]))
    return archive.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 7,
        b"\0" * 8,
        pickle.dumps({"weight": [1.0]}),
        zip_body(),
        b"\xff" * 100,
        with_header(b"not json"),
        with_header(b"[]"),
        with_header(b"{}"),
        with_header(b'{"__metadata__": {}}'),
        with_header(b'{"__metadata__": {"message": 1}}'),
        with_header(b'{"__metadata__": {"message": "{}"}}'),
        with_header(b" " * (HEADER_ALLOWANCE_BYTES + 1)),
    ],
)
def test_bytes_that_are_no_body_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedBodyError):
        decode(body, ErrorReply)


def test_body_with_the_message_of_another_kind_is_refused() -> None:
    with pytest.raises(MalformedBodyError, match="no valid UpdateReply"):
        decode(encode(tiny_parameters(), MESSAGE), UpdateReply)


@given(cut=st.integers(0, 700))
def test_body_cut_anywhere_is_refused(cut: int) -> None:
    body = encode(tiny_parameters(), MESSAGE)
    with pytest.raises(MalformedBodyError):
        decode(body[: min(cut, len(body) - 1)], ErrorReply)


@given(data=st.binary(max_size=200))
def test_noise_behind_a_right_message_is_refused_or_empty(data: bytes) -> None:
    message = json.dumps(MESSAGE.model_dump_json())
    content = f'{{"__metadata__":{{"message":{message}}}}}'.encode()
    body = with_header(content, data)
    if data:
        with pytest.raises(MalformedBodyError):
            decode(body, ErrorReply)
    else:
        assert decode(body, ErrorReply)[0] == {}


def test_claimed_size_beyond_the_body_allocates_nothing() -> None:
    tensor = {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}
    content = {
        "__metadata__": {"message": MESSAGE.model_dump_json()},
        "feature_extractor.w": tensor,
    }
    with pytest.raises(MalformedBodyError):
        decode(with_header(json.dumps(content).encode()), ErrorReply)


@pytest.mark.parametrize("group", list(Group))
def test_group_is_the_first_part_of_a_name(group: Group) -> None:
    assert group_of(f"{group}.layer.weight") is group


@pytest.mark.parametrize("name", ["", "weight", "feature_extractor", "head.weight", ".weight"])
def test_name_of_no_group_is_refused(name: str) -> None:
    with pytest.raises(ParameterMismatchError, match="none of the groups feature_extractor"):
        group_of(name)


def test_parameters_of_the_manifest_pass() -> None:
    check_parameters(tiny_parameters(1.0), manifest_of(tiny_parameters()))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lesion_classifier.bias": np.zeros((1, 2))}, r"has shape \[1, 2\].*has \[2\]"),
        ({"lesion_classifier.bias": np.zeros(())}, r"has shape \[\].*has \[2\]"),
        ({"lesion_classifier.bias": np.zeros(3)}, r"has shape \[3\].*has \[2\]"),
        ({"lesion_classifier.more": np.zeros(2)}, "'lesion_classifier.more' is not part"),
    ],
)
def test_parameters_of_another_shape_or_name_are_refused_by_name(
    change: dict[str, Any], sentence: str
) -> None:
    wrong = {**tiny_parameters(), **{n: a.astype(np.float32) for n, a in change.items()}}
    with pytest.raises(ParameterMismatchError, match=sentence):
        check_parameters(wrong, manifest_of(tiny_parameters()))


def test_missing_parameters_are_named() -> None:
    fewer = tiny_parameters()
    del fewer["domain_classifier.bias"]
    with pytest.raises(ParameterMismatchError, match=r"'domain_classifier.bias' is missing"):
        check_parameters(fewer, manifest_of(tiny_parameters()))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_value_that_is_not_finite_is_refused_by_name(value: float) -> None:
    wrong = tiny_parameters()
    wrong["domain_classifier.weight"][3, 1] = value
    with pytest.raises(NonFiniteParametersError, match=r"'domain_classifier.weight' holds 1"):
        check_parameters(wrong, manifest_of(tiny_parameters()))


def moments(mean: Any = (0, 0), covariance: Any = ((1, 0), (0, 1)), index: str = "3") -> Any:
    return {
        f"moments.{index}.mean": np.array(mean, np.float32),
        f"moments.{index}.covariance": np.array(covariance, np.float32),
    }


def test_moments_of_own_domains_pass() -> None:
    check_moments({**tiny_moments([0, 3]), **moments((5, -5), ((4, 2), (2, 1)))}, {0, 3}, 2)
    check_moments({}, set(), 2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (moments(index="4"), "'moments.4.covariance' is about no domain"),
        (moments(index="03"), "'moments.03.covariance' is about no domain"),
        (moments(index="٣"), "is about no domain"),  # int() would read this as 3
        (moments(index="-3"), "is about no domain"),
        ({"moments.3.variance": np.zeros(2, np.float32)}, "'moments.3.variance'"),
        (moments(mean=(0, 0, 0)), r"'moments.3.mean' has shape \[3\], not \[2\]"),
        (moments(covariance=(1, 1)), r"'moments.3.covariance' has shape \[2\], not \[2, 2\]"),
        (moments(mean=(0, 10_001)), "'moments.3.mean' exceeds 10000"),
        (moments(covariance=((1, 0.5), (0, 1))), "not symmetric"),
        (moments(covariance=((1, 2), (2, 1))), "not positive semidefinite"),  # eigenvalue -1
        ({"moments.3.mean": np.zeros(2, np.float32)}, "Moments 3 come without covariance"),
        (
            {"moments.3.covariance": np.eye(2, dtype=np.float32)},
            "Moments 3 come without mean",
        ),
    ],
)
def test_moments_that_cannot_be_are_refused_by_name(wrong: Any, sentence: str) -> None:
    with pytest.raises(MomentsRefusedError, match=sentence):
        check_moments(wrong, {0, 3}, 2)


def test_moments_that_are_not_finite_are_refused_by_name() -> None:
    with pytest.raises(NonFiniteParametersError, match=r"'moments.3.mean' holds 1"):
        check_moments(moments(mean=(np.nan, 0)), {3}, 2)


@given(
    samples=hnp.arrays(np.float32, (30, 4), elements=st.floats(-10, 10, width=32)),
)
def test_every_covariance_computed_in_float32_passes(samples: Any) -> None:
    covariance = np.cov(samples, rowvar=False).astype(np.float32)
    arrays = {"moments.0.mean": samples.mean(axis=0), "moments.0.covariance": covariance}
    check_moments(arrays, {0}, 4)


def test_moments_are_indexed_by_domain_or_by_domain_and_lesion_class() -> None:
    assert moment_indices([0, 3], moments_per_domain=1) == {0, 3}
    assert moment_indices([0, 3], moments_per_domain=2) == {0, 1, 6, 7}


def test_moments_of_many_lesion_classes_may_have_long_indices() -> None:
    last = 4096 * 256 - 1  # as many domains and classes as a study can have
    check_moments(tiny_moments([last]), {last}, 2)


@st.composite
def well_formed_styles(draw: st.DrawFn, channel_count: int) -> Parameters:
    indices = draw(st.sets(st.sampled_from([0, 3, 4095])))
    shape = (STYLE_COUNT, channel_count)
    styles: Parameters = {}
    for index in indices:
        means = draw(hnp.arrays(np.float32, shape, elements=BELIEVABLE))
        deviations = draw(hnp.arrays(np.float32, shape, elements=BELIEVABLE))
        styles[f"styles.{index}"] = np.stack(
            [means * draw(st.sampled_from([1, -1])), deviations], 1
        )
    return styles


@given(data=st.data(), channel_count=CHANNELS)
def test_every_well_formed_style_passes(data: st.DataObject, channel_count: int) -> None:
    check_styles(data.draw(well_formed_styles(channel_count)), {0, 3, 4095}, channel_count)


@given(
    channel_count=CHANNELS,
    style=st.integers(0, STYLE_COUNT - 1),
    channel=st.integers(0, 39),
    corruption=st.one_of(
        st.tuples(st.just(1), st.floats(-1e4, -(2.0**-100), width=32)),
        st.tuples(st.integers(0, 1), st.sampled_from([np.nan, np.inf, -np.inf])),
        st.tuples(st.integers(0, 1), st.floats(10_001, 2.0**100, width=32)),
        st.tuples(st.just(0), st.floats(-(2.0**100), -10_001, width=32)),
    ),
)
def test_one_corrupted_number_is_enough_to_refuse_a_style_by_name(
    channel_count: int, style: int, channel: int, corruption: tuple[int, float]
) -> None:
    row, value = corruption
    array = np.full((STYLE_COUNT, 2, channel_count), 0.5, np.float32)
    array[style, row, channel % channel_count] = value
    with pytest.raises(StylesRefusedError, match=r"'styles\.3'"):
        check_styles({**tiny_styles([]), "styles.3": array}, {3}, channel_count)


@given(shape=hnp.array_shapes(min_dims=0, max_dims=4, max_side=17))
def test_style_of_any_other_shape_is_refused_by_name(shape: tuple[int, ...]) -> None:
    assume(shape != (STYLE_COUNT, 2, 3))
    with pytest.raises(StylesRefusedError, match=r"'styles\.3' has shape .*, not \[16, 2, 3\]"):
        check_styles({"styles.3": np.zeros(shape, np.float32)}, {3}, 3)


@given(name=st.text().filter(lambda name: name not in {"0", "3"}))
def test_style_of_an_unknown_or_oddly_named_domain_is_refused(name: str) -> None:
    array = tiny_styles([3])["styles.3"]
    with pytest.raises(StylesRefusedError, match="is about no domain of this site or study"):
        check_styles({f"styles.{name}": array}, {0, 3}, 3)


@pytest.mark.parametrize("name", ["03", "٣", "-3", " 3", "3\n", "3.mean", ""])
def test_style_with_a_name_that_could_be_taken_for_a_domain_is_refused(name: str) -> None:
    with pytest.raises(StylesRefusedError, match="is about no domain"):
        check_styles({f"styles.{name}": tiny_styles([3])["styles.3"]}, {3}, 3)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (np.nan, "'styles.3' holds values that are not finite"),
        (10_001, "'styles.3' exceeds 10000"),
        (-0.5, "'styles.3' holds a standard deviation below 0"),
    ],
)
def test_refusal_of_a_style_says_what_is_wrong(value: float, sentence: str) -> None:
    with pytest.raises(StylesRefusedError, match=sentence):
        check_styles(tiny_styles([3], value), {3}, 3)


def test_no_style_passes_where_the_study_shares_none() -> None:
    check_styles({}, {3}, 0)
    for width in (0, 3):
        array = np.zeros((STYLE_COUNT, 2, width), np.float32)
        with pytest.raises(StylesRefusedError, match=r"shares no styles.*'styles\.3'"):
            check_styles({"styles.3": array}, {3}, 0)


def test_parameters_moments_and_styles_are_told_apart_by_name() -> None:
    split = split_arrays({**tiny_parameters(), **tiny_moments([0]), **tiny_styles([0])})
    assert split.parameters.keys() == tiny_parameters().keys()
    assert split.moments.keys() == tiny_moments([0]).keys()
    assert split.styles.keys() == {"styles.0"}


def test_digest_is_the_sha256_of_names_shapes_and_little_endian_values() -> None:
    arrays = {
        "b.w": np.array([[1.0, 2.0]], np.float32),
        "a.w": np.array([0.5], np.float32),
    }
    by_hand = hashlib.sha256(
        b"a.w:[1]\n"
        + bytes.fromhex("0000003f")
        + b"b.w:[1, 2]\n"
        # 1.0 and 2.0 as IEEE 754 binary32, least significant byte first
        + bytes.fromhex("0000803f00000040")
    ).hexdigest()
    assert digest_of(arrays) == by_hand


def test_digest_tells_shapes_apart() -> None:
    flat = {"a.w": np.zeros(4, np.float32)}
    square = {"a.w": np.zeros((2, 2), np.float32)}
    assert digest_of(flat) != digest_of(square)


def test_limit_leaves_room_for_every_right_body() -> None:
    arrays = {**tiny_parameters(), **tiny_moments([0, 1])}
    body = encode(arrays, MESSAGE)
    limit = body_limit_bytes(manifest_of(tiny_parameters()), statistics_count=2 * (2 + 4))
    # 36 parameters and two domains of 2 + 4 numbers, 4 bytes each, and a megabyte for the header.
    assert limit == 4 * (36 + 12) + 1_000_000
    assert len(body) <= limit
