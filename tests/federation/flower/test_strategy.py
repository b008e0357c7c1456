"""A study's rounds as Flower runs them: the bits of our own engine, and nothing unchecked in them.

Server and sites are in one process here and hand each other their messages; superlink, supernodes
and simulation engine have tests of their own. Runs in Flower's environment.
"""

import logging
import pickle
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import torch

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

from coordinator.method.selection import draw_of, pick_sites
from coordinator.parameters import Parameters, decode, encode
from coordinator.protocol import UpdateMessage
from coordinator.study import ExtractorName, Study
from desktop_client.errors import FlowerError
from desktop_client.federation.averager import Averager, initial_parameters, site_id_of
from desktop_client.federation.flower.gathering import introductions
from desktop_client.federation.flower.records import (
    BODY,
    body_in,
    record_of,
)
from desktop_client.federation.flower.site_part import OpenedSite, client_app
from desktop_client.federation.flower.strategy import NOTHING_CAME, Member, SiteBlindStrategy
from desktop_client.simulation.federation import Federation, SimulationPlan
from desktop_client.simulation.sites import SiteData
from tests.simulation.test_federation import NAMES, a_plan

Change = Callable[[Parameters, UpdateMessage], bytes]
RUN_ID, SERVER = 1, 1
CPU = torch.device("cpu")
MIXED: dict[str, Any] = {
    "toml": {"model": {"further_extractors": ["mobilenet_v3_large"]}},
    "extractors": dict.fromkeys(("north wing", "west"), "mobilenet_v3_large"),
}
LOCAL = {"method": {"preset": "fedbn"}, "toml": {"model": {"normalisation": "local"}}}


def opened(study: Study, site: SiteData, extractor: ExtractorName, _context: Context) -> OpenedSite:
    """A site's own number of its domain is the study's index here."""
    domain_ids = tuple(UUID(int=number) for number in range(site.domain_index + 1))
    return OpenedSite(site.name, study, site.images, domain_ids, CPU, extractor)


class NearGrid(Grid):  # type: ignore[misc]  # flwr is not where types are checked
    """Hands messages to sites in this process, and lets one of them answer otherwise."""

    def __init__(self, apps: dict[int, ClientApp], change: dict[int, Change] | None = None) -> None:
        self.contexts = {
            node: Context(RUN_ID, node, node_config={}, state=RecordDict(), run_config={})
            for node in apps
        }
        self._apps, self._change = apps, change or {}
        TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, RUN_ID, SERVER

    def get_node_ids(self) -> Iterable[int]:
        return list(self._apps)

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        return [self._answered(message) for message in messages]

    def _answered(self, message: Message) -> Message:
        node = message.metadata.dst_node_id
        reply = self._apps[node](with_id(message), self.contexts[node])
        if node in self._change and BODY in reply.content:
            update = self._change[node](*decode(body_in(reply), UpdateMessage))
            reply.content[BODY] = record_of(BODY, update)
        return reply

    def set_run(self, run: Any) -> None: ...

    @property
    def run(self) -> Any:
        return None

    def create_message(self, *arguments: Any, **named: Any) -> Any:
        raise NotImplementedError

    def get_nodes(self) -> Iterable[Any]:
        raise NotImplementedError

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        raise NotImplementedError

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        raise NotImplementedError


class OnFlower:
    """A plan's study with its sites, on Flower."""

    def __init__(self, plan: SimulationPlan, folder: Path, **change: Change) -> None:
        federation = Federation(plan, folder / "ours")
        self.study, self.sites = federation.study, plan.sites
        node_of = {site.name: 100 + number for number, site in enumerate(plan.sites)}
        extractors = federation.models.extractors
        apps = {
            node_of[site.name]: client_app(partial(opened, self.study, site, extractors[site.name]))
            for site in plan.sites
        }
        self.grid = NearGrid(apps, {node_of[name]: how for name, how in change.items()})
        domain_count = 1 + max(s.domain_index for s in plan.sites)
        base, *others = (
            initial_parameters(self.study, domain_count, extractor=extractor)
            for extractor in dict.fromkeys(extractors.values())
        )
        self.averager = Averager(self.study, base, folder / "flower", others)
        members = [
            Member(
                node,
                said.site_name,
                site_id_of(said.site_name),
                said.extractor,
                {domain_id: domain_id.int for domain_id in said.domain_ids},
            )
            for node, said in introductions(self.grid, self.study, len(apps), 10).items()
        ]
        self.strategy = SiteBlindStrategy(self.study, self.averager, members)

    def run(self) -> dict[str, Parameters]:
        """Return the arrays of each extractor."""
        self.strategy.start(self.grid, record_of(BODY, b""), self.study.rounds.count)
        return {extractor: base.arrays for extractor, base in self.averager.bases.items()}


def ours(plan: SimulationPlan, folder: Path) -> dict[str, Parameters]:
    """Run the plan by our own engine."""
    federation = Federation(plan, folder)
    for _ in (*federation.take_up(), *federation.rounds()):
        pass
    bases = federation.pools[0].averager.bases
    return {extractor: base.arrays for extractor, base in bases.items()}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        pytest.param(LOCAL, marks=pytest.mark.slow),
        pytest.param({"toml": {"exchange": {"encoding": "int4"}}}, marks=pytest.mark.slow),
        pytest.param(MIXED, marks=pytest.mark.slow),
    ],
    ids=["siteblind", "local normalisation", "rounded", "two extractors"],
)
def test_three_rounds_give_the_bits_of_our_own_engine(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    plan = a_plan(tmp_path, rounds={"count": 3}, held_out=None, **changes)
    expected = ours(plan, tmp_path / "ours alone")
    found = OnFlower(plan, tmp_path).run()
    assert found.keys() == expected.keys()
    assert len(found) == len({plan.study.model.extractor, *plan.extractors.values()})
    for extractor, arrays in expected.items():
        assert found[extractor].keys() == arrays.keys()
        assert all(np.array_equal(found[extractor][name], arrays[name]) for name in arrays)


def of_another_round(arrays: Parameters, said: UpdateMessage) -> bytes:
    return encode(arrays, said.model_copy(update={"round_number": said.round_number + 1}))


def not_finite(arrays: Parameters, said: UpdateMessage) -> bytes:
    first = next(iter(arrays))
    return encode({**arrays, first: np.full_like(arrays[first], np.nan)}, said)


def too_far(arrays: Parameters, said: UpdateMessage) -> bytes:
    return encode({name: 1000 + array for name, array in arrays.items()}, said)


def a_pickle(_arrays: Parameters, _said: UpdateMessage) -> bytes:
    return pickle.dumps({"body": 1})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (too_far, "training by this study.toml cannot move it"),
        (a_pickle, "not valid safetensors"),
        pytest.param(not_finite, "values that are not finite", marks=pytest.mark.slow),
        pytest.param(of_another_round, "another round: 2 instead of 1", marks=pytest.mark.slow),
    ],
)
def test_an_update_that_does_not_fit_is_left_out_and_the_round_goes_on(
    tmp_path: Path, expected_warnings: list[logging.LogRecord], change: Change, reason: str
) -> None:
    plan = a_plan(tmp_path, rounds={"count": 1, "seed": 5}, held_out=None, seed=5)
    bad, good = pick_sites(draw_of(plan.study.rounds, 1, NAMES)).site_ids
    flower = OnFlower(plan, tmp_path, **{bad: change})
    flower.run()
    assert reason in flower.strategy.refused[bad]
    assert list(flower.strategy.arrived) == [good]
    assert [r.getMessage().count(site_id_of(bad)) for r in expected_warnings] == [1]


@pytest.mark.parametrize(
    "is_told",
    [True, pytest.param(False, marks=pytest.mark.slow)],
    ids=["the superlink says so", "silence"],
)
def test_a_round_goes_on_without_a_node_that_is_gone(
    tmp_path: Path,
    expected_warnings: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
    is_told: bool,
) -> None:
    """For a node that is gone the superlink answers, in its own name."""
    plan = a_plan(tmp_path, rounds={"count": 1, "seed": 5}, held_out=None, seed=5)
    gone, here = pick_sites(draw_of(plan.study.rounds, 1, NAMES)).site_ids
    flower = OnFlower(plan, tmp_path)
    answer = flower.grid.send_and_receive

    def without_one(messages: Iterable[Message], **_: Any) -> list[Message]:
        tasks = list(messages)
        if not tasks:  # nobody is asked to evaluate
            return []
        first, second = tasks
        reply = Message(Error(5, "Node Unavailable"), reply_to=with_id(first))
        reply.metadata.__dict__["_src_node_id"] = SERVER
        return [*([reply] if is_told else []), *answer([second])]

    monkeypatch.setattr(flower.grid, "send_and_receive", without_one)
    flower.run()
    assert list(flower.strategy.arrived) == [here]
    assert flower.strategy.refused == {gone: NOTHING_CAME}
    assert site_id_of(gone) in expected_warnings[0].getMessage()


def with_id(message: Message) -> Message:
    message.metadata.__dict__["_message_id"] = "of Flower's own transport"
    return message


def test_a_round_without_enough_updates_ends_the_run_by_a_sentence(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    plan = a_plan(tmp_path, rounds={"count": 1, "finish_quorum": 2}, held_out=None)
    flower = OnFlower(plan, tmp_path, **{site.name: not_finite for site in plan.sites})
    with pytest.raises(FlowerError, match="ends with 0 of the 2 updates that are needed"):
        flower.run()
    assert len(expected_warnings) == 2


def test_nothing_that_a_message_carries_is_unpickled_by_flower(tmp_path: Path) -> None:
    """Its own arrays may be NumPy's; a body says that it is none, and stays bytes."""
    plan = a_plan(tmp_path, rounds={"count": 1}, held_out=None)
    flower = OnFlower(plan, tmp_path)
    [first, _] = flower.strategy.configure_train(1, None, None, flower.grid)
    array = first.content[BODY][BODY]
    assert array.stype == "safetensors"
    assert array.data == encode(flower.averager.base.arrays, flower.averager.base.message)
    with pytest.raises(TypeError, match="Unsupported serialization type"):
        array.numpy()


def test_sites_with_the_same_name_or_another_study_are_refused(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, held_out=None)
    twice = replace(plan, sites=(plan.sites[0], *plan.sites[:1]))
    with pytest.raises(FlowerError, match="Two sites are called 'north'"):
        introductions(grid_of(plan.study, twice.sites), plan.study, 2, 10)
    other = plan.study.model_copy(update={"name": "Another"})
    with pytest.raises(FlowerError, match=r"north has agreed to another study\.toml"):
        introductions(grid_of(other, plan.sites), plan.study, 4, 10)


def grid_of(study: Study, sites: Iterable[SiteData]) -> NearGrid:
    return NearGrid(
        {
            number: client_app(partial(opened, study, site, study.model.extractor))
            for number, site in enumerate(sites)
        }
    )


def test_sites_that_do_not_come_are_told_of(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, held_out=None)
    with pytest.raises(FlowerError, match="4 of 5 sites have come within 1 seconds"):
        introductions(grid_of(plan.study, plan.sites), plan.study, 5, 1)
