"""A site taking part in the rounds of a real coordinator."""

import json
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from coordinator.parameters import Group, decode, group_of
from coordinator.protocol import GlobalMessage
from coordinator.study import ExtractorName
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import CoordinatorRefusedError, StudyUnsuitableError
from desktop_client.federation.enrolment import Part, enrol
from desktop_client.federation.events import (
    CoordinatorAway,
    ParametersLoaded,
    RoundJoined,
    RoundWaited,
    StudyFinished,
    StudyOpened,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.exchange import travelling_parameters
from desktop_client.federation.local_model import model_of
from desktop_client.federation.membership import (
    Membership,
    StudyRequest,
    global_model_path,
    membership_of,
)
from desktop_client.federation.site import take_part
from desktop_client.paths import Home
from desktop_client.reporting.request import ReportRequest
from desktop_client.reporting.writing import write_report
from desktop_client.training.checkpoint import ModelCard, load_checkpoint, save_checkpoint
from desktop_client.training.events import StepFinished, StillWorking, TrainingWarned
from desktop_client.training.quality import is_judged, load_quality, quality_path_of
from tests.federation.conftest import create_study
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_study

Events = Generator[Any]


def join(coordinator: Coordinator, home: Home, code: str) -> tuple[Membership, Events]:
    membership = enrol(home, coordinator.url, code, home.path.parent.name)
    return membership, take_part(StudyRequest(home.path, membership.study_id, "cpu"))


def side_by_side(sites: Iterable[Events]) -> list[list[Any]]:
    """Iterate several sites in turn, as their processes would run, until all have finished."""
    running = dict(enumerate(sites))
    said: list[list[Any]] = [[] for _ in running]
    while running:
        for index, events in list(running.items()):
            try:
                event = next(events)
            except StopIteration:
                del running[index]
                continue
            if not isinstance(event, StillWorking):
                said[index].append(event)
    return said


def told(coordinator: Coordinator, *words: str) -> Any:
    """Return what a command of the coordinator prints for programs."""
    return json.loads(" ".join(coordinator._command(*words, "--json")))


def of_kind(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def study_toml(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study.toml")


@pytest.fixture
def homes(tmp_path: Path) -> list[Home]:
    counts = {"dot": 16, "ring": 16}
    return [new_site(tmp_path / name, counts, seed) for seed, name in enumerate(("north", "south"))]


def test_two_sites_finish_a_study_with_the_same_model_bit_for_bit(
    coordinator: Coordinator, study_toml: Path, homes: list[Home]
) -> None:
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    joined = [join(coordinator, home, code) for home, code in zip(homes, codes, strict=True)]
    said = side_by_side(events for _, events in joined)
    for events in said:
        assert [e.round_number for e in of_kind(events, ParametersLoaded)] == [0, 1, 2]
        assert len(of_kind(events, StepFinished)) == 2 * 4
        assert [e.round_number for e in of_kind(events, UpdateSent)] == [1, 2]
        assert isinstance(events[-1], StudyFinished)
    shown = told(coordinator, "study", "show", study_id)
    (of_result,) = [one for one in shown["rounds"] if one["round_number"] == 2]
    measured = {site: one["auc"] for site, one in of_result["lesion_metrics"].items()}
    assert measured == {
        membership.site_id: events[-1].validation.auc
        for (membership, _), events in zip(joined, said, strict=True)
    }
    digests = [[e.digest for e in of_kind(events, ParametersLoaded)] for events in said]
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 3
    for home, events in zip(homes, said, strict=True):
        check_judged(home, study_id, events[-1])
    models = [load_checkpoint(global_model_path(home, study_id))[0] for home in homes]
    arrays = [travelling_parameters(model) for model in models]
    assert all((arrays[0][name] == arrays[1][name]).all() for name in arrays[0])


def test_sites_with_different_networks_finish_a_study_with_the_same_classifiers(
    coordinator: Coordinator, homes: list[Home], tmp_path: Path
) -> None:
    other: ExtractorName = "efficientnet_lite0"
    study_toml = write_study(
        tmp_path / "study.toml",
        model={"further_extractors": [other]},
        method={"restyle": "none"},
    )
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    running = []
    choices: tuple[ExtractorName | None, ...] = (None, other)
    for home, code, extractor in zip(homes, codes, choices, strict=True):
        enrol(home, coordinator.url, code, "a site", Part(extractor=extractor))
        assert membership_of(home, study_id).extractor == extractor
        running.append(take_part(StudyRequest(home.path, study_id, "cpu")))
    said = side_by_side(running)
    for events in said:
        assert [e.round_number for e in of_kind(events, ParametersLoaded)] == [0, 1, 2]
        assert [e.round_number for e in of_kind(events, UpdateSent)] == [1, 2]
        assert isinstance(events[-1], StudyFinished)
    saved = [load_checkpoint(global_model_path(home, study_id)) for home in homes]
    assert [card.model.extractor for _, card in saved] == ["small_cnn", other]
    small, large = (travelling_parameters(model) for model, _ in saved)
    shared = {name for name in small if group_of(name) is not Group.FEATURE_EXTRACTOR}
    assert len(shared) == 4
    assert shared == small.keys() & large.keys()
    assert all((small[name] == large[name]).all() for name in shared)
    for home, events in zip(homes, said, strict=True):
        check_judged(home, study_id, events[-1])


def test_sites_of_a_study_of_rounded_differences_have_the_coordinators_bits_for_few_bytes(
    coordinator: Coordinator, homes: list[Home], tmp_path: Path
) -> None:
    study_toml = write_study(
        tmp_path / "study.toml",
        exchange={"encoding": "int4", "compression": "zstd"},
        rounds={"count": 3, "averaged_rounds": 2},
        method={"restyle": "none", "domains": "local"},  # statistics travel as they are
    )
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    joined = [join(coordinator, home, code) for home, code in zip(homes, codes, strict=True)]
    said = side_by_side(events for _, events in joined)
    for events in said:
        whole, *later = of_kind(events, ParametersLoaded)
        sent = of_kind(events, UpdateSent)
        assert [e.round_number for e in later] == [e.round_number for e in sent] == [1, 2, 3]
        assert all(e.byte_count < 0.15 * whole.byte_count for e in [*later, *sent])
        assert isinstance(events[-1], StudyFinished)
    export = tmp_path / "model.safetensors"
    coordinator._command("export", study_id, "--output", str(export))
    published, _ = decode(export.read_bytes(), GlobalMessage)
    for home in homes:
        arrays = travelling_parameters(load_checkpoint(global_model_path(home, study_id))[0])
        assert {n: a.tobytes() for n, a in arrays.items()} == {
            n: a.tobytes() for n, a in published.items()
        }


def check_judged(home: Home, study_id: str, finished: StudyFinished) -> None:
    """Check that the result was judged at the site, and can be once more without taking part."""
    path = global_model_path(home, study_id)
    assert is_judged(path)
    quality = load_quality(quality_path_of(path))
    assert quality.together.accuracy.value == finished.validation.accuracy
    assert quality.together.image_count == finished.validation.sample_count
    assert [stage.number for stage in quality.record.stages] == [1, 2]
    quality_path_of(path).unlink()
    page = home.path / "report.html"
    deque(write_report(ReportRequest(path, page, home.path)), maxlen=0)
    again = load_quality(quality_path_of(path))
    assert again.together == quality.together
    assert again.record.amounts == quality.record.amounts
    assert "After round 2 of 2" in page.read_text("utf-8")


def test_what_a_site_alone_has_learnt_of_the_model_survives_a_restart(
    coordinator: Coordinator, homes: list[Home], tmp_path: Path
) -> None:
    """Local normalisation never travels, so nobody could send it again."""
    study_toml = write_study(tmp_path / "study.toml", method={"preset": "fedbn"})
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    side_by_side(join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True))

    def scales() -> list[float]:
        model, _ = load_checkpoint(global_model_path(homes[0], study_id))
        layers = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        return [value for layer in layers for value in layer.weight.tolist()]

    learnt = scales()
    assert any(value != 1.0 for value in learnt)
    again = list(take_part(StudyRequest(homes[0].path, study_id, "cpu")))
    assert isinstance(again[-1], StudyFinished)
    assert scales() == learnt


def test_what_a_site_has_learnt_with_another_extractor_before_it_left_is_not_taken_up(
    coordinator: Coordinator, homes: list[Home], tmp_path: Path
) -> None:
    study_toml = write_study(tmp_path / "study.toml", method={"preset": "fedbn"})
    study_id = create_study(coordinator, study_toml)
    member, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
    study = member.study
    before = model_of(study, "resnet18")
    card = ModelCard(name=study.name, classes=study.classes, input=study.input, model=before.design)
    save_checkpoint(global_model_path(homes[0], study_id), before, card)
    with closing(events):
        assert any(isinstance(event, RoundWaited) for event in events)


def test_every_group_of_the_global_parameters_changes(
    coordinator: Coordinator, study_toml: Path, homes: list[Home], tmp_path: Path
) -> None:
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    side_by_side(join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True))
    initial, _ = decode((tmp_path / "study.safetensors").read_bytes(), GlobalMessage)
    final = travelling_parameters(load_checkpoint(global_model_path(homes[0], study_id))[0])
    changed = {group_of(name) for name in final if (final[name] != initial[name]).any()}
    assert changed == set(Group)


def test_a_site_that_waits_says_for_what(
    coordinator: Coordinator, study_toml: Path, homes: list[Home]
) -> None:
    study_id = create_study(coordinator, study_toml)
    _, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
    with closing(events):
        waited = next(e for e in events if isinstance(e, RoundWaited))
    assert waited.site_count == 1
    assert "site" in waited.sentence


def test_the_first_site_can_propose_the_initial_parameters(
    coordinator: Coordinator, tmp_path: Path, homes: list[Home]
) -> None:
    study_toml = write_study(
        tmp_path / "open.toml", rounds={"accept_first_proposal": True, "count": 1}
    )
    study_id = coordinator.create_study(study_toml)
    codes = coordinator.invite(study_id, 2)
    said = side_by_side(join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True))
    assert all(isinstance(events[-1], StudyFinished) for events in said)


def test_a_coordinator_that_goes_away_during_a_round_is_waited_for(
    tmp_path: Path, study_toml: Path, homes: list[Home]
) -> None:
    folder = tmp_path / "coordinator"
    with owned_coordinator(folder) as coordinator:
        study_id = create_study(coordinator, study_toml)
        codes = coordinator.invite(study_id, 2)
        sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
        while not isinstance(next(sites[0]), StudyOpened):
            pass
        while not isinstance(next(sites[1]), StepFinished):
            next(sites[0])  # the second site is in the middle of round 1 now
    port = int(coordinator.url.rsplit(":", 1)[1])
    while not isinstance(away := next(sites[1]), CoordinatorAway):
        pass
    assert "cannot be reached" in away.sentence
    with owned_coordinator(folder, port):
        said = side_by_side(sites)
    assert all(isinstance(events[-1], StudyFinished) for events in said)
    # The update was trained once and sent when the coordinator was back.
    assert [e.round_number for e in of_kind(said[1], RoundJoined)] == [2]
    assert [e.round_number for e in of_kind(said[1], UpdateSent)] == [1, 2]


def test_a_refused_proposal_is_not_sent_again(
    tmp_path: Path, study_toml: Path, homes: list[Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PROPOSAL_LIMIT_BYTES", "1000")
    with owned_coordinator(tmp_path / "coordinator") as coordinator:
        study_id = coordinator.create_study(study_toml)
        _, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
        said: list[Any] = []
        with closing(events):
            while len(of_kind(said, RoundWaited)) < 3:
                said.append(next(events))
    assert ["1000 bytes" in e.sentence for e in of_kind(said, UpdateRefused)] == [True]


def test_a_site_whose_training_diverges_sends_nothing_and_stays(
    coordinator: Coordinator, tmp_path: Path, homes: list[Home]
) -> None:
    # Weight decay of 1 at a rate of 10 makes every parameter 9 times as large, step by step.
    wild = {"learning_rate": 10, "weight_decay": 1, "local_steps": 60}
    study_id = create_study(coordinator, write_study(tmp_path / "wild.toml", method=wild))
    codes = coordinator.invite(study_id, 2)
    sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
    while not isinstance(next(sites[0]), StudyOpened):
        pass
    said: list[Any] = []
    while not of_kind(said, TrainingWarned) or not isinstance(said[-1], RoundWaited):
        said.append(next(sites[1]))
    assert "nothing is sent" in of_kind(said, TrainingWarned)[0].sentence
    assert len(of_kind(said, RoundJoined)) == 1
    assert not of_kind(said, UpdateSent)
    for site in sites:
        site.close()


def test_a_site_with_one_class_only_takes_part_with_an_undefined_auc(
    coordinator: Coordinator, study_toml: Path, homes: list[Home], tmp_path: Path
) -> None:
    study_id = create_study(coordinator, study_toml)
    only_dots = new_site(tmp_path / "dots", {"dot": 30}, seed=5)
    codes = coordinator.invite(study_id, 2)
    said = side_by_side(
        join(coordinator, h, c)[1] for h, c in zip((homes[0], only_dots), codes, strict=True)
    )
    loaded = of_kind(said[1], ParametersLoaded)
    assert [e.validation.auc for e in loaded] == [None, None, None]
    assert all(e.validation.accuracy is not None for e in loaded)
    assert [e.round_number for e in of_kind(said[1], UpdateSent)] == [1, 2]


def test_a_site_without_an_image_of_the_studys_classes_is_told_what_to_label(
    coordinator: Coordinator, study_toml: Path, tmp_path: Path
) -> None:
    study_id = create_study(coordinator, study_toml)
    home = new_site(tmp_path / "other", {"square": 3})
    _, events = join(coordinator, home, coordinator.invite(study_id, 1)[0])
    with pytest.raises(StudyUnsuitableError, match="dot, ring"):
        next(events)


def test_a_site_whose_images_cannot_be_read_takes_no_part_and_holds_up_nobody(
    coordinator: Coordinator, study_toml: Path, tmp_path: Path
) -> None:
    study_id = create_study(coordinator, study_toml)
    home = new_site(tmp_path / "torn", {"dot": 4, "ring": 4})
    for path in (tmp_path / "torn").rglob("*.png"):
        path.write_bytes(b"no longer a picture")
    _, events = join(coordinator, home, coordinator.invite(study_id, 1)[0])
    with pytest.raises(StudyUnsuitableError, match="can be read; look at those"):
        side_by_side([events])
    (listed,) = told(coordinator, "site", "list", study_id)
    assert listed["scanners"] == 0


def test_a_site_whose_membership_was_ended_stops_with_the_reason(
    coordinator: Coordinator, study_toml: Path, homes: list[Home]
) -> None:
    study_id = create_study(coordinator, study_toml)
    membership, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
    while not isinstance(next(events), RoundWaited):
        pass
    coordinator.revoke(study_id, membership.site_id)
    with pytest.raises(CoordinatorRefusedError) as caught:
        side_by_side([events])
    assert caught.value.code == "credential_refused"


def test_a_site_finishes_a_study_that_its_owner_stops(
    coordinator: Coordinator, tmp_path: Path, homes: list[Home]
) -> None:
    study_id = create_study(coordinator, write_study(tmp_path / "s.toml", rounds={"count": 500}))
    codes = coordinator.invite(study_id, 2)
    sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
    sent = 0
    while sent < 3:  # by two sites: a round was averaged before
        sent += sum(isinstance(next(site), UpdateSent) for site in sites)
    coordinator._command("study", "stop", study_id, "--yes")
    for said in side_by_side(sites):
        finished = said[-1]
        assert isinstance(finished, StudyFinished)
        assert "The study owner has stopped the study with" in finished.sentence
        assert finished.checkpoint_path == global_model_path(homes[0], study_id) or (
            finished.checkpoint_path == global_model_path(homes[1], study_id)
        )


def test_a_study_that_is_stopped_before_it_began_leaves_no_model(
    coordinator: Coordinator, study_toml: Path, homes: list[Home]
) -> None:
    study_id = coordinator.create_study(study_toml)
    _, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
    coordinator._command("study", "stop", study_id, "--yes")
    finished = list(events)[-1]
    assert isinstance(finished, StudyFinished)
    assert finished.checkpoint_path is None


def test_a_site_waits_while_the_study_is_paused_and_goes_on_when_it_is_resumed(
    coordinator: Coordinator, study_toml: Path, homes: list[Home]
) -> None:
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    coordinator._command("study", "pause", study_id)
    sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
    for site in sites:
        waited = next(event for event in site if isinstance(event, RoundWaited))
        assert waited.is_paused
        assert waited.sentence == "Round 1 of 2 waits: the study owner has paused the study"
    coordinator._command("study", "resume", study_id)
    said = side_by_side(sites)
    assert all(isinstance(events[-1], StudyFinished) for events in said)


def test_a_site_that_trains_for_long_does_not_count_as_away(
    coordinator: Coordinator, tmp_path: Path, homes: list[Home]
) -> None:
    # It counts as away after 0.6 s, which is far less than 300 steps take side by side.
    study_toml = write_study(
        tmp_path / "long.toml",
        method={"local_steps": 300},
        rounds={"count": 1, "finish_quorum": 2, "deadline_s": 1, "seen_within_s": 0.6},
    )
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
    said = side_by_side(sites)
    assert [len(of_kind(events, RoundJoined)) for events in said] == [1, 1]


def test_a_site_leaves_a_round_that_went_on_without_it(
    coordinator: Coordinator, tmp_path: Path, homes: list[Home]
) -> None:
    study_toml = write_study(
        tmp_path / "long.toml",
        method={"local_steps": 10_000},
        rounds={"seen_within_s": 1.5},
    )
    study_id = create_study(coordinator, study_toml)
    codes = coordinator.invite(study_id, 2)
    sites = [join(coordinator, h, c)[1] for h, c in zip(homes, codes, strict=True)]
    while not isinstance(next(sites[0]), StudyOpened):
        pass
    while not isinstance(next(sites[1]), StepFinished):
        pass
    coordinator._command("study", "stop", study_id, "--yes")
    said = list(sites[1])
    sites[0].close()
    (warned,) = of_kind(said, TrainingWarned)
    assert "Round 1 went on without this site" in warned.sentence
    assert len(of_kind(said, StepFinished)) < 9_000
    assert isinstance(said[-1], StudyFinished)


def test_an_unreadable_image_is_left_out_and_the_site_takes_part(
    coordinator: Coordinator, study_toml: Path, homes: list[Home], tmp_path: Path
) -> None:
    study_id = create_study(coordinator, study_toml)
    victim = next((homes[0].path.parent / "images" / "dot").iterdir())
    victim.write_bytes(victim.read_bytes()[:50])
    _, events = join(coordinator, homes[0], coordinator.invite(study_id, 1)[0])
    with closing(events):
        said = []
        for event in events:
            said.append(event)
            if isinstance(event, StudyOpened):
                break
    left_out = [e for e in said if type(e).__name__ == "ImageLeftOut"]
    assert [e.path for e in left_out] == [victim]
    assert said[-1].training_count + said[-1].validation_count == 31
