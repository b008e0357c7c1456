"""Which images a project's list was narrowed to when it was last looked at.

What was searched for is not kept: it is looked for once, and may be a patient's name.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from desktop_client.labelling.properties import Properties

_FILTERS: Final = "filters"


class Filters(BaseModel):
    """What was chosen; empty where all are shown."""

    model_config = ConfigDict(frozen=True)

    label: str = ""
    """A class by its UUID, or one of the words that the window has for what is no class."""
    scanner: str = ""
    """By its UUID."""


def kept_filters(properties: Properties) -> Filters:
    """Return what was chosen last; nothing where another version wrote something else."""
    try:
        return Filters.model_validate_json(properties.get(_FILTERS) or b"{}")
    except ValidationError:
        return Filters()


def keep_filters(properties: Properties, filters: Filters) -> None:
    """Keep what is chosen, durably.

    Raises:
        LabelStoreError: if the disk refuses.
    """
    if filters != kept_filters(properties):
        properties.put(_FILTERS, filters.model_dump_json().encode())
