"""Labels are append-only events; undo and redo are events too."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.sample import LesionClass, Sample
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def samples(add_image: AddImage) -> list[Sample]:
    return [add_image(value) for value in range(4)]


@pytest.fixture
def ids(samples: list[Sample]) -> list[str]:
    return [sample.sample_id for sample in samples]


@pytest.fixture
def nevus(store: LabelStore) -> LesionClass:
    return store.add_class("nevus")


@pytest.fixture
def melanoma(store: LabelStore) -> LesionClass:
    return store.add_class("melanoma")


def labels(store: LabelStore) -> list[str]:
    names = {c.class_id: c.name for c in store.classes()}
    return [names[s.class_id] if s.class_id else "-" for s in store.samples()]


def test_a_label_is_given_changed_and_taken_away(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:2], nevus.class_id, "Ada")
    store.label(ids[1:3], melanoma.class_id, "Ada")
    store.label(ids[:1], None, "Ada")
    assert labels(store) == ["-", "melanoma", "melanoma", "-"]


def test_the_history_tells_who_said_what_and_when(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:1], nevus.class_id, "Ada")
    store.label(ids[:1], melanoma.class_id, "Grace")
    store.undo("Ada")
    history = store.history(ids[0])
    assert [(e.kind, e.reader) for e in history] == [
        ("label", "Ada"),
        ("label", "Grace"),
        ("undo", "Ada"),
    ]
    assert [e.class_id for e in history] == [nevus.class_id, melanoma.class_id, nevus.class_id]
    assert [e.previous_class_id for e in history] == [None, nevus.class_id, melanoma.class_id]
    assert history[0].happened_at.tzinfo is not None
    assert history[0].happened_at <= history[1].happened_at
    assert store.history(ids[1]) == []


def test_undo_reaches_back_step_by_step_and_redo_returns(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    assert not store.can_undo()
    store.label(ids[:3], nevus.class_id, "Ada")
    store.label(ids[2:], melanoma.class_id, "Ada")
    assert store.undo("Ada") == ids[2:]
    assert labels(store) == ["nevus", "nevus", "nevus", "-"]
    assert store.undo("Ada") == ids[:3]
    assert labels(store) == ["-", "-", "-", "-"]
    assert not store.can_undo()
    assert store.undo("Ada") == []
    assert store.redo("Ada") == ids[:3]
    assert store.redo("Ada") == ids[2:]
    assert labels(store) == ["nevus", "nevus", "melanoma", "melanoma"]
    assert not store.can_redo()
    assert store.redo("Ada") == []


def test_a_new_label_clears_redo(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:1], nevus.class_id, "Ada")
    store.undo("Ada")
    assert store.can_redo()
    store.label(ids[1:2], melanoma.class_id, "Ada")
    assert not store.can_redo()
    assert store.redo("Ada") == []
    store.undo("Ada")
    assert store.redo("Ada") == ids[1:2]


def test_undo_works_after_the_program_was_closed(
    store: LabelStore, store_path: Path, ids: list[str], nevus: LesionClass
) -> None:
    store.label(ids, nevus.class_id, "Ada")
    store.close()
    with LabelStore(store_path) as again:
        assert again.undo("Grace") == ids
        assert again.redo("Grace") == ids


def test_the_same_answer_of_the_same_reader_is_no_event_but_a_second_readers_is(
    store: LabelStore, ids: list[str], nevus: LesionClass
) -> None:
    store.label(ids[:1], nevus.class_id, "Ada")
    store.label(ids[:1], nevus.class_id, "Ada")
    store.label(ids[1:2], None, "Ada")
    assert len(store.history(ids[0])) == 1
    assert store.history(ids[1]) == []
    store.label(ids[:1], nevus.class_id, "Grace")
    assert [e.reader for e in store.history(ids[0])] == ["Ada", "Grace"]


def test_labelling_an_unknown_image_or_class_changes_nothing(
    store: LabelStore, ids: list[str], nevus: LesionClass
) -> None:
    with pytest.raises(LabelStoreError, match="1 of the images to label are not in"):
        store.label([*ids, "nobody"], nevus.class_id, "Ada")
    with pytest.raises(LabelStoreError):
        store.label(ids, uuid4(), "Ada")
    assert labels(store) == ["-"] * 4
    assert not store.can_undo()


def test_imported_labels_fill_gaps_and_follow_a_corrected_table(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    assert store.import_labels(dict.fromkeys(ids[:2], nevus.class_id), "import") == 2
    assert store.import_labels(dict.fromkeys(ids[:2], nevus.class_id), "import") == 0
    assert store.import_labels(dict.fromkeys(ids[1:3], melanoma.class_id), "import") == 2
    assert labels(store) == ["nevus", "melanoma", "melanoma", "-"]


def test_imported_labels_never_replace_a_persons(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.import_labels({ids[1]: nevus.class_id}, "import")
    store.label(ids[:2], nevus.class_id, "Ada")  # also confirms what was imported
    assert store.import_labels(dict.fromkeys(ids[:2], melanoma.class_id), "import") == 0
    assert labels(store)[:2] == ["nevus", "nevus"]


def test_an_import_is_no_step_of_undo(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:1], nevus.class_id, "Ada")
    store.import_labels(dict.fromkeys(ids, melanoma.class_id), "import")
    assert store.undo("Ada") == ids[:1]
    assert labels(store) == ["-", "melanoma", "melanoma", "melanoma"]
    assert not store.can_undo()


def test_exclusions_and_notes_are_steps_of_the_same_undo(
    store: LabelStore, ids: list[str], nevus: LesionClass
) -> None:
    def told() -> list[tuple[str, str | None, str]]:
        samples = zip(labels(store), store.samples(), strict=True)
        return [(label, sample.exclusion, sample.note) for label, sample in samples][:2]

    store.label(ids[:2], nevus.class_id, "Ada")
    store.exclude(ids[:1], "blurred", "Ada")
    store.note(ids[:2], "ask Grace", "Ada")
    store.exclude(ids[:2], None, "Ada")
    assert told() == [("nevus", None, "ask Grace")] * 2
    assert store.undo("Ada") == ids[:1]  # the second one was not excluded
    assert told() == [("nevus", "blurred", "ask Grace"), ("nevus", None, "ask Grace")]
    assert store.undo("Ada") == ids[:2]
    assert store.undo("Ada") == ids[:1]
    assert told() == [("nevus", None, "")] * 2
    assert store.undo("Ada") == ids[:2]
    assert not store.can_undo()
    for _ in range(4):
        store.redo("Ada")
    assert told() == [("nevus", None, "ask Grace")] * 2
    assert not store.can_redo()


def test_the_same_note_or_exclusion_again_is_no_event(store: LabelStore, ids: list[str]) -> None:
    store.note(ids[:1], "", "Ada")
    store.exclude(ids[:1], None, "Ada")
    assert not store.can_undo()
    with pytest.raises(LabelStoreError, match="Say why"):
        store.exclude(ids, "  ", "Ada")


def test_excluded_images_and_archived_classes_never_train(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:2], nevus.class_id, "Ada")
    store.label(ids[2:3], melanoma.class_id, "Ada")
    store.exclude(ids[:1], "blurred", "Ada")
    assert [s.sample_id for s in store.training_samples()] == ids[1:3]
    store.class_book.change(replace(melanoma, key="", is_archived=True), "Ada")
    assert [s.sample_id for s in store.training_samples()] == ids[1:2]
    progress = store.progress()
    assert (progress.labelled_count, progress.total_count, progress.excluded_count) == (2, 3, 1)


def test_a_merged_class_stays_merged_whatever_is_undone(
    store: LabelStore, ids: list[str], nevus: LesionClass, melanoma: LesionClass
) -> None:
    store.label(ids[:1], nevus.class_id, "Ada")
    store.label(ids[:1], melanoma.class_id, "Ada")
    mole = store.add_class("mole")
    store.class_book.merge(nevus.class_id, mole.class_id, "Ada")
    assert store.undo("Ada") == ids[:1]
    assert labels(store) == ["mole", "-", "-", "-"]
    assert nevus.class_id not in {c.class_id for c in store.classes()}


@pytest.mark.parametrize("table", ["actions", "label_events"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET action_id = 7"])
def test_the_database_itself_forbids_rewriting_history(
    store: LabelStore,
    store_path: Path,
    ids: list[str],
    nevus: LesionClass,
    *,
    table: str,
    act: str,
) -> None:
    store.label(ids, nevus.class_id, "Ada")
    connection = sqlite3.connect(store_path)
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} only grow"):
        connection.execute(act.format(table))
    connection.close()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_undo_and_redo_follow_the_textbook_whatever_is_done(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Against the simplest model there is: two stacks of whole states."""
    with LabelStore(tmp_path_factory.mktemp("model") / "labels.sqlite") as store:
        with store.transaction():
            ids = add_three(store)
            classes = [store.add_class(name).class_id for name in ("nevus", "melanoma")]
        state, undo_stack, redo_stack = ["-"] * 3, list[list[str]](), list[list[str]]()
        for _ in range(data.draw(st.integers(1, 15))):
            act = data.draw(st.sampled_from(["label", "label", "undo", "redo"]))
            if act == "label":
                index, chosen = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 1))
                store.label([ids[index]], classes[chosen], "Ada")
                name = ("nevus", "melanoma")[chosen]
                if state[index] != name:
                    undo_stack.append(state)
                    state, redo_stack = [*state[:index], name, *state[index + 1 :]], []
            elif act == "undo":
                store.undo("Ada")
                if undo_stack:
                    redo_stack.append(state)
                    state = undo_stack.pop()
            else:
                store.redo("Ada")
                if redo_stack:
                    undo_stack.append(state)
                    state = redo_stack.pop()
            assert labels(store) == state
            assert store.can_undo() == bool(undo_stack)
            assert store.can_redo() == bool(redo_stack)


def add_three(store: LabelStore) -> list[str]:
    from desktop_client.labelling.identity import ImageRecord

    records = [ImageRecord(f"{number}:0", 0, 1, 1) for number in range(3)]
    return [store.add_record(Path("/a"), r.sample_id, r).sample_id for r in records]
