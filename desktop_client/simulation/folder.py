"""Several sites' images in one folder: who has which, and who is trained on and judged by.

Never is a patient of a site on two sides, or in two of the sites that it is cut into.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID, uuid5

from coordinator.study import LesionClass
from desktop_client.errors import SimulationDataError
from desktop_client.labelling.files import find_images
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import Split, split_by_patient
from desktop_client.simulation.manifest import VALIDATION, ManifestRow, read_manifest

MANIFEST_NAME: Final = "manifest.csv"
DOMAIN_NAMESPACE: Final = UUID("7c7e3f4e-5a0b-4f0e-9d53-0f5a0c1d2b6a")
UNKNOWN_PX: Final = 0
"""Sizes of samples here: only the window shows them, so no file is opened to find them out."""


@dataclass(frozen=True)
class FolderSite:
    """A site's images, one domain.

    Attributes:
        name: The site's folder, with ``/1``, ``/2``, ... behind it if it was cut.
        samples: All labelled. ``sample_id`` is the path below the folder: read and used within
            one command, an image cannot be moved meanwhile, and a reader of the results finds it.
            ``patient`` is the site's own name for a patient; equal ones at two sites are two.
        validation_ids: Samples to judge by where the manifest or a cut has fixed them; None where
            they are still to be drawn.
    """

    name: str
    samples: tuple[Sample, ...]
    validation_ids: frozenset[str] | None

    @property
    def domain_id(self) -> UUID:
        """The acquisition domain of all images; sites cut from one site share it."""
        return self.samples[0].domain_id

    def split(self) -> Split:
        """Return the samples to train on and those to judge by; the same ones every time."""
        if self.validation_ids is None:
            return split_by_patient(self.samples)
        ordered = sorted(self.samples, key=lambda sample: sample.sample_id)
        return Split(
            [sample for sample in ordered if sample.sample_id not in self.validation_ids],
            [sample for sample in ordered if sample.sample_id in self.validation_ids],
        )


def read_folder(data: Path, classes: Sequence[LesionClass]) -> tuple[FolderSite, ...]:
    """Read a folder of ``site/class/file``; with a manifest, exactly the images that it lists.

    Args:
        data: The folder. Its ``manifest.csv`` goes before the folders' names where it says more.
        classes: Of the study, found by name, capitals or not.

    Returns:
        The sites, in order of their names.

    Raises:
        SimulationDataError: naming the file, the manifest's row or the class that does not fit.
    """
    if not data.is_dir():
        raise SimulationDataError(f"{data} is not a folder")
    manifest = data / MANIFEST_NAME
    rows = read_manifest(manifest) if manifest.exists() else _rows_of_files(data)
    class_ids = {c.name.casefold(): c.class_id for c in classes}
    images: defaultdict[str, list[tuple[ManifestRow, Sample]]] = defaultdict(list)
    for row in rows:
        site, lesion = _place(row)
        if lesion.casefold() not in class_ids:
            names = ", ".join(c.name for c in classes)
            raise SimulationDataError(
                f"{row.file} is of the class {lesion!r}, which the study does not have: {names}"
            )
        sample = Sample(
            sample_id=row.file,
            path=_existing(data, row),
            frame=0,
            width_px=UNKNOWN_PX,
            height_px=UNKNOWN_PX,
            patient=row.patient or row.file,
            domain_id=uuid5(DOMAIN_NAMESPACE, site),
            class_id=class_ids[lesion.casefold()],
        )
        images[site].append((row, sample))
    return tuple(_site(name, images[name]) for name in sorted(images))


def inner_split(site: FolderSite) -> FolderSite:
    """Drop the samples to judge by and hold out some of the others, patient by patient.

    Whoever chooses settings by these leaves the real ones unseen.
    """
    inner = split_by_patient(site.split().training)
    held_out = frozenset(sample.sample_id for sample in inner.validation)
    return FolderSite(site.name, (*inner.training, *inner.validation), held_out)


def cut_site(site: FolderSite, count: int) -> tuple[FolderSite, ...]:
    """Cut a site patient by patient into ``count`` sites of the same domain.

    Both sides are cut, with the classes of each as equal as patients allow: the patients with
    most images go first, each to the part that has least of what the patient brings.

    Raises:
        SimulationDataError: if there are fewer patients to train on than parts.
    """
    if count == 1:
        return (site,)
    split = site.split()
    parts = [
        (*training, *validation)
        for training, validation in zip(
            _deal(split.training, count), _deal(split.validation, count), strict=True
        )
    ]
    held_out = frozenset(sample.sample_id for sample in split.validation)
    if any(held_out.issuperset(s.sample_id for s in part) for part in parts):
        raise SimulationDataError(
            f"Site {site.name} has fewer than {count} patients to train on; cut it into fewer"
        )
    return tuple(
        FolderSite(f"{site.name}/{number}", part, held_out & {s.sample_id for s in part})
        for number, part in enumerate(parts, start=1)
    )


def _rows_of_files(data: Path) -> list[ManifestRow]:
    """Say of each image what its place says."""
    paths, refusals = find_images(data)
    if refusals:
        raise SimulationDataError(str(refusals[0]))
    if not paths:
        raise SimulationDataError(f"{data} holds no image; it must be like site/class/file")
    return [
        ManifestRow(number, path.relative_to(data).as_posix()) for number, path in enumerate(paths)
    ]


def _place(row: ManifestRow) -> tuple[str, str]:
    """Return an image's site and lesion, from its row or else from its folders."""
    folders = PurePosixPath(row.file).parts[:-1]
    if not (row.site and row.lesion) and len(folders) < 2:
        raise SimulationDataError(f"{row.file} does not lie in a folder site/class")
    return row.site or folders[0], row.lesion or folders[1]


def _existing(data: Path, row: ManifestRow) -> Path:
    path = data / row.file
    if not path.exists():
        raise SimulationDataError(f"{MANIFEST_NAME}, row {row.row_number}: {path} does not exist")
    return path


def _site(name: str, images: list[tuple[ManifestRow, Sample]]) -> FolderSite:
    """Make a site of its images, split as the manifest says, if it does."""
    samples = tuple(sample for _, sample in images)
    if not any(row.split for row, _ in images):
        return FolderSite(name, samples, None)
    first: dict[str, ManifestRow] = {}
    for row, sample in images:
        if not row.split:
            raise SimulationDataError(
                f"{MANIFEST_NAME}, row {row.row_number}: the split is empty, but not for other "
                f"images of {name}"
            )
        other = first.setdefault(sample.patient, row)
        if other.split != row.split:
            raise SimulationDataError(
                f"{MANIFEST_NAME}: rows {other.row_number} and {row.row_number} put one patient "
                "on both sides of the split"
            )
    held_out = frozenset(s.sample_id for row, s in images if row.split == VALIDATION)
    return FolderSite(name, samples, held_out)


def _deal(samples: Iterable[Sample], count: int) -> list[list[Sample]]:
    """Deal samples out into ``count`` parts, all of a patient's to the same one."""
    patients: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        patients[sample.patient].append(sample)
    parts: list[list[Sample]] = [[] for _ in range(count)]
    held = [Counter[UUID | None]() for _ in parts]
    for patient in sorted(patients, key=lambda name: (-len(patients[name]), name)):
        brought = Counter(sample.class_id for sample in patients[patient])
        burdens = [
            # What the sum of squared class counts grows by, apart from a constant.
            (sum(brought[c] * counts[c] for c in brought), counts.total(), index)
            for index, counts in enumerate(held)
        ]
        *_, chosen = min(burdens)
        parts[chosen] += patients[patient]
        held[chosen] += brought
    return parts
