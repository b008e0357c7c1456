"""The demo: phantom hospitals, a real coordinator, real site processes, rounds, a report."""

import json
import shutil
import time
import tomllib
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import tomli_w

from coordinator.study import Study, read_study
from desktop_client.demo.events import DemoAdvanced, DemoFinished
from desktop_client.demo.outcome import (
    DemoOutcome,
    SiteOutcome,
    accuracy,
    class_counts,
    example_paths,
    load_hospital,
    model_outcome,
    train_alone,
)
from desktop_client.demo.phantoms import HOSPITALS, UNSEEN_HOSPITAL, write_phantom_site
from desktop_client.demo.processes import Coordinator, running_coordinator, running_sites
from desktop_client.demo.report import write_report
from desktop_client.federation.exchange import UNASSIGNED, initial_body
from desktop_client.federation.membership import global_model_path, memberships
from desktop_client.labelling.importing import import_table
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint
from desktop_client.training.device import leave_a_core_free
from desktop_client.training.model import SiteBlindModel, initial_model

STUDY_TEMPLATE: Final = "study-templates/demo.toml"
UNTRAINED: Final = "untrained"
SITEBLIND, CONTROL = "siteblind", "fedavg"
"""The method, and the plain federated averaging it is compared with: presets of a study."""
TITLES: Final = {UNTRAINED: "Untrained", CONTROL: "FedAvg", SITEBLIND: "SiteBlind"}
POLL_S: Final = 0.3


@dataclass(frozen=True)
class DemoPlan:
    """How large the demo is.

    Attributes:
        output: Folder for the report; data of an earlier demo in it is replaced.
        image_count: Phantom images per hospital.
        round_count: Rounds of each of the two studies; None for the template's.
        seed: For everything random.
    """

    output: Path
    image_count: int = 200
    round_count: int | None = None
    seed: int = 0


def run_demo(plan: DemoPlan) -> Generator[DemoAdvanced | DemoFinished]:
    """Run the whole demo and write its report.

    Raises:
        DemoError: if one of the processes failed.
    """
    begun = time.monotonic()
    leave_a_core_free()
    folders = _Folders(plan.output)
    folders.clear()
    yield from _draw_and_import(plan, folders)
    studies = {preset: _write_study(plan, folders, preset) for preset in (SITEBLIND, CONTROL)}
    with running_coordinator(folders.coordinator) as coordinator:
        for preset, study in studies.items():
            yield from _run_study(coordinator, folders, study, preset)
    outcome = yield from _measure(folders, studies)
    report_path, table = write_report(plan.output, outcome, time.monotonic() - begun)
    yield DemoFinished(report_path, table, time.monotonic() - begun)


@dataclass(frozen=True)
class _Folders:
    """Where everything of the demo lies."""

    output: Path

    @property
    def coordinator(self) -> Path:
        return self.output / "coordinator"

    def images(self, hospital: str) -> Path:
        return self.output / "images" / _file_name(hospital)

    def home(self, hospital: str) -> Home:
        return Home(self.output / "sites" / _file_name(hospital))

    def study(self, preset: str) -> Path:
        return self.output / f"{preset}.toml"

    def events(self, preset: str, hospital: str) -> Path:
        return self.output / "events" / f"{preset}-{_file_name(hospital)}.jsonl"

    def clear(self) -> None:
        """Remove an earlier demo, and nothing else."""
        for name in ("coordinator", "images", "sites", "events", "logs"):
            shutil.rmtree(self.output / name, ignore_errors=True)
        (self.output / "events").mkdir(parents=True)


def _draw_and_import(plan: DemoPlan, folders: _Folders) -> Generator[DemoAdvanced]:
    everyone = (*HOSPITALS, UNSEEN_HOSPITAL)
    for index, hospital in enumerate(everyone):
        yield DemoAdvanced("Drawing phantom images", index, len(everyone))
        table = write_phantom_site(
            folders.images(hospital.name), hospital, plan.image_count, plan.seed + index
        )
        deque(import_table(folders.home(hospital.name).create().labels_path, table), maxlen=0)
    yield DemoAdvanced("Drawing phantom images", len(everyone), len(everyone))


def _write_study(plan: DemoPlan, folders: _Folders, preset: str) -> Study:
    """Write the template's study with another preset and number of rounds, and read it."""
    template = files("resources").joinpath(STUDY_TEMPLATE).read_text(encoding="utf-8")
    values = tomllib.loads(template)
    values["name"] += f", {preset}"
    values["method"]["preset"] = preset
    if plan.round_count is not None:
        values["rounds"]["count"] = plan.round_count
    folders.study(preset).write_text(tomli_w.dumps(values), encoding="utf-8")
    return read_study(folders.study(preset))


def _run_study(
    coordinator: Coordinator, folders: _Folders, study: Study, preset: str
) -> Generator[DemoAdvanced]:
    """Run all rounds of one study with a process per hospital."""
    initial_path = folders.output / "initial.safetensors"
    initial_path.write_bytes(initial_body(study, UNASSIGNED, study.rounds.seed))
    study_id = coordinator.create_study(folders.study(preset), initial_path)
    names = [hospital.name for hospital in HOSPITALS]
    commands = {
        name: [
            *("join", "--home", str(folders.home(name).path), "--device", "cpu"),
            *("--coordinator", coordinator.url, "--code", code, "--site-name", name),
            *("--events", str(folders.events(preset, name))),
        ]
        for name, code in zip(names, coordinator.invite(study_id, len(names)), strict=True)
    }
    stage = f"Rounds, {preset}"
    with running_sites(commands, folders.output / "logs" / preset) as sites:
        while sites.are_running():
            loaded = [_accuracies(folders.events(preset, name)) for name in names]
            rounds_done = min(max(curve, default=0) for curve in loaded)
            yield DemoAdvanced(stage, rounds_done, study.rounds.count)
            time.sleep(POLL_S)
    yield DemoAdvanced(stage, study.rounds.count, study.rounds.count)


def _accuracies(events_path: Path) -> dict[int, float]:
    """Read a site's accuracy on its own held-out images after each round, by round."""
    if not events_path.exists():
        return {}
    lines = events_path.read_text(encoding="utf-8").splitlines(keepends=True)
    events = [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be half
    return {
        event["round_number"]: event["validation"]["accuracy"]
        for event in events
        if event["event"] == "ParametersLoaded"
    }


def _measure(
    folders: _Folders, studies: dict[str, Study]
) -> Generator[DemoAdvanced, None, DemoOutcome]:
    """Judge the final models, and train each hospital alone for comparison."""
    study = studies[SITEBLIND]
    hospitals = [load_hospital(h.name, folders.home(h.name).labels_path, study) for h in HOSPITALS]
    unseen = load_hospital(
        UNSEEN_HOSPITAL.name, folders.home(UNSEEN_HOSPITAL.name).labels_path, study
    )
    models = {
        UNTRAINED: initial_model(
            study.model, study.input, len(study.classes), study.rounds.seed
        ).eval(),
        CONTROL: _final_model(folders, hospitals[0].name, studies[CONTROL]),
        SITEBLIND: _final_model(folders, hospitals[0].name, study),
    }
    alone: dict[str, SiteBlindModel] = {}
    for index, hospital in enumerate(hospitals):
        yield DemoAdvanced("Training each hospital alone", index, len(hospitals))
        alone[hospital.name] = train_alone(hospital, study)
    yield DemoAdvanced("Training each hospital alone", len(hospitals), len(hospitals))
    outcomes = [
        model_outcome(TITLES[name], model, hospitals, unseen, study)
        for name, model in models.items()
    ]
    recognised = outcomes[-1].leakage.linear_by_domain
    sites = [
        SiteOutcome(
            name=hospital.name,
            class_counts=class_counts(hospital, study),
            held_out_count=len(hospital.images.validation),
            before=accuracy(models[UNTRAINED], hospital, study),
            after=accuracy(models[SITEBLIND], hospital, study),
            alone=accuracy(alone[hospital.name], hospital, study),
            control=accuracy(models[CONTROL], hospital, study),
            recognised=recognised[index],
        )
        for index, hospital in enumerate(hospitals)
    ]
    curves = {
        preset: {h.name: _accuracies(folders.events(preset, h.name)) for h in hospitals}
        for preset in studies
    }
    gallery = {h.name: example_paths(h, study) for h in (*hospitals, unseen)}
    return DemoOutcome(study, tuple(sites), tuple(outcomes), curves, gallery)


def _final_model(folders: _Folders, hospital: str, study: Study) -> SiteBlindModel:
    """Load the global model that a hospital holds of a study after its last round."""
    home = folders.home(hospital)
    joined = next(m for m in memberships(home) if m.study.digest == study.digest)
    model, _ = load_checkpoint(global_model_path(home, joined.study_id))
    return model


def _file_name(hospital: str) -> str:
    return hospital.lower().replace(" ", "-")
