"""The current image, as large as there is room, and what is known about it."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFormLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import selectable, text
from desktop_client.labelling.sample import Sample


class Picture(QWidget):
    """Draws one picture into its area without distorting it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | QPixmap | None = None
        self._words = ""
        self._palette: Palette | None = None
        self.setMinimumSize(160, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Preview of the current image"))

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Return the least useful size; all room that the labels leave goes to the picture."""
        return QSize(320, 120)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self.update()

    def show_image(self, image: QImage | QPixmap | None, words: str = "") -> None:
        """Show this picture, or these words where there is none."""
        self._image, self._words = image, words
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw the picture in the middle, or the words."""
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(self._palette.raised))
        if self._image is None:
            painter.setPen(QColor(self._palette.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._words)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(self.rect().topLeft(), size)
        target.moveCenter(self.rect().center())
        if isinstance(self._image, QImage):
            painter.drawImage(target, self._image)
        else:
            painter.drawPixmap(target, self._image)


class PreviewPane(QWidget):
    """Picture and facts of the current image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Picture()
        self._name, self._size = selectable(), selectable()
        self._scanner, self._label = selectable(), selectable()
        facts = QFormLayout()
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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._picture, 1)
        layout.addLayout(facts)
        self.clear()

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._picture.set_palette(palette)

    def clear(self) -> None:
        """Show that no image is current."""
        self._picture.show_image(None, self.tr("Choose an image to see it here."))
        for label in (self._name, self._size, self._scanner, self._label):
            label.setText("–")

    def show_sample(self, sample: Sample, scanner: str, label: str, found: QPixmap | None) -> None:
        """Show a sample's facts, and its thumbnail until the picture itself arrives."""
        self._name.setText(sample.path.name)
        self._name.setToolTip(str(sample.path))
        self._size.setText(f"{sample.width_px} × {sample.height_px} px")
        self._scanner.setText(scanner)
        self._label.setText(label)
        self._picture.show_image(found, "" if found else self.tr("Loading …"))

    def show_label(self, label: str) -> None:
        """Show another label of the same sample."""
        self._label.setText(label)

    def show_picture(self, image: QImage | None, reason: str) -> None:
        """Show the picture, or why there is none."""
        self._picture.show_image(image, self.tr("This image cannot be shown: {0}").format(reason))
