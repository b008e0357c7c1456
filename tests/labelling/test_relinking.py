"""Files that were moved or renamed are found again by their content, with their labels."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_client.labelling import files
from desktop_client.labelling.importing import FilesFound, import_folder
from desktop_client.labelling.relinking import (
    ImageFound,
    MissingFound,
    RelinkFinished,
    find_missing,
    relink,
)
from desktop_client.labelling.store import LabelStore


@pytest.fixture
def folder(store_path: Path, tmp_path: Path) -> Path:
    """Return a folder of three imported images, the first of which is labelled."""
    folder = tmp_path / "images"
    folder.mkdir()
    for value in range(3):
        Image.fromarray(np.full((4, 5), value, np.uint8)).save(folder / f"{value}.png")
    list(import_folder(store_path, folder, labels_from_folders=False))
    with LabelStore(store_path) as store:
        lesion = store.add_class("nevus")
        store.label([store.samples()[0].sample_id], lesion.class_id, "Ada")
    return folder


def last(events: Iterable[object]) -> object:
    *_, event = events
    return event


def test_files_that_are_gone_are_noted_in_the_store(store_path: Path, folder: Path) -> None:
    assert last(find_missing(store_path)) == MissingFound(0)
    (folder / "1.png").unlink()
    assert last(find_missing(store_path)) == MissingFound(1)
    with LabelStore(store_path) as store:
        assert store.provenance.missing() == [store.samples()[1].sample_id]


def test_a_renamed_folder_is_found_again_with_its_labels(store_path: Path, folder: Path) -> None:
    moved = folder.rename(folder.with_name("archive"))
    (moved / "0.png").rename(moved / "renamed.png")
    assert last(find_missing(store_path)) == MissingFound(3)
    events = list(relink(store_path, moved.parent))
    assert events[-1] == RelinkFinished(3, 0)
    assert len([e for e in events if isinstance(e, ImageFound)]) == 3
    with LabelStore(store_path) as store:
        names = [sample.path.name for sample in store.samples()]
        assert names == ["renamed.png", "1.png", "2.png"]
        assert store.samples()[0].class_id is not None
        assert store.provenance.missing() == []


def test_what_is_not_found_stays_missing(store_path: Path, folder: Path, tmp_path: Path) -> None:
    (folder / "2.png").unlink()
    (tmp_path / "elsewhere").mkdir()
    list(find_missing(store_path))
    assert last(relink(store_path, tmp_path / "elsewhere")) == RelinkFinished(0, 1)


def test_other_images_in_the_folder_are_not_taken_in(store_path: Path, folder: Path) -> None:
    moved = folder.rename(folder.with_name("archive"))
    Image.fromarray(np.full((4, 5), 99, np.uint8)).save(moved / "new.png")
    list(find_missing(store_path))
    assert last(relink(store_path, moved)) == RelinkFinished(3, 0)
    with LabelStore(store_path) as store:
        assert len(store.samples()) == 3


def test_only_files_of_the_right_size_are_read(
    store_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = folder.rename(folder.with_name("archive"))
    (moved / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100_000)
    list(find_missing(store_path))
    digested: list[str] = []

    def note(path: Path) -> str:
        digested.append(path.name)
        return path.name

    monkeypatch.setattr(files, "digest_file", note)
    assert FilesFound(3) in list(relink(store_path, moved))
    assert "large.png" not in digested


def test_opening_the_moved_folder_settles_it_too(store_path: Path, folder: Path) -> None:
    moved = folder.rename(folder.with_name("archive"))
    list(find_missing(store_path))
    list(import_folder(store_path, moved, labels_from_folders=False))
    with LabelStore(store_path) as store:
        assert store.provenance.missing() == []
