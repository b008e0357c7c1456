"""Models for other programs: the same answers, and all that somebody else needs to know."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.errors import CheckpointError, ExportError
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.events import ModelExported, ModelExportStarted
from desktop_client.training.extractors import EXTRACTORS
from desktop_client.training.model import new_model
from desktop_client.training.onnx_export import Answering, as_onnx, export_onnx
from desktop_client.training.predicting import FinishedModel, Predicted, predict_batches
from desktop_client.training.request import OnnxExportRequest
from tests.scenes import CLASS_IDS
from tests.training.prepared import some_images

CLASSES = tuple(LesionClass(class_id=i, name=name) for name, i in CLASS_IDS.items())
TEMPERATURE = 2.5
ALIKE = 1e-4
"""Both compute in float32, in another order; measured differences are below 1e-6."""


def a_model(extractor: str, normalisation: str = "own") -> FinishedModel:
    contract = InputContract(size_px=64, mean=(0.7, 0.6, 0.5), standard_deviation=(0.2, 0.3, 0.4))
    design = ModelDesign.model_validate({"extractor": extractor, "normalisation": normalisation})
    card = ModelCard(
        name="Ward 3", classes=CLASSES, input=contract, model=design, temperature=TEMPERATURE
    )
    return FinishedModel(new_model(design, contract, 2, seed=0).eval(), card, "ab" * 32)


def pixels(count: int) -> npt.NDArray[np.uint8]:
    return some_images(count, size_px=64).pixels.numpy()


def answers_of(exported: onnx.ModelProto, count: int) -> list[npt.NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(
        exported.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    probabilities, logits = session.run(["probabilities", "logits"], {"pixels": pixels(count)})
    return [probabilities, logits]


@pytest.fixture(autouse=True)
def _no_thread_for_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch makes bars of progress that it never shows, and the first of them starts a thread."""
    monkeypatch.setattr("tqdm.std.tqdm.monitor_interval", 0)


@pytest.fixture(scope="module")
def finished() -> FinishedModel:
    return a_model("small_cnn")


@pytest.fixture(scope="module")
def exported(finished: FinishedModel) -> onnx.ModelProto:
    return as_onnx(finished)


@pytest.mark.parametrize("count", [1, 5])
def test_answers_are_those_of_torch_for_batches_of_any_size(
    finished: FinishedModel, exported: onnx.ModelProto, count: int
) -> None:
    probabilities, logits = answers_of(exported, count)
    with torch.no_grad():
        wanted = Answering(finished)(torch.from_numpy(pixels(count)))
    np.testing.assert_allclose(probabilities, wanted[0], atol=ALIKE, rtol=0)
    np.testing.assert_allclose(logits, wanted[1], atol=ALIKE, rtol=0)


def test_probabilities_are_those_that_the_program_shows(
    finished: FinishedModel, exported: onnx.ModelProto
) -> None:
    images = some_images(3, size_px=64)
    inputs = list(zip(images.samples, images.pixels.numpy(), strict=True))
    (shown,) = predict_batches(finished, inputs)
    assert isinstance(shown, Predicted)
    np.testing.assert_allclose(answers_of(exported, 3)[0], shown.probabilities, atol=ALIKE, rtol=0)


def test_logits_are_calibrated_so_that_their_softmax_is_the_probabilities(
    finished: FinishedModel, exported: onnx.ModelProto
) -> None:
    probabilities, logits = answers_of(exported, 2)
    np.testing.assert_allclose(
        torch.from_numpy(logits).softmax(dim=1), probabilities, atol=1e-6, rtol=0
    )
    with torch.no_grad():
        plain = Answering(replace(finished, card=uncalibrated(finished.card)))
        _, uncooled = plain(torch.from_numpy(pixels(2)))
    np.testing.assert_allclose(logits, uncooled / TEMPERATURE, atol=ALIKE, rtol=0)


def uncalibrated(card: ModelCard) -> ModelCard:
    return card.model_copy(update={"temperature": None})


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute each on a quiet machine
@pytest.mark.parametrize(
    ("extractor", "normalisation"),
    [*((name, "own") for name in EXTRACTORS if name != "small_cnn"), ("small_cnn", "local")],
)
def test_answers_are_those_of_torch_for_every_extractor(extractor: str, normalisation: str) -> None:
    finished = a_model(extractor, normalisation)
    probabilities, logits = answers_of(as_onnx(finished), 3)
    with torch.no_grad():
        wanted = Answering(finished)(torch.from_numpy(pixels(3)))
    np.testing.assert_allclose(probabilities, wanted[0], atol=ALIKE, rtol=0)
    np.testing.assert_allclose(logits, wanted[1], atol=ALIKE, rtol=0)


def test_the_file_says_what_it_is_and_how_to_use_it(exported: onnx.ModelProto) -> None:
    told = {entry.key: entry.value for entry in exported.metadata_props}
    assert [c["name"] for c in json.loads(told["classes"])] == ["dot", "ring"]
    assert InputContract.model_validate_json(told["input"]).size_px == 64
    assert told["intended_use"] == "Research use only. Not for diagnostic use."
    assert json.loads(told["temperature"]) == TEMPERATURE
    assert told["siteblind_model_sha256"] == "ab" * 32
    assert "uint8 [B, C, S, S]" in told["preparation"]
    assert exported.producer_name == "SiteBlind"
    (pixels_in,) = exported.graph.input
    shape = pixels_in.type.tensor_type.shape.dim
    assert pixels_in.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [shape[0].dim_param, *(d.dim_value for d in shape[1:])] == ["batch", 3, 64, 64]


def test_the_file_does_not_say_where_on_this_computer_the_program_lies(
    exported: onnx.ModelProto,
) -> None:
    content = exported.SerializeToString()
    assert b"site-packages" not in content
    assert str(Path(__file__).parents[2]).encode() not in content


def test_a_folder_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    request = OnnxExportRequest(tmp_path / "model.safetensors", tmp_path / "none" / "model.onnx")
    with pytest.raises(ExportError, match="none is no folder"):
        next(export_onnx(request))


def test_a_model_file_becomes_a_file_for_other_programs(
    finished: FinishedModel, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, finished.model, finished.card)
    target = tmp_path / "model.onnx"
    events = list(export_onnx(OnnxExportRequest(path, target)))
    assert events == [ModelExportStarted("Ward 3"), ModelExported("Ward 3", target)]
    assert onnx.load(target).doc_string.startswith("Ward 3. Research use only.")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"torn")
    request = OnnxExportRequest(tmp_path / "model.safetensors", tmp_path / "model.onnx")
    with pytest.raises(CheckpointError, match="no usable SiteBlind model"):
        list(export_onnx(request))
    assert not (tmp_path / "model.onnx").exists()
