"""Where a model looks: asked file by file, and question by question in the compute process."""

from pathlib import Path

import pytest
from PIL import Image

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.errors import ClassesUnknownError, ExportError, PredictionTableError
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.events import ImageLeftOut, PicturesWritten
from desktop_client.training.explain_on_demand import answer_questions
from desktop_client.training.explained_files import explain_files
from desktop_client.training.explanations import (
    ExplainerReady,
    ExplainQuestion,
    ExplainRequest,
    ImageExplained,
    ImageNotExplained,
)
from desktop_client.training.model import new_model
from desktop_client.training.process import Questions
from desktop_client.training.request import ExplainFilesRequest
from tests.scenes import CLASS_IDS, draw, write_images


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    contract, design = InputContract(size_px=32), ModelDesign(feature_dim=8)
    classes = tuple(LesionClass(class_id=i, name=name) for name, i in CLASS_IDS.items())
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    card = ModelCard(name="Ward 3", classes=classes, input=contract, model=design)
    save_checkpoint(path, new_model(design, contract, len(classes), seed=0), card)
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", {"dot": 2, "ring": 1})


def a_request(model_path: Path, images: Path, output: Path, **more: str) -> ExplainFilesRequest:
    return ExplainFilesRequest(model_path, (images,), output, device="cpu", **more)


def test_each_file_becomes_a_picture_beside_its_original(
    model_path: Path, images: Path, tmp_path: Path
) -> None:
    (images / "notes.png").write_text("no image")
    draw("dot", 5).save(images / "two.tif", save_all=True, append_images=[draw("ring", 6)])
    events = list(explain_files(a_request(model_path, images, tmp_path / "new")))
    assert events[-1] == PicturesWritten("Ward 3", 5, 1, tmp_path / "new")
    assert [e.path.name for e in events if isinstance(e, ImageLeftOut)] == ["notes.png"]
    # dot/000.png and ring/000.png have the same name.
    names = ["000-2.png", "000.png", "001.png", "two-frame-2.png", "two.png"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    with Image.open(tmp_path / "new" / "two.png") as picture:
        assert picture.size == (2 * 24, 24)


def test_another_class_can_be_asked_about_by_its_name(
    model_path: Path, images: Path, tmp_path: Path
) -> None:
    list(explain_files(a_request(model_path, images, tmp_path / "new", class_name="RING")))
    for path in (tmp_path / "new").iterdir():
        with Image.open(path) as picture:
            picture.load()
            assert "looks for ring (" in picture.info["Description"]


def test_a_class_that_the_model_has_not_is_refused_with_those_it_has(
    model_path: Path, images: Path, tmp_path: Path
) -> None:
    with pytest.raises(ClassesUnknownError, match="no class “square”; it tells apart dot, ring"):
        list(explain_files(a_request(model_path, images, tmp_path / "a", class_name="square")))
    assert not (tmp_path / "a").exists()


def test_nothing_is_written_over(model_path: Path, images: Path) -> None:
    with pytest.raises(ExportError, match="is not empty"):
        list(explain_files(a_request(model_path, images, images)))


def test_without_images_there_is_nothing_to_explain(model_path: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PredictionTableError, match="No image was found"):
        list(explain_files(a_request(model_path, tmp_path / "empty", tmp_path / "new")))


def test_questions_are_answered_one_by_one(model_path: Path, images: Path) -> None:
    questions: Questions[ExplainQuestion] = Questions()
    path = images / "dot" / "000.png"
    events = answer_questions(ExplainRequest(model_path, "cpu"), questions)
    assert next(events) == ExplainerReady("Ward 3", ("dot", "ring"))
    questions.ask(ExplainQuestion("1", path, 0))
    first = next(events)
    assert isinstance(first, ImageExplained)
    assert first.class_index == first.answered_index
    questions.ask(ExplainQuestion("1", path, 0, class_index=1 - first.class_index))
    other = next(events)
    assert isinstance(other, ImageExplained)
    assert (other.class_index, other.probabilities) == (1 - first.class_index, first.probabilities)
    events.close()


def test_an_unreadable_image_is_an_answer_too(model_path: Path, images: Path) -> None:
    questions: Questions[ExplainQuestion] = Questions()
    question = ExplainQuestion("2", images / "dot" / "000.png", 7)
    questions.ask(question)
    events = answer_questions(ExplainRequest(model_path, "cpu"), questions)
    next(events)
    assert next(events) == ImageNotExplained(question, "it no longer has a frame 8")
    events.close()
