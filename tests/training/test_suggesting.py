"""Suggestions by a model that was really trained, from the image file to the label store."""

from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from coordinator.study import InputContract, LesionClass, Method, ModelDesign
from desktop_client.errors import CheckpointError, ClassesUnknownError
from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.checkpoint import ModelCard, load_checkpoint, save_checkpoint
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPredicted,
    PredictionFinished,
    PredictionStarted,
)
from desktop_client.training.model import new_model
from desktop_client.training.own_training import train_from_store
from desktop_client.training.predicting import BATCH_SIZE
from desktop_client.training.request import SuggestionRequest, TrainingRequest
from desktop_client.training.suggesting import answer_classes, suggest_from_store
from tests.scenes import new_site, write_images

MODEL_NAME = "model.safetensors"


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells dots from rings, trained at another site."""
    folder = tmp_path_factory.mktemp("trained")
    home = new_site(folder, {"dot": 60, "ring": 60})
    request = TrainingRequest(
        labels_path=home.labels_path,
        checkpoint_path=folder / MODEL_NAME,
        epoch_count=12,
        input=InputContract(size_px=24),
        model=ModelDesign(feature_dim=16),
        method=Method(batch_size=16),
        device="cpu",
    )
    list(train_from_store(request))
    return folder / MODEL_NAME


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A site with a labelled image of each class, and five unlabelled ones."""
    home = new_site(tmp_path, {"dot": 1, "ring": 1}, seed=1)
    write_images(tmp_path / "more", {"dot": 3, "ring": 2}, seed=2)
    list(import_folder(home.labels_path, tmp_path / "more", labels_from_folders=False))
    return home


def request_for(home: Home, model_path: Path, **changes: Any) -> SuggestionRequest:
    return SuggestionRequest(home.labels_path, model_path, device="cpu", **changes)


def of_kind(events: Generator[Any] | list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_every_image_gets_a_suggestion_and_most_are_right(home: Home, model_path: Path) -> None:
    events = list(suggest_from_store(request_for(home, model_path)))
    assert isinstance(events[0], PredictionStarted)
    assert (events[0].model_name, events[0].total_count) == ("Trained at this site", 7)
    assert of_kind(events, ImagesPredicted)[-1] == ImagesPredicted(7, 7)
    assert events[-1] == PredictionFinished("Trained at this site", 7, 0)
    with LabelStore(home.labels_path) as store:
        told = store.suggestions.all()
        right = [told[s.sample_id].name == s.path.parent.name for s in store.samples()]
    assert sum(right) >= 6
    assert all(0.5 <= suggestion.confidence <= 1 for suggestion in told.values())


def test_unlabelled_images_are_ranked_and_labelled_ones_are_not(
    home: Home, model_path: Path
) -> None:
    list(suggest_from_store(request_for(home, model_path)))
    with LabelStore(home.labels_path) as store:
        told = store.suggestions.all()
        is_labelled = {s.sample_id: s.class_id is not None for s in store.samples()}
    assert sorted(s.rank for s in told.values() if s.rank is not None) == [0, 1, 2, 3, 4]
    assert all((told[i].rank is None) == labelled for i, labelled in is_labelled.items())


def test_an_excluded_image_is_neither_asked_about_nor_to_be_labelled_next(
    home: Home, model_path: Path
) -> None:
    with LabelStore(home.labels_path) as store:
        before, after = (s.sample_id for s in store.samples()[-2:])
        store.exclude([before], "blurred", "Dr. Huber")
    list(suggest_from_store(request_for(home, model_path)))
    with LabelStore(home.labels_path) as store:
        assert before not in store.suggestions.all()
        store.exclude([after], "blurred", "Dr. Huber")
    list(suggest_from_store(request_for(home, model_path)))
    with LabelStore(home.labels_path) as store:
        assert store.suggestions.all()[after].rank is None


def test_only_the_chosen_images_are_asked_about_and_none_twice(
    home: Home, model_path: Path
) -> None:
    with LabelStore(home.labels_path) as store:
        chosen = frozenset(s.sample_id for s in store.samples()[:2])
    first = list(suggest_from_store(request_for(home, model_path, sample_ids=chosen)))
    assert first[-1] == PredictionFinished("Trained at this site", 2, 0)
    rest = list(suggest_from_store(request_for(home, model_path)))
    assert rest[-1] == PredictionFinished("Trained at this site", 5, 0)


def test_whoever_stops_keeps_what_was_answered_so_far(
    home: Home, model_path: Path, tmp_path: Path
) -> None:
    write_images(tmp_path / "many", {"dot": BATCH_SIZE}, seed=3)
    list(import_folder(home.labels_path, tmp_path / "many", labels_from_folders=False))
    events = suggest_from_store(request_for(home, model_path))
    next(e for e in events if isinstance(e, ImagesPredicted))
    events.close()
    with LabelStore(home.labels_path) as store:
        assert len(store.suggestions.all()) == BATCH_SIZE


def test_an_image_that_cannot_be_read_any_more_is_left_out_with_its_reason(
    home: Home, model_path: Path
) -> None:
    with LabelStore(home.labels_path) as store:
        gone = store.samples()[3]
    gone.path.unlink()
    events = list(suggest_from_store(request_for(home, model_path)))
    assert of_kind(events, ImageLeftOut) == [ImageLeftOut(gone.path, "there is no such file")]
    assert events[-1] == PredictionFinished("Trained at this site", 6, 1)
    with LabelStore(home.labels_path) as store:
        assert gone.sample_id not in store.suggestions.all()


def test_the_models_classes_are_found_here_by_name_whatever_their_capitals(
    home: Home, model_path: Path
) -> None:
    with LabelStore(home.labels_path) as store:
        ring = store.class_named("ring")
        assert ring is not None
        store.rename_class(ring.class_id, "RING")
    list(suggest_from_store(request_for(home, model_path)))
    with LabelStore(home.labels_path) as store:
        told = [s for s in store.suggestions.all().values() if s.name == "ring"]
        assert {s.class_id for s in told} == {ring.class_id}


def test_a_class_that_was_renamed_since_the_training_is_still_found(tmp_path: Path) -> None:
    with LabelStore(tmp_path / "labels.sqlite") as store:
        mole = store.add_class("mole")
        store.rename_class(mole.class_id, "nevus")
        card = a_card(LesionClass(class_id=mole.class_id, name="mole"))
        [found, unknown] = answer_classes(card, store.classes())
    assert found.class_id == mole.class_id
    assert unknown.class_id is None


def test_a_model_of_other_classes_is_refused_and_both_lists_are_named(
    home: Home, tmp_path: Path
) -> None:
    card = a_card(LesionClass(class_id=uuid4(), name="mole"))
    path = tmp_path / MODEL_NAME
    save_checkpoint(path, new_model(card.model, card.input, 2, seed=0), card)
    with pytest.raises(ClassesUnknownError, match=r"tells apart mole, cyst; .* are dot, ring"):
        list(suggest_from_store(request_for(home, path)))
    with LabelStore(home.labels_path) as store:
        assert store.suggestions.model() is None


def test_a_file_that_is_no_model_is_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / MODEL_NAME
    path.write_bytes(b"no model")
    with pytest.raises(CheckpointError, match="no usable SiteBlind model"):
        list(suggest_from_store(request_for(home, path)))


def test_training_fits_a_temperature_on_what_it_held_out(model_path: Path) -> None:
    _, card = load_checkpoint(model_path)
    assert card.temperature is not None  # 24 of 120 images are held out
    assert card.temperature >= 1


def test_a_temperature_lowers_confidence_and_leaves_the_suggestion(
    home: Home, model_path: Path, tmp_path: Path
) -> None:
    model, card = load_checkpoint(model_path)
    told = []
    for temperature in (None, 4.0):
        path = tmp_path / f"{temperature}.safetensors"
        save_checkpoint(path, model, card.model_copy(update={"temperature": temperature}))
        list(suggest_from_store(request_for(home, path)))
        with LabelStore(home.labels_path) as store:
            told.append(store.suggestions.all())
    plain, cooled = told
    assert {i: s.name for i, s in plain.items()} == {i: s.name for i, s in cooled.items()}
    assert all(cooled[i].confidence < plain[i].confidence for i in plain)


def a_card(first: LesionClass) -> ModelCard:
    return ModelCard(
        name="Moles",
        classes=(first, LesionClass(class_id=uuid4(), name="cyst")),
        input=InputContract(size_px=24),
        model=ModelDesign(feature_dim=16),
    )
