"""What the grid shows, in which order and how large: searched, filtered and sorted by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.side_column import SIDE_WIDTH_PX
from desktop_client.gui.views.sight_bar import (
    AS_IMPORTED,
    BY_CLASS,
    EXCLUDED,
    MISSING,
    NEWEST,
    UNLABELLED,
)
from desktop_client.labelling.filters import Filters, keep_filters
from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.settings import load_settings, save_settings
from tests.ui.conftest import AnsweringDialogs, Answers, write_images

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def filled(
    home: Home, tmp_path: Path, open_window: Callable[[], MainWindow], qtbot: QtBot
) -> MainWindow:
    """Six images of two scanners, the first three labelled."""
    for scanner, colours in (("Alpha", ("red",) * 3), ("Beta", ("blue",) * 3)):
        write_images(tmp_path / scanner, colours, size_px=40 if scanner == "Alpha" else 48)
        for _ in import_folder(
            home.labels_path, tmp_path / scanner, labels_from_folders=False, domain_name=scanner
        ):
            pass
    with LabelStore(home.labels_path) as store:
        classes = [store.add_class(name) for name in ("Nevus", "Melanoma")]
        samples = store.samples()
        for sample, lesion_class in zip(samples, (*classes, classes[0]), strict=False):
            store.label([sample.sample_id], lesion_class.class_id, "Dr. Grey")
    window = open_window()
    window.labelling.reader_name = "Dr. Grey"
    window.images.grid.setFocus()
    qtbot.waitUntil(lambda: len(names(window)) == 6)
    return window


@pytest.fixture
def reopen(home: Home, answers: Answers, qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """Open the window with the settings that the last one left."""
    opened: list[MainWindow] = []

    def open_one() -> MainWindow:
        window = MainWindow(home, load_settings(home.settings_path), AnsweringDialogs(answers))
        opened.append(window)
        window.show()
        window.start()
        return window

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()


def names(window: MainWindow) -> list[str]:
    model = window.images.grid.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def search(window: MainWindow, words: str, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, CONTROL)
    assert window.images.sight.search.hasFocus()
    with qtbot.waitSignal(window.images.sight.search_changed):
        QTest.keyClicks(window.images.sight.search, words)


def choose(window: MainWindow, box_name: str, value: object) -> None:
    box = getattr(window.images.sight, box_name)
    box.setCurrentIndex(box.findData(value))


def _row_of(box: QComboBox, value: object) -> int:
    return [box.itemData(row) for row in range(box.count())].index(value)


def test_the_order_and_the_width_of_the_side_are_there_the_next_time(
    filled: MainWindow, reopen: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    choose(filled, "_order", NEWEST)
    in_order = names(filled)
    handle = filled.images.split.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, middle - QPoint(20, 0))  # a test's screen is narrow
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle)
    width_px = filled.images.split.sizes()[1]
    assert width_px > SIDE_WIDTH_PX
    filled.close()
    window = reopen()
    qtbot.waitUntil(lambda: names(window) == in_order)
    assert window.images.side_width_px == width_px
    window.resize(1400, 800)  # room for any width, whatever font the words above the grid have
    qtbot.waitUntil(lambda: window.images.split.sizes()[1] == width_px)


def test_filters_are_there_the_next_time_and_are_seen_to_be_on(
    filled: MainWindow,
    home: Home,
    reopen: Callable[[], MainWindow],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    sight = filled.images.sight
    assert not sight._clear.isVisible()
    nevus = filled.labelling.classes[0].class_id
    sight._filter.setCurrentIndex(_row_of(sight._filter, nevus))
    sight._scanner.setCurrentIndex(1)
    search(filled, "000", qtbot)
    assert names(filled) == ["000_red.png"]
    filled.close()
    window = reopen()
    qtbot.waitUntil(lambda: names(window) == ["000_red.png", "002_red.png"])
    assert window.images.sight._count.text() == "2 of 6 images"
    assert window.images.sight.search.text() == ""
    click(button_named(window.images, "Clear filters"))
    assert len(names(window)) == 6
    assert not window.images.sight._clear.isVisible()
    window.close()
    assert len(names(reopen())) == 6


def test_a_filter_that_is_not_offered_any_more_is_as_if_none_were_set(
    filled: MainWindow, home: Home, reopen: Callable[[], MainWindow]
) -> None:
    filled.close()
    with LabelStore(home.labels_path) as store:
        keep_filters(store.properties, Filters(label=MISSING, scanner=str(uuid4())))
    window = reopen()
    assert len(names(window)) == 6
    assert not window.images.sight._clear.isVisible()
    window.close()
    with LabelStore(home.labels_path) as store:
        store.properties.put("filters", b"of another version")
    assert len(names(reopen())) == 6


def test_an_order_that_is_not_offered_any_more_is_as_if_none_were_set(
    filled: MainWindow, home: Home, reopen: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    in_order = names(filled)
    filled.close()
    kept = load_settings(home.settings_path)
    save_settings(home.settings_path, kept.model_copy(update={"order": "by the moon"}))
    window = reopen()
    qtbot.waitUntil(lambda: names(window) == in_order)
    assert window.browsing.order == AS_IMPORTED


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("002", ["002_red.png", "002_blue.png"]),
        ("beta", ["000_blue.png", "001_blue.png", "002_blue.png"]),
        ("MELANOMA", ["001_red.png"]),
        ("alpha nevus", ["000_red.png", "002_red.png"]),
    ],
)
def test_images_are_found_by_file_scanner_and_class(
    filled: MainWindow, words: str, found: list[str], qtbot: QtBot
) -> None:
    search(filled, words, qtbot)
    assert names(filled) == found


def test_return_leads_from_the_search_to_the_images_and_escape_shows_all_again(
    filled: MainWindow, qtbot: QtBot
) -> None:
    search(filled, "blue", qtbot)
    QTest.keyClick(filled.images.sight.search, Qt.Key.Key_Return)
    assert filled.images.grid.hasFocus()
    assert not filled.images.is_viewer_open
    QTest.keyClicks(filled.images.grid, "1")
    assert filled.images._progress_words.text() == "4 of 6 labelled"
    QTest.keyClick(filled, Qt.Key.Key_F, CONTROL)
    QTest.keyClick(filled.images.sight.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(filled)) == 6)


def test_search_scanner_and_filter_narrow_each_other(filled: MainWindow, qtbot: QtBot) -> None:
    scanners = {domain.name: domain for domain in filled.samples._domains.values()}
    choose(filled, "_scanner", scanners["Alpha"].domain_id)
    assert names(filled) == ["000_red.png", "001_red.png", "002_red.png"]
    choose(filled, "_filter", filled.labelling.classes[0].class_id)
    assert names(filled) == ["000_red.png", "002_red.png"]
    search(filled, "002", qtbot)
    assert names(filled) == ["002_red.png"]


def test_when_nothing_fits_one_button_shows_all_again(
    filled: MainWindow, button_named: Find, qtbot: QtBot
) -> None:
    choose(filled, "_filter", UNLABELLED)
    search(filled, "melanoma", qtbot)
    assert names(filled) == []
    button = button_named(filled.images, "Show all images")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(names(filled)) == 6)


def test_excluded_images_can_be_shown_alone(filled: MainWindow) -> None:
    with LabelStore(filled.home.labels_path) as store:
        store.exclude([filled.samples.samples[4].sample_id], "blurred", "Dr. Grey")
    filled.labelling.reload()
    choose(filled, "_filter", EXCLUDED)
    assert names(filled) == ["001_blue.png"]


def test_images_are_ordered_by_class_and_stay_in_place_when_one_is_labelled(
    filled: MainWindow,
) -> None:
    choose(filled, "_order", BY_CLASS)
    ordered = ["000_blue.png", "001_blue.png", "002_blue.png"]
    ordered += ["001_red.png", "000_red.png", "002_red.png"]  # none, Melanoma, Nevus
    assert names(filled) == ordered
    filled.images.grid.go_to(0)
    QTest.keyClicks(filled.images.grid, "1")
    assert names(filled) == ordered
    assert filled.images.grid.currentIndex().row() == 1


def test_the_newest_images_come_first_if_wanted(filled: MainWindow) -> None:
    choose(filled, "_order", NEWEST)
    assert names(filled)[0] == "002_blue.png"
    assert names(filled)[-1] == "000_red.png"


def test_keys_make_thumbnails_larger_and_smaller(filled: MainWindow) -> None:
    before = filled.browsing.size_px
    QTest.keyClick(filled, Qt.Key.Key_Plus, CONTROL)
    assert filled.browsing.size_px > before
    QTest.keyClick(filled, Qt.Key.Key_Minus, CONTROL)
    QTest.keyClick(filled, Qt.Key.Key_Minus, CONTROL)
    assert filled.browsing.size_px < before


def test_how_many_images_are_shown_and_selected_is_told(filled: MainWindow) -> None:
    assert filled.images.sight._count.text() == "6 images"
    QTest.keyClick(filled.images.grid, Qt.Key.Key_Home)
    QTest.keyClick(filled.images.grid, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert filled.images.sight._count.text() == "6 of 6 images selected"
