"""Honest training stays within the distance that the coordinator allows an update."""

from typing import Any

import pytest
import torch
from torch import nn

from coordinator.method.reach import farthest
from coordinator.parameters import Group
from coordinator.study import Method
from tests.training.steps import a_batch, a_model, a_step

STEPS = 20
EAGER: dict[str, Any] = {"local_steps": STEPS, "learning_rate": 0.3, "adversarial_weight": 10.0}


def row(part: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().double().ravel() for p in part.parameters()])


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"momentum": 0.99, "weight_decay": 0.1},
        {"repeat": 4, "loops": "separate", "target": "reversed"},
        {"repeat": 4, "first": "all", "second": "all"},
        {"proximal_weight": 10.0, "gradient_clip": 0.1},
        {"sharpness_radius": 1.0},
        {"adversarial_scale": "gradient", "first": "all", "second": "all"},
        {"domains": "frozen"},
    ],
)
def test_no_part_moves_farther_than_the_study_lets_it(settings: dict[str, Any]) -> None:
    method = Method.model_validate({"domains": "local", **EAGER, **settings})
    model = a_model()
    parts = {
        Group.FEATURE_EXTRACTOR: model.feature_extractor,
        Group.LESION_CLASSIFIER: model.lesion_classifier,
        Group.DOMAIN_CLASSIFIER: model.domain_classifier,
    }
    before = {group: row(part) for group, part in parts.items()}
    step = a_step(model, **{"domains": "local", **EAGER, **settings})
    for _ in range(STEPS):
        step(a_batch(), adversarial_weight=method.adversarial_weight)
    for group, part in parts.items():
        moved = float((row(part) - before[group]).norm())
        assert moved <= farthest(method, group, float(before[group].norm()))
        is_still = group is Group.DOMAIN_CLASSIFIER and method.domains == "frozen"
        assert is_still or moved > 0
