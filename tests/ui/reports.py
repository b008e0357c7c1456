"""A report on a model, made up for tests and pictures of the window."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from coordinator.protocol import LesionMetrics
from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.training.measuring import Answers, judge, wrongest
from desktop_client.training.quality import LeakageQuality, QualityReport
from desktop_client.training.record import (
    Amount,
    GroupAmount,
    LeftOut,
    ModelRecord,
    Stage,
    Versions,
)


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
        record=a_record(),
    )


def a_record() -> ModelRecord:
    """Tell of a training of three passes on 32 images, 16 of each class and each scanner."""
    accuracies = (0.5, 0.625, 0.75)
    return ModelRecord(
        model_name="Trained at this site",
        model_digest="5a" * 32,
        origin="own",
        stages=tuple(_stage(number, share) for number, share in enumerate(accuracies, 1)),
        stage_count=3,
        design=ModelDesign(),
        input=InputContract(),
        method=Method(),
        seed=0,
        temperature=None,
        device="CPU, 2 threads",
        versions=Versions(siteblind="0.1.0", torch="2.14.1", python="3.11.2"),
        amounts=tuple(
            GroupAmount(
                lesion_class=lesion_class,
                domain=domain,
                learnt=_amount(32, lesion_class, domain),
                held_out=_amount(8, lesion_class, domain),
            )
            for lesion_class in (0, 1, None)
            for domain in (0, 1, None)
        ),
        left_out=(LeftOut(reason="the file is cut off", count=2),),
        warnings=("The scanner is told better and better",),
    )


def _stage(number: int, accuracy: float) -> Stage:
    return Stage(
        number=number,
        validation=LesionMetrics(
            sample_count=8, accuracy=accuracy, balanced_accuracy=accuracy, auc=accuracy + 0.1
        ),
        lesion_loss=0.7 / number,
        lesion_accuracy=accuracy,
        domain_accuracy=0.9 - 0.1 * number,
        first_target_share=0.6,
        second_target_share=0.4,
    )


def _amount(total: int, lesion_class: int | None, domain: int | None) -> Amount:
    """Share a total evenly among two classes and two scanners, an image a patient."""
    count = total // ((1 if lesion_class is None else 2) * (1 if domain is None else 2))
    return Amount(images=count, patients=count)
