"""What the core says of files, in the language of the window.

The core knows no Qt and says everything in English; what it says in fixed words is listed here.
What is not listed, for example because a number stands in it, stays in English.
"""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

REASONS: Final = (
    QT_TRANSLATE_NOOP("files", "it is damaged or cut off"),
    QT_TRANSLATE_NOOP("files", "it is cut off: part of its pixels is missing"),
    QT_TRANSLATE_NOOP("files", "it is too large for this computer's memory"),
    QT_TRANSLATE_NOOP("files", "it has more pixels than any camera we know gives"),
    QT_TRANSLATE_NOOP("files", "it is stored in printing colours; save it as RGB"),
    QT_TRANSLATE_NOOP("files", "it is neither PNG nor JPEG nor TIFF"),
    QT_TRANSLATE_NOOP("files", "it is not an image that can be opened"),
    QT_TRANSLATE_NOOP("files", "it is a GIF"),
    QT_TRANSLATE_NOOP("files", "it is a BMP"),
    QT_TRANSLATE_NOOP("files", "it is a WebP image"),
    QT_TRANSLATE_NOOP("files", "it is a HEIC photo"),
    QT_TRANSLATE_NOOP("files", "it is an AVIF image"),
    QT_TRANSLATE_NOOP("files", "it is a JPEG 2000 image"),
    QT_TRANSLATE_NOOP("files", "it is a PDF"),
    QT_TRANSLATE_NOOP("files", "it is a ZIP archive or Office document"),
    QT_TRANSLATE_NOOP("files", "DICOM, PNG, JPEG and TIFF can be opened"),
    QT_TRANSLATE_NOOP("files", "the file is empty"),
    QT_TRANSLATE_NOOP("files", "there is no image in it"),
    QT_TRANSLATE_NOOP("files", "there is no such file"),
    QT_TRANSLATE_NOOP("files", "it is a folder"),
    QT_TRANSLATE_NOOP("files", "you have no permission to read it"),
    QT_TRANSLATE_NOOP("files", "the disk does not answer"),
    QT_TRANSLATE_NOOP("files", "its name is not valid text; rename it"),
    QT_TRANSLATE_NOOP("files", "it is the list of a disc's files (DICOMDIR), not an image"),
    QT_TRANSLATE_NOOP("files", "it is not a list of a disc's files"),
    QT_TRANSLATE_NOOP("files", "it lists files outside of its disc"),
    QT_TRANSLATE_NOOP("files", "it holds a video; save its pictures as single frames"),
    QT_TRANSLATE_NOOP("files", "the picture in it has another size than its header says"),
    QT_TRANSLATE_NOOP("files", "it is another image now than the one that was labelled"),
    QT_TRANSLATE_NOOP("files", "nobody looked whether a name is written into it"),
    QT_TRANSLATE_NOOP("files", "its header says that something is written into it"),
    QT_TRANSLATE_NOOP("files", "ultrasound machines write the name into the image"),
    QT_TRANSLATE_NOOP("files", "it is a picture of a screen or a document"),
    QT_TRANSLATE_NOOP("files", "there seems to be writing at its edge"),
    QT_TRANSLATE_NOOP(
        "files", "an overlay is hidden among its compressed pixels and cannot be taken out"
    ),
    QT_TRANSLATE_NOOP("files", "areas can only be painted in pixels of up to 16 bits"),
    QT_TRANSLATE_NOOP("files", "the copy's pixels are not the original's; it was let go"),
    QT_TRANSLATE_NOOP("files", "its copy did not show the same image"),
)
"""Why a file cannot be opened, or should be looked at before it is passed on."""

WINDOWS: Final = (
    QT_TRANSLATE_NOOP("files", "Full range"),
    QT_TRANSLATE_NOOP("files", "Automatic"),
    QT_TRANSLATE_NOOP("files", "CT soft tissue"),
    QT_TRANSLATE_NOOP("files", "CT lung"),
    QT_TRANSLATE_NOOP("files", "CT bone"),
    QT_TRANSLATE_NOOP("files", "CT brain"),
    QT_TRANSLATE_NOOP("files", "From the file"),
)
"""Names of windows to see an image through."""

HEADINGS: Final = (
    QT_TRANSLATE_NOOP("files", "Size"),
    QT_TRANSLATE_NOOP("files", "Depth"),
    QT_TRANSLATE_NOOP("files", "Format"),
    QT_TRANSLATE_NOOP("files", "Frames"),
    QT_TRANSLATE_NOOP("files", "Compression"),
    QT_TRANSLATE_NOOP("files", "Pixel spacing"),
    QT_TRANSLATE_NOOP("files", "Modality"),
    QT_TRANSLATE_NOOP("files", "Series"),
    QT_TRANSLATE_NOOP("files", "Series number"),
    QT_TRANSLATE_NOOP("files", "Image number"),
    QT_TRANSLATE_NOOP("files", "Body part"),
    QT_TRANSLATE_NOOP("files", "Side"),
    QT_TRANSLATE_NOOP("files", "View"),
    QT_TRANSLATE_NOOP("files", "Date"),
    QT_TRANSLATE_NOOP("files", "Time"),
    QT_TRANSLATE_NOOP("files", "Manufacturer"),
    QT_TRANSLATE_NOOP("files", "Model"),
    QT_TRANSLATE_NOOP("files", "Station"),
    QT_TRANSLATE_NOOP("files", "Institution"),
    QT_TRANSLATE_NOOP("files", "Slice thickness"),
    QT_TRANSLATE_NOOP("files", "Tube voltage"),
    QT_TRANSLATE_NOOP("files", "Tube current"),
    QT_TRANSLATE_NOOP("files", "Exposure time"),
    QT_TRANSLATE_NOOP("files", "Kernel"),
    QT_TRANSLATE_NOOP("files", "Field strength"),
    QT_TRANSLATE_NOOP("files", "Repetition time"),
    QT_TRANSLATE_NOOP("files", "Echo time"),
    QT_TRANSLATE_NOOP("files", "Sequence"),
    QT_TRANSLATE_NOOP("files", "Text burned into the image"),
    QT_TRANSLATE_NOOP("files", "Patient"),
    QT_TRANSLATE_NOOP("files", "Patient ID"),
    QT_TRANSLATE_NOOP("files", "Other patient IDs"),
    QT_TRANSLATE_NOOP("files", "Date of birth"),
    QT_TRANSLATE_NOOP("files", "Sex"),
    QT_TRANSLATE_NOOP("files", "Age"),
    QT_TRANSLATE_NOOP("files", "Comments on the patient"),
    QT_TRANSLATE_NOOP("files", "Accession number"),
    QT_TRANSLATE_NOOP("files", "Referring physician"),
    QT_TRANSLATE_NOOP("files", "Examination"),
    QT_TRANSLATE_NOOP("files", "Comments"),
    QT_TRANSLATE_NOOP("files", "Comment"),
    QT_TRANSLATE_NOOP("files", "Camera maker"),
    QT_TRANSLATE_NOOP("files", "Camera"),
    QT_TRANSLATE_NOOP("files", "Software"),
    QT_TRANSLATE_NOOP("files", "Description"),
    QT_TRANSLATE_NOOP("files", "Taken by"),
    QT_TRANSLATE_NOOP("files", "Lens"),
    QT_TRANSLATE_NOOP("files", "Sensitivity (ISO)"),
    QT_TRANSLATE_NOOP("files", "Aperture"),
    QT_TRANSLATE_NOOP("files", "Place"),
    QT_TRANSLATE_NOOP("files", "the file says where it was taken"),
    QT_TRANSLATE_NOOP("files", "8 bits"),
    QT_TRANSLATE_NOOP("files", "10 bits"),
    QT_TRANSLATE_NOOP("files", "12 bits"),
    QT_TRANSLATE_NOOP("files", "14 bits"),
    QT_TRANSLATE_NOOP("files", "16 bits"),
    QT_TRANSLATE_NOOP("files", "grey"),
    QT_TRANSLATE_NOOP("files", "colour"),
    QT_TRANSLATE_NOOP("files", "large values are dark"),
    QT_TRANSLATE_NOOP("files", "from a palette"),
    QT_TRANSLATE_NOOP("files", "none"),
)
"""Names and values of what a file says about its image."""


def file_words(words: str) -> str:
    """Return what the core said in the language in use; parts between semicolons on their own."""
    whole = _translated(words)
    return whole if whole != words else "; ".join(map(_translated, words.split("; ")))


def window_name(name: str) -> str:
    """Return the name of a window; those that a file numbers keep their number."""
    words, _, number = name.rpartition(" ")
    return f"{_translated(words)} {number}" if number.isdigit() else _translated(name)


def value_words(value: str) -> str:
    """Return what a file says of its pixels; parts between commas on their own."""
    whole = _translated(value)
    return whole if whole != value else ", ".join(map(_translated, value.split(", ")))


def _translated(words: str) -> str:
    return QCoreApplication.translate("files", words)
