"""A DICOM file that names its patient in every kind of place."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from desktop_client.imaging.deidentify.policy import Disguise, Policy
from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms

CANARIES = (
    *("CANARYNAME", "ADACANARY", "4711canary", "19510203", "canaryhospital", "canarystation"),
    *("canaryserial", "canaryphysician", "canaryaccession", "canaryoperator", "1.2.826.0.1.99"),
    *("canaryprivate", "canarynested", "canarydeep", "canaryoverlay", "canarycurve", "CANARYAE"),
    *("canarypreamble", "canarycomment", "canaryicon", "canarypadding", "カナリア"),
)


def a_dataset() -> FileDataset:
    """Return a CT with canaries in its header, nested and private, and around it."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.99.1")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.SourceApplicationEntityTitle = "CANARYAE"
    meta.ImplementationClassUID = UID("1.2.826.0.1.99.9")
    meta.ImplementationVersionName = "CANARYAE_1"
    preamble = b"canarypreamble".ljust(128, b"\0")
    dataset = FileDataset("", {}, file_meta=meta, preamble=preamble)
    dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.826.0.1.99.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.99.2", "1.2.826.0.1.99.3"
    dataset.FrameOfReferenceUID = "1.2.826.0.1.99.4"
    dataset.PatientName = "CANARYNAME^ADACANARY=カナリア^アダ"
    dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex = "4711canary", "19510203", "F"
    dataset.OtherPatientNames = "CANARYNAME^Born"
    dataset.StudyDate, dataset.SeriesDate = "20260310", "20260312"
    dataset.StudyTime = "101112"
    dataset.AcquisitionDateTime = "20260310101112.500000+0100"
    dataset.Modality = "CT"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Scanco", "Model 5"
    dataset.SoftwareVersions = ["1.2", "B"]
    dataset.DeviceSerialNumber, dataset.StationName = "canaryserial", "canarystation"
    dataset.InstitutionName, dataset.AccessionNumber = "canaryhospital", "canaryaccession"
    dataset.ReferringPhysicianName, dataset.OperatorsName = "canaryphysician", "canaryoperator"
    dataset.ImageComments = "canarycomment"
    dataset.BodyPartExamined = "HEAD"
    dataset.FilterType = "head of 4711canary"  # kept by the standard; here a name in passing
    _nest(dataset)
    _hide(dataset)
    pixels = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
    dataset.set_pixel_data(pixels, "MONOCHROME2", 16, generate_instance_uid=False)
    dataset.WindowCenter, dataset.WindowWidth = 300, 600
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    return dataset


def _nest(dataset: Dataset) -> None:
    deep = Dataset()
    deep.PersonName, deep.TextValue = "canarydeep", "canarydeep"
    deep.UID = "1.2.826.0.1.99.77"
    nested = Dataset()
    nested.ReferencedSOPClassUID = CTImageStorage
    nested.ReferencedSOPInstanceUID = "1.2.826.0.1.99.1"
    nested.PatientComments, nested.ContentSequence = "canarynested", Sequence([deep])
    dataset.ReferencedImageSequence = Sequence([nested])
    requested = Dataset()
    requested.RequestedProcedureID = "canarynested"
    dataset.RequestAttributesSequence = Sequence([requested])
    view = Dataset()  # a sequence that the standard leaves alone
    view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = "R-1", "SRT", "lateral"
    view.add_new((0x0009, 0x0010), "LO", "CANARYCO")
    view.add_new((0x0009, 0x1001), "LO", "canaryprivate")
    view.ReferringPhysicianName = "canarynested"
    dataset.ViewCodeSequence = Sequence([view])


def _hide(dataset: Dataset) -> None:
    dataset.add_new((0x0009, 0x0010), "LO", "CANARYCO")
    dataset.add_new((0x0009, 0x1001), "LO", "canaryprivate")
    dataset.add_new((0x0009, 0x1002), "UN", b"canaryprivate ")
    dataset.add_new((0x6000, 0x0010), "US", 24)
    dataset.add_new((0x6000, 0x1500), "LO", "canaryoverlay")
    dataset.add_new((0x6002, 0x3000), "OW", b"canaryoverlay ")
    dataset.add_new((0x5000, 0x2500), "LO", "canarycurve")
    icon = Dataset()
    icon.PixelData = b"canaryicon"
    icon["PixelData"].VR = "OB"
    dataset.IconImageSequence = Sequence([icon])
    dataset.add_new((0xFFFC, 0xFFFC), "OB", b"canarypadding ")


def as_bytes(dataset: FileDataset) -> bytes:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=False)
    return buffer.getvalue()


def read_back(content: bytes) -> FileDataset:
    return pydicom.dcmread(io.BytesIO(content))


@pytest.fixture
def disguise() -> Disguise:
    return Disguise(Policy(), Pseudonyms(b"k" * 32), "patient group")
