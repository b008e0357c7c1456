"""Waiting for a coordinator without ever blocking whoever iterates."""

import math
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from typing import Final, TypeVar

from desktop_client.errors import CoordinatorAwayError
from desktop_client.federation.events import CoordinatorAway
from desktop_client.training.events import StillWorking

POLL_FOR_CANCEL_S: Final = 0.1
FIRST_ABSENCE_WAIT_S: Final = 1.0
LONGEST_ABSENCE_WAIT_S: Final = 60.0

Answer = TypeVar("Answer")


def pause(duration_s: float) -> Generator[StillWorking]:
    """Wait, yielding at least every 100 ms."""
    end = time.monotonic() + duration_s
    while (left := end - time.monotonic()) > 0:
        yield StillWorking()
        time.sleep(min(POLL_FOR_CANCEL_S, left))


def patiently(
    ask: Callable[[], Answer],
) -> Generator[CoordinatorAway | StillWorking, None, Answer]:
    """Return what ``ask`` returns, asking again for as long as the coordinator is away.

    A request may take minutes, so it runs in a thread; whoever ceases to iterate leaves it to end
    by itself.

    The wait doubles from 1 s to a minute: a restart is noticed soon, a long absence costs nothing.

    Raises:
        FederationError: whatever ``ask`` raises other than absence.
    """
    wait_s = FIRST_ABSENCE_WAIT_S
    while True:
        try:
            return (yield from attended(ask))
        except CoordinatorAwayError as error:
            yield CoordinatorAway(str(error), wait_s)
        yield from pause(wait_s)
        wait_s = min(2 * wait_s, LONGEST_ABSENCE_WAIT_S)


def attended(
    ask: Callable[[], Answer], patience_s: float = math.inf
) -> Generator[StillWorking, None, Answer]:
    """Return what ``ask`` returns, yielding at least every 100 ms until it does.

    Raises:
        TimeoutError: if it has not after so many seconds; it is left to end by itself.
    """
    gives_up_at = time.monotonic() + patience_s
    answer: Future[Answer] = Future()
    threading.Thread(target=_fulfil, args=(answer, ask), daemon=True).start()
    while not wait([answer], POLL_FOR_CANCEL_S).done:
        if time.monotonic() > gives_up_at:
            raise TimeoutError
        yield StillWorking()
    return answer.result()


def _fulfil(answer: Future[Answer], ask: Callable[[], Answer]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as error:  # noqa: BLE001  raised again where the answer is waited for
        answer.set_exception(error)
