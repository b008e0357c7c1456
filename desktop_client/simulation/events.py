"""What a simulation says while it runs: plain, frozen, free of torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoundDone:
    """A round is averaged and judged; round 0 is the untrained model."""

    round_number: int
    round_count: int
    mean_auc: float | None
    """Mean over the sites that take part; None if it is defined at none of them."""
