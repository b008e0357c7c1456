"""Models made up for tests of reports: answers drawn from a seed, measured by the program's own."""

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

CLASSES = ("Melanom", "Nävus", "Seborrhoische Keratose")
SCANNERS = ("DermLite DL4", "FotoFinder medicam 1000", "")


def some_answers(image_count: int = 240, classes: tuple[str, ...] = CLASSES) -> Answers:
    """Draw answers that are mostly right, two images of a patient each, at three scanners."""
    generator = np.random.default_rng(7)
    labels = generator.choice(len(classes), image_count, p=_shares(len(classes)))
    logits = generator.normal(0, 1.1, (image_count, len(classes)))
    logits[np.arange(image_count), labels] += 2
    powers = np.exp(logits)
    return Answers(
        probabilities=powers / powers.sum(axis=1, keepdims=True),
        labels=labels,
        domains=np.arange(image_count) % 3,
        patients=np.arange(image_count) // 2,
        sample_ids=tuple(f"{n:064x}:0" for n in range(image_count)),
        class_names=classes,
        domain_names=SCANNERS,
    )


def quality_of(answers: Answers, record: ModelRecord, day: int = 27) -> QualityReport:
    """Measure answers."""
    has_several = len(answers.domain_names) > 1
    return QualityReport(
        made_at=datetime(2026, 11, day, 14, 5, tzinfo=UTC),
        training_count=record.amount().learnt.images,
        class_names=answers.class_names,
        together=judge(answers),
        by_domain=tuple(
            judge(answers.of_domain(place), name) for place, name in enumerate(answers.domain_names)
        ),
        leakage=LeakageQuality(trained=0.41, untrained=0.78, chance=1 / 3, label_floor=0.36)
        if has_several
        else None,
        leakage_missing="" if has_several else "It needs images of two scanners",
        wrongest=wrongest(answers),
        record=record,
    )


def a_record(answers: Answers, stage_count: int = 20, **changes: object) -> ModelRecord:
    """Tell of a training on four times as many images as are held out."""
    record = ModelRecord(
        model_name="Trained at this site",
        model_digest="5a" * 32,
        origin="own",
        stages=tuple(_stage(number, stage_count) for number in range(1, stage_count + 1)),
        stage_count=stage_count,
        design=ModelDesign(),
        input=InputContract(),
        method=Method(),
        seed=0,
        temperature=1.34,
        device="CPU, 2 threads",
        versions=Versions(siteblind="0.1.0", torch="2.14.1", python="3.11.2"),
        amounts=tuple(_amounts(answers)),
        left_out=(LeftOut(reason="the file is cut off", count=2),),
        warnings=("The scanner is told better and better",),
    )
    return record.model_copy(update=changes)


def _shares(class_count: int) -> list[float]:
    raw = [1 / (n + 1.5) for n in range(class_count)]
    return [share / sum(raw) for share in raw]


def _stage(number: int, stage_count: int) -> Stage:
    done = number / stage_count
    accuracy = 0.45 + 0.35 * done**0.5
    return Stage(
        number=number,
        validation=LesionMetrics(
            sample_count=240, accuracy=accuracy, balanced_accuracy=accuracy, auc=accuracy + 0.1
        ),
        lesion_loss=1.1 * np.exp(-2 * done),
        lesion_accuracy=accuracy,
        domain_accuracy=0.85 - 0.45 * done,
        first_target_share=0.9 - 0.5 * done,
        second_target_share=0.8 - 0.4 * done,
    )


def _amounts(answers: Answers) -> list[GroupAmount]:
    amounts = []
    for lesion_class in (*range(len(answers.class_names)), None):
        for domain in (*range(len(answers.domain_names)), None):
            is_here = np.ones(len(answers.labels), bool)
            if lesion_class is not None:
                is_here &= answers.labels == lesion_class
            if domain is not None:
                is_here &= answers.domains == domain
            images = int(is_here.sum())
            patients = len(np.unique(answers.patients[is_here]))
            amounts.append(
                GroupAmount(
                    lesion_class=lesion_class,
                    domain=domain,
                    learnt=Amount(images=4 * images, patients=4 * patients),
                    held_out=Amount(images=images, patients=patients),
                )
            )
    return amounts
