"""The questions before a report on a model is written: as what, and whether with images."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QRadioButton, QWidget

from desktop_client.gui.views.elements import text
from desktop_client.gui.views.export_dialogs import choice_buttons, titled_layout

PDF_SUFFIX, PAGE_SUFFIX = ".pdf", ".html"
LEFT: Final = Qt.AlignmentFlag.AlignLeft


class ModelReportDialog(QDialog):
    """How a report is written; ``accepted`` tells that it is wanted."""

    def __init__(self, parent: QWidget, mistake_count: int) -> None:
        super().__init__(parent)
        self._pdf = QRadioButton(self.tr("PDF, to print and to pass on"))
        self._pdf.setChecked(True)
        self._page = QRadioButton(self.tr("Web page, for a screen reader or a browser"))
        self._pictures = QCheckBox(
            self.tr("Include pictures of the surest mistakes, with where the model looked")
        )
        self._pictures.setEnabled(mistake_count > 0)
        layout = titled_layout(self, self.tr("Save report"))
        for choice in (self._pdf, self._page, self._pictures):
            layout.addWidget(choice, alignment=LEFT)
        layout.addSpacing(6)
        layout.addWidget(
            text(
                self.tr(
                    "With pictures, the report is patient data: keep it where the images are. "
                    "Without, it tells of numbers, classes and scanners only; no file, patient or "
                    "reader is named. The report is in English."
                ),
                "muted",
            )
        )
        layout.addLayout(choice_buttons(self, self.tr("Choose file …")))

    @property
    def suffix(self) -> str:
        """How the file's name is to end."""
        return PAGE_SUFFIX if self._page.isChecked() else PDF_SUFFIX

    @property
    def has_pictures(self) -> bool:
        """Whether images are wanted in it."""
        return self._pictures.isChecked()
