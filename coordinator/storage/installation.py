"""Which folder of parameter files belongs to which database: both carry the same mark.

Without it a database that was set up anew beside an old folder would take all its files for
orphans.
"""

from typing import Final
from uuid import uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from coordinator.errors import StateDamagedError
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store
from coordinator.storage.tables import installation, studies

MARK: Final = "installation"
"""Name of the file that says whose folder it is."""


def bind_folder(store: Store, blobs: Blobs) -> None:
    """Mark a new folder and a new database as each other's, or check that they are.

    Raises:
        StateDamagedError: if the folder is another database's, or no longer this one's.
    """
    with store.reading() as connection:
        expected = _marked(connection)
    if expected is None:
        expected = _bind(store, blobs)
    if blobs.read_mark(MARK) != expected:
        raise StateDamagedError(
            "The folder of parameter files does not belong to this database. Set data_folder and "
            "database_url to what belongs together, or restore both from the same backup"
        )


def _bind(store: Store, blobs: Blobs) -> str:
    with store.writing() as connection:
        marked = _marked(connection)
        if marked is not None:
            return marked  # another process was quicker
        is_new = not connection.execute(select(func.count()).select_from(studies)).scalar_one()
        if is_new and next(blobs.names(), None) is not None:
            raise StateDamagedError(
                "The folder of parameter files holds those of another database, while this one is "
                "new. Set database_url to the one they belong to, or data_folder to a new folder"
            )
        # The file comes first: what a crash leaves is then completed, not refused.
        mark = blobs.read_mark(MARK) or uuid4().hex
        blobs.write_mark(MARK, mark)
        connection.execute(insert(installation).values(installation_id=mark))
    return mark


def _marked(connection: Connection) -> str | None:
    return connection.execute(select(installation.c.installation_id)).scalar_one_or_none()
