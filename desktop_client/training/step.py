"""One training step of the method, S201 to S214, with every choice read from the study."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import SGD

from coordinator.study import Method
from desktop_client.errors import TrainingDivergedError
from desktop_client.training import targets
from desktop_client.training.model import UNLABELLED, SiteBlindModel
from desktop_client.training.moments import MomentsSampler
from desktop_client.training.ranks import Ranks
from desktop_client.training.sharpness import at_the_worst_nearby

SELECT_FIRST_BELOW: Final = 0.45
"""Share of targets below which they are selected first; measured by the benchmark step_cost."""


@dataclass(frozen=True)
class Batch:
    """Inputs of the trained stages ``[B, ...]``, lesion labels ``[B]``, domain labels ``[B]``."""

    inputs: Tensor
    lesion_labels: Tensor
    domain_labels: Tensor


@dataclass(frozen=True)
class OtherDomains:
    """What a site knows of domains that it holds no image of.

    ``known_domains [G, capacity]`` bool: the possible answers of each domain classifier, of which
    there is one, or one per lesion class.
    """

    known_domains: Tensor
    sampler: MomentsSampler
    generator: torch.Generator


@dataclass(frozen=True)
class Optimizers:
    """One optimizer per parameter group, so that training one part never moves another."""

    feature_extractor: SGD
    lesion_classifier: SGD
    domain_classifier: SGD

    @classmethod
    def for_model(cls, model: SiteBlindModel, method: Method) -> "Optimizers":
        """Begin anew for each part of the model."""

        def sgd(part: nn.Module) -> SGD:
            return SGD(
                [p for p in part.parameters() if p.requires_grad],
                lr=method.learning_rate,
                momentum=method.momentum,
                weight_decay=method.weight_decay,
                nesterov=method.momentum > 0,
                fused=True,  # one pass over the parameters, not six: 3 % of a ResNet-18's step
            )

        return cls(
            sgd(model.feature_extractor), sgd(model.lesion_classifier), sgd(model.domain_classifier)
        )


@dataclass(frozen=True)
class StepMeasures:
    """What a step saw before it changed anything; shares are of the batch, 0 to 1."""

    lesion_loss: float
    domain_loss: float
    confusion_loss: float
    lesion_accuracy: float
    domain_accuracy: float
    first_target_share: float
    second_target_share: float


@dataclass(frozen=True)
class _Aim:
    """A loss of the extractor and the samples it comes from, ``[B]`` bool."""

    loss: Tensor
    mask: Tensor


_Aiming = Callable[[Tensor, Batch], _Aim]


@dataclass
class TargetShare:
    """Share of recent batches that trained the extractor, 0 to 1; all, until one has been seen."""

    recent: float = 1.0

    def note(self, share: float) -> None:
        """Take a batch's share into account, as much as all before it."""
        self.recent = (self.recent + share) / 2


@dataclass(frozen=True)
class TrainingStep:
    """The step of the method for one model.

    Args:
        model: In training mode, on the device of the batches.
        optimizers: Of this model.
        method: Every choice of the step.
        others: What is known of other domains.
        target_share: How many samples have lately been targets.
        anchors: Where ``proximal_weight`` pulls parameters back to; others are free.
        is_mixed: Whether the extractor computes in bfloat16. Its range is that of float32, so that
            gradients need no scaling; parameters, losses and both classifiers stay float32.
        ranks: Who computes the features and the extractor's gradient.
    """

    model: SiteBlindModel
    optimizers: Optimizers
    method: Method
    others: OtherDomains
    target_share: TargetShare = field(default_factory=TargetShare)
    anchors: Mapping[Tensor, Tensor] = field(default_factory=dict)
    is_mixed: bool = False
    ranks: Ranks = field(default_factory=Ranks)

    def __call__(self, batch: Batch, adversarial_weight: float) -> StepMeasures:
        """Train both classifiers on the features, then the extractor against them.

        S201-S202 features; S203 lesion classifier; S204 domain classifier; S205-S209 first
        targets; S210-S214 second targets.

        Raises:
            TrainingDivergedError: if a loss is no longer finite; the model is spoilt then.
        """
        with torch.set_grad_enabled(not self._should_select_first()):
            z = self._features(batch.inputs)  # [B, F]
        lesion_loss, lesion_accuracy = self._train_lesion_classifier(z.detach(), batch)
        domain_loss, domain_accuracy = self._train_domain_classifier(z.detach(), batch)
        first, second = self._train_extractor(z, batch, adversarial_weight)
        scalars = (
            lesion_loss,
            domain_loss,
            second.loss,
            lesion_accuracy,
            domain_accuracy,
            first.mask.float().mean(),
            second.mask.float().mean(),
            (first.mask | second.mask).float().mean(),
        )
        # One transfer for all: each would stall a GPU on its own.
        *measured, target_share = torch.stack([s.detach() for s in scalars]).tolist()
        self.target_share.note(target_share)
        measures = StepMeasures(*measured)
        if not math.isfinite(measures.lesion_loss + measures.domain_loss + measures.confusion_loss):
            raise TrainingDivergedError(
                "Training has diverged: the loss is no longer a number. Start again "
                "with another seed; the labels are untouched"
            )
        return measures

    def _features(self, inputs: Tensor) -> Tensor:
        """Return ``z [B, F]`` in float32."""
        return self.ranks.features(self.model, inputs, is_mixed=self.is_mixed)

    def _train_lesion_classifier(self, z: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """S203; returns loss and accuracy before the update."""
        logits = self.model.lesion_classifier(z)
        is_labelled = batch.lesion_labels != UNLABELLED
        loss = targets.lesion_loss(logits, batch.lesion_labels, is_labelled)
        self._descend(self.optimizers.lesion_classifier, loss)
        is_right = (logits.argmax(dim=1) == batch.lesion_labels) & is_labelled
        return loss, is_right.sum() / is_labelled.sum().clamp(min=1)

    def _train_domain_classifier(self, z: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """S204, on own features and draws of other domains; returns loss and own accuracy.

        As many are drawn per other domain as the batch holds per own domain, so that no domain
        is the safe guess. With a classifier per lesion class the same goes for each of them.
        """
        classifier = self.model.domain_classifier
        sampler = self.others.sampler
        count = self._mean_group_size(batch) if len(sampler) else 0
        drawn, groups = sampler.draw(count, self.others.generator)
        drawn_domains = groups // classifier.lesion_count
        drawn_lesions = groups % classifier.lesion_count
        lesions = torch.cat([batch.lesion_labels, drawn_lesions])
        labels = torch.cat([batch.domain_labels, drawn_domains])
        logits = self._domain_logits(classifier(torch.cat([z, drawn])), lesions)
        can_ask = classifier.can_ask(lesions)
        losses = functional.cross_entropy(logits, labels, reduction="none")
        loss = losses.masked_fill(~can_ask, 0.0).sum() / can_ask.sum().clamp(min=1)
        if self.method.domains != "frozen":
            self._descend(self.optimizers.domain_classifier, loss)
        is_right = (logits[: len(z)].argmax(dim=1) == batch.domain_labels) & can_ask[: len(z)]
        return loss, is_right.sum() / can_ask[: len(z)].sum().clamp(min=1)

    def _mean_group_size(self, batch: Batch) -> int:
        """Return how many samples a domain has in a batch, or a lesion class in it, but 1 at least.

        Of samples without a classifier to ask there is nothing to keep the balance with.
        """
        classifier = self.model.domain_classifier
        can_ask = classifier.can_ask(batch.lesion_labels)
        lesions = classifier.groups_of(batch.lesion_labels)
        groups = (batch.domain_labels * classifier.lesion_count + lesions)[can_ask]
        return max(1, len(groups) // max(1, len(groups.unique())))

    def _domain_logits(self, logits: Tensor, lesion_labels: Tensor) -> Tensor:
        """Take each sample's own classifier ``[B, capacity]``; domains it cannot know drop out."""
        classifier = self.model.domain_classifier
        known = self.others.known_domains[classifier.groups_of(lesion_labels)]
        return targets.mask_unknown_domains(classifier.choose(logits, lesion_labels), known)

    def _should_select_first(self) -> bool:
        """Whether running only the targets again costs less than a graph for the whole batch.

        With a graph a step costs a forward and a backward of the batch; without, a forward of the
        batch and both of its targets. The samples must not depend on each other for that.
        """
        return (
            self.method.loops == "shared"
            and self.method.repeat == 1
            and self.model.is_per_sample
            and not self.method.sharpness_radius
            and self.target_share.recent < SELECT_FIRST_BELOW
        )

    def _train_extractor(
        self, z: Tensor, batch: Batch, adversarial_weight: float
    ) -> tuple[_Aim, _Aim]:
        """S205-S214; returns what was aimed at first in each of the two selections.

        ``shared``: both selections in one loop. ``separate``: [0105] until no first target is
        left, then [0116]. The extractor is not touched while a loop has no target.
        """
        aims: list[tuple[_Aiming, float]] = [(self._first_aim, 1.0)]
        if self.method.second != "off":
            aims.append((self._second_aim, adversarial_weight))
        loops = (aims,) if self.method.loops == "shared" else tuple([aim] for aim in aims)
        seen: list[_Aim] = []
        is_current = True  # z belongs to the extractor as it is now
        for loop in loops:
            for repetition in range(self.method.repeat):
                if not is_current:
                    z = self._features(batch.inputs)
                    is_current = True
                leaf = z.detach().requires_grad_()
                aimed = [aim(leaf, batch) for aim, _ in loop]
                if repetition == 0:
                    seen += aimed
                if not any(bool(aim.mask.any()) for aim in aimed):
                    break
                self._follow(z, self._pull(leaf, aimed, [w for _, w in loop]), batch)
                if self.method.sharpness_radius:
                    self._look_around(batch, loop)
                self._move(self.optimizers.feature_extractor)
                is_current = False
        first, *others = seen
        return first, others[0] if others else _nothing_aimed_at(z)

    def _pull(self, z: Tensor, aims: Sequence[_Aim], weights: Sequence[float]) -> Tensor:
        """Return the gradient at the features ``[B, F]``; 0 in samples that are no target."""
        pulls = [torch.autograd.grad(aim.loss, z)[0] for aim in aims]
        if self.method.adversarial_scale == "gradient" and len(pulls) == 2:
            first, second = pulls
            pulls = [first, second * (first.norm() / second.norm().clamp(min=1e-12))]
        total = torch.zeros_like(z)
        for weight, pull in zip(weights, pulls, strict=True):
            total.add_(pull, alpha=weight)
        return total

    def _follow(self, z: Tensor, pull: Tensor, batch: Batch) -> None:
        """Compute the extractor's gradient from that at its features.

        The losses depend on the extractor through z alone. If z has no graph, only the samples
        that pull at all go through the extractor once more: the others' share is zero.
        """
        self.optimizers.feature_extractor.zero_grad(set_to_none=True)
        if not z.requires_grad:
            is_pulled = pull.any(dim=1)
            if not bool(is_pulled.any()):
                return
            z, pull = self._features(batch.inputs[is_pulled]), pull[is_pulled]
        self.ranks.follow_back(self.model, z, pull)

    def _look_around(self, batch: Batch, loop: Sequence[tuple[_Aiming, float]]) -> None:
        """Replace the extractor's gradient by that at the worst parameters nearby."""
        (group,) = self.optimizers.feature_extractor.param_groups
        with at_the_worst_nearby(group["params"], self.method.sharpness_radius):
            z = self._features(batch.inputs)
            leaf = z.detach().requires_grad_()
            aimed = [aim(leaf, batch) for aim, _ in loop]
            self._follow(z, self._pull(leaf, aimed, [w for _, w in loop]), batch)

    def _first_aim(self, z: Tensor, batch: Batch) -> _Aim:
        logits = _read_only(self.model.lesion_classifier, z)
        mask = targets.first_targets(
            logits, batch.lesion_labels, self.method.first, self.method.margin
        )
        return _Aim(targets.lesion_loss(logits, batch.lesion_labels, mask), mask)

    def _second_aim(self, z: Tensor, batch: Batch) -> _Aim:
        classifier = self.model.domain_classifier
        logits = self._domain_logits(_read_only(classifier, z), batch.lesion_labels)
        mask = targets.second_targets(logits, batch.domain_labels, self.method.second)
        mask = mask & classifier.can_ask(batch.lesion_labels)
        loss = targets.confusion_loss(logits, batch.domain_labels, mask, self.method.target)
        return _Aim(loss, mask)

    def _descend(self, optimizer: SGD, loss: Tensor) -> None:
        """Take one step down the loss with one optimizer."""
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._move(optimizer)

    def _move(self, optimizer: SGD) -> None:
        """Take one step along the gradients that are there, clipped.

        Source:
            Pascanu et al. 2013, https://arxiv.org/abs/1211.5063, algorithm 1, for the clipping; Li
            et al. 2020, https://arxiv.org/abs/1812.06127, equation 2, for the proximal pull.
        """
        (group,) = optimizer.param_groups
        for parameter in group["params"]:
            if parameter in self.anchors and parameter.grad is not None:
                away = parameter.detach() - self.anchors[parameter]
                parameter.grad.add_(away, alpha=self.method.proximal_weight)
        nn.utils.clip_grad_norm_(group["params"], self.method.gradient_clip)
        optimizer.step()


def anchors_of(model: SiteBlindModel) -> dict[Tensor, Tensor]:
    """Remember where extractor and lesion classifier are now, by parameter.

    The domain classifier stays free: it is averaged over domains, not pulled to one site's past.
    """
    parts = (model.feature_extractor, model.lesion_classifier)
    return {p: p.detach().clone() for part in parts for p in part.parameters()}


def adversarial_schedule(weight: float, progress: float) -> float:
    """Raise the adversary's weight from 0 to ``weight`` as ``progress`` goes from 0 to 1.

    Source:
        Ganin et al. 2016, https://arxiv.org/abs/1505.07818, section 5.2.2.
    """
    return weight * (2 / (1 + math.exp(-10 * progress)) - 1)


def _nothing_aimed_at(z: Tensor) -> _Aim:
    return _Aim(z.new_zeros(()), torch.zeros(len(z), dtype=torch.bool, device=z.device))


def _read_only(classifier: nn.Linear, z: Tensor) -> Tensor:
    """Classify so that gradients reach the features and not the classifier."""
    return functional.linear(z, classifier.weight.detach(), classifier.bias.detach())
