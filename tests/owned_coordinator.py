"""A coordinator in a process of its own whose owner's commands run in the test's.

Each command would otherwise be a program to start, which takes longer than most tests. That the
programs work together is what the demo's tests and those in tests/system see to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from coordinator.cli import application
from desktop_client.demo.processes import Coordinator, running_coordinator


class OwnedCoordinator(Coordinator):
    """Takes its owner's commands where the test runs."""

    def _command(self, *arguments: str) -> list[str]:
        done = CliRunner().invoke(application, ["--data-folder", str(self.folder), *arguments])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout.split()


@contextmanager
def owned_coordinator(folder: Path, port: int = 0) -> Iterator[OwnedCoordinator]:
    """Start a coordinator on a loopback port, 0 for a free one; stop it on leaving."""
    with running_coordinator(folder, port) as running:
        yield OwnedCoordinator(running.url, running.folder)
