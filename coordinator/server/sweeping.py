"""What is done beside all requests: files that nothing refers to go, and the folder is attended."""

import logging
from datetime import datetime, timedelta
from typing import Final

import anyio
import anyio.to_thread

from coordinator.server.context import Coordinator
from coordinator.server.integrity import named_files
from coordinator.storage.attendance import RENEWAL_S, renew_attendance
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store

SAFE_AGE: Final = timedelta(hours=1)
"""A file gets its row within seconds; one as old as this, without a row, never does."""
_INTERVAL_S: Final = 3600.0

logger = logging.getLogger(__name__)


def sweep_files(store: Store, blobs: BlobFolder, now: datetime) -> int:
    """Remove parameter files that no row names and that are no longer new; return how many."""
    blobs.remove_unfinished(now)
    old = [name for name in blobs.names() if blobs.is_older(name, now - SAFE_AGE)]
    # In a transaction of a writer, so that no row begins to name a file while it is removed.
    with store.writing() as connection:
        named = named_files(connection)
        orphans = [
            name for name in old if name not in named and blobs.is_older(name, now - SAFE_AGE)
        ]
        for name in orphans:
            blobs.delete(name)
    if orphans:
        logger.info("Removed %d parameter files that nothing refers to", len(orphans))
    return len(orphans)


async def sweep_now_and_then(at: Coordinator) -> None:
    """Sweep as long as the coordinator runs, at once and then every hour."""

    def sweep() -> None:
        sweep_files(at.store, at.blobs, at.clock())
        at.arrivals.sweep(at.clock())

    while True:
        try:
            await anyio.to_thread.run_sync(sweep)
        except Exception:  # the outermost edge of a task of its own
            logger.exception("Unneeded files could not be removed; it is tried again in an hour")
        await anyio.sleep(_INTERVAL_S)


async def renew_now_and_then(at: Coordinator) -> None:
    """Note as long as the coordinator runs that it does."""
    while True:
        await anyio.to_thread.run_sync(renew_attendance, at.settings.data_folder)
        await anyio.sleep(RENEWAL_S)
