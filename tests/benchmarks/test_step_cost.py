"""What the method's step costs beside a plain supervised step of the same model.

Limit: one forward and one backward through what is trained of the extractor, which both have in
common. Everything the method adds works on features, not on images; only restyling does not.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median, quantiles
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional
from torch.optim import SGD

from coordinator.parameters import STYLE_COUNT
from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.training.model import UNLABELLED, SiteBlindModel, initial_model
from desktop_client.training.moments import domain_moments
from desktop_client.training.restyle import channel_statistics, restyle
from desktop_client.training.step import Batch, TrainingStep
from desktop_client.training.trainer import known_domains, training_step
from tests.benchmarks.figures import write_figures

BATCH_SIZE, REPEAT_COUNT, WARM_UP = 32, 20, 3
OTHER_DOMAINS = range(1, 6)
NAMED: Final = "resnet18"
"""The extractor whose ratios stand for the method's."""


@dataclass(frozen=True)
class Case:
    """An extractor, and the images it is measured on."""

    extractor: str
    size_px: int

    def model(self) -> SiteBlindModel:
        design = ModelDesign.model_validate({"extractor": self.extractor})
        contract = InputContract(size_px=self.size_px)
        return initial_model(design, contract, class_count=3, seed=0).train()

    def images(self) -> Batch:
        generator = torch.Generator().manual_seed(0)
        return Batch(
            torch.randn(BATCH_SIZE, 3, self.size_px, self.size_px, generator=generator),
            torch.randint(0, 3, (BATCH_SIZE,), generator=generator),
            torch.zeros(BATCH_SIZE, dtype=torch.int64),
        )

    def batch(self) -> Batch:
        """Return what the trained stages read: activations, where the first stages are frozen."""
        images, frozen = self.images(), self.model().frozen_stages
        return images if frozen is None else replace(images, inputs=frozen(images.inputs))


CASES = (Case("small_cnn", 64), Case(NAMED, 64), Case("efficientnet_lite0", 96))


def plain_step(model: SiteBlindModel) -> Callable[[Batch], object]:
    """Compose the peer: cross-entropy, one backward, one optimizer over extractor and head."""
    method = Method()
    parts = (model.feature_extractor, model.lesion_classifier)
    optimizer = SGD(
        [p for part in parts for p in part.parameters() if p.requires_grad],
        lr=method.learning_rate,
        momentum=method.momentum,
        weight_decay=method.weight_decay,
        nesterov=True,
    )

    def step(batch: Batch) -> float:
        optimizer.zero_grad(set_to_none=True)
        logits = model.lesion_classifier(model.features(batch.inputs))
        loss = functional.cross_entropy(logits, batch.lesion_labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def without_kept_activations(case: Case, frozen: nn.Module) -> Callable[[], object]:
    """Compose the peer whose frozen stages run in every step."""
    plain, images = plain_step(case.model()), case.images()

    def step() -> object:
        with torch.no_grad():
            activations = frozen(images.inputs)
        return plain(replace(images, inputs=activations))

    return step


def partly_labelled(batch: Batch, share: float) -> Batch:
    """Keep so large a share of the labels: of unlabelled samples none is a first target."""
    is_kept = torch.arange(BATCH_SIZE) < round(share * BATCH_SIZE)
    return replace(batch, lesion_labels=batch.lesion_labels.where(is_kept, UNLABELLED))


def our_step(case: Case, **choices: Any) -> Callable[[Batch], object]:
    # A learning rate near zero keeps the share of targets as it is at the start.
    method = Method.model_validate({"learning_rate": 1e-9, "margin": 1.0, **choices})
    model = case.model()
    lesion_count = model.domain_classifier.lesion_count
    groups = [d * lesion_count + lesion for d in OTHER_DOMAINS for lesion in range(lesion_count)]
    features = torch.randn(100, ModelDesign().feature_dim)
    (moments,) = domain_moments(features, torch.zeros(100)).values()
    known = known_domains(model.domain_classifier, {0, *OTHER_DOMAINS})
    step: TrainingStep = training_step(model, method, known, dict.fromkeys(groups, moments), seed=0)
    return lambda batch: step(batch, adversarial_weight=0.1)


def restyling(batch: Batch) -> Callable[[], Batch]:
    """Compose what restyles half of a batch anew for each step, to 16 styles of each domain."""
    generator = torch.Generator().manual_seed(0)
    styles = channel_statistics(batch.inputs)[:STYLE_COUNT]
    half = BATCH_SIZE // 2

    def half_restyled() -> Batch:
        numbers = torch.randint(STYLE_COUNT, (half,), generator=generator)
        domains = torch.randint(1, len(OTHER_DOMAINS) + 1, (half,), generator=generator)
        restyled = restyle(batch.inputs[:half], styles[numbers])
        return replace(
            batch,
            inputs=torch.cat([restyled, batch.inputs[half:]]),
            domain_labels=torch.cat([domains, batch.domain_labels[half:]]),
        )

    return half_restyled


def steps_of(case: Case) -> dict[str, Callable[[], object]]:
    batch = case.batch()
    plain, whole, partly, none, averaging, restyled = (
        plain_step(case.model()),
        our_step(case),
        our_step(case, second="off"),
        our_step(case, second="off"),
        our_step(case, preset="fedavg"),
        our_step(case, restyle="channel_statistics"),
    )
    third, nobody = partly_labelled(batch, 0.3), partly_labelled(batch, 0)
    half_restyled = restyling(batch)
    steps: dict[str, Callable[[], object]] = {
        "plain": lambda: plain(batch),
        "all_selected": lambda: whole(batch),
        "all_selected_restyled": lambda: restyled(half_restyled()),
        "30_percent_selected": lambda: partly(third),
        "none_selected": lambda: none(nobody),
        "fedavg": lambda: averaging(batch),
    }
    if (frozen := case.model().frozen_stages) is not None:
        steps["plain_without_kept_activations"] = without_kept_activations(case, frozen)
    return steps


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


def figures_of(case: Case) -> dict[str, Any]:
    seconds = interleaved_seconds(steps_of(case))
    plain = seconds.pop("plain")
    ratios = {f"ratio_{name}": round(median(s) / median(plain), 3) for name, s in seconds.items()}
    figures: dict[str, Any] = {
        "size_px": case.size_px,
        "plain_ms": round(1000 * median(plain), 2),
        **{f"{name}_ms": round(1000 * median(s), 2) for name, s in seconds.items()},
        **ratios,
        "plain_quartiles_ms": [round(1000 * q, 2) for q in quantiles(plain, n=4)],
    }
    if (unkept := seconds.get("plain_without_kept_activations")) is not None:
        figures["share_saved_by_kept_activations"] = round(1 - median(plain) / median(unkept), 3)
    return figures


def test_step_cost(benchmark: Any) -> None:
    torch.set_num_threads(1)
    figures: dict[str, Any] = {}

    def measure() -> None:
        figures.update({case.extractor: figures_of(case) for case in CASES})

    benchmark.pedantic(measure, rounds=1)
    named = {n: value for n, value in figures[NAMED].items() if n.startswith("ratio_")}
    settings = {
        "batch_size": BATCH_SIZE,
        "thread_count": torch.get_num_threads(),
        "repeat_count": REPEAT_COUNT,
    }
    write_figures("step_cost", {**settings, "extractor": NAMED, **named, **figures})
