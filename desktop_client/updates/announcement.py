"""What a hospital's server says about the newest version: a few checked words."""

from datetime import date
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from desktop_client.updates.policy import https_only

LONGEST_TEXT: Final = 300


def _printable(words: str) -> str:
    if not words.isprintable():
        raise ValueError("it has to be one line without control characters")
    return words


class Announcement(BaseModel):
    """The newest version; what else the file may say one day is not looked at."""

    model_config = ConfigDict(frozen=True)

    version: str = Field(pattern=r"^[0-9]{1,5}(\.[0-9]{1,5}){0,3}$")
    date: date
    link: Annotated[str, Field(max_length=500), AfterValidator(https_only)]
    """Where people can read more, and perhaps get it; opened only by a click."""
    text: Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_printable)] = ""
    """What is new, or whom to ask, in the hospital's own words."""

    @property
    def host(self) -> str:
        """Where the link leads."""
        return urlsplit(self.link).hostname or ""

    def is_newer_than(self, version: str) -> bool:
        """Compare with another version number by its leading numbers: 0.10 is newer than 0.9.1."""
        return _numbers(self.version) > _numbers(version)


def _numbers(version: str) -> list[int]:
    numbers = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
