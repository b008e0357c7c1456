"""One round of a study between programs as they are installed, for ``tests.packaging.trial``."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from tests.coordinator.object_store import running_object_store
from tests.scenes import write_images, write_study

SITES: Final = ("north", "south")
PATIENCE_S: Final = 300.0
SETTINGS: Final = "/etc/siteblind/coordinator.toml"
COORDINATOR: Final = (
    "runuser", "--user", "siteblind", "--", "siteblind-coordinator", "--settings", SETTINGS,
)  # fmt: skip
"""As its README says: beside the service, as the service's user."""


def said_by(*command: str, **environment: str) -> str:
    """Run a command that has to succeed and return what it prints."""
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environment, check=False
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def make_site(folder: Path, number: int) -> Path:
    """Make a site's project with the installed command and return it."""
    images = write_images(folder / "images", {"dot": 30, "ring": 30}, 0.5 + 0.1 * number, number)
    home = folder / "home"
    said_by("siteblind", "import", str(images), "--labels-from-folders", "--home", str(home))
    return home


@contextmanager
def coordinating(log: IO[str]) -> Iterator[str]:
    """Serve with the installed coordinator, as its unit would, and yield its address."""
    process = subprocess.Popen(
        [*COORDINATOR, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("Listening on ").strip()
    finally:
        process.terminate()
        process.wait(30)


def play_round(folder: Path, homes: list[Path]) -> str:
    """Let sites take part in a study of one round and return the study's id."""
    study, initial, log_path = (
        folder / name for name in ("study.toml", "initial.safetensors", "round.log")
    )
    write_study(study, rounds={"count": 1})
    said_by("siteblind", "init-model", str(study), "--output", str(initial))
    for path in (folder, study, initial):
        path.chmod(path.stat().st_mode | 0o055)  # the service's user reads them
    with log_path.open("w") as log, coordinating(log) as address:
        created = said_by(
            *COORDINATOR, "study", "create", str(study), "--initial-parameters", str(initial)
        )
        study_id = created.split()[-1]
        invite = ("site", "invite", study_id, "--count", str(len(homes)), "--json")
        codes = json.loads(said_by(*COORDINATOR, *invite))["codes"]
        joins = [
            _join(f"{address} --code {code} --site-name {name} --home {home}", log)
            for name, home, code in zip(SITES, homes, codes, strict=True)
        ]
        try:
            finished = [join.wait(PATIENCE_S) for join in joins] == [0, 0]
        except subprocess.TimeoutExpired:
            finished = False
        finally:
            for join in joins:
                join.kill()
    standing = study_of(study_id)
    assert finished, log_path.read_text()
    assert (standing["state"], standing["averaged_count"]) == ("finished", 1), standing
    return study_id


def keep_elsewhere(folder: Path) -> set[str]:
    """Create the study of the round anew with its parameters in an S3-compatible store.

    Returns:
        What is in the store then.
    """
    with running_object_store(folder) as store:
        place = store.new_place()
        said_by(
            *("siteblind-coordinator", "--data-folder", str(folder / "elsewhere")),
            *("study", "create", str(folder / "study.toml")),
            *("--initial-parameters", str(folder / "initial.safetensors")),
            SITEBLIND_COORDINATOR_OBJECT_STORE=place.address,
            SITEBLIND_COORDINATOR_OBJECT_STORE_ENDPOINT=store.endpoint,
            SITEBLIND_COORDINATOR_OBJECT_STORE_REGION=str(place.region),
        )
        return store.names(place)


def _join(options: str, log: IO[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["siteblind", "join", "--coordinator", *shlex.split(options)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=log,
        stderr=log,
    )


def study_of(study_id: str) -> dict[str, Any]:
    """Return how a study stands, as the installed coordinator tells it; not who is there now."""
    told: dict[str, Any] = json.loads(said_by(*COORDINATOR, "study", "show", study_id, "--json"))
    del told["site_count"]
    return told
