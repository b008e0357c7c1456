"""Decoded images in memory: the current one, and those that will be asked for next."""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_client.errors import ImageUnreadableError
from desktop_client.gui.worker import Worker, Workers
from desktop_client.imaging.decode import decode_frame
from desktop_client.imaging.prepared import PreparedImage
from desktop_client.labelling.sample import Sample

REST_MS: Final = 40
"""How long the selection must rest; shorter than noticed, longer than a held arrow key."""
MEMORY_LIMIT_BYTES: Final = 64 * 2**20
"""Half a dozen images of 2048 x 2048 and 16 bit; the one shown is kept, however large."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageLoaded:
    """The image of one sample; ``image`` is None where ``reason`` says why it cannot be."""

    sample_id: str
    image: PreparedImage | None
    reason: str = ""


class ImageLoader(QObject):
    """Gives the image asked for last, at once if it is there, and decodes its neighbours."""

    loaded = Signal(object)
    """An ``ImageLoaded`` of the sample asked for last."""

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._worker: Worker | None = None
        self._kept: OrderedDict[str, ImageLoaded] = OrderedDict()
        self._asked: Sample | None = None
        self._neighbours: tuple[Sample, ...] = ()
        self._is_begun = True
        """Whether what is missing of the last question was begun; neighbours that find no room
        are not decoded over and over."""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.on_rest_timeout)

    def has(self, sample: Sample) -> bool:
        """Whether the sample's image is there at once."""
        return sample.sample_id in self._kept

    def ask(self, sample: Sample | None, neighbours: Sequence[Sample] = ()) -> None:
        """Ask for this sample's image, or for none; afterwards its neighbours are decoded."""
        self._asked, self._neighbours, self._is_begun = sample, tuple(neighbours), False
        if sample is None:
            self._rest.stop()
            return
        if (kept := self._kept.get(sample.sample_id)) is not None:
            self._kept.move_to_end(sample.sample_id)
            self.loaded.emit(kept)
        self._rest.start()

    def on_rest_timeout(self) -> None:
        """Begin to decode what is missing, once the previous decoding is over."""
        if self._worker is not None:
            self._worker.requestInterruption()  # on_worker_finished goes on
            return
        self._is_begun = True
        if missing := self._missing():
            self._worker = Worker(partial(load_images, missing))
            self._worker.event_emitted.connect(self.on_worker_event_emitted)
            self._worker.finished.connect(self.on_worker_finished)
            self._workers.start(self._worker)

    def on_worker_event_emitted(self, event: ImageLoaded) -> None:
        """Keep an image, and hand it on if it is the one asked for."""
        self._kept[event.sample_id] = event
        is_asked = self._asked is not None and event.sample_id == self._asked.sample_id
        self._forget_oldest()
        if is_asked:
            self.loaded.emit(event)

    def on_worker_finished(self) -> None:
        """Go on with what was asked for in the meantime."""
        self._worker = None
        if not self._is_begun:
            self._rest.start()

    def _missing(self) -> list[Sample]:
        if self._asked is None:
            return []
        wanted = (self._asked, *self._neighbours)
        return [sample for sample in wanted if sample.sample_id not in self._kept]

    def _forget_oldest(self) -> None:
        asked = self._asked.sample_id if self._asked is not None else ""
        while sum(map(_size_bytes, self._kept.values())) > MEMORY_LIMIT_BYTES:
            oldest = next((name for name in self._kept if name != asked), None)
            if oldest is None:
                return
            del self._kept[oldest]


def load_images(samples: Sequence[Sample]) -> Generator[ImageLoaded]:
    """Decode the samples' files and yield their images, or why there is none."""
    for sample in samples:
        try:
            image = PreparedImage.of(decode_frame(sample.path, sample.frame))
        except ImageUnreadableError as error:
            yield ImageLoaded(sample.sample_id, None, error.reason)
        else:
            yield ImageLoaded(sample.sample_id, image)


def _size_bytes(loaded: ImageLoaded) -> int:
    return 0 if loaded.image is None else loaded.image.size_bytes
