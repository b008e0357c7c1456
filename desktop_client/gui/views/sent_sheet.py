"""What leaves this hospital: every array by name and size, and what it could tell others."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_client.federation.sent import Kind, SentArray
from desktop_client.gui.views.elements import button, selectable, show_role, text

KINDS: Final[tuple[Kind, ...]] = ("parameters", "moments", "styles")


class SentSheet(QDialog):
    """One update at a time, the expected one or one of the past."""

    chosen = Signal(int)
    """Place of what is to be shown in the list."""
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What leaves this hospital"))
        self.resize(760, 680)
        self.which = QComboBox()
        self.which.setAccessibleName(self.tr("Of which round"))
        self.which.currentIndexChanged.connect(self.chosen)
        self._state = text("", "strong")
        self._words = selectable()
        self._table = QTableWidget(0, 4)
        self._table.setAccessibleName(self.tr("Every array that is sent"))
        self._table.setHorizontalHeaderLabels(
            [self.tr("Array"), self.tr("Shape"), self.tr("Encoding"), self.tr("Bytes")]
        )
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._message = selectable("", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = button(self.tr("Copy"), "", self.tr("Copy all of it"))
        copy.clicked.connect(self.on_copy_clicked)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(10)
        layout.addWidget(text(self.tr("What leaves this hospital"), "title"))
        layout.addWidget(self.which)
        layout.addWidget(self._state)
        layout.addWidget(self._words)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._message)
        layout.addWidget(buttons)

    @property
    def state(self) -> str:
        """What is said of the update as a whole."""
        return self._state.text()

    def show_choices(self, words: Sequence[str]) -> None:
        """Offer these; the first is shown."""
        self.which.clear()
        self.which.addItems(list(words))

    def show_state(self, sentence: str, role: str = "strong") -> None:
        """Say what is shown, or why nothing is."""
        self._state.setText(sentence)
        show_role(self._state, "role", role)

    def show_arrays(self, arrays: Sequence[SentArray], message: str) -> None:
        """Show an update: its arrays, and everything else of it word for word."""
        self._words.setText(
            "\n\n".join(
                self._meaning(kind, [array for array in arrays if array.kind == kind])
                for kind in KINDS
                if any(array.kind == kind for array in arrays)
            )
        )
        self._table.setRowCount(len(arrays))
        for row, array in enumerate(arrays):
            shape = " x ".join(map(str, array.shape)) or "1"
            cells = (array.name, shape, array.encoding, f"{array.byte_count:,}")
            for column, words in enumerate(cells):
                self._table.setItem(row, column, QTableWidgetItem(words))
        self._message.setText(message)
        self._message.setVisible(bool(message))

    def on_copy_clicked(self) -> None:
        """Put everything on the clipboard."""
        model = self._table.model()
        rows = [
            "\t".join(str(model.index(row, column).data()) for column in range(4))
            for row in range(self._table.rowCount())
        ]
        told = (self.state, self._words.text(), *rows, self._message.text())
        QGuiApplication.clipboard().setText("\n".join(told))

    def _meaning(self, kind: Kind, arrays: Sequence[SentArray]) -> str:
        size = f"{sum(array.byte_count for array in arrays):,}"
        return {
            "parameters": self.tr(
                "The model’s parameters ({0} bytes), as your images have changed them. No image "
                "can be seen in them. Whoever has them and an image in hand may try to guess "
                "whether it was trained on; the fewer your images, the better such a guess."
            ),
            "moments": self.tr(
                "Average and spread of what the network makes of at least 20 images of a scanner "
                "({0} bytes). They tell how these images differ from other scanners’, and that "
                "there are at least 20 of a lesion class; nothing of a single image."
            ),
            "styles": self.tr(
                "16 averages of how at least 4 images each of a scanner look ({0} bytes). They "
                "tell how bright, coloured and rich in contrast a scanner’s images are."
            ),
        }[kind].format(size)
