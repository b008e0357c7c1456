"""Pictures for reports and files: an image, and the same under a map of where a model looks.

They show the image's pixels as they are, with any name that is burned into them.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desktop_client.imaging.decode import decode_frame
from desktop_client.imaging.heat import blended, heat_layer
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.shown_range import as_shown
from desktop_client.training.explain import Explainer

STRENGTH: Final = 0.65
LONGEST_PX: Final = 512
NOTE: Final = (
    "It shows where the answer is sensitive, not why. Research use only. Not for diagnostic use."
)

_Shown = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedPicture:
    """One image and where a model looks for a class.

    Attributes:
        answer: Name of the class that the map is about.
        confidence: The model's probability of that class, 0 to 1.
        stands_out: Whether any place does; if not, ``overlay`` is the original once more.
        original: The image as the viewer first shows it, ``[H, W, 3]``.
        overlay: The same under the map.
        caption: All of this in words; every PNG file carries it as its description.
    """

    answer: str
    confidence: float
    stands_out: bool
    original: _Shown
    overlay: _Shown
    caption: str

    def original_png(self) -> bytes:
        """Return the image alone as a PNG file."""
        return _png(self.original, self.caption)

    def overlay_png(self) -> bytes:
        """Return the image under the map as a PNG file."""
        return _png(self.overlay, self.caption)

    def both_png(self) -> bytes:
        """Return one PNG file with the image at the left and the same under the map beside it."""
        return _png(np.concatenate([self.original, self.overlay], axis=1), self.caption)


def explained_file(
    explainer: Explainer, path: Path, frame: int = 0, class_index: int | None = None
) -> ExplainedPicture:
    """Explain one frame of an image file; for whoever writes a report in the compute process.

    ``Explainer(load_finished(model_path, device))`` serves any number of files; a sample of the
    label store has ``path`` and ``frame``.

    Args:
        explainer: Of the model to ask.
        path: The image file.
        frame: Which of its frames, from 0.
        class_index: The class to explain; None for the one the model answers.

    Raises:
        ImageUnreadableError: if the file cannot be decoded, or has no such frame.
        TrainingError: if the model cannot be explained.
    """
    return explained_picture(explainer, decode_frame(path, frame), class_index)


def explained_picture(
    explainer: Explainer, image: DecodedImage, class_index: int | None = None
) -> ExplainedPicture:
    """Explain a decoded image; the picture's longer side is at most ``LONGEST_PX``.

    Raises:
        TrainingError: if the model cannot be explained.
    """
    told = explainer.explain(image, class_index)
    original = _shown(image)
    overlay = original
    if told.heat is not None:
        size = original.shape[1], original.shape[0]
        overlay = blended(original, heat_layer(told.heat, size, STRENGTH))
    answer = explainer.card.classes[told.class_index].name
    confidence = told.probabilities[told.class_index]
    looks = "Where the model" if told.heat is not None else "No place stands out where the model"
    caption = f"{looks} “{explainer.card.name}” looks for {answer} ({confidence:.0%}). {NOTE}"
    stands_out = told.heat is not None
    return ExplainedPicture(answer, confidence, stands_out, original, overlay, caption)


def _shown(image: DecodedImage) -> _Shown:
    """Return the image in colour as it is first shown, not larger than needed."""
    picture = Image.fromarray(as_shown(image)).convert("RGB")
    picture.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(picture)


def _png(pixels: _Shown, caption: str) -> bytes:
    told = PngInfo()
    told.add_itxt("Description", caption)  # names may have letters that plain text chunks have not
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()
