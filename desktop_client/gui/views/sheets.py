"""Windows to read: the keys, and what this program is made of."""

import platform
from importlib import metadata
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import selectable, text

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
)
"""What the desktop program uses most, and under which licence."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("sheets", words)


def key_sheet(parent: QWidget) -> QDialog:
    """Return the sheet of all keys."""
    keys = (
        ("1 – 9", _tr("label the selected images")),
        ("0 or Backspace", _tr("remove the label")),
        ("Space, arrows", _tr("next image, move around")),
        ("Ctrl+D", _tr("next image without a label")),
        ("Ctrl+A, Shift, Ctrl", _tr("select several images")),
        ("Ctrl+Z, Ctrl+Shift+Z", _tr("undo, redo")),
        ("Ctrl+N", _tr("new class")),
        ("Ctrl+O, Ctrl+I", _tr("open a folder, import a CSV")),
        ("Ctrl+1, 2, 3", _tr("Images, Training, Study")),
        ("F1", _tr("how it works")),
        ("?", _tr("this sheet")),
    )
    dialog, layout = _sheet(parent, _tr("Keys"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    for row, (key, words) in enumerate(keys):
        label = text(key)
        label.setStyleSheet("font-weight: 600;")
        label.setWordWrap(False)
        grid.addWidget(label, row, 0)
        meaning = text(words)
        meaning.setWordWrap(False)
        grid.addWidget(meaning, row, 1)
    layout.addLayout(grid)
    _add_close(dialog, layout)
    return dialog


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
    layout.addStretch(1)
    buttons.rejected.connect(dialog.reject)
    layout.addWidget(buttons)
