"""The window in which keys are chosen; two commands never get the same one."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QKeySequenceEdit,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.commands import Command, group_title
from desktop_client.gui.keymap import KeyMap, key_words, portable
from desktop_client.gui.views.elements import button, text

FIRST_SIZE: Final = QSize(560, 640)


class KeyField(QKeySequenceEdit):
    """Takes one key for one command; emptied, the command has none."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)
        self.setAccessibleName(self.tr("Key for: {0}").format(command.plain_words))
        for line in self.findChildren(QLineEdit):
            line.setAccessibleName(self.accessibleName())

    def show_key(self, keys: tuple[str, ...]) -> None:
        """Show the first of a command's keys."""
        with QSignalBlocker(self):
            self.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())


class KeysDialog(QDialog):
    """Holds the choice until it is accepted."""

    keys_chosen = Signal(object)
    """The ``KeyMap`` to use from now on."""

    def __init__(self, keymap: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keymap = keymap
        self.setWindowTitle(self.tr("Choose keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(FIRST_SIZE)
        self.fields = {command.command_id: self._field(command) for command in keymap.commands}
        self._problem = text("", "error")
        self._problem.hide()
        heading = text(self.tr("Choose keys"), "title")
        heading.setWordWrap(False)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        defaults = button(self.tr("Back to the defaults"))
        defaults.clicked.connect(self.on_defaults_clicked)
        buttons.addButton(defaults, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.accepted.connect(self.on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(text(self.tr("Click a field and press the key you want."), "muted"))
        layout.addWidget(self._list(), 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        self._show_keys()

    def on_field_edited(self, field: KeyField) -> None:
        """Take the key, unless another command has it."""
        key = portable(field.keySequence())
        owner = next((o for o in self._other_fields(field) if key in self._keys_in(o)), None)
        if owner is not None:
            self._say(
                self.tr("{0} is the key for “{1}”. Give that another key first.").format(
                    key_words(key), owner.command.plain_words
                )
            )
            field.show_key(self._keymap.keys_of(field.command))
            return
        self._keymap = self._keymap.with_keys(field.command, self._keys_in(field))
        self._say("")

    def on_defaults_clicked(self) -> None:
        """Show the defaults again; they are used once the choice is saved."""
        self._keymap = KeyMap()
        self._show_keys()
        self._say("")

    def on_buttons_accepted(self) -> None:
        """Hand the choice over; a field that was emptied leaves its command without a key."""
        for field in self.fields.values():
            self._keymap = self._keymap.with_keys(field.command, self._keys_in(field))
        self.keys_chosen.emit(self._keymap)
        self.accept()

    def _field(self, command: Command) -> KeyField:
        field = KeyField(command)
        # keySequenceChanged also tells of an empty field before each key that is recorded.
        field.editingFinished.connect(lambda: self.on_field_edited(field))
        return field

    def _other_fields(self, field: KeyField) -> list[KeyField]:
        return [other for other in self.fields.values() if other is not field]

    def _keys_in(self, field: KeyField) -> tuple[str, ...]:
        """Return a field's key, and with the first of several the others."""
        key, known = portable(field.keySequence()), self._keymap.keys_of(field.command)
        if not key:
            return ()
        return known if key in known else (key,)

    def _list(self) -> QScrollArea:
        content = QWidget()
        content.setProperty("role", "scrolled")
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for group, commands in self._keymap.by_group():
            grid.addWidget(
                text(group_title(group).replace("&", ""), "heading"), grid.rowCount(), 0, 1, 2
            )
            for command in commands:
                row = grid.rowCount()
                grid.addWidget(text(command.plain_words), row, 0)
                grid.addWidget(self.fields[command.command_id], row, 1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _show_keys(self) -> None:
        for field in self.fields.values():
            field.show_key(self._keymap.keys_of(field.command))

    def _say(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
