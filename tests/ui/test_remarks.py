"""Readers, exclusions and notes, by keys and mouse."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.settings import load_settings
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def filled(window: MainWindow, images: Path, qtbot: QtBot) -> MainWindow:
    """Six images and two classes; the first image is current."""
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Melanoma", "Nevus"])
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    return window


def told_on_disk(home: Home) -> list[tuple[str | None, str]]:
    with LabelStore(home.labels_path) as store:
        samples = sorted(store.samples(), key=lambda sample: sample.path.name)
        return [(sample.exclusion, sample.note) for sample in samples]


def test_whoever_labels_first_is_asked_who_they_are_and_remembered(
    filled: MainWindow, home: Home, answers: Answers
) -> None:
    assert answers.asked == ["reader"]  # when the classes were added
    QTest.keyClicks(filled.images.grid, "12")
    assert answers.asked == ["reader"]
    assert filled.footer._reader.text() == "Reader: Dr. Ada"
    assert load_settings(home.settings_path).reader_name == "Dr. Ada"
    with LabelStore(home.labels_path) as store:
        assert store.readers.names() == ["Dr. Ada"]
        assert [e.kind for e in store.audit.entries()].count("signed_in") == 1


def test_without_a_name_nothing_is_recorded(
    window: MainWindow, images: Path, home: Home, answers: Answers, qtbot: QtBot
) -> None:
    answers.reader_name = None
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Nevus"])
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    assert window.labelling.classes == ()
    assert told_on_disk(home) == [(None, "")] * 6


def test_another_reader_signs_in_at_the_foot_of_the_window(
    filled: MainWindow, home: Home, answers: Answers, click: Click
) -> None:
    QTest.keyClicks(filled.images.grid, "1")
    answers.reader_name = "Dr. Grace"
    click(filled.footer._reader)
    QTest.keyClicks(filled.images.grid, "2")
    with LabelStore(home.labels_path) as store:
        said = [store.history(s.sample_id)[-1].reader for s in store.samples()[:2]]
    assert said == ["Dr. Ada", "Dr. Grace"]


def test_an_installation_with_readers_asks_at_the_start_if_none_is_signed_in(
    open_window: Callable[[], MainWindow], home: Home, answers: Answers
) -> None:
    with LabelStore(home.labels_path) as store:
        store.readers.sign_in("Dr. Grace")
    window = open_window()
    assert answers.asked == ["reader"]
    assert window.footer._reader.text() == "Reader: Dr. Ada"


def test_selected_images_are_excluded_with_a_reason_and_taken_in_again_with_the_same_key(
    filled: MainWindow, home: Home
) -> None:
    QTest.keyClick(filled.images.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(filled, Qt.Key.Key_E, CONTROL)
    assert told_on_disk(home)[:3] == [("blurred", ""), ("blurred", ""), (None, "")]
    assert filled.images.classes._exclusion_words.text() == "Excluded: blurred"
    assert filled.images._progress_words.text() == "0 of 4 labelled"
    QTest.keyClick(filled, Qt.Key.Key_E, CONTROL)
    assert told_on_disk(home) == [(None, "")] * 6
    assert not filled.images.classes._exclusion_words.isVisible()


def test_a_cancelled_reason_excludes_nothing(
    filled: MainWindow, home: Home, answers: Answers
) -> None:
    answers.exclusion_reason = None
    QTest.keyClick(filled, Qt.Key.Key_E, CONTROL)
    assert told_on_disk(home) == [(None, "")] * 6


def test_the_next_unlabelled_image_is_none_that_is_excluded(filled: MainWindow) -> None:
    filled.images.grid.go_to(1)
    QTest.keyClick(filled, Qt.Key.Key_E, CONTROL)
    filled.images.grid.go_to(0)
    QTest.keyClick(filled, Qt.Key.Key_D, CONTROL)
    assert filled.images.grid.currentIndex().row() == 2


def test_a_note_is_kept_shown_and_undone(
    filled: MainWindow, home: Home, answers: Answers, click: Click, button_named: Find
) -> None:
    answers.note = "ask the surgeon"
    click(button_named(filled.images, "Note …"))
    assert told_on_disk(home)[0] == (None, "ask the surgeon")
    assert filled.images.classes._note_words.text() == "Note: ask the surgeon"
    QTest.keyClick(filled, Qt.Key.Key_Z, CONTROL)
    assert told_on_disk(home)[0] == (None, "")
    assert not filled.images.classes._note_words.isVisible()


def test_an_image_says_aloud_that_it_is_excluded_and_what_is_noted(
    filled: MainWindow, answers: Answers
) -> None:
    answers.note = "ask the surgeon"
    QTest.keyClick(filled, Qt.Key.Key_E, CONTROL)
    QTest.keyClick(filled, Qt.Key.Key_M, CONTROL)
    index = filled.images.grid.currentIndex()
    told = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "000_red.png, not labelled, excluded: blurred\nask the surgeon"


def test_each_class_has_its_count_and_share(filled: MainWindow) -> None:
    QTest.keyClicks(filled.images.grid, "1112")
    melanoma, nevus = filled.images.classes._rows
    assert (melanoma._count.text(), nevus._count.text()) == ("3", "1")
    assert (melanoma._bar.value(), melanoma._bar.maximum()) == (3, 4)
