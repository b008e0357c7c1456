"""Several processes that compute each batch together come to what one comes to alone."""

from collections.abc import Generator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

import pytest
import torch
from torch import Tensor

from desktop_client.training.full_memory import step_within_memory
from desktop_client.training.model import UNLABELLED, SiteBlindModel
from desktop_client.training.ranks import Ranks
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.step import Batch, StepMeasures, TargetShare, TrainingStep
from tests.training.steps import a_batch, a_model, a_step, fill_memory_above

CPU: Final = torch.device("cpu")
STEP_COUNT: Final = 2


@pytest.fixture(scope="module")
def three() -> Generator[Ranks]:
    """Three processes: more than two show who gets what."""
    thread_count = torch.get_num_threads()
    torch.set_num_threads(1)
    with opened_ranks([CPU] * 3, patience_s=300) as ranks:
        yield ranks
    torch.set_num_threads(thread_count)


def some_batches(size: int = 10, **changes: Any) -> list[Batch]:
    """Make batches of two domains; three do not divide ten."""
    lesions = [number % 2 for number in range(size)]
    domains = [number // 2 % 2 for number in range(size)]
    return [replace(a_batch(lesions, domains, seed=seed), **changes) for seed in range(STEP_COUNT)]


def steps_of(
    model: SiteBlindModel, ranks: Ranks, changes: dict[str, Any], choices: dict[str, Any]
) -> tuple[TrainingStep, TrainingStep]:
    """Compose the step of a model alone, and that of its twin with others."""
    alone, together = (
        replace(a_step(deepcopy(model), known=(0, 1, 2), **choices), **changes) for _ in range(2)
    )
    return alone, replace(together, ranks=ranks)


def taken(step: TrainingStep, batches: Sequence[Batch]) -> list[StepMeasures]:
    return [step(batch, adversarial_weight=0.5) for batch in batches]


def state_of(step: TrainingStep) -> dict[str, Tensor]:
    return dict(step.model.state_dict())


def assert_same(
    ranks: Ranks,
    batches: Sequence[Batch],
    model: SiteBlindModel | None = None,
    changes: dict[str, Any] | None = None,
    **choices: Any,
) -> None:
    """Train a model alone and its twin together; compare what they saw and what they became.

    Sums in float32 in another order differ by some 1e-7 of their size. Many steps make more of it:
    sooner or later some activation is above zero in one of the two and below in the other.
    """
    alone, together = steps_of(model or a_model(seed=1), ranks, changes or {}, choices)
    begun = deepcopy(state_of(alone))
    for here, there in zip(taken(alone, batches), taken(together, batches), strict=True):
        assert vars(here) == pytest.approx(vars(there), rel=1e-4, abs=1e-5)
    torch.testing.assert_close(state_of(together), state_of(alone), rtol=1e-4, atol=1e-5)
    moved = [(state_of(alone)[name] - value).abs().max().item() for name, value in begun.items()]
    assert max(moved) > 1e-3  # a hundred times the tolerance: that it is the same says something


@pytest.mark.parametrize("preset", ["siteblind", "literal", "fedavg", "fedprox"])
def test_every_preset_comes_to_the_same(preset: str, three: Ranks) -> None:
    assert_same(three, some_batches(), preset=preset)


@pytest.mark.parametrize(
    "choices",
    [
        {"sharpness_radius": 0.05},
        {"adversarial_scale": "gradient", "second": "all"},
        {"repeat": 3},
    ],
    ids=lambda choices: next(iter(choices)),
)
def test_so_does_each_other_way_to_step(choices: dict[str, Any], three: Ranks) -> None:
    assert_same(three, some_batches(), **choices)


def test_a_classifier_for_each_lesion_counts_over_the_whole_batch(three: Ranks) -> None:
    assert_same(three, some_batches(), a_model(domain_classifier="per_lesion"))


def test_a_process_whose_part_holds_no_target_changes_nothing(three: Ranks) -> None:
    lesions = torch.tensor([UNLABELLED] * 4 + [0, 1, 0] + [UNLABELLED] * 3)
    assert_same(three, some_batches(lesion_labels=lesions), second="off")


def test_nor_does_one_that_gets_no_image(three: Ranks) -> None:
    assert_same(three, some_batches(size=2))


def test_targets_alone_are_shared_out_where_there_are_few(three: Ranks) -> None:
    lesions = torch.tensor([0, 1, 0, 1] + [UNLABELLED] * 6)
    changes = {"target_share": TargetShare(recent=0.0)}
    assert_same(three, some_batches(lesion_labels=lesions), changes=changes, second="off")


@pytest.mark.slow
def test_only_what_is_trained_goes_to_the_others(three: Ranks) -> None:
    """EfficientNet's first stages stay here, and what they make of images is shared out."""
    model = a_model(extractor="efficientnet_lite0")
    inputs = torch.randn(4, 112, 2, 2, generator=torch.Generator().manual_seed(0))
    batches = [replace(a_batch((0, 1, 0, 1), (0, 0, 1, 1)), inputs=inputs)] * 2
    assert_same(three, batches, model)


def test_a_network_that_normalises_the_batch_is_computed_in_one_process(three: Ranks) -> None:
    assert_same(three, some_batches(), a_model(normalisation="local"))


def test_a_full_memory_here_is_told_to_the_others_who_wait_for_the_next_batch(
    three: Ranks, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = replace(a_step(a_model()), ranks=three)
    (large, *_), (small, *_) = some_batches(size=12), some_batches(size=6)
    sizes = fill_memory_above(2, monkeypatch)
    assert step_within_memory(lambda: taken(step, [large])) is None  # type: ignore[arg-type, return-value]
    taken(step, [small])
    assert sizes == [4, 2]
