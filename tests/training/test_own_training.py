"""Training on a site's own images, from the label store to the model file."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.models import resnet18

from coordinator.parameters import digest_of
from coordinator.study import InputContract, Method, ModelDesign
from desktop_client.errors import NothingToTrainError, PretrainedWeightsError, TrainingError
from desktop_client.labelling.identity import digest_file
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint, model_arrays
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    StepFinished,
    TrainingFinished,
    TrainingPaused,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.own_training import resume_from_store, train_from_store
from desktop_client.training.quality import load_quality
from desktop_client.training.record import Amount
from desktop_client.training.request import ResumeRequest, TrainingRequest
from tests.scenes import new_site


def request_for(home: Home, **changes: Any) -> TrainingRequest:
    settings: dict[str, Any] = {
        "labels_path": home.labels_path,
        "checkpoint_path": home.path / "model.safetensors",
        "epoch_count": 2,
        "input": InputContract(size_px=24),
        "model": ModelDesign(feature_dim=16),
        "method": Method(batch_size=16),
        "device": "cpu",
    }
    return TrainingRequest(**(settings | changes))


def of_kind(events: Generator[Any] | list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_dots_are_told_from_rings(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 60, "ring": 60})
    events = list(train_from_store(request_for(home, epoch_count=12)))
    assert of_kind(events, EpochFinished)[-1].validation.accuracy > 0.9
    assert isinstance(events[-1], TrainingFinished)


def test_what_is_held_out_and_trained_on_adds_up(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 20, "ring": 20})
    started = next(e for e in train_from_store(request_for(home)) if isinstance(e, TrainingStarted))
    assert (started.training_count, started.validation_count) == (32, 8)
    assert (started.left_out_count, started.domain_count) == (0, 1)
    assert started.step_count == 2 * 2  # two epochs of 32 images in batches of 16
    assert started.device.startswith("CPU")


def test_the_same_seed_gives_the_same_model_bit_for_bit_and_another_seed_another(
    tmp_path: Path,
) -> None:
    home = new_site(tmp_path, {"dot": 20, "ring": 20})
    digests = []
    for seed in (1, 1, 2):
        list(train_from_store(request_for(home, seed=seed)))
        model, _ = load_checkpoint(home.path / "model.safetensors")
        digests.append(digest_of(model_arrays(model)))
    assert digests[0] == digests[1] != digests[2]


def test_whoever_stops_after_an_epoch_has_its_model(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    with closing(train_from_store(request_for(home, epoch_count=1000))) as events:
        next(event for event in events if isinstance(event, EpochFinished))
    _, card = load_checkpoint(home.path / "model.safetensors")
    assert card.round_number is None


def test_an_image_that_became_unreadable_is_left_out_and_named(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    victim = tmp_path / "images" / "ring" / "003.png"
    victim.write_bytes(b"")
    events = list(train_from_store(request_for(home)))
    assert [event.path for event in of_kind(events, ImageLeftOut)] == [victim]
    assert of_kind(events, TrainingStarted)[0].left_out_count == 1


@pytest.mark.parametrize("counts", [{}, {"dot": 9}])
def test_fewer_than_two_classes_are_refused_before_any_image_is_read(
    tmp_path: Path, counts: dict[str, int]
) -> None:
    home = new_site(tmp_path, counts)
    with pytest.raises(NothingToTrainError, match="at least two classes"):
        next(train_from_store(request_for(home)))


def test_two_classes_of_which_one_cannot_be_read_are_refused(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 5, "ring": 1})
    (tmp_path / "images" / "ring" / "000.png").unlink()
    with pytest.raises(NothingToTrainError, match="readable"):
        list(train_from_store(request_for(home)))


def test_a_device_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(TrainingError, match="no CUDA device"):
        next(train_from_store(request_for(new_site(tmp_path, {}), device="cuda")))


def test_a_training_begins_from_a_weights_file_and_goes_on_from_where_it_was(
    tmp_path: Path,
) -> None:
    home, weights_path = new_site(tmp_path, {"dot": 12, "ring": 12}), tmp_path / "resnet18.pth"
    torch.save(resnet18(weights=None).state_dict(), weights_path)
    design = ModelDesign(extractor="resnet18", weights="file", feature_dim=16)
    request = request_for(home, epoch_count=1, model=design, weights_path=weights_path)
    *_, paused = train_from_store(request, is_pause_asked=lambda: True)
    assert isinstance(paused, TrainingPaused)
    again = ResumeRequest(request.labels_path, request.checkpoint_path)
    *_, finished = resume_from_store(again)
    assert isinstance(finished, TrainingFinished)
    model, card = load_checkpoint(request.checkpoint_path)
    assert card.model.weights == "file"
    given = torch.load(weights_path, weights_only=True)
    state = model.feature_extractor.state_dict()
    assert torch.equal(state["bn1.running_var"], given["bn1.running_var"])
    assert not torch.equal(state["conv1.weight"], given["conv1.weight"])


def test_without_its_weights_file_no_training_begins(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 4, "ring": 4})
    design = ModelDesign(extractor="resnet18", weights="file")
    request = request_for(home, model=design, weights_path=tmp_path / "gone.pth")
    with pytest.raises(PretrainedWeightsError, match=r"gone\.pth cannot be read: No such file"):
        list(train_from_store(request))


def test_mixed_precision_is_for_cards_alone_and_changes_no_bit_on_a_processor(
    tmp_path: Path,
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    digests = []
    for is_mixed in (False, True):
        list(train_from_store(request_for(home, is_mixed_precision=is_mixed)))
        model, _ = load_checkpoint(home.path / "model.safetensors")
        digests.append(digest_of(model_arrays(model)))
    assert digests[0] == digests[1]


def test_a_finished_training_leaves_a_report_on_images_that_it_never_saw(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 60, "ring": 60})
    with LabelStore(home.labels_path) as store:
        other = store.domain_named("Other scanner")
        for sample in store.samples()[::2]:
            store._set(sample.sample_id, "domain_id", str(other.domain_id))
    events = list(train_from_store(request_for(home, epoch_count=12)))
    report = load_quality(home.path / "model.quality.json")
    started = of_kind(events, TrainingStarted)[0]
    assert report.together.image_count == started.validation_count == 24
    assert report.training_count == started.training_count
    assert (
        report.together.accuracy.value == of_kind(events, TrainingFinished)[0].validation.accuracy
    )
    assert {judged.domain for judged in report.by_domain} == {"Other scanner", "Unnamed scanner"}
    assert sum(judged.image_count for judged in report.by_domain) == 24
    assert len(report.wrongest) == 24 - report.together.accuracy.count
    assert report.leakage is not None
    assert report.leakage.chance == 0.5
    record = report.record
    assert record.model_digest == digest_file(home.path / "model.safetensors")
    assert [stage.number for stage in record.stages] == list(range(1, 13))
    assert record.stages[-1].validation.accuracy == report.together.accuracy.value
    assert record.amount().learnt == Amount(images=96, patients=96)
    by_group = [record.amount(c, d).held_out.images for c in (0, 1) for d in (0, 1)]
    assert sum(by_group) == record.amount().held_out.images == 24


def test_the_report_tells_why_images_were_left_out_and_names_none(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    for number in (3, 4):
        (tmp_path / "images" / "ring" / f"{number:03}.png").unlink()
    list(train_from_store(request_for(home)))
    text = (home.path / "model.quality.json").read_text(encoding="utf-8")
    (left_out,) = load_quality(home.path / "model.quality.json").record.left_out
    assert left_out.count == 2
    assert ".png" not in text


def test_with_one_scanner_the_report_says_why_nothing_is_known_of_leakage(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    list(train_from_store(request_for(home)))
    report = load_quality(home.path / "model.quality.json")
    assert report.leakage is None
    assert "at least 3 patients from each of two scanners" in report.leakage_missing


def test_a_site_with_one_scanner_trains_without_an_adversary_and_without_warnings(
    tmp_path: Path,
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    events = list(train_from_store(request_for(home)))
    assert {event.second_target_share for event in of_kind(events, StepFinished)} == {0.0}
    assert of_kind(events, TrainingWarned) == []
