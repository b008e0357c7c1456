from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings, load_settings
from tests.ui.conftest import Answers

Find = Callable[[QWidget, str], QAbstractButton]
BANNER = "Research use only. Not for diagnostic use."


@pytest.mark.parametrize("page", [IMAGES, TRAINING, STUDY])
def test_what_the_program_is_not_for_is_to_be_seen_on_every_page(
    window: MainWindow, page: int
) -> None:
    window.show_page(page)
    seen = [label for label in window.findChildren(QLabel) if label.text() == BANNER]
    assert any(label.isVisible() for label in seen)


def test_pages_are_reached_by_key_and_by_click(window: MainWindow, button_named: Find) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentIndex() == TRAINING
    QTest.mouseClick(button_named(window, "Page Study"), Qt.MouseButton.LeftButton)
    assert window.pages.currentIndex() == STUDY
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert button_named(window, "Page Images").isChecked()


def test_everything_that_can_have_the_focus_has_a_name_for_screen_readers(
    window: MainWindow,
) -> None:
    for page in (IMAGES, TRAINING, STUDY):
        window.show_page(page)
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.window() is window  # the lists of combo boxes are windows of their own
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not widget.accessibleName()
    ]
    assert nameless == []


@pytest.mark.parametrize("page", [IMAGES, TRAINING, STUDY])
def test_every_page_fits_a_small_screen(window: MainWindow, page: int) -> None:
    window.images.show_progress(1, 1200)
    window.show_page(page)
    hint = window.minimumSizeHint()
    assert hint.width() <= 1024
    assert hint.height() <= 700


sheets = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""


@sheets
def test_a_question_mark_shows_the_keys(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.images, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(QDialog)))
    sheet = window.findChildren(QDialog)[0]
    assert "label the selected images" in [label.text() for label in sheet.findChildren(QLabel)]
    sheet.close()


@sheets
def test_about_names_versions_and_qts_licence(window: MainWindow) -> None:
    window.menus.actions["about"].trigger()
    sheet = window.findChildren(QDialog)[0]
    words = "\n".join(label.text() for label in sheet.findChildren(QLabel))
    assert "GNU Lesser General Public License" in words
    assert "PySide6-Essentials 6.11.2" in words
    sheet.close()


def test_another_theme_is_used_at_once_and_remembered(window: MainWindow, home: Home) -> None:
    window.menus.themes["dark"].trigger()
    dark = window.palette().window().color().lightness()
    window.menus.themes["light"].trigger()
    assert dark < 60 < 200 < window.palette().window().color().lightness()
    assert load_settings(home.settings_path).theme == "light"


def test_what_was_set_by_hand_is_remembered(window: MainWindow, home: Home) -> None:
    window.images.sight._size.setCurrentIndex(2)
    window.training.settings.epochs.setValue(7)
    settings = load_settings(home.settings_path)
    assert (settings.thumbnail_size_px, settings.epoch_count) == (208, 7)


def test_labels_and_window_are_there_again_after_the_program_was_closed(
    open_window: Callable[[], MainWindow], images: Path, home: Home, qtbot: QtBot
) -> None:
    first = open_window()
    first.importing.open_folder(images)
    qtbot.waitUntil(lambda: first.samples.rowCount() == 6 and not first.importing.is_running)
    first.labelling.add_classes(["Nevus"])
    QTest.keyClicks(first.images.grid, "1")
    first.close()
    assert load_settings(home.settings_path).window_geometry
    second = open_window()
    assert second.images._progress_words.text() == "1 of 6 labelled"


def test_the_reader_is_recorded_with_each_label(
    window: MainWindow, images: Path, home: Home, answers: Answers, qtbot: QtBot
) -> None:
    answers.reader_name = "Dr. Grey"
    window.menus.actions["name_reader"].trigger()
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Nevus"])
    QTest.keyClicks(window.images.grid, "1")
    with LabelStore(home.labels_path) as store:
        assert store.history(window.samples.samples[0].sample_id)[-1].reader == "Dr. Grey"


def test_a_damaged_label_store_is_said_in_a_sentence_and_left_as_it_is(
    home: Home,
    open_window: Callable[[], MainWindow],
    answers: Answers,
    expected_warnings: list[object],
) -> None:
    home.labels_path.write_bytes(b"this is no database" * 100)
    window = open_window()
    assert len(answers.asked) == 1
    assert "damaged" in answers.asked[0]
    assert home.labels_path.read_bytes() == b"this is no database" * 100
    assert window.isVisible()
    assert len(expected_warnings) == 1


def test_opening_the_window_changes_no_setting(home: Home, qtbot: QtBot) -> None:
    stored = ClientSettings(
        epoch_count=5,
        order="by class",
        side_width_px=400,
        device="cpu",
        uses_all_cards=True,
        keys={"label_1": ("M",)},
        suggestions_shown_first=True,
        low_confidence_percent=60,
    )
    window = MainWindow(home, stored)
    qtbot.addWidget(window)
    window.start()
    window.close()
    kept = load_settings(home.settings_path)
    assert kept.model_copy(update={"window_geometry": None}) == stored
    assert window.suggesting.device == window.taking_part.device == "cpu"
    assert window.taking_part.rank_count == 0


def test_work_that_ends_behind_a_closed_window_touches_no_store(window: MainWindow) -> None:
    window.close()
    window.importing.stored.emit()
    window.suggesting.on_worker_finished()
    assert window.suggesting._store is None
