"""Find the files that a DICOMDIR lists: the table of contents of a disc from an archive."""

from pathlib import Path
from typing import Final

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import refusing_in_words

USUAL_NAME: Final = "DICOMDIR"
_STORAGE_CLASS: Final = b"1.2.840.10008.1.3.10"
_BEGINNING_SIZE: Final = 512


def is_dicomdir(path: Path) -> bool:
    """Tell a DICOMDIR by the first bytes of its content.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        return _STORAGE_CLASS in file.read(_BEGINNING_SIZE)


def files_of_dicomdir(path: Path) -> list[Path]:
    """Return the files that are listed, in their order, whether they are there or not.

    Names are found whatever their capitals: discs write them large, copies often small.

    Raises:
        ImageUnreadableError: if it is no DICOMDIR, or damaged.
    """
    # Only now: it loads pydicom, which the window need not wait for.
    from desktop_client.imaging.dicom.header import is_directory, items, read_header, words

    with refusing_in_words(path):
        header = read_header(path)
        if not is_directory(header):
            raise ImageUnreadableError(path, "it is not a list of a disc's files")
        known: dict[Path, dict[str, str]] = {}
        listed = (words(r, "ReferencedFileID") for r in items(header, "DirectoryRecordSequence"))
        names = [_parts(name) for name in listed if name]
        if any(part == ".." or ":" in part for parts in names for part in parts):
            raise ImageUnreadableError(path, "it lists files outside of its disc")
        return [_locate(path.parent, parts, known) for parts in names]


def _parts(name: str) -> list[str]:
    """Return the folders and the file of a name; programs write the path in one, too."""
    return name.replace(", ", "/").replace("\\", "/").split("/")


def _locate(folder: Path, parts: list[str], known: dict[Path, dict[str, str]]) -> Path:
    place = folder
    for part in parts:
        if place not in known:
            names = [entry.name for entry in place.iterdir()] if place.is_dir() else []
            known[place] = {name.casefold(): name for name in names}
        place = place / known[place].get(part.casefold(), part)
    return place
