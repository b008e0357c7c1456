"""Windows to read: the keys, and what this program is made of."""

import platform
from collections.abc import Sequence
from importlib import metadata
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.commands import LABEL_PREFIX, Command, group_title
from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.views.elements import selectable, text

COLUMN_COUNT: Final = 2
"""Of the sheet of keys."""
KEY_SHEET_HEIGHT_PX: Final = 660
"""Fits a small screen; what is longer can be scrolled."""

COMPONENTS: Final = (
    ("PySide6-Essentials", "LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("numpy", "BSD-3-Clause"),
    ("pillow", "MIT-CMU"),
    ("torch", "BSD-3-Clause"),
    ("torchvision", "BSD-3-Clause"),
    ("safetensors", "Apache-2.0"),
    ("pydantic", "MIT"),
    ("requests", "Apache-2.0"),
    ("scikit-learn", "BSD-3-Clause"),
    ("tifffile", "BSD-3-Clause"),
    ("imagecodecs", "BSD-3-Clause"),
    ("pydicom", "MIT"),
    ("dicom-anonymizer", "BSD-3-Clause"),
)
"""What the desktop program uses most, and under which licence."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("sheets", words)


def key_sheet(parent: QWidget, keymap: KeyMap) -> QDialog:
    """Return the sheet of all keys as they are now."""
    dialog, layout = _sheet(parent, _tr("Keys"))
    side_by_side = QHBoxLayout()
    side_by_side.setSpacing(36)
    sections = [
        (group_title(group), lines)
        for group, commands in keymap.by_group()
        if (lines := _key_lines(keymap, commands))
    ]
    sections += [
        (_tr("In the grid"), _grid_lines()),
        (_tr("Mouse on an image"), _mouse_lines()),
    ]
    for column in _columns(sections):
        side_by_side.addLayout(column)
    content = QWidget()
    content.setProperty("role", "scrolled")
    side_by_side.setContentsMargins(0, 0, 12, 0)
    content.setLayout(side_by_side)
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setAccessibleName(_tr("Keys"))
    layout.addWidget(area, 1)
    layout.addWidget(text(_tr("To choose others: Help, Choose keys."), "muted"))
    _add_close(dialog, layout)
    margins_px = layout.contentsMargins().left() + layout.contentsMargins().right()
    bar_px = area.verticalScrollBar().sizeHint().width() + 2 * area.frameWidth()
    wanted = QSize(content.sizeHint().width() + bar_px + margins_px, KEY_SHEET_HEIGHT_PX)
    dialog.resize(wanted.boundedTo(dialog.screen().availableSize()))
    return dialog


def _key_lines(keymap: KeyMap, commands: Sequence[Command]) -> list[tuple[str, str]]:
    """Return keys and words of the commands that have a key; nine alike become one line."""
    lines = [
        (keymap.words_of(command), command.plain_words)
        for command in commands
        if keymap.keys_of(command)
    ]
    digits = [command for command in commands if command.command_id.startswith(LABEL_PREFIX)]
    if digits and all(keymap.keys_of(command) == command.keys for command in digits):
        lines[: len(digits)] = [("1 – 9", _tr("label the selected images"))]
    return lines


def _grid_lines() -> list[tuple[str, str]]:
    return [
        (_tr("Arrows, Page, Home, End"), _tr("move around")),
        (_tr("Shift or Ctrl and click"), _tr("select several images")),
    ]


def _mouse_lines() -> list[tuple[str, str]]:
    return [
        (_tr("Drag left, middle"), _tr("window and level, move")),
        (_tr("Wheel"), _tr("enlarge; of several frames, next frame")),
        (_tr("Ctrl and wheel"), _tr("enlarge")),
        (_tr("Double click"), _tr("reset window and zoom")),
    ]


def _columns(sections: Sequence[tuple[str, list[tuple[str, str]]]]) -> list[QVBoxLayout]:
    """Lay sections out in columns of about the same length."""
    total, sofar = sum(len(lines) + 2 for _, lines in sections), 0
    columns = [QVBoxLayout() for _ in range(COLUMN_COUNT)]
    for column in columns:
        column.setSpacing(6)  # else that between the columns, which is wide
    for title, lines in sections:
        column = columns[COLUMN_COUNT * sofar // total]
        sofar += len(lines) + 2
        heading = text(title.replace("&", ""), "heading")
        heading.setWordWrap(False)
        column.addWidget(heading)
        column.addLayout(_key_grid(lines))
        column.addSpacing(10)
    for column in columns:
        column.addStretch(1)
    return columns


def _key_grid(lines: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    for row, (keys, words) in enumerate(lines):
        for column, label in enumerate((text(keys, "strong"), text(words))):
            label.setWordWrap(False)
            grid.addWidget(label, row, column)
    return grid


def about_sheet(parent: QWidget) -> QDialog:
    """Return what this program is, in which versions and under which licences."""
    dialog, layout = _sheet(parent, "SiteBlind")
    layout.addWidget(text(_tr("Version {0}").format(metadata.version("siteblind")), "muted"))
    layout.addWidget(text(_tr("Research use only. Not for diagnostic use."), "warning"))
    layout.addWidget(
        text(
            _tr(
                "Hospitals train one lesion classifier together without any image leaving a "
                "hospital. SiteBlind is free software under the Apache License 2.0."
            )
        )
    )
    layout.addWidget(
        text(
            _tr(
                "The window uses Qt through PySide6, which is free software under the GNU Lesser "
                "General Public License, version 3. Qt's libraries lie beside this program and "
                "may be replaced by your own build of them; their source is at "
                "https://code.qt.io and https://pypi.org/project/PySide6-Essentials."
            )
        )
    )
    listed = "\n".join(
        f"{name} {version} · {licence}"
        for name, licence in COMPONENTS
        if (version := _version(name))
    )
    layout.addWidget(selectable(f"Python {platform.python_version()} · PSF-2.0\n{listed}", "muted"))
    layout.addStretch(1)
    _add_close(dialog, layout)
    return dialog


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _sheet(parent: QWidget, title: str) -> tuple[QDialog, QVBoxLayout]:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setMinimumWidth(460)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(24, 20, 24, 16)
    layout.setSpacing(12)
    heading = text(title, "title")
    heading.setWordWrap(False)
    layout.addWidget(heading)
    return dialog, layout


def _add_close(dialog: QDialog, layout: QVBoxLayout) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout.addWidget(buttons)
