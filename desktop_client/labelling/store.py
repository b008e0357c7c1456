"""The label store: images, classes, domains and labels of one installation.

A store stays in the thread that opened it; every other thread opens its own.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.origin import Scanner
from desktop_client.labelling.audit import AuditTrail
from desktop_client.labelling.chain import Details
from desktop_client.labelling.classes import ClassBook
from desktop_client.labelling.database import Database
from desktop_client.labelling.domains import DomainBook
from desktop_client.labelling.files import absolute
from desktop_client.labelling.identity import ImageRecord, patient_group, record_of
from desktop_client.labelling.journal import Aspect, LabelEvent, LabelJournal
from desktop_client.labelling.naming import clean
from desktop_client.labelling.properties import Properties
from desktop_client.labelling.provenance import Provenance
from desktop_client.labelling.readers import Readers
from desktop_client.labelling.sample import Domain, LesionClass, Sample
from desktop_client.labelling.second_reading import SecondReadings
from desktop_client.labelling.suggestions import Suggestions

_PATIENT_KEY: Final = "patient_key"
_PSEUDONYM_KEY: Final = "pseudonym_key"
_SAMPLE_COLUMNS: Final = (
    "sample_id, path, frame, width_px, height_px, patient, exclusion, note, domain_id, class_id"
)


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How far labelling is; ``by_class`` has every class, also those without images.

    Excluded images are counted by themselves, and nowhere else.
    """

    labelled_count: int
    total_count: int
    by_class: dict[UUID, int]
    excluded_count: int = 0


class LabelStore:
    """Everything people said about this installation's images; durable when a method returns.

    Raises:
        LabelStoreError: on opening and from every method, if the file cannot be used; it is then
            left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.properties = Properties(self._database)
        self._journal = LabelJournal(self._database)
        self.suggestions = Suggestions(self._database)
        """What a model suggests; replaceable, and no part of what people said."""
        self.audit = AuditTrail(self._database)
        self.readers = Readers(self._database, self.audit)
        self.class_book = ClassBook(self._database, self._journal, self.audit)
        self.second_readings = SecondReadings(self._database, self._journal, self.audit)
        self.provenance = Provenance(self._database, self._patient_key)
        """Which scanner, series and file images come from, and what they look like."""
        self.domain_book = DomainBook(self._database, self.properties, self.provenance)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls durable together; keep it short, other threads wait."""
        return self._database.transaction()

    def record_act(self, kind: str, reader: str, details: Details) -> None:
        """Write an act to the audit trail; call it in the transaction of what it tells of.

        Args:
            kind: What was done, like ``images_exported``.
            reader: Who did it.
            details: In ids, names of classes and counts; never a patient, a path or a secret.
        """
        self.audit.record(kind, reader, details)

    # Images

    def add_image(
        self,
        path: Path,
        file_digest: str,
        image: DecodedImage,
        *,
        domain_id: UUID | None = None,
        patient_identifier: str | None = None,
    ) -> Sample:
        """Add one frame, or note where a known one is now; labels are never touched.

        Args:
            path: The file it was decoded from.
            file_digest: SHA-256 of the file's bytes, by which it is known again undecoded.
            image: The frame.
            domain_id: Where it was acquired; None keeps what is known, or takes the default.
            patient_identifier: Stored only as a keyed hash; None keeps what is known.
        """
        return self.add_record(
            path,
            file_digest,
            record_of(image),
            domain_id=domain_id,
            patient_identifier=patient_identifier,
        )

    def add_record(
        self,
        path: Path,
        file_digest: str,
        record: ImageRecord,
        *,
        domain_id: UUID | None = None,
        patient_identifier: str | None = None,
    ) -> Sample:
        """Do as ``add_image`` does, with an image whose identity another thread worked out."""
        with self.transaction():
            if not self._is_known(record.sample_id):
                self._insert(path, record, domain_id)
            self.provenance.note_image(record.sample_id, record)
            self.add_alias(record.sample_id, file_digest, record.frame)
            self._update_sample(record.sample_id, path, domain_id, patient_identifier)
            return self.sample(record.sample_id)

    def add_alias(self, sample_id: str, file_digest: str, frame: int) -> None:
        """Note another file, by its bytes, in which a known image was found."""
        self._database.write(
            "INSERT OR REPLACE INTO files (file_digest, frame, sample_id) VALUES (?, ?, ?)",
            file_digest,
            frame,
            sample_id,
        )

    def add_known_file(
        self,
        path: Path,
        file_digest: str,
        *,
        domain_id: UUID | None = None,
        patient_identifier: str | None = None,
    ) -> list[Sample]:
        """Note where a file known by its bytes is now; return its frames, none if it is new."""
        with self.transaction():
            for sample in self.samples_of_file(file_digest):
                self._update_sample(sample.sample_id, path, domain_id, patient_identifier)
            return self.samples_of_file(file_digest)

    def samples_of_file(self, file_digest: str) -> list[Sample]:
        """Return the frames of a file known by its bytes, none if it is new."""
        return self._samples(
            """
            WHERE sample_id IN (SELECT sample_id FROM files WHERE file_digest = ?) ORDER BY frame
            """,
            file_digest,
        )

    def describe(
        self, sample_id: str, *, domain_id: UUID | None = None, patient_group: str | None = None
    ) -> None:
        """Note scanner or patient of a known image; None keeps what is known.

        Args:
            sample_id: The image.
            domain_id: Where it was acquired.
            patient_group: The patient as a store gave it out, a keyed hash already.
        """
        with self.transaction():
            if domain_id is not None:
                self._set(sample_id, "domain_id", str(domain_id))
            if patient_group is not None:
                self._set(sample_id, "patient", patient_group)

    def file_digests(self) -> frozenset[str]:
        """Return the SHA-256 of every file whose frames are in the store."""
        return frozenset(row[0] for row in self._database.read("SELECT file_digest FROM files"))

    def samples(self) -> list[Sample]:
        """Return all samples in the order in which they were added."""
        return self._samples("ORDER BY position")

    def training_samples(self) -> list[Sample]:
        """Return the samples that have a label still in use and are not excluded."""
        return self._samples(
            "WHERE class_id IN (SELECT class_id FROM classes WHERE NOT is_archived) "
            "AND exclusion IS NULL ORDER BY position"
        )

    def samples_in(self, folder: Path) -> list[Sample]:
        """Return the samples whose file was last seen in a folder or below it."""
        prefix = str(absolute(folder)).rstrip(os.sep) + os.sep
        return self._samples("WHERE substr(path, 1, ?) = ? ORDER BY position", len(prefix), prefix)

    def sample(self, sample_id: str) -> Sample:
        """Return one sample."""
        found = self._samples("WHERE sample_id = ?", sample_id)
        if not found:
            raise LabelStoreError("The image is not in the label database; open its folder again.")
        return found[0]

    def pseudonym_key(self) -> bytes:
        """Return the key from which names are drawn that stand for others in exported copies.

        It never leaves this installation: with it and a list of patients, they could be found.
        """
        return self.properties.secret(_PSEUDONYM_KEY)

    # Classes

    def classes(self) -> list[LesionClass]:
        """Return the lesion classes that are offered, in their order; not the archived ones."""
        return [c for c in self.class_book.classes() if not c.is_archived]

    def class_named(self, name: str) -> LesionClass | None:
        """Return the class of this name, or what it was merged into, whatever its capitals."""
        return self.class_book.meant_by(name)

    def add_class(
        self, name: str, key: str = "", colour: str = "", *, reader: str = ""
    ) -> LesionClass:
        """Add a class; without key or colour it gets the next free ones."""
        return self.class_book.add(name, key, colour, reader=reader)

    def rename_class(self, class_id: UUID, name: str, *, reader: str = "") -> None:
        """Correct the name of a class; its labels stay."""
        self.class_book.rename(class_id, name, reader)

    # Domains

    def domains(self) -> list[Domain]:
        """Return the acquisition domains in the order in which they were added."""
        return self.domain_book.domains()

    def domain_named(self, name: str) -> Domain:
        """Return the domain of this name, whatever its capitals; make it if there is none."""
        return self.domain_book.named(name)

    def domain_of_scanner(self, scanner: Scanner) -> UUID:
        """Return a scanner's domain; a new one's is named so that people can tell them apart."""
        return self.domain_book.of_scanner(scanner)

    def default_domain(self) -> Domain:
        """Return the domain of images of which nobody said where they were acquired."""
        return self.domain_book.default()

    # Labels

    def label(self, sample_ids: Sequence[str], class_id: UUID | None, reader: str) -> None:
        """Give images a class, or with None take their label away; one step of undo."""
        self._journal.label(sample_ids, class_id, reader)

    def accept_suggestions(self, sample_ids: Sequence[str], reader: str) -> list[str]:
        """Take what the model suggests over as the reader's own labels; one step of undo.

        The audit trail names the model beside the act, so that it stays known which labels a
        model proposed.

        Returns:
            The images that have a suggestion of a class of this site; the others stay as they are.
        """
        with self.transaction():
            class_ids = self.suggestions.classes_of(sample_ids)
            action_id = self._journal.label_each(class_ids, reader)
            if action_id is not None:
                model = self.suggestions.model()
                assert model is not None  # noqa: S101  it suggested what was accepted
                self.record_act(
                    "suggestion_accepted",
                    reader,
                    {"action_id": action_id, "model_digest": model.digest},
                )
        return list(class_ids)

    def import_labels(
        self, class_ids: Mapping[str, UUID], reader: str, said_at: datetime | None = None
    ) -> int:
        """Take over labels by sample; those that people gave stay. Return how many changed."""
        return self._journal.import_labels(class_ids, reader, said_at)

    def exclude(self, sample_ids: Sequence[str], reason: str | None, reader: str) -> None:
        """Say that images must not be trained on, and why, or with None that they may again."""
        if reason is not None and not clean(reason):
            raise LabelStoreError("Say why the image is excluded.")
        self._journal.remark(sample_ids, "exclusion", reason and clean(reason), reader)

    def note(self, sample_ids: Sequence[str], words: str, reader: str) -> None:
        """Put a note on images in place of the one they have; empty words take it away."""
        self._journal.remark(sample_ids, "note", words.strip() or None, reader)

    def import_remarks(self, words: Mapping[str, str], aspect: Aspect, reader: str) -> None:
        """Take over exclusions or notes by sample; those that are there already stay."""
        self._journal.import_remarks(words, aspect, reader)

    def settle(self, sample_ids: Sequence[str], class_id: UUID, reader: str) -> None:
        """Decide between readers who disagree; the decision becomes the label."""
        self._journal.settle(sample_ids, class_id, reader)

    def can_undo(self) -> bool:
        """Whether there is a label, an exclusion or a note to take back."""
        return self._journal.can_undo()

    def can_redo(self) -> bool:
        """Whether there is an undone act to do again."""
        return self._journal.can_redo()

    def undo(self, reader: str) -> list[str]:
        """Take the last act back; return the changed sample ids, none if there is none."""
        return self._journal.undo(reader)

    def redo(self, reader: str) -> list[str]:
        """Do again what was undone last; return the changed sample ids."""
        return self._journal.redo(reader)

    def history(self, sample_id: str) -> list[LabelEvent]:
        """Return everything ever said about an image, oldest first."""
        return self._journal.history(sample_id)

    def current_labels(self) -> dict[str, LabelEvent]:
        """Return who gave each image its present label, and when; by sample."""
        return {event.sample_id: event for event in self._journal.newest_events()}

    def progress(self) -> LabelProgress:
        """Count images that are not excluded: in all, labelled, and by class."""
        rows = self._database.read(
            "SELECT class_id, count(*), count(exclusion) FROM samples GROUP BY class_id"
        )
        counts = {class_id: int(count - excluded) for class_id, count, excluded in rows}
        total_count = sum(counts.values())
        by_class = {c.class_id: counts.get(str(c.class_id), 0) for c in self.class_book.classes()}
        excluded_count = sum(int(excluded) for _, _, excluded in rows)
        labelled_count = total_count - counts.get(None, 0)
        return LabelProgress(labelled_count, total_count, by_class, excluded_count)

    def _samples(self, condition: str, *values: object) -> list[Sample]:
        rows = self._database.read(f"SELECT {_SAMPLE_COLUMNS} FROM samples {condition}", *values)  # noqa: S608  our own text
        # Few ids recur in many rows; making each UUID once halves the time of this list.
        ids: dict[str | None, UUID | None] = {None: None}
        for row in rows:
            for text in row[-2:]:
                if text not in ids:
                    ids[text] = UUID(text)
        return [_sample(row, ids) for row in rows]

    def _is_known(self, sample_id: str) -> bool:
        return bool(self._database.read("SELECT 1 FROM samples WHERE sample_id = ?", sample_id))

    def _insert(self, path: Path, record: ImageRecord, domain_id: UUID | None) -> None:
        self._database.write(
            """
            INSERT INTO samples (sample_id, path, frame, width_px, height_px, patient, domain_id)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            record.sample_id,
            str(absolute(path)),
            record.frame,
            record.width_px,
            record.height_px,
            patient_group(self._patient_key(), record.sample_id, None),
            str(domain_id or self.default_domain().domain_id),
        )

    def _update_sample(
        self, sample_id: str, path: Path, domain_id: UUID | None, patient_identifier: str | None
    ) -> None:
        self._set(sample_id, "path", str(absolute(path)))
        if domain_id is not None:
            self._set(sample_id, "domain_id", str(domain_id))
        if patient_identifier is not None and patient_identifier.strip():
            group = patient_group(self._patient_key(), sample_id, patient_identifier)
            self._set(sample_id, "patient", group)

    def _set(
        self, sample_id: str, column: Literal["path", "domain_id", "patient"], value: str
    ) -> None:
        self._database.write(
            f"UPDATE samples SET {column} = ? WHERE sample_id = ?",  # noqa: S608  one of three constants
            value,
            sample_id,
        )

    def _patient_key(self) -> bytes:
        return self.properties.secret(_PATIENT_KEY)


def _sample(row: tuple[Any, ...], ids: Mapping[str | None, UUID | None]) -> Sample:
    sample_id, path, frame, width_px, height_px, patient, exclusion, note = row[:-2]
    domain, lesion = (ids[text] for text in row[-2:])
    assert domain is not None  # noqa: S101  the column is NOT NULL
    return Sample(
        sample_id,
        Path(path),
        frame,
        width_px,
        height_px,
        patient,
        domain,
        lesion,
        exclusion,
        note,
    )
