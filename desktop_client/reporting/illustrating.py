"""Pictures of a model's surest mistakes, with where it looked; only where somebody asks for them.

They are patient data: no name, path or identifier goes with them.
"""

import logging
from collections.abc import Generator

from desktop_client.errors import ImageUnreadableError
from desktop_client.labelling.sample import SHOWS_THE_PATIENT, Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.reporting import words
from desktop_client.reporting.document import Picture
from desktop_client.reporting.request import ReportAdvanced, ReportRequest
from desktop_client.reporting.sections.mistakes import LISTED
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.explain import Explainer
from desktop_client.training.explained_pictures import explained_file
from desktop_client.training.predicting import load_finished
from desktop_client.training.quality import QualityReport, WrongAnswer

logger = logging.getLogger(__name__)


def picture_mistakes(
    request: ReportRequest, quality: QualityReport
) -> Generator[ReportAdvanced, None, tuple[Picture, ...]]:
    """Picture the images of the list of mistakes, by their numbers in it.

    What is missing, cannot be read any more or was excluded for showing who the patient is is left
    out.

    Raises:
        CheckpointError: if the model cannot be used.
        TrainingError: if where it looks cannot be shown.
        LabelStoreError: if the store cannot be used.
    """
    leave_a_core_free()
    explainer = Explainer(load_finished(request.model_path, choose_device(request.device)))
    listed = quality.wrongest[:LISTED]
    with LabelStore(Home(request.home_path).labels_path) as store:
        samples = {sample.sample_id: sample for sample in store.samples()}
    pictures = []
    for number, wrong in enumerate(listed, 1):
        sample = samples.get(wrong.sample_id)
        if sample is not None and sample.exclusion != SHOWS_THE_PATIENT:
            pictures += _picture(explainer, sample, number, wrong)
        yield ReportAdvanced(number, len(listed))
    return tuple(pictures)


def _picture(
    explainer: Explainer, sample: Sample, number: int, wrong: WrongAnswer
) -> list[Picture]:
    try:
        told = explained_file(explainer, sample.path, sample.frame)
    except ImageUnreadableError:
        logger.info("A picture for a report cannot be read: %s", sample.sample_id)
        return []
    answer = f"“{wrong.answered}”, sure by {words.percent(wrong.confidence)}"
    looked = "under a map of where the model looked" if told.stands_out else "no place stands out"
    return [
        Picture(
            told.both_png(),
            f"Image {number}: readers said “{wrong.said}”, the model {answer}; at the right, the "
            f"same image, {looked}.",
            f"No. {number}: readers “{wrong.said}”, model {answer}"
            + ("" if told.stands_out else f"; {looked}"),
        )
    ]
