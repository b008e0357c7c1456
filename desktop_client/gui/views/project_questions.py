"""The questions about projects, each in a window of its own; tests answer in its place."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from desktop_client.errors import ProjectPlaceError
from desktop_client.gui.views.project_dialogs import DeleteProjectDialog, NewProjectDialog
from desktop_client.project.backup import SUFFIX
from desktop_client.project.drives import check_place


class InUseAnswer(Enum):
    """What to do about a project that somebody else has open."""

    AGAIN = auto()
    ANOTHER = auto()


class ProjectQuestions(QObject):
    """Asks the person at the desk; blocks until there is an answer."""

    def __init__(self, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window

    def ask_in_use(self, sentence: str) -> InUseAnswer:
        """Say who has the project open, and ask whether to try again."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Information)
        box.setWindowTitle("SiteBlind")
        box.setText(sentence)
        box.addButton(self.tr("&Choose another project"), QMessageBox.ButtonRole.RejectRole)
        again = box.addButton(self.tr("&Try again"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(again)
        box.exec()
        return InUseAnswer.AGAIN if box.clickedButton() is again else InUseAnswer.ANOTHER

    def ask_new_project(self, place: Path, explanation: str, name: str = "") -> Path | None:
        """Ask for name and place of a project's folder."""
        dialog = NewProjectDialog(place, explanation, name, _problem_of, self._window)
        return dialog.path if dialog.exec() == QDialog.DialogCode.Accepted else None

    def pick_project(self, start: Path) -> Path | None:
        """Ask for the folder of a project."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Open a project's folder"), str(start)
        )
        return Path(chosen) if chosen else None

    def pick_backup_to_write(self, name: str) -> Path | None:
        """Ask where a back-up is to be written; the file dialog asks before it replaces one."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Back up the project: labels, models and studies, but no images"),
            str(Path.home() / name),
            self._kinds(),
        )
        return Path(chosen) if chosen else None

    def pick_backup_to_read(self) -> Path | None:
        """Ask for a back-up."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Restore a back-up"), str(Path.home()), self._kinds()
        )
        return Path(chosen) if chosen else None

    def confirm_deletion(self, name: str, path: Path, lines: Sequence[str]) -> bool:
        """Say what is deleted, and ask for the project's name."""
        dialog = DeleteProjectDialog(name, path, lines, self._window)
        return dialog.exec() == QDialog.DialogCode.Accepted

    def _kinds(self) -> str:
        return self.tr("Back-ups of projects (*{0})").format(SUFFIX)


def _problem_of(place: Path) -> str:
    try:
        check_place(place)
    except ProjectPlaceError as error:
        return str(error)
    return ""
