"""What a model suggests for the images of a folder, or of the label store, as a CSV."""

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from coordinator.study import InputContract
from desktop_client.durable import write_durably
from desktop_client.errors import ImageUnreadableError, PredictionTableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.preprocess import to_input
from desktop_client.labelling.files import absolute, find_images
from desktop_client.labelling.label_row import disarm
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.dataset import load_ahead
from desktop_client.training.device import choose_device, describe_device, leave_a_core_free
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPredicted,
    PredictionEvent,
    PredictionFinished,
    PredictionStarted,
)
from desktop_client.training.predicting import (
    Input,
    Predicted,
    load_finished,
    predict_batches,
    sample_inputs,
)
from desktop_client.training.request import PredictionRequest

NOTE: Final = "Model suggestion. Research use only. Not for diagnostic use."
PROBABILITY_DECIMALS: Final = 6
UNKNOWN_DOMAIN: Final = UUID(int=0)
"""Of images that no label store knows; the lesion classifier is not told where they are from."""


def predict_to_table(request: PredictionRequest) -> Generator[PredictionEvent]:
    """Ask a model about images, file by file, and write its answers once all are there.

    Raises:
        CheckpointError: if the model cannot be used.
        PredictionTableError: if there are no images, or the table cannot be written.
    """
    leave_a_core_free()
    device = choose_device(request.device)
    finished = load_finished(request.model_path, device)
    paths, inputs = _found(request, finished.card.input)
    yield PredictionStarted(finished.card.name, describe_device(device), len(paths))
    done: set[Path] = set()
    answers: list[Predicted] = []
    left_out_count = 0
    for outcome in predict_batches(finished, inputs):
        if isinstance(outcome, ImageLeftOut):
            left_out_count += 1
            done.add(outcome.path)
            yield outcome
        else:
            answers.append(outcome)
            done.update(sample.path for sample in outcome.samples)
        yield ImagesPredicted(len(done), len(paths))
    _write(request.table_path, _as_csv(finished.card, answers))
    predicted_count = sum(len(batch.samples) for batch in answers)
    yield PredictionFinished(
        finished.card.name, predicted_count, left_out_count, request.table_path
    )


def _found(
    request: PredictionRequest, contract: InputContract
) -> tuple[set[Path], Iterable[Input | ImageLeftOut]]:
    """Return the files to ask about, and what they hold."""
    if request.folder is None:
        with LabelStore(request.labels_path) as store:
            samples = store.samples()
        if not samples:
            raise PredictionTableError(
                "No images are open here; import some, or name a folder with --folder"
            )
        return {sample.path for sample in samples}, sample_inputs(samples, contract)
    paths, refusals = find_images(absolute(request.folder))
    if not paths:
        reason = f": {refusals[0].reason}" if refusals else ""
        raise PredictionTableError(f"No image was found in {request.folder}{reason}")
    return set(paths), _file_inputs(paths, contract)


def _file_inputs(paths: Iterable[Path], contract: InputContract) -> Generator[Input | ImageLeftOut]:
    """Decode every frame of files."""
    for path, outcome in load_ahead(paths, partial(_load_frames, contract=contract)):
        if isinstance(outcome, ImageUnreadableError):
            yield ImageLeftOut(path, outcome.reason)
        else:
            yield from outcome


def _load_frames(path: Path, contract: InputContract) -> list[Input]:
    return [
        (_unnamed(path, image.frame, image.width_px, image.height_px), to_input(image, contract))
        for image in decode_image(path)
    ]


def _unnamed(path: Path, frame: int, width_px: int, height_px: int) -> Sample:
    """Return a frame as a sample of no store: known by its place, which one command keeps."""
    return Sample(
        f"{path}:{frame}", path, frame, width_px, height_px, str(path), UNKNOWN_DOMAIN, None
    )


def _as_csv(card: ModelCard, answers: Sequence[Predicted]) -> str:
    names = [c.name for c in card.classes]
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    probabilities = [f"probability of {name}" for name in names]
    writer.writerow(("file", "frame", "suggestion", "confidence", *probabilities, "note"))
    for batch in answers:
        shares = batch.probabilities.round(PROBABILITY_DECIMALS)
        for sample, row in zip(batch.samples, shares, strict=True):
            likeliest = int(row.argmax())
            told = (disarm(names[likeliest]), row[likeliest], *row)
            writer.writerow((disarm(str(sample.path)), sample.frame + 1, *told, NOTE))
    return written.getvalue()


def _write(path: Path, text: str) -> None:
    try:
        write_durably(path, text.encode())
    except OSError as error:
        raise PredictionTableError(f"{path} cannot be written: {error.strerror}") from error
