"""Domain leakage: how well a fresh classifier tells the scanner from frozen features.

Never to be read without the lesion accuracy: features that say nothing leak nothing.
"""

from dataclasses import dataclass

import numpy as np

from desktop_client.training.evaluation import FloatArray, IntArray

FOLD_COUNT = 3


@dataclass(frozen=True)
class Leakage:
    """Balanced accuracies, 0 to 1, of telling the domain.

    Attributes:
        linear: From features, by logistic regression.
        mlp: From features, by a small multi-layer perceptron.
        chance: By guessing.
        label_floor: From the lesion label alone, where lesions are unequally spread over domains;
            features below this floor have lost lesions, not scanners.
        linear_by_domain: Share of each domain's images that the linear probe recognises.
    """

    linear: float
    mlp: float
    chance: float
    label_floor: float
    linear_by_domain: dict[int, float]


def measure_leakage(
    z: FloatArray,
    domain_labels: IntArray,
    lesion_labels: IntArray,
    patients: list[str],
    seed: int = 0,
) -> Leakage:
    """Probe features ``[N, F]`` for the domain, cross-validated with no patient on both sides.

    Args:
        z: Frozen features.
        domain_labels: ``[N]``, at least two domains with at least three patients each.
        lesion_labels: ``[N]``.
        patients: N patient groups.
        seed: For the folds and the perceptron's initial weights.
    """
    from desktop_client.training.domain_probes import linear_and_mlp_answers

    by_linear, by_mlp = linear_and_mlp_answers(z, domain_labels, patients, FOLD_COUNT, seed)
    linear_by_domain = _recalls(domain_labels, by_linear)
    return Leakage(
        linear=float(np.mean(list(linear_by_domain.values()))),
        mlp=float(np.mean(list(_recalls(domain_labels, by_mlp).values()))),
        chance=1 / len(linear_by_domain),
        label_floor=label_floor(domain_labels, lesion_labels),
        linear_by_domain=linear_by_domain,
    )


def _recalls(domain_labels: IntArray, answers: IntArray) -> dict[int, float]:
    """Return for each domain the share of its images that were answered with it."""
    return {
        int(d): float((answers[domain_labels == d] == d).mean()) for d in np.unique(domain_labels)
    }


def label_floor(domain_labels: IntArray, lesion_labels: IntArray) -> float:
    r"""Best balanced accuracy of telling the domain from the lesion label alone.

    Whoever answers domain :math:`d(l)` to lesion :math:`l` reaches
    :math:`\frac{1}{D} \sum_l p(l \mid d(l))`; the best answer is the domain in which the lesion
    has the largest share.
    """
    domains = np.unique(domain_labels)
    largest_shares = [
        max(float((lesion_labels[domain_labels == d] == lesion).mean()) for d in domains)
        for lesion in np.unique(lesion_labels)
    ]
    return sum(largest_shares) / len(domains)
