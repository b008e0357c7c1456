"""Labels leave the window as a table, and come back through File > Import CSV."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.export_dialogs import ExportLabelsDialog
from desktop_client.gui.views.export_window import ExportWindow
from tests.ui.conftest import Answers

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]


@pytest.fixture
def labelled(window: MainWindow, images: Path, qtbot: QtBot) -> MainWindow:
    """The window with six images, of which a person labelled two."""
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Melanoma", "Nevus"])
    window.labelling.reader_name = "Dr. Ada"
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    QTest.keyClicks(window.images.grid, "12")
    return window


def ask(window: MainWindow) -> ExportLabelsDialog:
    """Press the key of File > Export labels and return the question."""
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_E, modifiers)
    (dialog,) = window.findChildren(ExportLabelsDialog)
    return dialog


def outcome(window: MainWindow, qtbot: QtBot) -> ExportWindow:
    def is_over() -> bool:
        found = window.findChildren(ExportWindow)
        return bool(found) and found[-1].isVisible() and not found[-1].is_running

    qtbot.waitUntil(is_over)
    return window.findChildren(ExportWindow)[-1]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_all_labels_are_written_and_the_folder_can_be_opened(
    labelled: MainWindow,
    answers: Answers,
    images: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers.new_table = images / "labels"
    click(button_named(ask(labelled), "Choose file …"))
    done = outcome(labelled, qtbot)
    assert done.sentence == "labels.csv holds 6 images, 2 of them labelled."
    assert [row["lesion"] for row in rows(images / "labels.csv")][:3] == ["Melanoma", "Nevus", ""]
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    click(button_named(done, "Open folder"))
    assert [Path(url.toLocalFile()) for url in opened] == [images]


def test_only_the_selected_images_are_written_if_wanted(
    labelled: MainWindow,
    answers: Answers,
    images: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    labelled.images.grid.go_to(1)
    answers.new_table = images / "labels.csv"
    dialog = ask(labelled)
    click(button_named(dialog, "The selected images (1)"))
    click(button_named(dialog, "Choose file …"))
    assert outcome(labelled, qtbot).sentence == "labels.csv holds 1 image, 1 of them labelled."
    assert [row["file"] for row in rows(images / "labels.csv")] == ["001_red.png"]


def test_a_place_that_cannot_be_written_is_told_with_the_remedy(
    labelled: MainWindow,
    answers: Answers,
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    answers.new_table = tmp_path / "no" / "labels.csv"
    click(button_named(ask(labelled), "Choose file …"))
    done = outcome(labelled, qtbot)
    assert "Choose a folder that exists" in done.sentence
    assert not done._open.isVisible()


def test_whoever_chooses_no_file_writes_none(
    labelled: MainWindow, click: Click, button_named: Find
) -> None:
    click(button_named(ask(labelled), "Choose file …"))
    assert labelled.findChildren(ExportWindow) == []


def test_without_images_there_is_nothing_to_export(window: MainWindow) -> None:
    window.menus.actions["export_labels"].trigger()
    assert "There are no images yet" in window.notice.sentence


def test_the_question_can_be_answered_by_keys_alone(
    labelled: MainWindow, answers: Answers, images: Path, qtbot: QtBot
) -> None:
    answers.new_table = images / "labels.csv"
    QTest.keyClick(ask(labelled), Qt.Key.Key_Return)
    done = outcome(labelled, qtbot)
    QTest.keyClick(done, Qt.Key.Key_Escape)
    assert not done.isVisible()
