"""Read a DICOM file's elements, and ask them for numbers and words whatever was written there."""

import logging
import math
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pydicom
from pydicom import config
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import InvalidDicomError

from desktop_client.errors import ImageUnreadableError

# pydicom tells developers of every departure from the standard; we say ourselves what is wrong
# with a file, once, to whoever opens it.
config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_DIRECTORY: Final = "1.2.840.10008.1.3.10"


def read_header(path: Path, *, with_pixels: bool = False) -> FileDataset:
    """Read the elements of a DICOM file.

    Raises:
        ImageUnreadableError: if it is none.
        Exception: whatever pydicom raises at damaged data.
    """
    try:
        header = pydicom.dcmread(path, force=True, stop_before_pixels=not with_pixels)
    except InvalidDicomError as error:
        raise ImageUnreadableError(path, "it is not an image that can be opened") from error
    if not len(header) and not hasattr(header, "file_meta"):
        raise ImageUnreadableError(path, "it is not an image that can be opened")
    return header


def is_directory(header: FileDataset) -> bool:
    """Tell the list of files on a disc that is called DICOMDIR."""
    meta = getattr(header, "file_meta", {})
    return str(meta.get("MediaStorageSOPClassUID", "")) == _DIRECTORY


def value_of(header: Dataset, keyword: str) -> Any:  # noqa: ANN401  any of DICOM's kinds
    """Return an element's value; None where it is absent, empty or cannot be understood."""
    try:
        value = header.get(keyword)
    except Exception:  # noqa: BLE001  pydicom raises whatever a damaged value leads it to
        return None
    return None if value is None or value == "" else value


def words(header: Dataset, keyword: str) -> str:
    """Return an element as text without blanks around it; several values with commas between."""
    value = value_of(header, keyword)
    if value is None:
        return ""
    parts = value if isinstance(value, list | tuple | pydicom.multival.MultiValue) else [value]
    readable = (re.sub(r"[\0-\x1f\x7f]+", " ", str(part)).strip() for part in parts)
    return ", ".join(part for part in readable if part)


def numbers(header: Dataset, keyword: str) -> list[float]:
    """Return an element's values that are finite numbers; none where there are none."""
    value = value_of(header, keyword)
    parts = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    return [number for number in map(_number, parts) if number is not None]


def number(header: Dataset, keyword: str) -> float | None:
    """Return an element's first number, or None."""
    return next(iter(numbers(header, keyword)), None)


def items(header: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none where it is absent or is no sequence."""
    value = value_of(header, keyword)
    return list(value) if isinstance(value, pydicom.Sequence) else []


def _number(value: object) -> float | None:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
