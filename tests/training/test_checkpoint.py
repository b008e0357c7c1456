"""Model files: written whole, read only when they are what they say."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import torch

from coordinator.rounds.export import ModelWanted, export_study
from coordinator.rounds.initial import create_study
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from coordinator.study import InputContract, LesionClass, ModelDesign, Study
from desktop_client.errors import CheckpointError
from desktop_client.federation.exchange import UNASSIGNED, initial_body
from desktop_client.training.checkpoint import ModelCard, load_checkpoint, save_checkpoint
from desktop_client.training.model import SiteBlindModel, initial_model, new_model

CARD = ModelCard(
    name="Test",
    classes=(
        LesionClass(class_id=UUID(int=1), name="a"),
        LesionClass(class_id=UUID(int=2), name="b"),
    ),
    input=InputContract(size_px=16),
    model=ModelDesign(feature_dim=8, domain_capacity=4),
)


def a_model(seed: int = 0) -> SiteBlindModel:
    return new_model(CARD.model, CARD.input, 2, seed).eval()


def test_a_model_comes_back_with_the_same_answers_and_its_card(tmp_path: Path) -> None:
    model, images = a_model(), torch.randn(3, 3, 16, 16)
    save_checkpoint(tmp_path / "model.safetensors", model, CARD)
    loaded, card = load_checkpoint(tmp_path / "model.safetensors")
    assert card == CARD
    assert torch.equal(loaded(images), model(images))


@pytest.mark.parametrize("extractor", ["small_cnn", "resnet18"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_extractor_ends_in_the_studys_feature_width(extractor: str, channels: int) -> None:
    contract = InputContract(
        size_px=32, channels=channels, mean=(0.5,) * channels, standard_deviation=(0.2,) * channels
    )
    design = ModelDesign.model_validate({"extractor": extractor, "feature_dim": 24})
    model = new_model(design, contract, 2, seed=0)
    assert model.feature_extractor(torch.randn(2, channels, 32, 32)).shape == (2, 24)
    assert not any("BatchNorm" in type(m).__name__ for m in model.modules())


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x80\x04\x95" * 100])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="no usable SiteBlind model"):
        load_checkpoint(path)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, a_model(), CARD)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="no usable SiteBlind model"):
        load_checkpoint(path)


def test_a_model_with_values_that_are_not_finite_is_not_saved(tmp_path: Path) -> None:
    model = a_model()
    with torch.no_grad():
        model.lesion_classifier.bias[0] = float("inf")
    with pytest.raises(CheckpointError, match=r"lesion_classifier\.bias.*1 values"):
        save_checkpoint(tmp_path / "model.safetensors", model, CARD)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"absent\.safetensors cannot be read"):
        load_checkpoint(tmp_path / "absent.safetensors")


def test_a_failed_write_leaves_the_earlier_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, a_model(seed=1), CARD)
    before = path.read_bytes()

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(CheckpointError, match="No space left on device"):
        save_checkpoint(path, a_model(seed=2), CARD)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_coordinator_exports_can_be_used_like_a_model_of_this_site(tmp_path: Path) -> None:
    study = Study(name="Moles", task="Tell a from b", classes=CARD.classes, input=CARD.input)
    study = study.model_copy(update={"model": CARD.model})
    (tmp_path / "initial.safetensors").write_bytes(initial_body(study, UNASSIGNED, seed=3))
    clock = datetime(2026, 11, 22, tzinfo=UTC)
    store = Store(f"sqlite:///{tmp_path / 'coordinator.sqlite'}")
    blobs = BlobFolder(tmp_path / "parameters")
    study_id = create_study(store, blobs, study, [tmp_path / "initial.safetensors"], clock)
    path = tmp_path / "exported.safetensors"
    export_study(store, blobs, ModelWanted(study_id, is_unfinished_wanted=True), path, clock)
    store.close()
    model, card = load_checkpoint(path)
    assert card == CARD.model_copy(update={"name": "Moles", "round_number": 0})
    expected = initial_model(study.model, study.input, 2, seed=3).eval()
    images = torch.randn(3, 3, 16, 16)
    assert torch.equal(model(images), expected(images))
