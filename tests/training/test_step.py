"""The training step as a whole: what each part moves, and what it leaves alone."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD

from coordinator.study import Method
from desktop_client.errors import TrainingDivergedError
from desktop_client.training.model import UNLABELLED, SiteBlindModel
from desktop_client.training.step import Batch, Optimizers, TrainingStep, adversarial_schedule
from tests.training.steps import CAPACITY, a_batch, a_model, a_step, copied, is_unchanged


def test_a_step_trains_all_three_parts() -> None:
    model = a_model()
    parts = (model.feature_extractor, model.lesion_classifier, model.domain_classifier)
    before = [copied(part) for part in parts]
    a_step(model)(a_batch(), adversarial_weight=0.1)
    assert not any(is_unchanged(part, old) for part, old in zip(parts, before, strict=True))


@pytest.mark.parametrize("loops", ["shared", "separate"])
def test_without_any_target_the_extractor_is_not_touched(loops: str) -> None:
    model = a_model()
    before = copied(model.feature_extractor)
    nobody_judged = a_batch([UNLABELLED] * 6)
    measures = a_step(model, loops=loops, second="off")(nobody_judged, adversarial_weight=1.0)
    assert is_unchanged(model.feature_extractor, before)
    assert measures.first_target_share == measures.second_target_share == 0.0


def test_unlabelled_images_still_train_the_domain_classifier() -> None:
    model = a_model()
    before = copied(model.domain_classifier)
    a_step(model, second="off")(a_batch([UNLABELLED] * 6), adversarial_weight=1.0)
    assert not is_unchanged(model.domain_classifier, before)


def test_training_the_extractor_alone_leaves_both_classifiers_as_they_are() -> None:
    model = a_model()
    step = a_step(model)
    before = copied(model.lesion_classifier), copied(model.domain_classifier)
    batch = a_batch()
    step._train_extractor(model.feature_extractor(batch.inputs), batch, 1.0)
    assert is_unchanged(model.lesion_classifier, before[0])
    assert is_unchanged(model.domain_classifier, before[1])


def test_training_a_classifier_alone_leaves_the_extractor_as_it_is() -> None:
    model = a_model()
    step = a_step(model)
    before = copied(model.feature_extractor)
    z = model.feature_extractor(a_batch().inputs).detach()
    step._train_lesion_classifier(z, a_batch())
    step._train_domain_classifier(z, a_batch())
    assert is_unchanged(model.feature_extractor, before)


def test_in_mixed_precision_the_extractor_computes_in_bfloat16_and_all_else_stays_float32() -> None:
    model, full = a_model(), a_model()
    seen: list[torch.dtype] = []
    convolution = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
    convolution.register_forward_hook(lambda _m, _i, output: seen.append(output.dtype))
    before = copied(model)
    measures = replace(a_step(model), is_mixed=True)(a_batch(), adversarial_weight=0.1)
    assert set(seen) == {torch.bfloat16}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not is_unchanged(model, before)
    exact = a_step(full)(a_batch(), adversarial_weight=0.1)
    # bfloat16 has 8 bits of mantissa: a relative error of 0.4 % per operation.
    assert measures.lesion_loss == pytest.approx(exact.lesion_loss, rel=0.05)


def test_adversary_off_and_all_samples_is_plain_supervised_training() -> None:
    """The control: one SGD step on cross-entropy, computed here without the step's code."""
    model, plain = a_model(), a_model()
    batch = a_batch()
    settings: dict[str, Any] = {"preset": "fedavg", "learning_rate": 0.1, "gradient_clip": 1e6}
    settings |= {"momentum": 0.0, "weight_decay": 0.0}
    a_step(model, **settings)(batch, adversarial_weight=1.0)

    z = plain.feature_extractor(batch.inputs)
    nn.functional.cross_entropy(plain.lesion_classifier(z.detach()), batch.lesion_labels).backward()
    with torch.no_grad():
        for p in plain.lesion_classifier.parameters():
            assert p.grad is not None
            p.sub_(0.1 * p.grad)
    nn.functional.cross_entropy(plain.lesion_classifier(z), batch.lesion_labels).backward()
    with torch.no_grad():
        for p in plain.feature_extractor.parameters():
            assert p.grad is not None
            p.sub_(0.1 * p.grad)
    for ours, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        if ours.shape[0] != CAPACITY:  # the domain classifier has no counterpart
            torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("extractor", ["small_cnn", "efficientnet_lite0"])
def test_the_optimizers_take_the_steps_of_stochastic_gradient_descent(extractor: str) -> None:
    """Against PyTorch's plain loop; EfficientNet's weights lie in memory in another order."""
    ours, theirs = a_model(extractor=extractor).train(), a_model(extractor=extractor).train()
    method = Method(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
    optimizer = Optimizers.for_model(ours, method).feature_extractor
    trained = [p for p in theirs.feature_extractor.parameters() if p.requires_grad]
    plain = SGD(
        trained, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True, fused=False, foreach=False
    )
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    weights = torch.randn(4, 16, generator=torch.Generator().manual_seed(1))
    for _ in range(3):
        for model, taking in ((ours, optimizer), (theirs, plain)):
            taking.zero_grad()
            (model.feature_extractor(images) * weights).sum().backward()
            taking.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        # Steps of some tenths, rounded in another order three times over.
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


def test_the_proximal_pull_goes_back_to_where_training_began() -> None:
    """Nothing to learn but the pull: each step takes away weight * rate of the distance."""
    model = a_model()
    settings: dict[str, Any] = {"momentum": 0.0, "weight_decay": 0.0, "gradient_clip": 1e6}
    step = a_step(model, second="off", proximal_weight=2.0, learning_rate=0.1, **settings)
    anchor = model.lesion_classifier.bias.detach().clone()
    with torch.no_grad():
        model.lesion_classifier.bias.add_(1.0)
    step(a_batch([UNLABELLED] * 4), adversarial_weight=0.0)
    torch.testing.assert_close(model.lesion_classifier.bias, anchor + (1 - 2.0 * 0.1))


def test_repeated_steps_make_the_lesion_right() -> None:
    model = a_model()
    step, batch = a_step(model, learning_rate=0.05), a_batch()
    for _ in range(60):
        measures = step(batch, adversarial_weight=0.0)
    assert measures.lesion_accuracy == 1.0


def forward_count(model: SiteBlindModel, step: TrainingStep, batch: Batch) -> int:
    """Return how often the extractor is run in one step."""
    calls: list[None] = []
    handle = model.feature_extractor.register_forward_hook(lambda *_: calls.append(None))
    step(batch, adversarial_weight=0.0)
    handle.remove()
    return len(calls)


def test_repetition_stops_when_no_target_is_left() -> None:
    model, batch = a_model(), a_batch()
    learn = a_step(model, learning_rate=0.05)
    for _ in range(60):
        learn(batch, adversarial_weight=0.0)
    literal = a_step(model, first="literal", second="off", loops="separate", repeat=20)
    assert forward_count(model, literal, batch) == 1


def test_repetition_is_bounded_when_targets_remain() -> None:
    """Contradictory labels are never all right: three passes."""
    model, batch = a_model(), a_batch([0, 1])
    same = Batch(batch.inputs[:1].repeat(2, 1, 1, 1), batch.lesion_labels, batch.domain_labels)
    step = a_step(model, first="literal", second="off", loops="separate", repeat=3)
    assert forward_count(model, step, same) == 3


def test_the_shared_loop_runs_the_extractor_once() -> None:
    model = a_model()
    assert forward_count(model, a_step(model), a_batch()) == 1


def test_a_site_of_one_domain_without_moments_gives_its_classifier_one_constant_answer() -> None:
    """Why the published text needs others' moments: nothing to learn, nothing to confuse."""
    measures = a_step(a_model(), known=(0,), domains="local")(a_batch(), adversarial_weight=1.0)
    assert (measures.domain_accuracy, measures.second_target_share) == (1.0, 1.0)
    assert (measures.domain_loss, measures.confusion_loss) == (0.0, 0.0)


def test_a_loss_that_is_no_number_stops_training_with_a_sentence() -> None:
    model = a_model()
    with torch.no_grad():
        model.lesion_classifier.bias.fill_(float("nan"))
    with pytest.raises(TrainingDivergedError, match="another seed"):
        a_step(model)(a_batch(), adversarial_weight=0.1)


@pytest.mark.parametrize(
    ("progress", "share"),
    # Ganin's ramp 2 / (1 + e^(-10 p)) - 1, by hand from e^-1, e^-2.5, e^-5 and e^-10.
    [(0.0, 0.0), (0.1, 0.462117), (0.25, 0.848284), (0.5, 0.986614), (1.0, 0.999909)],
)
def test_the_adversary_rises_from_zero_to_its_full_weight(progress: float, share: float) -> None:
    assert adversarial_schedule(0.5, progress) == pytest.approx(0.5 * share, abs=1e-6)
