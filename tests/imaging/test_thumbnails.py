"""Thumbnails: made once, in whatever order they get ready, and stopped when nobody looks."""

import io
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image

from desktop_client.imaging import thumbnails
from desktop_client.imaging.decode import decode_frames
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.thumbnail_cache import ThumbnailCache
from desktop_client.imaging.thumbnails import ThumbnailFailed, ThumbnailMade, make_thumbnails
from tests.imaging.dicom.conftest import dataset_of


@dataclass(frozen=True)
class Source:
    sample_id: str
    path: Path
    frame: int = 0


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    return tmp_path / "thumbnails.sqlite"


def write_image(folder: Path, name: str, pixels: np.ndarray) -> Source:
    Image.fromarray(pixels).save(folder / name)
    return Source(f"id of {name}", folder / name)


def picture(event: ThumbnailMade | ThumbnailFailed) -> Image.Image:
    assert isinstance(event, ThumbnailMade), event
    return Image.open(io.BytesIO(event.encoded), formats=("JPEG",))


def test_a_thumbnail_is_a_small_jpeg_in_the_images_proportions(
    tmp_path: Path, cache_path: Path
) -> None:
    pixels = np.full((300, 600, 3), (200, 100, 50), dtype=np.uint8)
    source = write_image(tmp_path, "a.jpg", pixels)
    (event,) = make_thumbnails(cache_path, [source], 100)
    assert event.sample_id == "id of a.jpg"
    assert picture(event).size == (100, 50)
    assert np.abs(np.asarray(picture(event)).astype(int) - (200, 100, 50)).max() < 6


def test_small_images_are_not_enlarged(tmp_path: Path, cache_path: Path) -> None:
    source = write_image(tmp_path, "a.png", np.zeros((20, 30), dtype=np.uint8))
    (event,) = make_thumbnails(cache_path, [source], 100)
    assert picture(event).size == (30, 20)


def test_sixteen_bits_are_stretched_to_what_the_image_uses(
    tmp_path: Path, cache_path: Path
) -> None:
    # 12 bits in 16, as many devices store them: unstretched this would be almost black.
    ramp = np.linspace(0, 4095, 100, dtype=np.uint16)[None, :].repeat(100, axis=0)
    (event,) = make_thumbnails(cache_path, [write_image(tmp_path, "a.png", ramp)], 100)
    shown = np.asarray(picture(event)).astype(int)
    assert shown[:, 0].max() < 10
    assert shown[:, -1].min() > 245
    assert shown[:, 50].mean() == pytest.approx(128, abs=5)


def test_every_sample_gets_one_event_and_failures_say_why(tmp_path: Path, cache_path: Path) -> None:
    good = [
        write_image(tmp_path, f"{value}.png", np.full((8, 8), value, dtype=np.uint8))
        for value in range(20)
    ]
    missing = Source("gone", tmp_path / "gone.png")
    (tmp_path / "text.png").write_text("hello", encoding="utf-8")
    broken = Source("broken", tmp_path / "text.png")
    events = list(make_thumbnails(cache_path, [missing, *good, broken], 96))
    made = {event.sample_id for event in events if isinstance(event, ThumbnailMade)}
    failed = {e.sample_id: e.reason for e in events if isinstance(e, ThumbnailFailed)}
    assert made == {source.sample_id for source in good}
    assert len(events) == 22
    assert failed["gone"] == "there is no such file"
    assert failed["broken"].startswith("it is not an image")


def test_frames_of_one_file_are_decoded_together(
    tmp_path: Path, cache_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = np.stack([np.full((8, 8), value, dtype=np.uint8) for value in (0, 100, 200)])
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
    decoded: list[Path] = []

    def counting(path: Path, at_least_px: int, wanted: Collection[int]) -> Iterator[DecodedImage]:
        decoded.append(path)
        return decode_frames(path, at_least_px, wanted)

    monkeypatch.setattr(thumbnails, "decode_frames", counting)
    sources = [Source(f"frame {frame}", tmp_path / "a.tif", frame) for frame in range(4)]
    events = {event.sample_id: event for event in make_thumbnails(cache_path, sources, 96)}
    assert len(decoded) == 1
    shades = [int(np.asarray(picture(events[f"frame {i}"])).mean()) for i in range(3)]
    assert shades == [0, 100, 200]
    assert events["frame 3"] == ThumbnailFailed("frame 3", "the file has fewer frames than before")


def test_what_is_cached_comes_first_and_needs_no_file(tmp_path: Path, cache_path: Path) -> None:
    first = write_image(tmp_path, "a.png", np.zeros((8, 8), dtype=np.uint8))
    second = write_image(tmp_path, "b.png", np.zeros((8, 8), dtype=np.uint8))
    (made,) = make_thumbnails(cache_path, [second], 96)
    second.path.unlink()
    events = list(make_thumbnails(cache_path, [first, second], 96))
    assert events[0] == made
    assert events[1].sample_id == first.sample_id


def test_another_size_is_another_thumbnail(tmp_path: Path, cache_path: Path) -> None:
    source = write_image(tmp_path, "a.png", np.zeros((300, 300), dtype=np.uint8))
    sizes = [picture(*make_thumbnails(cache_path, [source], size)).size for size in (96, 144, 96)]
    assert sizes == [(96, 96), (144, 144), (96, 96)]


def test_closing_the_generator_stops_soon_and_keeps_what_was_made(
    tmp_path: Path, cache_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [
        write_image(tmp_path, f"{value}.png", np.full((8, 8), value, dtype=np.uint8))
        for value in range(100)
    ]
    begun: list[Path] = []

    def slow(path: Path, at_least_px: int, wanted: Collection[int]) -> Iterator[DecodedImage]:
        begun.append(path)
        time.sleep(0.05)
        return decode_frames(path, at_least_px, wanted)

    monkeypatch.setattr(thumbnails, "decode_frames", slow)
    events = make_thumbnails(cache_path, sources, 96)
    first = next(events)
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 1  # all of them would take some seconds
    assert len(begun) < 50
    assert not [t for t in threading.enumerate() if t.name.startswith("thumbnails")]
    with ThumbnailCache(cache_path) as cache:
        assert cache.get(first.sample_id, 96) is not None


def test_a_large_jpeg_is_not_decoded_in_full(tmp_path: Path, cache_path: Path) -> None:
    pixels = np.zeros((3000, 4000, 3), dtype=np.uint8)
    pixels[:, 2000:] = 255
    source = write_image(tmp_path, "a.jpg", pixels)
    (event,) = make_thumbnails(cache_path, [source], 144)
    shown = np.asarray(picture(event))
    assert shown.shape == (108, 144, 3)
    assert shown[:, :70].max() < 10
    assert shown[:, 74:].min() > 245


def test_a_dicom_thumbnail_is_shown_through_the_files_first_window(
    tmp_path: Path, cache_path: Path
) -> None:
    stored = np.array([[0] * 8, [1000] * 8] * 4, np.int16).repeat(8, axis=0).repeat(8, axis=1)
    header = dataset_of(stored, WindowCenter=[500, 0], WindowWidth=[4000, 10])
    pydicom.dcmwrite(tmp_path / "image", header)
    (event,) = make_thumbnails(cache_path, [Source("a", tmp_path / "image")], 64)
    assert isinstance(event, ThumbnailMade)
    shown = np.asarray(Image.open(io.BytesIO(event.encoded)))
    # 0 and 1000 of -1500 to 2500: 96 and 159 of 255.
    assert abs(int(shown[4, 4]) - 96) <= 3
    assert abs(int(shown[12, 4]) - 159) <= 3
