"""Writes a report on a model, or its card, into a file; what was asked of it is all that is in it.

torch is loaded only where a model must be judged or asked first.
"""

import logging
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

from desktop_client.durable import write_durably
from desktop_client.errors import QualityReportError, ReportError
from desktop_client.federation.membership import global_model_path, memberships
from desktop_client.paths import Home
from desktop_client.reporting.card import card_of
from desktop_client.reporting.document import Document, Picture
from desktop_client.reporting.html import as_html
from desktop_client.reporting.markdown import as_markdown
from desktop_client.reporting.pdf import as_pdf
from desktop_client.reporting.report import report_on
from desktop_client.reporting.request import (
    CardRequest,
    ReportAdvanced,
    ReportRequest,
    ReportWritten,
)
from desktop_client.reporting.subject import Subject
from desktop_client.training.events import TrainingEvent
from desktop_client.training.quality import (
    QualityReport,
    is_judged,
    load_quality,
    quality_path_of,
    quality_paths,
)
from desktop_client.training.request import ResumeRequest
from desktop_client.training.run_file import run_path_of

logger = logging.getLogger(__name__)

FORMATS: Final[dict[str, Callable[[Document], bytes]]] = {
    ".pdf": as_pdf,
    ".html": as_html,
    ".htm": as_html,
}

ReportEvent = TrainingEvent | ReportAdvanced | ReportWritten


def write_report(request: ReportRequest) -> Generator[ReportEvent]:
    """Write a report on a model as a PDF or a page.

    Raises:
        ReportError: if the format is none of these, or the file cannot be written.
        QualityReportError: if nobody knows how good the model is.
        CheckpointError: if it must be asked for pictures and cannot be used.
    """
    encode = FORMATS.get(request.output_path.suffix.lower())
    if encode is None:
        raise ReportError(
            f"{request.output_path.name} has no format that a report can have; let its name end "
            "in .pdf or .html"
        )
    home = Home(request.home_path)
    quality = yield from _quality_of(request.model_path, home)
    pictures: tuple[Picture, ...] = ()
    if request.has_pictures:
        from desktop_client.reporting.illustrating import picture_mistakes

        pictures = yield from picture_mistakes(request, quality)
    subject = Subject(
        quality, _others(request.model_path, home, quality), request.wanted_sensitivity, pictures
    )
    document = report_on(subject)
    yield ReportAdvanced(0, 1)
    content = encode(document)
    yield ReportAdvanced(1, 1)
    save(request.output_path, content)
    yield ReportWritten(request.output_path, len(pictures))


def write_card(request: CardRequest) -> Generator[ReportEvent]:
    """Write the card of a model.

    Raises:
        ReportError: if the file cannot be written.
        QualityReportError: if nobody knows how good the model is.
    """
    quality = yield from _quality_of(request.model_path, Home(request.home_path))
    save(request.output_path, as_markdown(card_of(Subject(quality))))
    yield ReportWritten(request.output_path)


def save(path: Path, content: bytes) -> None:
    """Write a file for people durably.

    Raises:
        ReportError: if it cannot be written.
    """
    try:
        write_durably(path, content)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}") from error


def _quality_of(model_path: Path, home: Home) -> Generator[TrainingEvent, None, QualityReport]:
    """Return what was measured of a model as it is now; an unfinished training's is measured."""
    if not model_path.is_file():
        raise ReportError(f"There is no model {model_path}")
    if not is_judged(model_path) and run_path_of(model_path).exists():
        from desktop_client.training.own_training import judge_unfinished

        yield from judge_unfinished(ResumeRequest(home.labels_path, model_path))
    elif not is_judged(model_path) and (study_id := _study_of(model_path, home)):
        from desktop_client.federation.judging_anew import judge_membership

        yield from judge_membership(home, study_id)
    path = quality_path_of(model_path)
    if not path.exists():
        raise QualityReportError(
            f"Nobody has measured how good {model_path.name} is: {path.name} should lie beside it. "
            "A training measures its model when it ends or is paused; a model of a study is "
            "measured in the project that takes part"
        )
    quality = load_quality(path)
    if not is_judged(model_path):
        raise QualityReportError(
            f"{path.name} is about another state of {model_path.name}; train the model to its end, "
            "or fetch model and measurement from the same place"
        )
    return quality


def _study_of(model_path: Path, home: Home) -> str:
    """Return the study whose newest global model a file of this site is; empty if of none."""
    found = (
        joined.study_id
        for joined in memberships(home)
        if global_model_path(home, joined.study_id).resolve() == model_path.resolve()
    )
    return next(found, "")


def _others(model_path: Path, home: Home, quality: QualityReport) -> tuple[QualityReport, ...]:
    """Return what was measured of other models, the newest first; damaged reports are left out."""
    found: dict[str, QualityReport] = {}
    for path in (*quality_paths(home.checkpoints_path), *quality_paths(model_path.parent)):
        try:
            other = load_quality(path)
        except QualityReportError as error:
            logger.info("A report is left out: %s", error)
        else:
            found[other.record.model_digest] = other
    found.pop(quality.record.model_digest, None)
    return tuple(sorted(found.values(), key=lambda other: other.made_at, reverse=True))
