"""A whole federation in one process, with the coordinator's own selection and averaging.

A site trains, packs and loads exactly as in a study; what is missing is the network and the wait.
One model and one update are in memory at a time, however many sites there are.
"""

import shutil
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Final

import torch

from coordinator.method.selection import draw_of, pick_count, pick_sites
from coordinator.study import Study
from desktop_client.federation.averager import Averager, initial_parameters
from desktop_client.simulation.events import RoundDone
from desktop_client.simulation.judging import Judge
from desktop_client.simulation.pool import Pool
from desktop_client.simulation.results import Arrangement, Extractors, RoundResult, RunResult
from desktop_client.simulation.site_models import SiteModels
from desktop_client.simulation.sites import SiteData, pooled
from desktop_client.simulation.state import RunState, load_state, save_state
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.inputs import ActivationMemory

EVERYBODY: Final = "everybody"
"""Name of the one site that holds all images, in the pooled arrangement."""

WORK_SUFFIX: Final = ".work"
"""Of the folder beside a run's state that only a running process needs."""

Event = RoundDone | StepFinished | TrainingWarned


@dataclass(frozen=True)
class SimulationPlan:
    """One run.

    Attributes:
        study: What to train; ``seed`` takes the place of the study's own.
        sites: Those that take part.
        held_out: A site that the model is only judged on.
        variant: The run's name in a comparison.
        arrangement: ``federated``; ``local``: each site averages with itself alone; ``apart``:
            only with sites that have the same feature extractor; ``pooled``: one site holds all
            images and takes the steps of all that would be picked.
        seed: For everything random.
        device: Where to compute.
        leakage_every: Rounds between two measurements of leakage and of the held-out site; 0 for
            the untrained and the finished model only.
        state_path: File for what an interrupted run needs to go on; None keeps nothing.
        memory: Of activations, for several runs on the same images.
        weights_path: Of the weights that the study begins from, if it asks for a file.
        extractors: By site, the feature extractor that it has chosen; the others have the study's
            first.
    """

    study: Study
    sites: tuple[SiteData, ...]
    held_out: SiteData | None
    variant: str
    arrangement: Arrangement
    seed: int
    device: torch.device
    leakage_every: int = 0
    state_path: Path | None = None
    memory: ActivationMemory = field(default_factory=ActivationMemory)
    weights_path: Path | None = None
    extractors: Extractors = field(default_factory=dict)


def simulate(plan: SimulationPlan) -> Generator[Event, None, RunResult]:
    """Run a federation to its end; after an interruption, from the last finished round on.

    Raises:
        TrainingDivergedError: if a site's training diverges.
        ResultsFileError: if the state cannot be written, or is that of another run.
        PretrainedWeightsError: if weights that the study begins from are missing or do not fit.
    """
    with work_folder(plan.state_path) as folder:
        federation = Federation(plan, folder)
        yield from federation.take_up()
        yield from federation.rounds()
        yield from federation.mean_of_rounds()
        return federation.end()


@contextmanager
def work_folder(state_path: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards: beside the state, or else the system's own.

    Nobody else may look into it: sites' images and updates may lie there.

    What a killed run has left there is not needed: all that a later round depends on is its state.
    """
    if state_path is None:
        with tempfile.TemporaryDirectory(prefix="siteblind-") as folder:
            yield Path(folder)
        return
    beside = state_path.with_name(f"{state_path.name}{WORK_SUFFIX}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@dataclass
class RoundCosts:
    """What a round took, summed over its sites."""

    picked: tuple[str, ...] = ()
    bytes_up: int = 0
    bytes_down: int = 0
    begun: float = field(default_factory=time.monotonic)
    steps: list[StepFinished] = field(default_factory=list)

    def watch(self, events: Iterable[Event]) -> Generator[Event]:
        """Pass events on, and note the steps among them."""
        for event in events:
            if isinstance(event, StepFinished):
                self.steps.append(event)
            yield event


class Federation:
    """All sites of a run, and what has come of its rounds so far.

    Args:
        plan: Of the run.
        folder: For updates; see ``work_folder``.

    Attributes:
        study: The plan's, with the run's own seed.
        models: Of the sites.
        pools: The sites that average with each other; where all do, one.
        marked: Sites that were picked in the running cycle.
    """

    def __init__(self, plan: SimulationPlan, folder: Path) -> None:
        study = _study_of(plan)
        self._plan, self.study = plan, study
        trained = plan.sites
        if plan.arrangement == "pooled":
            trained = (pooled(plan.sites, EVERYBODY),)
        with_a_turn = {site.name: site for site in (*plan.sites, *trained)}
        of_turns = tuple(with_a_turn.values())
        self.models = SiteModels(study, of_turns, plan.device, plan.memory, plan.extractors)
        domain_count = 1 + max(site.domain_index for site in plan.sites)
        bases = {
            name: initial_parameters(study, domain_count, plan.weights_path, name)
            for name in dict.fromkeys(self.models.extractors.values())
        }
        self._names = tuple(site.name for site in trained)
        self.pools: list[Pool] = []
        for number, group in enumerate(_groups(self._names, self.models, plan.arrangement)):
            used = dict.fromkeys(self.models.extractors[name] for name in group)
            base, *others = (bases[extractor] for extractor in used)
            averager = Averager(study, base, folder / str(number), others)
            self.pools.append(Pool(group, self.models, averager))
        self._judge = Judge(study, plan.sites, self.models, plan.held_out, plan.memory)
        self.marked: frozenset[str] = frozenset()
        self._results: list[RoundResult] = []

    @property
    def rounds_done(self) -> int:
        """How many rounds are averaged and judged."""
        return self._results[-1].round_number if self._results else 0

    def take_up(self) -> Iterator[RoundDone]:
        """Go on from the run's state, if there is one; else judge the untrained model."""
        path = self._plan.state_path
        if path is not None and path.exists():
            self._restore(load_state(path, self._plan.study.digest))
        else:
            yield self.round_done(RoundCosts(), 0)

    def rounds(self) -> Generator[Event]:
        """Run the rounds that are left."""
        for number in range(self.rounds_done + 1, self.study.rounds.count + 1):
            costs = yield from self._round(number)
            yield self.round_done(costs, number)

    def round_done(self, costs: RoundCosts, number: int) -> RoundDone:
        """Judge what came of a round and keep it; 0 is before the first."""
        count, every = self.study.rounds.count, self._plan.leakage_every
        in_full = number in (0, count) or bool(every and number % every == 0)
        done = self._judged(costs, number, in_full=in_full)
        if self._plan.state_path is not None:
            save_state(self._plan.state_path, self._plan.study.digest, self._state())
        return done

    def mean_of_rounds(self) -> Iterator[RoundDone]:
        """Make the mean of the last rounds the model, if the study wants it.

        The last round is judged twice then: before and after.
        """
        plan = self.study.rounds
        if plan.averaged_rounds > 1 and len(self._results) == plan.count + 1:
            for pool in self.pools:
                pool.averager.take_mean_of_rounds()
            yield self.round_done(RoundCosts(), plan.count)

    def end(self) -> RunResult:
        """Return all rounds, and the finished model's answers to all held-out images."""
        result = self._result()
        if self._plan.state_path is not None:
            self._plan.state_path.unlink(missing_ok=True)
        return result

    def _result(self) -> RunResult:
        plan = self._plan
        return RunResult(
            variant=plan.variant,
            arrangement=plan.arrangement,
            seed=plan.seed,
            held_out_site=None if plan.held_out is None else plan.held_out.name,
            study_digest=plan.study.digest,
            rounds=tuple(self._results),
            predictions=self._judge.predictions(self.pools),
            extractors=dict(plan.extractors),
        )

    def _state(self) -> RunState:
        """Return what the rounds to come depend on."""
        pools = tuple(pool.state() for pool in self.pools)
        return RunState(self.marked, tuple(self._results), pools)

    def _restore(self, state: RunState) -> None:
        self.marked, self._results = state.marked, list(state.results)
        for pool, saved in zip(self.pools, state.pools, strict=True):
            pool.restore(saved)

    def _round(self, number: int) -> Generator[Event, None, RoundCosts]:
        """S215-S221: pick, train, average, and hand the averages to every site."""
        plan, costs = self.study.rounds, RoundCosts()
        pick = pick_sites(draw_of(plan, number, self._names, self.marked))
        costs.picked, self.marked = pick.site_ids, pick.marked
        for pool in self.pools:
            present = [name for name in pick.site_ids if name in pool.names]
            for name in present:
                yield from costs.watch(pool.train(name, number))
                costs.bytes_up += pool.sent_byte_count
            if present:
                pool.average(number, present)
                costs.bytes_down += pool.received_byte_count
        return costs

    def _judged(self, costs: RoundCosts, number: int, *, in_full: bool) -> RoundDone:
        seconds = time.monotonic() - costs.begun  # of the round; judging it is no part of it
        verdict = self._judge.judge(self.pools, in_full=in_full)
        self._results.append(
            RoundResult(
                round_number=number,
                picked=costs.picked,
                sites=verdict.sites,
                leakage=verdict.leakage,
                first_target_share=_mean([s.first_target_share for s in costs.steps]),
                second_target_share=_mean([s.second_target_share for s in costs.steps]),
                lesion_loss=_mean([s.lesion_loss for s in costs.steps]),
                bytes_up=costs.bytes_up,
                bytes_down=costs.bytes_down,
                seconds=seconds,
            )
        )
        return RoundDone(number, self.study.rounds.count, verdict.mean_auc)


def _study_of(plan: SimulationPlan) -> Study:
    """Return the study with the run's seed; pooled, one site takes all picked sites' steps."""
    study = plan.study
    method = study.method
    if plan.arrangement == "pooled":
        count = pick_count(len(plan.sites), study.rounds.fraction, study.rounds.sites_per_round)
        method = method.model_copy(update={"local_steps": method.local_steps * count})
    rounds = study.rounds.model_copy(update={"seed": plan.seed})
    return study.model_copy(update={"rounds": rounds, "method": method})


def _groups(names: Sequence[str], models: SiteModels, arrangement: Arrangement) -> list[list[str]]:
    """Return which sites average with each other."""
    groups: dict[str, list[str]] = {}
    for name in names:
        shared = {"local": name, "apart": models.extractors[name]}.get(arrangement, "")
        groups.setdefault(shared, []).append(name)
    return list(groups.values())


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
