"""The current image at the side, as large as there is room, and what is known about it."""

from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import selectable, text
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.gui.views.view_status import ViewStatus
from desktop_client.labelling.sample import Sample


class PreviewPane(QWidget):
    """Picture and facts of the current image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = ImageCanvas(self.tr("Preview of the current image"))
        self._status = ViewStatus(self.canvas, is_short=True)
        self._name, self._size = selectable(), selectable()
        self._scanner, self._label = selectable(), selectable()
        self._facts = facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(3)
        for words, value in (
            (self.tr("File"), self._name),
            (self.tr("Size"), self._size),
            (self.tr("Scanner"), self._scanner),
            (self.tr("Label"), self._label),
        ):
            facts.addRow(text(words, "muted"), value)
        self._lines = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._status)
        layout.addLayout(facts)
        self.clear()

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self.canvas.set_palette(palette)

    def show_picture(self, is_shown: bool) -> None:
        """Show the picture, or only the facts while it is shown large elsewhere."""
        self.canvas.setVisible(is_shown)
        self._status.setVisible(is_shown)

    def height_with_picture(self, width_px: int) -> int:
        """Return the least useful height of picture and facts in this width."""
        facts_px = self._facts.heightForWidth(width_px)
        gaps_px = 2 * self._lines.spacing()
        picture_px = self.canvas.sizeHint().height() + self._status.sizeHint().height()
        return picture_px + facts_px + gaps_px

    def clear(self) -> None:
        """Show that no image is current."""
        self.canvas.show_words(self.tr("Choose an image to see it here."))
        for label in (self._name, self._size, self._scanner, self._label):
            label.setText("–")

    def show_sample(self, sample: Sample, scanner: str, label: str) -> None:
        """Show what is known of a sample."""
        self._name.setText(sample.title)
        self._name.setToolTip(sample.alias or str(sample.path))
        self._size.setText(f"{sample.width_px} × {sample.height_px} px")
        self._scanner.setText(scanner)
        self._label.setText(label)

    def show_label(self, label: str) -> None:
        """Show another label of the same sample."""
        self._label.setText(label)
