"""Makes the project that browsing is measured on: photographs and CT slices, imported as usual.

Half are JPEGs of 2 megapixels, half DICOM files of 512 x 512 and 16 bit; no two are alike. A
project that is there already is used again.
"""

import shutil
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageFilter
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home

JPEG_SIZE: Final = (1632, 1224)
DICOM_SIDE_PX: Final = 512
LARGE_SIDE_PX: Final = 2048
_CHUNK: Final = 100


def make_project(folder: Path, count: int) -> Home:
    """Return a home with ``count`` images; two processes draw what is not there yet."""
    home, is_whole = Home(folder / "home"), folder / "is-whole"
    if is_whole.exists():
        return home
    shutil.rmtree(folder, ignore_errors=True)
    images = folder / "images"
    images.mkdir(parents=True)
    with ProcessPoolExecutor(2) as pool:
        chunks = [range(n, min(n + _CHUNK, count)) for n in range(0, count, _CHUNK)]
        for _ in pool.map(write_images, chunks, [images] * len(chunks)):
            pass
    for _ in import_folder(home.create().labels_path, images, labels_from_folders=False):
        pass
    with LabelStore(home.labels_path) as store:
        imported_count = len(store.samples())
        assert imported_count == count, imported_count
        for name in ("Melanoma", "Nevus", "Keratosis"):
            store.add_class(name)
    is_whole.touch()
    return home


def write_images(numbers: Iterable[int], folder: Path) -> None:
    """Write the images of these numbers, photographs and slices by turns."""
    for number in numbers:
        if number % 2:
            write_slice(folder / f"{number:05d}.dcm", number, DICOM_SIDE_PX)
        else:
            write_photograph(folder / f"{number:05d}.jpg", number)


def write_photograph(path: Path, number: int) -> None:
    """Write a photograph that differs from others by shift and brightness."""
    pixels = np.roll(_skin(), 37 * number, axis=1)
    pixels[:8, :8] = number % 251, number // 251 % 251, 128
    Image.fromarray(pixels).save(path, quality=85)


def write_slice(path: Path, number: int, side_px: int) -> None:
    """Write a slice of 12 bits in 16, with noise and a rescale to Hounsfield units."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.PatientID, dataset.Modality = f"invented {number}", "CT"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Example", f"Scanner {number % 6}"
    dataset.Rows = dataset.Columns = side_px
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = -1024, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    pixels = np.roll(_body(side_px), 37 * number, axis=1)
    pixels[0, :2] = number % 4096, number // 4096
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)


@cache
def _skin() -> np.ndarray[Any, np.dtype[np.uint8]]:
    generator = np.random.default_rng(1)
    width, height = JPEG_SIZE
    blurred = Image.fromarray(generator.integers(0, 255, (height, width), dtype=np.uint8))
    texture = np.asarray(blurred.filter(ImageFilter.GaussianBlur(3)), dtype=np.float32) - 128
    noise = generator.normal(0, 3, (height, width))
    shades = np.array([205, 160, 135], dtype=np.float32)
    return np.clip(shades + (2 * texture + noise)[..., None], 0, 255).astype(np.uint8)


@cache
def _body(side_px: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    generator = np.random.default_rng(2)
    across = np.linspace(-1, 1, side_px)
    inside = np.hypot(across[:, None], across[None, :]) < 0.8
    noise = generator.normal(0, 20, (side_px, side_px))
    return np.clip(np.where(inside, 1064, 24) + noise, 0, 4095).astype(np.uint16)
