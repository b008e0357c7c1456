"""Variants compared by paired runs; numbers by hand."""

import numpy as np
import pytest

from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.comparison import compare, spread
from desktop_client.simulation.results import Prediction, RunResult
from tests.simulation.conftest import run_result, site_predictions

LABELS = [0, 0, 1, 1]
PERFECT, THREE_OF_FOUR, HALF = [0.1, 0.2, 0.8, 0.9], [0.1, 0.6, 0.4, 0.9], [0.5, 0.5, 0.5, 0.5]
"""Scores whose AUC on ``LABELS`` is 1, 0.75 and 0.5: of four pairs so many are in order."""


def predictions(north: list[float], south: list[float], unseen: list[float]) -> list[Prediction]:
    return [
        *site_predictions("north", LABELS, north),
        *site_predictions("south", LABELS, south),
        *site_predictions("west", LABELS, unseen),
    ]


def two_variants() -> list[RunResult]:
    better = predictions(PERFECT, THREE_OF_FOUR, THREE_OF_FOUR)
    worse = predictions(PERFECT, HALF, HALF)
    return [
        run_result("siteblind", better, 0, "west", linear=0.4),
        run_result("siteblind", better, 1, "west", linear=0.5),
        run_result("fedavg", worse, 0, "west", linear=0.7),
        run_result("fedavg", worse, 1, "west", linear=0.9),
    ]


def test_a_variant_is_summed_up_by_mean_and_sd_over_its_runs() -> None:
    siteblind, fedavg = compare(two_variants(), "fedavg").variants
    assert siteblind.figures["in_site_auc"].mean == pytest.approx((1 + 0.75) / 2)
    assert siteblind.figures["worst_site_auc"].mean == pytest.approx(0.75)
    assert siteblind.figures["unseen_auc"].mean == pytest.approx(0.75)
    assert siteblind.figures["in_site_auc"].sd == pytest.approx(0)
    # Label floor 0.3: 0.4 and 0.6 above it, sd = 0.2 / sqrt(2).
    assert fedavg.figures["linear_leakage_above_floor"].mean == pytest.approx(0.5)
    assert fedavg.figures["linear_leakage_above_floor"].sd == pytest.approx(0.2 / 2**0.5)
    assert fedavg.figures["seconds"].mean == 30
    assert fedavg.figures["bytes"].mean == 12
    assert fedavg.values["linear_leakage_above_floor"] == pytest.approx((0.4, 0.6))


def test_sites_with_one_class_each_still_have_an_auc_together() -> None:
    apart = [
        *site_predictions("north", [0, 0], [0.1, 0.6]),
        *site_predictions("south", [1, 1], [0.4, 0.9]),
    ]
    [fedavg] = compare([run_result("fedavg", apart)], "fedavg").variants
    assert fedavg.figures["in_site_auc"].mean is None
    assert fedavg.figures["joint_auc"].mean == 0.75  # three of four pairs are in order


def test_at_half_the_score_the_answer_is_the_first_class() -> None:
    [fedavg] = compare([run_result("fedavg", predictions(HALF, HALF, HALF))], "fedavg").variants
    assert fedavg.figures["balanced_accuracy"].mean == 0.5


def test_each_variant_is_compared_with_the_reference_run_by_run() -> None:
    [difference] = compare(two_variants(), "fedavg").differences
    assert difference.variant == "siteblind"
    assert difference.figures["in_site_auc"].mean == pytest.approx((0.25 + 0) / 2)
    assert difference.figures["unseen_auc"].mean == pytest.approx(0.25)
    # 0.4 - 0.7 and 0.5 - 0.9.
    leakage = difference.figures["linear_leakage_above_floor"]
    assert leakage.mean == pytest.approx(-0.35)
    assert leakage.sd == pytest.approx(0.1 / 2**0.5)
    assert difference.site_aucs["south"].mean == pytest.approx(0.25)
    assert difference.site_aucs["north"].mean == 0


def test_runs_without_a_partner_are_left_out_of_differences() -> None:
    comparison = compare(two_variants()[:3], "fedavg")
    [difference] = comparison.differences
    assert difference.figures["unseen_auc"].run_count == 1
    assert difference.figures["linear_leakage_above_floor"].mean == pytest.approx(-0.3)
    assert comparison.variants[0].figures["unseen_auc"].run_count == 2


def test_two_models_that_answer_alike_differ_by_nothing_on_any_draw() -> None:
    alike = predictions(THREE_OF_FOUR, HALF, THREE_OF_FOUR)
    runs = [run_result(name, alike, 0, "west") for name in ("siteblind", "fedavg")]
    comparison = compare(runs, "fedavg")
    difference = comparison.differences[0].figures["in_site_auc"]
    assert (difference.low, difference.high) == (0, 0)
    alone = comparison.variants[0].figures["in_site_auc"]
    assert alone.low is not None
    assert alone.high is not None
    assert alone.low < 0.625 < alone.high


def test_more_seeds_do_not_narrow_what_patients_leave_open() -> None:
    """The same patients judged by more models bring no new patients."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 60).tolist()
    scores = random.random(60).tolist()
    runs = [
        run_result("fedavg", site_predictions("north", labels, scores), seed) for seed in range(5)
    ]
    few = compare(runs[:1], "fedavg").variants[0].figures["in_site_auc"]
    many = compare(runs, "fedavg").variants[0].figures["in_site_auc"]
    assert (few.low, few.high) == pytest.approx((many.low, many.high))


def test_a_site_of_one_class_has_no_auc_and_stays_out_of_the_mean() -> None:
    answers = [
        *site_predictions("north", LABELS, THREE_OF_FOUR),
        *site_predictions("south", [1, 1], [0.4, 0.6]),
    ]
    [fedavg] = compare([run_result("fedavg", answers)], "fedavg").variants
    assert fedavg.figures["in_site_auc"].mean == pytest.approx(0.75)
    assert fedavg.site_aucs["south"].mean is None
    assert fedavg.figures["unseen_auc"].mean is None
    assert fedavg.figures["unseen_auc"].run_count == 0


def test_a_figure_that_no_run_has_is_undefined() -> None:
    answers = site_predictions("north", LABELS, PERFECT)
    [fedavg] = compare([run_result("fedavg", answers, linear=None)], "fedavg").variants
    assert fedavg.figures["mlp_leakage_above_floor"].mean is None


def test_an_interval_is_of_the_draws_and_not_of_the_figure_itself() -> None:
    told = spread([np.array([9.0, 1, 2, 3]), np.array([9.0, 3, 4, 5])])
    assert told.mean == 9
    assert (told.low, told.high) == pytest.approx((2.05, 3.95))  # of 2, 3 and 4


def test_a_reference_that_did_not_run_is_refused_with_those_that_did() -> None:
    with pytest.raises(SimulationPlanError, match=r"'fedprox'.*; there are siteblind, fedavg"):
        compare(two_variants(), "fedprox")
