"""Thumbnails in memory: made by a worker for what is on the screen, forgotten oldest first."""

from collections import OrderedDict
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import imagecodecs
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from desktop_client.gui.worker import Worker, Workers
from desktop_client.imaging.thumbnails import ThumbnailFailed, ThumbnailMade, make_thumbnails
from desktop_client.labelling.sample import Sample

MEMORY_LIMIT_BYTES: Final = 96 * 2**20
"""About 1,200 pictures of 144 px, some 20 screens full; others come back from the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class ThumbnailDecoded:
    """A picture as the screen wants it."""

    sample_id: str
    picture: QImage


class ThumbnailLoader(QObject):
    """Makes the thumbnails that are wanted now; what was wanted before gives way."""

    changed = Signal(str)
    """The thumbnail of this sample is there, or is known not to come."""

    failed = Signal(str)
    """No thumbnails can be made at all, and why."""

    def __init__(self, workers: Workers, cache_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._cache_path = cache_path
        self._size_px = 0
        self._pixmaps: OrderedDict[str, QPixmap] = OrderedDict()
        self._failures: dict[str, str] = {}
        self._wanted: tuple[Sample, ...] = ()
        self._worker: Worker | None = None

    def pixmap(self, sample_id: str) -> QPixmap | None:
        """Return the thumbnail, or None while there is none."""
        if sample_id in self._pixmaps:
            self._pixmaps.move_to_end(sample_id)
        return self._pixmaps.get(sample_id)

    def failure(self, sample_id: str) -> str | None:
        """Return why the sample has no thumbnail, or None."""
        return self._failures.get(sample_id)

    def want(self, samples: Iterable[Sample], size_px: int) -> None:
        """Make the thumbnails of these samples, in this order, and of no others."""
        if size_px != self._size_px:
            self._size_px = size_px
            self._pixmaps.clear()
        self._wanted = tuple(sample for sample in samples if self._is_missing(sample))
        if self._worker is not None:
            self._worker.requestInterruption()  # on_worker_finished begins with the new ones
        elif self._wanted:
            self._start()

    def _is_missing(self, sample: Sample) -> bool:
        return sample.sample_id not in self._pixmaps and sample.sample_id not in self._failures

    def _start(self) -> None:
        make = partial(decoded_thumbnails, self._cache_path, self._wanted, self._size_px)
        self._wanted = ()
        self._worker = Worker(make)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_worker_event_emitted(self, event: object) -> None:
        """Keep a thumbnail that was made."""
        match event:
            case ThumbnailDecoded(sample_id=sample_id, picture=picture):
                self._keep(sample_id, QPixmap.fromImage(picture))
                self.changed.emit(sample_id)
            case ThumbnailFailed(sample_id=sample_id, reason=reason):
                self._failures[sample_id] = reason
                self.changed.emit(sample_id)

    def on_worker_finished(self) -> None:
        """Go on with what is wanted by now."""
        self._worker = None
        self._wanted = tuple(sample for sample in self._wanted if self._is_missing(sample))
        if self._wanted:
            self._start()

    def _keep(self, sample_id: str, pixmap: QPixmap) -> None:
        self._pixmaps[sample_id] = pixmap
        bytes_each = max(1, 4 * self._size_px**2)
        while len(self._pixmaps) > max(64, MEMORY_LIMIT_BYTES // bytes_each):
            self._pixmaps.popitem(last=False)


def decoded_thumbnails(
    cache_path: Path, samples: Sequence[Sample], size_px: int
) -> Generator[ThumbnailDecoded | ThumbnailFailed]:
    """Make thumbnails and decode them here, in the worker: the window only draws."""
    with closing(make_thumbnails(cache_path, samples, size_px)) as events:
        for event in events:
            if isinstance(event, ThumbnailMade):
                yield ThumbnailDecoded(event.sample_id, _decoded(event.encoded))
            else:
                yield event


def _decoded(encoded: bytes) -> QImage:
    """Decode a JPEG into Qt's own layout, in half the time that Qt takes for it."""
    levels = imagecodecs.jpeg8_decode(encoded, outcolorspace=imagecodecs.JPEG8.CS.EXT_BGRX)
    height, width = levels.shape[:2]
    stride, layout = levels.strides[0], QImage.Format.Format_RGB32
    return QImage(levels.tobytes(), width, height, stride, layout).copy()
