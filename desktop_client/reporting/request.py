"""What to report on and where to: plain values that can be sent to the compute process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.training.request import DeviceChoice

CARD_SUFFIX: Final = ".card.md"
USUAL_SENSITIVITY: Final = 0.9


@dataclass(frozen=True)
class ReportRequest:
    """Write a report on a model; carried out by ``reporting.writing:write_report``."""

    model_path: Path
    output_path: Path
    """Its suffix says which format: ``.pdf``, ``.html`` or ``.htm``."""
    home_path: Path
    wanted_sensitivity: float = USUAL_SENSITIVITY
    has_pictures: bool = False
    """Whether images are in it: patient data."""
    device: DeviceChoice = "automatic"


@dataclass(frozen=True)
class CardRequest:
    """Write a model card; carried out by ``reporting.writing:write_card``."""

    model_path: Path
    output_path: Path
    home_path: Path


@dataclass(frozen=True, slots=True)
class ReportAdvanced:
    """So many parts of a report are there."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class ReportWritten:
    """The file is there."""

    path: Path
    picture_count: int = 0
    """Images in it; with any, it is patient data."""


@dataclass(frozen=True, slots=True)
class CardWritten:
    """The card of a model lies beside it."""

    path: Path


def card_path_of(model_path: Path) -> Path:
    """Return where the card of a model lies."""
    return model_path.with_suffix(CARD_SUFFIX)
