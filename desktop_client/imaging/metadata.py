"""What a file says about its image, in words for a person; nothing is kept of it here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetadataField:
    """One line of what a file says."""

    name: str
    """In words, for example ``"Manufacturer"``."""
    value: str
    is_about_patient: bool = False
    """Whether it tells who the patient is; hidden until somebody asks to see it."""
