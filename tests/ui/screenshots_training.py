"""Pictures of a training and of what came of it, as its events would show them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtWidgets import QTabWidget

from coordinator.protocol import LesionMetrics
from desktop_client.gui.main_window import TRAINING, MainWindow
from desktop_client.gui.views.doctor_sheet import DoctorSheet
from desktop_client.gui.views.model_report_dialog import ModelReportDialog
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.paths import Home
from desktop_client.training.course import Course
from desktop_client.training.diagnosis import Driver, Facts, diagnose
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    StepFinished,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.request import TrainingRequest
from desktop_client.training.run_file import RunCard, run_path_of, save_run
from tests.ui.reports import a_report
from tests.ui.screenshots_studies import Photographer

UNFINISHED: Final = "own-1.safetensors"


def photograph_training(window: MainWindow, camera: Photographer, home: Home) -> None:
    """Picture a training before it begins, under way, left and judged."""
    window.show_page(TRAINING)
    camera.take("6-training-ready", window)
    settings = window.training.settings
    settings._fold.setChecked(True)
    settings.network.show_values("resnet34", Path("resnet34-b627a593.pth"))
    camera.take("6b-training-advanced", window)
    settings.network.show_values("small_cnn", None)
    settings._fold.setChecked(False)
    pretend_training(window)
    camera.take("7-training-running", window)
    window.own_training._paused_at = "step 150 of 240"
    window.own_training.on_worker_succeeded()
    leave_a_training(home)
    window.own_training.on_worker_finished()
    camera.take("7b-training-paused", window)
    photograph_doctor(window, camera)
    photograph_results(window, camera)
    window.own_training.resuming.discard(run_path_of(home.checkpoints_path / UNFINISHED))
    window.own_training.resuming.look()


def pretend_training(window: MainWindow) -> None:
    """Show a training as its events would."""
    controller, steps = window.own_training, 240
    generator = np.random.default_rng(2)
    controller._forget_last()
    window.training.show_running(True)
    controller.on_worker_event_emitted(ImageLeftOut(Path("scan_0007.jpg"), "it is cut off"))
    controller.on_worker_event_emitted(TrainingStarted("CPU, 1 of 2 cores", 29, 7, 1, 3, steps))
    for step in range(1, 151):
        fade = float(np.exp(-step / 60))
        noise = float(generator.normal(0, 0.06))
        share = float(np.clip(0.35 + 0.45 * fade + noise, 0, 1))
        event = StepFinished(
            step,
            steps,
            max(0.05, 1.1 * fade + 0.15 + noise),
            1.0,
            1.1,
            1 - fade / 2,
            share,
            float(np.clip(0.15 + 0.8 * fade + noise, 0, 1)),
            share * 0.9,
            0.1,
        )
        controller.on_worker_event_emitted(event)
        if step % 12 == 0:
            right = 0.86 - 0.45 * fade
            metrics = LesionMetrics(sample_count=7, accuracy=right, auc=min(1, right + 0.07))
            controller.on_worker_event_emitted(EpochFinished(step // 12, 20, metrics))
    controller.on_worker_event_emitted(
        TrainingWarned("Few images are held out; the curves jump by chance.")
    )
    controller.on_redraw_timeout()
    window.footer.show_activity("Training: step 150 of 240 · about 2 minutes left")
    window.training.show_progress(150, 240, "about 2 minutes left")


def photograph_results(window: MainWindow, camera: Photographer) -> None:
    """Picture the report on a model: its overview and its curves."""
    reports = [a_report("abcdefgh"), a_report("abcdefgh")]
    dialog = ResultsDialog(window, window.training.colours, reports)
    dialog.show()
    (tabs,) = dialog.findChildren(QTabWidget)
    for number, name in enumerate(("overview", "threshold", "confidence", "mistakes", "earlier")):
        tabs.setCurrentIndex(number)
        camera.take(f"7d-results-{name}", dialog)
    asked = ModelReportDialog(dialog, 2)
    asked.show()
    camera.take("7d-results-save", asked)
    asked.close()
    dialog.close()


def photograph_doctor(window: MainWindow, camera: Photographer) -> None:
    """Picture what is said of a computer whose card lies idle."""
    facts = Facts(
        choice="automatic",
        torch_version="2.14.1+cpu",
        cuda_version=None,
        architectures=(),
        driver=Driver("580.65", "NVIDIA RTX A2000"),
        driver_problem="",
        card=None,
        has_mps=False,
        core_count=8,
        thread_count=7,
    )
    sheet = DoctorSheet(window)
    for finding in diagnose(facts):
        sheet.add(finding)
    sheet.show_state("That is all.")
    sheet.show()
    camera.take("7c-doctor", sheet)
    sheet.close()


def leave_a_training(home: Home) -> None:
    """Leave the file of an unfinished training, as a pause does."""
    request = TrainingRequest(home.labels_path, home.checkpoints_path / UNFINISHED)
    course = Course(384, 20, 32, step=150, image_count=4800, epoch=12)
    card = RunCard(
        request=request,
        classes=(),
        device="cpu",
        thread_count=1,
        course=course,
        target_share=1.0,
        epochs=(),
        warnings=(),
        saved_at=datetime.now(UTC),
    )
    save_run(run_path_of(request.checkpoint_path), card, {})
