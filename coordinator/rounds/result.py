"""How a study's result does at its sites: each that has fetched it says so, once.

The result is the mean of several rounds' parameters, which no round was ever begun from: so no
update tells how it does.
"""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from coordinator.access.audit import by_site, record
from coordinator.errors import ParametersUnavailableError, StudyMismatchError
from coordinator.protocol import LesionMetrics, ResultMetrics
from coordinator.rounds.published import PackedParameters, newest_published
from coordinator.rounds.standing import find_standing
from coordinator.storage.studies import extractor_of, find_study
from coordinator.storage.tables import result_metrics


def note_result_metrics(
    connection: Connection, study_id: str, site_id: str, measured: ResultMetrics, now: datetime
) -> ResultMetrics:
    """Keep what a site has measured, and return it; of two that it sends the first counts.

    Raises:
        ParametersUnavailableError: if the study has no result, or not yet.
        StudyMismatchError: if other parameters were measured.
    """
    result = _result(connection, study_id, site_id, now)
    if measured.digest != result.digest:
        raise StudyMismatchError(
            "These are the metrics of other parameters than the study's result; fetch the newest "
            "parameters and measure those"
        )
    kept = connection.execute(
        select(result_metrics.c.metrics).where(
            result_metrics.c.study_id == study_id, result_metrics.c.site_id == site_id
        )
    ).scalar_one_or_none()
    if kept is not None:
        return ResultMetrics(digest=result.digest, metrics=LesionMetrics.model_validate(kept))
    connection.execute(
        insert(result_metrics).values(
            study_id=study_id,
            site_id=site_id,
            round_number=result.round_number,
            metrics=measured.metrics.model_dump(),
            received_at=now,
        )
    )
    subject = {"round_number": result.round_number}
    record(connection, now, by_site(site_id), "result_measured", study_id, **subject)
    return measured


def _result(connection: Connection, study_id: str, site_id: str, now: datetime) -> PackedParameters:
    """Return the study's result with the site's own extractor."""
    study = find_study(connection, study_id)
    standing = find_standing(connection, study, now)
    if standing.state(study.study.rounds) != "finished":
        raise ParametersUnavailableError(
            "The study is not over; until then its sites measure the parameters with each update"
        )
    newest = newest_published(connection, study_id, extractor_of(connection, study, site_id))
    if newest is None:
        raise ParametersUnavailableError("The study was stopped before it had a model to measure")
    return newest
