"""The words of labelling: samples, classes and domains as plain, frozen values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

SHOWS_THE_PATIENT: Final = "shows who the patient is"
"""The reason by which an image is never exported."""

DUPLICATE: Final = "duplicate"
"""The reason by which one of two images that look alike is left out."""

EXCLUSION_REASONS: Final = (
    "blurred",
    "lesion not visible",
    "wrong body part",
    "obscured",
    "marked or annotated",
    SHOWS_THE_PATIENT,
    "treated before",
    DUPLICATE,
)
"""What is offered as a reason to exclude an image; anybody may write another."""


@dataclass(frozen=True, slots=True)
class LesionClass:
    """A lesion class of this installation; renaming it changes no label."""

    class_id: UUID
    name: str
    key: str
    """The keyboard key that gives this label, ``"1"`` to ``"9"``, or empty."""
    colour: str
    """``#rrggbb`` from a colour-blind-safe palette; never the only sign of a class."""
    is_archived: bool = False
    """Whether it is no longer offered and no longer trained; images that have it keep it."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Where images were acquired: this site and one of its scanners."""

    domain_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """An image as the store knows it, with its current label."""

    sample_id: str
    """SHA-256 of the decoded pixels, a colon and the frame number (0 for single images)."""
    path: Path
    """Where the file was last seen; the sample stays itself when it moves."""
    frame: int
    width_px: int
    height_px: int
    patient: str
    """Keyed hash of the patient's identifier, or of the sample where none is known."""
    domain_id: UUID
    class_id: UUID | None
    """Current lesion class; None while nobody has judged the image."""
    exclusion: str | None = None
    """Why it must not be trained on, one of ``EXCLUSION_REASONS`` or own words; None if it may."""
    note: str = ""
    """What readers tell each other about it, in their own words."""
    alias: str = ""
    """What it is called where its file's name must not be told; empty elsewhere."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return self.alias or self.path.name
