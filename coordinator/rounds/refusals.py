"""Updates that were not accepted, and why: kept for the study owner to look at, a few per site."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from coordinator.access.audit import by_site, record
from coordinator.errors import CoordinatorError
from coordinator.rounds.published import newest_round
from coordinator.storage.store import Store
from coordinator.storage.tables import refusals

KEPT_PER_SITE: Final = 10
"""Of one round; a site that is refused more often is refused for the same reasons again."""

_OF_THE_LINE: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


@contextmanager
def noted_refusals(
    store: Store, study_id: str, site_id: str, round_number: int, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Keep the refusal that the block ends with, if any; it is raised all the same.

    What is no fault of the update, such as a full disk or a slow line, is not kept.
    """
    try:
        yield
    except CoordinatorError as error:
        is_of_update = error.http_status not in _OF_THE_LINE
        if is_of_update and error.http_status < HTTPStatus.INTERNAL_SERVER_ERROR:
            with store.writing() as connection:
                _keep(connection, (study_id, site_id, round_number), error, clock())
        raise


def _keep(
    connection: Connection, of: tuple[str, str, int], error: CoordinatorError, now: datetime
) -> None:
    study_id, site_id, claimed = of
    newest = newest_round(connection, study_id)
    # A site can claim any number; there is no more to tell apart than the rounds there were.
    number = min(claimed, 0 if newest is None else newest + 1)
    same = (
        select(func.count())
        .select_from(refusals)
        .where(refusals.c.study_id == study_id, refusals.c.site_id == site_id)
        .where(refusals.c.round_number == number)
    )
    if connection.execute(same).scalar_one() >= KEPT_PER_SITE:
        return
    connection.execute(
        insert(refusals).values(
            study_id=study_id,
            round_number=number,
            site_id=site_id,
            code=error.code,
            sentence=str(error),
            refused_at=now,
        )
    )
    record(
        connection,
        now,
        by_site(site_id),
        "update_refused",
        study_id,
        round_number=number,
        code=error.code,
    )
