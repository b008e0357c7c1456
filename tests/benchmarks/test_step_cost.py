"""What the method's step costs beside a plain supervised step of the same model.

Limit: one forward and one backward through the extractor, which both have in common. Everything
the method adds works on features, not on images.
"""

import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

import torch
from torch.nn import functional
from torch.optim import SGD

from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.training.model import UNLABELLED, SiteBlindModel, new_model
from desktop_client.training.moments import domain_moments
from desktop_client.training.step import Batch, TrainingStep
from desktop_client.training.trainer import known_domains, training_step
from tests.benchmarks.figures import write_figures

BATCH_SIZE, SIZE_PX, REPEAT_COUNT, WARM_UP = 32, 64, 25, 3
OTHER_DOMAINS = range(1, 6)


def a_batch() -> Batch:
    generator = torch.Generator().manual_seed(0)
    return Batch(
        torch.randn(BATCH_SIZE, 3, SIZE_PX, SIZE_PX, generator=generator),
        torch.randint(0, 3, (BATCH_SIZE,), generator=generator),
        torch.zeros(BATCH_SIZE, dtype=torch.int64),
    )


def a_model(extractor: str) -> SiteBlindModel:
    design = ModelDesign.model_validate({"extractor": extractor})
    return new_model(design, InputContract(size_px=SIZE_PX), class_count=3, seed=0).train()


def plain_step(extractor: str, batch: Batch) -> Callable[[], object]:
    """Compose the peer: cross-entropy, one backward, one optimizer over extractor and head."""
    model, method = a_model(extractor), Method()
    optimizer = SGD(
        [*model.feature_extractor.parameters(), *model.lesion_classifier.parameters()],
        lr=method.learning_rate,
        momentum=method.momentum,
        weight_decay=method.weight_decay,
        nesterov=True,
    )

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(batch.inputs), batch.lesion_labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def partly_labelled(batch: Batch, share: float) -> Batch:
    """Keep so large a share of the labels: of unlabelled samples none is a first target."""
    is_kept = torch.arange(BATCH_SIZE) < round(share * BATCH_SIZE)
    labels = batch.lesion_labels.where(is_kept, UNLABELLED)
    return Batch(batch.inputs, labels, batch.domain_labels)


def our_step(extractor: str, batch: Batch, **choices: Any) -> Callable[[], object]:
    # A learning rate near zero keeps the share of targets as it is at the start.
    method = Method.model_validate({"learning_rate": 1e-9, "margin": 1.0, **choices})
    features = torch.randn(100, ModelDesign().feature_dim)
    moments = {
        label: domain_moments(features, torch.full((100,), label))[label] for label in OTHER_DOMAINS
    }
    model = a_model(extractor)
    known = known_domains(model.domain_classifier, {0, *OTHER_DOMAINS})
    step: TrainingStep = training_step(model, method, known, moments, seed=0)
    return lambda: step(batch, adversarial_weight=0.1)


def interleaved_seconds(steps: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Time each in turn, so that whatever else the machine does falls on all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(WARM_UP + REPEAT_COUNT):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            if repeat >= WARM_UP:
                seconds[name].append(time.perf_counter() - begun)
    return seconds


def test_step_cost(benchmark: Any) -> None:
    torch.set_num_threads(1)
    figures: dict[str, Any] = {
        "batch_size": BATCH_SIZE,
        "size_px": SIZE_PX,
        "thread_count": torch.get_num_threads(),
        "repeat_count": REPEAT_COUNT,
    }

    def measure() -> None:
        batch = a_batch()
        for extractor in ("small_cnn", "resnet18"):
            seconds = interleaved_seconds(
                {
                    "plain": plain_step(extractor, batch),
                    "all_selected": our_step(extractor, batch),
                    "30_percent_selected": our_step(
                        extractor, partly_labelled(batch, 0.3), second="off"
                    ),
                    "none_selected": our_step(extractor, partly_labelled(batch, 0), second="off"),
                    "fedavg": our_step(extractor, batch, preset="fedavg"),
                }
            )
            plain = seconds.pop("plain")
            figures[extractor] = {
                "plain_ms": round(1000 * median(plain), 2),
                **{f"{name}_ms": round(1000 * median(s), 2) for name, s in seconds.items()},
                **{
                    f"ratio_{name}": round(median(s) / median(plain), 3)
                    for name, s in seconds.items()
                },
                "plain_quartiles_ms": [round(1000 * q, 2) for q in quantiles(plain, n=4)],
            }

    benchmark.pedantic(measure, rounds=1)
    write_figures("step_cost", figures)
