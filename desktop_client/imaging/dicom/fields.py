"""What a DICOM header says, line by line in words; serial numbers are left out."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from pydicom import uid
from pydicom.dataset import FileDataset

from desktop_client.imaging.dicom.frames import syntax_of
from desktop_client.imaging.dicom.header import number, numbers, words

Line = tuple[str, str, bool]
"""Name, value, and whether it tells who the patient is."""

_MODALITIES: Final = {
    "CR": "computed radiography",
    "CT": "computed tomography",
    "DX": "digital radiography",
    "ES": "endoscopy",
    "GM": "general microscopy",
    "MG": "mammography",
    "MR": "magnetic resonance",
    "NM": "nuclear medicine",
    "OP": "ophthalmic photography",
    "OT": "other",
    "PT": "positron emission tomography",
    "RF": "fluoroscopy",
    "SC": "secondary capture",
    "SM": "slide microscopy",
    "US": "ultrasound",
    "XA": "X-ray angiography",
    "XC": "external camera",
}
_COLOURS: Final = {
    "MONOCHROME1": "grey, large values are dark",
    "MONOCHROME2": "grey",
    "PALETTE COLOR": "colour, from a palette",
    "RGB": "colour",
}


def _name(text: str) -> str:
    """Write ``Family^Given^^Dr.`` as people do."""
    family, *others = [part.strip() for part in text.split("=")[0].split("^")]
    given = " ".join(part for part in others if part)
    return f"{family}, {given}" if family and given else family or given


def _date(text: str) -> str:
    return re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", text)


def _time(text: str) -> str:
    return re.sub(r"^(\d{2})(\d{2})(\d{2})?.*$", r"\1:\2", text)


def _age(text: str) -> str:
    units = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
    found = re.fullmatch(r"(\d{1,3})([DWMY])", text)
    return f"{int(found[1])} {units[found[2]]}" if found else text


def _modality(text: str) -> str:
    return f"{text} ({_MODALITIES[text]})" if text in _MODALITIES else text


def _in(unit: str) -> Callable[[str], str]:
    def put(text: str) -> str:
        try:
            return f"{float(text):g} {unit}"
        except ValueError:
            return text

    return put


def _as_is(text: str) -> str:
    return text


_ABOUT_PATIENT: Final[tuple[tuple[str, str, Callable[[str], str]], ...]] = (
    ("PatientName", "Patient", _name),
    ("PatientID", "Patient ID", _as_is),
    ("OtherPatientIDs", "Other patient IDs", _as_is),
    ("PatientBirthDate", "Date of birth", _date),
    ("PatientSex", "Sex", _as_is),
    ("PatientAge", "Age", _age),
    ("PatientComments", "Comments on the patient", _as_is),
    ("AccessionNumber", "Accession number", _as_is),
    ("ReferringPhysicianName", "Referring physician", _name),
    ("StudyDescription", "Examination", _as_is),
    ("ImageComments", "Comments", _as_is),
)
_OTHERS: Final[tuple[tuple[str, str, Callable[[str], str]], ...]] = (
    ("Modality", "Modality", _modality),
    ("SeriesDescription", "Series", _as_is),
    ("SeriesNumber", "Series number", _as_is),
    ("InstanceNumber", "Image number", _as_is),
    ("BodyPartExamined", "Body part", _as_is),
    ("ImageLaterality", "Side", _as_is),
    ("ViewPosition", "View", _as_is),
    ("ContentDate", "Date", _date),
    ("ContentTime", "Time", _time),
    ("Manufacturer", "Manufacturer", _as_is),
    ("ManufacturerModelName", "Model", _as_is),
    ("StationName", "Station", _as_is),
    ("InstitutionName", "Institution", _as_is),
    ("SliceThickness", "Slice thickness", _in("mm")),
    ("KVP", "Tube voltage", _in("kV")),
    ("XRayTubeCurrent", "Tube current", _in("mA")),
    ("ExposureTime", "Exposure time", _in("ms")),
    ("ConvolutionKernel", "Kernel", _as_is),
    ("MagneticFieldStrength", "Field strength", _in("T")),
    ("RepetitionTime", "Repetition time", _in("ms")),
    ("EchoTime", "Echo time", _in("ms")),
    ("SequenceName", "Sequence", _as_is),
    ("BurnedInAnnotation", "Text burned into the image", _as_is),
)


def header_lines(header: FileDataset) -> Iterator[Line]:
    """Yield what is said, first what the image is, last what tells of the patient."""
    yield from _pixel_lines(header)
    for is_about_patient, table in ((False, _OTHERS), (True, _ABOUT_PATIENT)):
        for keyword, name, put in table:
            text = words(header, keyword)
            if text:
                yield name, put(text), is_about_patient


def _pixel_lines(header: FileDataset) -> Iterator[Line]:
    columns, rows = number(header, "Columns"), number(header, "Rows")
    if columns and rows:
        yield "Size", f"{columns:.0f} × {rows:.0f} px", False
    frame_count = number(header, "NumberOfFrames") or 1
    if frame_count > 1:
        yield "Frames", f"{frame_count:,.0f}", False
    depth = number(header, "BitsStored")
    if depth:
        photometric = words(header, "PhotometricInterpretation")
        colours = _COLOURS.get(photometric, "colour" if photometric[:3] == "YBR" else photometric)
        yield "Depth", f"{depth:.0f} bits, {colours}", False
    yield "Compression", _compression(header), False
    spacing = numbers(header, "PixelSpacing") or numbers(header, "ImagerPixelSpacing")
    if len(spacing) == 2:
        yield "Pixel spacing", f"{spacing[1]:g} × {spacing[0]:g} mm", False


def _compression(header: FileDataset) -> str:
    syntax = uid.UID(syntax_of(header))
    lossy = words(header, "LossyImageCompression") == "01"
    name = syntax.name if syntax.is_transfer_syntax and syntax.is_compressed else "none"
    return f"{name} (lossy)" if lossy and "ossy" not in name else name
