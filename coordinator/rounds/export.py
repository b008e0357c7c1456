"""A study's model as one file that explains itself."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from errno import EISDIR
from pathlib import Path

from coordinator.access.audit import OPERATOR, record
from coordinator.errors import ParametersUnavailableError, SettingsInvalidError
from coordinator.method.arrays import blocks
from coordinator.parameters import MOMENTS_PREFIX, STYLES_PREFIX, value_count
from coordinator.protocol import STUDY_KEY
from coordinator.rounds.published import PackedParameters, newest_published
from coordinator.storage.blobs import Blobs
from coordinator.storage.bodies import body_parts
from coordinator.storage.durable import rename_durably
from coordinator.storage.store import Store
from coordinator.storage.studies import find_study
from coordinator.study import ExtractorName, Study


@dataclass(frozen=True, slots=True)
class ModelWanted:
    """Which model is to be written.

    Attributes:
        study_id: Of the study.
        extractor: Which of the study's models; None for the only one.
        is_unfinished_wanted: Whether one will do of a study that has rounds left.
    """

    study_id: str
    extractor: ExtractorName | None = None
    is_unfinished_wanted: bool = False


def export_study(
    store: Store, blobs: Blobs, wanted: ModelWanted, output_path: Path, now: datetime
) -> None:
    """Write the newest global parameters to a safetensors file with message and study.

    The sites' moments and styles stay behind: a model needs none, and they were shared for
    training only. The file is whole or not there.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if it has no parameters, or rounds are left and nobody asked
            for an unfinished model.
        StateDamagedError: if the parameters' file is missing or torn.
        SettingsInvalidError: if the output cannot be written, or it is not clear which extractor
            is meant.
    """
    study_id = wanted.study_id
    with store.reading() as connection:
        study = find_study(connection, study_id).study
        chosen = _chosen(study.model.extractors, wanted.extractor)
        newest = newest_published(connection, study_id, chosen)
    if newest is None:
        raise ParametersUnavailableError(
            f"The study has no parameters to export; `study show {study_id}` says what it waits for"
        )
    if newest.round_number < study.rounds.count and not wanted.is_unfinished_wanted:
        raise ParametersUnavailableError(
            f"Only {newest.round_number} of {study.rounds.count} rounds are averaged; "
            "pass --unfinished to export the model as it is now"
        )
    with (
        _placed_at_the_end(output_path, _exported(blobs, newest, study)),
        store.writing() as connection,
    ):
        # Before the file has its name: better an entry too many than a model nobody knows of.
        record(
            connection,
            now,
            OPERATOR,
            "study_exported",
            study_id,
            round_number=newest.round_number,
            digest=newest.digest,
        )


def _chosen(extractors: tuple[ExtractorName, ...], named: ExtractorName | None) -> ExtractorName:
    if named is None and len(extractors) == 1:
        return extractors[0]
    if named in extractors:
        return named
    raise SettingsInvalidError(
        f"The study has a model with each of {', '.join(extractors)}; name the one to export with "
        "--extractor"
    )


def _exported(blobs: Blobs, newest: PackedParameters, study: Study) -> Iterable[bytes | memoryview]:
    body = blobs.body(newest.digest)
    statistics = (MOMENTS_PREFIX, STYLES_PREFIX)
    shapes = {n: shape for n, shape in body.shapes.items() if not n.startswith(statistics)}
    metadata = {**body.metadata, STUDY_KEY: study.model_dump_json()}
    ranges = blocks(0, value_count(shapes))
    return body_parts(shapes, metadata, (body.values(start, stop) for start, stop in ranges))


@contextmanager
def _placed_at_the_end(path: Path, parts: Iterable[bytes | memoryview]) -> Iterator[None]:
    """Write a file aside, and give it its name when the block has ended well."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        with unfinished.open("wb") as file:
            file.writelines(parts)
        yield
        rename_durably(unfinished, path)
    except OSError as error:
        raise SettingsInvalidError(
            f"{path} cannot be written: {error.strerror}. Name another file with --output"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
