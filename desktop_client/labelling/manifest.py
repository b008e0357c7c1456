"""What lies beside exported copies: a table of them, and what was done to them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final

from desktop_client.imaging.deidentify.policy import Policy
from desktop_client.labelling.label_row import disarm

MANIFEST_COLUMNS: Final = ("file", "frame", "label", "scanner", "patient")

_PHOTOS: Final = (
    "PNG, JPEG and TIFF: everything but the pixels was dropped: EXIF, XMP, comments, colour "
    "profiles, previews. Only how the image is to be turned is still said."
)
_DICOM: Final = (
    "DICOM: the Basic Application Level Confidentiality Profile of DICOM PS3.15, Annex E, was "
    "applied, nested sequences included. Private elements, overlays and curves were dropped. "
    "Identifiers (UIDs) were replaced consistently, so that what belonged together still does."
)
_DATES: Final = {
    "shift": "Dates were moved by a number of days of each patient's own; intervals are true, days "
    "of the week and seasons are not. Times of day are true.",
    "remove": "Dates and times were removed.",
}
_SCANNERS: Final = {
    True: "Manufacturer, model and software of the scanner are still named in DICOM files; its "
    "serial number, station name and hospital are not.",
    False: "Manufacturer, model and software of the scanner were removed from DICOM files.",
}


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One image of an export; only pseudonyms."""

    file: str
    frame: int
    label: str
    """Empty where nobody judged the image."""
    scanner: str
    patient: str


def write_manifest(rows: Iterable[ManifestRow]) -> bytes:
    """Return the table, by names: the order of the originals would tell something of them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(MANIFEST_COLUMNS)
    for row in sorted(rows, key=lambda row: (row.file, row.frame)):
        writer.writerow([disarm(str(value)) for value in astuple(row)])
    return text.getvalue().encode()


def read_me(policy: Policy, copied_count: int) -> bytes:
    """Return the explanation for whoever gets the copies."""
    paragraphs = (
        "Research use only. Not for diagnostic use.",
        f"This folder holds {copied_count} de-identified files that SiteBlind exported. "
        "manifest.csv lists them with frame (from 0), label, and pseudonyms of scanner and "
        "patient. The same patient has the same pseudonym in every export of the same "
        "installation. No table leads from pseudonyms back to patients.",
        _DICOM,
        _DATES[policy.dates],
        _SCANNERS[policy.keeps_scanner_model],
        _PHOTOS,
        "Files in which a name might be written into the pixels were looked at by a person, who "
        "had such areas painted black, or were vouched for. Pixels elsewhere are the original's.",
        "What this cannot do: a face, a tattoo or a rare finding can still tell who somebody is. "
        "Do not try to find out, and pass the files on only under your ethics approval.",
    )
    return ("\n\n".join(paragraphs) + "\n").encode()
