"""Looks for a newer version once a day where that is wanted, and says so in one line."""

import logging
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import Final

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.update_sheet import UpdateSheet
from desktop_client.gui.worker import Worker
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.policy import UpdatePolicy

logger = logging.getLogger(__name__)

PAUSE_MS: Final = 10_000
"""After the start, which has enough to do."""
HOUR_MS: Final = 3_600_000
"""How often a window that stays open for weeks sees whether a day is over."""
DAY: Final = timedelta(days=1)


def _now() -> datetime:
    return datetime.now(UTC)


class UpdateController(QObject):
    """Belongs to a window; no answer is no news, which only the log and who asked hear of."""

    def __init__(
        self,
        window: MainWindow,
        policy: UpdatePolicy,
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._policy = policy
        self._now = now
        self._own_version = metadata.version("siteblind")
        self._worker: Worker | None = None
        self._sheet: UpdateSheet | None = None
        window.menus.actions["updates"].triggered.connect(self.show_sheet)
        window.update_banner.link_asked.connect(self.on_banner_link_asked)
        window.update_banner.version_declined.connect(self.on_banner_version_declined)
        hourly = QTimer(self, interval=HOUR_MS)
        hourly.timeout.connect(self.look_if_due)
        hourly.start()

    def begin(self) -> None:
        """Look a little later, when the window has shown what it has to show."""
        QTimer.singleShot(PAUSE_MS, self, self.look_if_due)

    def look_if_due(self) -> None:
        """Look, if somebody wants it and a day has passed."""
        settings = self._window.settings
        if not self._policy.is_on(is_wanted=settings.is_update_check_wanted):
            return
        last, now = settings.update_looked_at, self._now()
        # A time to come was written under a wrong clock.
        if last is None or not timedelta() <= now - last < DAY:
            self._window.change_settings(update_looked_at=now)
            self._look()

    def show_sheet(self) -> None:
        """Show what is chosen, and let it be changed."""
        self._sheet = UpdateSheet(self._policy, self._own_version, self._window)
        self._sheet.show_wanted(is_wanted=self._window.settings.is_update_check_wanted)
        self._sheet.wanted_changed.connect(self.on_sheet_wanted_changed)
        self._sheet.look_asked.connect(self._look)
        self._sheet.finished.connect(self.on_sheet_finished)
        self._sheet.open()

    def on_sheet_wanted_changed(self, is_wanted: bool) -> None:
        """Keep it, and begin if nobody has looked today."""
        self._window.change_settings(is_update_check_wanted=is_wanted)
        self.look_if_due()

    def on_sheet_finished(self) -> None:
        """Nobody waits for an answer any more."""
        self._sheet = None

    def on_worker_event_emitted(self, announced: object) -> None:
        """Tell of a newer version, unless the person has declined it and does not ask now."""
        if not isinstance(announced, Announcement):
            return
        is_newer = announced.is_newer_than(self._own_version)
        is_declined = announced.version == self._window.settings.declined_version
        if is_newer and (self._sheet is not None or not is_declined):
            self._window.update_banner.tell(announced, self._own_version)
        if self._sheet is None:
            return
        if is_newer:
            told = self.tr("Version {0} is there; the line above the page says more.")
            self._sheet.show_state(told.format(announced.version), "strong")
        else:
            self._sheet.show_state(self.tr("✓ There is no newer version."), "success")

    def on_worker_failed(self, sentence: str) -> None:
        """Do not bother anybody who has not just asked."""
        logger.info("%s", sentence)
        if self._sheet is not None:
            told = self.tr("Nothing is known of newer versions. For your IT department: {0}")
            self._sheet.show_state(told.format(sentence), "warning")

    def on_worker_finished(self) -> None:
        """Be ready for the next look."""
        self._worker = None
        if self._sheet is not None:
            self._sheet.show_done()

    def on_banner_link_asked(self, link: str) -> None:
        """Open the page in the browser; it is a person who then gets anything, or nobody."""
        QDesktopServices.openUrl(QUrl(link))

    def on_banner_version_declined(self, version: str) -> None:
        """Never tell of this version again; the one after it is another."""
        self._window.change_settings(declined_version=version)

    def _look(self) -> None:
        if self._sheet is not None:
            self._sheet.show_looking()
        if self._worker is not None:
            return
        self._worker = Worker(self._events)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._window.workers.start(self._worker)

    def _events(self) -> Generator[object]:
        from desktop_client.updates.looking import (
            look_for_update,
        )  # the window need not wait for it

        return look_for_update(self._policy, self._window.home)
