"""What all have in common that act on a study that was joined: who decides, and the work beside."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.paths import Home


class MembershipAct(QObject):
    """Asks on a page, and works beside the window."""

    def __init__(self, page: StudyPage, workers: Workers, home: Home, dialogs: Dialogs) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._dialogs = dialogs
        self.reader_name = ""

    def _reader(self) -> str | None:
        """Return who decides it; ask, if nobody is signed in."""
        return self.reader_name or self._dialogs.ask_reader((), "")

    def _start(self, work: StartEvents, tell: Callable[[Any], object]) -> None:
        """Work beside the window, hand on each event, and show on the page what goes wrong."""
        self._page.show_problem("")
        worker = Worker(work)
        worker.event_emitted.connect(tell)
        worker.failed.connect(self._page.show_problem)
        self._workers.start(worker)
