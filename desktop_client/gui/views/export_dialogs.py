"""The questions before an export: which images, how, and what follows from it."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, text

NARROWEST_PX = 512


class Which(Enum):
    """Which images an export is of."""

    ALL = auto()
    SHOWN = auto()
    SELECTED = auto()


Counts = Mapping[Which, int]


class WhichImages(QWidget):
    """All, the shown or the selected images, with how many each are."""

    def __init__(self, counts: Counts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(text(self.tr("Which images"), "strong"))
        for which, title in (
            (Which.ALL, self.tr("All images ({0})")),
            (Which.SHOWN, self.tr("The images shown, as filtered ({0})")),
            (Which.SELECTED, self.tr("The selected images ({0})")),
        ):
            choice = QRadioButton(title.format(f"{counts[which]:,}"))
            choice.setEnabled(counts[which] > 0)
            choice.setChecked(which is Which.ALL)
            self._group.addButton(choice, which.value)
            layout.addWidget(choice, alignment=Qt.AlignmentFlag.AlignLeft)

    @property
    def chosen(self) -> Which:
        """The images that were chosen."""
        return Which(self._group.checkedId())


class ExportLabelsDialog(QDialog):
    """How a table of labels is written; ``accepted`` tells that it is wanted."""

    def __init__(self, parent: QWidget, counts: Counts) -> None:
        super().__init__(parent)
        self.which = WhichImages(counts)
        self._excel = QCheckBox(self.tr("To be opened in Excel (begins with its mark of UTF-8)"))
        self._excel.setChecked(True)
        self._full_paths = QCheckBox(
            self.tr("Name files by their full path, not from the table's folder on")
        )
        self._delimiter = QComboBox()
        self._delimiter.setAccessibleName(self.tr("Between cells"))
        self._delimiter.addItem(self.tr("comma"), ",")
        self._delimiter.addItem(self.tr("semicolon, as German or French Excel wants it"), ";")
        between = QHBoxLayout()
        between.addWidget(text(self.tr("Between cells")))
        between.addWidget(self._delimiter, 1)
        layout = titled_layout(self, self.tr("Export labels"))
        layout.addWidget(self.which)
        layout.addWidget(self._excel, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._full_paths, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(between)
        layout.addSpacing(6)
        layout.addWidget(
            text(
                self.tr(
                    "The table tells of each image: its file, label, scanner, the patient's "
                    "pseudonym, who labelled it and when, exclusion and note. It can be imported "
                    "again, also after files were moved or renamed. It has no patient's name or "
                    "number; but file names and notes are written as they are. If yours name "
                    "patients, keep the table here."
                ),
                "muted",
            )
        )
        layout.addLayout(choice_buttons(self, self.tr("Choose file …")))

    @property
    def is_for_excel(self) -> bool:
        """Whether Excel's mark of UTF-8 is wanted."""
        return self._excel.isChecked()

    @property
    def paths(self) -> Literal["relative", "absolute"]:
        """How files are named."""
        return "absolute" if self._full_paths.isChecked() else "relative"

    @property
    def delimiter(self) -> Literal[",", ";"]:
        """What stands between cells."""
        return ";" if self._delimiter.currentData() == ";" else ","


class ExportCopiesDialog(QDialog):
    """What de-identified copies may still say; ``accepted`` tells that they are wanted."""

    def __init__(self, parent: QWidget, counts: Counts) -> None:
        super().__init__(parent)
        self.which = WhichImages(counts)
        self._shift = QRadioButton(
            self.tr("Move all dates of a patient by the same number of days; intervals stay true")
        )
        self._shift.setChecked(True)
        self._remove = QRadioButton(self.tr("Remove all dates and times"))
        self._model = QCheckBox(self.tr("Keep the scanner's maker and model (never its number)"))
        self._model.setChecked(True)
        layout = titled_layout(self, self.tr("Export a de-identified copy"))
        layout.addWidget(self.which)
        layout.addWidget(text(self.tr("DICOM files"), "strong"))
        for choice in (self._shift, self._remove, self._model):
            layout.addWidget(choice, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(6)
        layout.addWidget(
            text(
                self.tr(
                    "The originals stay as they are. Copies get new names; patients and scanners "
                    "become pseudonyms, the same in every export from this computer, and no table "
                    "leads back. Excluded images are left out. Images that may have a name written "
                    "into them are shown to you first. Faces, tattoos and rare findings can still "
                    "tell who somebody is: pass copies on only as your ethics approval allows."
                ),
                "muted",
            )
        )
        layout.addLayout(choice_buttons(self, self.tr("Choose folder …")))

    @property
    def dates(self) -> Literal["shift", "remove"]:
        """What becomes of dates."""
        return "shift" if self._shift.isChecked() else "remove"

    @property
    def keeps_scanner_model(self) -> bool:
        """Whether maker and model of the scanner stay."""
        return self._model.isChecked()


def titled_layout(dialog: QDialog, title: str) -> QVBoxLayout:
    """Return the layout of a dialog that asks how something is to be done."""
    dialog.setWindowTitle(title)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(24, 20, 24, 16)
    layout.setSpacing(8)
    heading = text(title, "title")
    heading.setMinimumWidth(NARROWEST_PX)  # of the dialog, it would let longer choices be cut off
    layout.addWidget(heading)
    return layout


def choice_buttons(dialog: QDialog, action: str) -> QHBoxLayout:
    """Return a row with Cancel and what goes on."""
    cancel = button(dialog.tr("Cancel"))
    cancel.clicked.connect(dialog.reject)
    go_on = button(action, "primary")
    go_on.setDefault(True)
    go_on.clicked.connect(dialog.accept)
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 0)
    row.addStretch(1)
    row.addWidget(cancel)
    row.addWidget(go_on)
    return row
