"""What a model suggests as a CSV, for a folder or for the label store."""

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.errors import PredictionTableError
from desktop_client.paths import Home
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.events import ImageLeftOut, ImagesPredicted, PredictionFinished
from desktop_client.training.model import new_model
from desktop_client.training.prediction_table import NOTE, predict_to_table
from desktop_client.training.request import PredictionRequest
from tests.scenes import CLASS_IDS, new_site, write_images

CARD = ModelCard(
    name="Dots and rings",
    classes=tuple(LesionClass(class_id=i, name=name) for name, i in CLASS_IDS.items()),
    input=InputContract(size_px=24),
    model=ModelDesign(feature_dim=16),
)


@pytest.fixture
def request_for(tmp_path: Path) -> PredictionRequest:
    """Ask an untrained model about ``tmp_path/images`` and write ``tmp_path/told.csv``."""
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, new_model(CARD.model, CARD.input, 2, seed=0), CARD)
    return PredictionRequest(
        path, tmp_path / "told.csv", Home(tmp_path).labels_path, tmp_path / "images", "cpu"
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_image_of_a_folder_has_a_row_with_every_probability(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    write_images(tmp_path / "images", {"dot": 2, "ring": 1})
    events = list(predict_to_table(request_for))
    rows = rows_of(tmp_path / "told.csv")
    assert [Path(row["file"]).name for row in rows] == ["000.png", "001.png", "000.png"]
    for row in rows:
        shares = {name: float(row[f"probability of {name}"]) for name in CLASS_IDS}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        assert shares[row["suggestion"]] == max(shares.values()) == float(row["confidence"])
        assert row["note"] == NOTE
    assert events[-1] == PredictionFinished("Dots and rings", 3, 0, tmp_path / "told.csv")


def test_each_frame_of_a_file_has_a_row_and_files_are_what_is_counted(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    frames = np.random.default_rng(0).integers(0, 255, (3, 24, 24), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "images" / "series.tif", frames, photometric="minisblack")
    events = list(predict_to_table(request_for))
    assert [row["frame"] for row in rows_of(tmp_path / "told.csv")] == ["1", "2", "3"]
    assert ImagesPredicted(1, 1) in events


def test_a_damaged_file_is_left_out_with_its_reason(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    write_images(tmp_path / "images", {"dot": 1})
    torn = tmp_path / "images" / "torn.png"
    torn.write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    events = list(predict_to_table(request_for))
    assert ImageLeftOut(torn, "it is damaged or cut off") in events
    assert len(rows_of(tmp_path / "told.csv")) == 1


def test_without_a_folder_it_is_the_label_stores_images(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 2})
    of_store = PredictionRequest(
        request_for.model_path, request_for.table_path, home.labels_path, device="cpu"
    )
    list(predict_to_table(of_store))
    assert len(rows_of(tmp_path / "told.csv")) == 4


def test_a_folder_without_images_is_said_and_no_table_written(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(PredictionTableError, match="No image was found in"):
        list(predict_to_table(request_for))
    assert not (tmp_path / "told.csv").exists()


def test_a_table_that_cannot_be_written_is_named(
    request_for: PredictionRequest, tmp_path: Path
) -> None:
    write_images(tmp_path / "images", {"dot": 1})
    (tmp_path / "told.csv").mkdir()
    with pytest.raises(PredictionTableError, match=r"told\.csv cannot be written"):
        list(predict_to_table(request_for))
