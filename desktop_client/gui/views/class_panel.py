"""The classes with their keys, colours and counts; a click labels the selected images."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.icons import icon
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import button, card, key_badge, text
from desktop_client.gui.wording import percent, reason_words
from desktop_client.labelling.sample import LesionClass, Sample

ROW_PX: Final = 36
BAR_PX: Final = 44
LONGEST_LIST: Final = 6
"""So many classes are seen without scrolling."""


class ClassRow(QFrame):
    """One class: its key on its colour, its name as a button, its count and share, its pencil."""

    chosen = Signal()
    edit_asked = Signal()

    def __init__(self, lesion_class: LesionClass) -> None:
        super().__init__()
        self.lesion_class = lesion_class
        self.setProperty("role", "class")
        self.setFixedHeight(ROW_PX)
        name = button(
            lesion_class.name,
            "fold",
            self.tr("Label the selected images as {0}").format(lesion_class.name),
        )
        name.setToolTip(name.accessibleName())
        name.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the grid
        name.clicked.connect(self.chosen)
        self._count = text()
        self._count.setWordWrap(False)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_PX)
        self._bar.setAccessibleName(self.tr("Share of the labels: {0}").format(lesion_class.name))
        self._bar.setStyleSheet(
            f"QProgressBar::chunk {{ background: {lesion_class.colour}; border-radius: 4px; }}"
        )
        self._edit = edit = QToolButton()
        edit.setProperty("role", "icon")
        edit.setIconSize(QSize(16, 16))
        edit.setAccessibleName(self.tr("Edit the class {0}").format(lesion_class.name))
        edit.setToolTip(edit.accessibleName())
        edit.clicked.connect(self.edit_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(key_badge(lesion_class))
        layout.addWidget(name, 1)
        layout.addWidget(self._count)
        layout.addWidget(self._bar)
        layout.addWidget(edit)

    def set_pencil(self, pencil: QIcon) -> None:
        """Use this icon for editing."""
        self._edit.setIcon(pencil)

    def show_count(self, count: int, total_count: int) -> None:
        """Show how many images have this class, of all that have one."""
        self._count.setText(f"{count:,}")
        self._bar.setRange(0, max(1, total_count))
        self._bar.setValue(count)
        self._bar.setToolTip(percent(count / total_count if total_count else 0.0))


class ClassList(QScrollArea):
    """The rows; as high as they are, up to a limit."""

    def __init__(self) -> None:
        super().__init__()
        content = QWidget()
        content.setProperty("role", "scrolled")
        self._lines = QVBoxLayout(content)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self, rows: Sequence[ClassRow]) -> None:
        """Hold these rows, and take their height."""
        for row in rows:
            self._lines.addWidget(row)
        self.setFixedHeight(len(rows[:LONGEST_LIST]) * ROW_PX)


class ClassPanel(QWidget):
    """All classes, and a line to add another."""

    class_chosen = Signal(object)
    """The ``UUID`` of the class to give to the selected images; None takes their label away."""
    class_add_asked = Signal(str)
    auto_advance_changed = Signal(bool)
    class_edit_asked = Signal(object)
    """The ``LesionClass`` to edit."""
    exclusion_asked = Signal()
    note_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pencil = QIcon()
        self._rows: list[ClassRow] = []
        frame, inner = card()
        inner.setSpacing(6)
        self._list = ClassList()
        self._hint = text(self.tr("Add the lesions that you want to tell apart."), "muted")
        self._remove = button(self.tr("0   Remove label"), "fold", self.tr("Remove label"))
        self._remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._remove.clicked.connect(lambda: self.class_chosen.emit(None))
        self._auto = QCheckBox(self.tr("then next image"))
        self._auto.setAccessibleName(self.tr("Go to the next image after labelling"))
        self._auto.setToolTip(self._auto.accessibleName())
        self._auto.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._auto.toggled.connect(self.auto_advance_changed)
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
        heading = text(self.tr("Label"), "heading")
        heading.setWordWrap(False)
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addStretch(1)
        top.addWidget(self._auto)
        inner.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        inner.addLayout(top)
        inner.addWidget(self._hint)
        inner.addWidget(self._list)
        inner.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addLayout(adding)
        inner.addWidget(self._problem)
        inner.addLayout(self._remark_lines())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self._make_rows(())

    def _remark_lines(self) -> QVBoxLayout:
        self._exclude = button(self.tr("Exclude …"))
        self._exclude.clicked.connect(self.exclusion_asked)
        self._note = button(self.tr("Note …"))
        self._note.clicked.connect(self.note_asked)
        for act in (self._exclude, self._note):
            act.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._exclusion_words, self._note_words = text("", "error"), text()
        acts = QHBoxLayout()
        acts.addWidget(self._exclude)
        acts.addWidget(self._note)
        acts.addStretch(1)
        lines = QVBoxLayout()
        lines.setSpacing(6)
        lines.addWidget(self._exclusion_words)
        lines.addWidget(self._note_words)
        lines.addLayout(acts)
        self.show_remarks(None, may_remark=False)
        return lines

    def show_remarks(self, sample: Sample | None, *, may_remark: bool) -> None:
        """Show whether the current image is excluded and what is noted on it."""
        exclusion = sample.exclusion if sample else None
        note = sample.note if sample else ""
        reason = reason_words(exclusion) if exclusion is not None else ""
        self._exclusion_words.setText(self.tr("Excluded: {0}").format(reason))
        self._exclusion_words.setVisible(exclusion is not None)
        self._note_words.setText(self.tr("Note: {0}").format(note))
        self._note_words.setVisible(bool(note))
        self._exclude.setText(self.tr("Take in again") if reason else self.tr("Exclude …"))
        self._exclude.setAccessibleName(self._exclude.text())
        for act in (self._exclude, self._note):
            act.setEnabled(may_remark and sample is not None)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._pencil = icon("pencil", palette.muted)
        for row in self._rows:
            row.set_pencil(self._pencil)

    def show_classes(self, classes: Sequence[LesionClass], counts: Mapping[UUID, int]) -> None:
        """Show these classes and how many images each has."""
        if [row.lesion_class for row in self._rows] != list(classes):
            self._make_rows(classes)
        total_count = sum(counts.values())
        for row in self._rows:
            row.show_count(counts.get(row.lesion_class.class_id, 0), total_count)

    def _make_rows(self, classes: Sequence[LesionClass]) -> None:
        for row in self._rows:
            row.setParent(None)
            row.deleteLater()
        self._rows = [self._new_row(lesion_class) for lesion_class in classes]
        self._list.fit(self._rows)
        for widget in (self._list, self._remove, self._auto):
            widget.setVisible(bool(classes))
        self._hint.setVisible(not classes)

    def _new_row(self, lesion_class: LesionClass) -> ClassRow:
        row = ClassRow(lesion_class)
        row.set_pencil(self._pencil)
        row.chosen.connect(partial(self.class_chosen.emit, lesion_class.class_id))
        row.edit_asked.connect(partial(self.class_edit_asked.emit, lesion_class))
        return row

    def show_auto_advance(self, is_auto: bool) -> None:
        """Show the setting as it was stored."""
        with QSignalBlocker(self._auto):
            self._auto.setChecked(is_auto)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Keep Return here: whoever ends a name with it does not want to open an image."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def on_add_clicked(self) -> None:
        """Ask for the class that was typed."""
        if name := self._line.text().strip():
            self.class_add_asked.emit(name)
