"""The bound that follows from the study holds, and is not far from what training does."""

import math
from typing import Any

import pytest
import torch
from torch.optim import SGD

from coordinator.method.reach import farthest, step_count
from coordinator.parameters import Group
from coordinator.study import Method

EXTRACTOR = Group.FEATURE_EXTRACTOR


def moved_by_sgd(method: Method, start_norm: float) -> float:
    """Let PyTorch's own optimizer follow the longest clipped gradient, always the same way."""
    direction = torch.full((4,), 0.5)  # of norm 1
    start = -start_norm * direction  # so that the decay pulls the way the gradient pushes
    parameter = torch.nn.Parameter(start.clone())
    optimizer = SGD(
        [parameter],
        lr=method.learning_rate,
        momentum=method.momentum,
        weight_decay=method.weight_decay,
        nesterov=method.momentum > 0,
    )
    for _ in range(step_count(method, EXTRACTOR)):
        parameter.grad = -method.gradient_clip * direction
        optimizer.step()
    return float((parameter.detach() - start).norm())


@pytest.mark.parametrize(
    ("group", "settings", "count"),
    [
        (EXTRACTOR, {"local_steps": 12}, 12),
        (EXTRACTOR, {"local_steps": 12, "repeat": 3}, 36),
        (EXTRACTOR, {"local_steps": 12, "repeat": 3, "loops": "separate"}, 72),
        (Group.LESION_CLASSIFIER, {"local_steps": 12, "repeat": 3, "loops": "separate"}, 12),
        (Group.DOMAIN_CLASSIFIER, {"local_steps": 12}, 12),
        (Group.DOMAIN_CLASSIFIER, {"local_steps": 12, "domains": "frozen"}, 0),
    ],
)
def test_every_step_that_the_study_allows_is_counted(
    group: Group, settings: dict[str, Any], count: int
) -> None:
    assert step_count(Method.model_validate(settings), group) == count


def test_bound_without_momentum_and_decay_is_the_sum_of_the_steps() -> None:
    method = Method(
        local_steps=10, learning_rate=0.5, momentum=0, weight_decay=0, gradient_clip=2.0
    )
    assert math.isclose(farthest(method, EXTRACTOR, 0.0), 10 * 0.5 * 2.0, rel_tol=2e-3)


def test_bound_with_decay_is_what_its_recurrence_comes_to() -> None:
    method = Method(local_steps=3, learning_rate=0.1, momentum=0, weight_decay=0.5)
    # By hand, with a norm of 4 and steps of 0.1 * (1 + 0.5 * (4 + distance)):
    # 0.3, then 0.3 + 0.315 = 0.615, then 0.615 + 0.33075 = 0.94575.
    assert math.isclose(farthest(method, EXTRACTOR, 4.0), 0.94575, rel_tol=2e-3)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("weight_decay", [0.0, 1e-4, 0.1])
@pytest.mark.parametrize("start_norm", [0.0, 1.0, 100.0])
def test_no_gradients_bring_pytorchs_optimizer_farther(
    momentum: float, weight_decay: float, start_norm: float
) -> None:
    method = Method(
        local_steps=300, learning_rate=0.05, momentum=momentum, weight_decay=weight_decay
    )
    assert moved_by_sgd(method, start_norm) <= farthest(method, EXTRACTOR, start_norm)


def test_bound_is_nearly_reached_by_a_gradient_that_never_turns() -> None:
    method = Method(local_steps=300, learning_rate=0.05, momentum=0.9, weight_decay=0)
    assert moved_by_sgd(method, 1.0) > 0.95 * farthest(method, EXTRACTOR, 1.0)


def test_frozen_group_may_move_by_nothing_at_all() -> None:
    frozen = Method(domains="frozen")
    assert farthest(frozen, Group.DOMAIN_CLASSIFIER, 100.0) == 0.0


def test_study_that_lets_everything_happen_bounds_nothing() -> None:
    wild = Method(local_steps=10_000, learning_rate=10, momentum=0.99, weight_decay=1)
    assert farthest(wild, EXTRACTOR, 1.0) == math.inf
