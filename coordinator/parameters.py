"""Named arrays to safetensors bytes and back, checked as a whole against a manifest.

Nothing here unpickles or chooses a decoder by what the bytes claim to be: an array is float32 or
the body is refused.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from coordinator.errors import (
    MalformedBodyError,
    MomentsRefusedError,
    NonFiniteParametersError,
    ParameterMismatchError,
    StylesRefusedError,
)

Parameters = dict[str, npt.NDArray[np.float32]]
"""Named float32 arrays; a name is its group, a dot, and the name within the group."""

Manifest = dict[str, tuple[int, ...]]
"""The shape of every array that a model of the study has, by name."""

MESSAGE_KEY: Final = "message"
HEADER_ALLOWANCE_BYTES: Final = 1_000_000
"""Room for names, shapes and the message beside the arrays themselves."""

MOMENTS_PREFIX: Final = "moments."
MOMENTS_BOUND: Final = 1e4
"""Largest believable feature mean or variance: features leave a normalised layer near 1."""
MOMENTS_IMAGE_COUNT: Final = 256
"""Images of a group from which a site computes moments, at most: four per feature at the default
width. All images of a large hospital would cost more than the round's training itself."""

STATISTICS_IMAGE_COUNT: Final = 20
"""Images of a group from which moments and styles of it are shared: with fewer a mean would hide
too little of each."""

STYLES_PREFIX: Final = "styles."
STYLE_COUNT: Final = 16
"""Styles of a domain, each over at least 4 images; the method, "What was measured"."""
STYLES_BOUND: Final = 1e4
"""Largest believable channel mean or deviation. Images are 0 to 1 after scaling; activations of
frozen stages come from linear projections, which no ReLU6 bounds, and can be some tens."""

_INDEX: Final = "0|[1-9][0-9]{0,6}"
_MOMENTS_NAME: Final = re.compile(rf"moments\.({_INDEX})\.(mean|covariance)")
_STYLES_NAME: Final = re.compile(rf"styles\.({_INDEX})")


Message = TypeVar("Message", bound=BaseModel)


class _Header(BaseModel):
    """The part of a safetensors header that is ours; the rest is safetensors' own to check."""

    metadata: dict[str, str] = Field(alias="__metadata__")


class Group(StrEnum):
    """The three parameter groups that travel."""

    FEATURE_EXTRACTOR = "feature_extractor"
    LESION_CLASSIFIER = "lesion_classifier"
    DOMAIN_CLASSIFIER = "domain_classifier"


class BodyArrays(NamedTuple):
    """The arrays of a body, told apart by their names."""

    parameters: Parameters
    moments: Parameters
    """``moments.<index>.mean`` ``[F]`` and ``moments.<index>.covariance`` ``[F, F]`` of features;
    ``moment_indices`` says what an index means."""
    styles: Parameters
    """``styles.<domain index>`` ``[STYLE_COUNT, 2, channels]``: channel means, and deviations."""


def group_of(name: str) -> Group:
    """Return the group that an array's name begins with.

    Raises:
        ParameterMismatchError: if the name begins with none of the three groups.
    """
    prefix, _, rest = name.partition(".")
    if prefix not in set(Group) or not rest:
        raise ParameterMismatchError(
            f"Array {name!r} belongs to none of the groups {', '.join(Group)}"
        )
    return Group(prefix)


def encode(arrays: Mapping[str, npt.NDArray[np.float32]], message: BaseModel) -> bytes:
    """Pack arrays and their message into one safetensors body."""
    # np.ascontiguousarray would make a vector of a single number.
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(contiguous, metadata={MESSAGE_KEY: message.model_dump_json()})


def decode(body: bytes, message_type: type[Message]) -> tuple[Parameters, Message]:
    """Unpack a safetensors body into its float32 arrays and its message.

    Raises:
        MalformedBodyError: if it is no safetensors, its message is not a ``message_type``, or an
            array is of another dtype than float32.
    """
    message = read_message(body, message_type)
    try:
        arrays = load(body)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise MalformedBodyError(f"The body is not valid safetensors: {error}") from error
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise MalformedBodyError(f"Array {name!r} is {array.dtype}; only float32 may travel")
    return arrays, message


def read_message(body: bytes, message_type: type[Message]) -> Message:
    """Read the message from the header, and nothing else of the body.

    Raises:
        MalformedBodyError: if the header is cut, too long, or has no such message.
    """
    header_size = int.from_bytes(body[:8], "little")
    if len(body) < 8 or header_size > min(HEADER_ALLOWANCE_BYTES, len(body) - 8):
        raise MalformedBodyError("The body is not valid safetensors: its header is cut or too long")
    try:
        metadata = _Header.model_validate_json(body[8 : 8 + header_size]).metadata
    except ValidationError:
        metadata = {}
    return parse_message(metadata, message_type)


def parse_message(metadata: Mapping[str, str], message_type: type[Message]) -> Message:
    """Return the message in a body's metadata.

    Raises:
        MalformedBodyError: if there is none of this type.
    """
    try:
        return message_type.model_validate_json(metadata[MESSAGE_KEY])
    except (ValidationError, KeyError) as error:
        raise MalformedBodyError(
            f"The body carries no valid {message_type.__name__} in its metadata"
        ) from error


def manifest_of(parameters: Parameters) -> Manifest:
    """Return the shape of each parameter; statistics are not part of a manifest."""
    return {name: tuple(array.shape) for name, array in sorted(parameters.items())}


def body_limit_bytes(manifest: Manifest, statistics_count: int) -> int:
    """Return how many bytes a body may have: its arrays and room for a header.

    Args:
        manifest: Of the model.
        statistics_count: float32 values that the moments and styles in it can have.
    """
    return 4 * (value_count(manifest) + statistics_count) + HEADER_ALLOWANCE_BYTES


def value_count(shapes: Manifest) -> int:
    """Return how many numbers arrays of these shapes hold together."""
    return sum(math.prod(shape) for shape in shapes.values())


def split_arrays(arrays: Parameters) -> BodyArrays:
    """Separate a body's arrays into model parameters, domain moments and styles."""
    moments = {n: a for n, a in arrays.items() if n.startswith(MOMENTS_PREFIX)}
    styles = {n: a for n, a in arrays.items() if n.startswith(STYLES_PREFIX)}
    statistics = moments.keys() | styles.keys()
    parameters = {n: a for n, a in arrays.items() if n not in statistics}
    return BodyArrays(parameters, moments, styles)


def moment_indices(domain_indices: Iterable[int], moments_per_domain: int) -> set[int]:
    """Return the indices that moments of these domains have.

    They are a domain's own index, or one for each lesion class in it:
    ``domain index * moments_per_domain + lesion class``.
    """
    return {
        domain_index * moments_per_domain + group
        for domain_index in domain_indices
        for group in range(moments_per_domain)
    }


def check_parameters(parameters: Parameters, manifest: Manifest) -> None:
    """Refuse parameters that are not exactly a model of this manifest.

    Raises:
        ParameterMismatchError: naming the first array that is missing, unknown or misshapen.
        NonFiniteParametersError: naming the first array with NaN or infinity.
    """
    check_shapes(manifest_of(parameters), manifest)
    for name, array in sorted(parameters.items()):
        check_finite(name, array)


def check_shapes(shapes: Manifest, manifest: Manifest) -> None:
    """Refuse shapes that are not those of the manifest, array by array.

    They must be equal, not merely broadcastable.

    Raises:
        ParameterMismatchError: naming the first array that is missing, unknown or misshapen.
    """
    for name in sorted(manifest.keys() - shapes.keys()):
        raise ParameterMismatchError(f"Array {name!r} is missing from the parameters")
    for name in sorted(shapes.keys() - manifest.keys()):
        raise ParameterMismatchError(f"Array {name!r} is not part of the study's model")
    for name, shape in manifest.items():
        if shapes[name] != tuple(shape):
            raise ParameterMismatchError(
                f"Array {name!r} has shape {list(shapes[name])}; "
                f"the study's model has {list(shape)}"
            )


def check_finite(name: str, array: npt.NDArray[np.float32]) -> None:
    """Refuse an array with NaN or infinity.

    Raises:
        NonFiniteParametersError: naming it.
    """
    finite = np.isfinite(array)
    if not finite.all():
        raise NonFiniteParametersError(
            f"Array {name!r} holds {int((~finite).sum())} values that are not finite"
        )


def check_moments(moments: Parameters, indices: set[int], feature_dim: int) -> None:
    """Refuse moments that are not a mean and a covariance for each index they name.

    Args:
        moments: As in ``BodyArrays``.
        indices: What moments may be about, by ``moment_indices``.
        feature_dim: Width of the features.

    Raises:
        MomentsRefusedError: naming the array and what is wrong with it.
        NonFiniteParametersError: naming the first array with NaN or infinity.
    """
    shapes = {"mean": (feature_dim,), "covariance": (feature_dim, feature_dim)}
    for name, array in sorted(moments.items()):
        check_finite(name, array)
        match = _MOMENTS_NAME.fullmatch(name)
        if match is None or int(match[1]) not in indices:
            raise MomentsRefusedError(f"Array {name!r} is about no domain of this site or study")
        if array.shape != shapes[match[2]]:
            raise MomentsRefusedError(
                f"Array {name!r} has shape {list(array.shape)}, not {list(shapes[match[2]])}"
            )
        if np.abs(array).max() > MOMENTS_BOUND:
            raise MomentsRefusedError(f"Array {name!r} exceeds {MOMENTS_BOUND:g}")
        if match[2] == "covariance":
            _check_covariance(name, array)
    for index in sorted({name.split(".")[1] for name in moments}):
        for kind in shapes:
            if f"{MOMENTS_PREFIX}{index}.{kind}" not in moments:
                raise MomentsRefusedError(f"Moments {index} come without {kind}")


def check_styles(styles: Parameters, domain_indices: set[int], channel_count: int) -> None:
    """Refuse styles that are not channel means and standard deviations of a named domain.

    Args:
        styles: As in ``BodyArrays``.
        domain_indices: The domains that styles may be about.
        channel_count: Channels of a style; 0 if the study shares no styles.

    Raises:
        StylesRefusedError: naming the array and what is wrong with it.
    """
    shape = (STYLE_COUNT, 2, channel_count)
    for name, array in sorted(styles.items()):
        if channel_count == 0:
            raise StylesRefusedError(f"This study shares no styles; send none, nor {name!r}")
        match = _STYLES_NAME.fullmatch(name)
        if match is None or int(match[1]) not in domain_indices:
            raise StylesRefusedError(f"Array {name!r} is about no domain of this site or study")
        if array.shape != shape:
            raise StylesRefusedError(
                f"Array {name!r} has shape {list(array.shape)}, not {list(shape)}"
            )
        if not np.isfinite(array).all():
            raise StylesRefusedError(f"Array {name!r} holds values that are not finite")
        if np.abs(array).max() > STYLES_BOUND:
            raise StylesRefusedError(f"Array {name!r} exceeds {STYLES_BOUND:g}")
        if array[:, 1].min() < 0:
            raise StylesRefusedError(f"Array {name!r} holds a standard deviation below 0")


def digest_of(parameters: Mapping[str, npt.NDArray[np.float32]]) -> str:
    """Return the SHA-256 of names, shapes and little-endian values, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(parameters):
        array = parameters[name]
        digest.update(f"{name}:{list(array.shape)}\n".encode())
        digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
    return digest.hexdigest()


def _check_covariance(name: str, covariance: npt.NDArray[np.float32]) -> None:
    exact = covariance.astype(np.float64)
    scale = max(1.0, float(np.abs(exact).max()))
    # Rounding to float32 leaves a relative error near 1e-7 per entry; 1e-4 is far above it.
    if np.abs(exact - exact.T).max() > 1e-4 * scale:
        raise MomentsRefusedError(f"Array {name!r} is not symmetric")
    if np.linalg.eigvalsh(exact).min() < -1e-4 * scale:
        raise MomentsRefusedError(f"Array {name!r} is not positive semidefinite")
