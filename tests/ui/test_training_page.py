import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from coordinator.protocol import LesionMetrics
from desktop_client.gui.main_window import IMAGES, TRAINING, MainWindow
from desktop_client.gui.models.curves import TrainingCurves
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.curve_canvas import CountAxis
from desktop_client.gui.views.doctor_sheet import DoctorSheet
from desktop_client.gui.views.training_page import BESIDE_BAR_PX, SIDE_WIDTH_PX
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings, load_settings
from desktop_client.training.course import Course
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    StepFinished,
    TrainingFinished,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.findings import ExaminationFinished
from desktop_client.training.quality import is_judged
from desktop_client.training.request import TrainingRequest
from desktop_client.training.run_file import RunCard, run_path_of, save_run
from tests.scenes import new_site
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CHILD_MS = 120_000
"""A spawned process imports torch first; on a busy machine that takes a while."""


@pytest.fixture
def labelled(tmp_path: Path, open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window of a site with eight labelled images of each of two classes."""
    new_site(tmp_path, {"dot": 8, "ring": 8})
    window = open_window()
    window.show_page(TRAINING)
    return window


def step(number: int, total: int = 40) -> StepFinished:
    return StepFinished(number, total, 0.5, 1.0, 1.0, 0.8, 0.6, 0.5, 0.25, 0.1)


def test_without_images_the_page_says_what_to_do_first(
    window: MainWindow, click: Click, button_named: Find
) -> None:
    window.show_page(TRAINING)
    assert "Open a folder of images first" in window.training._need.text()
    assert not button_named(window.training, "Start training").isEnabled()
    click(button_named(window.training, "Go to the images"))
    assert window.pages.currentIndex() == IMAGES


def test_no_tick_lies_between_two_steps() -> None:
    axis = CountAxis("bottom")
    assert axis.tickSpacing(35.5, 36.5, 400) == [(1.0, 0.0)]  # one round so far
    assert min(spacing for spacing, _ in axis.tickSpacing(0.9, 3.1, 400)) == 1
    assert max(spacing for spacing, _ in axis.tickSpacing(0, 680, 400)) > 1


@pytest.mark.parametrize(
    ("counts", "need"),
    [
        ({"dot": 1, "ring": 1}, "Label at least 2 images of each of 2 classes before training."),
        ({"dot": 2, "ring": 1}, "a second class; so far only dot has enough."),
        ({"dot": 2, "ring": 2}, ""),
    ],
)
def test_the_page_says_what_is_missing(
    counts: dict[str, int],
    need: str,
    tmp_path: Path,
    open_window: Callable[[], MainWindow],
) -> None:
    new_site(tmp_path, counts)
    window = open_window()
    assert window.training._need.text().endswith(need)
    assert window.training._start.isEnabled() == (need == "")


def test_a_training_runs_to_its_end_and_leaves_a_model(
    labelled: MainWindow, home: Home, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    labelled.training.settings.epochs.setValue(2)
    click(button_named(labelled.training, "Start training"))
    qtbot.waitUntil(lambda: not labelled.own_training.is_running, timeout=CHILD_MS)
    assert labelled.training._status.text() == "Training is finished; the model is saved."
    assert len(list(home.checkpoints_path.glob("own-*.safetensors"))) == 1
    assert labelled.own_training._curves.held_out_accuracy.xs == [1, 2]
    assert "held out right" in labelled.training._result.text()
    assert button_named(labelled.training, "Start training").isEnabled()


def test_a_stopped_training_ends_its_process_and_keeps_the_model_of_its_last_pass(
    labelled: MainWindow, home: Home, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    labelled.training.settings.epochs.setValue(1000)
    click(button_named(labelled.training, "Start training"))
    held_out = labelled.own_training._curves.held_out_accuracy
    qtbot.waitUntil(lambda: bool(held_out.xs), timeout=CHILD_MS)
    click(button_named(labelled.training, "Stop training"))
    qtbot.waitUntil(lambda: not labelled.own_training.is_running, timeout=10_000)
    assert "the model as it was then is saved" in labelled.training._status.text()
    (path,) = home.checkpoints_path.glob("own-*.safetensors")
    assert is_judged(path)
    assert button_named(labelled.training, "How good is it?").isEnabled()
    assert labelled.workers.running_count == 0


def test_a_paused_training_goes_on_by_key_and_draws_its_curves_again(
    labelled: MainWindow, home: Home, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    page, controller = labelled.training, labelled.own_training
    page.settings.epochs.setValue(1000)
    click(button_named(page, "Start training"))
    assert not button_named(page, "Pause training").isEnabled()  # there is nothing to save yet
    qtbot.waitUntil(lambda: bool(controller._curves.held_out_accuracy.xs), timeout=CHILD_MS)
    button_named(page, "Pause training").setFocus()
    QTest.keyClick(page._pause, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not controller.is_running, timeout=CHILD_MS)
    assert "Training is paused at step " in page._status.text()
    assert " of 1000 passes are done" in page.offer.words
    before = list(controller._curves.lesion_loss.ys)
    button_named(page, "Resume training").setFocus()
    QTest.keyClick(page.offer._resume, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(controller._curves.lesion_loss.ys) > len(before), timeout=CHILD_MS)
    assert controller._curves.lesion_loss.ys[: len(before)] == before
    assert not page.offer.isVisible()
    click(button_named(page, "Stop training"))
    qtbot.waitUntil(lambda: not controller.is_running, timeout=CHILD_MS)
    assert not page.offer.isVisible()
    assert {p.suffix for p in home.checkpoints_path.iterdir()} == {".safetensors", ".json"}


def test_a_training_whose_process_was_killed_is_offered_now_and_at_the_next_start(
    labelled: MainWindow,
    open_window: Callable[[], MainWindow],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    labelled.training.settings.epochs.setValue(1000)
    click(button_named(labelled.training, "Start training"))
    held_out = labelled.own_training._curves.held_out_accuracy
    qtbot.waitUntil(lambda: bool(held_out.xs), timeout=CHILD_MS)
    (child,) = multiprocessing.active_children()
    child.kill()
    qtbot.waitUntil(lambda: not labelled.own_training.is_running, timeout=CHILD_MS)
    assert "ended unexpectedly" in labelled.training._status.text()
    assert labelled.training.offer.isVisible()
    labelled.close()
    window = open_window()
    window.show_page(TRAINING)
    assert window.training.offer.isVisible()
    assert button_named(window.training, "Resume training").isEnabled()


def test_a_new_training_takes_the_place_of_an_unfinished_one_only_after_asking(
    labelled: MainWindow, home: Home, answers: Answers, click: Click, button_named: Find
) -> None:
    run_path = pause_a_training(home)
    labelled.own_training.resuming.look()
    assert labelled.training.offer.words.startswith("0 of 20 passes are done, step 0 of 200;")
    answers.is_confirmed = False
    click(button_named(labelled.training, "Start a new training"))
    assert answers.asked == ["Discard the unfinished training?"]
    assert not labelled.own_training.is_running
    click(button_named(labelled.training, "Discard this training"))
    assert run_path.exists()
    answers.is_confirmed = True
    click(button_named(labelled.training, "Discard this training"))
    assert not run_path.exists()
    assert button_named(labelled.training, "Start training").isEnabled()


def test_a_damaged_unfinished_training_can_only_be_discarded(
    labelled: MainWindow, home: Home, button_named: Find
) -> None:
    pause_a_training(home).write_bytes(b"torn")
    labelled.own_training.resuming.look()
    assert "is damaged" in labelled.training.offer.words
    assert not labelled.training.offer._resume.isVisible()
    assert button_named(labelled.training, "Discard this training").isEnabled()


def pause_a_training(home: Home) -> Path:
    """Leave an unfinished training in the project, and return its file."""
    request = TrainingRequest(home.labels_path, home.checkpoints_path / "own-1.safetensors")
    card = RunCard(
        request=request,
        classes=(),
        device="cpu",
        thread_count=1,
        course=Course.of(image_count=320, batch_size=32, epoch_count=20),
        target_share=1.0,
        epochs=(),
        warnings=(),
        saved_at=datetime(2026, 11, 27, 14, 5, tzinfo=UTC),
    )
    path = run_path_of(request.checkpoint_path)
    save_run(path, card, {})
    return path


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_images_left_out_are_listed_one_by_one(
    labelled: MainWindow, click: Click, button_named: Find
) -> None:
    controller, page = labelled.own_training, labelled.training
    for name in ("torn.png", "cut.png"):
        controller.on_worker_event_emitted(ImageLeftOut(Path(name), "it is damaged"))
    controller.on_worker_event_emitted(TrainingStarted("CPU, 1 core", 8, 4, 2, 2, 40))
    assert page._left_out.text() == "2 of 14 images could not be read and were left out"
    click(button_named(page, "Show the images left out"))
    (listed,) = page.findChildren(QPlainTextEdit)
    assert listed.toPlainText() == "torn.png: it is damaged\ncut.png: it is damaged"


def test_closing_the_window_asks_first_and_then_ends_the_training(
    labelled: MainWindow, answers: Answers, click: Click, button_named: Find
) -> None:
    labelled.training.settings.epochs.setValue(1000)
    click(button_named(labelled.training, "Start training"))
    answers.is_confirmed = False
    assert not labelled.close()
    assert labelled.own_training.is_running
    answers.is_confirmed = True
    assert labelled.close()
    assert labelled.workers.running_count == 0


def test_a_second_computation_is_refused_in_a_sentence(
    labelled: MainWindow, click: Click, button_named: Find
) -> None:
    labelled.own_training._slot.take("a study")
    click(button_named(labelled.training, "Start training"))
    assert (
        labelled.training._status.text() == "This computer is busy with a study; stop that first."
    )
    assert not labelled.own_training.is_running


def test_events_become_sentences_and_curves(labelled: MainWindow) -> None:
    controller, page = labelled.own_training, labelled.training
    for event in (
        TrainingStarted("CPU, 1 core", 12, 4, 1, 2, 40),
        step(1),
        step(2),
        EpochFinished(1, 20, LesionMetrics(sample_count=4, accuracy=0.75, auc=None)),
        ImageLeftOut(Path("torn.png"), "it is damaged"),
        TrainingWarned("The loss rises."),
    ):
        controller.on_worker_event_emitted(event)
    controller.on_redraw_timeout()
    assert page._status.text() == "Pass 1 of 20 done\nTraining: step 2 of 40"
    assert (
        page._device.text() == "Learning from 12 images of 2 scanners, 4 held out, on CPU, 1 core."
    )
    assert page._result.text() == "75 % of 4 images held out right, AUC undefined"
    assert "The loss rises." in page._warnings.text()
    assert page._left_out.text() == "1 of 17 images could not be read and was left out"
    assert controller._curves.chance == 0.5
    assert controller._curves.held_out_auc.xs == []
    assert page._domain._shown[1] == ("guessing", 0.5)


def test_curves_are_drawn_at_most_once_per_tick_however_many_steps_there_are(
    labelled: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(labelled.training, "show_curves", drawn.append)
    for number in range(1, 101):
        labelled.own_training.on_worker_event_emitted(step(number, 100))
    assert drawn == []
    labelled.own_training.on_redraw_timeout()
    labelled.own_training.on_redraw_timeout()
    assert len(drawn) == 1


def test_the_plots_are_drawn_in_turn_so_that_none_of_them_holds_up_the_window(
    labelled: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, drawn = labelled.training, list[object]()
    page._turns.setInterval(1_000_000)
    for plot in page._plots:
        monkeypatch.setattr(plot, "draw", partial(drawn.append, plot))
    for _ in range(2):
        page.show_curves(TrainingCurves())
    assert drawn == []
    page.on_turns_timeout()
    assert drawn == [page._loss]
    for _ in range(4):
        page.on_turns_timeout()
    assert drawn == list(page._plots)
    assert not page._turns.isActive()


def test_the_saved_model_is_named(labelled: MainWindow) -> None:
    metrics = LesionMetrics(sample_count=4, accuracy=1, auc=1)
    labelled.own_training.on_worker_event_emitted(
        TrainingFinished(Path("own-1.safetensors"), metrics)
    )
    labelled.own_training.on_worker_succeeded()
    assert labelled.training._result.text() == "100 % of 4 images held out right, AUC 1.00"


def test_a_weight_of_zero_switches_the_adversary_off(labelled: MainWindow) -> None:
    labelled.training.settings.weight.setValue(0)
    assert labelled.training.settings.method().second == "off"
    labelled.training.settings.weight.setValue(0.3)
    assert labelled.training.settings.method().second == "literal"
    assert labelled.training.settings.method().adversarial_weight == 0.3


# Settings


def test_every_setting_is_kept_for_the_next_start_and_can_be_reset(
    window: MainWindow, home: Home, click: Click, button_named: Find
) -> None:
    settings = window.training.settings
    window.show_page(TRAINING)
    click(button_named(settings, "Advanced settings"))
    settings.weight.setValue(0.35)
    settings.batch.setValue(8)
    settings.variation.setFocus()
    QTest.keyClick(settings.variation, Qt.Key.Key_Down)
    settings.seed.setValue(5)
    for words in ("Mixed precision", "Repeatable to the bit", "All graphics cards"):
        button_named(settings, words).setFocus()
        QTest.keyClick(button_named(settings, words), Qt.Key.Key_Space)
    kept = load_settings(home.settings_path)
    assert (kept.adversarial_weight, kept.batch_size, kept.seed) == (0.35, 8, 5)
    assert kept.is_mixed_precision
    assert kept.augmentation == "mild"
    assert kept.is_deterministic
    assert kept.uses_all_cards
    request = window.own_training._request()
    assert request.is_mixed_precision
    assert request.method.augmentation == "mild"
    assert request.is_deterministic
    assert request.rank_count == 0
    click(button_named(settings, "Back to the defaults"))
    assert load_settings(home.settings_path).batch_size == ClientSettings().batch_size
    assert not settings.repeatable.isChecked()


@pytest.mark.parametrize("language", ["en", "de"])
def test_unfolded_the_settings_fit_their_column(language: str, home: Home, qtbot: QtBot) -> None:
    use_language(language)
    window = MainWindow(home, ClientSettings())
    use_language("en")
    qtbot.addWidget(window)
    settings = window.training.settings
    settings.on_fold_toggled(is_open=True)
    scroll_bar_px = 12
    room_px = SIDE_WIDTH_PX - BESIDE_BAR_PX - scroll_bar_px
    assert settings.minimumSizeHint().width() <= room_px


def test_a_network_is_chosen_by_key_and_begins_from_a_file_if_one_is_chosen(
    window: MainWindow, home: Home, answers: Answers, click: Click, button_named: Find
) -> None:
    network = window.training.settings.network
    window.show_page(TRAINING)
    click(button_named(window.training, "Advanced settings"))
    assert network.extractor.currentText() == "Small and quick"
    assert not network._choose.isVisible()
    network.extractor.setFocus()
    QTest.keyClicks(network.extractor, "ResNet-3")
    assert network.extractor.currentText() == "ResNet-34"
    assert "about 10 times as long" in network.extractor.accessibleDescription()
    click(button_named(network, "Choose a weights file"))  # and then Cancel
    assert window.own_training._request().model.weights == "own"
    answers.weights_file = Path("/stick/resnet34.pth")
    click(button_named(network, "Choose a weights file"))
    assert network._file.text() == "resnet34.pth"
    request = window.own_training._request()
    assert (request.model.extractor, request.model.weights) == ("resnet34", "file")
    assert request.weights_path == answers.weights_file
    kept = load_settings(home.settings_path)
    assert (kept.extractor, kept.weights_path) == ("resnet34", answers.weights_file)
    network.show_values("small_cnn", None)
    window.training.settings.show_values(kept)
    assert network.weights_path == answers.weights_file


def test_the_file_of_one_network_is_not_kept_for_another(
    window: MainWindow, click: Click, button_named: Find
) -> None:
    network = window.training.settings.network
    window.show_page(TRAINING)
    click(button_named(window.training, "Advanced settings"))
    network.show_values("resnet18", Path("resnet18.pth"))
    click(button_named(network, "Begin from random numbers"))
    assert network.weights_path is None
    network.show_weights(Path("resnet18.pth"))
    network.extractor.setCurrentText("EfficientNet-Lite0")
    assert network.weights_path is None
    assert "come with SiteBlind" in network.extractor.accessibleDescription()
    assert not network._choose.isVisible()


# The doctor


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_this_computer_is_examined_in_words_that_can_be_copied(
    window: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    window.show_page(TRAINING)
    click(button_named(window.training, "Check this computer"))
    (sheet,) = window.training.findChildren(DoctorSheet)
    assert window.own_training._slot.holder == "a look at this computer"
    qtbot.waitUntil(lambda: sheet.state == "That is all.", timeout=CHILD_MS)
    click(button_named(sheet, "Copy all of it for your IT department"))
    said = QGuiApplication.clipboard().text()
    assert said.startswith("• Note: Device. Training uses ")
    assert "A training step of 32 images takes " in said
    assert "typically ten times as fast" in window.training._banner.text()
    qtbot.waitUntil(lambda: window.own_training._slot.holder is None, timeout=CHILD_MS)
    sheet.reject()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_closing_the_sheet_ends_the_examination(
    window: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    window.show_page(TRAINING)
    click(button_named(window.training, "Check this computer"))
    (sheet,) = window.training.findChildren(DoctorSheet)
    sheet.reject()
    qtbot.waitUntil(lambda: window.workers.running_count == 0, timeout=CHILD_MS)
    assert window.own_training._slot.holder is None


def test_a_training_on_the_processor_is_told_and_how_much_faster_the_card_was_here(
    labelled: MainWindow,
) -> None:
    doctor, page = labelled.own_training._doctor, labelled.training
    labelled.own_training.on_worker_event_emitted(TrainingStarted("RTX", 8, 4, 0, 2, 40, "cuda"))
    assert not page._banner.isVisible()
    doctor.on_worker_event_emitted(ExaminationFinished("cpu", gain=12.34))
    assert page._banner.text().endswith("was 12.3 times as fast when it was tried.")
