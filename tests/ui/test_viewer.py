"""The viewer, used by mouse and keys as clinicians are used to."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home

Open = Callable[[Path], MainWindow]


@pytest.fixture
def open_folder(window: MainWindow, qtbot: QtBot) -> Open:
    """Open a folder, add two classes and go to its first image."""

    def open_it(folder: Path) -> MainWindow:
        window.importing.open_folder(folder)
        qtbot.waitUntil(lambda: window.samples.rowCount() > 0 and not window.importing.is_running)
        window.labelling.add_classes(["Melanoma", "Nevus"])
        window.images.grid.setFocus()
        window.images.grid.go_to(0)
        return window

    return open_it


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Three grey ramps of 16 bit, 400 x 300, from 0 to 4000, 5000 and 6000."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, top in enumerate((4000, 5000, 6000)):
        ramp = np.linspace(0, top, 400).astype(np.uint16)[None, :].repeat(300, axis=0)
        Image.fromarray(ramp).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def viewing(open_folder: Open, scans: Path, qtbot: QtBot) -> MainWindow:
    """The first scan, opened large with the Return key."""
    window = open_folder(scans)
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    wait_for_picture(window, qtbot)
    return window


def wait_for_picture(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: canvas_of(window).window_used is not None)


def canvas_of(window: MainWindow) -> ImageCanvas:
    return window.images.viewer.canvas


def press(window: MainWindow, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(canvas_of(window), key)


def picture_of(window: MainWindow) -> QImage:
    return canvas_of(window).grab().toImage()


def drag(canvas: ImageCanvas, button: Qt.MouseButton, by: tuple[int, int]) -> None:
    start = canvas.rect().center()
    QTest.mousePress(canvas, button, pos=start)
    QTest.mouseMove(canvas, start + QPoint(*by))
    QTest.mouseRelease(canvas, button, pos=start + QPoint(*by))


def turn_wheel(
    canvas: ImageCanvas,
    notches: int,
    at: QPoint | None = None,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place = QPointF(at if at is not None else canvas.rect().center())
    event = QWheelEvent(
        place,
        canvas.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def grey_at(canvas: ImageCanvas, share: float) -> int:
    """The grey on the screen, so far from the left edge of a fitted image of 4:3 to its right."""
    picture = canvas.grab().toImage()
    width = min(picture.width(), round(picture.height() * 4 / 3))
    left = (picture.width() - width) // 2
    return picture.pixelColor(left + int(share * (width - 1)), picture.height() // 2).red()


def shown_name(page: ImagesPage) -> str:
    return page.viewer._name.text()


def labels_on_disk(home: Home) -> list[str | None]:
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        return [names[s.class_id] if s.class_id else None for s in store.samples()]


def test_return_opens_an_image_large_and_escape_goes_back_to_all(viewing: MainWindow) -> None:
    assert canvas_of(viewing).isVisible()
    assert not viewing.images.grid.isVisible()
    assert shown_name(viewing.images) == "0.png"
    press(viewing, Qt.Key.Key_Escape)
    assert viewing.images.grid.isVisible()
    assert viewing.images.grid.hasFocus()


def test_a_name_that_is_too_long_keeps_its_beginning_and_end(
    open_folder: Open, scans: Path
) -> None:
    (scans / "0.png").rename(scans / f"0_{'fragmented_' * 12}left.png")
    window = open_folder(scans)
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    QApplication.processEvents()
    seen = window.images.viewer._name.seen_words
    assert (seen[:6], "…" in seen, seen[-8:]) == ("0_frag", True, "left.png")


def test_a_double_click_on_a_thumbnail_opens_it_large(
    open_folder: Open, scans: Path, qtbot: QtBot
) -> None:
    window = open_folder(scans)
    grid = window.images.grid
    place = grid.visualRect(grid.model().index(1, 0)).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wait_for_picture(window, qtbot)
    assert shown_name(window.images) == "1.png"


def test_labels_given_in_the_viewer_are_durable_and_lead_to_the_next_image(
    viewing: MainWindow, home: Home
) -> None:
    press(viewing, Qt.Key.Key_1, Qt.Key.Key_2)
    assert labels_on_disk(home) == ["Melanoma", "Nevus", None]
    assert shown_name(viewing.images) == "2.png"
    press(viewing, Qt.Key.Key_Left, Qt.Key.Key_0)
    assert labels_on_disk(home) == ["Melanoma", None, None]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Down])
def test_space_and_arrows_lead_on(viewing: MainWindow, key: Qt.Key) -> None:
    press(viewing, key)
    assert shown_name(viewing.images) == "1.png"


def test_the_next_image_is_decoded_before_it_is_asked_for(
    viewing: MainWindow, qtbot: QtBot
) -> None:
    following = viewing.samples.samples[1]
    qtbot.waitUntil(lambda: viewing.viewing._images.has(following))
    press(viewing, Qt.Key.Key_Space)
    assert canvas_of(viewing).window_used is not None  # at once, not after a wait


def test_dragging_left_changes_window_and_level_and_a_double_click_resets_them(
    viewing: MainWindow,
) -> None:
    canvas = canvas_of(viewing)
    first = canvas.window_used
    assert first is not None
    drag(canvas, Qt.MouseButton.LeftButton, (-100, 0))  # a quarter of the range, 1000 values
    narrower = canvas.window_used
    assert narrower is not None
    assert narrower.width == pytest.approx(first.width - 1000)
    assert narrower.centre == first.centre
    drag(canvas, Qt.MouseButton.LeftButton, (0, 40))
    assert canvas.window_used is not None
    assert canvas.window_used.centre == pytest.approx(first.centre + 400)
    assert viewing.images.viewer.status.words.startswith("W ")
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    assert canvas.window_used == first


def test_the_window_decides_what_is_black_and_white_on_the_screen(viewing: MainWindow) -> None:
    canvas = canvas_of(viewing)
    assert grey_at(canvas, 0.02) < 15
    assert grey_at(canvas, 0.5) == pytest.approx(128, abs=5)
    assert grey_at(canvas, 0.98) > 240
    press(viewing, Qt.Key.Key_I)
    assert grey_at(canvas, 0.02) > 240
    assert "inverted" in viewing.images.viewer.status.words


def test_the_wheel_enlarges_what_is_under_the_mouse_and_equals_fits_again(
    viewing: MainWindow,
) -> None:
    canvas = canvas_of(viewing)
    fitted = canvas.zoom
    turn_wheel(canvas, 3)
    assert canvas.zoom == pytest.approx(fitted * 1.2**3)
    press(viewing, Qt.Key.Key_Equal)
    assert canvas.zoom == fitted
    press(viewing, Qt.Key.Key_O)
    assert canvas.zoom == 1
    assert viewing.images.viewer.status.words.endswith("100 %")


def test_dragging_with_the_middle_button_moves_the_image(viewing: MainWindow) -> None:
    canvas = canvas_of(viewing)
    before = canvas.grab().toImage().pixelColor(canvas.rect().center()).red()
    drag(canvas, Qt.MouseButton.MiddleButton, (-80, 0))  # what was at the right comes here
    after = canvas.grab().toImage().pixelColor(canvas.rect().center()).red()
    assert after > before + 10


def test_the_value_under_the_mouse_is_told(viewing: MainWindow) -> None:
    canvas = canvas_of(viewing)
    QTest.mouseMove(canvas, canvas.rect().center())
    value, _, place = viewing.images.viewer.status._value.text().partition("  ")
    assert place == "(199, 149)"
    assert int(value) == pytest.approx(1995, abs=1)  # pixel 199 of 0 to 399, 4000 at the last
    QTest.mouseMove(canvas, QPoint(1, 1))
    assert viewing.images.viewer.status._value.text() == ""


def test_a_preset_stays_in_use_from_image_to_image(viewing: MainWindow, qtbot: QtBot) -> None:
    box = viewing.images.viewer._presets
    box.setCurrentIndex(box.findText("Full range"))
    box.activated.emit(box.currentIndex())
    press(viewing, Qt.Key.Key_Space)
    wait_for_picture(viewing, qtbot)
    used = canvas_of(viewing).window_used
    assert used is not None
    assert (used.name, used.width) == ("Full range", 5001)


def test_the_pane_beside_the_grid_shows_the_same_and_obeys_the_same_mouse(
    open_folder: Open, scans: Path, qtbot: QtBot
) -> None:
    window = open_folder(scans)
    canvas = window.images.preview.canvas
    qtbot.waitUntil(lambda: canvas.window_used is not None)
    drag(canvas, Qt.MouseButton.LeftButton, (40, 0))
    dragged = canvas.window_used
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    assert canvas_of(window).window_used == dragged


@pytest.fixture
def stack(open_folder: Open, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A file of four frames and one of a single frame; the first frame is shown large."""
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = np.stack([np.full((30, 40), shade, dtype=np.uint8) for shade in (10, 90, 170, 250)])
    tifffile.imwrite(folder / "a.tif", frames, photometric="minisblack")
    Image.fromarray(frames[0] + 1).save(folder / "b.png")
    window = open_folder(folder)
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    wait_for_picture(window, qtbot)
    return window


def test_of_several_frames_the_wheel_goes_to_the_next_and_with_control_enlarges(
    stack: MainWindow, qtbot: QtBot
) -> None:
    canvas = canvas_of(stack)
    turn_wheel(canvas, -2)
    assert stack.images.grid.currentIndex().row() == 2
    # Its thumbnail, which comes first, looks the same.
    qtbot.waitUntil(lambda: canvas.window_used is not None and grey_at(canvas, 0.5) == 170)
    before = canvas.zoom
    turn_wheel(canvas, 1, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert canvas.zoom > before
    turn_wheel(canvas, 9)  # the wheel ends at the first frame
    assert stack.images.grid.currentIndex().row() == 0


def test_each_frame_can_be_labelled_on_its_own(stack: MainWindow, home: Home) -> None:
    press(stack, Qt.Key.Key_1, Qt.Key.Key_2)
    assert labels_on_disk(home) == ["Melanoma", "Nevus", None, None, None]


def test_all_frames_are_labelled_together_if_the_person_says_so(
    stack: MainWindow, home: Home
) -> None:
    whole = stack.images.viewer._whole
    assert whole.text() == "Label all 4 frames"
    QTest.mouseClick(whole, Qt.MouseButton.LeftButton, pos=QPoint(10, whole.height() // 2))
    press(stack, Qt.Key.Key_2)
    assert labels_on_disk(home) == ["Nevus"] * 4 + [None]
    assert shown_name(stack.images) == "b.png"
    QTest.keyClick(stack, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # one step of undo
    assert labels_on_disk(home) == [None] * 5


@pytest.fixture
def ct_slice(open_folder: Open, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A slice of computed tomography of an invented patient, shown large."""
    folder = tmp_path / "ct"
    folder.mkdir()
    write_ct_slice(folder / "slice.dcm")
    window = open_folder(folder)
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    wait_for_picture(window, qtbot)
    return window


def write_ct_slice(path: Path) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.PatientID = "Invented^Ida", "4711"
    dataset.Modality, dataset.Manufacturer = "CT", "Example Devices"
    dataset.Rows, dataset.Columns = 64, 64
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = -1024, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = 60, 500
    dataset.PixelData = np.full((64, 64), 1064, dtype="<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)


def metadata_rows(window: MainWindow) -> dict[str, str]:
    tree = window.images.metadata.tree
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return {item.text(0): item.text(1) for item in items if item is not None}


def test_a_slice_is_shown_through_its_own_window_and_ct_presets_are_offered(
    ct_slice: MainWindow,
) -> None:
    used = canvas_of(ct_slice).window_used
    assert used is not None
    assert (used.centre, used.width) == (60, 500)
    box = ct_slice.images.viewer._presets
    offered = [box.itemText(row) for row in range(box.count())]
    assert "CT lung" in offered
    QTest.mouseMove(canvas_of(ct_slice), canvas_of(ct_slice).rect().center())
    assert ct_slice.images.viewer.status._value.text().startswith("40 HU")


def test_who_the_patient_is_stays_hidden_until_somebody_asks(
    ct_slice: MainWindow, qtbot: QtBot
) -> None:
    press(ct_slice, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: bool(metadata_rows(ct_slice)))
    assert "Example Devices" in metadata_rows(ct_slice).values()
    assert not {"4711", "Invented^Ida"} & set(metadata_rows(ct_slice).values())
    ask = ct_slice.images.metadata._ask
    assert ask.text().startswith("Show what is about the patient")
    QTest.mouseClick(ask, Qt.MouseButton.LeftButton)
    assert "4711" in metadata_rows(ct_slice).values()
    QTest.mouseClick(ask, Qt.MouseButton.LeftButton)
    assert "4711" not in metadata_rows(ct_slice).values()


@pytest.mark.parametrize("is_readable", [True, False])
def test_whoever_comes_back_from_an_image_that_is_not_there_sees_the_picture_again(
    open_folder: Open, tmp_path: Path, is_readable: bool, qtbot: QtBot
) -> None:
    for number in range(8):  # the last is no neighbour of the first, and so not decoded ahead
        Image.new("L", (40, 30), 30 * number).save(tmp_path / f"{number}.png")
    window = open_folder(tmp_path)
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    wait_for_picture(window, qtbot)
    first, before = window.images.grid.current_sample(), picture_of(window)
    told: list[Sample | None] = []
    window.viewing.shown_changed.connect(told.append)
    if not is_readable:
        (tmp_path / "7.png").unlink()
    window.images.grid.go_to(7)
    if not is_readable:
        qtbot.waitUntil(lambda: len(told) == 2)  # it is loading, and then it cannot be shown
    window.images.grid.go_to(0)
    assert picture_of(window) == before
    assert told == [None] * len(told[:-1]) + [first]
