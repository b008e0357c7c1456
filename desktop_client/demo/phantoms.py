"""Phantom hospitals: drawn lesions, each hospital's seen through a scanner of its own."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from desktop_client.demo.lesions import LESION_CLASSES, Skin, draw_lesion
from desktop_client.demo.scanners import Scanner

_SECOND_IMAGE_SHARE: Final = 0.25
"""Share of patients of whom there are two images."""
_JPEG_QUALITY: Final = 92


@dataclass(frozen=True)
class Hospital:
    """A site of the demo: its scanner, and how common each class is among its patients."""

    name: str
    scanner: Scanner
    class_shares: tuple[float, float, float]
    """In the order of ``LESION_CLASSES``; they add up to 1."""


HOSPITALS: Final = (
    Hospital(
        "Harbour Clinic",
        Scanner(gamma=1.0, contrast=1.05, blur_px=0.4, noise=0.01, vignette=0.15),
        (0.50, 0.25, 0.25),
    ),
    Hospital(
        "Hillside Hospital",
        Scanner(
            gamma=1.5,
            contrast=0.9,
            blur_px=0.9,
            noise=0.02,
            colour_cast=(1.0, 0.93, 0.84),
            vignette=0.55,
        ),
        (0.25, 0.50, 0.25),
    ),
    Hospital(
        "Lakeside Dermatology",
        Scanner(
            gamma=0.75,
            contrast=0.75,
            blur_px=0.6,
            noise=0.03,
            colour_cast=(0.86, 0.96, 1.05),
            vignette=0.1,
        ),
        (0.25, 0.25, 0.50),
    ),
    Hospital(
        "North General",
        Scanner(
            gamma=1.15,
            contrast=1.35,
            blur_px=0.3,
            noise=0.06,
            colour_cast=(0.95, 1.03, 0.93),
            vignette=0.35,
        ),
        (0.55, 0.15, 0.30),
    ),
    Hospital(
        "Old Town Practice",
        Scanner(
            gamma=0.9,
            contrast=0.65,
            blur_px=1.3,
            noise=0.02,
            colour_cast=(1.08, 0.92, 0.95),
            vignette=0.7,
        ),
        (0.40, 0.40, 0.20),
    ),
    Hospital(
        "University Hospital",
        Scanner(
            gamma=1.3,
            contrast=1.2,
            blur_px=0.0,
            noise=0.015,
            colour_cast=(0.92, 0.95, 1.08),
            vignette=0.0,
        ),
        (0.20, 0.35, 0.45),
    ),
)
"""The hospitals that take part."""

UNSEEN_HOSPITAL: Final = Hospital(
    "Valley Hospital",
    Scanner(
        gamma=1.7,
        contrast=0.8,
        blur_px=1.0,
        noise=0.04,
        colour_cast=(0.90, 1.02, 0.85),
        vignette=0.45,
    ),
    (0.34, 0.33, 0.33),
)
"""A hospital of which no model sees an image before it is judged."""


def write_phantom_site(
    folder: Path, hospital: Hospital, image_count: int, seed: int, size_px: int = 96
) -> Path:
    """Write a hospital's images as JPEG files, and ``labels.csv`` beside them.

    The same arguments give the same bytes.

    Args:
        folder: Where to; made if it is missing.
        hospital: Whose scanner and class shares.
        image_count: How many images; each class gets its share, rounded.
        seed: For everything random.
        size_px: Width and height of the images.

    Returns:
        The CSV, with columns ``file``, ``lesion``, ``domain`` and ``patient``.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    table_path = folder / "labels.csv"
    with table_path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "lesion", "domain", "patient"))
        visits = _visits(rng)
        for number, lesion_class in enumerate(_draw_classes(hospital, image_count, rng)):
            patient, skin = next(visits)
            picture = draw_lesion(lesion_class, skin, size_px, rng)
            name = f"{number:04}.jpg"
            image = Image.fromarray(hospital.scanner.scan(picture, rng))
            image.save(folder / name, "JPEG", quality=_JPEG_QUALITY)
            table.writerow((name, lesion_class, f"{hospital.name} scanner", patient))
    return table_path


def _draw_classes(hospital: Hospital, image_count: int, rng: np.random.Generator) -> list[str]:
    """Return the class of each image: exact shares up to rounding, in random order."""
    ends = np.rint(np.cumsum(hospital.class_shares) * image_count).astype(int)
    counts = np.diff(ends, prepend=0)
    return [str(name) for name in rng.permutation(np.repeat(LESION_CLASSES, counts))]


def _visits(rng: np.random.Generator) -> Iterator[tuple[str, Skin]]:
    """Yield whose image comes next, without end."""
    number = 0
    while True:
        number += 1
        skin = Skin(tone=rng.uniform(), hair_count=int(rng.integers(0, 4)))
        yield f"patient {number:04}", skin
        if rng.uniform() < _SECOND_IMAGE_SHARE:
            yield f"patient {number:04}", skin
