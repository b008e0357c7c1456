"""Global parameters: packed once, then published by a transaction and found again by number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, insert, select
from sqlalchemy.engine import Connection, Row

from coordinator.errors import ParametersUnavailableError
from coordinator.layout import with_message
from coordinator.method.arrays import Values
from coordinator.method.leakage import Leakage
from coordinator.parameters import Manifest
from coordinator.protocol import (
    METHOD_VERSION,
    PROTOCOL_VERSION,
    GlobalMessage,
    ParametersReference,
)
from coordinator.storage.blobs import Shelf
from coordinator.storage.bodies import body_parts
from coordinator.storage.studies import StudyRecord
from coordinator.storage.tables import global_parameters
from coordinator.study import ExtractorName

_PACKED_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = (
    global_parameters.c.round_number,
    global_parameters.c.extractor,
    global_parameters.c.digest,
    global_parameters.c.size_bytes,
)
_OF_ROUND: Final = select(*_PACKED_COLUMNS).where(
    global_parameters.c.study_id == bindparam("study_id"),
    global_parameters.c.round_number == bindparam("round_number"),
    global_parameters.c.extractor == bindparam("extractor"),
)
_NEWEST_ROUND: Final = select(func.max(global_parameters.c.round_number)).where(
    global_parameters.c.study_id == bindparam("study_id")
)
_NEWEST_MODELS: Final = select(*_PACKED_COLUMNS).where(
    global_parameters.c.study_id == bindparam("study_id"),
    global_parameters.c.round_number == _NEWEST_ROUND.scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class PackedParameters:
    """A body with a ``GlobalMessage``, durable in the blob folder."""

    round_number: int
    extractor: str
    digest: str
    """SHA-256 of the body, and name of its file."""
    size_bytes: int

    @property
    def reference(self) -> ParametersReference:
        """What sites are told about it."""
        return ParametersReference(
            round_number=self.round_number, digest=self.digest, size_bytes=self.size_bytes
        )


def pack(
    blobs: Shelf, message: GlobalMessage, shapes: Manifest, values: Iterable[Values]
) -> PackedParameters:
    """Make the body of global parameters and put it on the disk.

    Args:
        blobs: Where the body goes.
        message: What the body says.
        shapes: Of the parameters, and of the domains' moments and styles that ride along.
        values: All of theirs, in order of their names.
    """
    blob = blobs.put(body_parts(shapes, with_message(message), values))
    return PackedParameters(message.round_number, message.extractor, blob.name, blob.size_bytes)


def global_message(
    record: StudyRecord, round_number: int, domain_count: int, extractor: str
) -> GlobalMessage:
    """Return what global parameters of the study say after a round; 0 is before the first."""
    return GlobalMessage(
        protocol_version=PROTOCOL_VERSION,
        method_version=METHOD_VERSION,
        study_id=record.study_id,
        study_digest=record.study.digest,
        round_number=round_number,
        extractor=extractor,
        domain_count=domain_count,
    )


def publish(
    connection: Connection,
    study_id: str,
    packed: PackedParameters,
    now: datetime,
    leakage: Leakage | None = None,
    difference: str | None = None,
) -> None:
    """Make packed parameters the study's for their round and extractor; there can be only one.

    Args:
        connection: A transaction.
        study_id: The study.
        packed: The parameters.
        now: The time.
        leakage: Of the features that the round's sites sent moments of.
        difference: Name of the file of what the round changed.
    """
    connection.execute(
        insert(global_parameters).values(
            study_id=study_id,
            round_number=packed.round_number,
            extractor=packed.extractor,
            digest=packed.digest,
            size_bytes=packed.size_bytes,
            difference=difference,
            published_at=now,
            leakage=None if leakage is None else leakage.model_dump(mode="json"),
        )
    )


def newest_round(connection: Connection, study_id: str) -> int | None:
    """Return the last round that was averaged, 0 before the first; None without initial ones."""
    number: int | None = connection.execute(_NEWEST_ROUND, {"study_id": study_id}).scalar_one()
    return number


def newest_models(connection: Connection, study_id: str) -> dict[str, PackedParameters]:
    """Return the newest global parameters by extractor; none if there are no initial ones."""
    rows = connection.execute(_NEWEST_MODELS, {"study_id": study_id})
    return {row.extractor: _packed(row) for row in rows}


def newest_published(
    connection: Connection, study_id: str, extractor: ExtractorName
) -> PackedParameters | None:
    """Return the newest global parameters with an extractor; None if there are no initial ones."""
    row = connection.execute(
        select(*_PACKED_COLUMNS)
        .where(global_parameters.c.study_id == study_id)
        .where(global_parameters.c.extractor == extractor)
        .order_by(global_parameters.c.round_number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _packed(row)


def find_published(
    connection: Connection, study_id: str, round_number: int, extractor: ExtractorName
) -> PackedParameters:
    """Return the global parameters with an extractor that a round resulted in.

    Raises:
        ParametersUnavailableError: if that round was not averaged, or not yet.
    """
    named = {"study_id": study_id, "round_number": round_number, "extractor": extractor}
    row = connection.execute(_OF_ROUND, named).one_or_none()
    if row is None:
        raise ParametersUnavailableError(
            f"The study has no global parameters of round {round_number} yet"
            if round_number
            else "The study has no initial parameters yet"
        )
    return _packed(row)


def find_difference(
    connection: Connection, study_id: str, round_number: int, extractor: ExtractorName
) -> str:
    """Return the name of the file of what a round changed in the model with an extractor.

    Raises:
        ParametersUnavailableError: if there is none; the parameters themselves then are there.
    """
    name: str | None = connection.execute(
        select(global_parameters.c.difference)
        .where(global_parameters.c.study_id == study_id)
        .where(global_parameters.c.round_number == round_number)
        .where(global_parameters.c.extractor == extractor)
    ).scalar_one_or_none()
    if name is None:
        raise ParametersUnavailableError(
            f"What round {round_number} changed is not here; fetch its parameters as a whole"
        )
    return name


def find_joined(
    connection: Connection, record: StudyRecord, round_number: int, extractor: ExtractorName
) -> list[PackedParameters]:
    """Return the earlier global parameters whose mean with a round's average it publishes.

    Only the last round has any: up to ``averaged_rounds - 1`` before it, never the initial ones.

    Raises:
        ParametersUnavailableError: if an earlier round was not averaged.
    """
    plan = record.study.rounds
    if round_number < plan.count:
        return []
    first = max(1, round_number - plan.averaged_rounds + 1)
    return [
        find_published(connection, record.study_id, number, extractor)
        for number in range(first, round_number)
    ]


def _packed(row: Row[Any]) -> PackedParameters:
    return PackedParameters(row.round_number, row.extractor, row.digest, row.size_bytes)
