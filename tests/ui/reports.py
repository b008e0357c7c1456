"""A report on a model, made up for tests and pictures of the window."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from desktop_client.training.measuring import Answers, judge, wrongest
from desktop_client.training.quality import LeakageQuality, QualityReport


def a_report(sample_ids: Sequence[str]) -> QualityReport:
    """Report on eight held-out images of two scanners, of which two were judged wrong."""
    first = np.array([0.9, 0.8, 0.3, 0.7, 0.2, 0.1, 0.6, 0.1])
    answers = Answers(
        probabilities=np.stack([first, 1 - first], axis=1),
        labels=np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        domains=np.array([0, 0, 1, 1, 0, 0, 1, 1]),
        patients=np.arange(8),
        sample_ids=tuple(sample_ids),
        class_names=("dot", "ring"),
        domain_names=("North", "South"),
    )
    return QualityReport(
        made_at=datetime(2026, 11, 27, 14, 5, tzinfo=UTC),
        training_count=32,
        class_names=answers.class_names,
        together=judge(answers),
        by_domain=tuple(judge(answers.of_domain(d), n) for d, n in enumerate(("North", "South"))),
        leakage=LeakageQuality(trained=0.55, untrained=0.9, chance=0.5, label_floor=0.5),
        leakage_missing="",
        wrongest=wrongest(answers),
    )
