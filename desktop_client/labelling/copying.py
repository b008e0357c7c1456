"""Export de-identified copies of images into a new folder, with what is said about them.

No table is written that leads from a pseudonym back: whoever needs the way back asks this
installation. To cancel, close the generator: the copies made so far stay, and are listed.
"""

import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_client.durable import write_durably
from desktop_client.errors import ExportError, ImageUnreadableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.burned_in import Suspicion
from desktop_client.imaging.deidentify.policy import Disguise, Policy
from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms
from desktop_client.imaging.kinds import is_dicom
from desktop_client.labelling.manifest import ManifestRow, read_me, write_manifest
from desktop_client.labelling.originals import Original, open_original, shows_the_same
from desktop_client.labelling.sample import SHOWS_THE_PATIENT, Sample
from desktop_client.labelling.store import LabelStore

_DEFAULT_POLICY: Final = Policy()

NOT_REVIEWED: Final = "nobody looked whether a name is written into it; {0}"


@dataclass(frozen=True, slots=True)
class CopyExport:
    """What to copy, where to and how."""

    folder: Path
    """New or empty."""
    sample_ids: frozenset[str] | None = None
    """The images whose files are copied; None for all."""
    policy: Policy = _DEFAULT_POLICY
    reviews: Mapping[Path, tuple[Area, ...]] = field(default_factory=dict)
    """Files that a person looked at, and what is painted black in each; often nothing."""
    trusts_pixels: bool = False
    """Whether somebody vouches that no image has a name written into it."""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class FileLookedAt:
    """A file was searched for writing; None where nothing speaks for any."""

    path: Path
    suspicion: Suspicion | None
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class FileCopied:
    """A copy is durably written, and was read again and compared."""

    path: Path
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class FileWithheld:
    """A file that was not exported, and why; nothing of it was left in the folder."""

    path: Path
    reason: str
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class CopiesFinished:
    """The sums of an export."""

    folder: Path
    copied_count: int
    withheld_count: int


CopyEvent = FileLookedAt | FileCopied | FileWithheld | CopiesFinished


def look_for_text(
    store_path: Path, sample_ids: frozenset[str] | None
) -> Generator[FileLookedAt | FileWithheld]:
    """Find the files that a person should look at before they are exported.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    with LabelStore(store_path) as store:
        files = _by_file(store.samples(), sample_ids)
    for number, (path, samples) in enumerate(files.items(), start=1):
        try:
            _check_not_excluded(path, samples)
            original = open_original(path, samples)
        except ImageUnreadableError as refusal:
            yield FileWithheld(path, refusal.reason, number, len(files))
        else:
            yield FileLookedAt(path, original.suspicion, number, len(files))


def export_copies(store_path: Path, export: CopyExport) -> Generator[CopyEvent]:
    """Write a de-identified copy of each file, a table of them and an explanation.

    Raises:
        ExportError: if the folder cannot be used, or a file cannot be written into it.
        LabelStoreError: if the store cannot be used.
    """
    prepare_folder(export.folder, store_path.parent)
    with LabelStore(store_path) as store:
        run = _CopyRun(store, export)
        try:
            yield from run.copy_all()
        finally:
            run.finish()
        yield run.summary()


def prepare_folder(folder: Path, project_folder: Path) -> None:
    """Make the folder for an export, or take an empty one.

    Raises:
        ExportError: if it is not empty, lies in the project or cannot be made.
    """
    place, project = Path(os.path.realpath(folder)), Path(os.path.realpath(project_folder))
    if place == project or project in place.parents:
        raise ExportError(
            f"{folder} lies inside the project. Choose a folder elsewhere, so that copies and "
            "originals cannot be mistaken for each other."
        )
    make_empty_folder(folder)


def make_empty_folder(folder: Path) -> None:
    """Make a folder to write files into, or take an empty one: nothing is written over.

    Raises:
        ExportError: if it is not empty or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise ExportError(f"{folder} cannot be used: {error.strerror}. Choose another.") from error
    if not is_empty:
        raise ExportError(f"{folder} is not empty. Choose a new or an empty folder.")


class _CopyRun:
    """One export under way."""

    def __init__(self, store: LabelStore, export: CopyExport) -> None:
        self._store = store
        self._export = export
        self._pseudonyms = Pseudonyms(store.pseudonym_key())
        self._classes = {c.class_id: c.name for c in store.class_book.classes()}
        self._files = _by_file(store.samples(), export.sample_ids)
        self._rows: list[ManifestRow] = []
        self._copied_count = 0
        self._withheld_count = 0

    def copy_all(self) -> Generator[CopyEvent]:
        """Copy file by file; one that fails is left out and the rest goes on."""
        for path, samples in self._files.items():
            reason = self._reason_to_withhold(path, samples)
            done_count = self._copied_count + self._withheld_count
            if reason is None:
                yield FileCopied(path, done_count, len(self._files))
            else:
                yield FileWithheld(path, reason, done_count, len(self._files))

    def finish(self) -> None:
        """Write the table and the explanation, and note the act; also after a cancellation."""
        policy = self._export.policy
        self._store.record_act(
            "images_exported",
            self._export.reader,
            {
                "copied": self._copied_count,
                "withheld": self._withheld_count,
                "dates": policy.dates,
                "scanner_model_kept": policy.keeps_scanner_model,
                "looked_at_by_a_person": len(self._export.reviews),
            },
        )
        _write(self._export.folder / "manifest.csv", write_manifest(self._rows))
        _write(self._export.folder / "README.txt", read_me(policy, self._copied_count))

    def summary(self) -> CopiesFinished:
        """Return the sums so far."""
        return CopiesFinished(self._export.folder, self._copied_count, self._withheld_count)

    def _reason_to_withhold(self, path: Path, samples: Sequence[Sample]) -> str | None:
        try:
            self._copy(path, samples)
        except ImageUnreadableError as refusal:
            self._withheld_count += 1
            return refusal.reason
        self._copied_count += 1
        return None

    def _copy(self, path: Path, samples: Sequence[Sample]) -> None:
        _check_not_excluded(path, samples)
        original = open_original(path, samples)
        reviewed = self._export.reviews.get(path)
        if original.suspicion and reviewed is None and not self._export.trusts_pixels:
            raise ImageUnreadableError(path, NOT_REVIEWED.format(original.suspicion.reason))
        areas = reviewed or ()
        disguise = Disguise(
            self._export.policy,
            self._pseudonyms,
            samples[0].patient,
            areas,
            is_reviewed=reviewed is not None,
        )
        made, suffix = _disguised(path, original.content, disguise)
        name = f"{disguise.patient}_{self._pseudonyms.image(samples[0].sample_id)}{suffix}"
        self._write_checked(path, self._export.folder / name, made, original, areas)
        self._rows += [self._row(name, sample, disguise) for sample in samples]

    def _write_checked(
        self,
        path: Path,
        target: Path,
        made: bytes,
        original: Original,
        areas: tuple[Area, ...],
    ) -> None:
        """Write a copy and look at it as whoever gets it will; remove it if it is not the same."""
        _write(target, made)
        try:
            if not shows_the_same(original.images, decode_image(target), areas):
                raise ImageUnreadableError(path, "its copy did not show the same image")
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise

    def _row(self, name: str, sample: Sample, disguise: Disguise) -> ManifestRow:
        return ManifestRow(
            name,
            sample.frame,
            self._classes[sample.class_id] if sample.class_id else "",
            self._pseudonyms.scanner(sample.domain_id),
            disguise.patient,
        )


def _disguised(path: Path, content: bytes, disguise: Disguise) -> tuple[bytes, str]:
    """Return the copy and its suffix."""
    # Only now: they load the decoding libraries, which the window need not wait for.
    from desktop_client.imaging.deidentify.dicom import dicom_copy
    from desktop_client.imaging.deidentify.photo import photo_copy

    if is_dicom(content):
        return dicom_copy(path, content, disguise), ".dcm"
    return photo_copy(path, content, disguise.areas)


def _check_not_excluded(path: Path, samples: Sequence[Sample]) -> None:
    """Refuse a file that shows a patient, or of which nothing is to be used."""
    reasons = [sample.exclusion for sample in samples if sample.exclusion is not None]
    if SHOWS_THE_PATIENT in reasons or len(reasons) == len(samples):
        told = SHOWS_THE_PATIENT if SHOWS_THE_PATIENT in reasons else reasons[0]
        raise ImageUnreadableError(path, f"it is excluded: {told}")


def _by_file(
    samples: Iterable[Sample], sample_ids: frozenset[str] | None
) -> dict[Path, list[Sample]]:
    """Return the chosen samples by their file; a file leaves as a whole."""
    files: dict[Path, list[Sample]] = {}
    for sample in samples:
        if sample_ids is None or sample.sample_id in sample_ids:
            files.setdefault(sample.path, []).append(sample)
    return files


def _write(path: Path, content: bytes) -> None:
    """Write a file of the export; without room for it, no further one can be written either."""
    try:
        write_durably(path, content)
    except OSError as error:
        raise ExportError(
            f"{path.parent} cannot be written to: {error.strerror or 'the disk does not answer'}. "
            "The copies made so far are whole; export the rest into another folder."
        ) from error
