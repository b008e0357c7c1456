"""Probe features for the site they come from: many sites' images are on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desktop_client.simulation.results import LeakageResult
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.evaluation import Predictions
from desktop_client.training.leakage import FOLD_COUNT, measure_leakage

FEWEST_PATIENTS: Final = FOLD_COUNT
"""Patients that a domain must have, or some fold has none of it."""


@dataclass(frozen=True)
class SiteAnswers:
    """What a model makes of one site's images.

    Attributes:
        site: Its name.
        domain_index: The same for sites cut from one.
        images: The images.
        given: The model's features and probabilities.
    """

    site: str
    domain_index: int
    images: PreparedImages
    given: Predictions


def site_leakage(answers: Sequence[SiteAnswers]) -> LeakageResult | None:
    """Measure how well the domain can be told from the features.

    Returns:
        Balanced accuracies; None with fewer than two domains or with too few patients in one.
    """
    patients: dict[int, set[str]] = {}
    for answer in answers:
        of_site = (f"{answer.domain_index}/{s.patient}" for s in answer.images.samples)
        patients.setdefault(answer.domain_index, set()).update(of_site)
    if len(patients) < 2 or min(map(len, patients.values())) < FEWEST_PATIENTS:
        return None
    leakage = measure_leakage(
        np.concatenate([a.given.z.double().numpy() for a in answers]),
        np.repeat([a.domain_index for a in answers], [len(a.images) for a in answers]),
        np.concatenate([a.images.lesion_labels.numpy() for a in answers]),
        [f"{a.domain_index}/{s.patient}" for a in answers for s in a.images.samples],
    )
    return LeakageResult(
        linear=leakage.linear,
        mlp=leakage.mlp,
        chance=leakage.chance,
        label_floor=leakage.label_floor,
        linear_by_site={a.site: leakage.linear_by_domain[a.domain_index] for a in answers},
    )
