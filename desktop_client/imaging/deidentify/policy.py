"""What the person who exports may choose, and who stands behind one image."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms

DateChoice = Literal["shift", "remove"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a copy may still say."""

    dates: DateChoice = "shift"
    """Moved by the same days for all images of a patient, or taken out."""
    keeps_scanner_model: bool = True
    """Whether manufacturer, model and software may stay; never the device's own numbers."""


@dataclass(frozen=True, slots=True)
class Disguise:
    """All that one image's copy is given in place of what it said."""

    policy: Policy
    pseudonyms: Pseudonyms
    patient_group: str
    """The store's group of the patient, from which name and days are drawn."""
    areas: tuple[Area, ...] = ()
    """What is painted black, in pixels of the stored image."""
    is_reviewed: bool = False
    """Whether a person looked at the image and says that no text is left in it."""

    @property
    def patient(self) -> str:
        """The name that stands for the patient."""
        return self.pseudonyms.patient(self.patient_group)

    @property
    def shifted(self) -> Callable[[date], date]:
        """Moves a day of this patient's."""
        return lambda day: self.pseudonyms.shifted(day, self.patient_group)
