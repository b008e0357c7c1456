"""Take out of a DICOM header what tells whom it is about, and say in it that this was done."""

from typing import Any, Final

from pydicom.datadict import dictionary_has_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from desktop_client.imaging.deidentify.datasets import with_items
from desktop_client.imaging.deidentify.dates import shift_text
from desktop_client.imaging.deidentify.policy import Disguise
from desktop_client.imaging.deidentify.rules import PROFILE, Action, action_for, names_a_kind

_SCANNER: Final = (
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "SecondaryCaptureDeviceManufacturer",
    "SecondaryCaptureDeviceManufacturerModelName",
    "SecondaryCaptureDeviceSoftwareVersions",
    "DetectorManufacturerName",
    "DetectorManufacturerModelName",
)
_TEMPORAL: Final = frozenset({"DA", "DT", "TM"})
_OF_THE_PATIENT: Final = frozenset({"PatientBirthDate", "PatientBirthTime"})
_NUMBERS: Final = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"})
_DUMMIES: Final = {
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "AS": "000Y",
    "IS": "0",
    "DS": "0",
}
_DUMMY_WORD: Final = "REMOVED"

_BASIC: Final = ("113100", "Basic Application Confidentiality Profile")
_CLEAN_PIXELS: Final = ("113101", "Clean Pixel Data Option")
_SHIFTED_DATES: Final = (
    "113107",
    "Retain Longitudinal Temporal Information Modified Dates Option",
)


def disguise_header(dataset: Dataset, disguise: Disguise) -> None:
    """Carry out the standard's profile on a dataset, in place; ``sign_header`` must follow.

    File meta information and pixels are not looked at.
    """
    _disguise(dataset, disguise)
    if not disguise.policy.keeps_scanner_model:
        for item in with_items(dataset):
            for keyword in _SCANNER:
                if keyword in item:
                    item[keyword].value = None


def sign_header(dataset: Dataset, disguise: Disguise) -> None:
    """Give the patient's pseudonym, and note what was done as the profile wants it.

    Source:
        DICOM PS3.15, section E.1.1, and PS3.16, context group 7050.
    """
    dataset.PatientID = dataset.PatientName = disguise.patient
    is_shifted = disguise.policy.dates == "shift"
    codes = [_BASIC]
    if disguise.areas or disguise.is_reviewed:
        codes.append(_CLEAN_PIXELS)
        dataset.BurnedInAnnotation = "NO"
    if is_shifted:
        codes.append(_SHIFTED_DATES)
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [
        PROFILE,
        "dates shifted, intervals kept" if is_shifted else "dates removed",
        "by SiteBlind",
    ]
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(*code) for code in codes])
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if is_shifted else "REMOVED"


def _disguise(dataset: Dataset, disguise: Disguise) -> None:
    for tag in list(dataset.keys()):
        element = dataset[tag]
        if element.VR == "UN" or not (element.tag.is_private or dictionary_has_tag(tag)):
            del dataset[tag]  # nobody can tell what it says
        elif not _is_kept(element, disguise):
            del dataset[tag]
    # Made anew by whoever reads it; a wrong one would mislead.
    for keyword in ("LengthToEnd", "DigitalSignaturesSequence", "MACParametersSequence"):
        if keyword in dataset:
            delattr(dataset, keyword)


def _is_kept(element: DataElement, disguise: Disguise) -> bool:
    """Change an element in place; return whether it stays at all."""
    action = action_for(element.tag)
    if element.VR in _TEMPORAL and element.keyword not in _OF_THE_PATIENT:
        if disguise.policy.dates == "shift":
            return _shift(element, disguise)
        action = Action.REMOVE if action is Action.KEEP else action
    if action is Action.REMOVE:
        return False
    if action is Action.EMPTY:
        element.value = Sequence() if element.VR == "SQ" else None
    elif action is Action.REPLACE:
        element.value = _dummy(element)
    elif element.VR == "SQ":
        for item in element.value:
            _disguise(item, disguise)
    elif element.VR == "UI":
        element.value = _each(element.value, lambda uid: _new_uid(element, str(uid), disguise))
    elif element.VR == "PN":
        return False  # a person's name that the table forgot
    return True


def _shift(element: DataElement, disguise: Disguise) -> bool:
    """Move a date; a time of day stays, since days are moved as a whole."""
    if element.VR != "TM":
        element.value = _each(element.value, lambda text: shift_text(str(text), disguise.shifted))
    return True


def _new_uid(element: DataElement, uid: str, disguise: Disguise) -> str:
    return uid if names_a_kind(element.keyword, uid) else disguise.pseudonyms.uid(uid.strip())


def _each(value: Any, change: Any) -> Any:  # noqa: ANN401  whatever pydicom holds
    if value is None:
        return None
    if isinstance(value, str):
        return change(value)
    return [change(one) for one in value]


def _dummy(element: DataElement) -> Any:  # noqa: ANN401  whatever pydicom takes
    if element.VR == "SQ":
        return Sequence()
    if element.VR in _NUMBERS:
        return 0
    if element.VR in {"OB", "OW", "OF", "OD", "OL", "OV"}:
        return b"\0\0\0\0\0\0\0\0"
    return _DUMMIES.get(element.VR, _DUMMY_WORD)


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item
