"""What holds for every test: no warning goes unnoticed, no thread outlives its test.

Loads neither torch nor Qt, so that the tests of the coordinator and of the core stay quick.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

OUR_PACKAGES: Final = ("coordinator", "desktop_client")
THREAD_GRACE_S: Final = 2.0
"""How long a thread may take to end after its test did."""

if "DISPLAY" not in os.environ and "WAYLAND_DISPLAY" not in os.environ:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


class RecordedWarnings(logging.Handler):
    """Keeps what our packages logged at WARNING or above during one test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.are_expected = False

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def recorded_warnings() -> Iterator[RecordedWarnings]:
    """Fail the test if our code logged a warning that the test did not ask for."""
    handler = RecordedWarnings()
    loggers = [logging.getLogger(name) for name in OUR_PACKAGES]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)
    if handler.records and not handler.are_expected:
        told = "\n".join(f"{r.levelname} {r.name}: {r.getMessage()}" for r in handler.records)
        pytest.fail(f"Unexpected log records (ask for `expected_warnings`):\n{told}")


@pytest.fixture
def expected_warnings(recorded_warnings: RecordedWarnings) -> list[logging.LogRecord]:
    """Allow warnings in this test, and give the records, so that it can check them."""
    recorded_warnings.are_expected = True
    return recorded_warnings.records


@pytest.fixture(autouse=True)
def _no_thread_outlives_the_test() -> Iterator[None]:
    """Fail the test if a Python thread that it started is still running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    for thread in _threads_since(before):
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [thread.name for thread in _threads_since(before)]
    if left:
        pytest.fail(f"Threads outlived the test: {', '.join(left)}")


def _threads_since(before: set[threading.Thread]) -> list[threading.Thread]:
    # A foreign thread (Qt's) that once ran Python is listed as a dummy until the process ends.
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not isinstance(thread, threading._DummyThread)
    ]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images: ``SITEBLIND_SHARED_DATA``, or ``../shared/data`` of the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SITEBLIND_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the shared folder of real images is not at {folder}")
    return folder
