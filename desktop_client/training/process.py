"""The compute process: runs a generator of events in a child and yields them here.

Never imports torch: the function is named as text and resolved in the child. A crash there, or
memory running out, reaches this process as a sentence and cannot take labels with it.
"""

import importlib
import logging
import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, Generic, TypeVar

from desktop_client.errors import ClientError, ComputeProcessError
from desktop_client.training.events import StillWorking

logger = logging.getLogger(__name__)

SILENCE_S: Final = 0.1
"""How long nothing may be said before ``StillWorking`` gives the chance to cancel."""
FAREWELL_S: Final = 5.0
"""How long a child may take to end before it is killed."""

Question = TypeVar("Question")


class PauseSwitch:
    """Asks the work in a child process to stop at its next good moment; both sides can look."""

    def __init__(self) -> None:
        self._event = multiprocessing.get_context("spawn").Event()

    def ask(self) -> None:
        """Ask for the pause."""
        self._event.set()

    def __call__(self) -> bool:
        """Return whether a pause was asked for."""
        return self._event.is_set()


class Questions(Generic[Question]):
    """Asks the work in a child process one thing after the other.

    Whoever asks waits for the answer, an event, before asking again: a pipe holds only so much,
    and what is asked for last should not wait behind what nobody wants any more.
    """

    def __init__(self) -> None:
        self._receiver, self._sender = multiprocessing.get_context("spawn").Pipe(duplex=False)

    def ask(self, question: Question) -> None:
        """Ask, in the parent; ``question`` must be picklable."""
        self._sender.send(question)

    def next(self) -> Question:
        """Wait for a question, in the child; while it waits it can be ended as at any time."""
        question: Question = self._receiver.recv()
        return question


class _Done:
    """The generator in the child has ended."""


class _Crash(str):
    """The traceback of an error that nobody expected."""


def in_child_process(
    function: str, request: object, told: PauseSwitch | Questions[Question] | None = None
) -> Generator[object]:
    """Run ``function(request)``, a generator of events, in a child process and yield its events.

    Closing this generator ends the child, whatever it is doing; the child ends by itself when
    this process dies.

    Args:
        function: ``"package.module:name"``.
        request: Its first argument; must be picklable.
        told: Its second and last, if it can be told something while it works.

    Yields:
        The events, and ``StillWorking`` after each 100 ms of silence.

    Raises:
        ClientError: the one that the function raised.
        ComputeProcessError: if the child crashed or was killed.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    arguments = (request,) if told is None else (request, told)
    child = context.Process(
        target=_run, args=(sender, function, arguments), name="siteblind-compute", daemon=True
    )
    child.start()
    sender.close()  # the child holds the other end: its death becomes end-of-file here
    try:
        yield from _received(receiver, child)
    finally:
        receiver.close()
        end_process(child)


def end_process(child: BaseProcess) -> None:
    """End a child, whatever it is doing, and wait until it is gone."""
    child.terminate()
    child.join(FAREWELL_S)
    if child.is_alive():
        child.kill()
        child.join()
    child.close()


def end_with_parent() -> None:
    """Wait in a thread of a child, and end it when its parent dies."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _received(receiver: Connection, child: BaseProcess) -> Generator[object]:
    while True:
        try:
            said = receiver.recv() if receiver.poll(SILENCE_S) else StillWorking()
        except (EOFError, OSError):  # OSError: killed within an event, or anywhere on Windows
            child.join(FAREWELL_S)
            raise ComputeProcessError(
                f"The training process ended unexpectedly (exit code {child.exitcode}). "
                "Labels and saved models are untouched; start again, with a smaller batch if the "
                "memory was full"
            ) from None
        if isinstance(said, _Done):
            return
        if isinstance(said, _Crash):
            logger.error("The training process failed\n%s", said)
            raise ComputeProcessError(
                "The training process failed; labels and saved models are untouched. "
                "The log has the details"
            )
        if isinstance(said, ClientError):
            raise said
        yield said


def _run(sender: Connection, function: str, arguments: tuple[object, ...]) -> None:
    """Entry of the child."""
    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    try:
        with closing(_resolve(function)(*arguments)) as events:
            for event in events:
                sender.send(event)
        sender.send(_Done())
    except ClientError as error:
        sender.send(error)
    except BrokenPipeError:
        return  # nobody listens any more
    except Exception:  # noqa: BLE001  outermost edge of the process: reported, never silent
        sender.send(_Crash(traceback.format_exc()))


def _resolve(function: str) -> Callable[..., Generator[object]]:
    module, _, name = function.partition(":")
    resolved: Callable[..., Generator[object]] = getattr(importlib.import_module(module), name)
    return resolved
