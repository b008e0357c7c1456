"""The editor of lesion classes: names, keys, colours, order; archive, merge, remove."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.palette import ink_on
from desktop_client.gui.views.elements import button, text
from desktop_client.labelling.palette import LABEL_KEYS, OKABE_ITO
from desktop_client.labelling.sample import LesionClass

SIGN_PX = 26


class ClassEditor(QDialog):
    """Shows the classes and asks for one change at a time; keeps none itself."""

    change_asked = Signal(object)
    """The ``LesionClass`` as it should be."""
    order_asked = Signal(list)
    """All classes' ``UUID`` in the order wanted."""
    merge_asked = Signal(object, object)
    """Two ``LesionClass``: the first is to become the second."""
    remove_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Classes"))
        self.setMinimumSize(640, 420)
        self._classes: list[LesionClass] = []
        self._used: frozenset[UUID] = frozenset()
        self.list = QListWidget()
        self.list.setProperty("role", "list")
        self.list.setAccessibleName(self.tr("Classes in their order"))
        self.list.setIconSize(QSize(SIGN_PX, SIGN_PX))
        self.list.currentRowChanged.connect(self.on_list_row_changed)
        self.name = QLineEdit()
        self.name.setMaxLength(200)
        self.name.setAccessibleName(self.tr("Name of the class"))
        self.name.editingFinished.connect(self.on_name_finished)
        self.key = QComboBox()
        self.key.setAccessibleName(self.tr("Key of the class"))
        self.key.activated.connect(self.on_key_activated)
        self.colour = QComboBox()
        self.colour.setAccessibleName(self.tr("Colour of the class"))
        self.colour.activated.connect(self.on_colour_activated)
        self.merge = QComboBox()
        self.merge.setAccessibleName(self.tr("Class to merge into"))
        self.merge.activated.connect(self.on_merge_activated)
        self._problem = text("", "error")
        self._problem.hide()
        self._hint = text("", "muted")
        self._lay_out()

    def show_classes(
        self, classes: Sequence[LesionClass], used: frozenset[UUID], chosen: UUID | None = None
    ) -> None:
        """Show these classes; ``used`` are those that cannot be removed any more."""
        present = self._current()
        wanted = chosen or (present.class_id if present else None)
        self._classes, self._used = list(classes), used
        with QSignalBlocker(self.list):
            self.list.clear()
            for lesion_class in classes:
                self.list.addItem(_item(lesion_class))
        ids = [c.class_id for c in classes]
        self.list.setCurrentRow(ids.index(wanted) if wanted in ids else 0)
        self.on_list_row_changed(self.list.currentRow())

    def show_problem(self, sentence: str) -> None:
        """Say why a change cannot be; an empty sentence clears it."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def on_list_row_changed(self, _row: int) -> None:
        """Show the chosen class at the right."""
        chosen = self._current()
        if chosen is None:
            return
        is_used = chosen.class_id in self._used
        self.name.setText(chosen.name)
        self._fill_keys(chosen)
        self._fill_colours(chosen)
        self._fill_merge(chosen)
        self._archive.setText(self.tr("Bring back") if chosen.is_archived else self.tr("Archive"))
        self._archive.setAccessibleName(self._archive.text())
        self._remove.setEnabled(not is_used)
        self._up.setEnabled(self.list.currentRow() > 0)
        self._down.setEnabled(self.list.currentRow() < len(self._classes) - 1)
        self._hint.setText(
            self.tr("Images have it: it can be archived or merged, not removed.")
            if is_used
            else self.tr("No image ever had it: it can be removed.")
        )

    def on_name_finished(self) -> None:
        """Ask for the name that was typed."""
        chosen = self._current()
        if chosen is not None and self.name.text().strip() != chosen.name:
            self.change_asked.emit(replace(chosen, name=self.name.text()))

    def on_key_activated(self) -> None:
        """Ask for another key."""
        self._ask_for(key=self.key.currentData())

    def on_colour_activated(self) -> None:
        """Ask for another colour."""
        self._ask_for(colour=self.colour.currentData())

    def on_archive_clicked(self) -> None:
        """Ask for the class to be put aside, or brought back."""
        chosen = self._current()
        if chosen is not None:
            is_archived = not chosen.is_archived
            self._ask_for(is_archived=is_archived, key="" if is_archived else chosen.key)

    def on_remove_clicked(self) -> None:
        """Ask for the class to be removed."""
        if (chosen := self._current()) is not None:
            self.remove_asked.emit(chosen)

    def on_merge_activated(self) -> None:
        """Ask for the class to become another."""
        target, chosen = self.merge.currentData(), self._current()
        if target is not None and chosen is not None:
            self.merge_asked.emit(chosen, target)
        self.merge.setCurrentIndex(0)

    def _move(self, step: int) -> None:
        ids = [c.class_id for c in self._classes]
        row = self.list.currentRow()
        ids.insert(row + step, ids.pop(row))
        self.order_asked.emit(ids)

    def _ask_for(self, **changes: object) -> None:
        chosen = self._current()
        if chosen is not None:
            self.change_asked.emit(replace(chosen, **changes))  # type: ignore[arg-type]  # its own fields

    def _current(self) -> LesionClass | None:
        row = self.list.currentRow()
        return self._classes[row] if 0 <= row < len(self._classes) else None

    def _fill_keys(self, chosen: LesionClass) -> None:
        taken = {c.key for c in self._classes} - {chosen.key}
        self.key.clear()
        self.key.addItem(self.tr("none"), "")
        for key in LABEL_KEYS:
            if key not in taken:
                self.key.addItem(key, key)
        self.key.setCurrentIndex(self.key.findData(chosen.key))
        self.key.setEnabled(not chosen.is_archived)

    def _fill_colours(self, chosen: LesionClass) -> None:
        self.colour.clear()
        for colour in dict.fromkeys((*OKABE_ITO, chosen.colour)):
            self.colour.addItem(_sign(replace(chosen, colour=colour)), _colour_name(colour), colour)
        self.colour.setCurrentIndex(self.colour.findData(chosen.colour))

    def _fill_merge(self, chosen: LesionClass) -> None:
        self.merge.clear()
        self.merge.addItem(self.tr("choose a class …"), None)
        for lesion_class in self._classes:
            if lesion_class != chosen and not lesion_class.is_archived:
                self.merge.addItem(_sign(lesion_class), lesion_class.name, lesion_class)

    def _lay_out(self) -> None:
        self._up, self._down = button(self.tr("Up")), button(self.tr("Down"))
        self._up.clicked.connect(partial(self._move, -1))
        self._down.clicked.connect(partial(self._move, 1))
        self._archive, self._remove = button(self.tr("Archive")), button(self.tr("Remove"))
        self._archive.clicked.connect(self.on_archive_clicked)
        self._remove.clicked.connect(self.on_remove_clicked)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("Key"), self.key)
        form.addRow(self.tr("Colour"), self.colour)
        form.addRow(self.tr("Merge into"), self.merge)
        right = QVBoxLayout()
        right.addLayout(form)
        right.addWidget(self._problem)
        right.addStretch(1)
        right.addWidget(self._hint)
        right.addLayout(_row(self._archive, self._remove))
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(_row(self._up, self._down))
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for closing in buttons.findChildren(QPushButton):
            closing.setAutoDefault(False)  # Enter in the name keeps the name
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        layout.addWidget(text(self.tr("Classes"), "title"))
        layout.addLayout(columns, 1)
        layout.addWidget(buttons)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for each in buttons:
        row.addWidget(each)
    row.addStretch(1)
    return row


def _item(lesion_class: LesionClass) -> QListWidgetItem:
    name = lesion_class.name
    if lesion_class.is_archived:
        name = QCoreApplication.translate("ClassEditor", "{0} (archived)").format(name)
    item = QListWidgetItem(_sign(lesion_class), name)
    if lesion_class.is_archived:
        font = QFont()
        font.setItalic(True)
        item.setFont(font)
    return item


def _sign(lesion_class: LesionClass) -> QIcon:
    """Draw a class's key, or its first letter, on its colour."""
    pixmap = QPixmap(2 * SIGN_PX, 2 * SIGN_PX)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(lesion_class.colour))
    painter.drawRoundedRect(1, 2, SIGN_PX - 2, SIGN_PX - 4, 4, 4)
    painter.setPen(QColor(ink_on(lesion_class.colour)))
    font = QFont()
    font.setBold(True)
    painter.setFont(font)
    sign = lesion_class.key or lesion_class.name[0].upper()
    painter.drawText(0, 0, SIGN_PX, SIGN_PX, Qt.AlignmentFlag.AlignCenter, sign)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt would tint the colour that is its point
    return icon


def _colour_name(colour: str) -> str:
    names = (
        QCoreApplication.translate("ClassEditor", "orange"),
        QCoreApplication.translate("ClassEditor", "sky blue"),
        QCoreApplication.translate("ClassEditor", "bluish green"),
        QCoreApplication.translate("ClassEditor", "yellow"),
        QCoreApplication.translate("ClassEditor", "blue"),
        QCoreApplication.translate("ClassEditor", "vermilion"),
        QCoreApplication.translate("ClassEditor", "reddish purple"),
        QCoreApplication.translate("ClassEditor", "grey"),
    )
    return dict(zip(OKABE_ITO, names, strict=True)).get(colour, colour)
