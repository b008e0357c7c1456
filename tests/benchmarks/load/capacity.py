"""What studies of other sizes take, by what ``python -m tests.benchmarks.load`` measured.

A model, not a measurement: every cost is taken to grow with what causes it. Prints the tables of
packaging/coordinator/README.md. Run with ``python -m tests.benchmarks.load.capacity``.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from tests.benchmarks.figures import FOLDER

BUSY_SHARE: Final = 0.5
"""How much of a core is planned to be used: the rest is for moments when many come at once."""
SENDING_S: Final = 600.0
"""In how long the picked sites of a round send, since they do not all train as fast."""
ROUNDS_PER_DAY: Final = 24
MODEL_BYTES: Final = 13.6e6
"""Of an EfficientNet-Lite0 as float32; differences rounded to four bits have a sixteenth."""
MEASURED_SITES: Final = 1_000
PLANS: Final = (
    (100, 10, 10.0),
    (1_000, 100, 10.0),
    (1_000, 100, 30.0),
    (10_000, 100, 60.0),
    (10_000, 1_000, 60.0),
)
"""Sites of a study, how many of them a round picks, and its poll_s."""


@dataclass(frozen=True)
class Costs:
    """What one thing of each kind takes of one process; times are of one core, in seconds."""

    poll_s: float
    """In a study of as many sites as were measured."""
    poll_s_per_site: float
    """More for each site more, since those that are here are counted."""
    download_s: float
    update_s: float
    """Received, hashed, checked, made durable."""
    average_s: float
    """For each update in it."""
    update_bytes: int
    poll_bytes: int
    memory_mb: int
    rows_per_update: float
    """Its own, its pick, its entry in the audit log, and its part of the round's."""

    @classmethod
    def of(cls, figures: dict[str, Any], backend: str, process: str = "server") -> "Costs":
        """Take what the coordinator, or PostgreSQL behind it, was measured to take on a backend."""
        ours, count = figures[backend], figures["busy_count"]

        def each_poll_s(phase: str) -> float:
            return float(ours[phase]["processor_s"][process]) / _poll_count(ours[phase])

        def beside_polls_s(phase: str) -> float:
            """Return what a phase took without the polls in it."""
            taken_s = float(ours[phase]["processor_s"][process])
            return max(0.0, taken_s - poll_s * _poll_count(ours[phase]))

        poll_s = each_poll_s("polls")
        few, many = each_poll_s("eager_polls"), each_poll_s("eager_polls_among_10000")
        new_rows = sum(ours["rows"]["after"].values()) - sum(ours["rows"]["before"].values())
        return cls(
            poll_s=poll_s,
            poll_s_per_site=max(0.0, many - few) / (10_000 - figures["site_count"]),
            download_s=beside_polls_s("downloads") / count,
            update_s=beside_polls_s("uploads") / count,
            average_s=ours["average"]["processor_s"][process] / count,
            update_bytes=ours["update_bytes"],
            poll_bytes=ours["poll_answer_bytes"],
            memory_mb=ours["peak_memory_mb"],
            rows_per_update=new_rows / count,
        )


@dataclass(frozen=True)
class Need:
    """What a study takes."""

    requests_per_s: float
    """By sites that poll."""
    poll_cores: float
    round_cores: float
    """While the picked sites send, and their updates are averaged."""
    sent_mb_per_s: float
    """In each direction, in the same time."""
    kept_gb: float
    """Of updates, until they are averaged."""
    rows_per_day: float

    @property
    def cores(self) -> float:
        """How many cores are busy while a round's updates come."""
        return self.poll_cores + self.round_cores

    @property
    def coordinators(self) -> int:
        """How many processes, each on a core of its own."""
        return math.ceil(self.cores / BUSY_SHARE)


def need_of(costs: Costs, site_count: int, picked_count: int, poll_s: float) -> Need:
    """Work out what a study of so many sites takes that poll each ``poll_s``."""
    of_poll_s = costs.poll_s + max(0, site_count - MEASURED_SITES) * costs.poll_s_per_site
    of_update_s = costs.download_s + costs.update_s + costs.average_s
    # More than it is: what a request takes whatever its length grows with it here.
    busy_s = picked_count * of_update_s * MODEL_BYTES / costs.update_bytes
    return Need(
        requests_per_s=site_count / poll_s,
        poll_cores=site_count / poll_s * of_poll_s,
        round_cores=busy_s / SENDING_S,
        sent_mb_per_s=picked_count * MODEL_BYTES / SENDING_S / 1e6,
        kept_gb=picked_count * MODEL_BYTES / 1e9,
        rows_per_day=ROUNDS_PER_DAY * picked_count * costs.rows_per_update,
    )


def table(costs: Costs, of_database: Costs | None) -> str:
    """Return a table in Markdown, a study in each row."""
    lines = [
        "| sites | picked | `poll_s` | requests/s | cores: polls | cores: a round "
        "| cores: PostgreSQL | MB/s each way | GB kept | rows/day | coordinators |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for site_count, picked_count, poll_s in PLANS:
        need = need_of(costs, site_count, picked_count, poll_s)
        database = of_database and need_of(of_database, site_count, picked_count, poll_s)
        lines.append(
            f"| {site_count:,} | {picked_count:,} | {poll_s:.0f} | {need.requests_per_s:,.0f} "
            f"| {need.poll_cores:.2f} | {need.round_cores:.2f} "
            f"| {f'{database.cores:.2f}' if database else '-'} | {need.sent_mb_per_s:.1f} "
            f"| {need.kept_gb:.1f} | {need.rows_per_day:,.0f} | {need.coordinators} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print what each backend's measured costs come to."""
    figures = json.loads((FOLDER / "load.json").read_text(encoding="utf-8"))
    for backend in figures["ratios"]:
        costs, of_database = Costs.of(figures, backend), None
        if "postgresql" in figures[backend]["average"]["processor_s"]:
            of_database = Costs.of(figures, backend, "postgresql")
            print(f"PostgreSQL itself: {of_database}")  # noqa: T201
        print(f"{backend}: {costs}\n\n{table(costs, of_database)}\n")  # noqa: T201


def _poll_count(phase: dict[str, Any]) -> int:
    return int(phase["routes"]["GET round"]["count"])


if __name__ == "__main__":
    main()
