"""What a file says about its image; who the patient is stays hidden until somebody asks."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.file_words import file_words, value_words
from desktop_client.gui.views.elements import button, text
from desktop_client.imaging.metadata import MetadataField

LOWEST_PX: Final = 90


class MetadataPanel(QWidget):
    """Names and values, of one file at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: tuple[MetadataField, ...] = ()
        self._shows_patient = False
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        # What the classes leave; a list that wants more would hide some of them.
        self.tree.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.tree.setMinimumHeight(LOWEST_PX)
        self.tree.setAccessibleName(self.tr("What the file says"))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.tree)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.on_copy_activated)
        self._words = text("", "muted")
        self._ask = button("", "quiet")
        self._ask.clicked.connect(self.on_ask_clicked)
        heading = text(self.tr("What the file says"), "strong")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading)
        layout.addWidget(self._words)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_words("")

    def show_words(self, words: str) -> None:
        """Show words in place of fields, for example why there are none."""
        self._fields, self._shows_patient = (), False
        self._fill()
        self._words.setText(words)
        self._words.setVisible(bool(words))

    def show_fields(self, fields: Sequence[MetadataField]) -> None:
        """Show another file's fields; those about its patient are hidden again."""
        self.show_words("" if fields else self.tr("The file says nothing about itself."))
        self._fields = tuple(fields)
        self._fill()

    def on_ask_clicked(self) -> None:
        """Show or hide what is about the patient."""
        self._shows_patient = not self._shows_patient
        self._fill()

    def on_copy_activated(self) -> None:
        """Copy the selected lines."""
        lines = [f"{item.text(0)}\t{item.text(1)}" for item in self.tree.selectedItems()]
        QApplication.clipboard().setText("\n".join(lines))

    def _fill(self) -> None:
        self.tree.clear()
        hidden = self.tr("hidden")
        for field in self._fields:
            is_hidden = field.is_about_patient and not self._shows_patient
            value = field.value if field.is_about_patient else value_words(field.value)
            item = QTreeWidgetItem([file_words(field.name), hidden if is_hidden else value])
            if not is_hidden:
                item.setToolTip(1, value)
            self.tree.addTopLevelItem(item)
        count = sum(field.is_about_patient for field in self._fields)
        self._ask.setVisible(count > 0)
        self._ask.setText(
            self.tr("Hide what is about the patient")
            if self._shows_patient
            else self.tr("Show what is about the patient ({0})").format(count)
        )
        self._ask.setAccessibleName(self._ask.text())
