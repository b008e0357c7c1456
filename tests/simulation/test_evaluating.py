"""A finished model judged on sites' images."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from coordinator.study import read_study
from desktop_client.errors import CheckpointError, ResultsFileError, SimulationPlanError
from desktop_client.simulation.evaluating import EvaluationRequest, evaluate_model
from desktop_client.simulation.events import Reported
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.model import new_model
from tests.scenes import write_images, write_study


@pytest.fixture
def request_(tmp_path: Path) -> EvaluationRequest:
    """An untrained model that answers "ring" to everything, and two sites' images."""
    study = read_study(write_study(tmp_path / "study.toml"))
    model = new_model(study.model, study.input, 2, seed=0)
    with torch.no_grad():
        model.lesion_classifier.weight.zero_()
        model.lesion_classifier.bias.copy_(torch.tensor([0.0, 1.0]))
    card = ModelCard(
        name="Always ring", classes=study.classes, input=study.input, model=study.model
    )
    save_checkpoint(tmp_path / "model", model, card)
    write_images(tmp_path / "data" / "north", {"dot": 3, "ring": 5}, 0.5)
    write_images(tmp_path / "data" / "south", {"ring": 4}, 0.8, seed=1)
    return EvaluationRequest(
        tmp_path / "model", tmp_path / "data", tmp_path / "metrics.json", device="cpu"
    )


def judged(request: EvaluationRequest) -> Any:
    *_, reported = evaluate_model(request)
    assert isinstance(reported, Reported)
    return json.loads(request.json_path.read_text(encoding="utf-8"))


def test_every_site_is_judged_with_the_same_metrics(request_: EvaluationRequest) -> None:
    told = judged(request_)
    assert told["model"] == "Always ring"
    assert told["classes"] == ["dot", "ring"]
    north, south = told["sites"]
    # "ring" is right for 5 of 8; one class of two recognised; all scores alike: AUC one half.
    assert north == {
        "site": "north",
        "sample_count": 8,
        "accuracy": 0.625,
        "balanced_accuracy": 0.5,
        "auc": 0.5,
    }
    assert south["auc"] is None  # one class only
    assert south["accuracy"] == 1
    assert told["mean_auc"] == 0.5
    assert told["leakage"] is None


def test_answers_to_single_images_are_written_as_csv(request_: EvaluationRequest) -> None:
    path = request_.json_path.with_name("answers.csv")
    judged(replace(request_, predictions_path=path))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    first = rows[0]
    assert (first["site"], first["file"], first["lesion"]) == ("north", "north/dot/000.png", "dot")
    # softmax(0, 1) = 1 / (1 + e) and e / (1 + e).
    assert (float(first["dot"]), float(first["ring"])) == (0.26894, 0.73106)


def test_a_side_of_the_manifests_split_can_be_asked_for(request_: EvaluationRequest) -> None:
    (request_.data / "manifest.csv").write_text(
        "file,split\nnorth/dot/000.png,train\nnorth/ring/000.png,val\nnorth/ring/001.png,val\n"
    )
    counts = {
        side: judged(replace(request_, side=side))["sites"][0]["sample_count"]
        for side in ("all", "train", "val")
    }
    assert counts == {"all": 3, "train": 1, "val": 2}


def test_a_side_of_a_split_that_nobody_made_is_refused(request_: EvaluationRequest) -> None:
    with pytest.raises(SimulationPlanError, match="No manifest says how north is split"):
        list(evaluate_model(replace(request_, side="val")))


def test_leakage_is_given_beside_chance_and_label_floor(request_: EvaluationRequest) -> None:
    told = judged(replace(request_, has_leakage=True))["leakage"]
    assert told["chance"] == 0.5
    # North has 3 of 8 dots, south none: (3/8 + 1) / 2.
    assert told["label_floor"] == pytest.approx(0.6875)
    assert set(told["linear_by_site"]) == {"north", "south"}


def test_leakage_of_too_few_patients_is_refused(request_: EvaluationRequest) -> None:
    for number in (2, 3):
        (request_.data / "south" / "ring" / f"00{number}.png").unlink()
    with pytest.raises(SimulationPlanError, match="at least 3 patients each"):
        list(evaluate_model(replace(request_, has_leakage=True)))


def test_what_cannot_be_read_or_written_is_named(request_: EvaluationRequest) -> None:
    with pytest.raises(CheckpointError, match=r"study\.toml is no usable SiteBlind model"):
        list(evaluate_model(replace(request_, model_path=request_.data.with_name("study.toml"))))
    with pytest.raises(ResultsFileError, match="cannot be written"):
        list(evaluate_model(replace(request_, json_path=request_.data / "no" / "metrics.json")))
