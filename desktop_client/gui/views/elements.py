"""The small pieces that every page is laid out with, so that all look and behave alike."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.palette import ink_on
from desktop_client.labelling.sample import LesionClass


def text(words: str = "", role: str = "") -> QLabel:
    """Return a wrapping label; roles are those of the style sheet (``title``, ``muted``, ...)."""
    label = QLabel(words)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # what comes from files or servers is no markup
    return label


class ElidedLabel(QLabel):
    """One line that leaves out its middle where it is longer than there is room.

    Names of files differ at their end as often as at their beginning.
    """

    def __init__(self, narrowest_px: int, role: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        # However long, the words must not push others out of the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(narrowest_px)

    @property
    def seen_words(self) -> str:
        """What there is room for."""
        middle = Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(self.text(), middle, self.width())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw what there is room for."""
        self.style().drawItemText(
            QPainter(self),
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            self.seen_words,
            self.foregroundRole(),
        )


def selectable(words: str = "", role: str = "") -> QLabel:
    """Return a wrapping label whose words can be marked and copied."""
    label = text(words, role)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return label


def button(words: str, role: str = "", described: str = "") -> QPushButton:
    """Return a push button; ``described`` is read aloud instead of the words on it."""
    result = QPushButton(words)
    result.setProperty("role", role)
    result.setAccessibleName(described or words.replace("&", ""))
    result.setAutoDefault(False)
    return result


def card(heading: str = "") -> tuple[QFrame, QVBoxLayout]:
    """Return a framed area and the layout inside it, headed if there is a heading."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(16, 14, 16, 14)
    layout.setSpacing(10)
    if heading:
        layout.addWidget(text(heading, "heading"))
    return frame, layout


def column(
    *widgets: QWidget, spacing: int = 12, sides: int = 0, top: int = 0, spare: bool = False
) -> QWidget:
    """Return the widgets below each other.

    Args:
        widgets: From top to bottom.
        spacing: Pixels between them.
        sides: Pixels at the left and right.
        top: Pixels above the first one.
        spare: Leave spare height below the last one instead of sharing it out.
    """
    result = QWidget()
    layout = QVBoxLayout(result)
    layout.setContentsMargins(sides, top, sides, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    if spare:
        layout.addStretch(1)
    return result


def scrolled(content: QWidget, width_px: int) -> QScrollArea:
    """Return an area of this width in which content that is too high can be scrolled."""
    content.setProperty("role", "scrolled")
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFixedWidth(width_px)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def show_role(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet looks at, and draw the widget anew."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def key_badge(lesion_class: LesionClass) -> QLabel:
    """Return a class's sign: its key, or its first letter, on its colour."""
    badge = QLabel(lesion_class.key or lesion_class.name[0].upper())
    badge.setFixedSize(26, 24)
    badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
    ink = ink_on(lesion_class.colour)
    badge.setStyleSheet(
        f"background: {lesion_class.colour}; color: {ink}; border-radius: 4px; font-weight: 700;"
    )
    return badge
