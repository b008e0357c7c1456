import re
from importlib import resources

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop_client.gui.help import HOW_IT_WORKS, PAGES, page_text, picture_colours
from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.gui.palette import LIGHT, PALETTES, Palette
from desktop_client.gui.views.help_window import SMALLEST_SIZE, HelpWindow
from desktop_client.paths import Home
from desktop_client.settings import load_settings
from tests.ui.conftest import AnsweringDialogs, Answers

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")
"""Both said by Qt's offscreen platform alone."""

PICTURE = (resources.files("resources") / "help" / "how-it-works.svg").read_text(encoding="utf-8")
SMALLEST_LETTERS_PX = 11

themes = pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))


def press_f1(window: MainWindow) -> HelpWindow:
    QTest.keyClick(window, Qt.Key.Key_F1)
    (found,) = window.findChildren(HelpWindow)
    return found


def open_how_it_works(window: MainWindow) -> HelpWindow:
    window.menus.actions["how_it_works"].trigger()
    (found,) = window.findChildren(HelpWindow)
    return found


def seen(sheet: HelpWindow) -> QImage:
    """The page as it is on the screen, the picture in its middle."""
    text = sheet.page.toPlainText()
    cursor = sheet.page.textCursor()
    cursor.setPosition(text.index("\N{OBJECT REPLACEMENT CHARACTER}"))
    bar = sheet.page.verticalScrollBar()
    bar.setValue(bar.value() + sheet.page.cursorRect(cursor).top())
    QApplication.processEvents()
    return sheet.page.viewport().grab().toImage()


def pixel_count(image: QImage, colour: str) -> int:
    wanted = QColor(colour).rgb()
    return sum(
        image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height())
    )


def test_f1_shows_help_beside_the_program_which_can_still_be_used(window: MainWindow) -> None:
    sheet = press_f1(window)
    assert sheet.isVisible()
    assert sheet.windowTitle() == "Help"
    assert not sheet.isModal()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentIndex() == 1


@pytest.mark.parametrize(
    ("page", "title"), [(IMAGES, "Labelling and keys"), (TRAINING, "Training"), (STUDY, "Joining")]
)
def test_f1_opens_the_page_about_what_is_on_the_screen(
    window: MainWindow, page: int, title: str
) -> None:
    window.show_page(page)
    assert press_f1(window).page.toPlainText().startswith(title)


def test_pages_are_found_by_their_words_and_chosen_from_the_list(window: MainWindow) -> None:
    sheet = press_f1(window)
    assert sheet.index.count() == len(PAGES)
    QTest.keyClicks(sheet.search, "network DRIVE")
    assert [sheet.index.item(row).text() for row in range(sheet.index.count())] == [
        "Projects and back-ups"
    ]
    assert sheet.page.textCursor().selectedText() == "network"
    sheet.search.clear()
    QTest.keyClick(sheet.index, Qt.Key.Key_Home)
    assert sheet.page.toPlainText().startswith("First steps")


def test_what_no_page_says_is_said(window: MainWindow) -> None:
    sheet = press_f1(window)
    QTest.keyClicks(sheet.search, "xylophone")
    assert sheet.index.count() == 0
    assert sheet._none.isVisible()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_has_a_title_and_is_short(name: str, language: str) -> None:
    page = page_text(name, language)
    assert page.startswith("# ")
    assert len(page.split()) < 600


def test_f1_again_shows_the_same_window_and_no_second_one(window: MainWindow) -> None:
    assert open_how_it_works(window) is open_how_it_works(window)


def test_the_help_menu_leads_to_help_keys_log_and_about(window: MainWindow) -> None:
    last_menu = window.menuBar().actions()[-1].menu()
    titles = {action.text() for action in last_menu.actions()}  # type: ignore[attr-defined]  # QObject in PySide's stubs
    assert titles >= {"&Help on this page", "How it &works", "&Keys", "View &log"}


def test_escape_closes_help_and_nothing_else(window: MainWindow) -> None:
    sheet = open_how_it_works(window)
    QTest.keyClick(sheet.page, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert window.isVisible()


def test_the_close_button_closes_help(window: MainWindow) -> None:
    sheet = open_how_it_works(window)
    (close,) = sheet.findChildren(QPushButton)
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()


def test_quitting_the_program_closes_help(window: MainWindow) -> None:
    sheet = open_how_it_works(window)
    window.close()
    assert not sheet.isVisible()


def test_the_page_says_what_leaves_the_hospital_what_was_measured_and_what_it_is_not_for(
    window: MainWindow,
) -> None:
    words = open_how_it_works(window).page.toPlainText()
    for heading in ("The problem", "What leaves the hospital", "What was measured"):
        assert heading in words.splitlines()
    assert "Research use only. Not for diagnostic use." in words


def test_the_page_is_one_that_people_read_to_its_end() -> None:
    read = re.sub(r"!\[.+?\]\(.+?\)", "", page_text(HOW_IT_WORKS))
    assert len(re.findall(r"[\w'-]*\w", read)) <= 480


def test_the_page_scrolls_with_the_keyboard(window: MainWindow) -> None:
    sheet = open_how_it_works(window)
    QTest.keyClick(sheet.page, Qt.Key.Key_PageDown)
    assert sheet.page.verticalScrollBar().value() > 0


@themes
def test_the_picture_is_drawn_in_the_colours_of_the_theme(
    window: MainWindow, palette: Palette
) -> None:
    sheet = open_how_it_works(window)
    window.menus.themes[palette.name].trigger()  # while the page is open
    image = seen(sheet)
    for colour in palette.curves:  # three squares of 12 px for each part, and its edge below
        assert pixel_count(image, colour) > 300, colour
    foreign = {colour for other in PALETTES.values() for colour in other.curves}
    assert not any(pixel_count(image, colour) for colour in foreign - set(palette.curves))


def test_the_picture_can_be_read_in_the_smallest_window_without_scrolling_sideways(
    window: MainWindow, qtbot: QtBot
) -> None:
    sheet = open_how_it_works(window)
    sheet.resize(SMALLEST_SIZE)
    qtbot.waitUntil(lambda: sheet.size() == SMALLEST_SIZE)
    assert sheet.page.horizontalScrollBar().maximum() == 0
    natural_width = float(re.findall(r'viewBox="\S+ \S+ (\S+) \S+"', PICTURE)[0])
    sizes = [float(size) for size in re.findall(r'font-size="(\d+)"', PICTURE)]
    scale = sheet.page.document().textWidth() / natural_width
    assert min(sizes) * scale >= SMALLEST_LETTERS_PX


def test_the_window_is_found_again_in_the_size_it_was_left_in(
    window: MainWindow, home: Home, answers: Answers, qtbot: QtBot
) -> None:
    sheet = open_how_it_works(window)
    sheet.resize(SMALLEST_SIZE.width(), 500)  # the test's screen has no room for more
    QTest.keyClick(sheet.page, Qt.Key.Key_Escape)
    window.close()
    later = MainWindow(home, load_settings(home.settings_path), AnsweringDialogs(answers))
    qtbot.addWidget(later)
    later.show()
    with qtbot.waitActive(later):
        later.activateWindow()
    assert open_how_it_works(later).size() == QSize(SMALLEST_SIZE.width(), 500)


def test_the_picture_has_the_colours_of_the_light_theme_and_no_other() -> None:
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}", PICTURE)) <= set(picture_colours(LIGHT))


@themes
def test_every_colour_of_a_picture_stands_for_one_role_only(palette: Palette) -> None:
    colours = picture_colours(palette)
    assert len(set(colours)) == len(colours)


def test_the_page_shows_a_picture_that_is_there_and_says_what_is_in_it() -> None:
    ((description, file_name),) = re.findall(r"!\[(.+?)\]\((.+?)\)", page_text(HOW_IT_WORKS))
    assert (resources.files("resources") / "help" / file_name).is_file()
    assert "images stay inside" in description
