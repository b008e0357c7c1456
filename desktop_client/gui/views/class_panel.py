"""The classes with their keys, colours and counts; a click labels the selected images."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.icons import icon
from desktop_client.gui.palette import Palette, ink_on
from desktop_client.gui.views.elements import button, card, text
from desktop_client.labelling.sample import LesionClass

LONGEST_LIST_PX: Final = 240


class ClassRow(QFrame):
    """One class: its key on its colour, its name as a button, its count, its pencil."""

    chosen = Signal()
    rename_asked = Signal()

    def __init__(self, lesion_class: LesionClass, count: int, pencil: QIcon) -> None:
        super().__init__()
        self.setProperty("role", "class")
        name = button(
            lesion_class.name,
            "fold",
            self.tr("Label the selected images as {0}").format(lesion_class.name),
        )
        name.setToolTip(name.accessibleName())
        name.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the grid
        name.clicked.connect(self.chosen)
        rename = QToolButton()
        rename.setProperty("role", "icon")
        rename.setIcon(pencil)
        rename.setIconSize(QSize(16, 16))
        rename.setAccessibleName(self.tr("Rename the class {0}").format(lesion_class.name))
        rename.setToolTip(rename.accessibleName())
        rename.clicked.connect(self.rename_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(_key_badge(lesion_class))
        layout.addWidget(name, 1)
        layout.addWidget(text(f"{count:,}"))
        layout.addWidget(rename)


class ClassPanel(QWidget):
    """All classes, and a line to add another."""

    class_chosen = Signal(object)
    """The ``UUID`` of the class to give to the selected images; None takes their label away."""
    class_add_asked = Signal(str)
    class_rename_asked = Signal(object)
    """The ``LesionClass`` to rename."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pencil = QIcon()
        self._shown: tuple[Sequence[LesionClass], Mapping[UUID, int]] = ((), {})
        frame, inner = card(self.tr("Label"))
        content = QWidget()
        content.setProperty("role", "scrolled")
        self._rows = QVBoxLayout(content)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        self._scroll = QScrollArea()
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hint = text(self.tr("Add the lesions that you want to tell apart."), "muted")
        self._remove = button(self.tr("Remove label (0)"), "quiet")
        self._remove.clicked.connect(lambda: self.class_chosen.emit(None))
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("New class, for example nevus"))
        self._line.setAccessibleName(self.tr("Name of a new class"))
        self._line.setMaxLength(200)
        self._line.returnPressed.connect(self.on_add_clicked)
        self._add = button(self.tr("Add"), described=self.tr("Add the class"))
        self._add.clicked.connect(self.on_add_clicked)
        self._problem = text("", "error")
        self._problem.hide()
        adding = QHBoxLayout()
        adding.addWidget(self._line, 1)
        adding.addWidget(self._add)
        inner.addWidget(self._hint)
        inner.addWidget(self._scroll)
        inner.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addLayout(adding)
        inner.addWidget(self._problem)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._pencil = icon("pencil", palette.muted)
        self.show_classes(*self._shown)

    def show_classes(self, classes: Sequence[LesionClass], counts: Mapping[UUID, int]) -> None:
        """Show these classes and how many images each has."""
        self._shown = (classes, counts)
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for lesion_class in classes:
            row = ClassRow(lesion_class, counts.get(lesion_class.class_id, 0), self._pencil)
            row.chosen.connect(partial(self.class_chosen.emit, lesion_class.class_id))
            row.rename_asked.connect(partial(self.class_rename_asked.emit, lesion_class))
            self._rows.addWidget(row)
        height = self._rows.sizeHint().height()
        self._scroll.setFixedHeight(min(height, LONGEST_LIST_PX))
        self._scroll.setVisible(bool(classes))
        self._hint.setVisible(not classes)
        self._remove.setVisible(bool(classes))

    def show_problem(self, sentence: str) -> None:
        """Say why a class could not be added; an empty sentence clears it."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def begin_adding(self) -> None:
        """Put the cursor where a new class is named."""
        self._line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear_line(self) -> None:
        """Empty the line after its class was added."""
        self._line.clear()
        self.show_problem("")

    def on_add_clicked(self) -> None:
        """Ask for the class that was typed."""
        if name := self._line.text().strip():
            self.class_add_asked.emit(name)


def _key_badge(lesion_class: LesionClass) -> QLabel:
    badge = QLabel(lesion_class.key)
    badge.setFixedSize(26, 24)
    badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
    ink = ink_on(lesion_class.colour)
    badge.setStyleSheet(
        f"background: {lesion_class.colour}; color: {ink}; border-radius: 4px; font-weight: 700;"
    )
    return badge
