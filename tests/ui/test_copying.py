"""De-identified copies by mouse and keys: asked, looked at, copied, listed."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views import export_window
from desktop_client.gui.views.area_canvas import AreaCanvas
from desktop_client.gui.views.export_dialogs import ExportCopiesDialog
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.review_dialog import ReviewDialog
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.labelling import copying
from desktop_client.labelling.originals import Original, open_original
from desktop_client.labelling.sample import Sample
from tests.ui.conftest import Answers

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]


def write_screen(path: Path) -> None:
    """Write a picture with a name in its upper left corner."""
    picture = Image.new("L", (600, 400))
    font = ImageFont.load_default(16)
    ImageDraw.Draw(picture).text((20, 10), "Canary, Ada 3.2.1951", fill=255, font=font)
    picture.save(path)


@pytest.fixture
def opened(window: MainWindow, images: Path, qtbot: QtBot) -> MainWindow:
    """The window with six images and a screen capture that names a patient."""
    write_screen(images / "screen.png")
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 7 and not window.importing.is_running)
    return window


@pytest.fixture
def begin(
    opened: MainWindow, answers: Answers, tmp_path: Path, click: Click, button_named: Find
) -> Callable[[], None]:
    """Ask for copies of all images in a new folder."""

    def ask() -> None:
        answers.new_folder = tmp_path / "out"
        opened.menus.actions["export_copies"].trigger()
        (dialog,) = opened.findChildren(ExportCopiesDialog)
        click(button_named(dialog, "Choose folder …"))

    return ask


def review_of(window: MainWindow, qtbot: QtBot) -> ReviewDialog:
    """Wait until the first picture is there."""

    def is_there() -> bool:
        found = window.findChildren(ReviewDialog)
        return bool(found) and found[0]._canvas._image is not None

    qtbot.waitUntil(is_there)
    return window.findChildren(ReviewDialog)[0]


def outcome(window: MainWindow, qtbot: QtBot) -> ExportWindow:
    def is_over() -> bool:
        found = window.findChildren(ExportWindow)
        return bool(found) and found[-1].isVisible() and not found[-1].is_running

    qtbot.waitUntil(is_over)
    return window.findChildren(ExportWindow)[-1]


def test_the_suspicious_image_is_shown_and_what_is_confirmed_is_black(
    opened: MainWindow,
    begin: Callable[[], None],
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    begin()
    review = review_of(opened, qtbot)
    assert "writing at its edge" in review._reason.text()
    assert review._list.count() == 1
    click(button_named(review, "Black out and go on"))
    done = outcome(opened, qtbot)
    assert done.sentence == "Exported 7 files, with manifest.csv and README.txt."
    copies = list((tmp_path / "out").glob("*.png"))
    assert len(copies) == 7
    assert sum(decode_image(path)[0].pixels.max() == 0 for path in copies) == 1


def test_an_image_can_be_left_out_and_is_listed(
    opened: MainWindow,
    begin: Callable[[], None],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    begin()
    click(button_named(review_of(opened, qtbot), "Leave this image out"))
    done = outcome(opened, qtbot)
    assert done.sentence.startswith("Exported 6 files")
    assert done.left_out.startswith("screen.png\tnobody looked")


def test_a_cancelled_review_writes_nothing(
    opened: MainWindow, begin: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    begin()
    QTest.keyClick(review_of(opened, qtbot), Qt.Key.Key_Escape)
    assert outcome(opened, qtbot).sentence == "The export was cancelled; nothing was written."
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancelled_export_says_that_its_copies_are_whole(
    opened: MainWindow,
    begin: Callable[[], None],
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_slowly(path: Path, samples: Sequence[Sample]) -> Original:
        time.sleep(0.05)
        return open_original(path, samples)

    monkeypatch.setattr(copying, "open_original", open_slowly)
    monkeypatch.setattr(export_window, "PATIENCE_MS", 0)
    begin()
    click(button_named(review_of(opened, qtbot), "Leave this image out"))
    qtbot.waitUntil(lambda: bool(list((tmp_path / "out").glob("*.png"))))
    (progress,) = opened.findChildren(ExportWindow)
    QTest.keyClick(progress, Qt.Key.Key_Escape)
    done = outcome(opened, qtbot)
    assert "is whole and listed in manifest.csv" in done.sentence
    listed = (tmp_path / "out" / "manifest.csv").read_text().splitlines()[1:]
    assert 0 < len(listed) == len(list((tmp_path / "out").glob("*.png"))) < 6


def test_a_folder_in_use_is_refused_before_anybody_looks(
    opened: MainWindow, begin: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    begin()
    assert "is not empty" in outcome(opened, qtbot).sentence


@pytest.fixture
def canvas(qtbot: QtBot) -> AreaCanvas:
    """A canvas that shows an image of 400 × 200 pixels at its size."""
    from desktop_client.gui.models.pictures import to_qimage
    from desktop_client.gui.palette import LIGHT

    widget = AreaCanvas()
    qtbot.addWidget(widget)
    widget.setMinimumSize(400, 200)
    widget.resize(400, 200)
    widget.set_palette(LIGHT)
    widget.show_image(to_qimage(np.zeros((200, 400), dtype=np.uint8)))
    widget.show()
    return widget


def drag(canvas: AreaCanvas, start: tuple[int, int], end: tuple[int, int]) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    QTest.mouseMove(canvas, QPoint(*end))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*end))


def test_the_mouse_draws_moves_and_resizes(canvas: AreaCanvas) -> None:
    drag(canvas, (50, 40), (150, 90))
    assert canvas.areas == (Area(50, 40, 100, 50),)
    drag(canvas, (100, 60), (120, 70))
    assert canvas.areas == (Area(70, 50, 100, 50),)
    drag(canvas, (170, 100), (200, 120))
    assert canvas.areas == (Area(70, 50, 130, 70),)


def test_an_area_drawn_over_the_edge_ends_there_and_a_click_draws_none(canvas: AreaCanvas) -> None:
    drag(canvas, (350, 150), (500, 300))
    assert canvas.areas == (Area(350, 150, 50, 50),)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert len(canvas.areas) == 1


def test_keys_alone_add_move_resize_and_remove(canvas: AreaCanvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_A)
    (added,) = canvas.areas
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.areas == (
        Area(added.left_px + 1, added.top_px + 10, added.width_px + 1, added.height_px),
    )
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(canvas.areas) == 0


def test_an_area_larger_than_the_screen_pixel_is_kept_in_image_pixels(canvas: AreaCanvas) -> None:
    canvas.resize(800, 400)  # twice as large on the screen
    drag(canvas, (100, 100), (300, 200))
    assert canvas.areas == (Area(50, 50, 100, 50),)
