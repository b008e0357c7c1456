"""The owner's word on a study: it runs, is paused, or is stopped for good.

Paused: no new round opens, and the open one goes on to its end. Stopped: the open round is
abandoned, and the newest global parameters are the result.
"""

import logging
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from coordinator.access.audit import OPERATOR, Action, record
from coordinator.errors import StudyFinishedError, StudyStoppedError
from coordinator.rounds.published import newest_round
from coordinator.rounds.transitions import abandon_open_round
from coordinator.storage.store import Store
from coordinator.storage.studies import Course, StudyRecord, find_study
from coordinator.storage.tables import studies

logger = logging.getLogger(__name__)

_AUDITED: Final[dict[Course, Action]] = {
    "running": "study_resumed",
    "paused": "study_paused",
    "stopped": "study_stopped",
}


def pause_study(store: Store, study_id: str, now: datetime) -> None:
    """Open no further round of a study until it is resumed; pausing again changes nothing.

    Raises:
        StudyUnknownError: if there is no such study.
        StudyStoppedError: if it was stopped.
        StudyFinishedError: if all its rounds are averaged.
    """
    with store.writing() as connection:
        if _turn(connection, study_id, "paused"):
            _note(connection, study_id, "paused", now)


def resume_study(store: Store, study_id: str, now: datetime) -> None:
    """Let a paused study go on; resuming one that runs changes nothing.

    Raises:
        StudyUnknownError: if there is no such study.
        StudyStoppedError: if it was stopped.
        StudyFinishedError: if all its rounds are averaged.
    """
    with store.writing() as connection:
        if _turn(connection, study_id, "running"):
            _note(connection, study_id, "running", now)


def stop_study(store: Store, study_id: str, now: datetime) -> None:
    """End a study for good, whatever round it is in; stopping again changes nothing.

    Raises:
        StudyUnknownError: if there is no such study.
        StudyFinishedError: if all its rounds are averaged.
    """
    with store.writing() as connection:
        if not _turn(connection, study_id, "stopped"):
            return
        abandoned = abandon_open_round(connection, study_id, now)
        _note(connection, study_id, "stopped", now)
        if abandoned is not None:
            subject = {"round_number": abandoned}
            record(connection, now, OPERATOR, "round_abandoned", study_id, **subject)


def check_goes_on(connection: Connection, study_id: str) -> None:
    """Refuse what makes no sense for a study that is over.

    Raises:
        StudyUnknownError: if there is no such study.
        StudyStoppedError: if it was stopped.
        StudyFinishedError: if all its rounds are averaged.
    """
    record = find_study(connection, study_id)
    _check_unfinished(connection, record)
    if record.course == "stopped":
        raise _stopped(study_id)


def _check_unfinished(connection: Connection, record: StudyRecord) -> None:
    count, newest = record.study.rounds.count, newest_round(connection, record.study_id)
    if newest is not None and newest >= count:
        raise StudyFinishedError(
            f"All {count} rounds of study {record.study_id} are averaged already; create a new "
            "study to train on"
        )


def _stopped(study_id: str) -> StudyStoppedError:
    return StudyStoppedError(f"Study {study_id} was stopped for good; create a new one to train on")


def _turn(connection: Connection, study_id: str, course: Course) -> bool:
    """Compare and set: change the course of a study that is not stopped; return whether it was."""
    _check_unfinished(connection, find_study(connection, study_id))
    turned = connection.execute(
        update(studies)
        .where(studies.c.study_id == study_id)
        .where(studies.c.course.not_in([course, "stopped"]))
        .values(course=course)
    )
    if turned.rowcount == 1:
        return True
    now_is = connection.execute(
        select(studies.c.course).where(studies.c.study_id == study_id)
    ).scalar_one()
    if now_is != course:
        raise _stopped(study_id)
    return False


def _note(connection: Connection, study_id: str, course: Course, now: datetime) -> None:
    record(connection, now, OPERATOR, _AUDITED[course], study_id)
    logger.info("Study %s: now %s", study_id, course)
