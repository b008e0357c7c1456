"""What the label store keeps, and how an image stays itself."""

import hashlib
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.imaging.image import DecodedImage
from desktop_client.labelling.palette import OKABE_ITO
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage

# Images


def test_a_sample_is_named_by_its_pixels_and_frame(store: LabelStore) -> None:
    pixels = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint16)
    sample = store.add_image(Path("/a.tif"), "d", DecodedImage(pixels, frame=2))
    little_endian = bytes([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])
    digest = hashlib.sha256(b"uint16:[2, 3]\n" + little_endian).hexdigest()
    assert sample.sample_id == f"{digest}:2"
    assert (sample.width_px, sample.height_px, sample.frame) == (3, 2, 2)
    assert sample.class_id is None


def test_shape_depth_and_frame_tell_images_of_equal_bytes_apart(store: LabelStore) -> None:
    flat = np.zeros(12, dtype=np.uint8)
    images = [
        DecodedImage(flat.reshape(3, 4)),
        DecodedImage(flat.reshape(4, 3)),
        DecodedImage(flat.reshape(2, 2, 3)),
        DecodedImage(flat.view(np.uint16).reshape(2, 3)),
        DecodedImage(flat.reshape(3, 4), frame=1),
    ]
    for image in images:
        store.add_image(Path("/a.png"), "d", image)
    assert len(store.samples()) == 5


def test_the_same_image_elsewhere_keeps_its_label_and_moves(
    store: LabelStore, add_image: AddImage
) -> None:
    sample = add_image(1, "/old/a.png")
    nevus = store.add_class("nevus")
    store.label([sample.sample_id], nevus.class_id, "Ada")
    moved = add_image(1, "/new/b.png", file_digest="saved again")
    assert moved.sample_id == sample.sample_id
    assert moved.path == Path("/new/b.png")
    assert moved.class_id == nevus.class_id
    assert store.file_digests() == {"digest of 1", "saved again"}


def test_a_file_known_by_its_bytes_needs_no_decoding(
    store: LabelStore, add_image: AddImage
) -> None:
    sample = add_image(1, "/old/a.png", file_digest="d")
    assert store.add_known_file(Path("/new/a.png"), "unknown") == []
    (moved,) = store.add_known_file(Path("/new/a.png"), "d")
    assert moved.sample_id == sample.sample_id
    assert store.samples()[0].path == Path("/new/a.png")


def test_samples_come_in_the_order_in_which_they_were_added(
    store: LabelStore, add_image: AddImage
) -> None:
    ids = [add_image(value).sample_id for value in (9, 3, 7)]
    add_image(3, "/moved.png")
    assert [sample.sample_id for sample in store.samples()] == ids


def test_samples_of_a_folder_include_its_subfolders_and_no_namesakes(
    store: LabelStore, add_image: AddImage
) -> None:
    for value, path in enumerate(["/a/1.png", "/a/b/2.png", "/ab/3.png", "/4.png"]):
        add_image(value, path)
    assert [s.path.name for s in store.samples_in(Path("/a"))] == ["1.png", "2.png"]
    assert [s.path.name for s in store.samples_in(Path("/x/../a/"))] == ["1.png", "2.png"]
    assert len(store.samples_in(Path("/"))) == 4


def test_an_unknown_sample_is_refused_in_words(store: LabelStore) -> None:
    with pytest.raises(LabelStoreError, match="not in the label database"):
        store.sample("nobody")


# Patients


def test_images_of_one_patient_share_a_group_and_others_stand_alone(add_image: AddImage) -> None:
    first, second = add_image(1, patient="P-1"), add_image(2, patient=" P-1 ")
    third, alone, alone_too = add_image(3, patient="P-2"), add_image(4), add_image(5, patient="  ")
    assert first.patient == second.patient
    groups = {first.patient, third.patient, alone.patient, alone_too.patient}
    assert len(groups) == 4


def test_a_patient_told_later_replaces_the_lone_group_and_is_kept(add_image: AddImage) -> None:
    add_image(1)
    told, companion = add_image(1, patient="P-1"), add_image(2, patient="P-1")
    assert told.patient == companion.patient
    assert add_image(1).patient == told.patient


def test_the_identifier_is_in_no_file_and_the_key_differs_by_installation(
    store: LabelStore, add_image: AddImage, tmp_path: Path
) -> None:
    here = add_image(1, patient="Lovelace^Ada")
    with LabelStore(tmp_path / "other.sqlite") as other:
        image = DecodedImage(np.full((2, 3), 1, dtype=np.uint8))
        there = other.add_image(Path("/a"), "d", image, patient_identifier="Lovelace^Ada")
    assert here.patient != there.patient
    for file in tmp_path.iterdir():
        assert b"Lovelace" not in file.read_bytes()
        assert hashlib.sha256(b"Lovelace^Ada").hexdigest().encode() not in file.read_bytes()


# Classes


def test_classes_get_the_next_free_key_and_colour(store: LabelStore) -> None:
    store.add_class("b", key="1")
    store.add_class("a", colour=OKABE_ITO[1])
    third = store.add_class("c")
    assert [c.name for c in store.classes()] == ["b", "a", "c"]
    assert [c.key for c in store.classes()] == ["1", "2", "3"]
    assert [c.colour for c in store.classes()] == [OKABE_ITO[0], OKABE_ITO[1], OKABE_ITO[2]]
    assert store.classes()[2] == third


def test_the_tenth_class_has_no_key_and_an_earlier_colour(store: LabelStore) -> None:
    classes = [store.add_class(f"class {number}") for number in range(10)]
    assert [c.key for c in classes] == [*"123456789", ""]
    assert classes[8].colour == classes[0].colour


def test_a_class_is_found_whatever_its_capitals_spaces_and_accents(store: LabelStore) -> None:
    added = store.add_class("  Blauer   Nävus ")
    assert added.name == "Blauer Nävus"
    assert store.class_named("blauer nÄVUS") == added
    assert store.class_named("Blauer Na\u0308vus") == added  # as macOS writes folder names
    assert store.class_named("Nävus") is None


def test_renaming_a_class_changes_no_label(store: LabelStore, add_image: AddImage) -> None:
    sample, nevus = add_image(1), store.add_class("nvus")
    store.label([sample.sample_id], nevus.class_id, "Ada")
    store.class_book.change(replace(nevus, name="nevus"), "Ada")
    assert store.classes()[0].name == "nevus"
    assert store.sample(sample.sample_id).class_id == nevus.class_id
    store.class_book.change(replace(nevus, name="Nevus"), "Ada")  # its own name is no obstacle


def test_impossible_classes_are_refused_in_words(store: LabelStore) -> None:
    nevus = store.add_class("nevus")
    melanoma = store.add_class("melanoma")
    with pytest.raises(LabelStoreError, match="'nevus' already"):
        store.add_class("NEVUS")
    with pytest.raises(LabelStoreError, match="needs a name"):
        store.add_class("  ")
    with pytest.raises(LabelStoreError, match="Key '1' is taken"):
        store.add_class("other", key="1")
    with pytest.raises(LabelStoreError, match="none of 1 to 9"):
        store.add_class("other", key="x")
    with pytest.raises(LabelStoreError, match="is no colour"):
        store.add_class("other", colour="red")
    with pytest.raises(LabelStoreError, match="'melanoma' already"):
        store.class_book.change(replace(nevus, name="Melanoma"), "Ada")
    with pytest.raises(LabelStoreError, match="no such lesion class"):
        store.class_book.change(replace(nevus, class_id=uuid4()), "Ada")
    assert store.classes() == [nevus, melanoma]


# Domains


def test_a_domain_is_made_once_whatever_its_capitals(store: LabelStore) -> None:
    room = store.domain_named("Room 3")
    assert store.domain_named(" room  3 ") == room
    assert store.domains() == [room]
    with pytest.raises(LabelStoreError, match="needs a name"):
        store.domain_named("")


def test_images_get_the_default_domain_until_another_is_told(
    store: LabelStore, add_image: AddImage, store_path: Path
) -> None:
    sample = add_image(1)
    assert sample.domain_id == store.default_domain().domain_id
    room = store.domain_named("Room 3")
    image = DecodedImage(np.full((2, 3), 1, dtype=np.uint8))
    store.add_image(Path("/a"), "d", image, domain_id=room.domain_id)
    assert add_image(1).domain_id == room.domain_id
    with LabelStore(store_path) as again:
        assert again.default_domain() == store.default_domain()


# Progress and size


def test_progress_counts_every_class_and_the_unlabelled(
    store: LabelStore, add_image: AddImage
) -> None:
    samples = [add_image(value) for value in range(5)]
    nevus, melanoma = store.add_class("nevus"), store.add_class("melanoma")
    store.label([s.sample_id for s in samples[:3]], nevus.class_id, "Ada")
    progress = store.progress()
    assert (progress.labelled_count, progress.total_count) == (3, 5)
    assert progress.by_class == {nevus.class_id: 3, melanoma.class_id: 0}


def test_what_fails_inside_a_transaction_leaves_nothing_behind(store: LabelStore) -> None:
    with (  # noqa: PT012  the first call must succeed, the second fail
        pytest.raises(LabelStoreError, match="already"),
        store.transaction(),
    ):
        store.add_class("nevus")
        store.add_class("nevus")
    assert store.classes() == []
