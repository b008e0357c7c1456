"""Classes are edited without touching a label; one that was used never disappears."""

from dataclasses import replace

import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def classes(store: LabelStore) -> list[LesionClass]:
    return [store.add_class(name, reader="Ada") for name in ("nevus", "melanoma", "other")]


def test_the_order_is_kept_and_changes_neither_key_nor_label(
    store: LabelStore, classes: list[LesionClass], add_image: AddImage
) -> None:
    nevus, melanoma, other = classes
    sample = add_image(1)
    store.label([sample.sample_id], nevus.class_id, "Ada")
    store.class_book.order([c.class_id for c in (other, nevus, melanoma)], "Ada")
    assert store.classes() == [other, nevus, melanoma]
    assert store.sample(sample.sample_id).class_id == nevus.class_id
    assert store.add_class("fourth") == store.classes()[3]


def test_a_class_that_was_never_given_is_removed_and_its_key_is_free_again(
    store: LabelStore, classes: list[LesionClass]
) -> None:
    store.class_book.remove(classes[1].class_id, "Ada")
    assert [c.name for c in store.classes()] == ["nevus", "other"]
    assert store.add_class("new").key == "2"


def test_a_class_that_was_ever_given_is_not_removed_not_even_after_undo(
    store: LabelStore, classes: list[LesionClass], add_image: AddImage
) -> None:
    store.label([add_image(1).sample_id], classes[0].class_id, "Ada")
    store.undo("Ada")
    with pytest.raises(LabelStoreError, match="Archive it, or merge it"):
        store.class_book.remove(classes[0].class_id, "Ada")


def test_an_archived_class_gives_its_key_away_and_can_be_brought_back(
    store: LabelStore, classes: list[LesionClass]
) -> None:
    nevus = classes[0]
    store.class_book.change(replace(nevus, key="", is_archived=True), "Ada")
    assert [c.name for c in store.classes()] == ["melanoma", "other"]
    with pytest.raises(LabelStoreError, match=r"'nevus' already\. It is archived; bring it back"):
        store.add_class("Nevus")
    assert store.add_class("new").key == "1"
    store.class_book.change(replace(nevus, key="", is_archived=False), "Ada")
    assert "nevus" in [c.name for c in store.classes()]
    kinds = [entry.kind for entry in store.audit.entries()]
    assert (kinds[3], kinds[-1]) == ("class_archived", "class_restored")


def test_merging_keeps_who_gave_each_label_and_follows_earlier_merges(
    store: LabelStore, classes: list[LesionClass], add_image: AddImage
) -> None:
    nevus, melanoma, other = classes
    ids = [add_image(value).sample_id for value in range(2)]
    store.label(ids[:1], nevus.class_id, "Ada")
    store.label(ids[1:], melanoma.class_id, "Grace")
    store.class_book.merge(nevus.class_id, melanoma.class_id, "Cleo")
    store.class_book.merge(melanoma.class_id, other.class_id, "Cleo")
    assert [s.class_id for s in store.samples()] == [other.class_id] * 2
    said = store.current_labels()
    assert [said[sample_id].reader for sample_id in ids] == ["Ada", "Grace"]
    assert store.undo("Ada") == ids[1:]
    assert store.redo("Ada") == ids[1:]
    assert [s.class_id for s in store.samples()] == [other.class_id] * 2
    assert store.audit.verify().entry_count


def test_tables_that_still_name_a_merged_class_mean_what_it_became(
    store: LabelStore, classes: list[LesionClass]
) -> None:
    first, second, third = classes[:3]
    store.class_book.merge(first.class_id, second.class_id, "Ada")
    store.class_book.merge(second.class_id, third.class_id, "Ada")
    assert store.class_named(first.name.upper()) == third
    assert store.class_named(third.name) == third


def test_a_class_is_not_merged_into_itself_nor_into_an_archived_one(
    store: LabelStore, classes: list[LesionClass]
) -> None:
    store.class_book.change(replace(classes[1], key="", is_archived=True), "Ada")
    for target in classes[:2]:
        with pytest.raises(LabelStoreError, match="Choose another class"):
            store.class_book.merge(classes[0].class_id, target.class_id, "Ada")
