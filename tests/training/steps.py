"""Training steps of a tiny model, to be tested."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.moments import DomainMoments
from desktop_client.training.step import Batch, TrainingStep
from desktop_client.training.trainer import known_domains, training_step

FEATURE_DIM, CAPACITY, CLASS_COUNT = 16, 4, 2
CONTRACT = InputContract(size_px=16)


def a_model(seed: int = 0, **design: Any) -> SiteBlindModel:
    """Build a model with one domain classifier for all lesions, unless asked otherwise."""
    plain = {"feature_dim": FEATURE_DIM, "domain_capacity": CAPACITY, "domain_classifier": "one"}
    whole = {**plain, **design}
    return new_model(ModelDesign.model_validate(whole), CONTRACT, CLASS_COUNT, seed)


def a_batch(
    lesions: Sequence[int] = (0, 1) * 4, domains: Sequence[int] | None = None, seed: int = 3
) -> Batch:
    """Make noise with these labels, of domain 0 unless given."""
    count = len(lesions)
    return Batch(
        torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed)),
        torch.tensor(lesions),
        torch.tensor(domains if domains is not None else [0] * count),
    )


def a_step(model: SiteBlindModel, known: tuple[int, ...] = (0, 1), **choices: Any) -> TrainingStep:
    """Compose a step of a site with domain 0 that knows the others by the same plain moments."""
    classifier = model.domain_classifier
    other = DomainMoments(torch.zeros(FEATURE_DIM), torch.eye(FEATURE_DIM))
    groups = [
        domain * classifier.lesion_count + lesion
        for domain in known
        for lesion in range(classifier.lesion_count)
        if domain != 0
    ]
    return training_step(
        model.train(),
        Method.model_validate(choices),
        known_domains(classifier, known),
        dict.fromkeys(groups, other),
        seed=0,
    )


def copied(part: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in part.parameters()]


def is_unchanged(part: nn.Module, before: list[Tensor]) -> bool:
    return all(torch.equal(p, b) for p, b in zip(part.parameters(), before, strict=True))


def fill_memory_above(limit: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a device run out of memory in steps of more images than ``limit``; note the sizes."""
    sizes: list[int] = []
    features = SiteBlindModel.features

    def limited(self: SiteBlindModel, inputs: Tensor) -> Tensor:
        z = features(self, inputs)
        if self.training:
            sizes.append(len(inputs))
            if len(inputs) > limit:
                raise torch.OutOfMemoryError("CUDA out of memory")
        return z

    monkeypatch.setattr(SiteBlindModel, "features", limited)
    return sizes
