"""A training that is paused goes on as if nothing had happened."""

from collections import deque
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from coordinator.parameters import digest_of
from coordinator.study import InputContract, ModelDesign
from desktop_client.errors import (
    RunFileError,
    RunOutdatedError,
    TrainingError,
)
from desktop_client.labelling.identity import digest_file
from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint, model_arrays
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    StepFinished,
    TrainingEvent,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.own_training import (
    judge_unfinished,
    resume_from_store,
    train_from_store,
)
from desktop_client.training.quality import load_quality, quality_path_of
from desktop_client.training.request import ResumeRequest, TrainingRequest
from desktop_client.training.run_file import run_path_of
from tests.scenes import draw, new_site, write_images
from tests.training.steps import fill_memory_above
from tests.training.test_own_training import of_kind, request_for

EPOCH_COUNT: Final = 6
STEPS_PER_EPOCH: Final = 4

Steps = Generator[TrainingEvent]


def two_scanners(folder: Path) -> Home:
    """Make a site with two scanners, so that the adversary works too."""
    home = new_site(folder, {"dot": 40, "ring": 40})
    with LabelStore(home.labels_path) as store:
        other = store.domain_named("Other scanner")
        for sample in store.samples()[::2]:
            store._set(sample.sample_id, "domain_id", str(other.domain_id))
    return home


def long_request(home: Home, **changes: Any) -> TrainingRequest:
    return request_for(home, epoch_count=EPOCH_COUNT, **changes)


def again(request: TrainingRequest) -> ResumeRequest:
    return ResumeRequest(request.labels_path, request.checkpoint_path)


def digest(request: TrainingRequest) -> str:
    model, _ = load_checkpoint(request.checkpoint_path)
    return digest_of(model_arrays(model))


def run_to_its_end(events: Steps) -> list[TrainingEvent]:
    told = list(events)
    assert isinstance(told[-1], TrainingFinished)
    return told


def paused_after(step_count: int, request: TrainingRequest) -> list[TrainingEvent]:
    """Train and pause after so many steps."""
    told: list[TrainingEvent] = []
    for event in train_from_store(request, lambda: len(of_kind(told, StepFinished)) >= step_count):
        told.append(event)
    assert isinstance(told[-1], TrainingPaused)
    return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return two_scanners(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def uninterrupted(home: Home) -> str:
    """Digest of the model of a training that nobody disturbed."""
    request = long_request(home, checkpoint_path=home.path / "uninterrupted.safetensors")
    run_to_its_end(train_from_store(request))
    return digest(request)


@pytest.fixture
def request_here(home: Home, tmp_path: Path) -> TrainingRequest:
    return long_request(home, checkpoint_path=tmp_path / "model.safetensors")


def test_a_training_paused_within_a_pass_is_judged_by_the_model_of_the_pass_before(
    request_here: TrainingRequest,
) -> None:
    path = request_here.checkpoint_path
    paused_after(STEPS_PER_EPOCH - 1, request_here)
    assert not quality_path_of(path).exists()
    paused_after(STEPS_PER_EPOCH + 1, request_here)
    record = load_quality(quality_path_of(path)).record
    assert record.model_digest == digest_file(path)
    assert (len(record.stages), record.stage_count) == (1, EPOCH_COUNT)
    # An interrupted training, which came to no end of its own, can be judged afterwards.
    quality_path_of(path).unlink()
    deque(judge_unfinished(again(request_here)), maxlen=0)
    assert load_quality(quality_path_of(path)).record.stages == record.stages


@pytest.mark.parametrize("step_count", [0, 1, STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH + 2])
def test_a_paused_training_becomes_the_same_model_bit_for_bit(
    request_here: TrainingRequest, uninterrupted: str, step_count: int
) -> None:
    paused = paused_after(step_count, request_here)[-1]
    run_path = run_path_of(request_here.checkpoint_path)
    assert paused == TrainingPaused(run_path, step_count, EPOCH_COUNT * STEPS_PER_EPOCH)
    run_to_its_end(resume_from_store(again(request_here)))
    assert digest(request_here) == uninterrupted
    quality_path = quality_path_of(request_here.checkpoint_path)
    assert set(run_path.parent.iterdir()) == {request_here.checkpoint_path, quality_path}


def test_frozen_stages_do_not_make_a_resumed_training_differ(home: Home, tmp_path: Path) -> None:
    digests = []
    for name, is_paused in (("whole", False), ("paused", True)):
        request = request_for(
            home,
            model=ModelDesign(extractor="efficientnet_lite0", feature_dim=16),
            input=InputContract(size_px=32),
            checkpoint_path=tmp_path / f"{name}.safetensors",
        )
        if is_paused:
            paused_after(1, request)
            run_to_its_end(resume_from_store(again(request)))
        else:
            run_to_its_end(train_from_store(request))
        digests.append(digest(request))
    assert digests[0] == digests[1]


def test_a_resumed_training_tells_what_it_had_told_and_then_goes_on(
    request_here: TrainingRequest,
) -> None:
    before = paused_after(2 * STEPS_PER_EPOCH + 1, request_here)
    told = run_to_its_end(resume_from_store(again(request_here)))
    (resumed,) = of_kind(told, TrainingResumed)
    assert resumed.step == 2 * STEPS_PER_EPOCH + 1
    for kind in (StepFinished, EpochFinished):
        assert of_kind(list(resumed.history), kind) == of_kind(before, kind)
    assert [e.step for e in of_kind(told, StepFinished)] == list(
        range(resumed.step + 1, EPOCH_COUNT * STEPS_PER_EPOCH + 1)
    )
    assert [e.epoch for e in of_kind(told, EpochFinished)] == [3, 4, 5, 6]


def test_what_was_left_out_is_told_again(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    victim = tmp_path / "images" / "ring" / "003.png"
    victim.write_bytes(b"")
    request = request_for(home)
    paused_after(1, request)
    told = run_to_its_end(resume_from_store(again(request)))
    assert [event.path for event in of_kind(told, ImageLeftOut)] == [victim]
    assert of_kind(told, TrainingStarted)[0].left_out_count == 1


# Refused


@pytest.mark.parametrize("how", ["cut", "altered", "empty", "foreign"])
def test_a_damaged_run_file_is_refused_and_left_as_it_is(
    request_here: TrainingRequest, how: str
) -> None:
    paused_after(1, request_here)
    path = run_path_of(request_here.checkpoint_path)
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "cut": whole[:-1],
        "altered": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "foreign": b"\x80\x04\x95" * 100,
    }[how]
    path.write_bytes(damaged)
    with pytest.raises(RunFileError, match="is damaged"):
        next(resume_from_store(again(request_here)))
    assert path.read_bytes() == damaged


def test_a_run_that_is_not_there_is_refused(request_here: TrainingRequest) -> None:
    with pytest.raises(RunFileError, match="no interrupted training"):
        next(resume_from_store(again(request_here)))


@pytest.fixture
def paused(tmp_path: Path) -> TrainingRequest:
    """A paused training at a site whose labels may be changed."""
    request = request_for(two_scanners(tmp_path))
    paused_after(3, request)
    return request


def resumed(request: TrainingRequest) -> list[TrainingEvent]:
    return run_to_its_end(resume_from_store(again(request)))


def test_labels_that_changed_since_are_counted_and_the_training_refused(
    paused: TrainingRequest,
) -> None:
    with LabelStore(paused.labels_path) as store:
        first, second, third, *_ = store.samples()
        other = next(c for c in store.classes() if c.class_id != first.class_id)
        store.label([first.sample_id, second.sample_id], other.class_id, "reader")
        store._set(third.sample_id, "domain_id", str(store.domain_named("Third").domain_id))
    with pytest.raises(RunOutdatedError, match="2 of its images are labelled otherwise now; 1 of"):
        resumed(paused)


def test_a_label_taken_away_is_a_change_and_putting_it_back_repairs_it(
    paused: TrainingRequest,
) -> None:
    with LabelStore(paused.labels_path) as store:
        store.label([store.samples()[0].sample_id], None, "reader")
        with pytest.raises(RunOutdatedError, match="1 of its images is labelled otherwise"):
            resumed(paused)
        store.undo("reader")
    resumed(paused)


def test_an_image_that_was_excluded_since_is_a_change(paused: TrainingRequest) -> None:
    with LabelStore(paused.labels_path) as store:
        store.exclude([store.samples()[0].sample_id], "blurred", "reader")
    with pytest.raises(RunOutdatedError, match="1 of its images is excluded from training now"):
        resumed(paused)


def test_patients_on_both_sides_of_the_test_are_refused(paused: TrainingRequest) -> None:
    with LabelStore(paused.labels_path) as store:
        for sample in store.samples():
            store._set(sample.sample_id, "patient", "one and the same")
    with pytest.raises(RunOutdatedError, match="1 patients have images on both sides"):
        resumed(paused)


def test_an_image_that_became_unreadable_is_refused(paused: TrainingRequest) -> None:
    with LabelStore(paused.labels_path) as store:
        store.samples()[0].path.write_bytes(b"")
    with pytest.raises(RunOutdatedError, match="1 of its images can no longer be read"):
        resumed(paused)


def test_another_picture_in_an_images_file_is_refused(paused: TrainingRequest) -> None:
    with LabelStore(paused.labels_path) as store:
        draw("ring", seed=99).save(store.samples()[0].path)
    with pytest.raises(RunOutdatedError, match="other pictures"):
        resumed(paused)


def test_a_new_name_of_a_class_and_new_images_do_not_matter(
    paused: TrainingRequest, tmp_path: Path
) -> None:
    with LabelStore(paused.labels_path) as store:
        store.rename_class(store.classes()[0].class_id, "Spot")
    newcomers = write_images(tmp_path / "more", {"ring": 3}, seed=7)
    deque(import_folder(paused.labels_path, newcomers, labels_from_folders=True), maxlen=0)
    told = resumed(paused)
    assert "take no part in it (3 so far)" in of_kind(told, TrainingWarned)[0].sentence


# Memory


def test_full_memory_halves_the_batch_and_training_goes_on_saying_so(
    request_here: TrainingRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = fill_memory_above(8, monkeypatch)
    told = run_to_its_end(train_from_store(request_here))
    assert sizes[:2] == [16, 8]
    assert max(sizes[2:]) == 8
    warned = [event.sentence for event in of_kind(told, TrainingWarned)]
    assert warned[0] == (
        "The memory was full with 16 images at a time; training goes on with 8, which takes longer"
    )
    steps = of_kind(told, StepFinished)
    assert len(steps) == steps[-1].step == steps[-1].step_count == 2 * EPOCH_COUNT * STEPS_PER_EPOCH
    assert len(of_kind(told, EpochFinished)) == EPOCH_COUNT


def test_a_halved_batch_is_still_halved_after_a_pause(
    request_here: TrainingRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = fill_memory_above(8, monkeypatch)
    paused_after(STEPS_PER_EPOCH + 1, request_here)
    sizes.clear()
    told = run_to_its_end(resume_from_store(again(request_here)))
    assert max(sizes) == 8
    assert of_kind(list(of_kind(told, TrainingResumed)[0].history), TrainingWarned)


def test_memory_too_small_for_any_batch_is_told_with_what_to_do(
    request_here: TrainingRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = fill_memory_above(1, monkeypatch)
    with pytest.raises(TrainingError, match="too small even for 2 images"):
        list(train_from_store(request_here))
    assert sizes == [16, 8, 4, 2]
