"""The current image at full size, decoded by a worker when the selection rests."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from desktop_client.errors import ImageUnreadableError
from desktop_client.gui.worker import Worker, Workers
from desktop_client.imaging.decode import decode_image
from desktop_client.labelling.sample import Sample

REST_MS: Final = 60
"""How long the selection must rest; shorter than noticed, longer than a held arrow key."""
LARGEST_PX: Final = 1600


@dataclass(frozen=True, slots=True)
class PreviewMade:
    """The picture of one sample; ``image`` is None where ``reason`` says why it cannot be."""

    sample_id: str
    image: QImage | None
    reason: str = ""


class PreviewLoader(QObject):
    """Decodes the sample asked for last."""

    made = Signal(object)
    """A ``PreviewMade`` of the sample asked for last."""

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._worker: Worker | None = None
        self._asked: Sample | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.on_rest_timeout)

    def ask(self, sample: Sample | None) -> None:
        """Ask for this sample's picture, or for none."""
        self._asked = sample
        if sample is None:
            self._rest.stop()
        else:
            self._rest.start()

    def on_rest_timeout(self) -> None:
        """Begin to decode, unless the previous decoding is still going on."""
        if self._asked is None or self._worker is not None:
            return
        self._worker = Worker(partial(read_preview, self._asked))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_worker_event_emitted(self, event: PreviewMade) -> None:
        """Hand the picture on if it is still the one asked for."""
        if self._asked is not None and event.sample_id == self._asked.sample_id:
            self._asked = None
            self.made.emit(event)

    def on_worker_finished(self) -> None:
        """Go on with the sample asked for in the meantime, if any."""
        self._worker = None
        if self._asked is not None:
            self._rest.start()


def read_preview(sample: Sample) -> Generator[PreviewMade]:
    """Decode the sample's file and yield its picture, or why there is none."""
    try:
        decoded = decode_image(sample.path)[sample.frame]
    except ImageUnreadableError as error:
        yield PreviewMade(sample.sample_id, None, error.reason)
        return
    image = to_qimage(decoded.pixels, decoded.maximum)
    if max(image.width(), image.height()) > LARGEST_PX:
        image = image.scaled(
            LARGEST_PX,
            LARGEST_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    yield PreviewMade(sample.sample_id, image)


def to_qimage(pixels: NDArray[np.generic], maximum: float) -> QImage:
    """Return pixels ``[H, W]`` or ``[H, W, 3]``, 0 to ``maximum``, as an 8-bit picture."""
    scaled = pixels if maximum == 255 else pixels.astype(np.float32) * (255 / maximum)
    values = np.ascontiguousarray(scaled, dtype=np.uint8)
    height, width = values.shape[:2]
    layout = QImage.Format.Format_Grayscale8 if values.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(values.tobytes(), width, height, values.strides[0], layout).copy()
