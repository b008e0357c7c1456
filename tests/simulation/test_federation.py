"""One run of a whole federation in one process: who trains, what is averaged, how it goes on."""

import stat
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from coordinator.method.selection import draw_of, pick_sites
from coordinator.study import RoundPlan, Study, read_study
from desktop_client.errors import PretrainedWeightsError, ResultsFileError
from desktop_client.federation.averager import initial_parameters
from desktop_client.simulation.events import RoundDone
from desktop_client.simulation.federation import (
    EVERYBODY,
    SimulationPlan,
    simulate,
    work_folder,
)
from desktop_client.simulation.results import RunResult
from desktop_client.simulation.sites import SiteData
from desktop_client.training.trainer import SiteImages
from tests.scenes import write_study
from tests.training.prepared import some_images

NAMES = ("north", "north wing", "south/1", "west")
ROUND_COUNT = 4


def some_site(name: str, domain: int) -> SiteData:
    def images(count: int, seed: int) -> Any:
        return some_images(count, size_px=24, domains=[domain] * count, seed=seed)

    return SiteData(name, SiteImages(images(24, domain), images(8, domain + 50), 0), domain)


def a_plan(tmp_path: Path, **changes: Any) -> SimulationPlan:
    rounds = {"count": ROUND_COUNT, **changes.pop("rounds", {})}
    method = {"local_steps": 2, **changes.pop("method", {})}
    path = write_study(
        tmp_path / "study.toml", rounds=rounds, method=method, **changes.pop("toml", {})
    )
    plan = SimulationPlan(
        study=read_study(path),
        sites=tuple(some_site(name, domain) for domain, name in enumerate(NAMES)),
        held_out=some_site("stranger", 7),
        variant="any",
        arrangement="federated",
        seed=5,
        device=torch.device("cpu"),
    )
    return replace(plan, **changes)


def run(plan: SimulationPlan, stop_after: int | None = None) -> RunResult | None:
    """Run to the end, or cease to iterate after so many judged rounds."""
    events = simulate(plan)
    judged = 0
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            result: RunResult = end.value
            return result
        judged += isinstance(event, RoundDone)
        if judged == stop_after:
            events.close()
            return None


def finished(plan: SimulationPlan) -> RunResult:
    result = run(plan)
    assert result is not None
    return result


def without_times(result: RunResult) -> RunResult:
    return replace(result, rounds=tuple(replace(r, seconds=0.0) for r in result.rounds))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """What the plan without any changes comes to."""
    return finished(a_plan(tmp_path_factory.mktemp("plain")))


def test_the_untrained_model_is_judged_first_and_every_round_after_it(plain: RunResult) -> None:
    assert [r.round_number for r in plain.rounds] == [0, 1, 2, 3, 4]
    assert plain.rounds[0].picked == ()
    assert {p.site for p in plain.predictions} == {*NAMES, "stranger"}


def test_the_sites_of_a_round_are_those_that_the_coordinator_would_pick(plain: RunResult) -> None:
    marked: frozenset[str] = frozenset()
    for done in plain.rounds[1:]:
        plan = RoundPlan(fraction=0.5, seed=5)
        pick = pick_sites(draw_of(plan, done.round_number, NAMES, marked))
        marked = pick.marked
        assert done.picked == pick.site_ids


def test_the_same_seed_gives_the_same_run_and_another_seed_another(
    tmp_path: Path, plain: RunResult
) -> None:
    first = without_times(plain)
    assert without_times(finished(a_plan(tmp_path))) == first
    assert without_times(finished(a_plan(tmp_path, seed=6))).predictions != first.predictions


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"arrangement": "local"},
        {"rounds": {"averaged_rounds": 3}, "method": {"restyle": "channel_statistics"}},
        {"toml": {"model": {"normalisation": "local"}}, "method": {"preset": "fedbn"}},
        {"toml": {"exchange": {"encoding": "int4"}}, "rounds": {"averaged_rounds": 3}},
    ],
    ids=["federated", "local", "restyled and averaged", "local normalisation", "rounded"],
)
def test_an_interrupted_run_ends_as_if_nothing_had_happened(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    state_path = tmp_path / "state"
    whole = finished(a_plan(tmp_path, **dict(changes)))
    assert run(a_plan(tmp_path, state_path=state_path, **dict(changes)), stop_after=3) is None
    assert state_path.exists()
    resumed = finished(a_plan(tmp_path, state_path=state_path, **dict(changes)))
    assert without_times(resumed) == without_times(whole)
    assert not state_path.exists()


def test_a_state_of_another_run_is_refused_and_kept(tmp_path: Path) -> None:
    state_path = tmp_path / "state"
    run(a_plan(tmp_path, state_path=state_path), stop_after=2)
    with pytest.raises(ResultsFileError, match="is of another run; delete it"):
        run(a_plan(tmp_path, state_path=state_path, method={"local_steps": 3}))
    assert state_path.exists()


def test_a_torn_state_is_refused_by_a_sentence(tmp_path: Path) -> None:
    state_path = tmp_path / "state"
    run(a_plan(tmp_path, state_path=state_path), stop_after=2)
    state_path.write_bytes(state_path.read_bytes()[:1000])
    with pytest.raises(ResultsFileError, match="cannot be read; delete it to begin"):
        run(a_plan(tmp_path, state_path=state_path))


def test_alone_a_site_learns_only_in_the_rounds_it_is_picked_for(tmp_path: Path) -> None:
    """Its answers change in those rounds and no others: nobody else's training reaches it."""
    result = finished(a_plan(tmp_path, arrangement="local"))
    balanced = {
        name: [s.balanced_accuracy for r in result.rounds for s in r.sites if s.site == name]
        for name in NAMES
    }
    aucs = {
        name: [s.auc for r in result.rounds for s in r.sites if s.site == name] for name in NAMES
    }
    for name in NAMES:
        for done in result.rounds[1:]:
            if name not in done.picked:
                number = done.round_number
                assert aucs[name][number] == aucs[name][number - 1]
                assert balanced[name][number] == balanced[name][number - 1]
    assert result.rounds[-1].leakage is None  # features of different models
    assert {p.site for p in result.predictions} == set(NAMES)


def test_pooled_one_site_takes_the_steps_of_all_that_would_be_picked(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, arrangement="pooled")
    steps = [type(e).__name__ for e in _events(plan)].count("StepFinished")
    result = finished(plan)
    assert {r.picked for r in result.rounds[1:]} == {(EVERYBODY,)}
    assert steps == ROUND_COUNT * 2 * 2  # rounds, picked sites, local steps
    assert {s.site for s in result.rounds[-1].sites} == {*NAMES, "stranger"}


def _events(plan: SimulationPlan) -> Generator[object]:
    yield from simulate(plan)


def test_with_the_mean_of_rounds_the_last_is_judged_before_and_after(
    tmp_path: Path, plain: RunResult
) -> None:
    averaged = finished(a_plan(tmp_path, rounds={"averaged_rounds": 2}))
    assert [r.round_number for r in averaged.rounds] == [0, 1, 2, 3, 4, 4]
    # Training itself is the same, only its end result is another.
    assert [r.lesion_loss for r in averaged.rounds[:-1]] == [r.lesion_loss for r in plain.rounds]
    assert averaged.predictions != plain.predictions


def test_bytes_are_those_of_the_bodies_that_would_travel(tmp_path: Path) -> None:
    one = {"model": {"domain_classifier": "one"}}
    plan = a_plan(tmp_path, toml=one, method={"restyle": "none"})
    last = finished(plan).rounds[-1]
    width = plan.study.model.feature_dim
    moments = width + width**2
    update = 4 * (_parameter_count(plan.study) + moments)
    assert 2 * update < last.bytes_up < 2 * (update + 20_000)  # and a header of names
    published = 4 * (_parameter_count(plan.study) + len(NAMES) * moments)
    assert 4 * published < last.bytes_down < 4 * (published + 20_000)


def _parameter_count(study: Study) -> int:
    from desktop_client.federation.exchange import travelling_parameters
    from desktop_client.training.model import new_model

    model = new_model(study.model, study.input, len(study.classes), 0)
    return int(np.sum([a.size for a in travelling_parameters(model).values()]))


def test_a_study_that_asks_for_a_weights_file_begins_from_it(tmp_path: Path) -> None:
    resnet18 = {"extractor": "resnet18", "weights": "file"}
    weights = tmp_path / "resnet18.pth"
    network = torchvision.models.resnet18(weights=None)
    torch.save(network.state_dict(), weights)
    plan = a_plan(tmp_path, toml={"model": resnet18, "input": {"size_px": 32}})
    base = initial_parameters(plan.study, domain_count=4, weights_path=weights)
    [begun] = [a for n, a in base.parameters.items() if a.shape == (64, 3, 7, 7)]
    assert np.array_equal(begun, network.conv1.weight.detach().numpy())
    with pytest.raises(PretrainedWeightsError, match="Name it with --weights"):
        run(plan)


OTHER = "efficientnet_lite0"


def a_mixed_plan(tmp_path: Path, **changes: Any) -> SimulationPlan:
    toml = {"model": {"further_extractors": [OTHER]}}
    chosen = {"north wing": OTHER, "west": OTHER}
    rounds = {"count": 2, "averaged_rounds": 2}
    method = {"restyle": "none", "local_steps": 1}
    return a_plan(tmp_path, toml=toml, rounds=rounds, method=method, extractors=chosen, **changes)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return finished(a_mixed_plan(tmp_path_factory.mktemp("mixed")))


def test_of_sites_with_different_extractors_each_model_is_judged(mixed: RunResult) -> None:
    last = mixed.rounds[-1].sites
    assert [(one.site, one.extractor) for one in last] == [
        ("north", "small_cnn"), ("north wing", OTHER), ("south/1", "small_cnn"), ("west", OTHER),
        ("stranger", "small_cnn"), ("stranger", OTHER),
    ]  # fmt: skip
    # Features of different extractors cannot be compared, and no one model answers for all.
    assert mixed.rounds[-1].leakage is None
    assert "stranger" not in {answer.site for answer in mixed.predictions}


def test_a_run_with_different_extractors_goes_on_where_it_was_interrupted(
    tmp_path: Path, mixed: RunResult
) -> None:
    plan = a_mixed_plan(tmp_path, state_path=tmp_path / "state")
    assert run(plan, stop_after=2) is None
    resumed = finished(plan)
    assert resumed.predictions == mixed.predictions
    assert resumed.rounds[-1].sites == mixed.rounds[-1].sites


def test_apart_sites_learn_nothing_from_those_with_another_extractor(
    tmp_path: Path, mixed: RunResult
) -> None:
    apart = finished(a_mixed_plan(tmp_path, arrangement="apart"))
    assert apart.key != mixed.key
    assert [r.picked for r in apart.rounds] == [r.picked for r in mixed.rounds]
    assert apart.predictions != mixed.predictions


def test_nobody_else_may_look_at_what_sites_leave_while_a_run_lasts(tmp_path: Path) -> None:
    state_path = tmp_path / "results.json.state" / "run"
    with work_folder(state_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "of a run that is killed").touch()
    assert not folder.exists()
