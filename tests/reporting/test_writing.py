"""Reports and cards of a model that was really trained, written as files by command."""

import base64
import io
import re
from collections import deque
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from pypdf import PdfReader
from typer.testing import CliRunner

from desktop_client.cli import app
from desktop_client.errors import QualityReportError, ReportError
from desktop_client.labelling.sample import SHOWS_THE_PATIENT
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.reporting.request import CardRequest, ReportRequest, ReportWritten
from desktop_client.reporting.writing import write_card, write_report
from desktop_client.training.own_training import train_from_store
from desktop_client.training.quality import load_quality, quality_path_of
from tests.scenes import new_site
from tests.training.test_own_training import request_for

CANARY: Final = "Zacharias-Canary"
"""In the path of every image, in the name of the reader and in every note."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A site with a model of one pass, of which some answers are wrong."""
    home = new_site(tmp_path_factory.mktemp("site") / CANARY, {"dot": 16, "ring": 16})
    with LabelStore(home.labels_path) as store:
        samples = store.samples()
        for sample in samples[::3]:  # wrong ones, so that there are mistakes
            others = [c.class_id for c in store.classes() if c.class_id != sample.class_id]
            store.label([sample.sample_id], others[0], CANARY)
        store.note([sample.sample_id for sample in samples], CANARY, CANARY)
    home.checkpoints_path.mkdir()
    request = request_for(home, checkpoint_path=home.checkpoints_path / "own.safetensors")
    deque(train_from_store(request), maxlen=0)
    return home


def model_of(home: Home) -> Path:
    return home.checkpoints_path / "own.safetensors"


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return path.read_text(encoding="utf-8")


def test_no_path_patient_or_reader_is_in_any_report_or_card(home: Home, tmp_path: Path) -> None:
    with LabelStore(home.labels_path) as store:
        secrets = [CANARY, str(home.path.parent), *(s.path.name for s in store.samples())]
        secrets += [s.patient for s in store.samples()] + [s.sample_id for s in store.samples()]
    for name, has_pictures in (("a.pdf", True), ("b.html", True), ("c.html", False)):
        request = ReportRequest(
            model_of(home), tmp_path / name, home.path, has_pictures=has_pictures, device="cpu"
        )
        deque(write_report(request), maxlen=0)
    deque(write_card(CardRequest(model_of(home), tmp_path / "d.md", home.path)), maxlen=0)
    for path in tmp_path.iterdir():
        told = text_of(path) + path.read_bytes().decode("latin-1")
        for secret in secrets:
            assert secret not in told, f"{secret} in {path.name}"


def test_pictures_are_in_it_only_when_asked_for_and_are_called_patient_data(
    home: Home, tmp_path: Path
) -> None:
    runner = CliRunner()
    plain, pictured = tmp_path / "plain.html", tmp_path / "pictured.html"
    command = ["report", str(model_of(home)), "--home", str(home.path), "--output"]
    assert runner.invoke(app, [*command, str(plain)]).exit_code == 0
    assert "data:image" not in text_of(plain)
    assert "patient data" not in text_of(plain)
    done = runner.invoke(app, [*command, str(pictured), "--with-images", "--device", "cpu"])
    assert "images: patient data, treat it so" in " ".join(done.output.split())
    page = text_of(pictured)
    assert "The pictures below are patient data." in page
    assert "Not for diagnostic use. Contains images of patients." in page
    pictures = re.findall(r'alt="([^"]+)" src="data:image/png;base64,([^"]+)"', page)
    wrong = load_quality(quality_path_of(model_of(home))).wrongest
    assert len(pictures) == len(wrong) > 0
    assert f"Image 1: readers said “{wrong[0].said}”" in pictures[0][0]
    with Image.open(io.BytesIO(base64.b64decode(pictures[0][1]))) as image:
        assert image.width == 2 * image.height  # the image, and beside it where the model looked


def test_an_image_that_shows_who_the_patient_is_is_never_pictured(
    home: Home, tmp_path: Path
) -> None:
    wrong = load_quality(quality_path_of(model_of(home))).wrongest
    with LabelStore(home.labels_path) as store:
        store.exclude([wrong[0].sample_id], SHOWS_THE_PATIENT, "")
    request = ReportRequest(
        model_of(home), tmp_path / "a.html", home.path, has_pictures=True, device="cpu"
    )
    *_, written = write_report(request)
    with LabelStore(home.labels_path) as store:
        store.exclude([wrong[0].sample_id], None, "")
    assert isinstance(written, ReportWritten)
    assert written.picture_count == len(wrong) - 1
    assert "Image 1:" not in text_of(tmp_path / "a.html")


def test_the_card_lies_beside_the_model_and_shows_its_figures(home: Home) -> None:
    model = model_of(home)
    done = CliRunner().invoke(app, ["model-card", str(model), "--home", str(home.path)])
    assert done.exit_code == 0
    card = model.with_name("own.card.md").read_text(encoding="utf-8")
    accuracy = load_quality(quality_path_of(model)).together.accuracy
    assert accuracy.value is not None
    assert f"- Judged right: {100 * accuracy.value:.0f} %" in card
    assert load_quality(quality_path_of(model)).record.model_digest in card


@pytest.mark.slow
def test_a_card_lies_beside_an_exported_model(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # else PyTorch's export leaves its thread
    target = tmp_path / "ward.onnx"
    done = CliRunner().invoke(app, ["export-onnx", str(model_of(home)), str(target)])
    assert done.exit_code == 0, done.output
    digest = load_quality(quality_path_of(model_of(home))).record.model_digest
    assert digest in (tmp_path / "ward.card.md").read_text(encoding="utf-8")


def test_a_measurement_of_another_state_of_the_model_is_refused(home: Home, tmp_path: Path) -> None:
    model = tmp_path / "own.safetensors"
    model.write_bytes(model_of(home).read_bytes() + b" ")
    quality_path_of(model).write_bytes(quality_path_of(model_of(home)).read_bytes())
    with pytest.raises(QualityReportError, match="about another state of own"):
        deque(write_report(ReportRequest(model, tmp_path / "a.pdf", home.path)), maxlen=0)


@pytest.mark.parametrize(
    ("model", "output", "sentence"),
    [
        ("own.safetensors", "report.docx", "end in .pdf or .html"),
        ("own.safetensors", "nowhere/report.pdf", "cannot be written"),
        ("other.safetensors", "report.pdf", "There is no model"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    home: Home, tmp_path: Path, model: str, output: str, sentence: str
) -> None:
    request = ReportRequest(home.checkpoints_path / model, tmp_path / output, home.path)
    with pytest.raises(ReportError, match=sentence):
        deque(write_report(request), maxlen=0)


def test_a_model_that_nobody_measured_is_refused_with_the_way_to_measure_it(
    home: Home, tmp_path: Path
) -> None:
    model = tmp_path / "own.safetensors"
    model.write_bytes(model_of(home).read_bytes())
    with pytest.raises(QualityReportError, match="Nobody has measured how good own"):
        deque(write_report(ReportRequest(model, tmp_path / "a.pdf", home.path)), maxlen=0)
