"""Selecting the targets before a graph is made: cheaper, and the very same step."""

from typing import Any

import pytest
import torch

from desktop_client.training.model import UNLABELLED, SiteBlindModel
from desktop_client.training.step import SELECT_FIRST_BELOW, Batch, TrainingStep
from tests.training.steps import a_batch, a_model, a_step, copied, is_unchanged

FEW: dict[str, Any] = {"first": "literal", "learning_rate": 0.05}


def selecting_first(step: TrainingStep) -> TrainingStep:
    step.target_share.recent = 0.0
    return step


def assert_same_training(graph: SiteBlindModel, selecting: SiteBlindModel, batch: Batch) -> None:
    """Take five steps both ways; some samples must be targets and some not."""
    whole, chosen = a_step(graph, **FEW), a_step(selecting, **FEW)
    shares = []
    for _ in range(5):
        whole.target_share.recent, chosen.target_share.recent = 1.0, 0.0
        seen = whole(batch, adversarial_weight=0.5), chosen(batch, adversarial_weight=0.5)
        assert seen[0].first_target_share == seen[1].first_target_share
        shares.append(seen[0].first_target_share)
    assert 0.0 < max(shares) < 1.0
    for ours, theirs in zip(graph.parameters(), selecting.parameters(), strict=True):
        # Another batch size may sum in another order: float32 differs in its last digits.
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("domain_classifier", ["one", "per_lesion"])
def test_it_moves_the_model_as_one_graph_over_the_batch_does(domain_classifier: str) -> None:
    graph, selecting = (a_model(domain_classifier=domain_classifier) for _ in range(2))
    assert_same_training(graph, selecting, a_batch([0, 1, UNLABELLED, 1, 0, 1, 0, 1]))


def test_it_does_so_too_where_half_the_batch_is_restyled() -> None:
    batch = a_batch([0, 1, UNLABELLED, 1, 0, 1, 0, 1], domains=[0, 0, 0, 0, 1, 1, 1, 1])
    assert_same_training(a_model(), a_model(), batch)


def test_it_does_so_too_on_activations_of_frozen_stages() -> None:
    design: dict[str, Any] = {"extractor": "efficientnet_lite0"}
    graph, selecting, noise = a_model(**design), a_model(**design), torch.randn(8, 3, 64, 64)
    assert graph.frozen_stages is not None
    labels = a_batch([0, 1, UNLABELLED, 1, 0, 1, 0, 1])
    activations = graph.frozen_stages(noise)
    batch = Batch(activations, labels.lesion_labels, labels.domain_labels)
    assert_same_training(graph, selecting, batch)


def test_only_the_targets_run_once_more() -> None:
    model, batch = a_model(), a_batch()
    step = selecting_first(a_step(model, first="literal", second="off"))
    sizes: list[int] = []
    model.feature_extractor.register_forward_hook(lambda _, x, __: sizes.append(len(x[0])))
    measures = step(batch, adversarial_weight=0.0)
    assert sizes == [8, round(8 * measures.first_target_share)]


def test_without_a_target_the_extractor_is_left_alone() -> None:
    model = a_model()
    step = selecting_first(a_step(model, second="off"))
    before = copied(model.feature_extractor)
    step(a_batch([UNLABELLED] * 6), adversarial_weight=1.0)
    assert is_unchanged(model.feature_extractor, before)


def test_the_cheaper_way_is_chosen_by_the_share_of_recent_targets() -> None:
    step = a_step(a_model())
    assert not step._should_select_first()  # nothing is known yet: as if all were targets
    for _ in range(3):
        step.target_share.note(0.1)
    assert step._should_select_first()
    step.target_share.recent = SELECT_FIRST_BELOW
    assert not step._should_select_first()


def test_each_batch_counts_as_much_as_all_before_it() -> None:
    share = a_step(a_model()).target_share
    share.note(0.0)
    assert share.recent == 0.5
    share.note(1.0)
    assert share.recent == 0.75


@pytest.mark.parametrize(
    "choices", [{"loops": "separate"}, {"repeat": 2}, {"sharpness_radius": 0.1}]
)
def test_what_needs_the_graph_again_never_selects_first(choices: dict[str, Any]) -> None:
    assert not selecting_first(a_step(a_model(), **choices))._should_select_first()


def test_local_normalisation_never_selects_first() -> None:
    """Its targets alone would be normalised by themselves, and so be others than in the batch."""
    model = a_model(normalisation="local")
    assert not selecting_first(a_step(model, preset="fedbn"))._should_select_first()
