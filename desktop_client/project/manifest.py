"""The list that lies in every back-up: what is in it, with the size and digest of each file."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desktop_client.errors import BackupError

MANIFEST_NAME: Final = "manifest.json"
LABELS_NAME: Final = "labels.sqlite"
FOLDERS: Final = ("models", "studies")
"""Besides the labels, the folders of a project that are backed up."""
LARGEST_MANIFEST_BYTES: Final = 16_000_000

_FORBIDDEN: Final = frozenset('\\:*?"<>|')
"""None of these may be in a file name on Windows; two of them would lead elsewhere."""


class BackedUpFile(BaseModel):
    """One file in a back-up."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a back-up says of itself."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    program: str
    created: datetime
    project: str
    image_count: int = Field(ge=0)
    labelled_count: int = Field(ge=0)
    files: tuple[BackedUpFile, ...]

    @property
    def size(self) -> int:
        """How many bytes the files take."""
        return sum(file.size for file in self.files)


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest; its names lead nowhere but into a project.

    Raises:
        BackupError: if it is damaged, of a newer program, or names what is no part of a project.
    """
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise BackupError(
            "The back-up's list of files is damaged or was written by a newer SiteBlind. Nothing "
            "was changed."
        ) from error
    names = [file.name for file in manifest.files]
    for name in names:
        if not is_safe_name(name):
            raise BackupError(
                f"The back-up contains {name!r}, which is no part of a project. Nothing was "
                "changed; do not trust this file."
            )
    if LABELS_NAME not in names or len({name.casefold() for name in names}) != len(names):
        raise BackupError("The back-up has no labels, or lists a file twice. Nothing was changed.")
    return manifest


def is_safe_name(name: str) -> bool:
    """Return whether a name is that of the labels or of a file in a backed-up folder."""
    if name == LABELS_NAME:
        return True
    path = PurePosixPath(name)
    return (
        len(path.parts) > 1
        and path.parts[0] in FOLDERS
        and path.as_posix() == name
        and not any(
            part == ".."
            or part != part.strip(" .")
            or _FORBIDDEN & set(part)
            or not part.isprintable()
            for part in path.parts
        )
    )
