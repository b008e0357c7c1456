"""Findings one below the other: how each is, what it is about, and what can be done."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import selectable, text

MARK_WIDTH_PX = 96


class FindingGrid(QScrollArea):
    """Grows while something is looked at; each verdict stands in words beside its colour."""

    def __init__(self, described: str) -> None:
        super().__init__()
        self._lines: list[str] = []
        self.setAccessibleName(described)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.clear()

    @property
    def as_text(self) -> str:
        """Everything, a line for each finding, for a message to whoever can help."""
        return "\n".join(self._lines)

    def clear(self) -> None:
        """Show nothing."""
        self._lines.clear()
        content = QWidget()
        content.setProperty("role", "scrolled")
        self._grid = QGridLayout(content)
        self._grid.setColumnMinimumWidth(0, MARK_WIDTH_PX)
        self._grid.setColumnStretch(1, 1)
        self._grid.setVerticalSpacing(14)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(content)

    def add(self, verdict: tuple[str, str], topic: str, sentence: str, remedy: str) -> None:
        """Show one more finding.

        Args:
            verdict: In words, and its role in the style sheet.
            topic: What it is about.
            sentence: What was found.
            remedy: Who can do what about it; empty if nobody needs to.
        """
        words, role = verdict
        row = len(self._lines)
        self._lines.append(" ".join(filter(None, (f"{words}: {topic}.", sentence, remedy))))
        self._grid.addWidget(text(words, role), row, 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(3)
        told.addWidget(text(topic, "strong"))
        told.addWidget(selectable(sentence))
        if remedy:
            told.addWidget(selectable(f"→ {remedy}", "muted"))
        self._grid.addLayout(told, row, 1)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        QGuiApplication.clipboard().setText(self.as_text)
