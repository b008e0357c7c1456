"""The compute process: events come through, cancelling and crashes are certain."""

import gc
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from desktop_client.errors import (
    ComputeProcessError,
    CoordinatorRefusedError,
    ImageUnreadableError,
)
from desktop_client.training.events import ImagesPrepared, StillWorking, TrainingWarned
from desktop_client.training.process import PauseSwitch, Questions, in_child_process

HERE = __name__


def count(number: int) -> Generator[ImagesPrepared]:
    for done in range(1, number + 1):
        yield ImagesPrepared(done, number)


def tell_pid_and_hang(_: object) -> Generator[TrainingWarned]:
    yield TrainingWarned(str(os.getpid()))
    time.sleep(600)


def count_until_paused(_: object, is_pause_asked: Callable[[], bool]) -> Generator[TrainingWarned]:
    while not is_pause_asked():
        time.sleep(0.01)
        yield TrainingWarned("going on")
    yield TrainingWarned("paused")


def echo(greeting: str, questions: Questions[str]) -> Generator[TrainingWarned]:
    while True:
        yield TrainingWarned(f"{greeting} {questions.next()}")


def refuse(error: Exception) -> Generator[object]:
    yield TrainingWarned("about to fail")
    raise error


def die(_: object) -> Generator[object]:
    yield TrainingWarned("about to die")
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_the_middle_of_an_event(_: object) -> Generator[object]:
    yield TrainingWarned("about to die")
    (sender,) = (o for o in gc.get_objects() if isinstance(o, Connection) and o.writable)
    os.write(sender.fileno(), struct.pack("!i", 100) + b"the beginning")
    os.kill(os.getpid(), signal.SIGKILL)


def said(events: Generator[object]) -> list[object]:
    return [event for event in events if not isinstance(event, StillWorking)]


def test_events_arrive_in_order_and_the_generator_ends() -> None:
    assert said(in_child_process(f"{HERE}:count", 3)) == [ImagesPrepared(n, 3) for n in (1, 2, 3)]


def test_closing_ends_a_child_that_does_not_listen() -> None:
    events = in_child_process(f"{HERE}:tell_pid_and_hang", None)
    event = next(e for e in events if isinstance(e, TrainingWarned))
    events.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(event.sentence), 0)


def test_work_that_can_pause_hears_that_it_should() -> None:
    pause = PauseSwitch()
    told = []
    for event in in_child_process(f"{HERE}:count_until_paused", None, pause):
        told.append(event)
        if event == TrainingWarned("going on"):
            pause.ask()
    assert told[-1] == TrainingWarned("paused")


def test_a_child_can_be_asked_one_thing_after_the_other() -> None:
    questions: Questions[str] = Questions()
    told = []
    questions.ask("Ada")
    events = in_child_process(f"{HERE}:echo", "Hello", questions)
    for event in events:
        if isinstance(event, TrainingWarned):
            told.append(event.sentence)
            if len(told) == 2:
                break
            questions.ask("Grace")
    events.close()
    assert told == ["Hello Ada", "Hello Grace"]


def test_while_nothing_happens_the_reader_still_hears_something() -> None:
    events = in_child_process(f"{HERE}:tell_pid_and_hang", None)
    while not isinstance(next(events), TrainingWarned):
        pass
    begun = time.monotonic()
    assert isinstance(next(events), StillWorking)
    assert time.monotonic() - begun < 1.0  # 0.1 s, with room for a busy machine
    events.close()


@pytest.mark.parametrize(
    "error",
    [
        ImageUnreadableError(Path("a.png"), "it is empty"),
        CoordinatorRefusedError("round_closed", "Round 3 is over"),
    ],
)
def test_an_error_of_ours_comes_through_as_itself(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        said(in_child_process(f"{HERE}:refuse", error))
    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)


def test_an_unexpected_error_becomes_a_sentence_and_a_log_record(
    expected_warnings: list[object],
) -> None:
    with pytest.raises(ComputeProcessError, match="labels and saved models are untouched"):
        said(in_child_process(f"{HERE}:refuse", ZeroDivisionError("secret detail")))
    assert "ZeroDivisionError" in str(expected_warnings[0].__dict__)


@pytest.mark.parametrize("function", ["die", "die_in_the_middle_of_an_event"])
def test_a_killed_child_becomes_a_sentence(function: str) -> None:
    with pytest.raises(ComputeProcessError, match="ended unexpectedly"):
        said(in_child_process(f"{HERE}:{function}", None))


def test_the_child_ends_when_its_parent_is_killed() -> None:
    script = (
        "from desktop_client.training.process import PauseSwitch, in_child_process\n"
        "if __name__ == '__main__':\n"
        f"    for event in in_child_process('{HERE}:tell_pid_and_hang', None):\n"
        "        print(getattr(event, 'sentence', ''), flush=True)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(script)
        file.flush()
        parent = subprocess.Popen(
            [sys.executable, file.name], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert parent.stdout is not None
        child = next(int(line) for line in parent.stdout if line.strip())
        parent.kill()
        parent.communicate()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
