"""Where images come from: scanner, series, file on disk; and what they look like.

UIDs and serial numbers are kept as keyed hashes only, like patients: they tell whether two are the
same, and nothing else.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_client.imaging.fingerprint import looks_alike
from desktop_client.imaging.origin import Scanner
from desktop_client.labelling.database import Database
from desktop_client.labelling.files import KnownFile, Stamp
from desktop_client.labelling.identity import ImageRecord


@dataclass(frozen=True, slots=True)
class Look:
    """What is needed to compare an image with all others."""

    sample_id: str
    path: Path
    series: str | None
    fingerprint: bytes


class Provenance:
    """The part of one store that knows files and headers.

    Args:
        database: The store's.
        key: Gives the key of this installation's hashes.
    """

    def __init__(self, database: Database, key: Callable[[], bytes]) -> None:
        self._database = database
        self._key = key

    def note_image(self, sample_id: str, record: ImageRecord) -> None:
        """Keep what an image looks like, and which series and instance it is of."""
        origin = record.origin
        self._database.write(
            """
            INSERT OR REPLACE INTO provenance (sample_id, series, instance, fingerprint)
            VALUES (?, ?, ?, ?)
            """,
            sample_id,
            self._hash("series", origin.series_uid if origin else ""),
            self._hash("instance", origin.instance_uid if origin else ""),
            record.fingerprint,
        )

    def known_instance(self, record: ImageRecord) -> str | None:
        """Return the sample that is the same picture of the same DICOM instance, or None.

        An archive may give a file out in another compression. Its UID alone is not trusted: some
        programs give all their files the same.
        """
        origin = record.origin
        instance = self._hash("instance", origin.instance_uid if origin else "")
        rows = self._database.read(
            """
            SELECT sample_id, fingerprint FROM provenance JOIN samples USING (sample_id)
            WHERE instance = ? AND frame = ? AND width_px = ? AND height_px = ?
            """,
            instance,
            record.frame,
            record.width_px,
            record.height_px,
        )
        alike = (i for i, known in rows if looks_alike(known, record.fingerprint))
        return next(alike, None)

    def same_file(self, sample_id: str) -> list[str]:
        """Return the samples that are frames of the same file, in their order."""
        return self._ids(
            """
            SELECT sample_id FROM samples
            WHERE path = (SELECT path FROM samples WHERE sample_id = ?) ORDER BY frame, position
            """,
            sample_id,
        )

    def same_series(self, sample_id: str) -> list[str]:
        """Return the samples of the same DICOM series, in the order of their files; else alone."""
        found = self._ids(
            """
            SELECT sample_id FROM provenance JOIN samples USING (sample_id)
            WHERE series = (SELECT series FROM provenance WHERE sample_id = ?)
            ORDER BY samples.position
            """,
            sample_id,
        )
        return found or [sample_id]

    def looks(self) -> list[Look]:
        """Return what all images look like, in the order in which they were added."""
        rows = self._database.read(
            """
            SELECT sample_id, path, series, fingerprint
            FROM provenance JOIN samples USING (sample_id) ORDER BY position
            """
        )
        return [Look(i, Path(path), series, known) for i, path, series, known in rows]

    # Files

    def note_file(self, path: Path, digest: str, stamp: Stamp) -> None:
        """Keep size and time of a file whose content is known, and that it is there."""
        self._database.write(
            """
            INSERT OR REPLACE INTO locations (path, file_digest, size_bytes, modified_ns)
            VALUES (?, ?, ?, ?)
            """,
            str(path),
            digest,
            stamp.size_bytes,
            stamp.modified_ns,
        )
        self._database.write("DELETE FROM missing_files WHERE path = ?", str(path))

    def known_files(self) -> dict[Path, KnownFile]:
        """Return what was in every file that was ever read, by its path."""
        rows = self._database.read(
            "SELECT path, file_digest, size_bytes, modified_ns FROM locations"
        )
        return {
            Path(path): KnownFile(digest, Stamp(size, modified))
            for path, digest, size, modified in rows
        }

    def copies(self) -> dict[str, list[Path]]:
        """Return all places at which a sample was found, of those that were found at several."""
        rows = self._database.read(
            """
            SELECT files.sample_id, locations.path
            FROM locations JOIN files USING (file_digest)
            WHERE files.frame = (
                SELECT min(frame) FROM files AS f WHERE f.file_digest = files.file_digest
            )
            ORDER BY locations.path
            """
        )
        places: dict[str, list[Path]] = {}
        for sample_id, path in rows:
            places.setdefault(sample_id, []).append(Path(path))
        return {sample_id: paths for sample_id, paths in places.items() if len(paths) > 1}

    def paths(self) -> list[Path]:
        """Return every file that some sample was last seen in."""
        rows = self._database.read("SELECT DISTINCT path FROM samples ORDER BY path")
        return [Path(path) for (path,) in rows]

    def note_missing(self, paths: Iterable[Path]) -> None:
        """Replace the list of files that are no longer where they were."""
        with self._database.transaction():
            self._database.write("DELETE FROM missing_files")
            self._database.write_many(
                "INSERT INTO missing_files (path) VALUES (?)", [(str(path),) for path in paths]
            )

    def missing(self) -> list[str]:
        """Return the samples whose file was not found when it was last looked for."""
        return self._ids(
            "SELECT sample_id FROM samples JOIN missing_files USING (path) ORDER BY position"
        )

    def missing_sizes(self) -> set[int | None]:
        """Return the sizes of the files that held what is missing; None if one is not known."""
        rows = self._database.read(
            """
            SELECT DISTINCT locations.size_bytes
            FROM samples
            JOIN missing_files USING (path)
            JOIN files USING (sample_id)
            LEFT JOIN locations USING (file_digest)
            """
        )
        return {size for (size,) in rows}

    # Scanners

    def domain_of(self, scanner: Scanner) -> UUID | None:
        """Return the domain of a scanner that was met before."""
        rows = self._database.read(
            "SELECT domain_id FROM scanners WHERE scanner = ?", self._scanner_hash(scanner)
        )
        return UUID(rows[0][0]) if rows else None

    def is_scanners(self, domain_id: UUID) -> bool:
        """Whether a domain belongs to a scanner already."""
        return bool(
            self._database.read("SELECT 1 FROM scanners WHERE domain_id = ?", str(domain_id))
        )

    def note_scanner(self, scanner: Scanner, domain_id: UUID) -> None:
        """Keep which domain a scanner's images belong to."""
        self._database.write(
            "INSERT INTO scanners (scanner, domain_id) VALUES (?, ?)",
            self._scanner_hash(scanner),
            str(domain_id),
        )

    def _scanner_hash(self, scanner: Scanner) -> str:
        told = (scanner.manufacturer, scanner.model, scanner.station, scanner.serial_number)
        return self._hash("scanner", "\x1f".join(told)) or ""

    def _hash(self, kind: str, text: str) -> str | None:
        if not text:
            return None
        return hmac.new(self._key(), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()

    def _ids(self, sql: str, *values: object) -> list[str]:
        return [sample_id for (sample_id,) in self._database.read(sql, *values)]
