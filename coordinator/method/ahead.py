"""Results in order, computed a little ahead by threads; pure.

For work that lets go of the interpreter: numpy's arithmetic, hashing, files.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREAD_COUNT: Final = 2
"""More would wait for the interpreter, or for the one who takes the results."""
AHEAD_COUNT: Final = 4
"""Results that may wait to be taken; what bounds the memory."""


def ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Result]:
    """Yield ``function(item)`` for each item, in order; the next ones are computed meanwhile."""
    coming: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREAD_COUNT) as threads:
        for item in items:
            coming.append(threads.submit(function, item))
            if len(coming) > AHEAD_COUNT:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
