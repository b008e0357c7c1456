"""Windows that ask about a project: its name and place, and whether it is really to go."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, selectable, text

_FORBIDDEN = '/\\:*?"<>|'


class NewProjectDialog(QDialog):
    """Asks what a project is called and where its folder lies."""

    def __init__(
        self,
        place: Path,
        explanation: str,
        name: str,
        problem_of: Callable[[Path], str],
        parent: QWidget | None = None,
    ) -> None:
        """Ask.

        Args:
            place: The folder proposed for the project's own folder.
            explanation: What is in the back-up that is to be put there; empty for a new project.
            name: The name proposed.
            problem_of: Says why a project cannot lie in a folder, or nothing.
            parent: The window it belongs to.
        """
        super().__init__(parent)
        self._place = place
        self._problem_of = problem_of
        self.setMinimumWidth(520)
        self.setWindowTitle(self.tr("Restore a back-up") if explanation else self.tr("New project"))
        self._name = QLineEdit(name)
        self._name.setMaxLength(80)
        self._name.setAccessibleName(self.tr("Name of the project"))
        self._name.setPlaceholderText(self.tr("for example: Ward 4, melanoma"))
        self._where = selectable(str(place))
        change = button(self.tr("&Change …"), described=self.tr("Change the folder"))
        change.clicked.connect(self._change_place)
        self._problem = text("", "error")
        self._problem.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        words = self.tr("&Restore") if explanation else self.tr("C&reate")
        self.accept_button = button(words, "primary")
        self._buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._name.textChanged.connect(self._show_state)
        self._lay_out(explanation, change)
        self.accept_button.setDefault(True)
        self._show_state()

    @property
    def path(self) -> Path:
        """The folder of the project."""
        return self._place / self._name.text().strip()

    def _lay_out(self, explanation: str, change: QPushButton) -> None:
        where = QHBoxLayout()
        where.addWidget(self._where, 1)
        where.addWidget(change)
        form = QFormLayout()
        form.addRow(self.tr("&Name"), self._name)
        form.addRow(self.tr("In the folder"), where)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        layout.addWidget(text(self.windowTitle(), "title"))
        layout.addWidget(
            text(
                explanation
                or self.tr(
                    "A project keeps your labels and models together on this computer. Your "
                    "images stay where they are."
                )
            )
        )
        layout.addLayout(form)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)

    def _change_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Where the project's folder lies"), str(self._place)
        )
        if chosen:
            self._place = Path(chosen)
            self._where.setText(chosen)
            self._show_state()

    def _show_state(self) -> None:
        """Allow what can be done; say what is wrong as soon as something is."""
        name = self._name.text().strip()
        problem = ""
        if any(sign in name for sign in _FORBIDDEN) or name.startswith("."):
            problem = self.tr("A name has none of these signs: {0}").format(" ".join(_FORBIDDEN))
        else:
            problem = self._problem_of(self._place)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.accept_button.setEnabled(bool(name) and not problem)


class DeleteProjectDialog(QDialog):
    """Names exactly what goes and what stays; only who types the project's name can delete it."""

    def __init__(
        self, name: str, path: Path, lines: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wanted = name
        self.setWindowTitle(self.tr("Delete the project"))
        self.setMinimumWidth(520)
        self._name = QLineEdit()
        self._name.setAccessibleName(self.tr("Type the project's name to confirm"))
        self._name.textChanged.connect(self._show_state)
        self.delete_button = button(self.tr("&Delete the project"))
        self.delete_button.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        buttons.addButton(self.delete_button, QDialogButtonBox.ButtonRole.DestructiveRole)
        self.delete_button.clicked.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Delete the project “{0}”?").format(name), "title"))
        layout.addWidget(selectable(str(path), "muted"))
        layout.addWidget(text(self.tr("This is deleted for good:"), "strong"))
        layout.addWidget(text("\n".join(f"•  {line}" for line in lines)))
        layout.addWidget(
            text(self.tr("Your images are not deleted, and neither are back-ups."), "strong")
        )
        layout.addWidget(text(self.tr("To confirm, type the project's name:")))
        layout.addWidget(self._name)
        layout.addWidget(buttons)

    def _show_state(self) -> None:
        self.delete_button.setEnabled(self._name.text().strip() == self._wanted)
