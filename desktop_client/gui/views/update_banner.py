"""One line above the page: there is a newer version, and where to read about it."""

from datetime import date

from PySide6.QtCore import QDate, QLocale, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop_client.gui.translation import language_in_use
from desktop_client.gui.views.elements import button, selectable
from desktop_client.updates.announcement import Announcement


class UpdateBanner(QFrame):
    """Hidden until there is news; it takes no focus and asks nothing."""

    link_asked = Signal(str)
    """Open this address in the browser."""
    version_declined = Signal(str)
    """Never tell of this version again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._announced: Announcement | None = None
        self._words = selectable()
        self._open = button(self.tr("Read more …"))
        self._open.clicked.connect(self._on_open_clicked)
        decline = button(self.tr("Not this version again"), "quiet")
        decline.clicked.connect(self._on_decline_clicked)
        later = button(self.tr("Later"), "quiet", self.tr("Tell me about the new version later"))
        later.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._words, 1)
        for one in (self._open, decline, later):
            layout.addWidget(one)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._words.text()

    def tell(self, announced: Announcement, own_version: str) -> None:
        """Say which version there is and which this is."""
        self._announced = announced
        told = self.tr("SiteBlind {0} came out on {1}; you have {2}.").format(
            announced.version, self._day_words(announced.date), own_version
        )
        self._words.setText(f"{told} {announced.text}".strip())
        self._open.setAccessibleName(self.tr("Read more at {0}").format(announced.host))
        self._open.setToolTip(announced.link)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.sentence))

    def _on_open_clicked(self) -> None:
        if self._announced is not None:
            self.link_asked.emit(self._announced.link)

    def _on_decline_clicked(self) -> None:
        self.hide()
        if self._announced is not None:
            self.version_declined.emit(self._announced.version)

    def _day_words(self, day: date) -> str:
        """Return a day as it is written in the language in use; in numbers, months are guessed."""
        order = self.tr("d MMMM yyyy")
        return QLocale(language_in_use()).toString(QDate(day.year, day.month, day.day), order)
