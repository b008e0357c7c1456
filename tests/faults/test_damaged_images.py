"""Whatever is wrong with a file, it is read or refused in words, and the program lives."""

import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image
from pydicom import uid

from tests.faults.conftest import SEED, Record
from tests.imaging.dicom.conftest import write_to

SLOPES = (np.arange(40 * 32, dtype=np.uint16) * 3).reshape(40, 32)
GREY = (SLOPES // 16).astype(np.uint8)
COLOURS = np.stack([GREY, GREY.T.reshape(40, 32), 255 - GREY], axis=-1)
QUICK_COUNT = 15
"""Of each file; in every run."""
SLOW_COUNT = 500
REAL_COUNT = 40


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Sound files of every transfer syntax that is read, and of every kind of photo."""
    folder = tmp_path / "samples"
    folder.mkdir()
    for name, options in dicom_kinds():
        write_to(folder, name=f"{name}.dcm", **{"pixels": SLOPES, **options})
    for suffix, options in (
        ("jpg", {"quality": 90}),
        ("png", {}),
        ("tif", {}),
        ("progressive.jpg", {"progressive": True}),
    ):
        Image.fromarray(COLOURS).save(folder / f"photo.{suffix}", **options)
    (folder / "deep.png").write_bytes(imagecodecs.png_encode(SLOPES))
    for compression in ("lzw", "deflate", "packbits", "jpeg", "zstd"):
        path = folder / f"{compression}.tif"
        tifffile.imwrite(path, COLOURS, photometric="rgb", compression=compression, tile=(16, 16))
    return folder


def dicom_kinds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a name and what ``write_to`` needs."""
    for syntax in (
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.RLELossless,
        uid.JPEGLSLossless,
        uid.JPEG2000Lossless,
    ):
        yield syntax.keyword, {"syntax": syntax}
        yield f"{syntax.keyword} of 8 bits", {"syntax": syntax, "pixels": GREY}
    colours = {"pixels": COLOURS}
    for syntax in (uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless):
        yield f"{syntax.keyword} in colour", {"syntax": syntax, **colours}
    two = {"pixels": np.stack([SLOPES, SLOPES // 2]), "NumberOfFrames": 2}
    yield "two frames", two
    yield "two frames in run lengths", {"syntax": uid.RLELossless, **two}
    ljpeg = bytes(imagecodecs.ljpeg_encode(SLOPES, bitspersample=16))
    yield "lossless JPEG", {"syntax": uid.JPEGLosslessSV1, "encoded": [ljpeg]}
    htj2k = bytes(imagecodecs.htj2k_encode(SLOPES, reversible=True))
    yield "HTJ2K", {"syntax": uid.HTJ2KLossless, "encoded": [htj2k]}
    twelve = bytes(imagecodecs.jpeg8_encode(SLOPES, bitspersample=12))
    yield (
        "JPEG of 12 bits",
        {"syntax": uid.JPEGExtended12Bit, "encoded": [twelve], "BitsStored": 12},
    )
    for name, options in (("YCbCr", {}), ("RGB", {"keep_rgb": True})):
        encoded = jpeg_of(**options)
        yield f"JPEG {name}", {"syntax": uid.JPEGBaseline8Bit, "encoded": [encoded], **colours}


def jpeg_of(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def outcomes_of(folder: Path, count: int, record: Record) -> Counter[str]:
    """Damage each file so many times and open it, in a process that has to live."""
    command = [sys.executable, "-m", "tests.faults.damage", str(folder), str(SEED), str(count)]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    died_of = folder.with_suffix(".last").read_text()
    assert child.returncode == 0, f"{died_of}: {child.returncode}\n{child.stderr[-3000:]}"
    result = json.loads(child.stdout)
    outcomes = Counter[str](result["outcomes"])
    record("files opened", outcomes.total())
    record("of them shown", sum(n for words, n in outcomes.items() if words.startswith("read")))
    record("s for the slowest", f"{result['slowest_s']:.1f}")
    return outcomes


def test_sound_samples_can_all_be_read(samples: Path, record_property: Record) -> None:
    assert len(list(samples.iterdir())) == 32
    assert set(outcomes_of(samples, 0, record_property)) == {"read read read read"}


def test_a_damaged_file_never_ends_the_program(samples: Path, record_property: Record) -> None:
    outcomes = outcomes_of(samples, QUICK_COUNT, record_property)
    assert len(outcomes) > 2  # some harm is seen, some is not, some only at the pixels


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_damaged_files_never_end_the_program(samples: Path, record_property: Record) -> None:
    assert outcomes_of(samples, SLOW_COUNT, record_property)


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.timeout(3600)
def test_damaged_real_files_never_end_the_program(
    shared_data: Path, tmp_path: Path, record_property: Record
) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    for number, path in enumerate(sorted((shared_data / "dicom").rglob("*.dcm"))):
        (folder / f"{number:03} {path.name}").symlink_to(path)
    assert outcomes_of(folder, REAL_COUNT, record_property)


def test_an_adobe_segment_of_wrong_length_is_refused_and_no_more(
    tmp_path: Path, record_property: Record
) -> None:
    # GDCM, which once came behind the decoders of ours, ends the process at this.
    jpeg = jpeg_of(keep_rgb=True)
    place = jpeg.index(b"\xff\xee") + 3
    spoilt = jpeg[:place] + bytes([jpeg[place] + 2]) + jpeg[place + 1 :]
    folder = tmp_path / "adobe"
    folder.mkdir()
    write_to(folder, COLOURS, syntax=uid.JPEGBaseline8Bit, encoded=[spoilt])
    (words,) = outcomes_of(folder, 0, record_property)
    assert words == "refused refused read refused"
