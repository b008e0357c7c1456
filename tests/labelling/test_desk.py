"""What a desk hands out: everything, only what a second reader may see, or what is disputed."""

from dataclasses import fields

import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.desk import LabellingDesk, SecondReadingDesk, SettlingDesk
from desktop_client.labelling.sample import LesionClass, Sample
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def samples(add_image: AddImage) -> list[Sample]:
    return [add_image(value) for value in range(3)]


@pytest.fixture
def classes(store: LabelStore) -> list[LesionClass]:
    return [store.add_class(name) for name in ("nevus", "melanoma")]


@pytest.fixture
def reading(
    store: LabelStore, samples: list[Sample], classes: list[LesionClass]
) -> SecondReadingDesk:
    """Grace's desk; Ada said nevus of the first two images and noted something."""
    ids = [sample.sample_id for sample in samples[:2]]
    store.label(ids, classes[0].class_id, "Ada")
    store.note(ids, "typical nevus", "Ada")
    return SecondReadingDesk(store, store.second_readings.draw("Grace", 1, 0))


def test_the_ordinary_desk_shows_images_as_they_are(
    store: LabelStore, samples: list[Sample], classes: list[LesionClass]
) -> None:
    desk = LabellingDesk(store, "Ada")
    desk.label([samples[0].sample_id], classes[0].class_id)
    shown = desk.seen(store.sample(samples[0].sample_id))
    assert (shown.class_id, shown.title) == (classes[0].class_id, "0.png")
    assert desk.progress() == store.progress()


def test_a_second_reader_sees_neither_label_note_nor_name_nor_other_images(
    store: LabelStore, samples: list[Sample], reading: SecondReadingDesk
) -> None:
    shown = [reading.seen(sample) for sample in store.samples()]
    assert shown[2] is None
    for sample in shown[:2]:
        assert sample is not None
        assert (sample.class_id, sample.exclusion, sample.note) == (None, None, "")
        assert sample.title in {"1 / 2", "2 / 2"}
    # Whoever adds a field to samples must decide here whether it may be seen.
    harmless = {"sample_id", "path", "frame", "width_px", "height_px", "patient", "domain_id"}
    hidden = {"class_id", "exclusion", "note", "alias"}
    assert {field.name for field in fields(Sample)} == harmless | hidden


def test_a_second_reader_sees_and_undoes_their_own_reads(
    store: LabelStore,
    samples: list[Sample],
    classes: list[LesionClass],
    reading: SecondReadingDesk,
) -> None:
    one = samples[0].sample_id
    reading.label([one], classes[1].class_id)
    shown = reading.seen(store.sample(one))
    assert shown is not None
    assert shown.class_id == classes[1].class_id
    assert reading.progress().by_class == {classes[1].class_id: 1}
    assert reading.undo() == [one]
    assert reading.progress().labelled_count == 0
    assert not reading.can_undo()
    assert reading.can_redo()


def test_a_disputed_image_has_no_label_until_it_is_settled(
    store: LabelStore,
    samples: list[Sample],
    classes: list[LesionClass],
    reading: SecondReadingDesk,
) -> None:
    one = samples[0].sample_id
    reading.label([one], classes[1].class_id)
    desk = SettlingDesk(store, "Cleo")
    assert [sample.sample_id for sample in desk.samples()] == [one]
    assert desk.seen(store.sample(samples[1].sample_id)) is None
    shown = desk.seen(store.sample(one))
    assert shown is not None
    assert shown.class_id is None
    with pytest.raises(LabelStoreError, match="Choose the class"):
        desk.label([one], None)
    desk.label([one], classes[0].class_id)
    settled = desk.seen(store.sample(one))
    assert settled is not None
    assert settled.class_id == classes[0].class_id
    assert desk.progress().labelled_count == 1
    assert desk.undo() == [one]
    assert not desk.can_undo()
    assert desk.redo() == [one]
