"""The figures of one run that runs are compared by, each with its draws where it has any; pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from desktop_client.simulation.bootstrap import (
    mean_of_defined,
    patient_draws,
    site_auc,
    site_balanced_accuracy,
)
from desktop_client.simulation.results import LeakageResult, Prediction, RunResult
from desktop_client.training.evaluation import FloatArray

IN_SITE_AUC: Final = "in_site_auc"
WORST_AUC: Final = "worst_site_auc"
JOINT_AUC: Final = "joint_auc"
UNSEEN_AUC: Final = "unseen_auc"
BALANCED: Final = "balanced_accuracy"
LINEAR: Final = "linear_leakage_above_floor"
MLP: Final = "mlp_leakage_above_floor"
SECONDS: Final = "seconds"
BYTES: Final = "bytes"

TITLES: Final[dict[str, str]] = {
    IN_SITE_AUC: "AUC in-site",
    WORST_AUC: "AUC worst site",
    JOINT_AUC: "AUC all images",
    UNSEEN_AUC: "AUC unseen site",
    BALANCED: "Balanced accuracy",
    LINEAR: "Leakage, linear",
    MLP: "Leakage, MLP",
    SECONDS: "Seconds",
    BYTES: "Bytes",
}
"""Every figure, by name, as a table heads it. Leakage is what lies above the label floor."""

UNDEFINED: Final[FloatArray] = np.array([np.nan])


@dataclass(frozen=True)
class RunFigures:
    """One run's figures.

    Attributes:
        run: The run.
        draws: By name as in ``TITLES``, ``[1 + R]``: the figure, then the same of each draw of
            patients. ``[1]`` where patients have no part in it; nan where it is undefined.
        site_aucs: By site, ``[1 + R]``, the unseen site too.
    """

    run: RunResult
    draws: dict[str, FloatArray]
    site_aucs: dict[str, FloatArray]


def figures_of(run: RunResult) -> RunFigures:
    """Work out a run's figures from the final model's predictions and the rounds' costs.

    Sites whose held-out images are of one class have no AUC and are left out of the means. Where
    many sites are that small, what is left is the AUC of all their images together.
    """
    by_site: defaultdict[str, list[Prediction]] = defaultdict(list)
    for prediction in run.predictions:
        by_site[prediction.site].append(prediction)
    judged = {site: _judge(site, answers) for site, answers in sorted(by_site.items())}
    in_site = [site for site in judged if site != run.held_out_site]
    aucs = np.stack([judged[site].auc for site in in_site])
    leakage = _last_leakage(run)
    draws = {
        IN_SITE_AUC: mean_of_defined(aucs),
        WORST_AUC: _least_of_defined(aucs),
        JOINT_AUC: _joint_auc([p for site in in_site for p in by_site[site]]),
        UNSEEN_AUC: _unseen_auc(run, judged),
        BALANCED: mean_of_defined(np.stack([judged[site].balanced_accuracy for site in in_site])),
        LINEAR: UNDEFINED if leakage is None else np.array([leakage.linear - leakage.label_floor]),
        MLP: UNDEFINED if leakage is None else np.array([leakage.mlp - leakage.label_floor]),
        SECONDS: np.array([sum(r.seconds for r in run.rounds)]),
        BYTES: np.array([float(sum(r.bytes_up + r.bytes_down for r in run.rounds))]),
    }
    return RunFigures(run, draws, {site: judgement.auc for site, judgement in judged.items()})


class _Judgement(NamedTuple):
    """One site's metrics, ``[1 + R]`` each."""

    auc: FloatArray
    balanced_accuracy: FloatArray


def _judge(site: str, predictions: Sequence[Prediction]) -> _Judgement:
    # By sample id, so that the same draw is of the same images in every run.
    ordered = sorted(predictions, key=lambda prediction: prediction.sample_id)
    probabilities = np.array([prediction.probabilities for prediction in ordered])
    labels = np.array([prediction.lesion_label for prediction in ordered])
    weights = patient_draws(site, [prediction.patient for prediction in ordered])
    return _Judgement(
        site_auc(probabilities, labels, weights),
        site_balanced_accuracy(probabilities, labels, weights),
    )


def _joint_auc(predictions: Sequence[Prediction]) -> FloatArray:
    """Return the AUC of several sites' images as if they were one site's."""
    own = [
        replace(p, sample_id=f"{p.site}/{p.sample_id}", patient=f"{p.site}/{p.patient}")
        for p in predictions
    ]
    return _judge("", own).auc


def _unseen_auc(run: RunResult, judged: dict[str, _Judgement]) -> FloatArray:
    """Return the unseen site's AUC; without draws where each site has a model of its own.

    Those models give as many answers to each image, and what is known is the mean of their AUCs.
    """
    if run.held_out_site in judged:
        return judged[run.held_out_site].auc
    aucs = [s.auc for s in run.rounds[-1].sites if s.is_held_out and s.auc is not None]
    return np.array(aucs[:1]) if aucs else UNDEFINED


def _least_of_defined(values: FloatArray) -> FloatArray:
    least = np.where(np.isnan(values), np.inf, values).min(axis=0)
    return np.where(np.isinf(least), np.nan, least)


def _last_leakage(run: RunResult) -> LeakageResult | None:
    return next((r.leakage for r in reversed(run.rounds) if r.leakage is not None), None)
