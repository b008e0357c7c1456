from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Connection

from coordinator.errors import StateDamagedError, StudyUnknownError
from coordinator.storage.store import Store
from coordinator.storage.studies import add_study, find_study
from coordinator.storage.tables import studies
from tests.coordinator.conftest import Clock, tiny_study
from tests.coordinator.postgresql import Cluster


@pytest.fixture
def store(postgresql: Cluster) -> Iterator[Store]:
    opened = Store(postgresql.new_database())
    yield opened
    opened.close()


def prepared_count(connection: Connection) -> int:
    counted = text("SELECT count(*) FROM pg_prepared_statements")
    return int(connection.execute(counted).scalar_one())


def test_line_has_a_statement_parsed_once_whatever_its_parameters(
    store: Store, clock: Clock
) -> None:
    with store.writing() as connection:
        study_ids = [add_study(connection, tiny_study(count=n), clock()) for n in (3, 4)]
        before = prepared_count(connection)
        found = [find_study(connection, study_id) for study_id in study_ids]
        with pytest.raises(StudyUnknownError):
            find_study(connection, "'; %s")
        assert prepared_count(connection) == before + 1
    assert [record.study.rounds.count for record in found] == [3, 4]


def test_line_forgets_the_statements_that_it_has_not_executed_for_long(store: Store) -> None:
    with store.reading() as connection:
        for count in range(1, 300):
            few = select(studies.c.study_id).where(studies.c.study_id.in_(["x"] * count))
            assert connection.execute(few).all() == []
        assert prepared_count(connection) == 200
        assert connection.execute(few).all() == []


def test_line_keeps_no_statement_that_lists_thousands_of_ids(store: Store, clock: Clock) -> None:
    with store.writing() as connection:
        study_id = add_study(connection, tiny_study(), clock())
        before = prepared_count(connection)
        many = select(studies.c.study_id).where(studies.c.study_id.in_([study_id, *["x"] * 2000]))
        assert connection.execute(many).scalars().all() == [study_id]
        assert prepared_count(connection) == before


@pytest.mark.usefixtures("expected_warnings")
@pytest.mark.parametrize(
    "change", ["ALTER TABLE studies ALTER COLUMN course TYPE text", "DEALLOCATE ALL"]
)
def test_statement_whose_table_was_changed_or_that_the_server_lost_fails_once_only(
    change: str, store: Store, clock: Clock
) -> None:
    with store.writing() as connection:
        study_id = add_study(connection, tiny_study(), clock())
        find_study(connection, study_id)
        connection.execute(text(change))
    with pytest.raises(StateDamagedError), store.reading() as connection:
        find_study(connection, study_id)
    with store.reading() as connection:
        assert find_study(connection, study_id).course == "running"


@pytest.mark.usefixtures("expected_warnings")
def test_line_whose_answer_cannot_be_read_answers_nothing_more(store: Store, clock: Clock) -> None:
    with store.writing() as connection:
        study_id = add_study(connection, tiny_study(), clock())
        connection.execute(text("UPDATE studies SET created_at = 'infinity'"))
    for _ in range(2):
        with pytest.raises(ValueError, match="infinity"), store.reading() as connection:
            find_study(connection, study_id)
        with store.reading() as connection:
            assert connection.execute(text("SELECT 7")).scalar_one() == 7


def test_defaults_of_the_server_change_neither_how_times_are_read_nor_what_writers_see(
    store: Store, postgresql: Cluster, clock: Clock
) -> None:
    with store.writing() as connection:
        study_id = add_study(connection, tiny_study(), clock())
        connection.execute(text("ALTER DATABASE test SET datestyle = 'SQL, DMY'"))
        connection.execute(
            text("ALTER DATABASE test SET default_transaction_isolation = serializable")
        )
    other = Store(postgresql.url("test"))
    with other.writing() as connection:
        assert find_study(connection, study_id).created_at == clock()
        shown = connection.execute(text("SHOW transaction_isolation")).scalar_one()
        assert shown == "read committed"
    other.close()


def test_lines_that_broke_while_nobody_used_them_are_replaced_unnoticed(
    store: Store, postgresql: Cluster, clock: Clock
) -> None:
    study_ids = []
    for _ in range(2):
        with store.writing() as connection:
            study_ids.append(add_study(connection, tiny_study(), clock()))
        _break_all_lines(postgresql)
        with store.reading() as connection:
            find_study(connection, study_ids[-1])
        _break_all_lines(postgresql)
        with store.alone("sweep") as is_alone:
            assert is_alone
        _break_all_lines(postgresql)
    assert len(set(study_ids)) == 2


def _break_all_lines(postgresql: Cluster) -> None:
    other = Store(postgresql.url("test"))
    with other.writing() as connection:
        others = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = 'test' AND pid <> pg_backend_pid()"
        )
        connection.execute(others)
    other.close()
