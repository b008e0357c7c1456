import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.class_panel import ClassRow
from desktop_client.gui.views.dialogs import FolderNames
from desktop_client.gui.views.sight_bar import UNLABELLED
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.ui.conftest import Answers, write_images

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]


@pytest.fixture
def filled(
    window: MainWindow,
    images: Path,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> MainWindow:
    """The window after its person opened the folder and added two classes."""
    answers.folder = images
    click(button_named(window.images, "Open folder …"))
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    for name in ("Melanoma", "Nevus"):
        QTest.keyClicks(window.images.classes._line, name)
        QTest.keyClick(window.images.classes._line, Qt.Key.Key_Return)
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    return window


def press(window: MainWindow, keys: str) -> None:
    """Type on the grid, as a person does who looks at the images."""
    QTest.keyClicks(window.images.grid, keys)


def labels_on_disk(home: Home) -> list[str | None]:
    """Read the labels through a connection of our own: what is seen there is durable."""
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        samples = sorted(store.samples(), key=lambda s: s.path.name)
        return [names[s.class_id] if s.class_id else None for s in samples]


def test_an_empty_installation_invites_to_open_a_folder(window: MainWindow) -> None:
    assert window.images.invitation.isVisible()
    assert not window.images.grid.isVisible()


def test_an_opened_folder_is_shown_and_counted(filled: MainWindow) -> None:
    assert filled.images.grid.isVisible()
    assert filled.images._progress_words.text() == "0 of 6 labelled"
    assert filled.notice.sentence == "Imported 6 images."


def test_thumbnails_come_for_what_is_on_the_screen(filled: MainWindow, qtbot: QtBot) -> None:
    thumbnails = filled.browsing._thumbnails
    ids = [sample.sample_id for sample in filled.samples.samples]
    qtbot.waitUntil(lambda: all(thumbnails.pixmap(i) is not None for i in ids))
    pixmap = thumbnails.pixmap(ids[0])
    assert pixmap is not None
    assert pixmap.toImage().pixelColor(5, 5).red() > pixmap.toImage().pixelColor(5, 5).blue()


def test_the_current_image_is_shown_larger_with_what_is_known_of_it(
    filled: MainWindow, qtbot: QtBot
) -> None:
    preview = filled.images.preview
    assert preview._name.text() == "000_red.png"
    assert preview._size.text() == "48 × 48 px"
    assert preview._label.text() == "not labelled"
    qtbot.waitUntil(lambda: preview.canvas.window_used is not None)


def test_keys_label_and_go_on_and_every_label_is_on_disk_at_once(
    filled: MainWindow, home: Home
) -> None:
    press(filled, "112")
    assert labels_on_disk(home) == ["Melanoma", "Melanoma", "Nevus", None, None, None]
    assert filled.images.grid.currentIndex().row() == 3
    assert filled.images._progress_words.text() == "3 of 6 labelled"


def test_without_auto_advance_the_image_stays_and_its_label_is_shown(filled: MainWindow) -> None:
    QTest.mouseClick(filled.images.classes._auto, Qt.MouseButton.LeftButton)
    press(filled, "2")
    assert filled.images.grid.currentIndex().row() == 0
    assert filled.images.preview._label.text() == "Nevus"


@pytest.mark.parametrize("key", [Qt.Key.Key_0, Qt.Key.Key_Backspace])
def test_zero_and_backspace_take_the_label_away(
    filled: MainWindow, home: Home, key: Qt.Key
) -> None:
    press(filled, "1")
    filled.images.grid.go_to(0)
    QTest.keyClick(filled.images.grid, key)
    assert labels_on_disk(home) == [None] * 6


def test_several_selected_images_are_labelled_with_one_key(filled: MainWindow, home: Home) -> None:
    QTest.keyClick(filled, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(filled, "2")
    assert labels_on_disk(home) == ["Nevus"] * 6


def test_a_click_on_a_class_labels_and_leaves_the_keys_with_the_grid(
    filled: MainWindow, home: Home, click: Click, button_named: Find
) -> None:
    click(button_named(filled.images, "Label the selected images as Nevus"))
    assert labels_on_disk(home)[0] == "Nevus"
    assert filled.images.grid.hasFocus()


def test_undo_and_redo_go_back_to_the_image_they_change(filled: MainWindow, home: Home) -> None:
    press(filled, "12")
    QTest.keyClick(filled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert labels_on_disk(home)[:2] == ["Melanoma", None]
    assert filled.images.grid.currentIndex().row() == 1
    QTest.keyClick(filled, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert labels_on_disk(home)[:2] == ["Melanoma", "Nevus"]


def test_an_undo_that_the_disk_refuses_is_told_and_takes_nothing_back(
    filled: MainWindow, home: Home
) -> None:
    press(filled, "1")
    before = labels_on_disk(home)
    assert filled._store is not None
    filled._store._database.write("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(home.labels_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        for key in (Qt.Key.Key_Z, Qt.Key.Key_Y):
            QTest.keyClick(filled, key, Qt.KeyboardModifier.ControlModifier)
        other.rollback()
    assert "in use by another program" in filled.notice.sentence
    assert labels_on_disk(home) == before


def test_space_goes_on_without_labelling(filled: MainWindow, home: Home) -> None:
    QTest.keyClick(filled.images.grid, Qt.Key.Key_Space)
    assert filled.images.grid.currentIndex().row() == 1
    assert labels_on_disk(home) == [None] * 6


def test_next_unlabelled_skips_what_has_a_label_and_begins_again_at_the_top(
    filled: MainWindow,
) -> None:
    filled.images.grid.go_to(3)
    press(filled, "222")
    assert filled.images.grid.currentIndex().row() == 5
    QTest.keyClick(filled, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert filled.images.grid.currentIndex().row() == 0


def test_when_all_is_labelled_the_next_unlabelled_says_so(filled: MainWindow) -> None:
    press(filled, "111222")
    QTest.keyClick(filled, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert filled.notice.sentence == "Every image shown here is labelled."


def test_a_key_without_a_class_says_so_and_changes_nothing(filled: MainWindow, home: Home) -> None:
    press(filled, "7")
    assert "No class has the key 7" in filled.notice.sentence
    assert labels_on_disk(home) == [None] * 6


def test_the_note_about_a_key_goes_when_labelling_goes_on(filled: MainWindow) -> None:
    press(filled, "7")
    assert filled.notice.isVisible()
    press(filled, "1")
    assert not filled.notice.isVisible()


def test_after_filtering_keys_still_mean_the_image_at_the_side(
    filled: MainWindow, home: Home
) -> None:
    press(filled, "111")
    filled.images.grid.go_to(2)  # the filter takes it away, and Qt makes the next one current
    choose_filter(filled, UNLABELLED)
    assert [s.path.name for s in filled.images.grid.selected_samples()] == ["003_blue.png"]
    press(filled, "2")
    assert labels_on_disk(home) == ["Melanoma"] * 3 + ["Nevus"] + [None] * 2


def test_under_the_filter_for_unlabelled_each_labelled_image_makes_room_for_the_next(
    filled: MainWindow, home: Home
) -> None:
    choose_filter(filled, UNLABELLED)
    press(filled, "111")
    assert labels_on_disk(home) == ["Melanoma"] * 3 + [None] * 3
    assert filled.images.grid.model().rowCount() == 3
    assert filled.images.preview._name.text() == "003_blue.png"
    press(filled, "222")
    assert filled.images._nothing.isVisible()


def test_images_can_be_shown_by_class(filled: MainWindow) -> None:
    press(filled, "1222")
    choose_filter(filled, filled.labelling.classes[1].class_id)
    assert filled.images.grid.model().rowCount() == 3


def test_a_class_of_the_same_name_is_refused_beside_the_field(filled: MainWindow) -> None:
    QTest.keyClicks(filled.images.classes._line, "nevus")
    QTest.keyClick(filled.images.classes._line, Qt.Key.Key_Return)
    assert "already" in filled.images.classes._problem.text()
    assert len(filled.labelling.classes) == 2


def test_digits_typed_into_a_name_label_nothing(filled: MainWindow, home: Home) -> None:
    QTest.keyClicks(filled.images.classes._line, "grade 1")
    assert filled.images.classes._line.text() == "grade 1"
    assert labels_on_disk(home) == [None] * 6


def test_files_that_cannot_be_read_are_listed_with_the_reason_and_can_be_copied(
    window: MainWindow, images: Path, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    (images / "torn.png").write_bytes((images / "000_red.png").read_bytes()[:200])
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.images.skipped.isVisible())
    assert window.samples.rowCount() == 6
    assert "1 file was skipped" in window.images.skipped._fold.text()
    click(button_named(window.images, "Copy list"))
    copied = QGuiApplication.clipboard().text()
    assert "torn.png" in copied
    assert "damaged or cut off" in copied


def test_subfolders_become_labels_only_if_the_person_says_so(
    window: MainWindow, tmp_path: Path, answers: Answers, home: Home, qtbot: QtBot
) -> None:
    for name in ("melanoma", "nevus"):
        write_images(tmp_path / "sorted" / name, ("red" if name == "nevus" else "blue",))
    answers.folder_names = FolderNames.LABELS
    window.importing.open_folder(tmp_path / "sorted")
    qtbot.waitUntil(lambda: window.images._progress_words.text() == "2 of 2 labelled")
    assert answers.asked == ["melanoma, nevus"]
    assert sorted(str(label) for label in labels_on_disk(home)) == ["melanoma", "nevus"]


def test_a_cancelled_question_imports_nothing(
    window: MainWindow, tmp_path: Path, answers: Answers, qtbot: QtBot
) -> None:
    write_images(tmp_path / "sorted" / "nevus", ("red",))
    answers.folder_names = FolderNames.CANCELLED
    window.importing.open_folder(tmp_path / "sorted")
    qtbot.waitUntil(lambda: bool(answers.asked))
    qtbot.waitUntil(lambda: not window.importing.is_running)
    assert window.samples.rowCount() == 0
    assert not window.images.import_bar.isVisible()


def test_a_missing_folder_is_named_in_a_sentence(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.importing.open_folder(tmp_path / "gone")
    qtbot.waitUntil(lambda: "gone" in window.notice.sentence)
    assert not window.importing.is_running
    assert not window.images.import_bar.isVisible()


def test_a_folder_without_images_says_so(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "empty").mkdir()
    window.importing.open_folder(tmp_path / "empty")
    qtbot.waitUntil(lambda: window.notice.sentence == "There are no images in this folder.")
    assert window.images.invitation.isVisible()


def test_a_table_labels_the_images_it_lists(
    window: MainWindow, images: Path, answers: Answers, home: Home, qtbot: QtBot
) -> None:
    answers.table = images / "labels.csv"
    answers.table.write_text(
        "file,lesion,domain\n000_red.png,nevus,Scope A\n003_blue.png,,Scope B\n"
    )
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.images._progress_words.text() == "1 of 2 labelled")
    assert labels_on_disk(home) == ["nevus", None]
    assert window.images.preview._scanner.text() == "Scope A"


def test_a_table_with_unknown_columns_is_refused_in_a_sentence(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("picture,diagnosis\na.png,nevus\n")
    window.importing.import_table(table)
    qtbot.waitUntil(lambda: window.notice.sentence.startswith("Note: "))
    assert "file" in window.notice.sentence
    assert window.samples.rowCount() == 0


def test_a_dropped_folder_is_opened(window: MainWindow, images: Path, qtbot: QtBot) -> None:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(images))])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        content,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.images.dropEvent(event)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6)


def test_a_cancelled_import_keeps_what_it_had(
    window: MainWindow,
    home: Home,
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    write_images(tmp_path / "many", ("red",) * 150)
    window.importing.open_folder(tmp_path / "many")
    click(button_named(window.images.import_bar, "Cancel the import"))
    qtbot.waitUntil(lambda: not window.importing.is_running)
    assert window.notice.sentence.startswith("The import was cancelled")
    assert window.samples.rowCount() < 150
    assert len(labels_on_disk(home)) == window.samples.rowCount()


def test_opening_another_folder_leaves_the_person_at_the_same_image(
    filled: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    filled.images.grid.go_to(4)
    write_images(tmp_path / "more", ("blue",) * 3, size_px=40)
    filled.importing.open_folder(tmp_path / "more")
    qtbot.waitUntil(lambda: filled.samples.rowCount() == 9 and not filled.importing.is_running)
    assert filled.images.preview._name.text() == "004_blue.png"


def choose_filter(window: MainWindow, chosen: object) -> None:
    box = window.images.sight._filter
    box.setCurrentIndex(box.findData(chosen))


@pytest.fixture
def german_window(
    filled: MainWindow, open_window: Callable[[], MainWindow]
) -> Iterator[MainWindow]:
    """The filled window, opened again in the language with the longer words."""
    filled.close()
    use_language("de")
    yield open_window()
    use_language("en")


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_smallest_window_cuts_no_word_off_beside_the_images(german_window: MainWindow) -> None:
    german_window.resize(german_window.minimumSize())
    QApplication.processEvents()
    assert german_window.images.preview._scanner.text() == "Unbenannter Scanner"
    side = german_window.images.split.widget(1)
    assert side is not None
    buttons = [b for b in side.findChildren(QAbstractButton) if not b.visibleRegion().isEmpty()]
    assert "Vorschlagen …" in [b.text() for b in buttons]
    for button in buttons:
        assert button.width() >= button.minimumSizeHint().width(), button.text()
        seen = button.visibleRegion().boundingRect()
        assert seen == button.rect(), f"{button.text()} is cut off"


@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform, of any resized window
def test_a_low_window_gives_the_room_of_the_picture_to_the_classes(filled: MainWindow) -> None:
    assert filled.images.preview.canvas.isVisible()
    for number in range(3):
        QTest.keyClicks(filled.images.classes._line, f"Class {number}")
        QTest.keyClick(filled.images.classes._line, Qt.Key.Key_Return)
    filled.resize(filled.minimumSize())
    QApplication.processEvents()
    assert not filled.images.preview.canvas.isVisible()
    rows = filled.images.classes.findChildren(ClassRow)
    assert len(rows) == 5
    assert all(row.visibleRegion().boundingRect() == row.rect() for row in rows)
