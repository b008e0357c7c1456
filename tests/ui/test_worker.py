import logging
import time
from collections.abc import Generator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from desktop_client.errors import NothingToTrainError
from desktop_client.gui.worker import Worker, Workers
from desktop_client.training.events import ImagesPrepared, StillWorking


def counting(count: int) -> Generator[ImagesPrepared]:
    for number in range(1, count + 1):
        yield ImagesPrepared(number, count)


class Endless:
    """Works until it is closed, and remembers that it was."""

    def __init__(self) -> None:
        self.is_closed = False

    def events(self) -> Generator[StillWorking]:
        try:
            while True:
                time.sleep(0.01)
                yield StillWorking()
        finally:
            self.is_closed = True


def test_every_event_arrives_in_order_and_then_success(qtbot: QtBot) -> None:
    worker = Worker(lambda: counting(3))
    seen: list[object] = []
    worker.event_emitted.connect(seen.append)
    with qtbot.waitSignal(worker.succeeded):
        worker.start()
    worker.wait()
    assert seen == [ImagesPrepared(1, 3), ImagesPrepared(2, 3), ImagesPrepared(3, 3)]


def test_the_generator_runs_in_the_workers_own_thread(qtbot: QtBot) -> None:
    def where() -> Generator[QThread]:
        yield QThread.currentThread()

    worker = Worker(where)
    seen: list[object] = []
    worker.event_emitted.connect(seen.append)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    worker.wait()
    assert seen == [worker]


def test_an_interrupted_worker_closes_its_generator_and_says_cancelled(qtbot: QtBot) -> None:
    endless = Endless()
    worker = Worker(endless.events)
    with qtbot.waitSignal(worker.cancelled):
        worker.start()
        worker.requestInterruption()
    worker.wait()
    assert endless.is_closed


def test_a_sign_of_life_is_not_passed_on(qtbot: QtBot) -> None:
    worker = Worker(lambda: (StillWorking() for _ in range(3)))
    seen: list[object] = []
    worker.event_emitted.connect(seen.append)
    with qtbot.waitSignal(worker.succeeded):
        worker.start()
    worker.wait()
    assert seen == []


def test_a_client_error_is_told_in_its_own_words(qtbot: QtBot) -> None:
    def refuse() -> Generator[object]:
        yield ImagesPrepared(0, 0)
        raise NothingToTrainError("Label some images first")

    worker = Worker(refuse)
    with qtbot.waitSignal(worker.failed) as told:
        worker.start()
    worker.wait()
    assert told.args == ["Label some images first"]


def test_an_unexpected_error_is_logged_and_told_without_a_traceback(
    qtbot: QtBot, expected_warnings: list[logging.LogRecord]
) -> None:
    def fail() -> Generator[object]:
        yield ImagesPrepared(0, 0)
        raise ZeroDivisionError

    worker = Worker(fail)
    with qtbot.waitSignal(worker.failed) as told:
        worker.start()
    worker.wait()
    assert told.args == ["Unexpected error; see the log for details."]
    assert expected_warnings[0].exc_info is not None


def test_finished_workers_are_let_go(qtbot: QtBot) -> None:
    workers = Workers()
    workers.start(Worker(lambda: counting(1)))
    qtbot.waitUntil(lambda: workers.running_count == 0)


@pytest.mark.parametrize("count", [1, 3])
def test_cancelling_all_ends_every_thread_before_it_returns(qtbot: QtBot, count: int) -> None:
    workers = Workers()
    endless = [Endless() for _ in range(count)]
    for each in endless:
        workers.start(Worker(each.events))
    workers.cancel_all()
    assert all(each.is_closed for each in endless)
    assert workers.running_count == 0


def test_after_all_were_cancelled_none_is_started(qtbot: QtBot) -> None:
    workers = Workers()
    workers.cancel_all()
    late = Worker(lambda: counting(1))
    workers.start(late)
    assert not late.isRunning()
    assert workers.running_count == 0
