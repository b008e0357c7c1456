"""A study whose sites have different networks, as real processes, two of which are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from coordinator.parameters import Group, decode, group_of
from coordinator.protocol import GlobalMessage
from desktop_client.demo.processes import Coordinator, running_coordinator
from desktop_client.federation.exchange import travelling_parameters
from desktop_client.federation.membership import global_model_path, membership_of
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint
from tests.scenes import new_site, write_study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SMALL: Final = "small_cnn"
LARGE: Final = "mobilenet_v3_large"
CHOICES: Final = {"north": SMALL, "south": LARGE, "west": SMALL}
ROUND_COUNT: Final = 3
PATIENCE_S: Final = 600


def client(*words: str) -> list[str]:
    return [sys.executable, "-m", "desktop_client", *words]


def initial_parameters(study_toml: Path) -> list[Path]:
    """Make what the owner gives to begin from, by the owner's own command."""
    paths = []
    for extractor in (SMALL, LARGE):
        paths.append(study_toml.with_name(f"{extractor}.safetensors"))
        words = ("init-model", str(study_toml), "--output", str(paths[-1]))
        subprocess.run(client(*words, "--extractor", extractor), check=True, capture_output=True)
    return paths


@contextmanager
def joining(home: Home, log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = client("join", "--home", str(home.path), "--device", "cpu", "--events", str(log))
    site = subprocess.Popen([*command, *words])
    try:
        yield site
    finally:
        site.kill()
        site.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def has_said(log: Path, event: str) -> bool:
    return log.exists() and f'"{event}"' in log.read_text()


def test_sites_with_different_networks_outlive_kills_and_end_with_the_same_classifiers(
    tmp_path: Path,
) -> None:
    study_toml = write_study(
        tmp_path / "study.toml",
        model={"further_extractors": [LARGE]},
        rounds={"count": ROUND_COUNT, "averaged_rounds": 2, "start_quorum": 3},
    )
    homes = {
        name: new_site(tmp_path / name, {"dot": 16, "ring": 16}, seed)
        for seed, name in enumerate(CHOICES)
    }
    logs = {name: tmp_path / f"{name}.jsonl" for name in CHOICES}
    folder = tmp_path / "coordinator"
    with running_coordinator(folder) as coordinator:
        port = int(coordinator.url.rpartition(":")[2])
        study_id = coordinator.create_study(study_toml, *initial_parameters(study_toml))
        codes = dict(zip(CHOICES, coordinator.invite(study_id, len(CHOICES)), strict=True))

        def words(name: str) -> tuple[str, ...]:
            invited = ("--coordinator", coordinator.url, "--code", codes[name])
            return (*invited, "--site-name", name, "--extractor", CHOICES[name])

        with (
            joining(homes["north"], logs["north"], *words("north")) as north,
            joining(homes["south"], logs["south"], *words("south")) as south,
            joining(homes["west"], logs["west"], *words("west")) as west,
        ):
            wait_until(lambda: any(has_said(log, "UpdateSent") for log in logs.values()))
            os.kill(south.pid, signal.SIGKILL)
            south.wait()
            stop_at_once(folder)
            with (
                running_coordinator(folder, port) as again,
                joining(homes["south"], logs["south"]) as south_again,
            ):
                for site in (north, west, south_again):
                    assert site.wait(PATIENCE_S) == 0
                check_result(again, study_id, homes, tmp_path)


def stop_at_once(folder: Path) -> None:
    """Kill the coordinator that serves a folder, as a power cut would."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_it = b"serve" in (process / "cmdline").read_bytes().split(b"\0") and (
                str(folder).encode() in (process / "environ").read_bytes()
            )
        except OSError:
            continue
        if is_it:
            os.kill(int(process.name), signal.SIGKILL)


def check_result(
    coordinator: Coordinator, study_id: str, homes: dict[str, Home], folder: Path
) -> None:
    """Every site has the study's model with its own network; the classifiers are all the same."""
    exported = {}
    for extractor in (SMALL, LARGE):
        path = folder / f"exported-{extractor}.safetensors"
        words = ("export", study_id, "--output", str(path), "--extractor", extractor)
        coordinator._command(*words)
        exported[extractor], message = decode(path.read_bytes(), GlobalMessage)
        assert (message.extractor, message.round_number) == (extractor, ROUND_COUNT)
    shared = [n for n in exported[SMALL] if group_of(n) is not Group.FEATURE_EXTRACTOR]
    assert len(shared) == 4
    for name in shared:
        assert (exported[SMALL][name] == exported[LARGE][name]).all()
    for name, home in homes.items():
        assert membership_of(home, study_id).own_extractor == CHOICES[name]
        model, card = load_checkpoint(global_model_path(home, study_id))
        assert card.model.extractor == CHOICES[name]
        arrays = travelling_parameters(model)
        expected = exported[CHOICES[name]]
        assert arrays.keys() == expected.keys()
        assert all((arrays[n] == expected[n]).all() for n in expected)
    listed = json.loads(" ".join(coordinator._command("site", "list", study_id, "--json")))
    assert {site["name"]: site["extractor"] for site in listed} == CHOICES
