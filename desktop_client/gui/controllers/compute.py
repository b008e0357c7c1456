"""One computation at a time: two trainings at once would halve each and may exhaust memory."""


class ComputeSlot:
    """Who may compute now; whoever is refused says so to the user."""

    def __init__(self) -> None:
        self._holder: str | None = None

    @property
    def holder(self) -> str | None:
        """What is computing, in words, or None."""
        return self._holder

    def take(self, holder: str) -> bool:
        """Take the slot for ``holder`` and return whether it was free."""
        if self._holder is not None:
            return False
        self._holder = holder
        return True

    def release(self) -> None:
        """Give the slot back."""
        self._holder = None
