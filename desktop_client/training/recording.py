"""Makes the record of how a model came to be, from the images and steps of its training."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from statistics import fmean
from typing import Final

from desktop_client.training.dataset import PreparedImages
from desktop_client.training.events import StepFinished
from desktop_client.training.record import Amount, GroupAmount, LeftOut, Stage
from desktop_client.training.run_file import FinishedEpoch
from desktop_client.training.trainer import SiteImages

AVERAGED: Final = (
    "lesion_loss",
    "lesion_accuracy",
    "domain_accuracy",
    "first_target_share",
    "second_target_share",
)
"""Of the steps of a pass."""


def amounts_of(
    images: SiteImages, class_count: int, domains: Sequence[int]
) -> tuple[GroupAmount, ...]:
    """Count images and patients by class and scanner, then by one of them, then all.

    Args:
        images: Both sides of the split.
        class_count: Of the model.
        domains: Domain labels, in the order in which their scanners are reported on.
    """
    groups = product((*range(class_count), None), (*range(len(domains)), None))
    return tuple(
        GroupAmount(
            lesion_class=lesion_class,
            domain=place,
            learnt=_amount(images.training, lesion_class, place, domains),
            held_out=_amount(images.validation, lesion_class, place, domains),
        )
        for lesion_class, place in groups
    )


def tally(reasons: Iterable[str]) -> tuple[LeftOut, ...]:
    """Count the images that were left out by reason, the commonest first."""
    return tuple(LeftOut(reason=r, count=n) for r, n in Counter(reasons).most_common())


def passes_of(steps: Iterable[StepFinished], epochs: Sequence[FinishedEpoch]) -> tuple[Stage, ...]:
    """Average the steps of each finished pass beside what was measured after it."""
    ends = [0, *(epoch.step for epoch in epochs)]
    taken = list(steps)
    return tuple(
        Stage(
            number=number,
            validation=epoch.validation,
            **_means([s for s in taken if ends[number - 1] < s.step <= epoch.step]),
        )
        for number, epoch in enumerate(epochs, 1)
    )


def _means(steps: Sequence[StepFinished]) -> dict[str, float]:
    return {name: fmean(getattr(step, name) for step in steps) for name in AVERAGED if steps}


def _amount(
    images: PreparedImages, lesion_class: int | None, place: int | None, domains: Sequence[int]
) -> Amount:
    patients = [
        sample.patient
        for sample, lesion, domain in zip(
            images.samples,
            images.lesion_labels.tolist(),
            images.domain_labels.tolist(),
            strict=True,
        )
        if lesion_class in (None, lesion) and (place is None or domains[place] == domain)
    ]
    return Amount(images=len(patients), patients=len(set(patients)))
