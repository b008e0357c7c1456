"""What a report is about: a model's measures, those of others, and what was asked for."""

from dataclasses import dataclass
from typing import Final

from desktop_client.reporting.document import Picture
from desktop_client.reporting.request import USUAL_SENSITIVITY
from desktop_client.training.quality import QualityReport
from desktop_client.training.record import ModelRecord

NOTICE: Final = "Research use only. Not for diagnostic use."


@dataclass(frozen=True)
class Subject:
    """A model to report on.

    Attributes:
        quality: What was measured of it.
        earlier: Of other models of the site, the newest first.
        wanted_sensitivity: At which a threshold is shown, 0 to 1.
        pictures: Of its surest mistakes, where somebody has asked for them.
    """

    quality: QualityReport
    earlier: tuple[QualityReport, ...] = ()
    wanted_sensitivity: float = USUAL_SENSITIVITY
    pictures: tuple[Picture, ...] = ()

    @property
    def record(self) -> ModelRecord:
        """How the model came to be."""
        return self.quality.record

    @property
    def is_of_study(self) -> bool:
        """Whether several sites have trained it."""
        return self.record.origin == "study"
