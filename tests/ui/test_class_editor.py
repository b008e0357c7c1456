"""The class editor by keys and mouse; every change is on disk before the list shows it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.class_editor import ClassEditor
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""


@pytest.fixture
def filled(window: MainWindow, images: Path, qtbot: QtBot) -> MainWindow:
    """Two images are Melanoma, one is Nevus; nobody gave Other."""
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Melanoma", "Nevus", "Other"])
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    QTest.keyClicks(window.images.grid, "112")
    return window


@pytest.fixture
def editor(filled: MainWindow, click: Click, button_named: Find, qtbot: QtBot) -> ClassEditor:
    """The editor, opened with the pencil of Nevus."""
    qtbot.waitUntil(lambda: filled.images.classes._rows[1]._edit.isVisible())
    click(button_named(filled.images, "Edit the class Nevus"))
    (editor,) = filled.findChildren(ClassEditor)
    return editor


def on_disk(home: Home) -> list[LesionClass]:
    with LabelStore(home.labels_path) as store:
        return store.class_book.classes()


def labels_on_disk(home: Home) -> list[str | None]:
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.class_book.classes()}
        return [names[s.class_id] if s.class_id else None for s in store.samples()]


def test_a_renamed_class_keeps_its_labels(
    editor: ClassEditor, filled: MainWindow, home: Home
) -> None:
    editor.name.selectAll()
    QTest.keyClicks(editor.name, "Naevus")
    QTest.keyClick(editor.name, Qt.Key.Key_Return)
    assert labels_on_disk(home)[2] == "Naevus"
    assert filled.samples.label_text(filled.samples.samples[2]) == "Naevus"
    assert editor.isVisible()


def test_a_name_that_is_taken_is_refused_beside_the_field(editor: ClassEditor, home: Home) -> None:
    editor.name.selectAll()
    QTest.keyClicks(editor.name, "melanoma")
    QTest.keyClick(editor.name, Qt.Key.Key_Return)
    assert "'Melanoma' already" in editor._problem.text()
    assert editor.name.text() == "Nevus"
    assert [c.name for c in on_disk(home)] == ["Melanoma", "Nevus", "Other"]


def test_key_and_colour_are_chosen_among_the_free_and_the_safe(
    editor: ClassEditor, filled: MainWindow, home: Home
) -> None:
    assert [editor.key.itemText(row) for row in range(editor.key.count())] == [
        "none",
        *"2456789",
    ]
    editor.key.setFocus()
    QTest.keyClick(editor.key, Qt.Key.Key_End)
    editor.key.activated.emit(editor.key.currentIndex())  # as a person's choice from the list
    assert editor.colour.itemText(5) == "vermilion"
    editor.colour.setCurrentIndex(5)
    editor.colour.activated.emit(5)
    assert (on_disk(home)[1].key, on_disk(home)[1].colour) == ("9", "#d55e00")
    editor.close()
    QTest.keyClicks(filled.images.grid, "9")
    assert labels_on_disk(home)[3] == "Nevus"


def test_the_order_changes_and_no_label(
    editor: ClassEditor, filled: MainWindow, home: Home, click: Click, button_named: Find
) -> None:
    before = labels_on_disk(home)
    click(button_named(editor, "Up"))
    assert [c.name for c in on_disk(home)] == ["Nevus", "Melanoma", "Other"]
    assert filled.images.classes._rows[0].lesion_class.name == "Nevus"
    assert labels_on_disk(home) == before


def test_only_a_class_that_no_image_ever_had_can_be_removed(
    editor: ClassEditor, home: Home, click: Click, button_named: Find
) -> None:
    assert not button_named(editor, "Remove").isEnabled()
    editor.list.setFocus()
    QTest.keyClick(editor.list, Qt.Key.Key_Down)
    click(button_named(editor, "Remove"))
    assert [c.name for c in on_disk(home)] == ["Melanoma", "Nevus"]


def test_an_archived_class_is_not_offered_and_its_images_keep_it(
    editor: ClassEditor,
    filled: MainWindow,
    home: Home,
    answers: Answers,
    click: Click,
    button_named: Find,
) -> None:
    answers.is_confirmed = False
    click(button_named(editor, "Archive"))
    assert answers.asked[-1] == "1 image is labelled “Nevus”."
    assert not on_disk(home)[1].is_archived
    answers.is_confirmed = True
    click(button_named(editor, "Archive"))
    assert [c.name for c in filled.labelling.classes] == ["Melanoma", "Other"]
    assert filled.samples.label_text(filled.samples.samples[2]) == "Nevus"
    click(button_named(editor, "Bring back"))
    assert [c.name for c in filled.labelling.classes] == ["Melanoma", "Nevus", "Other"]


def test_a_merged_class_gives_its_labels_to_the_other_after_asking(
    editor: ClassEditor, filled: MainWindow, home: Home, answers: Answers
) -> None:
    editor.merge.setCurrentIndex(1)
    editor.merge.activated.emit(1)
    assert answers.asked[-1] == "Turn every “Nevus” into “Melanoma”?"
    assert labels_on_disk(home)[:3] == ["Melanoma"] * 3
    assert filled.samples.label_text(filled.samples.samples[2]) == "Melanoma"
