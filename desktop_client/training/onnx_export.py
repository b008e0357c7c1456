"""A model for other programs: ONNX, with everything inside it that its answers need but the image.

The graph takes pixels as the study's input contract makes them and gives calibrated probabilities;
what it cannot do itself, decoding and scaling, its metadata tells.
"""

import json
from collections.abc import Generator
from importlib.metadata import version
from typing import Final

import onnx
import torch
from torch import Tensor, nn

from desktop_client.durable import write_durably
from desktop_client.errors import ExportError
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.events import ModelExported, ModelExportStarted
from desktop_client.training.inputs import Standardise
from desktop_client.training.predicting import FinishedModel, load_finished
from desktop_client.training.request import OnnxExportRequest

INPUT: Final = "pixels"
PROBABILITIES: Final = "probabilities"
LOGITS: Final = "logits"
PREPARATION: Final = (
    "pixels is uint8 [B, C, S, S], RGB or grey, 0 to 255 for the full range of the image's bit "
    "depth; of a DICOM file that names a window, of what this window shows. The whole image is "
    "resampled in its own proportions (bilinear with antialiasing, as Pillow does) until its "
    "longer side is S, and centred on a square filled with its mean colour. With intensity "
    "shades_of_grey, each channel is first scaled so that the means of the 6th power are equal. "
    "Mean and standard deviation are applied inside the graph."
)
ANSWERS: Final = (
    "probabilities [B, K] is the softmax of logits [B, K], which are already divided by the "
    "temperature; K in the order of classes."
)


class Answering(nn.Module):
    """Pixels as bytes to probabilities and the calibrated logits that they come from."""

    def __init__(self, finished: FinishedModel) -> None:
        super().__init__()
        self.standardise = Standardise(finished.card.input)
        self.model = finished.model
        self.temperature = finished.card.temperature or 1.0

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities and logits ``[B, K]`` of pixels ``[B, C, S, S]`` uint8."""
        logits = self.model(self.standardise(pixels.float() / 255)) / self.temperature
        return logits.softmax(dim=1), logits


def export_onnx(request: OnnxExportRequest) -> Generator[ModelExportStarted | ModelExported]:
    """Write a model file as ONNX.

    Raises:
        CheckpointError: if the model cannot be used.
        ExportError: if it cannot be exported, or the file not be written.
    """
    if not request.onnx_path.absolute().parent.is_dir():
        raise ExportError(f"{request.onnx_path.parent} is no folder. Choose one that is there.")
    finished = load_finished(request.model_path, torch.device("cpu"))
    yield ModelExportStarted(finished.card.name)
    content = as_onnx(finished).SerializeToString()
    try:
        write_durably(request.onnx_path, content)
    except OSError as error:
        raise ExportError(f"{request.onnx_path} cannot be written: {error.strerror}") from error
    yield ModelExported(finished.card.name, request.onnx_path)


def as_onnx(finished: FinishedModel) -> onnx.ModelProto:
    """Return a model on the CPU as an ONNX graph for batches of any size.

    Raises:
        ExportError: if PyTorch's exporter or ONNX's own check refuses it.
    """
    contract = finished.card.input
    # A batch of one would be taken for a model of single images.
    example = torch.zeros(
        2, contract.channels, contract.size_px, contract.size_px, dtype=torch.uint8
    )
    try:
        program = torch.onnx.export(
            Answering(finished).eval(),
            (example,),
            dynamo=True,  # the older exporter is deprecated, and warns of it
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=[INPUT],
            output_names=[PROBABILITIES, LOGITS],
            verbose=False,
        )
        assert program is not None  # noqa: S101  None only where a file was asked for
        exported = program.model_proto
        _describe(exported, finished)
        onnx.checker.check_model(exported, full_check=True)
    except (torch.onnx.OnnxExporterError, onnx.checker.ValidationError) as error:
        raise ExportError(f"The model “{finished.card.name}” cannot be exported to ONNX") from error
    return exported


def _describe(exported: onnx.ModelProto, finished: FinishedModel) -> None:
    """Say inside the file what it is; take out where on this computer the program lies."""
    for part in (*exported.graph.node, *exported.graph.value_info, *exported.graph.initializer):
        del part.metadata_props[:]
    card = finished.card
    exported.producer_name, exported.producer_version = "SiteBlind", version("siteblind")
    exported.doc_string = f"{card.name}. {card.intended_use}"
    onnx.helper.set_model_props(exported, _properties(card, finished.digest))


def _properties(card: ModelCard, digest: str) -> dict[str, str]:
    classes = [lesion_class.model_dump(mode="json") for lesion_class in card.classes]
    return {
        "name": card.name,
        "intended_use": card.intended_use,
        "classes": json.dumps(classes, ensure_ascii=False),
        "input": card.input.model_dump_json(),
        "preparation": PREPARATION,
        "answers": ANSWERS,
        "temperature": json.dumps(card.temperature),
        "extractor": card.model.extractor,
        "round_number": json.dumps(card.round_number),
        "siteblind_version": version("siteblind"),
        "siteblind_model_sha256": digest,
    }
