"""What is in the store twice: the same pixels in several files, and pictures saved in two ways."""

import shutil
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image

from desktop_client.labelling.duplicates import DuplicatesFound, find_duplicates
from desktop_client.labelling.importing import ImportFinished, import_folder
from desktop_client.labelling.store import LabelStore
from tests.imaging.dicom.conftest import dataset_of
from tests.imaging.test_fingerprint import scene


def found_in(store_path: Path, folder: Path) -> DuplicatesFound:
    list(import_folder(store_path, folder, labels_from_folders=False))
    *_, found = find_duplicates(store_path)
    assert isinstance(found, DuplicatesFound)
    return found


def names(found: DuplicatesFound) -> list[tuple[str, str]]:
    return [(pair.first.path.name, pair.second.path.name) for pair in found.look_alikes]


def test_copies_of_a_file_are_told_with_all_their_places(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    Image.fromarray(scene(1)).save(folder / "a.png")
    shutil.copy(folder / "a.png", folder / "sub" / "b.png")
    Image.fromarray(scene(1)).save(folder / "c.tif")  # other bytes, the same pixels
    (copies,) = found_in(store_path, folder).copies
    assert [path.name for path in copies.paths] == ["a.png", "c.tif", "b.png"]


def test_a_copy_that_was_deleted_is_no_copy_any_more(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(scene(1)).save(folder / "a.png")
    shutil.copy(folder / "a.png", folder / "b.png")
    assert len(found_in(store_path, folder).copies) == 1
    (folder / "b.png").unlink()
    assert found_in(store_path, folder).copies == ()


def test_a_smaller_compressed_picture_is_a_look_alike(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(4):
        Image.fromarray(scene(seed)).save(folder / f"{seed}.png")
    Image.fromarray(scene(2)).resize((130, 100)).save(folder / "small.jpg", quality=75)
    assert names(found_in(store_path, folder)) == [("2.png", "small.jpg")]


def test_an_import_tells_how_many_new_images_look_like_others(
    store_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(3):
        Image.fromarray(scene(seed)).save(folder / f"{seed}.png")
    *_, first = import_folder(store_path, folder, labels_from_folders=False)
    Image.fromarray(scene(2)).resize((130, 100)).save(folder / "small.jpg", quality=75)
    *_, second = import_folder(store_path, folder, labels_from_folders=False)
    assert first == ImportFinished(3, 0, 0, 0)
    assert second == ImportFinished(1, 0, 3, 0, look_alike_count=1)


def test_slices_of_a_series_are_no_look_alikes(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number, series in enumerate(["1.2.1", "1.2.1", "1.2.2"]):
        header = dataset_of(
            scene(1) // 2 + number, SeriesInstanceUID=series, SOPInstanceUID=f"{series}.{number}"
        )
        pydicom.dcmwrite(folder / str(number), header)
    assert names(found_in(store_path, folder)) == [("0", "2"), ("1", "2")]


def test_excluded_images_are_not_compared(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(scene(1)).save(folder / "a.png")
    Image.fromarray(scene(1)).resize((130, 100)).save(folder / "b.png")
    assert len(found_in(store_path, folder).look_alikes) == 1
    with LabelStore(store_path) as store:
        store.exclude([store.samples()[1].sample_id], "the same image twice", "Ada")
    assert found_in(store_path, folder).look_alikes == ()


def test_black_images_are_not_all_alike(store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for value in range(5):
        Image.fromarray(np.full((40, 40), value, np.uint8)).save(folder / f"{value}.png")
    assert found_in(store_path, folder).look_alikes == ()
