"""What is done beside all requests: files that nothing refers to go, and the folder is attended."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import anyio
import anyio.to_thread

from coordinator.errors import CoordinatorError
from coordinator.server.context import Coordinator
from coordinator.server.integrity import named_files
from coordinator.storage.attendance import RENEWAL_S, attend, renew_attendance
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store

SAFE_AGE: Final = timedelta(days=1)
"""Files get their rows when all of an average is made. Whoever makes it renews their times, however
long it takes, and who enters a row makes sure that the file is still there."""
_RENEWED_AGE: Final = SAFE_AGE / 4
"""Of files in work that are renewed: few averages take so long, and a renewal may fail twice."""
_INTERVAL_S: Final = 3600.0
_REMOVED_AT_ONCE: Final = 20
"""Nobody else writes meanwhile, and an object store takes its time."""

logger = logging.getLogger(__name__)


def sweep_files(store: Store, blobs: Blobs, now: datetime) -> int:
    """Remove parameter files that no row names and that are no longer new; return how many."""
    old = list(blobs.names_before(now - SAFE_AGE))
    with store.reading() as connection:
        named = named_files(connection)
    orphans = [name for name in old if name not in named]
    removed_count = 0
    for start in range(0, len(orphans), _REMOVED_AT_ONCE):
        few = orphans[start : start + _REMOVED_AT_ONCE]
        # In a transaction of a writer, so that no row begins to name a file while it is removed.
        with store.writing() as connection:
            named = named_files(connection)
            unnamed = [name for name in few if name not in named]
            still_old = [name for name in unnamed if blobs.is_older(name, now - SAFE_AGE)]
            if blobs.delete(*still_old):
                removed_count += len(still_old)
    if removed_count:
        logger.info("Removed %d parameter files that nothing refers to", removed_count)
    return removed_count


def sweep(at: Coordinator) -> None:
    """Remove all that is needed no more, after saying what this process is still at."""
    at.rounds.renew_files_in_work(at.clock() - _RENEWED_AGE)
    at.blobs.remove_unfinished(at.clock())
    with at.store.alone("sweep") as is_alone:
        if is_alone:
            sweep_files(at.store, at.blobs, at.clock())
    at.arrivals.sweep(at.clock())


async def sweep_now_and_then(at: Coordinator) -> None:
    """Sweep as long as the coordinator runs, at once and then every hour."""
    while True:
        try:
            await anyio.to_thread.run_sync(sweep, at)
        except CoordinatorError as refusal:
            logger.error("Unneeded files stay; it is tried again in an hour: %s", refusal)
        except Exception:  # the outermost edge of a task of its own
            logger.exception("Unneeded files could not be removed; it is tried again in an hour")
        await anyio.sleep(_INTERVAL_S)


async def renew_now_and_then(at: Coordinator) -> None:
    """Note as long as the coordinator runs that it does."""

    def renew() -> None:
        renew_attendance(at.settings.data_folder)
        # The log says why where the database is away; it is told as soon as it is back.
        with suppress(CoordinatorError):
            if at.store.is_shared:
                with at.store.writing() as connection:
                    attend(connection, at.clock())

    while True:
        await anyio.to_thread.run_sync(renew)
        await anyio.sleep(RENEWAL_S)
