"""Makes a picture of every page in its typical states, with generated images.

``xvfb-run -a python -m tests.ui.screenshots OUTPUT_DIR [--theme light|dark] [--size 1280x820]``
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from coordinator.protocol import LesionMetrics
from desktop_client.gui.app import new_application
from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.gui.theme import palette_for
from desktop_client.gui.views.agreement_dialog import AgreementDialog
from desktop_client.gui.views.class_editor import ClassEditor
from desktop_client.gui.views.dialogs import Dialogs, FolderNames
from desktop_client.gui.views.doctor_sheet import DoctorSheet
from desktop_client.gui.views.draw_dialog import DrawDialog
from desktop_client.gui.views.export_dialogs import (
    ExportCopiesDialog,
    ExportLabelsDialog,
    Which,
)
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.help_window import HelpWindow
from desktop_client.gui.views.model_report_dialog import ModelReportDialog
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.gui.views.review_dialog import ReviewDialog, ToReview
from desktop_client.gui.views.sheets import about_sheet, key_sheet
from desktop_client.gui.views.suggest_dialog import SuggestDialog
from desktop_client.gui.views.update_sheet import UpdateSheet
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.suggestions import Answer, AnswerClass, SuggestingModel
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings
from desktop_client.training.course import Course
from desktop_client.training.diagnosis import Driver, Facts, diagnose
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    StepFinished,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.explanations import ExplainerReady, ExplainQuestion, ImageExplained
from desktop_client.training.request import TrainingRequest
from desktop_client.training.run_file import RunCard, run_path_of, save_run
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.policy import UpdatePolicy
from tests.ui.reports import a_report
from tests.ui.screenshots_studies import photograph_studies

CLASSES: Final = ("Melanoma", "Nevus", "Keratosis")
UNFINISHED: Final = "own-1.safetensors"
SETTLE_S: Final = 0.5
PATIENCE_S: Final = 30.0


class SilentDialogs(Dialogs):
    """Answers instead of asking: subfolders are no labels, quitting is fine."""

    def ask_folder_names(self, folder: Path, names: object) -> FolderNames:
        return FolderNames.NOTHING

    def ask_exclusion_reason(self, count: int) -> str | None:
        return "obscured"

    def ask_note(self, count: int, present: str) -> str | None:
        return "Compare with the picture of March."

    def ask_reader(self, known: Sequence[str], present: str) -> str | None:
        return "Dr. Ada Lovelace"

    def confirm(self, question: str, explanation: str, action: str) -> bool:
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", default="1280x820")
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    width, height = (int(part) for part in chosen.size.split("x"))
    app = new_application()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        settings = ClientSettings(theme=chosen.theme, site_name="St. Anna Hospital")
        window = MainWindow(home, settings, SilentDialogs())
        window.resize(width, height)
        window.show()
        window.start()
        camera = Camera(app, chosen.output, chosen.theme)
        photograph(window, camera, Path(folder) / "images", home)
        window.close()


class Camera:
    """Saves pictures of widgets once everything has settled."""

    def __init__(self, app: QApplication, output: Path, theme: str) -> None:
        self._app = app
        self._output = output
        self._theme = theme

    def settle(self, is_done: Callable[[], bool] = lambda: True) -> None:
        """Let the window work until ``is_done`` and then a little longer."""
        begun = time.monotonic()
        while not is_done() and time.monotonic() < begun + PATIENCE_S:
            self._app.processEvents()
        rest = time.monotonic()
        while time.monotonic() < rest + SETTLE_S:
            self._app.processEvents()

    def take(self, name: str, widget: QWidget) -> None:
        """Save a picture of the widget."""
        self.settle()
        widget.grab().save(str(self._output / f"{name}-{self._theme}.png"))


def photograph(window: MainWindow, camera: Camera, images: Path, home: Home) -> None:
    """Go through the program as a new user does."""
    camera.take("1-images-empty", window)
    window.show_page(TRAINING)
    camera.take("2-training-empty", window)
    window.show_page(STUDY)
    camera.take("3-study-empty", window)
    window.show_page(IMAGES)
    make_images(images, 120)
    window.importing.open_folder(images)
    camera.settle(lambda: not window.importing.is_running)
    label_some(window, camera)
    camera.take("4-images-labelled", window)
    window.images.skipped._fold.click()
    camera.take("5-images-skipped", window)
    window.images.skipped.hide()
    photograph_viewer(window, camera, home)
    photograph_suggestions(window, camera, home)
    photograph_files(window, camera, images.with_name("more"))
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
    photograph_studies(window, camera, home)
    for name, sheet in (
        ("11-keys", key_sheet(window, window.keys.keymap)),
        ("12-about", about_sheet(window)),
    ):
        sheet.show()
        camera.take(name, sheet)
        sheet.close()
    photograph_updates(window, camera)
    photograph_help(window, camera)
    photograph_readers(window, camera)
    photograph_exports(window, camera, images.parent)


def photograph_updates(window: MainWindow, camera: Camera) -> None:
    """Picture the choice to look for newer versions, and the line when there is one."""
    address = "https://software.st-anna.example/siteblind.json"
    for name, check in (("12b-updates", "choice"), ("12c-updates-off", "off")):
        policy = UpdatePolicy.model_validate({"check": check, "address": address})
        sheet = UpdateSheet(policy, "0.1.0", window)
        sheet.show()
        camera.take(name, sheet)
        sheet.close()
    announced = Announcement(
        version="0.2.0",
        date=date(2026, 12, 1),
        link="https://software.st-anna.example/siteblind",
        text="It will be on all computers of the clinic by Friday.",
    )
    window.show_page(IMAGES)
    window.update_banner.tell(announced, "0.1.0")
    camera.take("12d-update-banner", window)
    window.update_banner.hide()


def photograph_heat(window: MainWindow, camera: Camera, home: Home) -> None:
    """Picture where a model looks: without a model, and as one would that looks at the lesion."""
    window.viewing.heat_asked.emit()
    camera.take("5h-heat-without-model", window)
    window.viewing.heat_asked.emit()
    unlabelled, grid = window.images.grid.currentIndex(), window.images.grid
    grid.setCurrentIndex(unlabelled.siblingAtRow(0))  # labelled: before that no map is shown
    camera.settle()
    home.checkpoints_path.mkdir(exist_ok=True)
    model_path = home.checkpoints_path / "own-20261127-140200.safetensors"
    model_path.touch()
    window.explaining._look_for_models(model_path)
    loader = window.explaining._loader
    loader.model = ExplainerReady("Trained at this site", CLASSES)
    sample = grid.current_sample()
    assert sample is not None
    with Image.open(sample.path) as picture:
        small = picture.convert("L").resize((20, 15)).filter(ImageFilter.GaussianBlur(2))
    dark = 255 - np.asarray(small.resize((160, 120), Image.Resampling.BILINEAR), dtype=np.float32)
    heat = np.clip(dark - np.percentile(dark, 55), 0, None)
    question = ExplainQuestion(sample.sample_id, sample.path, sample.frame)
    answer = ImageExplained(question, 0, (0.83, 0.12, 0.05), heat / heat.max())
    loader._answers[question] = answer
    window.viewing.heat_asked.emit()
    loader.stop()
    camera.take("5h-heat", window)
    loader._answers[question] = replace(answer, class_index=1, heat=None)
    window.explaining.show_now()
    loader.stop()
    camera.take("5h-heat-none-stands-out", window)
    window.viewing.heat_asked.emit()
    grid.setCurrentIndex(unlabelled)
    model_path.unlink()


def photograph_viewer(window: MainWindow, camera: Camera, home: Home) -> None:
    """Picture one image large, what its file says, and a search that finds nothing."""
    window.viewing.show_large(True)
    camera.take("5e-viewer", window)
    photograph_heat(window, camera, home)
    window.viewing.show_details(True)
    camera.take("5f-viewer-details", window)
    window.viewing.show_details(False)
    window.viewing.show_large(False)
    window.images.sight._filter.setCurrentIndex(1)
    camera.take("5i-filtered", window)
    window.images.sight.search.setText("melanoma 2019")
    camera.take("5g-nothing-found", window)
    window.images.sight.show_all()
    camera.settle()


def photograph_files(window: MainWindow, camera: Camera, more: Path) -> None:
    """Picture what stands behind the images: duplicates, and files that are gone."""
    make_images(more, 3)
    first, second, third = sorted(more.glob("*.png"))
    for path in (first, second, third):
        with Image.open(path) as picture:
            picture.resize((96, 96)).save(more / f"small {path.stem}.jpg")
    shutil.copy(first, more / "copy.png")
    window.importing.open_paths([more])
    camera.settle(lambda: not window.importing.is_running)
    window.filing.duplicates.find()
    camera.settle(lambda: window.filing.duplicates.dialog is not None)
    dialog = window.filing.duplicates.dialog
    assert dialog is not None
    camera.take("5c-duplicates", dialog)
    dialog.table.selectRow(dialog.table.rowCount() - 1)
    dialog._exclude.click()
    camera.take("5c-duplicates-excluded", dialog)
    dialog.close()
    third.unlink()
    window.filing.relinking.check()
    camera.settle(lambda: window.images.sight._filter.findText("file missing") > 0)
    window.images.sight._filter.setCurrentText("file missing")
    camera.take("5d-files-missing", window)
    window.images.sight.show_all()
    window.notice.hide()


def photograph_suggestions(window: MainWindow, camera: Camera, home: Home) -> None:
    """Picture what a model suggests: asked for, under way, seen first, and found to differ."""
    window.suggesting.ask()
    (dialog,) = window.findChildren(SuggestDialog)
    camera.take("5b-suggest-without-model", dialog)
    dialog.reject()
    camera.settle()
    home.checkpoints_path.mkdir(exist_ok=True)
    (home.checkpoints_path / "own-20261127-140200.safetensors").touch()
    window.suggesting.ask()
    (dialog,) = window.findChildren(SuggestDialog)
    camera.take("5c-suggest-dialog", dialog)
    dialog.reject()
    window.images.suggestion_bar.begin()
    window.images.suggestion_bar.show_progress(64, 120, "about 20 seconds left")
    camera.take("5d-suggesting", window)
    window.images.suggestion_bar.hide()
    pretend_suggestions(window, home)
    window.images.grid.go_to(4)
    camera.take("5e-suggestions-after-own-label", window)
    window.images.suggestion._first.click()
    window.images.grid.go_to(38)
    camera.take("5f-suggestions-first", window)
    window.images.suggestion._first.click()
    window.images.grid.go_to(0)
    for path in home.checkpoints_path.iterdir():
        path.unlink()


def pretend_suggestions(window: MainWindow, home: Home) -> None:
    """Keep what a model would suggest."""
    generator = np.random.default_rng(4)
    with LabelStore(home.labels_path) as store:
        classes = tuple(AnswerClass(c.name, c.class_id) for c in store.classes())
        store.suggestions.begin(SuggestingModel("0" * 64, "Trained at this site", classes, 1.3))
        for sample in store.samples():
            shares = generator.dirichlet((0.6, 0.6, 0.6)).round(6).tolist()
            z = np.zeros(2, dtype=np.float32)
            store.suggestions.add([Answer(sample.sample_id, tuple(shares), z)])
    window.suggesting.on_worker_finished()


def photograph_readers(window: MainWindow, camera: Camera) -> None:
    """Picture exclusions and notes, a second reading, agreement and settling."""
    window.show_page(IMAGES)
    window.images.grid.go_to(3)
    window.recording.remarks.exclude()
    window.images.grid.go_to(1)
    window.recording.remarks.note()
    camera.take("20-remarks", window)
    window.recording.classes.edit(window.labelling.classes[1])
    (editor,) = window.findChildren(ClassEditor)
    camera.take("20b-classes", editor)
    editor.close()
    window.recording.reading.sign_in("Dr. Grace Hopper")
    window.recording.second_reading.ask_for_share()
    (draw,) = window.findChildren(DrawDialog)
    camera.take("21-draw", draw)
    draw.percent.setValue(100)
    draw.seed.setValue(1)
    draw.accept()
    for key in "1223122131":
        window.images.key_pressed.emit(key)
    camera.take("22-second-reading", window)
    window.recording.second_reading.on_bar_end_asked()
    (agreement,) = window.findChildren(AgreementDialog)
    camera.take("23-agreement", agreement)
    agreement.close()
    window.recording.second_reading.settle()
    camera.take("24-settling", window)
    window.recording.second_reading.on_bar_end_asked()


def photograph_help(window: MainWindow, camera: Camera) -> None:
    """Picture the help page: as it opens, its end, and its picture in the narrowest window."""
    window.help.show_how_it_works()
    (sheet,) = window.findChildren(HelpWindow)
    camera.take("13-help", sheet)
    bar = sheet.page.verticalScrollBar()
    bar.setValue(bar.maximum())
    camera.take("14-help-end", sheet)
    sheet.resize(sheet.minimumWidth(), 820)
    bar.setValue(round(0.3 * bar.maximum()))
    camera.take("15-help-narrow", sheet)
    sheet.close()


def photograph_exports(window: MainWindow, camera: Camera, folder: Path) -> None:
    """Picture both questions, the look at a name written into an image, and an outcome."""
    window.show_page(IMAGES)
    counts = {Which.ALL: 120, Which.SHOWN: 37, Which.SELECTED: 1}
    for name, dialog in (
        ("16-export-labels", ExportLabelsDialog(window, counts)),
        ("17-export-copies", ExportCopiesDialog(window, counts)),
    ):
        dialog.show()
        camera.take(name, dialog)
        dialog.close()
    draw_ultrasound(folder / "IM000042.png")
    review = ReviewDialog(
        window,
        [
            ToReview(
                folder / "IM000042.png",
                "IM000042",
                "ultrasound machines write the name into the image",
                (Area(0, 0, 800, 44), Area(600, 560, 180, 30)),
                40,
            )
        ],
        palette_for(window._settings.theme),
    )
    review.begin()
    review.show_image(QImage(str(folder / "IM000042.png")))
    camera.take("18-export-review", review)
    review.close()
    outcome = ExportWindow(window, "Export a de-identified copy")
    outcome.begin("")
    outcome.show_progress("Copying file 57 of 120 · about 20 seconds left", 57, 120)
    outcome.show()
    camera.take("19-export-running", outcome)
    outcome.finish(
        "Exported 118 files, with manifest.csv and README.txt.",
        folder,
        (
            "IM000007\tthere is no such file",
            "IM000042\tnobody looked whether a name is written into it; "
            "ultrasound machines write the name into the image",
        ),
    )
    camera.take("20-export-done", outcome)
    outcome.close()


def draw_ultrasound(path: Path) -> None:
    """Draw a fan of speckle below a banner with an invented name."""
    rows, columns = np.mgrid[:600, :800]
    depth, angle = np.hypot(rows - 20, columns - 400), np.arctan2(columns - 400, rows - 20)
    speckle = np.random.default_rng(3).rayleigh(45, (600, 800)).clip(0, 255)
    fan = (depth > 60) & (depth < 560) & (np.abs(angle) < 0.6) & (rows > 50)
    picture = Image.fromarray(np.where(fan, speckle, 0).astype(np.uint8))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(18)
    draw.text((14, 12), "Musterfrau, Erika  *12.08.1964   St. Anna Hospital", 230, font)
    draw.text((606, 564), "27.11.2026 10:41", 230, font)
    picture.save(path)


def make_images(folder: Path, count: int) -> None:
    """Draw invented skin with an invented lesion, and one file that is no image."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(1)
    for number in range(count):
        skin = generator.integers((200, 150, 120), (240, 200, 175))
        picture = Image.new("RGB", (320, 240), tuple(int(c) for c in skin))
        draw = ImageDraw.Draw(picture)
        x, y = (int(c) for c in generator.integers((110, 80), (210, 160)))
        ink = tuple(int(c) for c in generator.integers((50, 20, 15), (150, 90, 70)))
        for _ in range(9):
            dx, dy = (int(c) for c in generator.integers(-22, 22, 2))
            radius = int(generator.integers(14, 40))
            draw.ellipse((x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius), ink)
        picture = picture.filter(ImageFilter.GaussianBlur(float(generator.uniform(1, 4))))
        noise = generator.normal(0, 6, (240, 320, 3))
        values = np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(values).save(folder / f"lesion_{number:04d}.png")
    (folder / "scan_0007.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")


def label_some(window: MainWindow, camera: Camera) -> None:
    """Add three classes and label a part of the images."""
    window.labelling.add_classes(CLASSES)
    for row in range(37):
        window.images.grid.go_to(row)
        window.images.key_pressed.emit("122312211321"[row % 12])
    camera.settle()


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


def photograph_results(window: MainWindow, camera: Camera) -> None:
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


def photograph_doctor(window: MainWindow, camera: Camera) -> None:
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


if __name__ == "__main__":
    main()
