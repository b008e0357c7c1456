"""The dialog that says how good the models trained here are, used as a person does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.federation.membership import global_model_path
from desktop_client.gui.main_window import IMAGES, TRAINING, MainWindow
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.model_report_dialog import ModelReportDialog
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.labelling.identity import digest_file
from desktop_client.paths import Home
from desktop_client.training.quality import quality_path_of, save_quality
from tests.scenes import CLASS_IDS, new_site
from tests.ui.conftest import Answers
from tests.ui.reports import a_report

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]

CHILD_MS = 180_000
"""For the compute process to begin and to write, on a machine that is busy."""

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
    model_path = home.checkpoints_path / "own-1.safetensors"
    model_path.write_bytes(b"a model")
    report = a_report(ids)
    record = report.record.model_copy(update={"model_digest": digest_file(model_path)})
    save_quality(quality_path_of(model_path), report.model_copy(update={"record": record}))
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
    assert window.images.is_viewer_open


def test_a_mistake_is_shown_with_where_the_model_that_made_it_looks(
    results: tuple[MainWindow, ResultsDialog], home: Home
) -> None:
    (home.checkpoints_path / "own-2.safetensors").write_bytes(b"a newer model")
    window, dialog = results
    dialog._show_image.click()
    bar = window.images.viewer.heat
    assert bar.isVisible()
    assert bar._model.currentData().path == home.checkpoints_path / "own-1.safetensors"


def test_a_mistake_of_a_model_that_is_gone_is_shown_alone(
    results: tuple[MainWindow, ResultsDialog], home: Home
) -> None:
    (home.checkpoints_path / "own-1.safetensors").unlink()
    window, dialog = results
    dialog._show_image.click()
    assert window.images.is_viewer_open
    assert not window.images.viewer.heat.isVisible()


def outcome(window: MainWindow, qtbot: QtBot) -> ExportWindow:
    def is_over() -> bool:
        found = window.findChildren(ExportWindow)
        return bool(found) and found[-1].isVisible() and not found[-1].is_running

    qtbot.waitUntil(is_over, timeout=CHILD_MS)
    return window.findChildren(ExportWindow)[-1]


def test_a_report_is_saved_without_images_unless_they_are_ticked_and_opened_at_a_click(
    results: tuple[MainWindow, ResultsDialog],
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, dialog = results
    answers.report = tmp_path / "report"
    click(button_named(dialog, "Save report …"))
    (asked,) = dialog.findChildren(ModelReportDialog)
    assert not asked.has_pictures
    assert "is patient data" in " ".join(label.text() for label in asked.findChildren(QLabel))
    click(button_named(asked, "Choose file …"))
    shown = outcome(window, qtbot)
    assert shown.sentence == "report.pdf is written."
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    click(button_named(shown, "Open report.pdf"))
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path / "report.pdf"]


def test_a_web_page_and_pictures_are_chosen_by_keys(
    results: tuple[MainWindow, ResultsDialog], click: Click, button_named: Find
) -> None:
    _, dialog = results
    click(button_named(dialog, "Save report …"))
    (asked,) = dialog.findChildren(ModelReportDialog)
    QTest.keyClick(asked._page, Qt.Key.Key_Space)
    QTest.keyClick(asked._pictures, Qt.Key.Key_Space)
    assert (asked.suffix, asked.has_pictures) == (".html", True)
    QTest.keyClick(asked, Qt.Key.Key_Escape)


def test_a_model_card_is_proposed_beside_the_model_and_a_refusal_is_a_sentence(
    results: tuple[MainWindow, ResultsDialog],
    home: Home,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    window, dialog = results
    click(button_named(dialog, "Save model card …"))
    shown = outcome(window, qtbot)
    assert answers.asked == ["own-1.card.md"]
    assert shown.sentence == "own-1.card.md is written."
    assert "## Intended use" in (home.checkpoints_path / "own-1.card.md").read_text("utf-8")
    shown.accept()
    (home.checkpoints_path / "own-1.safetensors").write_bytes(b"another model")
    qtbot.waitUntil(lambda: not window.own_training.results.reports.is_running)
    click(button_named(dialog, "Save model card …"))
    assert "about another state of own-1.safetensors" in outcome(window, qtbot).sentence


def test_what_cannot_be_exported_for_other_programs_is_told(
    results: tuple[MainWindow, ResultsDialog],
    answers: Answers,
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    window, dialog = results
    answers.onnx = tmp_path / "ours"
    click(button_named(dialog, "Export for other programs …"))
    assert answers.asked == ["own-1.onnx"]
    assert "is no usable SiteBlind model" in outcome(window, qtbot).sentence
    assert not list(tmp_path.glob("ours*"))


@pytest.mark.slow
def test_a_model_is_exported_for_other_programs(
    results: tuple[MainWindow, ResultsDialog],
    answers: Answers,
    home: Home,
    tmp_path: Path,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    window, dialog = results
    model_path = home.checkpoints_path / "own-1.safetensors"
    write_a_model(model_path)
    report = a_report("abcdefgh")
    record = report.record.model_copy(update={"model_digest": digest_file(model_path)})
    save_quality(quality_path_of(model_path), report.model_copy(update={"record": record}))
    answers.onnx = tmp_path / "ours"
    click(button_named(dialog, "Export for other programs …"))
    assert outcome(window, qtbot).sentence.startswith("ours.onnx is written.")
    qtbot.waitUntil(lambda: not window.own_training.results.reports.is_running, timeout=CHILD_MS)
    assert "Its model card lies beside it: ours.card.md" in outcome(window, qtbot).sentence
    assert (tmp_path / "ours.onnx").stat().st_size > 100_000


def write_a_model(path: Path) -> None:
    from desktop_client.training.checkpoint import ModelCard, save_checkpoint
    from desktop_client.training.model import new_model

    contract, design = InputContract(size_px=32), ModelDesign(feature_dim=8)
    classes = tuple(LesionClass(class_id=i, name=name) for name, i in CLASS_IDS.items())
    card = ModelCard(name="ours", classes=classes, input=contract, model=design)
    save_checkpoint(path, new_model(design, contract, 2, seed=0), card)


def test_the_models_of_studies_are_among_them(
    labelled: MainWindow, home: Home, click: Click, button_named: Find
) -> None:
    report = a_report("abcdefgh")
    changes = {"origin": "study", "model_name": "Dots and rings"}
    path = quality_path_of(global_model_path(home, "s1"))
    path.parent.mkdir(parents=True)
    save_quality(
        path,
        report.model_copy(update={"record": report.record.model_copy(update=changes)}),
    )
    labelled.show_page(IMAGES)
    labelled.show_page(TRAINING)
    click(button_named(labelled.training, "How good is it?"))
    (dialog,) = labelled.training.findChildren(ResultsDialog)
    assert dialog._which.currentText().startswith("Study “Dots and rings”, measured 2026-11-27")


def test_a_report_that_is_damaged_is_left_out_and_told(
    labelled: MainWindow, home: Home, click: Click, button_named: Find, expected_warnings: list[Any]
) -> None:
    home.checkpoints_path.mkdir()
    (home.checkpoints_path / "own-1.quality.json").write_text("{")
    labelled.own_training.look()
    click(button_named(labelled.training, "How good is it?"))
    assert labelled.training._status.text() == "There is no report that can be read."
    assert "A report is left out" in expected_warnings[0].getMessage()
