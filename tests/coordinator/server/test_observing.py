import json
import logging
from collections.abc import Iterator

import pytest

from coordinator.server.logs import formatter
from tests.coordinator.conftest import LiveCoordinator, wait_until


class KeptLines(logging.Handler):
    """Keeps log lines as a program would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(formatter("json"))
        self.lines: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def kept_lines() -> Iterator[list[dict[str, str]]]:
    handler, logger = KeptLines(), logging.getLogger("coordinator")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler.lines
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_all_lines_of_one_request_carry_its_id(
    live: LiveCoordinator,
    kept_lines: list[dict[str, str]],
    expected_warnings: list[logging.LogRecord],
) -> None:
    with live.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE studies RENAME TO stolen")
    for _ in range(2):
        live.request("GET", "/readyz")
    wait_until(lambda: len(kept_lines) == 6)
    each = ["coordinator.storage.store", "coordinator.app", "coordinator.server.observing"]
    assert [line["logger"] for line in kept_lines] == 2 * each
    first, second = (
        {line["request_id"] for line in part} for part in (kept_lines[:3], kept_lines[3:])
    )
    assert len(first) == len(second) == 1
    assert first != second
    assert expected_warnings


def test_refused_request_is_told_to_the_operator_and_a_usual_one_is_not(
    live: LiveCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        ours = [r for r in caplog.records if r.name == "coordinator.server.observing"]
        return [record.getMessage() for record in ours]

    with caplog.at_level(logging.INFO):
        live.request("GET", "/healthz")
        live.request("GET", "/v1/studies/somebodys-secret/round")
        wait_until(lambda: bool(told()))
    (only,) = told()
    assert only.startswith("GET /v1/studies/{study_id}/round was answered with 401 after 0.")
