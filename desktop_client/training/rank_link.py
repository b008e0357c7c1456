"""How the processes that compute a batch together reach each other, over ``torch.distributed``.

Orders and answers go over gloo, which notices at once when the other side is gone. Tensors go over
NCCL between graphics cards where it is there, else over gloo through the memory of the processor.
Nothing is pickled.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import Final, cast

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed import FileStore, Store  # type: ignore[attr-defined]  # not listed there

from desktop_client.errors import RankLostError

FOR_EVER: Final = timedelta(days=365)
"""How long an order may be waited for: between two there is an evaluation, or a round of others."""
_LEADER: Final = 0
_DIMENSIONS: Final = 4


class Task(IntEnum):
    """What the leader can ask the others to do."""

    END = 0
    BUILD = 1
    FEATURES = 2
    FOLLOW_BACK = 3


@dataclass(frozen=True)
class Order:
    """What to do next, and of what shape the tensor is that follows, for the whole batch."""

    task: Task
    shape: tuple[int, ...] = ()
    needs_graph: bool = False
    is_mixed: bool = False

    def as_tensor(self) -> Tensor:
        """Return the order as numbers."""
        sides = (*self.shape, *[0] * (_DIMENSIONS - len(self.shape)))
        return torch.tensor(
            [self.task, self.needs_graph, self.is_mixed, len(self.shape), *sides],
            dtype=torch.int64,
        )

    @classmethod
    def from_tensor(cls, numbers: Tensor) -> "Order":
        """Read an order."""
        task, needs_graph, is_mixed, count, *sides = numbers.tolist()
        return cls(Task(task), tuple(sides[:count]), bool(needs_graph), bool(is_mixed))


class RankLink:
    """One process's end; the other end of each call is the call beside it, in the others.

    Args:
        rank: Of this process; 0 leads.
        count: Of all processes.
        store: Where they find each other; None for what ``torchrun`` has set up.
        patience_s: After which one that does not answer counts as lost.

    Raises:
        RankLostError: if they do not find each other; from each method, if one is gone.
    """

    def __init__(self, rank: int, count: int, store: Store | None, patience_s: float) -> None:
        self.rank, self.count = rank, count
        self._has_nccl = torch.cuda.is_available() and dist.is_nccl_available()
        self._wire = torch.device("cpu")
        self._rooms: dict[int, Tensor] = {}
        """By their size; two at most are in use, one for the state and one for the gradient."""
        with _reporting():
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if self._has_nccl else "gloo",
                store=store,
                rank=rank if store else -1,
                world_size=count if store else -1,
                timeout=timedelta(seconds=patience_s),
            )
            waiting = FOR_EVER if rank != _LEADER else timedelta(seconds=patience_s)
            orders = dist.new_group(backend="gloo", timeout=waiting)
        self._orders = cast("dist.ProcessGroup", orders)  # all are in it

    def close(self) -> None:
        """Let go of the others."""
        dist.destroy_process_group()

    def compute_on(self, device: torch.device) -> None:
        """Say where tensors are computed, and so how they go."""
        self._wire = device if device.type == "cuda" and self._has_nccl else torch.device("cpu")

    def tell(self, order: Order) -> None:
        """Tell all what to do next."""
        with _reporting():
            dist.broadcast(order.as_tensor(), _LEADER, group=self._orders)

    def hear(self) -> Order:
        """Wait for what to do next."""
        numbers = Order(Task.END).as_tensor()
        with _reporting():
            dist.broadcast(numbers, _LEADER, group=self._orders)
        return Order.from_tensor(numbers)

    def tell_text(self, text: bytes) -> None:
        """Tell all some text; its length is the shape of the order before."""
        with _reporting():
            dist.broadcast(torch.frombuffer(bytearray(text), dtype=torch.uint8), _LEADER)

    def hear_text(self, length: int) -> bytes:
        """Wait for text of a known length."""
        letters = torch.empty(length, dtype=torch.uint8)
        with _reporting():
            dist.broadcast(letters, _LEADER)
        return letters.numpy().tobytes()

    def spread(self, tensors: Sequence[Tensor]) -> None:
        """Give the leader's values of these float32 tensors to all, in place."""
        flat = self._laid_flat(tensors) if self.rank == _LEADER else self._room_for(tensors)
        with _reporting():
            dist.broadcast(flat, _LEADER)
        if self.rank != _LEADER:
            _take_apart(flat, tensors)

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Make the leader's tensors the sums of all."""
        flat = self._laid_flat(tensors)
        with _reporting():
            dist.reduce(flat, _LEADER)
        if self.rank == _LEADER:
            _take_apart(flat, tensors)

    def hand_out(self, whole: Tensor) -> Tensor:
        """Send each its part of a batch, and return the leader's own."""
        own, *parts = whole.detach().tensor_split(self.count)
        with _reporting():
            for rank, part in enumerate(parts, start=1):
                if len(part):
                    dist.send(part.contiguous().to(self._wire), rank)
        return own

    def take(self, shape: Sequence[int], device: torch.device) -> Tensor:
        """Wait for the own part of a batch that has this shape as a whole."""
        part = torch.empty(self._own_shape(shape), device=self._wire)
        if len(part):
            with _reporting():
                dist.recv(part, _LEADER)
        return part.to(device)

    def gather(self, own: Tensor, row_count: int) -> list[Tensor]:
        """Wait for the others' rows, of which there are ``row_count`` with the leader's own."""
        parts = []
        with _reporting():
            for rank in range(1, self.count):
                shape = (part_sizes(row_count, self.count)[rank], *own.shape[1:])
                part = torch.empty(shape, device=self._wire)
                if len(part):
                    dist.recv(part, rank)
                parts.append(part.to(own.device))
        return parts

    def give(self, part: Tensor) -> None:
        """Send own rows to the leader."""
        if len(part):
            with _reporting():
                dist.send(part.detach().contiguous().to(self._wire), _LEADER)

    def is_agreed(self, *, is_done: bool) -> bool:
        """Whether all have done their part; the same answer to all."""
        done = torch.tensor(int(is_done))
        with _reporting():
            dist.all_reduce(done, dist.ReduceOp.MIN)
        return bool(done)

    def _room_for(self, tensors: Sequence[Tensor]) -> Tensor:
        """Return room for all values of tensors, the same each time: new memory takes longer."""
        count = sum(tensor.numel() for tensor in tensors)
        room = self._rooms.get(count)
        if room is None:
            room = self._rooms[count] = torch.empty(count, device=self._wire)
        return room

    def _laid_flat(self, tensors: Sequence[Tensor]) -> Tensor:
        flat = self._room_for(tensors)
        for tensor, place in _parts_of(flat, tensors):
            place.copy_(tensor.detach())
        return flat

    def _own_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        return (part_sizes(shape[0], self.count)[self.rank], *shape[1:])


def file_store(path: Path, count: int) -> Store:
    """Let the processes find each other through a file, which needs no port."""
    return FileStore(str(path), count)


def part_sizes(row_count: int, count: int) -> list[int]:
    """Return how many rows ``tensor_split`` gives each; the leader never has fewer than others."""
    return [row_count // count + (rank < row_count % count) for rank in range(count)]


def _take_apart(flat: Tensor, tensors: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for tensor, values in _parts_of(flat, tensors):
            tensor.copy_(values)


def _parts_of(flat: Tensor, tensors: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each tensor with its place in a flat one."""
    for tensor, values in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
        yield tensor, values.view(tensor.shape)


@contextmanager
def _reporting() -> Generator[None]:
    """Say what it means that another process does not answer."""
    try:
        yield
    except RuntimeError as error:  # what torch.distributed raises, whatever happened
        raise RankLostError(
            "One of the processes that train together has ended or no longer answers, so the "
            "training cannot go on. What was saved last is whole: go on from there"
        ) from error
