"""The three-part model: feature extractor, lesion classifier, domain classifier."""

from pathlib import Path

import torch
from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.efficientnet import EfficientNetLite0
from desktop_client.training.extractors import build_extractor, load_pretrained, normalisation_of

UNLABELLED = -1
"""Lesion label of an image that nobody has judged."""


class DomainClassifier(nn.Linear):
    """One linear classifier of the domain, or one for each lesion class.

    Args:
        feature_dim: Width of the features.
        capacity: Number of domain indices.
        lesion_count: Lesion classes that have a classifier of their own; 1 for one in all.
    """

    def __init__(self, feature_dim: int, capacity: int, lesion_count: int) -> None:
        super().__init__(feature_dim, lesion_count * capacity)
        self.capacity = capacity
        self.lesion_count = lesion_count

    def groups_of(self, lesion_labels: Tensor) -> Tensor:
        """Return which of the classifiers is asked about a sample: 0, or its lesion label."""
        return lesion_labels.clamp(min=0) if self.lesion_count > 1 else lesion_labels * 0

    def can_ask(self, lesion_labels: Tensor) -> Tensor:
        """Return the samples that there is a classifier for, ``[B]`` bool."""
        is_labelled = lesion_labels != UNLABELLED
        return is_labelled if self.lesion_count > 1 else torch.ones_like(is_labelled)

    def choose(self, logits: Tensor, lesion_labels: Tensor) -> Tensor:
        """Take the logits ``[B, capacity]`` of each sample's own classifier."""
        by_classifier = logits.view(len(logits), self.lesion_count, self.capacity)
        rows = torch.arange(len(logits), device=logits.device)
        return by_classifier[rows, self.groups_of(lesion_labels)]


class SiteBlindModel(nn.Module):
    """Features ``z [B, F]`` from images, and the two linear classifiers that read them.

    Args:
        design: Extractor, feature width and number of domain indices.
        contract: Input size and channels.
        class_count: Number of lesion classes.
    """

    def __init__(self, design: ModelDesign, contract: InputContract, class_count: int) -> None:
        super().__init__()
        self.design, self.contract = design, contract
        self.is_per_sample = normalisation_of(design) != "local"
        """Whether a sample's features are the same whatever else is in its batch."""
        self.feature_extractor = build_extractor(design, contract)
        self.lesion_classifier = nn.Linear(design.feature_dim, class_count)
        self.domain_classifier = DomainClassifier(
            design.feature_dim,
            design.domain_capacity,
            class_count if design.domain_classifier == "per_lesion" else 1,
        )

    @property
    def frozen_stages(self) -> nn.Module | None:
        """The part of the extractor that is never trained, if it has one."""
        network = self.feature_extractor
        return network.frozen if isinstance(network, EfficientNetLite0) else None

    @property
    def trained_stages(self) -> nn.Module:
        """The extractor without its frozen stages."""
        network = self.feature_extractor
        return network.trained if isinstance(network, EfficientNetLite0) else network

    @property
    def trained_parameters(self) -> list[nn.Parameter]:
        """What is trained of the extractor."""
        return [p for p in self.trained_stages.parameters() if p.requires_grad]

    @property
    def trained_state(self) -> list[Tensor]:
        """All that features depend on, in an order that the design alone decides."""
        state = self.trained_stages.state_dict().values()
        return [tensor for tensor in state if tensor.is_floating_point()]

    def features(self, inputs: Tensor) -> Tensor:
        """Return ``z [B, F]`` of what the frozen stages made of images, or of images."""
        z: Tensor = self.trained_stages(inputs)
        return z

    def forward(self, images: Tensor) -> Tensor:
        """Return lesion logits ``[B, K]``; what a finished model is used for."""
        logits: Tensor = self.lesion_classifier(self.feature_extractor(images))
        return logits


def new_model(
    design: ModelDesign, contract: InputContract, class_count: int, seed: int
) -> SiteBlindModel:
    """Build a model whose random parameters depend on ``seed`` only; to be filled by loading."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SiteBlindModel(design, contract, class_count)


def initial_model(
    design: ModelDesign,
    contract: InputContract,
    class_count: int,
    seed: int,
    weights_path: Path | None = None,
) -> SiteBlindModel:
    """Build a model to begin training from: with pretrained weights where its design has any.

    Args:
        design: Of the model.
        contract: Input size and channels.
        class_count: Number of lesion classes.
        seed: Of what is random in it.
        weights_path: Of the weights file that the design asks for, if it does.

    Raises:
        PretrainedWeightsError: if they are missing, damaged or of another network.
    """
    model = new_model(design, contract, class_count, seed)
    load_pretrained(model.feature_extractor, design, weights_path)
    return model
