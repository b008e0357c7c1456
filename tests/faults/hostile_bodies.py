"""Bodies that are no update: hypothesis breaks one part of a right one, or makes something else."""

import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st
from safetensors.numpy import save

from tests.faults.scripted import Arrays

BOMB: Final = gzip.compress(bytes(64 << 20), 9)
"""64 MB of zeros in 64 kB."""


class Gadget:
    """Makes a folder when somebody unpickles it."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return Path.mkdir, (self._marker,)  # type: ignore[return-value]


def broken_arrays(arrays: Arrays, message: Mapping[str, Any]) -> st.SearchStrategy[bytes]:
    """An otherwise right update, one array of which cannot be meant."""
    changes: list[Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any] | None]] = [
        lambda a: np.full_like(a, np.nan),
        lambda a: np.where(np.arange(a.size).reshape(a.shape) == a.size - 1, np.inf, a),
        lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, -np.inf, a),
        lambda a: np.full_like(a, 3e38),
        lambda a: a * np.float32(1e6) + np.float32(1e8),  # 1e6 is near enough: see scripted_study
        lambda a: np.array(0.5, np.float32),
        lambda a: a.ravel()[:1],
        lambda a: a.ravel()[:0],
        lambda a: a[None],
        lambda a: np.concatenate([a, a]),
        lambda a: a.astype(np.float64),
        lambda a: a.astype(np.float16),
        lambda a: a.astype(np.int32),
        lambda a: a.astype(np.uint8),
        lambda a: None,
    ]

    def broken(name: str, change: int, also: str) -> bytes:
        changed = changes[change](arrays[name])
        kept = {key: array for key, array in arrays.items() if key != name}
        if changed is not None:
            kept[name] = np.ascontiguousarray(changed) if changed.ndim else changed
        if also:
            kept[also] = np.zeros(3, np.float32)
        if changed is None and not also and name.startswith("moments."):
            kept["moments.x"] = np.zeros(3, np.float32)
        return save(kept, metadata={"message": json.dumps(message)})

    extra = st.sampled_from(
        ["", "", "feature_extractor.extra", "moments.9999.mean", "moments.-1.mean", "styles.0"]
    ) | st.sampled_from(
        ["__metadata__x", "lesion_classifier.", "..", "optimizer.state", "x" * 3000]
    )
    return st.builds(
        broken, st.sampled_from(sorted(arrays)), st.integers(0, len(changes) - 1), extra
    )


def broken_messages(arrays: Arrays, message: Mapping[str, Any]) -> st.SearchStrategy[bytes]:
    """Right arrays, and a message of which one value cannot be meant."""
    values = st.sampled_from(
        [None, "", -1, 0, 2**63, 2**70, 0.5, "x", [], {}, [[]], [0, 0], [-1], [10**9], False]
    ) | st.sampled_from(
        ["0" * 64, "\0", "\ud800", "x" * 100_000, {"sample_count": -1}, ["a"], 10**8 + 1, "NaN"]
    )

    def broken(key: str, value: object) -> bytes:
        changed = {**message, key: value}
        if value == message.get(key):
            changed[key] = "other"
        if value == {} and key == "metrics_before":
            changed[key] = {"auc": 2}
        return save(arrays, metadata={"message": json.dumps(changed)})

    whole = st.sampled_from(["", "{", "[]", "null", "[" * 50_000, '{"a":1}', "1", "\0"]).map(
        lambda text: save(arrays, metadata={"message": text})
    )
    # Any positive count of samples is a right one.
    keys = [*sorted(message.keys() - {"sample_count"}), "extra", "__class__"]
    counts = st.sampled_from([0, -1, 1.5, "1e3", 10**9, None, [1]]).map(
        lambda count: broken("sample_count", count)
    )
    return whole | counts | st.builds(broken, st.sampled_from(keys), values)


def broken_headers(body: bytes) -> st.SearchStrategy[bytes]:
    """A safetensors header that leads outside, overlaps, leaves gaps or never ends."""
    size = int.from_bytes(body[:8], "little")
    header, data = json.loads(body[8 : 8 + size]), body[8 + size :]
    names = sorted(header.keys() - {"__metadata__"})
    ends = st.sampled_from(
        [-1, 0, 1, 3, 4, len(data), len(data) + 4, 2**31, 2**63, 2**64, 0.5, "0"]
    )
    entries: st.SearchStrategy[object] = st.one_of(
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from(["F32", "F64", "O", "BOOL", "", None, 1]),
                "shape": st.lists(ends, max_size=3),
                "data_offsets": st.lists(ends, max_size=3),
            }
        ),
        st.sampled_from([None, [], {}, 1, "x", {"dtype": "F32"}]),
    )

    def packed(changed: object, length: int | None = None) -> bytes:
        text = json.dumps(changed).encode()
        return (len(text) if length is None else length).to_bytes(8, "little") + text + data

    swapped = {**header, names[0]: header[names[1]], names[1]: header[names[0]]}
    twice = {
        **header,
        names[0]: {**header[names[0]], "data_offsets": header[names[1]]["data_offsets"]},
    }
    fixed = [
        packed(swapped),
        packed(twice),
        packed({name: header[name] for name in names}),
        packed({**header, "__metadata__": {"message": 1}}),
        packed({**header, "__metadata__": None}),
        packed([header]),
        packed(header, 0),
        packed(header, 2**63),
        packed(header, 2**64 - 1),
        packed(header, 100_000_000),
        packed(header, 7),
        (2).to_bytes(8, "little") + b"{}",
        (100_000).to_bytes(8, "little") + b"[" * 100_000,
        body[:8],
        body[: 8 + size],
        body[:-1],
        body + b"\0",
        body + body,
        b"",
    ]
    replaced = st.builds(
        lambda name, entry: packed({**header, name: entry}),
        st.sampled_from([*names, "new"]),
        entries,
    )
    return replaced.filter(lambda changed: changed != body) | st.sampled_from(fixed)


def other_formats(marker: Path, arrays: Arrays) -> list[bytes]:
    """What other programs would load, and what loading would run."""
    gadget = pickle.dumps(Gadget(marker))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", gadget)  # as torch.save writes it
        file.writestr("archive/data/0", bytes(32 << 20))
    objects = io.BytesIO()
    np.save(objects, np.array([Gadget(marker)], dtype=object), allow_pickle=True)
    named = io.BytesIO()
    np.savez(named, allow_pickle=False, **arrays)
    hidden = save(
        {**arrays, "pickle": np.frombuffer(gadget.ljust(400, b"\0"), np.uint8)},
        metadata={"message": gadget.hex()},
    )
    return [gadget, archive.getvalue(), objects.getvalue(), named.getvalue(), hidden, BOMB]
