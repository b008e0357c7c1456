"""Keys: one table of commands, from which menus, sheet and choice are made."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QDialogButtonBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.keymap import KeyMap, key_of
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.keys_dialog import KeysDialog
from desktop_client.paths import Home
from desktop_client.settings import load_settings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""

Find = Callable[[QWidget, str], QAbstractButton]


def pressed(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str) -> str:
    return key_of(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def open_choice(window: MainWindow) -> KeysDialog:
    window.menus.actions["choose_keys"].trigger()
    (dialog,) = window.findChildren(KeysDialog)
    return dialog


def type_into(dialog: KeysDialog, command_id: str, key: Qt.Key) -> None:
    field = dialog.fields[command_id]
    field.setFocus()
    QTest.keyClick(field, key)


def save(dialog: KeysDialog) -> None:
    (box,) = dialog.findChildren(QDialogButtonBox)
    QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Save), Qt.MouseButton.LeftButton)


@pytest.fixture
def filled(window: MainWindow, images: Path, qtbot: QtBot) -> MainWindow:
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Melanoma"])
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    return window


def test_no_key_is_the_default_of_two_commands() -> None:
    counts = Counter(key for command in KeyMap().commands for key in command.keys)
    assert [key for key, count in counts.items() if count > 1] == []


def test_a_digit_is_the_same_on_the_keypad_and_on_a_keyboard_that_shifts_it() -> None:
    assert pressed(Qt.Key.Key_1, Qt.KeyboardModifier.KeypadModifier, "1") == "1"
    assert pressed(Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier, "1") == "1"  # French
    assert pressed(Qt.Key.Key_Equal, Qt.KeyboardModifier.ShiftModifier, "=") == "="  # German


def test_shift_counts_where_it_makes_no_other_sign() -> None:
    assert pressed(Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier, " ") == "Shift+Space"
    assert pressed(Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier, "I") == "Shift+I"


def test_every_command_is_in_the_menu_bar_and_does_something(window: MainWindow) -> None:
    for command in window.keys.keymap.commands:
        action = window.menus.actions[command.command_id]
        assert action.receivers("2triggered(bool)") > 0, command.command_id


def test_another_key_labels_at_once_and_is_remembered(filled: MainWindow, home: Home) -> None:
    dialog = open_choice(filled)
    type_into(dialog, "label_1", Qt.Key.Key_M)
    save(dialog)
    QTest.keyClicks(filled.images.grid, "1")
    assert filled.samples.samples[0].class_id is None
    QTest.keyClicks(filled.images.grid, "m")
    assert filled.samples.samples[0].class_id is not None
    assert load_settings(home.settings_path).keys == {"label_1": ("M",)}


def test_a_key_that_is_taken_is_refused_in_words_and_nothing_changes(filled: MainWindow) -> None:
    dialog = open_choice(filled)
    type_into(dialog, "label_1", Qt.Key.Key_Space)
    assert (
        dialog._problem.text() == "Space is the key for “Next image”. Give that another key first."
    )
    assert dialog.fields["label_1"].keySequence().toString() == "1"
    save(dialog)
    assert filled.keys.keymap.chosen == {}


def test_an_emptied_field_frees_its_key_for_another_command(filled: MainWindow) -> None:
    dialog = open_choice(filled)
    dialog.fields["next_image"].clear()
    type_into(dialog, "label_1", Qt.Key.Key_Space)
    save(dialog)
    assert filled.keys.keymap.chosen == {"next_image": (), "label_1": ("Space",)}


def test_the_defaults_come_back(filled: MainWindow, home: Home, button_named: Find) -> None:
    filled.keys.on_dialog_keys_chosen(KeyMap({"undo": ["Ctrl+U"], "quit": []}))
    dialog = open_choice(filled)
    QTest.mouseClick(button_named(dialog, "Back to the defaults"), Qt.MouseButton.LeftButton)
    save(dialog)
    assert filled.menus.actions["undo"].shortcut().toString() == "Ctrl+Z"
    assert load_settings(home.settings_path).keys == {}


def test_what_is_not_saved_is_not_used(filled: MainWindow) -> None:
    dialog = open_choice(filled)
    type_into(dialog, "label_1", Qt.Key.Key_M)
    dialog.reject()
    assert filled.keys.keymap.chosen == {}


def test_the_sheet_shows_the_keys_as_they_are_now(filled: MainWindow) -> None:
    filled.keys.on_dialog_keys_chosen(KeyMap({"next_unlabelled": ["Ctrl+U"]}))
    QTest.keyClick(filled.images, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    (sheet,) = filled.findChildren(QDialog)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    assert "Ctrl+U" in words
    assert "Ctrl+D" not in words
