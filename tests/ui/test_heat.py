"""Where the model looks, as a reader meets it: over the large image, asked in a real process."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.main_window import TRAINING, MainWindow
from desktop_client.gui.palette import LIGHT
from desktop_client.gui.views.heat_drawing import HeatDrawing
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.imaging.heat import COLOURS
from desktop_client.imaging.image import DecodedImage, Window
from desktop_client.imaging.prepared import PreparedImage
from desktop_client.labelling.importing import import_folder
from desktop_client.paths import Home
from tests.scenes import CLASS_IDS, new_site, write_images

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CHILD_MS = 120_000
"""A spawned process imports torch first; on a busy machine that takes a while."""
HOT = QColor(*(int(part) for part in COLOURS[-1]))


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt nothing yet: it looks somewhere all the same."""
    from desktop_client.training.checkpoint import ModelCard, save_checkpoint
    from desktop_client.training.model import new_model

    contract, design = InputContract(size_px=64), ModelDesign(feature_dim=8)
    classes = tuple(LesionClass(class_id=i, name=name) for name, i in CLASS_IDS.items())
    card = ModelCard(name="Trained at this site", classes=classes, input=contract, model=design)
    path = tmp_path_factory.mktemp("model") / "own-20261127-120000.safetensors"
    save_checkpoint(path, new_model(design, contract, 2, seed=0), card)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Home:
    """A site with a labelled dot and ring, and two images without a label."""
    home = new_site(tmp_path, {"dot": 1, "ring": 1}, seed=1)
    write_images(tmp_path / "more", {"dot": 1, "ring": 1}, seed=2)
    list(import_folder(home.labels_path, tmp_path / "more", labels_from_folders=False))
    return home


@pytest.fixture
def window(site: Home, open_window: Callable[[], MainWindow], qtbot: QtBot) -> MainWindow:
    window = open_window()
    qtbot.waitUntil(lambda: window.images.grid.model().rowCount() == 4)
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    return window


@pytest.fixture
def with_model(site: Home, model_path: Path, window: MainWindow) -> MainWindow:
    site.checkpoints_path.mkdir(exist_ok=True)
    shutil.copy(model_path, site.checkpoints_path)
    return window


def canvas_of(window: MainWindow) -> ImageCanvas:
    return window.images.viewer.canvas


def words_of(window: MainWindow) -> str:
    return window.images.viewer.heat.words


def named(window: MainWindow, kind: type[QWidget], name: str) -> QWidget:
    parts = window.images.viewer.heat.findChildren(kind)
    return next(part for part in parts if part.accessibleName() == name)


def wait_for_map(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: canvas_of(window).heat is not None, timeout=CHILD_MS)


def test_a_map_lies_over_each_large_image_for_the_class_one_chooses(
    with_model: MainWindow, qtbot: QtBot
) -> None:
    window = with_model
    QTest.keyClick(window.images.grid, Qt.Key.Key_H)
    assert canvas_of(window).isVisible()
    wait_for_map(window, qtbot)
    assert words_of(window).startswith("Where the model looks for its answer “")
    first = canvas_of(window).heat
    QTest.keyClick(canvas_of(window), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: canvas_of(window).heat not in (None, first))
    box = named(window, QComboBox, "Class")
    assert isinstance(box, QComboBox)
    assert [box.itemText(row) for row in range(box.count())] == ["its answer", "dot", "ring"]
    other = 1 if "“ring”" in words_of(window) else 2
    box.setCurrentIndex(other)
    box.activated.emit(other)
    qtbot.waitUntil(lambda: "Its answer is" in words_of(window))
    assert f"“{box.itemText(other)}”" in words_of(window).split(".")[0]
    QTest.keyClick(canvas_of(window), Qt.Key.Key_H)
    assert canvas_of(window).heat is None
    assert not window.images.viewer.heat.isVisible()


def test_a_map_tells_the_answer_so_it_is_seen_after_the_own_label(
    with_model: MainWindow, qtbot: QtBot
) -> None:
    with_model.images.grid.go_to(2)
    QTest.keyClick(with_model.images.grid, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: words_of(with_model) != "")
    assert words_of(with_model) == "Where the model looks is shown after your own label."
    assert canvas_of(with_model).heat is None
    with_model.browsing.on_panel_auto_advance_changed(False)
    QTest.keyClick(canvas_of(with_model), Qt.Key.Key_1)
    qtbot.waitUntil(lambda: words_of(with_model) == "Starting the model …")


def test_a_training_goes_first_and_the_map_comes_back(with_model: MainWindow, qtbot: QtBot) -> None:
    window = with_model
    loader = window.explaining._loader
    loader._retry.setInterval(20)
    QTest.keyClick(window.images.grid, Qt.Key.Key_H)
    wait_for_map(window, qtbot)
    slot = loader._slot
    assert slot.holder is None
    assert slot.take("a training")
    qtbot.waitUntil(lambda: loader._worker is None)
    window.explaining.on_bar_class_chosen(1)
    assert "busy with a training; the map comes when that is over" in words_of(window)
    slot.release()
    wait_for_map(window, qtbot)


def test_a_damaged_model_is_named(with_model: MainWindow, site: Home, qtbot: QtBot) -> None:
    (site.checkpoints_path / "own-20261127-130000.safetensors").write_bytes(b"torn")
    QTest.keyClick(with_model.images.grid, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: "no usable SiteBlind model" in words_of(with_model), timeout=CHILD_MS)


def test_without_a_model_the_way_to_one_is_shown(
    window: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    QTest.keyClick(window.images.grid, Qt.Key.Key_Return)
    click(button_named(window, "Where the model looks"))
    assert "There is no model here yet." in words_of(window)
    click(button_named(window, "Go to training"))
    assert window.pages.currentIndex() == TRAINING


def test_whoever_gives_way_leaves_the_slot_to_others() -> None:
    slot, told, holders = ComputeSlot(), [], []
    assert slot.take("where the model looks", lambda: told.append("give way"))
    holders.append(slot.holder)
    assert slot.take("a training")
    holders.append(slot.holder)
    assert (holders, told) == ([None, "a training"], ["give way"])
    assert not slot.take("where the model looks", lambda: told.append("never"))


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    """A white image of 200 x 100 on 400 x 300, its right half hot, without a line around it."""
    canvas = ImageCanvas("test")
    qtbot.addWidget(canvas)
    canvas.set_palette(LIGHT)
    canvas.resize(400, 300)
    canvas.show()
    pixels = np.full((100, 200, 3), 255, dtype=np.uint8)
    canvas.show_image(PreparedImage.of(DecodedImage(pixels)), Window(128, 256))
    heat = np.zeros((32, 64), dtype=np.float32)
    heat[:, 32:] = 1
    canvas.show_heat(HeatDrawing(heat, 1.0))
    return canvas


def seen(canvas: ImageCanvas, x: int, y: int) -> QColor:
    return canvas.grab().toImage().pixelColor(x, y)


def test_the_map_lies_exactly_on_the_image(canvas: ImageCanvas) -> None:
    # Fitted: 400 x 200, from 50 to 250.
    white, around = QColor("white"), QColor(LIGHT.canvas)
    assert [seen(canvas, x, 150) for x in (10, 180, 220, 390)] == [white, white, HOT, HOT]
    assert [seen(canvas, 390, y) for y in (45, 55, 245, 255)] == [around, HOT, HOT, around]


def test_the_map_is_moved_and_enlarged_with_the_image(canvas: ImageCanvas) -> None:
    canvas.show_actual_size()  # 200 x 100 in the middle: from 100 to 300
    assert [seen(canvas, x, 150) for x in (190, 210)] == [QColor("white"), HOT]
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(200, 150))
    QTest.mouseMove(canvas, QPoint(240, 150))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(240, 150))
    assert [seen(canvas, x, 150) for x in (230, 250)] == [QColor("white"), HOT]
    canvas.zoom_by_notches(5)  # 1.2 ** 5 = 2.5 times around x = 200: the half begins at 300
    assert [seen(canvas, x, 150) for x in (285, 315)] == [QColor("white"), HOT]


def test_the_window_changes_the_image_and_not_the_map(canvas: ImageCanvas) -> None:
    canvas.use_window(Window(1000, 10))
    assert [seen(canvas, x, 150) for x in (180, 220)] == [QColor("black"), HOT]


def test_the_next_image_has_no_map_of_the_last_one(canvas: ImageCanvas) -> None:
    pixels = np.full((100, 200, 3), 128, dtype=np.uint8)
    canvas.show_image(PreparedImage.of(DecodedImage(pixels)), Window(128, 256))
    assert seen(canvas, 390, 150) != HOT
    assert canvas.heat is None


def test_the_strength_can_be_turned_down_to_nothing(
    window: MainWindow, canvas: ImageCanvas
) -> None:
    slider = named(window, QSlider, "How strongly the map covers the image")
    assert isinstance(slider, QSlider)
    slider.setValue(0)
    heat = np.ones((2, 2), dtype=np.float32)
    canvas.show_heat(HeatDrawing(heat, window.images.viewer.heat.strength))
    assert seen(canvas, 220, 150) == QColor("white")
