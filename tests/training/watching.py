"""A process that follows a training as the window does: without torch, in another's stead."""

import multiprocessing
from contextlib import closing, suppress
from multiprocessing.connection import Connection

from desktop_client.errors import ComputeProcessError
from desktop_client.training.events import EpochFinished
from desktop_client.training.process import in_child_process


def watch(sender: Connection, function: str, request: object) -> None:
    """Follow a training in its process; tell which that is, and each epoch that it finishes."""
    with closing(in_child_process(function, request)) as events, suppress(ComputeProcessError):
        for event in events:
            if isinstance(event, EpochFinished):
                (child,) = multiprocessing.active_children()
                sender.send((child.pid, event.epoch))
