"""Suggestions for the label store: what a model answers about its images, and which to label next.

Each batch is kept at once: whoever stops has what was answered so far, and asking the same model
again goes on from there.
"""

from collections.abc import Generator, Sequence
from typing import Final

import numpy as np

from desktop_client.errors import ClassesUnknownError
from desktop_client.labelling.sample import LesionClass, Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.suggestions import Answer, AnswerClass, SuggestingModel
from desktop_client.training.active_learning import most_useful_next, uncertainty
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.device import choose_device, describe_device, leave_a_core_free
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPredicted,
    PredictionEvent,
    PredictionFinished,
    PredictionStarted,
)
from desktop_client.training.predicting import (
    FinishedModel,
    Predicted,
    load_finished,
    predict_batches,
    sample_inputs,
)
from desktop_client.training.request import SuggestionRequest

PROBABILITY_DECIMALS: Final = 6


def suggest_from_store(request: SuggestionRequest) -> Generator[PredictionEvent]:
    """Ask a model about images of a label store and keep its suggestions there.

    Raises:
        CheckpointError: if the model cannot be used.
        ClassesUnknownError: if it answers with none of the store's classes.
        LabelStoreError: if the store cannot be used.
    """
    leave_a_core_free()
    device = choose_device(request.device)
    finished = load_finished(request.model_path, device)
    with LabelStore(request.labels_path) as store:
        known = store.suggestions.begin(_suggesting(finished, store.classes()))
        samples = [
            sample
            for sample in store.samples()
            if sample.sample_id not in known and _is_asked(sample, request.sample_ids)
        ]
        yield PredictionStarted(finished.card.name, describe_device(device), len(samples))
        left_out_count = yield from _suggest(store, finished, samples)
        _rank(store)
    predicted_count = len(samples) - left_out_count
    yield PredictionFinished(finished.card.name, predicted_count, left_out_count)


def answer_classes(card: ModelCard, classes: Sequence[LesionClass]) -> tuple[AnswerClass, ...]:
    """Find this site's class for each of the model's: the same one, or one of the same name.

    Raises:
        ClassesUnknownError: if there is none for any of them.
    """
    by_id = {c.class_id: c.class_id for c in classes}
    by_name = {c.name.casefold(): c.class_id for c in classes}
    answers = tuple(
        AnswerClass(c.name, by_id.get(c.class_id) or by_name.get(c.name.casefold()))
        for c in card.classes
    )
    if all(answer.class_id is None for answer in answers):
        asked = ", ".join(c.name for c in card.classes)
        own = ", ".join(c.name for c in classes) or "none"
        raise ClassesUnknownError(
            f"The model “{card.name}” tells apart {asked}; the classes here are {own}. "
            "Add or rename classes so that a name is the same, or choose another model"
        )
    return answers


def _suggesting(finished: FinishedModel, classes: Sequence[LesionClass]) -> SuggestingModel:
    card = finished.card
    return SuggestingModel(
        finished.digest, card.name, answer_classes(card, classes), card.temperature
    )


def _is_asked(sample: Sample, chosen: frozenset[str] | None) -> bool:
    """Return whether an image was chosen, or where none was, may be used at all."""
    return sample.exclusion is None if chosen is None else sample.sample_id in chosen


def _suggest(
    store: LabelStore, finished: FinishedModel, samples: Sequence[Sample]
) -> Generator[PredictionEvent, None, int]:
    """Keep the answers batch by batch; return how many images were left out."""
    done_count = left_out_count = 0
    for outcome in predict_batches(finished, sample_inputs(samples, finished.card.input)):
        if isinstance(outcome, ImageLeftOut):
            left_out_count += 1
            done_count += 1
            yield outcome
            continue
        store.suggestions.add(_answers(outcome))
        done_count += len(outcome.samples)
        yield ImagesPredicted(done_count, len(samples))
    return left_out_count


def _answers(predicted: Predicted) -> list[Answer]:
    shares = predicted.probabilities.round(PROBABILITY_DECIMALS).tolist()
    return [
        Answer(sample.sample_id, tuple(row), z)
        for sample, row, z in zip(predicted.samples, shares, predicted.z, strict=True)
    ]


def _rank(store: LabelStore) -> None:
    """Put the unlabelled images in the order in which labels would teach most."""
    samples = {sample.sample_id: sample for sample in store.samples()}
    answers = [a for a in store.suggestions.answers() if samples[a.sample_id].exclusion is None]
    if not answers:
        return
    is_labelled = np.array([samples[a.sample_id].class_id is not None for a in answers])
    z = np.stack([a.z for a in answers])
    doubt = uncertainty(np.array([a.probabilities for a in answers]))
    order = most_useful_next(z[~is_labelled], doubt[~is_labelled], z[is_labelled])
    rows = np.flatnonzero(~is_labelled)[order]
    store.suggestions.rank([answers[row].sample_id for row in rows])
