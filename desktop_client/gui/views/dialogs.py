"""Every question that is asked in a window of its own; tests answer them in its place."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QPushButton, QWidget

from desktop_client.gui.wording import reason_words
from desktop_client.labelling.sample import EXCLUSION_REASONS


class FolderNames(Enum):
    """What the names of the subfolders mean."""

    LABELS = auto()
    NOTHING = auto()
    CANCELLED = auto()


class TakeBackAnswer(Enum):
    """Where a study is that comes back from a server."""

    FILE = auto()
    UNTAKEN = auto()


class Dialogs(QObject):
    """Asks the person at the desk; blocks until there is an answer."""

    def __init__(self, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window

    def pick_folder(self, start: Path | None) -> Path | None:
        """Ask for a folder of images."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Open a folder of images"), str(start or Path.home())
        )
        return Path(chosen) if chosen else None

    def pick_files(self, start: Path | None) -> list[Path]:
        """Ask for image files; many have no suffix that would tell them."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Open images"),
            str(start or Path.home()),
            self.tr("All files (*)"),
        )
        return [Path(path) for path in chosen]

    def pick_dicomdir(self, start: Path | None) -> Path | None:
        """Ask for the list of files on a disc from an archive."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a DICOMDIR"),
            str(start or Path.home()),
            self.tr("DICOMDIR (DICOMDIR* dicomdir*);;All files (*)"),
        )
        return Path(chosen) if chosen else None

    def pick_search_folder(self, start: Path | None) -> Path | None:
        """Ask where moved files may be now."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Where may the files be now?"), str(start or Path.home())
        )
        return Path(chosen) if chosen else None

    def pick_table(self, start: Path | None) -> Path | None:
        """Ask for a CSV table."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Import labels from CSV"),
            str(start or Path.home()),
            self.tr("CSV tables (*.csv *.tsv *.txt)"),
        )
        return Path(chosen) if chosen else None

    def pick_weights_file(self, start: Path | None) -> Path | None:
        """Ask for the weights that a network begins from."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Choose a weights file"),
            str(start or Path.home()),
            self.tr("Weights (*.pth *.pt *.safetensors)"),
        )
        return Path(chosen) if chosen else None

    def pick_new_table(self, start: Path | None) -> Path | None:
        """Ask for the CSV file to write; Qt asks before an old one is replaced."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export labels to CSV"),
            str((start or Path.home()) / "labels.csv"),
            self.tr("CSV tables (*.csv)"),
        )
        return Path(chosen) if chosen else None

    def pick_new_report(self, suffix: str, start: Path | None) -> Path | None:
        """Ask for the file to write a report on a model to."""
        kinds = {".pdf": self.tr("PDF (*.pdf)"), ".html": self.tr("Web pages (*.html)")}
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save report"),
            str((start or Path.home()) / f"model-report{suffix}"),
            kinds[suffix],
        )
        return Path(chosen) if chosen else None

    def pick_new_card(self, proposed: Path) -> Path | None:
        """Ask for the file to write a model card to."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save model card"),
            str(proposed),
            self.tr("Markdown (*.md)"),
        )
        return Path(chosen) if chosen else None

    def pick_new_onnx(self, proposed: Path) -> Path | None:
        """Ask for the file to write a model to for other programs."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Export for other programs"), str(proposed), "ONNX (*.onnx)"
        )
        return Path(chosen) if chosen else None

    def pick_new_skipped_list(self, start: Path | None) -> Path | None:
        """Ask for the file to write the list of skipped files to."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save the list of skipped files"),
            str((start or Path.home()) / "skipped-files.csv"),
            self.tr("CSV tables (*.csv);;Text (*.txt)"),
        )
        return Path(chosen) if chosen else None

    def pick_new_audit_trail(self) -> Path | None:
        """Ask for the file to write the audit trail to."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export audit trail"),
            str(Path.home() / "audit-trail.csv"),
            self.tr("CSV tables (*.csv);;JSON lines (*.jsonl)"),
        )
        return Path(chosen) if chosen else None

    def pick_authorities(self) -> Path | None:
        """Ask for the certificate authority of the hospital's network."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Certificate file of our network"),
            str(Path.home()),
            self.tr("Certificates (*.pem *.crt *.cer);;All files (*)"),
        )
        return Path(chosen) if chosen else None

    def pick_new_folder(self, start: Path | None) -> Path | None:
        """Ask for an empty folder to write copies into."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Choose or make an empty folder"), str(start or Path.home())
        )
        return Path(chosen) if chosen else None

    def ask_folder_names(self, folder: Path, names: Sequence[str]) -> FolderNames:
        """Ask whether the names of subfolders are the labels of the images in them."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Open a folder of images"))
        listed = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        box.setText(self.tr("Are the names of the subfolders labels?"))
        box.setInformativeText(
            self.tr("“{0}” contains the folders {1}.").format(folder.name, listed)
        )
        labels = box.addButton(self.tr("Use as labels"), QMessageBox.ButtonRole.AcceptRole)
        nothing = box.addButton(self.tr("Only open the images"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(nothing)
        box.exec()
        answers: dict[object, FolderNames] = {
            labels: FolderNames.LABELS,
            nothing: FolderNames.NOTHING,
        }
        return answers.get(box.clickedButton(), FolderNames.CANCELLED)

    def ask_reader(self, known: Sequence[str], present: str) -> str | None:
        """Ask who is labelling: somebody known, or a new name."""
        return self._ask_choice(
            self.tr("Who is labelling?"),
            self.tr("Your name or initials, kept with each label on this computer:"),
            known,
            present,
        )

    def ask_exclusion_reason(self, count: int) -> str | None:
        """Ask why images are excluded; one of the usual reasons, or own words."""
        words = {reason_words(reason): reason for reason in EXCLUSION_REASONS}
        question = (
            self.tr("Why should this image not be trained on? Choose, or write your own words:")
            if count == 1
            else self.tr("Why should these {0} images not be trained on?").format(f"{count:,}")
        )
        said = self._ask_choice(self.tr("Exclude"), question, list(words), next(iter(words)))
        return said and words.get(said, said)

    def ask_note(self, count: int, present: str) -> str | None:
        """Ask for a note; empty words take it away, None leaves it."""
        question = (
            self.tr("Note on this image, without the patient's name:")
            if count == 1
            else self.tr("Note on these {0} images, without patients' names:").format(f"{count:,}")
        )
        words, is_accepted = QInputDialog.getMultiLineText(
            self._window, self.tr("Note"), question, present
        )
        return words if is_accepted else None

    def confirm(self, question: str, explanation: str, action: str) -> bool:
        """Ask before something is abandoned; Cancel is the default, ``action`` names the act."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(question)
        box.setInformativeText(explanation)
        act: QPushButton = box.addButton(action, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is act

    def ask_take_back(self, study_name: str) -> "TakeBackAnswer | None":
        """Ask whether the server has taken a study that is to come back; None to leave it."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Take the study “{0}” back?").format(study_name))
        box.setInformativeText(
            self.tr(
                "If the server has taken it, hand it over there first (siteblind membership "
                "hand-over), and choose the file that it writes. If the server never took it, no "
                "file is needed."
            )
        )
        accept = QMessageBox.ButtonRole.AcceptRole
        file = box.addButton(self.tr("&Choose the server's file …"), accept)
        untaken = box.addButton(self.tr("The server &never took it"), accept)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        answers = {file: TakeBackAnswer.FILE, untaken: TakeBackAnswer.UNTAKEN}
        return next((a for b, a in answers.items() if b is box.clickedButton()), None)

    def pick_hand_over_to_write(self, name: str) -> Path | None:
        """Ask where the file for the server is to be written."""
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Hand over to a server"),
            str(Path.home() / name),
            self.tr("SiteBlind back-ups (*.siteblind-backup)"),
        )
        return Path(chosen) if chosen else None

    def pick_hand_over_to_read(self) -> Path | None:
        """Ask for the file that the server has written."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Take back from a server"),
            str(Path.home()),
            self.tr("SiteBlind back-ups (*.siteblind-backup)"),
        )
        return Path(chosen) if chosen else None

    def show_problem(self, sentence: str) -> None:
        """Say that something cannot be done at all."""
        QMessageBox.critical(self._window, "SiteBlind", sentence)

    def _ask_line(self, title: str, label: str, present: str) -> str | None:
        words, is_accepted = QInputDialog.getText(self._window, title, label, text=present)
        return words.strip() or None if is_accepted else None

    def _ask_choice(
        self, title: str, label: str, choices: Sequence[str], present: str
    ) -> str | None:
        """Offer a list in which other words may be written, too."""
        offered = list(dict.fromkeys([*choices, *([present] if present else [])]))
        words, is_accepted = QInputDialog.getItem(
            self._window,
            title,
            label,
            offered,
            offered.index(present) if present else 0,
            editable=True,
        )
        return words.strip() or None if is_accepted else None
