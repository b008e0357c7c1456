"""The feature extractors there are, as a person chooses between them; loads no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coordinator.study import ExtractorName

LARGEST_SLOWNESS: Final = 3
"""Of an extractor that trains in reasonable time without a graphics card."""


@dataclass(frozen=True)
class Family:
    """One feature extractor.

    Attributes:
        title: What it is called.
        millions: Of numbers that it learns or begins from.
        slowness: How long a training step takes on a processor, in steps of the small one; of 32
            images of 64 pixels, from scratch.
    """

    title: str
    millions: float
    slowness: float

    @property
    def wants_graphics_card(self) -> bool:
        """Whether it takes much longer than the small one without a graphics card."""
        return self.slowness > LARGEST_SLOWNESS


FAMILIES: Final[dict[str, Family]] = {
    "small_cnn": Family("Small network", 0.2, 1),
    "mobilenet_v3_large": Family("MobileNetV3-Large", 3.0, 2.5),
    "efficientnet_lite0": Family("EfficientNet-Lite0", 3.4, 1.2),
    "efficientnet_b0": Family("EfficientNet-B0", 4.1, 4),
    "resnet18": Family("ResNet-18", 11.2, 5),
    "resnet34": Family("ResNet-34", 21.3, 10),
    "resnet50": Family("ResNet-50", 23.6, 14),
    "convnext_tiny": Family("ConvNeXt-Tiny", 27.9, 16),
}
"""The smallest first, as they are offered."""


def suggested(extractors: Sequence[ExtractorName], *, has_graphics_card: bool) -> ExtractorName:
    """Return what suits a computer: the quickest extractor, or with a graphics card the largest."""
    if has_graphics_card:
        return max(extractors, key=lambda name: FAMILIES[name].millions)
    return min(extractors, key=lambda name: FAMILIES[name].slowness)
