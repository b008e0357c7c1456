"""A simulated federation whose sites train in Flower's engine, in as many processes as fit.

Picking, averaging, judging and going on after a break are those of ``federation``; so is each bit
of the result, if that computes with one thread, too. Sizes are those that a coordinator would move.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

import torch
from flwr.app import ArrayRecord, Context, MetricRecord
from flwr.serverapp import Grid, ServerApp
from flwr.simulation import run_simulation

from coordinator.study import Study
from desktop_client.federation.averager import site_id_of
from desktop_client.federation.flower.gathering import introductions
from desktop_client.federation.flower.records import BODY, Introduction, record_of
from desktop_client.federation.flower.site_part import OpenedSite, client_app
from desktop_client.federation.flower.strategy import Member, SiteBlindStrategy
from desktop_client.simulation.events import EngineStarted
from desktop_client.simulation.federation import (
    Event,
    Federation,
    RoundCosts,
    SimulationPlan,
    work_folder,
)
from desktop_client.simulation.results import RunResult
from desktop_client.simulation.site_file import read_site, write_site
from desktop_client.training.events import StillWorking, TrainingWarned

SILENCE_S: Final = 0.1
PATIENCE_S: Final = 600.0
"""Until all nodes of the engine have said who they are."""
LONGEST_ROUND_S: Final = 7 * 86_400.0

Tell = Callable[[Event | EngineStarted], None]


def simulate_on_flower(
    plan: SimulationPlan,
) -> Generator[Event | EngineStarted | StillWorking, None, RunResult]:
    """Run a federation to its end; after an interruption, from the last finished round on.

    Raises:
        TrainingDivergedError: if a site's training fails, and why.
        ResultsFileError: if the state cannot be written, or is that of another run.
        PretrainedWeightsError: if weights that the study begins from are missing or do not fit.
    """
    with work_folder(plan.state_path) as folder:
        federation = Federation(plan, folder)
        yield from federation.take_up()
        if federation.rounds_done < federation.study.rounds.count:
            for event in _told_by(partial(_run, federation, plan, folder / "sites")):
                if isinstance(event, EngineStarted):
                    # Ray has set a handler that answers whoever ends this process with addresses.
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                yield event
        yield from federation.mean_of_rounds()
        return federation.end()


def _run(federation: Federation, plan: SimulationPlan, folder: Path, tell: Tell) -> None:
    """Start Flower's engine, run the rounds that are left, stop it."""
    logging.getLogger("flwr").setLevel(logging.ERROR)
    # Else Ray explains at length what it does to the devices of processes without a graphics card.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    folder.mkdir()
    for number, site in enumerate(plan.sites):
        write_site(_path_in(folder, number), site)
    opened = partial(_opened, federation.study, folder, dict(plan.extractors), plan.device)
    server = ServerApp()
    server.main()(partial(_serve, federation, plan, tell))
    run_simulation(server, client_app(opened), len(plan.sites), backend_config=_resources(plan))


def _serve(
    federation: Federation, plan: SimulationPlan, tell: Tell, grid: Grid, _context: Context
) -> None:
    """Run the rounds that are left, as Flower's server."""
    tell(EngineStarted(_process_count()))
    study, models = federation.study, federation.models
    came = introductions(grid, study, len(plan.sites), PATIENCE_S)
    indices = {site.name: site.domain_index for site in plan.sites}
    strategy = SiteBlindStrategy(
        study,
        federation.pools[0].averager,
        [_member(node, said, indices[said.site_name]) for node, said in came.items()],
        rounds_done=federation.rounds_done,
        marked=federation.marked,
        own_of=models.own_of,
    )
    finish = _Finish(federation, strategy, tell)
    left = study.rounds.count - federation.rounds_done
    strategy.start(grid, record_of(BODY, b""), left, LONGEST_ROUND_S, evaluate_fn=finish)


class _Finish:
    """Ends each round: takes over what came of it, and judges it."""

    def __init__(self, federation: Federation, strategy: SiteBlindStrategy, tell: Tell) -> None:
        self._federation = federation
        self._strategy = strategy
        self._tell = tell
        self._begun = time.monotonic()

    def __call__(self, _server_round: int, _arrays: ArrayRecord) -> MetricRecord | None:
        """Do it; Flower also calls this before the first round."""
        picked, arrived = self._strategy.picked, self._strategy.arrived
        if not picked:
            return None
        federation, pool = self._federation, self._federation.pools[0]
        federation.marked = self._strategy.marked
        federation.models.restore({name: one.own for name, one in arrived.items() if one.own})
        for name in picked:
            for sentence in arrived[name].report.warnings:
                self._tell(TrainingWarned(sentence))
        costs = RoundCosts(
            picked=picked,
            bytes_up=sum(one.byte_count for one in arrived.values()),
            bytes_down=pool.received_byte_count,
            begun=self._begun,
            steps=[step for name in picked for step in arrived[name].report.steps],
        )
        self._tell(federation.round_done(costs, federation.rounds_done + 1))
        self._begun = time.monotonic()
        return None


def _member(node_id: int, said: Introduction, domain_index: int) -> Member:
    [domain_id] = said.domain_ids
    site_id = site_id_of(said.site_name)
    return Member(node_id, said.site_name, site_id, said.extractor, {domain_id: domain_index})


def _opened(
    study: Study,
    folder: Path,
    extractors: dict[str, Any],
    device: torch.device,
    context: Context,
) -> OpenedSite:
    """Open a site in a process of the engine."""
    torch.set_num_threads(1)  # each process has one core; and sums of another order would differ
    card, images = read_site(_path_in(folder, int(context.node_config["partition-id"])))
    extractor = extractors.get(card.name, study.model.extractor)
    return OpenedSite(card.name, study, images, (card.domain_id,), device, extractor)


def _path_in(folder: Path, number: int) -> Path:
    return folder / f"{number}.safetensors"


def _resources(plan: SimulationPlan) -> dict[str, Any]:
    """Give each site's process a core, and leave one to the server."""
    needed = {"num_cpus": 1, "num_gpus": 1.0 if plan.device.type == "cuda" else 0.0}
    begun = {"num_cpus": _process_count(), "logging_level": "ERROR", "log_to_driver": False}
    return {"client_resources": needed, "init_args": begun}


def _process_count() -> int:
    return max(1, (os.cpu_count() or 2) - 1)


def _told_by(work: Callable[[Tell], None]) -> Generator[Event | EngineStarted | StillWorking]:
    """Do work in a thread, and yield what it tells."""
    told: SimpleQueue[Event | EngineStarted | BaseException | None] = SimpleQueue()

    def do() -> None:
        try:
            work(told.put)
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            told.put(error)
        else:
            told.put(None)

    Thread(target=do, name="flower-engine", daemon=True).start()
    while True:
        try:
            said = told.get(timeout=SILENCE_S)
        except Empty:
            yield StillWorking()
            continue
        if said is None:
            return
        if isinstance(said, BaseException):
            raise said
        yield said
