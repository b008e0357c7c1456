"""How the window looks: Qt's palette and one style sheet, both made from our palette."""

from importlib import resources
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_client.gui.palette import PALETTES, Palette

THEMES: Final = ("system", "light", "dark")


def palette_for(theme: str) -> Palette:
    """Return the palette of a theme; ``system`` follows the desktop's own choice."""
    if theme == "dark":
        return PALETTES["dark"]
    if theme == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return PALETTES["dark" if scheme is Qt.ColorScheme.Dark else "light"]
    return PALETTES["light"]


def apply_palette(app: QApplication, palette: Palette) -> None:
    """Give the whole application the colours of ``palette``, unless it has them.

    Each step makes Qt look at every widget again, which takes longer than making a window.
    """
    old, new = app.styleSheet(), style_sheet(palette)
    if new == old:
        return
    if not old and app.style().name() != "fusion":  # a style sheet hides the name, and keeps it
        app.setStyle("Fusion")
    app.setPalette(qt_palette(palette))
    app.setStyleSheet(new)


def qt_palette(palette: Palette) -> QPalette:
    """Return the colours that Qt's own drawing uses."""
    roles = {
        QPalette.ColorRole.Window: palette.window,
        QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Base: palette.surface,
        QPalette.ColorRole.AlternateBase: palette.raised,
        QPalette.ColorRole.Text: palette.text,
        QPalette.ColorRole.Button: palette.raised,
        QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.ToolTipBase: palette.raised,
        QPalette.ColorRole.ToolTipText: palette.text,
        QPalette.ColorRole.Highlight: palette.accent,
        QPalette.ColorRole.HighlightedText: palette.on_accent,
        QPalette.ColorRole.Accent: palette.accent,
        QPalette.ColorRole.PlaceholderText: palette.muted,
        QPalette.ColorRole.Link: palette.accent,
        QPalette.ColorRole.Mid: palette.outline,
        QPalette.ColorRole.Dark: palette.outline,
    }
    result = QPalette(QColor(palette.raised), QColor(palette.window))
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    greyed = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        result.setColor(greyed, role, QColor(palette.outline))
    return result


def style_sheet(palette: Palette) -> str:
    """Return the application's style sheet; widgets choose a style by their ``role`` property."""
    with resources.as_file(resources.files("resources") / "icons") as icons:
        return _STYLE_SHEET.format(icons=icons.as_posix(), **vars(palette))


_STYLE_SHEET: Final = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {outline}; padding: 4px; }}
QMenuBar {{ background: {window}; color: {text}; }}
QMenuBar::item:selected {{ background: {selection}; color: {text}; }}

QFrame[role="card"] {{ background: {surface}; border: 1px solid {divider}; border-radius: 8px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: 17pt; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: 12pt; font-weight: 600; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="error"] {{ color: {danger}; font-weight: 600; }}
QLabel[role="warning"] {{ color: {warning}; font-weight: 600; }}
QLabel[role="told"] {{
    background: {surface}; border: 1px solid {divider}; border-left: 4px solid {accent};
    border-radius: 4px; padding: 7px 12px;
}}
QLabel[role="success"] {{ color: {success}; font-weight: 600; }}

QPushButton {{
    background: {surface}; color: {text}; border: 1px solid {outline}; border-radius: 6px;
    padding: 6px 14px; min-height: 18px;
}}
QPushButton:hover {{ background: {raised}; }}
QPushButton:pressed {{ background: {selection}; }}
QPushButton:disabled {{ color: {outline}; border-color: {divider}; background: {window}; }}
QPushButton[role="primary"] {{
    background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600;
}}
QPushButton[role="primary"]:disabled {{
    background: {raised}; color: {outline}; border-color: {divider};
}}
QPushButton[role="quiet"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="quiet"]:hover {{ background: {raised}; }}
QPushButton[role="quiet"]:checked {{ background: {selection}; border-color: {outline}; }}
QPushButton[role="fold"] {{
    background: transparent; border-color: transparent; text-align: left; padding: 6px 4px;
}}
QPushButton:focus, QPushButton[role="quiet"]:focus, QPushButton[role="fold"]:focus {{
    border: 2px solid {accent}; padding: 5px 13px;
}}
QPushButton[role="fold"]:focus {{ padding: 5px 3px; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; }}

QToolButton[role="page"] {{
    color: {text}; background: transparent; border: 2px solid transparent; border-radius: 8px;
    padding: 8px 10px; text-align: left; font-size: 11pt;
}}
QToolButton[role="page"]:hover {{ background: {raised}; }}
QToolButton[role="page"]:checked {{ background: {selection}; font-weight: 600; }}
QToolButton[role="page"]:focus {{ border-color: {accent}; }}
QToolButton[role="icon"] {{
    background: transparent; border: 2px solid transparent; border-radius: 6px; padding: 3px;
}}
QToolButton[role="icon"]:hover {{ background: {raised}; }}
QToolButton[role="icon"]:focus {{ border-color: {accent}; }}

QLineEdit, QPlainTextEdit {{
    background: {surface}; color: {text}; border: 1px solid {outline}; border-radius: 6px;
    padding: 5px 8px; min-height: 18px;
    selection-background-color: {accent}; selection-color: {on_accent};
    placeholder-text-color: {muted};
}}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {accent}; padding: 4px 7px; }}
QLineEdit:disabled {{ color: {muted}; background: {window}; border-color: {divider}; }}

QComboBox, QSpinBox, QDoubleSpinBox {{
    background: {surface}; color: {text}; border: 1px solid {outline}; border-radius: 6px;
    padding: 4px 8px; min-height: 18px;
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {{
    border: 2px solid {accent}; padding: 3px 7px;
}}
QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{
    color: {muted}; background: {window}; border-color: {divider};
}}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({icons}/arrow-down.svg); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{
    background: {surface}; color: {text}; border: 1px solid {outline}; border-radius: 0;
    selection-background-color: {selection}; selection-color: {text};
}}
QSpinBox::up-button, QDoubleSpinBox::up-button {{
    subcontrol-position: top right; border: none; width: 20px;
}}
QSpinBox::down-button, QDoubleSpinBox::down-button {{
    subcontrol-position: bottom right; border: none; width: 20px;
}}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
    image: url({icons}/arrow-up.svg); width: 11px; height: 11px;
}}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
    image: url({icons}/arrow-down.svg); width: 11px; height: 11px;
}}
QCheckBox {{ spacing: 8px; border: 2px solid transparent; border-radius: 4px; padding: 2px; }}
QCheckBox:focus {{ border-color: {accent}; }}
QCheckBox::indicator {{
    width: 15px; height: 15px; border: 1px solid {outline}; border-radius: 4px;
    background: {surface};
}}
QCheckBox::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url({icons}/check-{name}.svg);
}}
QRadioButton {{ spacing: 8px; border: 2px solid transparent; border-radius: 4px; padding: 2px; }}
QRadioButton:focus {{ border-color: {accent}; }}
QRadioButton:disabled {{ color: {muted}; }}
QRadioButton::indicator {{
    width: 15px; height: 15px; border: 1px solid {outline}; border-radius: 8px;
    background: {surface};
}}
QRadioButton::indicator:checked {{
    width: 7px; height: 7px; border: 5px solid {accent}; background: {on_accent};
}}

QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {outline}; border-radius: 4px; min-height: 32px; margin: 2px;
}}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QListView, QTableView {{
    background: {surface}; color: {text}; border: 1px solid {divider}; border-radius: 8px;
    outline: none;
}}
QListView:focus, QTableView:focus {{ border: 2px solid {accent}; }}
QTableView::item {{ padding: 0 6px; }}
QListView[role="list"]::item {{ padding: 7px 8px; border-radius: 5px; color: {text}; }}
QListView[role="list"]::item:selected {{ background: {selection}; color: {text}; }}
QTableView {{ gridline-color: {divider}; selection-background-color: {selection};
    selection-color: {text}; }}
QHeaderView::section {{
    background: {raised}; color: {text}; border: none; border-bottom: 1px solid {divider};
    padding: 6px 8px; font-weight: 600;
}}
QTableCornerButton::section {{ background: {raised}; border: none; }}

QProgressBar {{
    background: {raised}; border: 1px solid {outline}; border-radius: 5px;
    min-height: 8px; max-height: 8px;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 4px; }}

QScrollArea, QScrollArea > QWidget > QWidget[role="scrolled"] {{
    background: transparent; border: none;
}}
QDialog[role="page"], QDialog[role="page"] QTextBrowser {{
    background: {surface}; border: none;
}}
QFrame[role="navigation"] {{ background: {surface}; border: none;
    border-right: 1px solid {divider}; }}
QFrame[role="footer"] {{ background: {banner}; border: none; border-top: 1px solid {divider}; }}
QFrame[role="footer"] QLabel {{ color: {on_banner}; }}
QFrame[role="footer"] QLabel[role="banner"] {{ font-weight: 700; }}
QPushButton[role="banner"] {{
    background: transparent; color: {on_banner}; border: 1px solid transparent; padding: 1px 8px;
}}
QPushButton[role="banner"]:hover {{ border-color: {on_banner}; background: transparent; }}
QPushButton[role="banner"]:focus {{ border: 2px solid {on_banner}; padding: 0 7px; }}
QFrame[role="notice"] {{
    background: {surface}; border: 1px solid {divider}; border-left: 4px solid {accent};
    border-radius: 4px;
}}
QFrame[role="notice"][severity="warning"] {{ border-left-color: {warning}; }}
QFrame[role="notice"][severity="success"] {{ border-left-color: {success}; }}
QFrame[role="class"] {{ border: 1px solid transparent; border-radius: 6px; }}
"""
