"""Starts the processes that compute a batch together, and ends them."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch

from desktop_client.errors import RankLostError
from desktop_client.training.launched import Launched, launched
from desktop_client.training.process import end_process, end_with_parent
from desktop_client.training.ranks import Ranks

LOOPBACK: Final = {"linux": "lo", "darwin": "lo0"}
"""What this machine calls its way to itself; nothing of a training goes any other."""
PATIENCE_S: Final = 300.0
"""How long one process may keep the others waiting within a step, before it counts as lost."""


@dataclass(frozen=True)
class Seat:
    """What a process needs to know to follow; can be sent to it."""

    rank: int
    count: int
    store_path: Path
    """A file in a folder of this user alone, through which they find each other."""
    thread_count: int
    patience_s: float


@contextmanager
def opened_ranks(
    devices: Sequence[torch.device], patience_s: float = PATIENCE_S
) -> Generator[Ranks]:
    """Let so many processes compute together, this one and others that are started for it.

    Args:
        devices: Of each process; the first is this one's. One device needs no other process.
        patience_s: After which a process that does not answer counts as lost.

    Raises:
        RankLostError: if they do not find each other.
    """
    place = launched()
    if place is not None:
        with _leading(place.count, None, devices[0], patience_s) as ranks:
            yield ranks
    elif len(devices) == 1:
        yield Ranks()
    else:
        with TemporaryDirectory(prefix="siteblind-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "ranks"
            with (
                _followers(len(devices), path, patience_s),
                _leading(len(devices), path, devices[0], patience_s) as ranks,
            ):
                yield ranks


def follow_launcher(place: Launched) -> None:
    """Be one of the processes that ``torchrun`` has started beside the first."""
    from desktop_client.training.following_rank import follow_orders
    from desktop_client.training.rank_link import RankLink

    follow_orders(RankLink(place.rank, place.count, None, PATIENCE_S), place.card)


@contextmanager
def _leading(
    count: int, path: Path | None, device: torch.device, patience_s: float
) -> Generator[Ranks]:
    # Here, not above: who trains alone has no use for torch.distributed.
    from desktop_client.training.leading_rank import LeadingRank
    from desktop_client.training.rank_link import RankLink, file_store

    store = None if path is None else file_store(path, count)
    link = RankLink(0, count, store, patience_s)
    ranks = LeadingRank(link, device)
    try:
        yield ranks
        with suppress(RankLostError):
            ranks.end()
    finally:
        link.close()  # which ends those, too, that were not told


@contextmanager
def _followers(count: int, path: Path, patience_s: float) -> Generator[None]:
    _keep_to_this_machine()
    # This may be the compute process, which its own parent ends; its followers end with it.
    multiprocessing.current_process().daemon = False
    context = multiprocessing.get_context("spawn")
    followers: list[BaseProcess] = []
    try:
        for rank in range(1, count):
            seat = Seat(rank, count, path, torch.get_num_threads(), patience_s)
            followers.append(
                context.Process(
                    target=_follow, args=(seat,), name=f"siteblind-rank-{rank}", daemon=True
                )
            )
            followers[-1].start()
        yield
    finally:
        for follower in followers:
            end_process(follower)


def _keep_to_this_machine() -> None:
    if (loopback := LOOPBACK.get(sys.platform)) is not None:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", loopback)


def _follow(seat: Seat) -> None:
    """Entry of a process that was started to follow."""
    from desktop_client.training.following_rank import follow_orders
    from desktop_client.training.rank_link import RankLink, file_store

    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Ctrl+C and a service manager's stop reach all at once, but are the leader's to answer: it
        # ends what it is doing, and this process with it.
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(seat.thread_count)
    store = file_store(seat.store_path, seat.count)
    follow_orders(RankLink(seat.rank, seat.count, store, seat.patience_s), seat.rank)
