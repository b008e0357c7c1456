"""Writes a model for other programs, and its card beside it where the model was measured."""

from collections.abc import Generator

from desktop_client.reporting.card import card_of
from desktop_client.reporting.markdown import as_markdown
from desktop_client.reporting.request import CardWritten, card_path_of
from desktop_client.reporting.subject import Subject
from desktop_client.reporting.writing import save
from desktop_client.training.events import ModelExported, ModelExportStarted
from desktop_client.training.onnx_export import export_onnx
from desktop_client.training.quality import is_judged, load_quality, quality_path_of
from desktop_client.training.request import OnnxExportRequest


def export_with_card(
    request: OnnxExportRequest,
) -> Generator[ModelExportStarted | ModelExported | CardWritten]:
    """Write a model file as ONNX, and its card.

    Raises:
        CheckpointError: if the model cannot be used.
        ExportError: if it cannot be exported, or the file not be written.
        ReportError: if the card cannot be written.
    """
    yield from export_onnx(request)
    if is_judged(request.model_path):
        quality = load_quality(quality_path_of(request.model_path))
        path = card_path_of(request.onnx_path)
        save(path, as_markdown(card_of(Subject(quality))))
        yield CardWritten(path)
