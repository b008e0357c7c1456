"""Opening, finding again and comparing images, as a person does it."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.models.sample_model import Role
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.imaging.dicom.conftest import dataset_of
from tests.imaging.test_fingerprint import scene
from tests.ui.conftest import Answers, write_images

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]


def drop(window: MainWindow, *paths: Path) -> None:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.images.dropEvent(
        QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            content,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def choose(window: MainWindow, command_id: str) -> None:
    window.menus.actions[command_id].trigger()


def write_series(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        header = dataset_of(
            scene(number),
            SeriesInstanceUID="1.2.3",
            SOPInstanceUID=f"1.2.3.{number}",
            Manufacturer="ACME",
        )
        pydicom.dcmwrite(folder / f"IM{number}", header)


def test_several_folders_and_files_are_dropped_together(
    window: MainWindow, images: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    write_series(tmp_path / "series", 3)
    drop(window, tmp_path / "series", images / "000_red.png", images / "003_blue.png")
    qtbot.waitUntil(lambda: window.notice.sentence == "Imported 5 images.")
    qtbot.waitUntil(lambda: window.samples.rowCount() == 5)  # they are shown in batches


def test_single_files_are_opened_from_the_menu(
    window: MainWindow, images: Path, answers: Answers, qtbot: QtBot
) -> None:
    answers.files = [images / "001_red.png"]
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_O, keys)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 1)


def test_dropped_files_that_are_no_images_are_listed_with_the_reason(
    window: MainWindow, images: Path, tmp_path: Path, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    drop(window, images / "000_red.png", tmp_path / "report.pdf")
    qtbot.waitUntil(window.images.skipped.isVisible)
    click(button_named(window.images.skipped, "Copy list"))
    assert "it is a PDF; DICOM, PNG, JPEG and TIFF can be opened" in (
        QGuiApplication.clipboard().text()
    )


def test_the_list_of_skipped_files_is_saved_as_a_table(
    window: MainWindow,
    tmp_path: Path,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    write_images(tmp_path / "one", ("red",))
    (tmp_path / "report, final.pdf").write_bytes(b"%PDF-1.7")
    drop(window, tmp_path / "one", tmp_path / "report, final.pdf")
    qtbot.waitUntil(window.images.skipped.isVisible)
    answers.skipped_list = tmp_path / "skipped.csv"
    click(button_named(window.images.skipped, "Save list …"))
    assert window.notice.sentence == "The list was saved as skipped.csv."
    with answers.skipped_list.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == str(tmp_path / "report, final.pdf")
    assert row["reason"] == "it is a PDF; DICOM, PNG, JPEG and TIFF can be opened"
    answers.skipped_list = tmp_path / "no such folder" / "skipped.csv"
    click(button_named(window.images.skipped, "Save list …"))
    assert "cannot be written" in window.notice.sentence


def test_a_dicom_file_names_its_scanner(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    write_series(tmp_path / "series", 1)
    window.importing.open_folder(tmp_path / "series")
    qtbot.waitUntil(lambda: window.images.preview._scanner.text() == "ACME")


def test_a_whole_series_is_selected_and_labelled_at_once(
    window: MainWindow, images: Path, tmp_path: Path, home: Home, qtbot: QtBot
) -> None:
    write_series(tmp_path / "series", 3)
    with LabelStore(home.labels_path) as store:
        store.add_class("nevus")
    window.labelling.reload()
    drop(window, images / "000_red.png", tmp_path / "series")
    qtbot.waitUntil(lambda: window.notice.sentence == "Imported 4 images.")
    qtbot.waitUntil(lambda: window.images.grid.model().rowCount() == 4)
    window.images.grid.go_to(2)
    choose(window, "select_series")
    assert window.notice.sentence == "The series is selected: 3 images."
    QTest.keyClick(window.images.grid, Qt.Key.Key_1)
    with LabelStore(home.labels_path) as store:
        assert [s.path.name for s in store.samples() if s.class_id] == ["IM0", "IM1", "IM2"]


# Moved files


@pytest.fixture
def moved(open_window: Callable[[], MainWindow], images: Path, home: Home, qtbot: QtBot) -> Path:
    """Import a folder, close the program and rename the folder; return where it is now."""
    window = open_window()
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.close()
    return images.rename(images.with_name("archive"))


def test_missing_files_are_told_at_the_start_and_found_again(
    moved: Path, open_window: Callable[[], MainWindow], answers: Answers, home: Home, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: "6 image files are missing." in window.notice.sentence)
    tile = window.samples.index(0).data(Role.TILE)
    assert tile.is_missing
    assert "its file is missing" in window.samples.index(0).data(Qt.ItemDataRole.ToolTipRole)
    answers.search_folder = moved.parent
    choose(window, "find_moved")
    qtbot.waitUntil(
        lambda: window.notice.sentence == "Found 6 images again; none is missing any more."
    )
    with LabelStore(home.labels_path) as store:
        assert {sample.path.parent for sample in store.samples()} == {moved}
    qtbot.waitUntil(lambda: not window.images.search_bar.isVisible())


def test_only_images_whose_file_is_missing_are_shown_until_they_are_found(
    window: MainWindow, images: Path, answers: Answers, qtbot: QtBot
) -> None:
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.notice.sentence == "Imported 6 images.")
    chooser = window.images.sight._filter
    assert chooser.findText("file missing") < 0
    archive = images.with_name("archive")
    archive.mkdir()
    (images / "004_blue.png").rename(archive / "004_blue.png")
    window.filing.relinking.check()
    qtbot.waitUntil(lambda: chooser.findText("file missing") > 0)
    QTest.keyClicks(chooser, "file")
    assert [s.path.name for s in window.images.grid.selected_samples()] == ["004_blue.png"]
    assert window.images.grid.model().rowCount() == 1
    answers.search_folder = archive
    choose(window, "find_moved")
    qtbot.waitUntil(lambda: window.images.grid.model().rowCount() == 6)
    assert chooser.currentText() == "all"


def test_nothing_is_asked_while_all_files_are_there(
    window: MainWindow, images: Path, answers: Answers, qtbot: QtBot
) -> None:
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.notice.sentence == "Imported 6 images.")
    choose(window, "find_moved")
    qtbot.waitUntil(lambda: window.notice.sentence == "All files are where they were.")
    assert "where" not in answers.asked


# Duplicates


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_duplicates_are_listed_with_their_pictures_and_selected_in_the_grid(
    window: MainWindow,
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(3):
        Image.fromarray(scene(seed)).save(folder / f"{seed}.png")
    Image.fromarray(scene(1)).resize((130, 100)).save(folder / "small.jpg")
    shutil.copy(folder / "0.png", folder / "copy.png")
    window.importing.open_folder(folder)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 4 and not window.importing.is_running)
    choose(window, "find_duplicates")
    qtbot.waitUntil(lambda: window.filing.duplicates.dialog is not None)
    dialog = window.filing.duplicates.dialog
    assert dialog is not None
    table = dialog.table
    cells = [[table.item(row, column) for column in range(3)] for row in range(2)]
    listed = [[cell.text() for cell in row if cell is not None] for row in cells]
    assert listed == [
        ["images/0.png", "images/copy.png", "Same pixels"],
        ["images/1.png", "images/small.jpg", "Look alike"],
    ]
    qtbot.waitUntil(
        lambda: not any(cell.icon().isNull() for row in cells for cell in row[:2] if cell)
    )
    table.selectRow(1)
    click(button_named(dialog, "Select in the grid"))
    names = [sample.path.name for sample in window.images.grid.selected_samples()]
    assert names == ["1.png", "small.jpg"]


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_one_of_two_that_look_alike_is_excluded_from_the_list(
    window: MainWindow, tmp_path: Path, home: Home, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(2):
        Image.fromarray(scene(seed)).save(folder / f"{seed}.png")
    Image.fromarray(scene(1)).resize((130, 100)).save(folder / "small.jpg")
    shutil.copy(folder / "0.png", folder / "copy.png")
    window.importing.open_folder(folder)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 3 and not window.importing.is_running)
    choose(window, "find_duplicates")
    qtbot.waitUntil(lambda: window.filing.duplicates.dialog is not None)
    dialog = window.filing.duplicates.dialog
    assert dialog is not None
    assert not dialog._exclude.isEnabled()  # files of the same pixels are one image
    dialog.table.selectAll()
    click(button_named(dialog, "Exclude the other file"))
    told = dialog.table.item(1, 2)
    assert told is not None
    assert told.text() == "Look alike; the other is excluded"
    assert not dialog._exclude.isEnabled()
    with LabelStore(home.labels_path) as store:
        excluded = {s.path.name: s.exclusion for s in store.samples() if s.exclusion}
    assert excluded == {"small.jpg": "duplicate"}
    click(button_named(dialog, "Close"))


def test_without_duplicates_no_list_opens(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    write_images(tmp_path / "one", ("red",))
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "one" / "black.png")
    window.importing.open_folder(tmp_path / "one")
    qtbot.waitUntil(lambda: window.samples.rowCount() == 2 and not window.importing.is_running)
    choose(window, "find_duplicates")
    qtbot.waitUntil(lambda: window.notice.sentence == "No image is here twice.")
