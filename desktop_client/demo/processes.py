"""The demo's real processes: one coordinator and one per site, all on the loopback address."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.errors import ClientError

LISTENING: Final = "Listening on "
STOP_S: Final = 10.0
DATA_FOLDER_VARIABLE: Final = "SITEBLIND_COORDINATOR_DATA_FOLDER"


class DemoError(ClientError):
    """One of the demo's processes ended before its work was done."""


def site_command() -> list[str]:
    """Return how this program starts itself as a site."""
    if _is_frozen():
        return [str(Path(sys.executable).with_name("siteblind"))]
    return [sys.executable, "-m", "desktop_client"]


def coordinator_command() -> list[str]:
    """Return how the coordinator is started; installed programs are two, and one may be missing.

    Raises:
        DemoError: if it is not installed.
    """
    if not _is_frozen():
        return [sys.executable, "-m", "coordinator"]
    found = shutil.which("siteblind-coordinator")
    if found is None:
        raise DemoError("The demo needs the coordinator, too: install siteblind-coordinator")
    return [found]


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))  # set by PyInstaller


@dataclass(frozen=True)
class Coordinator:
    """A running coordinator and the way to give it its owner's commands."""

    url: str
    folder: Path

    def create_study(self, study_toml: Path, *initial_parameters: Path) -> str:
        """Create a study from its file and its initial parameters; return its id."""
        given = [w for path in initial_parameters for w in ("--initial-parameters", str(path))]
        return self._command("study", "create", str(study_toml), *given)[-1]

    def invite(self, study_id: str, count: int) -> list[str]:
        """Return one-time enrolment codes."""
        said = self._command("site", "invite", study_id, "--count", str(count), "--json")
        codes: list[str] = json.loads(" ".join(said))["codes"]
        return codes

    def revoke(self, study_id: str, site_id: str) -> None:
        """End a site's membership."""
        self._command("site", "revoke", study_id, site_id, "--yes")

    def _command(self, *arguments: str) -> list[str]:
        """Run a command of the coordinator and return the words it prints."""
        done = subprocess.run(  # noqa: S603  our own program
            [*coordinator_command(), *arguments],
            env=os.environ | {DATA_FOLDER_VARIABLE: str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"The coordinator's command failed: {done.stderr.strip()}")
        return done.stdout.split()


@contextmanager
def running_coordinator(folder: Path, port: int = 0) -> Iterator[Coordinator]:
    """Start a coordinator on a loopback port, 0 for a free one; stop it on leaving."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "coordinator.log").open("a") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*coordinator_command(), "serve", "--port", str(port)],
            env=os.environ | {DATA_FOLDER_VARIABLE: str(folder)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield Coordinator(_address(process, folder), folder)
        finally:
            _stop(process)


@contextmanager
def running_sites(commands: dict[str, list[str]], log_folder: Path) -> Iterator["Sites"]:
    """Start one site process per name with its ``siteblind`` command; stop them on leaving."""
    log_folder.mkdir(parents=True, exist_ok=True)
    processes: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, command in commands.items():
            with _log_path(log_folder, name).open("w") as log:
                processes[name] = subprocess.Popen(  # noqa: S603  our own program
                    [*site_command(), *command],
                    # Several sites share the cores; more threads than cores only wait.
                    env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "200"},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
        yield Sites(processes, log_folder)
    finally:
        for process in processes.values():
            _stop(process)


@dataclass(frozen=True)
class Sites:
    """Site processes at work."""

    processes: dict[str, subprocess.Popen[str]]
    log_folder: Path

    def are_running(self) -> bool:
        """Whether any still works.

        Raises:
            DemoError: if one has failed, with the last thing it said.
        """
        codes = {name: process.poll() for name, process in self.processes.items()}
        for name, code in codes.items():
            if code not in (None, 0):
                said = _log_path(self.log_folder, name).read_text().strip().splitlines()
                raise DemoError(f"The site {name} ended early: {said[-1] if said else code}")
        return any(code is None for code in codes.values())

    def wait(self, duration_s: float) -> None:
        """Wait until one has ended, or so long."""
        for process in self.processes.values():
            if process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(duration_s)
                return


def _log_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def _address(process: "subprocess.Popen[str]", folder: Path) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line.startswith(LISTENING):
        raise DemoError(f"The coordinator did not start; see {folder / 'coordinator.log'}")
    return line.removeprefix(LISTENING).strip()


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
