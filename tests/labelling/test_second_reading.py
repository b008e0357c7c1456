"""A second reading: what is drawn, that no label changes, and what becomes of differences."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from desktop_client.errors import AuditTrailBrokenError, LabelStoreError
from desktop_client.labelling.agreement import agreements
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def ids(add_image: AddImage) -> list[str]:
    return [add_image(value).sample_id for value in range(8)]


@pytest.fixture
def nevus(store: LabelStore) -> LesionClass:
    return store.add_class("nevus")


@pytest.fixture
def melanoma(store: LabelStore) -> LesionClass:
    return store.add_class("melanoma")


@pytest.fixture
def labelled(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> LabelStore:
    """Ada said nevus of six images and melanoma of one, and left one open."""
    store.label(ids[:6], nevus.class_id, "Ada")
    store.label(ids[6:7], melanoma.class_id, "Ada")
    return store


def labels(store: LabelStore) -> list[UUID | None]:
    return [sample.class_id for sample in store.samples()]


def test_only_what_others_labelled_and_did_not_exclude_is_drawn(
    labelled: LabelStore, ids: list[str], nevus: LesionClass
) -> None:
    labelled.exclude(ids[:1], "blurred", "Ada")
    labelled.label(ids[1:2], nevus.class_id, "Grace")
    assert labelled.second_readings.candidates("Grace") == sorted(ids[2:7])
    assert labelled.second_readings.candidates("Cleo") == sorted(ids[1:7])


def test_an_undone_label_is_the_opinion_of_whoever_gave_it_not_of_whoever_undid(
    labelled: LabelStore, ids: list[str], melanoma: LesionClass
) -> None:
    labelled.label(ids[:1], melanoma.class_id, "Cleo")
    labelled.undo("Grace")
    assert ids[0] in labelled.second_readings.candidates("Grace")
    assert ids[0] not in labelled.second_readings.candidates("Ada")


def test_the_share_is_drawn_at_random_and_the_same_seed_draws_the_same(
    labelled: LabelStore,
) -> None:
    draws = [
        labelled.second_readings.draw(reader, 0.5, seed)
        for reader, seed in (("Grace", 1), ("Cleo", 1), ("Eve", 2))
    ]
    first, same, other = (list(draw.reads) for draw in draws)
    assert len(first) == round(0.5 * 7)
    assert first == same
    assert first != other
    assert all(class_id is None for class_id in draws[0].reads.values())


def test_a_draw_is_recorded_with_share_and_seed_and_is_open_until_it_is_ended(
    labelled: LabelStore, nevus: LesionClass
) -> None:
    readings = labelled.second_readings
    draw = readings.draw("Grace", 0.3, 7)
    assert readings.open_draw("Grace") == draw
    assert readings.open_draw("Ada") is None
    with pytest.raises(LabelStoreError, match="has not ended"):
        readings.draw("Grace", 0.3, 8)
    readings.read(draw, list(draw.reads)[:1], nevus.class_id)
    readings.end(draw)
    assert readings.open_draw("Grace") is None
    *_, begun, _, ended = labelled.audit.entries()
    assert (begun.kind, ended.kind) == ("second_reading_begun", "second_reading_ended")
    assert '"seed":7' in begun.details
    assert '"share":0.3' in begun.details
    assert '"read_count":1' in ended.details


def test_what_was_drawn_for_a_reader_is_not_drawn_for_them_again(labelled: LabelStore) -> None:
    readings = labelled.second_readings
    readings.end(readings.draw("Grace", 1, 0))
    with pytest.raises(LabelStoreError, match="No image can be read a second time"):
        readings.draw("Grace", 1, 0)


def test_an_impossible_share_is_refused(labelled: LabelStore) -> None:
    for share in (0.0, 1.1):
        with pytest.raises(LabelStoreError, match="share"):
            labelled.second_readings.draw("Grace", share, 0)


def test_second_reads_change_no_label_and_have_an_undo_of_their_own(
    labelled: LabelStore, nevus: LesionClass, melanoma: LesionClass
) -> None:
    readings, before = labelled.second_readings, labels(labelled)
    draw = readings.draw("Grace", 1, 0)
    one, two = list(draw.reads)[:2]
    readings.read(draw, [one], nevus.class_id)
    readings.read(draw, [two], nevus.class_id)
    readings.read(draw, [two], melanoma.class_id)
    assert readings.undo(draw) == [two]
    present = readings.open_draw("Grace")
    assert present is not None
    assert (present.reads[one], present.reads[two]) == (nevus.class_id, nevus.class_id)
    assert readings.undo(draw) == [two]
    assert readings.undo(draw) == [one]
    assert readings.undo(draw) == []
    assert not readings.can_undo(draw)
    assert readings.redo(draw) == [one]
    assert labels(labelled) == before
    labelled.undo("Ada")  # outside of the second reading, her own last label
    assert labels(labelled)[6] is None
    assert labelled.audit.verify().entry_count


def test_pairs_compare_the_label_at_the_time_of_the_draw(
    labelled: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    readings = labelled.second_readings
    draw = readings.draw("Grace", 1, 0)
    readings.read(draw, ids[:5], nevus.class_id)
    readings.read(draw, ids[5:7], melanoma.class_id)
    labelled.label(ids[5:6], melanoma.class_id, "Ada")  # she changed her mind later
    (agreement,) = agreements(readings.pairs(), [nevus.class_id, melanoma.class_id])
    assert (agreement.first_reader, agreement.second_reader) == ("Ada", "Grace")
    assert agreement.counts == ((5, 1), (0, 1))


def test_a_difference_waits_until_it_is_settled_and_the_decision_is_the_label(
    labelled: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    readings = labelled.second_readings
    draw = readings.draw("Grace", 1, 0)
    readings.read(draw, ids[:7], melanoma.class_id)
    assert set(readings.disagreements()) == set(ids[:6])
    (pair,) = readings.disagreements()[ids[0]]
    assert (pair.first.reader, pair.second.reader) == ("Ada", "Grace")
    labelled.settle(ids[:1], nevus.class_id, "Cleo")
    labelled.settle(ids[1:2], melanoma.class_id, "Cleo")
    assert set(readings.disagreements()) == set(ids[2:6])
    assert labels(labelled)[:2] == [nevus.class_id, melanoma.class_id]
    assert [e.kind for e in labelled.history(ids[0])] == ["label", "settle"]
    labelled.undo("Cleo")
    assert set(readings.disagreements()) == set(ids[1:6])
    assert len(readings.pairs()) == 7  # settling does not embellish the agreement


def test_whoever_corrects_their_label_to_the_other_opinion_has_settled_it(
    labelled: LabelStore, ids: list[str], melanoma: LesionClass
) -> None:
    readings = labelled.second_readings
    readings.read(readings.draw("Grace", 1, 0), ids[:1], melanoma.class_id)
    assert set(readings.disagreements()) == {ids[0]}
    labelled.label(ids[:1], melanoma.class_id, "Ada")
    assert readings.disagreements() == {}


def test_merged_classes_no_longer_differ(
    labelled: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    readings = labelled.second_readings
    readings.read(readings.draw("Grace", 1, 0), ids[:1], melanoma.class_id)
    labelled.class_book.merge(melanoma.class_id, nevus.class_id, "Ada")
    assert readings.disagreements() == {}
    (agreement,) = agreements(readings.pairs(), [nevus.class_id])
    assert agreement.counts == ((1,),)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE drawn_samples SET first_reader = 'Eve' WHERE position = 0",
        "DELETE FROM drawn_samples WHERE position = 6",
    ],
)
def test_a_draw_that_was_tampered_with_breaks_the_audit_trail(
    labelled: LabelStore, store_path: Path, forgery: str
) -> None:
    labelled.second_readings.draw("Grace", 1, 0)
    labelled.close()
    with closing(sqlite3.connect(store_path)) as connection, connection:
        connection.execute(forgery)
    with LabelStore(store_path) as forged, pytest.raises(AuditTrailBrokenError, match="Entry 5 "):
        forged.audit.verify()
