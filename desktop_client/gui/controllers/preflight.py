"""Looks beside the window at whether this site can take part, and shows what is found."""

from functools import partial

from PySide6.QtCore import QObject

from desktop_client.errors import FederationError, NetworkFileError
from desktop_client.federation.findings import Checked, PreflightFinished
from desktop_client.federation.membership import Membership
from desktop_client.federation.network import forget_authorities, keep_authorities, trust_of
from desktop_client.federation.preflight import PreflightRequest, preflight, request_of_member
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.preflight_panel import PreflightPanel, PreflightSheet
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.worker import Worker, Workers
from desktop_client.paths import Home
from desktop_client.training.request import DeviceChoice


class PreflightRun(QObject):
    """Fills one panel; a new look takes the place of one that goes on."""

    def __init__(self, panel: PreflightPanel, workers: Workers) -> None:
        super().__init__(panel)
        self._panel = panel
        self._workers = workers
        self._worker: Worker | None = None
        self._request: PreflightRequest | None = None
        panel.authorities_forgotten.connect(self.on_panel_authorities_forgotten)

    def start(self, request: PreflightRequest) -> None:
        """Look at everything."""
        self.stop()
        self._request = request
        trust = trust_of(Home(request.home_path))
        self._panel.begin(has_authorities=trust.authorities_path is not None)
        self._worker = Worker(partial(preflight, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def stop(self) -> None:
        """Look no further; nothing more is shown."""
        if self._worker is not None:
            self._worker.event_emitted.disconnect(self.on_worker_event_emitted)
            self._worker.failed.disconnect(self.on_worker_failed)
            self._worker.finished.disconnect(self.on_worker_finished)
            self._worker.requestInterruption()
            self._worker = None

    def on_panel_authorities_forgotten(self) -> None:
        """Trust only what this computer trusts from now on, and look again."""
        if self._request is None:
            return
        try:
            forget_authorities(Home(self._request.home_path))
        except NetworkFileError as error:
            self._panel.show_state(str(error), "error")
        else:
            self.start(self._request)

    def on_worker_event_emitted(self, event: object) -> None:
        """Show what was found."""
        if isinstance(event, Checked):
            self._panel.add(event)
        elif isinstance(event, PreflightFinished):
            self._panel.finish(event)

    def on_worker_failed(self, sentence: str) -> None:
        """Say why nothing can be looked at."""
        self._panel.show_state(sentence, "error")

    def on_worker_finished(self) -> None:
        """Let somebody look once more."""
        self._worker = None
        self._panel.allow_again()


class PreflightController(QObject):
    """Opens a sheet for the study that is chosen on the page."""

    def __init__(self, page: StudyPage, workers: Workers, home: Home, dialogs: Dialogs) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._dialogs = dialogs
        self._sheet: PreflightSheet | None = None
        self._run: PreflightRun | None = None
        self._member: Membership | None = None
        self.device: DeviceChoice = "automatic"

    def show(self, member: Membership) -> None:
        """Open the sheet and begin to look."""
        if self._sheet is not None:
            return
        self._member = member
        self._sheet = PreflightSheet(self._page)
        self._run = PreflightRun(self._sheet.panel, self._workers)
        self._sheet.panel.again_asked.connect(self._look)
        self._sheet.panel.authorities_asked.connect(self.on_authorities_asked)
        self._sheet.closed.connect(self.on_sheet_closed)
        self._sheet.open()
        self._look()

    def on_sheet_closed(self) -> None:
        """Stop looking when nobody reads any more."""
        if self._run is not None:
            self._run.stop()
        if self._sheet is not None:
            self._sheet.deleteLater()
        self._sheet = self._run = None

    def on_authorities_asked(self) -> None:
        """Believe the hospital's own certificate authority from now on, and look again."""
        path = self._dialogs.pick_authorities()
        if path is None:
            return
        try:
            keep_authorities(self._home, path)
        except NetworkFileError as error:
            self._dialogs.show_problem(str(error))
        else:
            self._look()

    def _look(self) -> None:
        if self._run is None or self._member is None or self._sheet is None:
            return
        try:
            request = request_of_member(self._home, self._member.study_id, self.device)
        except FederationError as error:
            self._sheet.panel.show_state(str(error), "error")
        else:
            self._run.start(request)
