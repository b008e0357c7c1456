import threading
import time
from collections.abc import Generator, Iterator

import pytest

from desktop_client.errors import CoordinatorAwayError, CoordinatorRefusedError
from desktop_client.federation.events import CoordinatorAway
from desktop_client.federation.waiting import patiently
from desktop_client.training.events import StillWorking


@pytest.fixture
def line() -> Iterator[threading.Event]:
    """Set when the coordinator may answer."""
    event = threading.Event()
    yield event
    event.set()


def test_a_transfer_that_hangs_can_be_left_at_once(line: threading.Event) -> None:
    waiting = patiently(line.wait)
    begun = time.monotonic()
    assert isinstance(next(waiting), StillWorking)
    assert isinstance(next(waiting), StillWorking)
    waiting.close()
    assert time.monotonic() - begun < 5
    assert not line.is_set()


def test_an_answer_comes_back_when_it_is_there(line: threading.Event) -> None:
    answers: list[bool] = []

    def wait() -> Generator[object]:
        answers.append((yield from patiently(line.wait)))

    for _ in wait():
        line.set()
    assert answers == [True]


def test_a_refusal_reaches_whoever_waits() -> None:
    def refuse() -> None:
        raise CoordinatorRefusedError("round_closed", "The round is over")

    with pytest.raises(CoordinatorRefusedError, match="The round is over"):
        list(patiently(refuse))


def test_an_absence_is_told_and_asked_about_again() -> None:
    absences = [CoordinatorAwayError("It cannot be reached")]

    def ask() -> str:
        if absences:
            raise absences.pop()
        return "back"

    told = [event for event in patiently(ask) if not isinstance(event, StillWorking)]
    assert told == [CoordinatorAway("It cannot be reached", 1.0)]
