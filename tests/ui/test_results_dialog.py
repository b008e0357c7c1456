"""The dialog that says how good the models trained here are, used as a person does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import IMAGES, TRAINING, MainWindow
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.paths import Home
from desktop_client.training.quality import save_quality
from tests.scenes import new_site
from tests.ui.reports import a_report

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def labelled(tmp_path: Path, open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window of a site with four labelled images of each of two classes."""
    new_site(tmp_path, {"dot": 4, "ring": 4})
    window = open_window()
    window.show_page(TRAINING)
    return window


@pytest.fixture
def results(
    labelled: MainWindow, home: Home, click: Click, button_named: Find
) -> tuple[MainWindow, ResultsDialog]:
    """The window, and the dialog on one report and one that is damaged."""
    home.checkpoints_path.mkdir()
    ids = [labelled.samples.at(row).sample_id for row in range(8)]
    save_quality(home.checkpoints_path / "own-1.quality.json", a_report(ids))
    labelled.own_training.look()
    click(button_named(labelled.training, "How good is it?"))
    (dialog,) = labelled.training.findChildren(ResultsDialog)
    return labelled, dialog


def test_results_are_told_for_all_scanners_and_for_each(
    results: tuple[MainWindow, ResultsDialog],
) -> None:
    _, dialog = results
    assert "6 of 8 held-out images of 8 patients are judged right: 75 %" in dialog._summary.text()
    assert "in 55 % of the images; before training 90 %" in dialog._summary.text()
    assert dialog._mistakes.rowCount() == 2
    dialog._scope.setFocus()
    QTest.keyClick(dialog._scope, Qt.Key.Key_Down)
    assert "4 of 4 held-out images" in dialog._summary.text()
    assert dialog._mistakes.rowCount() == 0
    assert not dialog._show_image.isEnabled()


def test_another_wanted_sensitivity_is_another_threshold(
    results: tuple[MainWindow, ResultsDialog],
) -> None:
    _, dialog = results
    # Three of four dots are above every ring but one; the last is below that ring.
    dialog._wanted.setValue(75)
    assert "at least 0.70 were called dot, 75 % of them" in dialog._point.text()
    assert "100 % of all others" in dialog._point.text()
    dialog._wanted.setValue(90)
    assert "at least 0.30 were called dot, 100 % of them" in dialog._point.text()
    assert "75 % of all others" in dialog._point.text()


def test_a_mistake_is_one_click_from_its_image(
    results: tuple[MainWindow, ResultsDialog], qtbot: QtBot
) -> None:
    window, dialog = results
    with qtbot.waitSignal(dialog.image_asked) as asked:
        dialog._show_image.click()
    assert window.pages.currentIndex() == IMAGES
    current = window.images.grid.currentIndex().row()
    assert window.browsing._shown.sample_at(current).sample_id == asked.args[0]


def test_a_report_that_is_damaged_is_left_out_and_told(
    labelled: MainWindow, home: Home, click: Click, button_named: Find, expected_warnings: list[Any]
) -> None:
    home.checkpoints_path.mkdir()
    (home.checkpoints_path / "own-1.quality.json").write_text("{")
    labelled.own_training.look()
    click(button_named(labelled.training, "How good is it?"))
    assert labelled.training._status.text() == "There is no report that can be read."
    assert "A report is left out" in expected_warnings[0].getMessage()
