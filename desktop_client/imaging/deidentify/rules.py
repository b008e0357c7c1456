"""What the standard has done with each DICOM attribute, as a table of actions by tag.

Source:
    DICOM PS3.15 2026c, table E.1-1, Basic Application Level Confidentiality Profile, as the
    lists that the package ``dicom-anonymizer`` (BSD-3-Clause) generates from it.
"""

from enum import Enum
from functools import cache
from typing import Final

from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag, Tag

PROFILE: Final = "DICOM PS3.15 2026c Annex E Basic Profile"


class Action(Enum):
    """What becomes of an attribute; the letters are the standard's."""

    REMOVE = "X"
    EMPTY = "Z"
    REPLACE = "D"
    NEW_UID = "U"
    KEEP = "K"


_CHOICES: Final = {
    "D_TAGS": Action.REPLACE,
    "Z_TAGS": Action.EMPTY,
    "X_TAGS": Action.REMOVE,
    "U_TAGS": Action.NEW_UID,
    # Where the standard leaves a choice, what no image object needs goes, and what it may need
    # stays without its content.
    "Z_D_TAGS": Action.REPLACE,
    "X_Z_TAGS": Action.EMPTY,
    "X_D_TAGS": Action.REMOVE,
    "X_Z_D_TAGS": Action.EMPTY,
    # References to other images stay, by their new identifiers.
    "X_Z_U_STAR_TAGS": Action.NEW_UID,
}

_DICOM_ROOT: Final = "1.2.840.10008."
"""Identifiers that the standard itself defines name kinds of things."""

_KINDS: Final = frozenset(
    {
        "SOPClassUID",
        "ReferencedSOPClassUID",
        "ReferencedSOPClassUIDInFile",
        "OriginalSpecializedSOPClassUID",
        "RelatedGeneralSOPClassUID",
        "MediaStorageSOPClassUID",
        "ImplementationClassUID",
        "TransferSyntaxUID",
        "CodingSchemeUID",
        "MappingResourceUID",
        "ContextUID",
    }
)
"""Attributes that hold kinds of things, which vendors may define themselves."""

_BEYOND_THE_TABLE: Final = frozenset(
    {
        # dates in words, which no shift reaches
        "PatientBirthDateInAlternativeCalendar",
        "PatientDeathDateInAlternativeCalendar",
        "PatientAlternativeCalendar",
        # the original's attributes, for whoever has the key
        "EncryptedAttributesSequence",
        # which hospital gave out a number
        "LocalNamespaceEntityID",
        "UniversalEntityID",
        "RequestingPhysicianIdentificationSequence",
        "AuthorIdentificationSequence",
        "DocumentAuthorIdentifierCodeSequenceTrial",
        "DocumentingObserverIdentifierCodeSequenceTrial",
        "OwnerID",
        "BreedRegistrationNumber",
        # servers inside of the hospital
        "RetrieveURL",
        "RetrieveURI",
        "StorageURL",
        "PixelDataProviderURL",
        "StoredInstanceBaseURI",
        "FolderAccessURI",
        "FileAccessURI",
        "ContactURI",
        "NTPSourceAddress",
    }
)
"""What the table leaves alone and is removed all the same: it leads to a person or a hospital."""

_OVERLAYS: Final = range(0x6000, 0x6100)
_CURVES: Final = range(0x5000, 0x5100)


def action_for(tag: BaseTag) -> Action:
    """Return what becomes of an attribute of the standard; private ones are always removed.

    Overlays and curves go as a whole: the standard removes only what they show, and the rest of
    them describes nothing then.
    """
    if tag.is_private or tag.group in _OVERLAYS or tag.group in _CURVES:
        return Action.REMOVE
    if keyword_for_tag(tag) in _BEYOND_THE_TABLE:
        return Action.REMOVE
    return _table().get(tag, Action.KEEP)


def names_a_kind(keyword: str, uid: str) -> bool:
    """Tell whether an identifier is the same for everybody, so that it tells nothing of a patient.

    Args:
        keyword: The attribute that holds it.
        uid: The identifier.
    """
    return keyword in _KINDS or not uid.strip() or uid.strip().startswith(_DICOM_ROOT)


@cache
def _table() -> dict[BaseTag, Action]:
    # Loaded when it is first needed: it brings a command line and its progress bars along.
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as lists

    # Entries of four numbers are groups under a mask: the overlays and curves.
    return {
        Tag(*entry): action
        for name, action in _CHOICES.items()
        for entry in getattr(lists, name)
        if len(entry) == 2
    }
