"""Small pictures of many images: cached on disk, made in parallel, stopped at once.

The cache may be deleted at any time; nothing is known only there.
"""

import io
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from PIL import Image

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_frames
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.shown_range import as_shown
from desktop_client.imaging.thumbnail_cache import ThumbnailCache

_LOOK_UP_COUNT: Final = 256
_QUEUE_PER_WORKER: Final = 2
_SAVE_COUNT: Final = 32
"""Pictures per write to the cache; a crash costs no more than making these again."""
_JPEG_QUALITY: Final = 85


class ThumbnailSource(Protocol):
    """What there must be to know of an image; a labelling sample has it all."""

    @property
    def sample_id(self) -> str:
        """What the picture is filed under."""

    @property
    def path(self) -> Path:
        """The image file."""

    @property
    def frame(self) -> int:
        """Which of its frames."""


@dataclass(frozen=True, slots=True)
class ThumbnailMade:
    """A picture is ready: a whole JPEG file, its longer side at most as asked."""

    sample_id: str
    encoded: bytes


@dataclass(frozen=True, slots=True)
class ThumbnailFailed:
    """There is no picture, and why."""

    sample_id: str
    reason: str


def make_thumbnails(
    cache_path: Path, samples: Sequence[ThumbnailSource], size_px: int
) -> Generator[ThumbnailMade | ThumbnailFailed]:
    """Yield one event per sample: what the cache has first, then the others as they get ready.

    Closing the generator drops what was not begun; what is ready by then is kept in the cache.
    """
    with ThumbnailCache(cache_path) as cache:
        missing: list[ThumbnailSource] = []
        for batch in _batches(samples):
            known = cache.get_many([sample.sample_id for sample in batch], size_px)
            missing += (sample for sample in batch if sample.sample_id not in known)
            yield from (ThumbnailMade(sample_id, known[sample_id]) for sample_id in known)
        unsaved: dict[str, bytes] = {}
        try:
            for event in _render_all(missing, size_px):
                if isinstance(event, ThumbnailMade):
                    unsaved[event.sample_id] = event.encoded
                if len(unsaved) >= _SAVE_COUNT:
                    cache.put_many(unsaved, size_px)
                    unsaved.clear()
                yield event
        finally:
            cache.put_many(unsaved, size_px)


def _batches(samples: Iterable[ThumbnailSource]) -> Iterator[list[ThumbnailSource]]:
    remaining = iter(samples)
    while batch := list(islice(remaining, _LOOK_UP_COUNT)):
        yield batch


def _render_all(
    samples: Iterable[ThumbnailSource], size_px: int
) -> Generator[ThumbnailMade | ThumbnailFailed]:
    """Render file by file in a thread pool, so that no file is decoded once per frame."""
    by_path: dict[Path, list[ThumbnailSource]] = {}
    for sample in samples:
        by_path.setdefault(sample.path, []).append(sample)
    worker_count = max(1, (os.cpu_count() or 2) - 1)
    pool = ThreadPoolExecutor(worker_count, thread_name_prefix="thumbnails")
    remaining = iter(by_path.items())
    running: set[Future[list[ThumbnailMade | ThumbnailFailed]]] = set()
    try:
        while True:
            free_count = worker_count * _QUEUE_PER_WORKER - len(running)
            for path, wanted in islice(remaining, free_count):
                running.add(pool.submit(_render_file, path, wanted, size_px))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _render_file(
    path: Path, wanted: Sequence[ThumbnailSource], size_px: int
) -> list[ThumbnailMade | ThumbnailFailed]:
    try:
        pictures = {
            image.frame: _render(image, size_px)
            for image in decode_frames(path, size_px, {sample.frame for sample in wanted})
        }
    except ImageUnreadableError as refusal:
        return [ThumbnailFailed(sample.sample_id, refusal.reason) for sample in wanted]
    return [
        ThumbnailMade(sample.sample_id, pictures[sample.frame])
        if sample.frame in pictures
        else ThumbnailFailed(sample.sample_id, "the file has fewer frames than before")
        for sample in wanted
    ]


def _render(image: DecodedImage, size_px: int) -> bytes:
    """Shrink to at most ``size_px``, never enlarge, and encode as JPEG."""
    picture = Image.fromarray(as_shown(image))
    # Halving cheaply down to twice the size first is four times as quick and looks the same.
    picture.thumbnail((size_px, size_px), Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()
