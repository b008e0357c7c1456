"""Carries out runs one after the other or in several processes; each finished one is kept."""

import multiprocessing
import shutil
import signal
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from types import MappingProxyType
from typing import cast

import torch

from coordinator.study import InputContract
from desktop_client.errors import SimulationPlanError, TrainingDivergedError
from desktop_client.federation.flower.silence import silence
from desktop_client.simulation.choosing import choices_of
from desktop_client.simulation.events import (
    EngineStarted,
    RoundDone,
    RunAdvanced,
    RunFailed,
    RunFinished,
    RunsFound,
    RunStarted,
)
from desktop_client.simulation.federation import WORK_SUFFIX, SimulationPlan, simulate
from desktop_client.simulation.folder import FolderSite
from desktop_client.simulation.preparing import PreparedSite, prepare
from desktop_client.simulation.results import Engine, Extractors, ResultsFile, RunKey, RunResult
from desktop_client.simulation.variants import Variant
from desktop_client.training.device import choose_device, leave_a_core_free
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPrepared,
    StillWorking,
    TrainingWarned,
)
from desktop_client.training.inputs import ActivationMemory
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DeviceChoice

Event = (
    StillWorking
    | ImagesPrepared
    | ImageLeftOut
    | TrainingWarned
    | RunsFound
    | RunStarted
    | EngineStarted
    | RunAdvanced
    | RunFinished
    | RunFailed
)


@dataclass(frozen=True)
class Run:
    """A run that is asked for."""

    variant: Variant
    seed: int
    held_out_site: str | None
    extractors: Extractors = field(default_factory=dict)
    """By site that takes part, what it has chosen."""

    @property
    def key(self) -> RunKey:
        """What it is found by."""
        variant = self.variant
        return RunKey(
            variant.name,
            variant.arrangement,
            self.seed,
            self.held_out_site,
            variant.study.digest,
            tuple(sorted(self.extractors.items())),
        )


@dataclass(frozen=True)
class Workload:
    """Runs on the same images; can be sent to another process.

    Attributes:
        sites: The folder's sites, whole.
        part_counts: Into how many each is cut for taking part.
        runs: In order.
        device: Where to compute.
        leakage_every: Rounds between two measurements of leakage; 0 for the last one only.
        state_path: Folder for what interrupted runs need to go on.
        weights_path: Of the weights that the studies begin from, if they ask for a file.
        engine: What sites are trained by: this program, one after the other, or Flower's.
    """

    sites: tuple[FolderSite, ...]
    part_counts: tuple[int, ...]
    runs: tuple[Run, ...]
    device: DeviceChoice
    leakage_every: int
    state_path: Path
    weights_path: Path | None = None
    engine: Engine = "local"


def planned_runs(
    variants: Sequence[Variant],
    seeds: Sequence[int],
    held_out_sites: Sequence[str | None],
    sites: Sequence[FolderSite],
    choices: Extractors = MappingProxyType({}),
) -> tuple[Run, ...]:
    """List all combinations; variants change fastest, so that pairs are complete early.

    Args:
        variants: Of the study.
        seeds: Each with every variant.
        held_out_sites: Each with every variant; None for a run with all sites.
        sites: All there are, whole.
        choices: By site that takes part, the extractor it has where the study leaves it the choice.

    Raises:
        SimulationPlanError: if a site to hold out is not there, or none would be left.
    """
    names = [site.name for site in sites]
    for held_out in held_out_sites:
        if held_out is not None and held_out not in names:
            raise SimulationPlanError(
                f"There is no site {held_out!r} to hold out; there are {', '.join(names)}"
            )
        if names == [held_out]:
            raise SimulationPlanError(f"With {held_out} held out no site is left to train")
    return tuple(
        Run(variant, seed, held_out, choices_of(variant, choices, held_out))
        for seed in dict.fromkeys(seeds)
        for held_out in dict.fromkeys(held_out_sites)
        for variant in variants
    )


def carry_out(workload: Workload, results: ResultsFile, process_count: int = 1) -> Generator[Event]:
    """Carry out the runs that are not there yet; ceasing to iterate keeps the finished ones.

    Args:
        workload: What to run.
        results: Where it is kept.
        process_count: How many runs at a time, each in a process with one thread; 1 for this one.

    Raises:
        ComputeProcessError: if one of the processes ended unexpectedly.
    """
    missing = tuple(run for run in workload.runs if run.key not in results.keys)
    yield RunsFound(len(workload.runs) - len(missing), len(workload.runs))
    if not missing:
        return
    workload = replace(workload, runs=missing)
    workload.state_path.mkdir(exist_ok=True)
    process_count = min(process_count, len(missing))
    # Flower's engine starts threads and processes of its own, which end with the child.
    has_children = process_count > 1 or workload.engine == "flower"
    events = _in_processes(workload, process_count) if has_children else _in_turn(workload)
    try:
        with closing(events):
            for event in events:
                if isinstance(event, RunFinished):
                    results.append(event.result)
                yield event
    finally:
        # A process that was ended leaves its folder behind, and sites' images may lie in it.
        for run in missing:
            folder = workload.state_path / f"{run.key.file_name}{WORK_SUFFIX}"
            shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # states of failed or foreign runs stay, and their folder with them
        workload.state_path.rmdir()


def _in_turn(workload: Workload) -> Generator[Event]:
    leave_a_core_free()
    yield from _runs(workload, range(len(workload.runs)))


def _in_processes(workload: Workload, process_count: int) -> Generator[Event]:
    """Mix the events of several processes, each of which takes the next run when it is free.

    One that has much to tell is heard out before a silent one is waited for, or it would be held
    up by that wait at every event.
    """
    next_index = multiprocessing.get_context("spawn").Value("i", 0)
    children = [
        in_child_process(f"{__name__}:in_child", ChildRequest(workload, next_index, number == 0))
        for number in range(process_count)
    ]
    try:
        while children:
            for child in tuple(children):
                for event in child:
                    yield cast(Event, event)  # what in_child yields, sent over
                    if isinstance(event, StillWorking):
                        break
                else:
                    children.remove(child)
    finally:
        for child in children:
            child.close()


@dataclass(frozen=True)
class ChildRequest:
    """What a process of several works on."""

    workload: Workload
    next_index: "Synchronized[int]"
    """Of the first run that no process has taken."""
    tells_of_images: bool
    """All prepare the same images; one telling of it is enough."""


def in_child(request: ChildRequest) -> Generator[Event]:
    """Entry of a process: take runs until none is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all; the parent ends this one
    torch.set_num_threads(1)
    run_count = len(request.workload.runs)
    for event in _runs(request.workload, _claimed(request.next_index, run_count)):
        is_of_images = isinstance(event, ImagesPrepared | ImageLeftOut)
        if isinstance(event, StillWorking) or (is_of_images and not request.tells_of_images):
            continue
        yield event


def _claimed(next_index: "Synchronized[int]", run_count: int) -> Iterator[int]:
    while True:
        with next_index.get_lock():
            index = next_index.value
            next_index.value += 1
        if index >= run_count:
            return
        yield index


def _runs(workload: Workload, indexes: Iterable[int]) -> Generator[Event]:
    device, memory = choose_device(workload.device), ActivationMemory()
    prepared: dict[InputContract, tuple[PreparedSite, ...]] = {}
    for index in indexes:
        run = workload.runs[index]
        study = run.variant.study
        if study.input not in prepared:
            prepared[study.input] = yield from prepare(workload.sites, study, workload.part_counts)
        sites = prepared[study.input]
        held_out = [site.whole for site in sites if site.whole.name == run.held_out_site]
        others = [site for site in sites if site.whole.name != run.held_out_site]
        plan = SimulationPlan(
            study=study,
            sites=tuple(part for site in others for part in site.parts),
            held_out=held_out[0] if held_out else None,
            variant=run.variant.name,
            arrangement=run.variant.arrangement,
            seed=run.seed,
            device=device,
            leakage_every=workload.leakage_every,
            state_path=workload.state_path / run.key.file_name,
            memory=memory,
            weights_path=workload.weights_path,
            extractors=run.extractors,
        )
        started = RunStarted(plan.variant, run.seed, run.held_out_site, index, len(workload.runs))
        yield from _run(plan, started, workload.engine)


def _run(plan: SimulationPlan, started: RunStarted, engine: Engine) -> Generator[Event]:
    yield started
    try:
        result = yield from _told(_simulated(plan, engine), started)
    except TrainingDivergedError as error:
        yield RunFailed(started, str(error))
    else:
        yield RunFinished(started, result)


def _simulated(plan: SimulationPlan, engine: Engine) -> Generator[object, None, RunResult]:
    if engine == "local":
        return simulate(plan)
    silence()
    from desktop_client.simulation.flower_engine import simulate_on_flower

    return simulate_on_flower(plan)


def _told(
    simulated: Generator[object, None, RunResult], started: RunStarted
) -> Generator[Event, None, RunResult]:
    """Pass on each event with the run it is of; steps only show that it goes on.

    Every site may warn of the same in every round; of a run that is read once.
    """
    warned: set[str] = set()
    with closing(simulated) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                result: RunResult = end.value
                return result
            match event:
                case RoundDone():
                    yield RunAdvanced(started, event)
                case TrainingWarned(sentence) if sentence not in warned:
                    warned.add(sentence)
                    yield TrainingWarned(f"{started.label}: {sentence}")
                case EngineStarted():
                    yield event
                case _:
                    yield StillWorking()
