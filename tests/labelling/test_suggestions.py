"""Suggestions in the store: of one model at a time, and never mixed with what people said."""

import json
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.suggestions import Answer, AnswerClass, SuggestingModel
from tests.labelling.conftest import AddImage

CLASSES = (AnswerClass("melanoma", uuid4()), AnswerClass("nevus", None))
MODEL = SuggestingModel("a" * 64, "Trained at this site", CLASSES, temperature=1.5)
NEWER = SuggestingModel("b" * 64, "Moles", CLASSES, temperature=None)


def answer(sample_id: str, share: float = 0.8) -> Answer:
    z = np.array([0.25, -1.0], dtype=np.float32)
    return Answer(sample_id, (share, round(1 - share, 6)), z)


def test_a_new_store_has_no_suggestions(store: LabelStore) -> None:
    assert store.suggestions.model() is None
    assert store.suggestions.all() == {}


def test_a_suggestion_is_the_likeliest_class_with_its_probability(
    store: LabelStore, add_image: AddImage
) -> None:
    first, second = add_image(1).sample_id, add_image(2).sample_id
    assert store.suggestions.begin(MODEL) == frozenset()
    store.suggestions.add([answer(first, 0.8), answer(second, 0.3)])
    told = store.suggestions.all()
    assert (told[first].name, told[first].confidence) == ("melanoma", 0.8)
    assert told[first].class_id == CLASSES[0].class_id
    assert (told[second].name, told[second].confidence) == ("nevus", 0.7)
    assert told[second].class_id is None  # no such class here


def test_model_features_and_suggestions_outlive_the_program(
    store: LabelStore, store_path: Path, add_image: AddImage
) -> None:
    sample_id = add_image(1).sample_id
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(sample_id)])
    with LabelStore(store_path) as again:
        assert again.suggestions.model() == MODEL
        [kept] = again.suggestions.answers()
        assert kept.probabilities == (0.8, 0.2)
        assert kept.z.tolist() == [0.25, -1.0]


def test_the_same_model_goes_on_where_it_stopped(store: LabelStore, add_image: AddImage) -> None:
    sample_id = add_image(1).sample_id
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(sample_id)])
    assert store.suggestions.begin(MODEL) == {sample_id}


def test_another_model_replaces_what_the_one_before_suggested(
    store: LabelStore, add_image: AddImage
) -> None:
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(add_image(1).sample_id)])
    assert store.suggestions.begin(NEWER) == frozenset()
    assert store.suggestions.model() == NEWER
    assert store.suggestions.all() == {}


def test_a_model_whose_classes_mean_others_now_is_asked_anew(
    store: LabelStore, add_image: AddImage
) -> None:
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(add_image(1).sample_id)])
    known = (CLASSES[0], AnswerClass("nevus", uuid4()))
    assert store.suggestions.begin(SuggestingModel("a" * 64, MODEL.name, known, 1.5)) == frozenset()


def test_ranks_are_places_in_the_order_and_may_be_given_anew(
    store: LabelStore, add_image: AddImage
) -> None:
    ids = [add_image(value).sample_id for value in range(3)]
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(sample_id) for sample_id in ids])
    assert {s.rank for s in store.suggestions.all().values()} == {None}
    store.suggestions.rank([ids[2], ids[0]])
    assert [store.suggestions.all()[i].rank for i in ids] == [1, None, 0]
    store.suggestions.rank([ids[1]])
    assert [store.suggestions.all()[i].rank for i in ids] == [None, 0, None]


def test_suggestions_are_no_labels_and_no_events(store: LabelStore, add_image: AddImage) -> None:
    sample_id = add_image(1).sample_id
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer(sample_id)])
    assert store.sample(sample_id).class_id is None
    assert store.history(sample_id) == []
    assert not store.can_undo()


def test_an_answer_about_an_image_that_is_not_here_is_dropped(
    store: LabelStore, add_image: AddImage
) -> None:
    sample_id = add_image(1).sample_id
    store.suggestions.begin(MODEL)
    store.suggestions.add([answer("nowhere"), answer(sample_id)])
    assert set(store.suggestions.all()) == {sample_id}


@pytest.fixture
def suggested(store: LabelStore, add_image: AddImage) -> list[str]:
    """Three images; melanoma, nevus and mole are suggested for them, and mole is no class here."""
    names = {c: store.add_class(c).class_id for c in ("melanoma", "nevus")}
    classes = (*(AnswerClass(c, i) for c, i in names.items()), AnswerClass("mole", None))
    ids = [add_image(value).sample_id for value in range(3)]
    store.suggestions.begin(SuggestingModel("a" * 64, "Moles", classes, None))
    z = np.zeros(2, dtype=np.float32)
    likely = [(0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)]
    store.suggestions.add(Answer(i, shares, z) for i, shares in zip(ids, likely, strict=True))
    return ids


def test_an_accepted_suggestion_is_the_readers_own_label_and_one_step_of_undo(
    store: LabelStore, suggested: list[str]
) -> None:
    first, second, _of_no_class_here = suggested
    assert store.accept_suggestions(suggested, "Dr. Huber") == [first, second]
    melanoma, nevus = (c.class_id for c in store.classes())
    assert [s.class_id for s in store.samples()] == [melanoma, nevus, None]
    [event] = store.history(first)
    assert (event.kind, event.reader) == ("label", "Dr. Huber")
    assert set(store.undo("Dr. Huber")) == {first, second}
    assert [s.class_id for s in store.samples()] == [None, None, None]


def test_the_audit_trail_tells_which_labels_a_model_proposed(
    store: LabelStore, suggested: list[str]
) -> None:
    store.accept_suggestions(suggested[:1], "Dr. Huber")
    label, acceptance = list(store.audit.entries())[-2:]
    assert (acceptance.kind, acceptance.reader) == ("suggestion_accepted", "Dr. Huber")
    assert json.loads(acceptance.details) == {
        "action_id": label.action_id,
        "model_digest": "a" * 64,
    }
    store.audit.verify()


def test_what_the_reader_said_already_is_not_accepted_once_more(
    store: LabelStore, suggested: list[str]
) -> None:
    melanoma = store.class_named("melanoma")
    assert melanoma is not None
    store.label(suggested[:1], melanoma.class_id, "Dr. Huber")
    before = len(list(store.audit.entries()))
    store.accept_suggestions(suggested[:1], "Dr. Huber")
    assert len(list(store.audit.entries())) == before
