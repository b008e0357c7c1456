"""Makes a picture of every page in its typical states, with generated images.

``xvfb-run -a python -m tests.ui.screenshots OUTPUT_DIR [--theme light|dark] [--size 1280x820]``
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFilter
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from desktop_client.gui.app import new_application
from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.gui.theme import palette_for
from desktop_client.gui.views.agreement_dialog import AgreementDialog
from desktop_client.gui.views.class_editor import ClassEditor
from desktop_client.gui.views.dialogs import Dialogs, FolderNames
from desktop_client.gui.views.draw_dialog import DrawDialog
from desktop_client.gui.views.export_dialogs import (
    ExportCopiesDialog,
    ExportLabelsDialog,
    Which,
)
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.help_window import HelpWindow
from desktop_client.gui.views.review_dialog import ReviewDialog, ToReview
from desktop_client.gui.views.sheets import about_sheet, key_sheet
from desktop_client.gui.views.suggest_dialog import SuggestDialog
from desktop_client.gui.views.update_sheet import UpdateSheet
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.suggestions import Answer, AnswerClass, SuggestingModel
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings
from desktop_client.training.explanations import ExplainerReady, ExplainQuestion, ImageExplained
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.policy import UpdatePolicy
from tests.ui.drawn_images import draw_ultrasound, make_images
from tests.ui.screenshots_studies import photograph_studies
from tests.ui.screenshots_training import photograph_training

CLASSES: Final = ("Melanoma", "Nevus", "Keratosis")
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
    photograph_training(window, camera, home)
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


def label_some(window: MainWindow, camera: Camera) -> None:
    """Add three classes and label a part of the images."""
    window.labelling.add_classes(CLASSES)
    for row in range(37):
        window.images.grid.go_to(row)
        window.images.key_pressed.emit("122312211321"[row % 12])
    camera.settle()


if __name__ == "__main__":
    main()
