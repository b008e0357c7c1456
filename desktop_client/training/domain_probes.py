"""The classifiers that are trained afresh to tell the scanner from features.

Nobody imports this before there is something to probe: scikit-learn takes a second to load.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from desktop_client.training.evaluation import FloatArray, IntArray

MLP_PASS_COUNT = 150


def linear_and_mlp_answers(
    z: FloatArray, domain_labels: IntArray, patients: list[str], fold_count: int, seed: int
) -> tuple[IntArray, IntArray]:
    """Answer the domain of each image, by a probe that never saw its patient.

    Args:
        z: Frozen features ``[N, F]``.
        domain_labels: ``[N]``.
        patients: N patient groups.
        fold_count: Parts of the cross-validation.
        seed: For the folds and the perceptron's initial weights.

    Returns:
        ``[N]`` answers of logistic regression, and of a small multi-layer perceptron.
    """
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    mlp = make_pipeline(
        StandardScaler(),
        MLPClassifier((32,), alpha=1e-2, max_iter=MLP_PASS_COUNT, random_state=seed),
    )
    folds = StratifiedGroupKFold(fold_count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # The passes are bounded on purpose: a probe, not a contest.
        warnings.simplefilter("ignore", ConvergenceWarning)
        by_linear, by_mlp = (
            np.asarray(cross_val_predict(probe, z, domain_labels, groups=patients, cv=folds))
            for probe in (linear, mlp)
        )
    return by_linear, by_mlp
