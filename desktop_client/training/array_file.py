"""Arrays as a safetensors file, piece by piece.

``safetensors.numpy.save`` copies all arrays three times on the way to the disk: after each epoch of
a ResNet-18 that takes longer than a step.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

DTYPES: Final = {"float64": "F64", "int64": "I64", "float32": "F32", "uint8": "U8"}
"""What models and trainings consist of, and safetensors' names for it."""


def safetensors_pieces(
    arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> Iterator[bytes | memoryview]:
    """Yield the parts of a safetensors file; those of arrays are views, not copies.

    Source:
        https://github.com/huggingface/safetensors, "Format".
    """
    # Wide numbers first, so that each array begins at a multiple of its numbers' width.
    names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    contiguous = {name: np.asarray(arrays[name], order="C") for name in names}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    begin = 0
    for name, array in contiguous.items():
        end = begin + array.nbytes
        header[name] = {
            "dtype": DTYPES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": (begin, end),
        }
        begin = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for array in contiguous.values():
        yield array.reshape(-1).view(np.uint8).data


def digest_of(text: str, arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the SHA-256 of a file's words and of its arrays: whether all is as it was written."""
    digest = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\n{name}:{array.dtype}:{list(array.shape)}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
