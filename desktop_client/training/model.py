"""The three-part model: feature extractor, lesion classifier, domain classifier."""

import torch
from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.extractors import EXTRACTORS, build_extractor

UNLABELLED = -1
"""Lesion label of an image that nobody has judged."""


class SiteBlindModel(nn.Module):
    """Features ``z [B, F]`` from images, and the two linear classifiers that read them.

    Args:
        design: Extractor, feature width and number of domain indices.
        contract: Input size and channels.
        class_count: Number of lesion classes.
    """

    def __init__(self, design: ModelDesign, contract: InputContract, class_count: int) -> None:
        super().__init__()
        self.is_per_sample = EXTRACTORS[design.extractor].normalisation != "local"
        """Whether a sample's features are the same whatever else is in its batch."""
        self.feature_extractor = build_extractor(design, contract)
        self.lesion_classifier = nn.Linear(design.feature_dim, class_count)
        self.domain_classifier = nn.Linear(design.feature_dim, design.domain_capacity)

    def forward(self, images: Tensor) -> Tensor:
        """Return lesion logits ``[B, K]``; what a finished model is used for."""
        logits: Tensor = self.lesion_classifier(self.feature_extractor(images))
        return logits


def new_model(
    design: ModelDesign, contract: InputContract, class_count: int, seed: int
) -> SiteBlindModel:
    """Build a model whose initial parameters depend on ``seed`` only."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SiteBlindModel(design, contract, class_count)
