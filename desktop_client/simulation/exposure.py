"""What an update tells about who was trained on: attacks on it, and how often they are right; pure.

The attacker is the coordinator, or whoever sees what it sees: a site's update, the parameters that
it began from and the moments. It holds an image and asks whether the site has trained on it. Each
attack gives images scores; members should have the higher ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desktop_client.simulation.bootstrap import (
    interval,
    mean_of_defined,
    patient_draws,
    weighted_auc,
)
from desktop_client.training.evaluation import FloatArray, IntArray

CERTAIN_SHARE = 0.01
"""Share of strangers that an attacker who wants to be sure takes for members."""


@dataclass(frozen=True, slots=True)
class Attack:
    """Scores that an attack gives to images of one site.

    Attributes:
        scores: ``[N]``.
        is_member: ``[N]`` of 0 and 1: whether the site trained on the image.
        patients: ``[N]``, what is drawn together.
    """

    scores: FloatArray
    is_member: IntArray
    patients: Sequence[str]


@dataclass(frozen=True, slots=True)
class Exposure:
    """How right an attack is, as the mean over sites.

    Attributes:
        auc: Share of pairs of a member and a stranger in which the member has the higher score:
            0.5 is guessing.
        low: Lower end of its 95 % interval over draws of patients.
        high: Its upper end.
        found_share: Of the members, those above all but ``CERTAIN_SHARE`` of the strangers; this
            is that share itself for who guesses.
    """

    auc: float
    low: float
    high: float
    found_share: float


def loss_scores(probabilities: FloatArray, labels: IntArray) -> FloatArray:
    """Score images by how sure a model is of their label: what was trained on has a low loss.

    Source:
        Yeom et al. 2018, https://arxiv.org/abs/1709.01604, section 3.1.
    """
    return np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12))


def mean_scores(z: FloatArray, sent_mean: FloatArray, reference_mean: FloatArray) -> FloatArray:
    """Score images by how much their features pull to where the sent mean lies from a reference.

    Source:
        Dwork et al. 2015, https://doi.org/10.1109/FOCS.2015.46, section 1, for means.
    """
    return (z - reference_mean) @ (sent_mean - reference_mean)


def exposure(attacks: Sequence[Attack]) -> Exposure:
    """Judge one attack on several sites, each counting as much."""
    draws = []
    for number, attack in enumerate(attacks):
        weights = patient_draws(str(number), attack.patients)
        draws.append(weighted_auc(attack.scores, attack.is_member, weights))
    mean = mean_of_defined(np.stack(draws))
    low, high = interval(mean[1:]) or (float("nan"), float("nan"))
    found = float(np.mean([_found_share(attack) for attack in attacks]))
    return Exposure(float(mean[0]), low, high, found)


def _found_share(attack: Attack) -> float:
    members = attack.scores[attack.is_member == 1]
    strangers = attack.scores[attack.is_member == 0]
    return float((members > np.quantile(strangers, 1 - CERTAIN_SHARE)).mean())
