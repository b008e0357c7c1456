"""Recognition by content, and a plain reason for everything that is no image."""

import contextlib
import functools
from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import RLELossless

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image, has_image_content
from tests.imaging.dicom.conftest import dataset_of


def reason_for(path: Path) -> str:
    with pytest.raises(ImageUnreadableError) as refusal:
        decode_image(path)
    assert refusal.value.path == path
    return refusal.value.reason


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    Image.new("L", (3, 2), 9).save(path, format="PNG")
    assert decode_image(path)[0].pixels.tolist() == [[9, 9, 9], [9, 9, 9]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (
            b"file,lesion\n",
            "it is not an image that can be opened; DICOM, PNG, JPEG and TIFF can be",
        ),
        (b"GIF89a....", "it is a GIF; DICOM, PNG, JPEG and TIFF can be opened"),
        (b"\0" * 128 + b"DICM", "it is a DICOM file without an image"),
        (b"%PDF-1.7", "it is a PDF; DICOM, PNG, JPEG and TIFF can be opened"),
        (b"\x89PNG\r\n\x1a\n", "it is damaged or cut off"),
        (b"\xff\xd8\xff\xe0", "it is damaged or cut off"),
        (b"II*\0", "it is damaged or cut off"),
    ],
)
def test_what_is_no_image_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert reason_for(path).startswith(reason)


def test_a_missing_file_a_folder_and_a_path_through_a_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"x")
    assert reason_for(tmp_path / "missing.png") == "there is no such file"
    assert reason_for(tmp_path) == "it is a folder"
    assert reason_for(tmp_path / "plain" / "a.png") == "there is no such file"


def test_a_file_without_permission_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The superuser may read anything, so the refusal of the system is played.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert reason_for(tmp_path / "a.png") == "you have no permission to read it"


def test_the_message_names_the_file_but_not_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadableError, match=r"^a\.png cannot be read: there is no such"):
        decode_image(tmp_path / "a.png")


def test_images_are_told_from_other_files_by_content(tmp_path: Path) -> None:
    Image.new("L", (1, 1)).save(tmp_path / "image", format="PNG")
    (tmp_path / "moving").write_bytes(b"GIF89a")
    (tmp_path / "table.csv").write_text("file\n", encoding="utf-8")
    assert has_image_content(tmp_path / "image")
    assert has_image_content(tmp_path / "moving")
    assert not has_image_content(tmp_path / "table.csv")
    assert not has_image_content(tmp_path / "missing")


@functools.cache
def sound_files(folder: Path) -> list[bytes]:
    pixels = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    Image.fromarray(pixels).save(folder / "a.png")
    Image.fromarray(pixels).save(folder / "a.jpg")
    tifffile.imwrite(folder / "a.tif", pixels, photometric="rgb", compression="lzw")
    header = dataset_of(pixels)
    pydicom.dcmwrite(folder / "a.dcm", header)
    header.compress(RLELossless)
    pydicom.dcmwrite(folder / "b.dcm", header)
    names = ("a.png", "a.jpg", "a.tif", "a.dcm", "b.dcm")
    return [(folder / name).read_bytes() for name in names]


@pytest.mark.filterwarnings("ignore")  # third-party decoders warn about what they meet
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_damage_raises_anything_but_the_refusal(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(sound_files(tmp_path))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with contextlib.suppress(ImageUnreadableError):
        assert all(image.pixels.size for image in decode_image(path))
