"""A project to look around in: drawn lesions as two scanners would show them, partly labelled.

Everything lies in the project's own folder and goes with it. Never loads torch.
"""

import csv
from collections.abc import Generator
from pathlib import Path
from typing import Final

from desktop_client.demo.events import SampleDrawn
from desktop_client.demo.phantoms import HOSPITALS, write_phantom_site
from desktop_client.errors import ProjectError
from desktop_client.labelling.importing import ImportEvent, import_table
from desktop_client.paths import Home
from desktop_client.project.opening import open_project

IMAGES_PER_SCANNER: Final = 30
SIZE_PX: Final = 224
LABELLED_SHARE: Final = 0.4
"""Enough to see what labels look like; the rest is left to try one's hand at."""


def make_sample_project(home: Home) -> Generator[SampleDrawn | ImportEvent]:
    """Draw the images into a new project and import them.

    Raises:
        ProjectError: if there is a project already, or the folder cannot be used.
        LabelStoreError: if the labels cannot be written.
    """
    if home.is_project:
        raise ProjectError(f"There is a project in {home.path} already.")
    scanners = HOSPITALS[:2]
    with open_project(home, "the sample project"):
        yield SampleDrawn(0, len(scanners))
        for number, hospital in enumerate(scanners, start=1):
            folder = home.sample_images_path / hospital.name
            try:
                table = write_phantom_site(folder, hospital, IMAGES_PER_SCANNER, number, SIZE_PX)
                _forget_most_labels(table)
            except OSError as error:
                raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from error
            yield SampleDrawn(number, len(scanners))
            yield from import_table(home.labels_path, table)


def _forget_most_labels(table_path: Path) -> None:
    with table_path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    lesion = header.index("lesion")
    for row in rows[round(LABELLED_SHARE * len(rows)) :]:
        row[lesion] = ""
    with table_path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((header, *rows))
