"""From what somebody opened - folders, files, discs of an archive - to the images to read."""

import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import why_not_opened
from desktop_client.imaging.dicom.directory import files_of_dicomdir, is_dicomdir
from desktop_client.labelling.files import absolute, counting_order, walk

_TELL_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class FilesSeen:
    """So many images were found so far; looking goes on."""

    count: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files to read, each once, and what could not be looked into."""

    paths: list[Path] = field(default_factory=list)
    refusals: list[ImageUnreadableError] = field(default_factory=list)


def gather(opened: Sequence[Path]) -> Generator[FilesSeen, None, Gathered]:
    """Find the images of folders and their subfolders, of DICOMDIRs, and single files.

    Within a folder an image is what is named or begins like one, in the order in which people
    count; what is hidden is passed over, and so is a DICOMDIR, whose files lie there anyway. A
    file opened by itself is taken whatever it is, so that its refusal says why.
    """
    gathered = Gathered()
    told = time.monotonic()
    for path in map(absolute, opened):
        found: list[Path] = []
        for image in _look_into(path, gathered.refusals):
            found.append(image)
            if time.monotonic() - told >= _TELL_S:
                told = time.monotonic()
                yield FilesSeen(len(gathered.paths) + len(found))
        gathered.paths.extend(sorted(found, key=counting_order) if path.is_dir() else found)
    gathered.paths[:] = dict.fromkeys(gathered.paths)
    return gathered


def _look_into(path: Path, refusals: list[ImageUnreadableError]) -> Iterable[Path]:
    try:
        if path.is_dir():
            return walk(path, refusals)
        return files_of_dicomdir(path) if is_dicomdir(path) else (path,)
    except ImageUnreadableError as refusal:
        refusals.append(refusal)
    except OSError as error:
        refusals.append(ImageUnreadableError(path, why_not_opened(error)))
    return ()
