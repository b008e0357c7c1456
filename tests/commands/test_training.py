"""Training a model of one's own by command, and asking it."""

import json
from collections import deque
from pathlib import Path

from desktop_client.training.checkpoint import load_checkpoint
from desktop_client.training.own_training import train_from_store
from desktop_client.training.request import TrainingRequest
from tests.commands.conftest import Command
from tests.scenes import new_site, write_images


def test_training_writes_a_model_that_can_be_loaded_and_a_log_of_events(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    model_path, log = tmp_path / "model.safetensors", tmp_path / "events.jsonl"
    code, out, _ = siteblind(
        *("train", "--output", model_path, "--epochs", "2", "--device", "cpu"),
        *("--events", log, "--home", home.path),
    )
    assert code == 0
    assert "Epoch 2 of 2" in out
    model, card = load_checkpoint(model_path)
    assert [c.name for c in card.classes] == ["dot", "ring"]
    assert card.intended_use == "Research use only. Not for diagnostic use."
    assert not model.training
    kinds = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert kinds.count("EpochFinished") == 2
    assert kinds[-1] == "TrainingFinished"


def test_a_model_is_asked_about_a_folder_and_its_suggestions_are_written_as_csv(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 4, "ring": 4})
    model_path, table = tmp_path / "model.safetensors", tmp_path / "suggested.csv"
    siteblind("train", "--output", model_path, "--epochs", "1", "--home", home.path)
    folder = write_images(tmp_path / "new", {"dot": 2}, seed=5)
    (folder / "torn.jpg").write_bytes(b"")
    code, out, _ = siteblind(
        *("predict", model_path, "--csv", table, "--folder", folder, "--home", home.path)
    )
    assert code == 0
    assert "Left out torn.jpg: the file is empty" in out
    assert f"A suggestion for 2 images, 1 left out: {table}" in out
    header, *rows = table.read_text().splitlines()
    assert header.startswith("file,frame,suggestion,confidence,probability of dot,")
    assert len(rows) == 2
    code, out, _ = siteblind("explain", model_path, folder, "--output", tmp_path / "pictures")
    assert code == 0
    assert f"2 pictures in {tmp_path / 'pictures'}, 1 left out" in out


def test_an_interrupted_training_is_not_overwritten_but_gone_on_with(
    siteblind: Command, tmp_path: Path
) -> None:
    home, output = new_site(tmp_path, {"dot": 12, "ring": 12}), tmp_path / "model.safetensors"
    request = TrainingRequest(home.labels_path, output, epoch_count=2, device="cpu")
    deque(train_from_store(request, is_pause_asked=lambda: True), maxlen=0)
    train = ("train", "--output", output, "--home", home.path)
    code, _, err = siteblind(*train)
    assert code == 1
    assert "Go on with it with --resume" in err
    code, out, _ = siteblind(*train, "--resume")
    assert code == 0
    assert "Going on after step 0" in out
    assert "Epoch 2 of 2" in out


def test_the_doctor_says_what_trains_and_how_long_a_step_takes(siteblind: Command) -> None:
    code, out, _ = siteblind("doctor", "--device", "cpu")
    assert code == 0
    assert "Device (note): Training uses " in out
    assert "A training step of 32 images takes " in out


def test_training_without_two_classes_says_what_is_missing(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 4})
    code, _, err = siteblind("train", "--output", tmp_path / "m", "--home", home.path)
    assert code == 1
    assert "at least two classes; there are 4 labelled images of 1 class" in err


def test_an_extractor_that_does_not_exist_is_refused_with_the_choices(
    siteblind: Command, tmp_path: Path
) -> None:
    code, _, err = siteblind("train", "--output", tmp_path / "m", "--extractor", "vgg")
    assert code != 0
    assert "small_cnn" in err
    assert "Traceback" not in err
