"""Which images a person must look at, and what is proposed to be covered."""

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)

from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.burned_in import Suspicion, suspicion_of
from desktop_client.imaging.image import DecodedImage, Pixels
from tests.imaging.deidentify.conftest import a_dataset, as_bytes

PLAIN = DecodedImage(np.full((300, 400), 50, dtype=np.uint8))
SCREEN = "it is a picture of a screen or a document"


def striped() -> Pixels:
    """Return an image that changes along some lines as often as letters make it."""
    pixels = PLAIN.pixels.copy()
    pixels[5:17:2, 40:200:4] = 255
    pixels[5:17:2, 41:200:4] = 255
    return pixels


def suspicion(dataset: FileDataset) -> Suspicion | None:
    return suspicion_of([PLAIN], as_bytes(dataset))


def test_a_ct_without_writing_is_not_suspected() -> None:
    assert suspicion(a_dataset()) is None


@pytest.mark.parametrize("modality", ["US", "IVUS"])
def test_ultrasound_is_suspected_and_its_upper_tenth_proposed(modality: str) -> None:
    dataset = a_dataset()
    dataset.Modality = modality
    found = suspicion(dataset)
    assert found is not None
    assert "ultrasound" in found.reason
    assert found.areas == (Area(0, 0, 400, 30),)


def test_of_ultrasound_all_above_the_picture_is_proposed_where_the_header_tells() -> None:
    dataset = a_dataset()
    dataset.Modality = "US"
    regions = []
    for top in (72, 55):
        region = Dataset()
        region.RegionLocationMinY0 = top
        regions.append(region)
    dataset.SequenceOfUltrasoundRegions = Sequence(regions)
    found = suspicion(dataset)
    assert found is not None
    assert found.areas == (Area(0, 0, 400, 55),)


def test_the_headers_own_word_counts() -> None:
    dataset = a_dataset()
    dataset.BurnedInAnnotation = "YES"
    assert suspicion(dataset) == Suspicion("its header says that something is written into it")
    dataset.Modality, dataset.BurnedInAnnotation = "OT", "NO"
    assert suspicion(dataset) is None


def test_the_headers_no_is_believed_neither_of_ultrasound_nor_against_what_is_seen() -> None:
    dataset = a_dataset()
    dataset.BurnedInAnnotation = "NO"
    seen = suspicion_of([DecodedImage(striped())], as_bytes(dataset))
    assert seen is not None
    assert seen.reason == "there seems to be writing at its edge"
    dataset.Modality = "US"
    found = suspicion(dataset)
    assert found is not None
    assert "ultrasound" in found.reason


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (SecondaryCaptureImageStorage, SCREEN),
        (MultiFrameTrueColorSecondaryCaptureImageStorage, SCREEN),
        (VLPhotographicImageStorage, None),
    ],
)
def test_pictures_of_screens_are_suspected_and_photos_are_not(
    kind: str, reason: str | None
) -> None:
    dataset = a_dataset()
    dataset.SOPClassUID = kind
    found = suspicion(dataset)
    assert (found and found.reason) == reason


def test_a_photo_is_suspected_by_its_pixels_alone() -> None:
    assert suspicion_of([PLAIN], b"\xff\xd8\xff") is None
    found = suspicion_of([DecodedImage(striped())], b"\xff\xd8\xff")
    assert found is not None
    assert found.reason == "there seems to be writing at its edge"
