"""Who computes a batch: this process, or several that take a part of it each.

The extractor alone is shared out. Each process computes the features of its part; they meet in the
first process, the leader, which does all else with the whole batch as if it were alone: it trains
both classifiers, picks the targets, and works out the gradient at the features. Each process takes
its part of that back through the extractor, and the sum of what comes out is the gradient of the
whole batch. So nothing needs to be known of how targets or counts fall on the parts.

Loads no ``torch.distributed``: who computes alone does not need it.
"""

import torch
from torch import Tensor

from desktop_client.training.model import SiteBlindModel


class Ranks:
    """One process, which computes the whole batch."""

    def features(self, model: SiteBlindModel, inputs: Tensor, *, is_mixed: bool) -> Tensor:
        """Return ``z [B, F]`` in float32, with a graph where gradients are on."""
        return features_of(model, inputs, is_mixed=is_mixed)

    def follow_back(self, model: SiteBlindModel, z: Tensor, pull: Tensor) -> None:
        """Add the extractor's gradient from that at ``z``, which ``features`` returned last."""
        z.backward(pull)


def features_of(model: SiteBlindModel, inputs: Tensor, *, is_mixed: bool) -> Tensor:
    """Compute ``z [B, F]`` in float32; the extractor computes in bfloat16 if ``is_mixed``."""
    if not is_mixed:
        return model.features(inputs)
    with torch.autocast(inputs.device.type, dtype=torch.bfloat16):
        return model.features(inputs).float()
