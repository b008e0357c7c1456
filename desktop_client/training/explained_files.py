"""Where a model looks in image files: one PNG file for each frame, with the image beside it."""

from collections.abc import Generator, Sequence
from itertools import count
from pathlib import Path

from desktop_client.durable import write_durably
from desktop_client.errors import (
    ClassesUnknownError,
    ExportError,
    ImageUnreadableError,
    PredictionTableError,
)
from desktop_client.imaging.decode import decode_image
from desktop_client.labelling.copying import make_empty_folder
from desktop_client.labelling.files import absolute, find_images
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.device import choose_device, describe_device, leave_a_core_free
from desktop_client.training.events import (
    ExplainFilesEvent,
    ImageLeftOut,
    ImagesPredicted,
    PicturesWritten,
    PredictionStarted,
)
from desktop_client.training.explain import Explainer
from desktop_client.training.explained_pictures import explained_picture
from desktop_client.training.predicting import load_finished
from desktop_client.training.request import ExplainFilesRequest


def explain_files(request: ExplainFilesRequest) -> Generator[ExplainFilesEvent]:
    """Write where a model looks in each frame of each file; what was written stays if it stops.

    Raises:
        CheckpointError: if the model cannot be used.
        ClassesUnknownError: if it has no class of the name asked for.
        ExportError: if the folder is not empty or cannot be written to.
        PredictionTableError: if there are no images.
    """
    leave_a_core_free()
    device = choose_device(request.device)
    explainer = Explainer(load_finished(request.model_path, device))
    class_index = _index_of(request.class_name, explainer.card)
    paths = _found(request.paths)
    make_empty_folder(request.output_folder)
    yield PredictionStarted(explainer.card.name, describe_device(device), len(paths))
    names: set[str] = set()
    left_out_count = 0
    for done_count, path in enumerate(paths, start=1):
        try:
            for image in decode_image(path):
                picture = explained_picture(explainer, image, class_index)
                _write(request.output_folder / _name(path, image.frame, names), picture.both_png())
        except ImageUnreadableError as error:
            left_out_count += 1
            yield ImageLeftOut(path, error.reason)
        yield ImagesPredicted(done_count, len(paths))
    yield PicturesWritten(explainer.card.name, len(names), left_out_count, request.output_folder)


def _index_of(class_name: str | None, card: ModelCard) -> int | None:
    if class_name is None:
        return None
    names = [lesion_class.name for lesion_class in card.classes]
    folded = [name.casefold() for name in names]
    if class_name.casefold() not in folded:
        raise ClassesUnknownError(
            f"The model “{card.name}” has no class “{class_name}”; it tells apart "
            f"{', '.join(names)}"
        )
    return folded.index(class_name.casefold())


def _found(asked: Sequence[Path]) -> list[Path]:
    """Return the files asked for, and those in the folders asked for."""
    paths: list[Path] = []
    for path in asked:
        paths += find_images(absolute(path))[0] if path.is_dir() else [path]
    if not paths:
        raise PredictionTableError(f"No image was found in {', '.join(map(str, asked))}")
    return paths


def _name(path: Path, frame: int, names: set[str]) -> str:
    """Return a file name of its own and remember it: files of two folders may be named alike."""
    base = path.stem if frame == 0 else f"{path.stem}-frame-{frame + 1}"
    free = (
        base
        if base not in names
        else next(name for number in count(2) if (name := f"{base}-{number}") not in names)
    )
    names.add(free)
    return f"{free}.png"


def _write(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}") from error
