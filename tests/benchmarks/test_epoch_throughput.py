"""What a whole epoch of the real training costs beside a bare PyTorch loop over the same images.

Ours is ``train_from_store`` as the command line and the window run it: with its events, its guards
and what it writes after each epoch, the model and all that is needed to go on. The peer has the
same decoded images, network, batch and threads, a plain supervised step, and a look at the
held-out images at the end of its epoch; it says and writes nothing.
"""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import mean, median, quantiles
from typing import Any, Final

import pytest
import torch
from torch.nn import functional
from torch.optim import SGD

from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.device import choose_device, describe_device
from desktop_client.training.events import EpochFinished, StepFinished
from desktop_client.training.model import initial_model
from desktop_client.training.own_training import train_from_store
from desktop_client.training.request import DeviceChoice, TrainingRequest
from desktop_client.training.trainer import SiteImages, prepare_site
from tests.benchmarks.figures import write_figures
from tests.scenes import new_site

REPEAT_COUNT: Final = 7
WARM_UP: Final = 1
IMAGES_PER_CLASS: Final = 400
AT_LEAST: Final = 0.95

Epoch = Callable[[], list[float]]
"""Runs an epoch and returns the seconds of each step."""


@dataclass(frozen=True)
class Case:
    """What is trained, and on what."""

    extractor: str
    size_px: int
    device: DeviceChoice = "cpu"

    @property
    def design(self) -> ModelDesign:
        return ModelDesign.model_validate({"extractor": self.extractor})

    @property
    def contract(self) -> InputContract:
        return InputContract(size_px=self.size_px)


CASES: Final = (Case("small_cnn", 64), Case("resnet18", 64))
ON_A_CARD: Final = Case("resnet18", 224, "cuda")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Make a site whose images come from two scanners, so that the adversary has work."""
    folder = tmp_path_factory.mktemp("site")
    home = new_site(folder, {"dot": IMAGES_PER_CLASS, "ring": IMAGES_PER_CLASS})
    with LabelStore(home.labels_path) as store:
        other = store.domain_named("Other scanner")
        for sample in store.samples()[::2]:
            store._set(sample.sample_id, "domain_id", str(other.domain_id))
    return home


class StepClock:
    """Notes how long each step took, from the end of the one before it."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._at = time.perf_counter()

    def tick(self) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self._at)
        self._at = now


def our_epochs(home: Home, case: Case, preset: str) -> Epoch:
    """Return what goes on with a training until its next epoch is saved and told."""
    request = TrainingRequest(
        labels_path=home.labels_path,
        checkpoint_path=home.path / f"{case.extractor}-{case.device}-{preset}.safetensors",
        epoch_count=WARM_UP + REPEAT_COUNT + 1,  # the last epoch is followed by a report
        input=case.contract,
        model=case.design,
        method=Method.model_validate({"preset": preset}),
        device=case.device,
    )
    events = train_from_store(request)

    def epoch() -> list[float]:
        clock = StepClock()
        for event in events:
            if isinstance(event, StepFinished):
                clock.tick()
            elif isinstance(event, EpochFinished):
                break
        return clock.seconds

    return epoch


def bare_epochs(home: Home, case: Case) -> Epoch:
    """Compose the peer: cross-entropy, one backward, one optimizer over extractor and head."""
    device, images, method = choose_device(case.device), prepared(home, case), Method()
    model = initial_model(case.design, case.contract, class_count=2, seed=0).to(device)
    parts = (model.feature_extractor, model.lesion_classifier)
    optimizer = SGD(
        [p for part in parts for p in part.parameters() if p.requires_grad],
        lr=method.learning_rate,
        momentum=method.momentum,
        weight_decay=method.weight_decay,
        nesterov=True,
        fused=True,
    )

    def batches(side: PreparedImages, rows: torch.Tensor) -> Iterator[tuple[Any, Any]]:
        for part in rows.split(method.batch_size):
            pixels = side.pixels[part].to(device).float() / 255
            yield (pixels - 0.5) / 0.25, side.lesion_labels[part].to(device)

    def epoch() -> list[float]:
        model.train()
        clock = StepClock()
        for inputs, labels in batches(images.training, torch.randperm(len(images.training))):
            optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            loss.item()  # waits for the device
            clock.tick()
        model.eval()
        right_count = 0
        with torch.no_grad():
            for inputs, labels in batches(images.validation, torch.arange(len(images.validation))):
                right_count += int((model(inputs).argmax(dim=1) == labels).sum())
        assert 0 <= right_count <= len(images.validation)
        return clock.seconds

    return epoch


def prepared(home: Home, case: Case) -> SiteImages:
    """Decode the images as our training does."""
    with LabelStore(home.labels_path) as store:
        samples = store.training_samples()
    classes, domains = ({s.class_id for s in samples}, {s.domain_id for s in samples})
    preparing = prepare_site(
        samples,
        case.contract,
        {class_id: n for n, class_id in enumerate(c for c in classes if c)},
        {domain_id: n for n, domain_id in enumerate(domains)},
    )
    while True:
        try:
            next(preparing)
        except StopIteration as done:
            images: SiteImages = done.value
            return images


@dataclass
class Measured:
    """Seconds of the epochs of one loop, and of all their steps."""

    epochs: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)


def interleaved(loops: Mapping[str, Epoch]) -> dict[str, Measured]:
    """Time each in turn, so that whatever else the machine does falls on all alike."""
    measured = {name: Measured() for name in loops}
    for repeat in range(WARM_UP + REPEAT_COUNT):
        for name, epoch in loops.items():
            begun = time.perf_counter()
            steps = epoch()
            if repeat >= WARM_UP:
                measured[name].epochs.append(time.perf_counter() - begun)
                measured[name].steps += steps
    return measured


def figures_of(home: Home, case: Case) -> dict[str, Any]:
    """Measure the plain supervised preset, which does the peer's work, and the whole method."""
    measured = interleaved(
        {
            "bare": bare_epochs(home, case),
            "supervised": our_epochs(home, case, "fedavg"),
            "whole_method": our_epochs(home, case, "siteblind"),
        }
    )
    bare = measured["bare"]
    supervised, whole = measured["supervised"], measured["whole_method"]
    return {
        "size_px": case.size_px,
        "device": describe_device(choose_device(case.device)),
        "steps_per_epoch": len(bare.steps) // REPEAT_COUNT,
        "ratio_to_bare_loop": round(median(bare.epochs) / median(supervised.epochs), 3),
        "ratio_of_steps": round(median(bare.steps) / median(supervised.steps), 3),
        "ratio_of_the_whole_method": round(median(bare.epochs) / median(whole.epochs), 3),
        **{f"{name}_s": round(median(m.epochs), 3) for name, m in measured.items()},
        "bare_quartiles_s": [round(q, 3) for q in quantiles(bare.epochs, n=4)],
        "supervised_quartiles_s": [round(q, 3) for q in quantiles(supervised.epochs, n=4)],
    }


def settings() -> dict[str, Any]:
    return {
        "at_least": AT_LEAST,
        "batch_size": Method().batch_size,
        "labelled_image_count": 2 * IMAGES_PER_CLASS,
        "thread_count": torch.get_num_threads(),
        "repeat_count": REPEAT_COUNT,
    }


def test_epoch_throughput(benchmark: Any, home: Home) -> None:
    figures: dict[str, Any] = {}

    def measure() -> None:
        figures.update({case.extractor: figures_of(home, case) for case in CASES})

    benchmark.pedantic(measure, rounds=1)
    # The worst of them speaks for all.
    worst = min(figure["ratio_to_bare_loop"] for figure in figures.values())
    write_figures("epoch_throughput", {"ratio_to_bare_loop": worst, **settings(), **figures})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")
def test_epoch_throughput_on_a_graphics_card(benchmark: Any, home: Home) -> None:
    figures: dict[str, Any] = {}

    def measure() -> None:
        figures.update(figures_of(home, ON_A_CARD))
        epoch = our_epochs(home, ON_A_CARD, "siteblind")
        epoch()  # reads the images
        figures["busy_share"] = busy_share(epoch)

    benchmark.pedantic(measure, rounds=1)
    write_figures(
        "epoch_throughput_cuda", {"extractor": ON_A_CARD.extractor, **settings(), **figures}
    )


def busy_share(epoch: Epoch) -> float:
    """Return the share of the time in which the card computed anything, as its driver says."""
    question = ("--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--loop-ms=100")
    with subprocess.Popen(("nvidia-smi", *question), stdout=subprocess.PIPE, text=True) as asked:
        for _ in range(REPEAT_COUNT):
            epoch()
        asked.terminate()
        said, _ = asked.communicate()
    return round(mean(int(line) for line in said.split()) / 100, 3)
