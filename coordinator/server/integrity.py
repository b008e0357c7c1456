"""Whether the coordinator's own state is whole; looked through before it serves anything."""

from collections.abc import Iterator

from sqlalchemy import select, union_all
from sqlalchemy.engine import Connection

from coordinator.errors import StateDamagedError
from coordinator.rounds.published import newest_round
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store
from coordinator.storage.studies import list_studies
from coordinator.storage.tables import global_parameters, proposals, updates


def check_state(store: Store, blobs: Blobs) -> None:
    """Read through the database, and every file that a coming round may need.

    Raises:
        StateDamagedError: saying what is torn or missing, and what to restore.
    """
    with store.reading() as connection:
        _check_database(connection)
        needed = list(_needed_files(connection))
    for name, what in needed:
        try:
            blobs.check(name)
        except StateDamagedError as error:
            with store.reading() as connection:
                if name not in named_files(connection):
                    continue  # another process has gone on since, and removed it
            raise StateDamagedError(
                f"The file of {what} is missing or damaged. Restore the file {name} in the "
                "data folder's parameters from a backup, and start again"
            ) from error


def named_files(connection: Connection) -> set[str]:
    """Return the names of all parameter files that some row refers to."""
    columns = (
        global_parameters.c.digest,
        global_parameters.c.difference,
        proposals.c.digest,
        updates.c.blob,
        updates.c.kept_blob,
    )
    rows = connection.execute(union_all(*(select(column) for column in columns))).scalars()
    return {name for name in rows if name is not None}


def _check_database(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return  # a server checks its own pages
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found != "ok" or dangling is not None:
        raise StateDamagedError(
            "The coordinator's database is damaged. Restore coordinator.sqlite and the parameter "
            "files from the same backup, and start again"
        )


def _needed_files(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield name and meaning of each file that a coming round, or a site, may need."""
    for record in list_studies(connection):
        plan, newest = record.study.rounds, newest_round(connection, record.study_id)
        # Those that the last round's mean joins, and the newest, which sites begin from.
        first = min(plan.count - plan.averaged_rounds + 1, newest or 0)
        published = connection.execute(
            select(
                global_parameters.c.round_number,
                global_parameters.c.digest,
                global_parameters.c.difference,
            )
            .where(global_parameters.c.study_id == record.study_id)
            .where(global_parameters.c.round_number >= first)
        )
        for number, name, difference in published:
            yield name, f"the global parameters of round {number}"
            if difference is not None:
                yield difference, f"what round {number} changed"
    for column in (updates.c.blob, updates.c.kept_blob):
        sent = select(updates.c.round_number, updates.c.site_id, column.label("blob"))
        for number, site_id, name in connection.execute(sent.where(column.is_not(None))):
            yield name, f"what site {site_id} sent in round {number}"
    for name in connection.execute(select(proposals.c.digest)).scalars():
        yield name, "the proposed initial parameters"
