"""One computation at a time: two trainings at once would halve each and may exhaust memory."""

from collections.abc import Callable


class ComputeSlot:
    """Who may compute now; whoever is refused says so to the user."""

    def __init__(self) -> None:
        self._holder: str | None = None
        self._give_way: Callable[[], None] | None = None

    @property
    def holder(self) -> str | None:
        """What is computing, in words; None if nothing is, or nothing that would not give way."""
        return self._holder if self._give_way is None else None

    def take(self, holder: str, give_way: Callable[[], None] | None = None) -> bool:
        """Take the slot for ``holder`` and return whether it was to be had.

        Args:
            holder: What is to compute, in words.
            give_way: Called when another takes the slot away; the one who gave way releases
                nothing any more. None for work that is not to be disturbed.
        """
        if self.holder is not None:
            return False
        if self._give_way is not None:
            self._give_way()
        self._holder, self._give_way = holder, give_way
        return True

    def release(self) -> None:
        """Give the slot back."""
        self._holder = self._give_way = None
