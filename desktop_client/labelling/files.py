"""From files to image records in parallel; the store is not touched here."""

import os
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_frames, has_image_content, why_not_opened
from desktop_client.imaging.dicom.directory import USUAL_NAME
from desktop_client.labelling.identity import ImageRecord, digest_file, record_of

IMAGE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic"}
    | {".dcm", ".dicom"}
)
"""Names that promise an image; what then is none is listed as refused, not passed over."""

_QUEUE_PER_WORKER: Final = 4


@dataclass(frozen=True, slots=True)
class FileToImport:
    """A file, and what is said about it beside its pixels; None where nothing is said."""

    path: Path
    lesion: str | None = None
    domain: str | None = None
    patient: str | None = None
    row_number: int | None = None
    """Its row in the table that names it, as a spreadsheet counts."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file is known to be unchanged without reading it."""

    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What was in a file when it was last read."""

    digest: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class FileRead:
    """What is in a file; no records if its bytes are known to the store already."""

    digest: str
    records: tuple[ImageRecord, ...]
    stamp: Stamp


def absolute(path: Path) -> Path:
    """Make a path absolute and free of ``..``; links keep the name that people know them by."""
    return Path(os.path.abspath(path))  # noqa: PTH100  Path.absolute keeps ".."


def refusal_of(file: FileToImport, reason: str) -> ImageUnreadableError:
    """Return the refusal of a file, with the row of the table that names it."""
    row = "" if file.row_number is None else f"row {file.row_number}: "
    # A name that is no text could be neither shown nor logged.
    readable = str(file.path).encode(errors="replace").decode()
    return ImageUnreadableError(Path(readable), row + reason)


def find_images(folder: Path) -> tuple[list[Path], list[ImageUnreadableError]]:
    """List the images of a folder and its subfolders, and the folders that cannot be read.

    In the order in which people count: ``2.png`` before ``10.png``.
    """
    refusals: list[ImageUnreadableError] = []
    return sorted(walk(folder, refusals), key=counting_order), refusals


def walk(folder: Path, refusals: list[ImageUnreadableError]) -> Generator[Path]:
    """Yield the images beneath a folder as they are met; add the folders that cannot be read.

    An image is what is named or begins like one. What is hidden is passed over, and so is a
    DICOMDIR: the files that it lists lie there, too.
    """

    def refuse(error: OSError) -> None:
        place = Path(error.filename or folder)
        refusals.append(ImageUnreadableError(place, why_not_opened(error)))

    for parent, folder_names, file_names in os.walk(folder, onerror=refuse):
        folder_names[:] = [name for name in folder_names if not name.startswith(".")]
        for name in file_names:
            is_passed_over = name.startswith(".") or name.upper() == USUAL_NAME
            if not is_passed_over and _is_image(Path(parent, name)):
                yield Path(parent, name)


def counting_order(path: Path) -> list[tuple[str | int, ...]]:
    """Sort by names in which numbers count as such."""
    # Text and numbers alternate, text first, so like is always compared with like.
    return [
        tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name))
        for name in path.parts
    ]


def read_files(
    files: Iterable[FileToImport],
    known_digests: frozenset[str],
    known_files: Mapping[Path, KnownFile] = MappingProxyType({}),
) -> Generator[tuple[FileToImport, FileRead | ImageUnreadableError]]:
    """Read and decode files in a thread pool; yield in the given order.

    Closing the generator drops what was not begun and waits for the few files being decoded.

    Args:
        files: What to read.
        known_digests: Of files that need not be decoded again.
        known_files: Files that need not even be read again while size and time are the same.
    """
    worker_count = max(1, (os.cpu_count() or 2) - 1)
    pool = ThreadPoolExecutor(worker_count, thread_name_prefix="import")
    remaining = iter(files)
    waiting: deque[tuple[FileToImport, Future[FileRead | ImageUnreadableError]]] = deque()

    def read(path: Path) -> FileRead | ImageUnreadableError:
        return _read(path, known_digests, known_files.get(path))

    def submit(files: Iterator[FileToImport]) -> None:
        waiting.extend((file, pool.submit(read, file.path)) for file in files)

    try:
        submit(islice(remaining, worker_count * _QUEUE_PER_WORKER))
        while waiting:
            file, outcome = waiting.popleft()
            yield file, outcome.result()
            submit(islice(remaining, 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _read(
    path: Path, known_digests: frozenset[str], known: KnownFile | None
) -> FileRead | ImageUnreadableError:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return ImageUnreadableError(path, "its name is not valid text; rename it")
    try:
        stamp = stamp_of(path)
        if known is not None and known.stamp == stamp and known.digest in known_digests:
            return FileRead(known.digest, (), stamp)
        digest = digest_file(path)
        if digest in known_digests:
            return FileRead(digest, (), stamp)
        return FileRead(digest, tuple(record_of(image) for image in decode_frames(path)), stamp)
    except ImageUnreadableError as refusal:
        return refusal
    except OSError as error:
        return ImageUnreadableError(path, why_not_opened(error))


def stamp_of(path: Path) -> Stamp:
    """Return a file's size and time.

    Raises:
        OSError: if there is no such file.
    """
    status = path.stat()
    return Stamp(status.st_size, status.st_mtime_ns)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES or has_image_content(path)
