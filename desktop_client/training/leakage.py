"""Domain leakage: how well a fresh classifier tells the scanner from frozen features.

Never to be read without the lesion accuracy: features that say nothing leak nothing.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from desktop_client.training.evaluation import FloatArray, IntArray

FOLD_COUNT = 3
MLP_PASS_COUNT = 150


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
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    mlp = make_pipeline(
        StandardScaler(),
        MLPClassifier((32,), alpha=1e-2, max_iter=MLP_PASS_COUNT, random_state=seed),
    )
    folds = StratifiedGroupKFold(FOLD_COUNT, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # The passes are bounded on purpose: a probe, not a contest.
        warnings.simplefilter("ignore", ConvergenceWarning)
        answers = {
            name: cross_val_predict(probe, z, domain_labels, groups=patients, cv=folds)
            for name, probe in (("linear", linear), ("mlp", mlp))
        }
    domains = np.unique(domain_labels)
    return Leakage(
        linear=float(balanced_accuracy_score(domain_labels, answers["linear"])),
        mlp=float(balanced_accuracy_score(domain_labels, answers["mlp"])),
        chance=1 / len(domains),
        label_floor=label_floor(domain_labels, lesion_labels),
        linear_by_domain={
            int(d): float((answers["linear"][domain_labels == d] == d).mean()) for d in domains
        },
    )


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
