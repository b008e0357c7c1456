"""One model that answers, question by question, where it looks; lives in the compute process."""

from collections.abc import Generator

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_frame
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.explain import Explainer
from desktop_client.training.explanations import (
    ExplainerReady,
    ExplainEvent,
    ExplainQuestion,
    ExplainRequest,
    ImageExplained,
    ImageNotExplained,
)
from desktop_client.training.predicting import load_finished
from desktop_client.training.process import Questions


def answer_questions(
    request: ExplainRequest, questions: Questions[ExplainQuestion]
) -> Generator[ExplainEvent]:
    """Load a model and answer one question after the other, for as long as somebody listens.

    Raises:
        TrainingError: if the model cannot be used or explained.
    """
    leave_a_core_free()
    explainer = Explainer(load_finished(request.model_path, choose_device(request.device)))
    card = explainer.card
    yield ExplainerReady(card.name, tuple(lesion_class.name for lesion_class in card.classes))
    while True:
        yield _answer(explainer, questions.next())


def _answer(explainer: Explainer, question: ExplainQuestion) -> ImageExplained | ImageNotExplained:
    try:
        image = decode_frame(question.path, question.frame)
    except ImageUnreadableError as error:
        return ImageNotExplained(question, error.reason)
    told = explainer.explain(image, question.class_index)
    return ImageExplained(question, told.class_index, told.probabilities, told.heat)
