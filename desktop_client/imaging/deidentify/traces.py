"""What of a patient or a hospital must not be found in a copy, and whether it is."""

import re
from collections.abc import Iterator
from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from desktop_client.imaging.deidentify.datasets import with_items
from desktop_client.imaging.deidentify.rules import names_a_kind

_IDENTIFYING: Final = {
    "PatientID": "the patient's number",
    "OtherPatientIDs": "the patient's number",
    "IssuerOfPatientID": "who gave the patient's number",
    "PatientBirthDate": "the patient's date of birth",
    "PatientAddress": "the patient's address",
    "PatientTelephoneNumbers": "the patient's telephone number",
    "MedicalRecordLocator": "the patient's record",
    "AccessionNumber": "the order's number",
    "AdmissionID": "the admission's number",
    "InstitutionName": "the hospital's name",
    "InstitutionAddress": "the hospital's address",
    "InstitutionalDepartmentName": "the department's name",
    "StationName": "the station's name",
    "DeviceSerialNumber": "the device's number",
}
_TEXT: Final = frozenset({"AE", "LO", "LT", "SH", "ST", "UC", "UR", "UT"})
"""Where words are free; CS holds the standard's own terms, which a name may happen to be."""

_SHORTEST_SURE: Final = 6
"""Bytes; shorter ones would be found by chance among compressed pixels."""
_SHORTEST_WORD: Final = 3


class Traces:
    """The words of one original that its copy must not hold."""

    def __init__(self, original: Dataset) -> None:
        self._kinds: dict[str, str] = {}
        """Each forbidden text, in small letters, and in words what it is."""
        self._raw: dict[bytes, str] = {}
        """The same as the original encodes it, where that is not plain text."""
        self._words: set[str] = set()
        """Any of them names somebody."""
        self._phrases: set[frozenset[str]] = set()
        """All words of one of them together do."""
        for part in (original, getattr(original, "file_meta", None) or Dataset()):
            for element in _elements(part):
                self._note(element)

    def wipe_words(self, copy: Dataset) -> None:
        """Take out free texts that name the patient in passing, for example a comment.

        The standard's table has no say about these attributes, and no human would look there.
        """
        for dataset in with_items(copy):
            for tag in list(dataset.keys()):
                element = dataset[tag]
                if element.VR in _TEXT and self._is_named_in(str(element.value)):
                    del dataset[tag]
                elif element.VR == "IS" and str(element.value) in self._kinds:
                    element.value = None  # a series counted by the patient's number

    def found_in(self, content: bytes) -> str | None:
        """Say which kind of text is still somewhere in a file's bytes, or None."""
        lowered = content.lower()
        for text, kind in self._kinds.items():
            if text.encode(errors="replace") in lowered:
                return kind
        return next((kind for raw, kind in self._raw.items() if raw.lower() in lowered), None)

    def _is_named_in(self, text: str) -> bool:
        words = _words_in(text, shortest=1)
        return bool(self._words & words) or any(phrase <= words for phrase in self._phrases)

    def _note(self, element: DataElement) -> None:
        values = element.value if element.VM > 1 else [element.value]
        kind = _IDENTIFYING.get(element.keyword)
        for value in values:
            if element.VR == "PN":
                self._note_name(value)
            elif element.VR == "UI":
                if not names_a_kind(element.keyword, str(value)):
                    self._forbid(str(value), "an identifier of the original")
            elif kind is not None:
                self._forbid(str(value), kind)
                if phrase := frozenset(_words_in(str(value))):
                    self._phrases.add(phrase)

    def _note_name(self, name: object) -> None:
        self._forbid(str(name), "a person's name")
        self._words |= _words_in(str(name))
        for group in str(name).split("="):
            words = frozenset(_words_in(group, shortest=1))
            if len(words) > 1:  # a short one alone may be any word
                self._phrases.add(words)
            self._forbid(group, "a person's name")
            self._forbid(" ".join(group.replace("^", " ").split()), "a person's name")
        if isinstance(name, PersonName):
            for raw in bytes(name.original_string or b"").split(b"="):
                if len(raw) >= _SHORTEST_SURE:
                    self._raw[raw] = "a person's name"

    def _forbid(self, text: str, kind: str) -> None:
        said = text.strip().strip("\0^").lower()
        if len(said.encode(errors="replace")) >= _SHORTEST_SURE:
            self._kinds.setdefault(said, kind)


def _words_in(text: str, shortest: int = _SHORTEST_WORD) -> set[str]:
    """Return the words of a text; by default those that are long enough to mean somebody."""
    words = re.split(r"[\W_]+", text.lower())
    return {word for word in words if len(word) >= shortest}


def _elements(dataset: Dataset) -> Iterator[DataElement]:
    for part in with_items(dataset):
        for element in part:
            if element.VR != "SQ" and element.value is not None:
                yield element
