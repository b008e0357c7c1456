"""Asks a trained model about the held-out images and reports how good it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from desktop_client.training.calibration import with_temperature
from desktop_client.training.evaluation import FloatArray, IntArray
from desktop_client.training.leakage import FOLD_COUNT, measure_leakage
from desktop_client.training.measuring import Answers, judge, wrongest
from desktop_client.training.quality import LeakageQuality, QualityReport
from desktop_client.training.record import ModelRecord

NO_LEAKAGE: Final = (
    f"It needs held-out images of at least {FOLD_COUNT} patients from each of two scanners"
)


def appraise(
    answers: Answers,
    trained: FloatArray,
    untrained: FloatArray,
    training_count: int,
    record: ModelRecord,
) -> QualityReport:
    """Report on a model.

    Args:
        answers: To the held-out images, as the model gives them.
        trained: Its features ``[N, F]`` of them.
        untrained: Those of the same network before training.
        training_count: Images it learnt from.
        record: How it came to be; its temperature is that of the confidence that is shown.
    """
    probabilities = with_temperature(answers.probabilities, record.temperature)
    shown = replace(answers, probabilities=probabilities)
    rows = probed_rows(answers.domains, answers.patients)
    leakage = None
    if len(np.unique(answers.domains[rows])) > 1:
        leakage = _leakage(answers, trained, untrained, rows)
    return QualityReport(
        made_at=datetime.now(UTC),
        training_count=training_count,
        class_names=answers.class_names,
        together=judge(shown),
        by_domain=tuple(
            judge(shown.of_domain(domain), name) for domain, name in enumerate(answers.domain_names)
        ),
        leakage=leakage,
        leakage_missing="" if leakage else NO_LEAKAGE,
        wrongest=wrongest(shown),
        record=record,
    )


def places_of(patients: Sequence[str]) -> IntArray:
    """Number patient groups."""
    _, places = np.unique(np.array(patients, dtype=str), return_inverse=True)
    return places.astype(np.int64)


def probed_rows(domains: IntArray, patients: IntArray) -> IntArray:
    """Return the images of scanners with enough patients for every part of a cross-validation."""
    has_enough = [
        len(np.unique(patients[domains == domain])) >= FOLD_COUNT for domain in np.unique(domains)
    ]
    return np.flatnonzero(np.isin(domains, np.unique(domains)[has_enough]))


def _leakage(
    answers: Answers, trained: FloatArray, untrained: FloatArray, rows: IntArray
) -> LeakageQuality:
    """Compare what fresh classifiers tell from both networks' features; the stronger one counts."""
    patients = [str(patient) for patient in answers.patients[rows]]
    after, before = (
        measure_leakage(z[rows], answers.domains[rows], answers.labels[rows], patients)
        for z in (trained, untrained)
    )
    return LeakageQuality(
        trained=max(after.linear, after.mlp),
        untrained=max(before.linear, before.mlp),
        chance=after.chance,
        label_floor=after.label_floor,
    )
