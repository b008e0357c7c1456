"""The standard's table, carried out on every attribute that it names."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from desktop_client.imaging.deidentify.dicom import dicom_copy
from desktop_client.imaging.deidentify.policy import Disguise, Policy
from desktop_client.imaging.deidentify.rules import Action, action_for, names_a_kind
from tests.imaging.deidentify.conftest import a_dataset, as_bytes, read_back

NAMED = [Tag(*entry) for entry in table.ALL_TAGS if len(entry) == 2]
VALUES = {
    **dict.fromkeys(("LO", "LT", "SH", "ST", "UC", "UT", "UR", "AE", "CS"), "CANARYVALUE"),
    "PN": "CANARYVALUE^X",
    "UI": "1.2.826.0.1.99.123456",
    "AS": "077Y",
    "IS": "77777777",
    "DA": "19450807",
    "DT": "19450807",
    "TM": "235958",
    "DS": "77777777",
    "US": 30_000,
    "FD": 77777777.0,
    "OB": b"CANARYVALUE ",
    "OW": b"CANARYVALUE ",
    "SV": 77777777,
}
"""For each kind of value, one that is easily found again."""
SEEN = ("CANARYVALUE", "1.2.826.0.1.99.123456", "077Y", "77777777", "19450807", "30000")


def with_every_named_attribute() -> FileDataset:
    dataset = a_dataset()
    for tag in NAMED:
        if not dictionary_has_tag(tag) or tag.group < 0x0008:  # commands, file meta, directories
            continue
        vr = dictionary_VR(tag)
        if vr == "SQ":
            item = Dataset()
            item.CodeMeaning = "CANARYVALUE"
            dataset.add_new(tag, "SQ", Sequence([item]))
        elif vr in VALUES:
            dataset.add_new(tag, vr, VALUES[vr])
    return dataset


def test_what_the_table_forgets_of_persons_and_hospitals_is_removed_too(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PatientBirthDateInAlternativeCalendar = "CANARYVALUE"
    dataset.PatientAlternativeCalendar = "BUDDHIST"
    dataset.RetrieveURL = "https://pacs.CANARYVALUE/studies"
    issuer, encrypted = Dataset(), Dataset()
    issuer.LocalNamespaceEntityID, issuer.UniversalEntityID = "CANARYVALUE", "CANARYVALUE"
    issuer.UniversalEntityIDType = "DNS"
    encrypted.EncryptedContentTransferSyntaxUID = "1.2.840.10008.1.2.1"
    encrypted.EncryptedContent = b"CANARYVALUE "
    dataset.IssuerOfAccessionNumberSequence = Sequence([issuer])
    dataset.EncryptedAttributesSequence = Sequence([encrypted])
    assert b"CANARYVALUE" not in dicom_copy(Path("a.dcm"), as_bytes(dataset), disguise)


@pytest.mark.parametrize("dates", ["shift", "remove"])
def test_no_attribute_that_the_table_names_keeps_its_value(
    disguise: Disguise, dates: Literal["shift", "remove"]
) -> None:
    dataset = with_every_named_attribute()
    assert len(dataset) > 500
    made = dicom_copy(
        Path("a.dcm"), as_bytes(dataset), replace(disguise, policy=Policy(dates=dates))
    )
    copy = read_back(made)
    kept = [
        element.keyword
        for element in copy.iterall()
        if element.VR != "SQ" and any(value in str(element.value) for value in SEEN)
    ]
    # Pictures that were made of this one are named by their new identifiers and stay.
    assert set(kept) <= {"CodeMeaning"}
    assert kept.count("CodeMeaning") <= len(table.X_Z_U_STAR_TAGS)


def test_what_decides_the_picture_is_kept() -> None:
    for keyword in ("Rows", "PixelData", "WindowCenter", "PhotometricInterpretation", "Modality"):
        assert action_for(Tag(keyword)) is Action.KEEP


def test_private_elements_overlays_and_curves_go_whatever_they_are() -> None:
    for tag in ((0x0009, 0x0010), (0x6000, 0x0010), (0x601E, 0x3000), (0x5002, 0x0005)):
        assert action_for(Tag(*tag)) is Action.REMOVE


def test_identifiers_of_kinds_tell_nothing_of_a_patient() -> None:
    assert names_a_kind("ReferencedSOPClassUID", "1.3.12.2.1107.5.9.1")  # a vendor's own kind
    assert names_a_kind("SOPInstanceUID", "1.2.840.10008.1.1")
    assert not names_a_kind("SOPInstanceUID", "1.2.840.113619.2.1")


def test_the_table_is_the_standards() -> None:
    # Spot checks against PS3.15, table E.1-1.
    expected = {
        "PatientName": Action.EMPTY,
        "StudyInstanceUID": Action.NEW_UID,
        "PatientAddress": Action.REMOVE,
        "ContentDate": Action.REPLACE,
        "InstitutionName": Action.EMPTY,
    }
    assert {name: action_for(Tag(name)) for name in expected} == expected
    assert all(keyword_for_tag(Tag(name)) for name in expected)
