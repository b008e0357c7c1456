"""Shows what leaves this hospital: what would be sent now, and what was sent in each round."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from desktop_client.federation.membership import Membership, StudyRequest
from desktop_client.federation.round_record import RoundRecord, rounds_of
from desktop_client.federation.sent import UpdateAnnounced
from desktop_client.gui.views.sent_sheet import SentSheet
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.wording import moment_words
from desktop_client.gui.worker import Worker, Workers
from desktop_client.paths import Home
from desktop_client.training.process import in_child_process

ANNOUNCE: Final = "desktop_client.federation.announcing:announce"


class SentController(QObject):
    """Opens one sheet at a time."""

    def __init__(self, page: StudyPage, workers: Workers, home: Home) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._sheet: SentSheet | None = None
        self._worker: Worker | None = None
        self._expected: UpdateAnnounced | None = None
        self._past: list[RoundRecord] = []
        self._problem = ""

    @property
    def sheet(self) -> SentSheet | None:
        """The sheet, while it is open."""
        return self._sheet

    def show(self, member: Membership) -> None:
        """Open the sheet; what would be sent is worked out in the compute process."""
        if self._sheet is not None:
            return
        records = rounds_of(self._home, member.study_id)
        self._past = [r for _, r in sorted(records.items(), reverse=True) if r.sent is not None]
        self._expected, self._problem = None, ""
        self._sheet = sheet = SentSheet(self._page)
        sheet.chosen.connect(self.on_sheet_chosen)
        sheet.closed.connect(self.on_sheet_closed)
        sheet.show_choices(
            [self.tr("What would be sent now"), *(self._title(record) for record in self._past)]
        )
        sheet.open()
        request = StudyRequest(self._home.path, member.study_id, "cpu")
        self._worker = Worker(partial(in_child_process, ANNOUNCE, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_sheet_chosen(self, place: int) -> None:
        """Show another update."""
        if self._sheet is None or place < 0:
            return
        if place == 0:
            self._show_expected(self._sheet)
        else:
            self._show_past(self._sheet, self._past[place - 1])

    def on_sheet_closed(self) -> None:
        """Stop when nobody reads any more."""
        if self._worker is not None:
            self._worker.requestInterruption()
        if self._sheet is not None:
            self._sheet.deleteLater()
        self._sheet = None

    def on_worker_event_emitted(self, event: object) -> None:
        """Show what would be sent."""
        if isinstance(event, UpdateAnnounced):
            self._expected = event
            self._show_again()

    def on_worker_failed(self, sentence: str) -> None:
        """Say why nothing would be sent."""
        self._problem = sentence
        self._show_again()

    def on_worker_finished(self) -> None:
        """Let go of the worker."""
        self._worker = None

    def _show_again(self) -> None:
        if self._sheet is not None:
            self.on_sheet_chosen(self._sheet.which.currentIndex())

    def _show_expected(self, sheet: SentSheet) -> None:
        expected = self._expected
        if expected is None:
            told = self._problem or self.tr("Working out what would be sent …")
            sheet.show_state(told, "error" if self._problem else "muted")
            sheet.show_arrays((), "")
            return
        size = sum(array.byte_count for array in expected.arrays) / 1e6
        sheet.show_state(
            self.tr("Each time this site is picked, {0} arrays, {1} MB before any compression.")
            .format(len(expected.arrays), f"{size:.2f}")
        )  # fmt: skip
        sheet.show_arrays(
            expected.arrays,
            self.tr(
                "Beside them: the number of images trained on ({0}), how the shared model does on "
                "your held-out images, a number for each scanner and for this computer (their "
                "names stay here), study, network, round and version. Once, on joining: your "
                "site’s name."
            ).format(expected.sample_count),
        )

    def _show_past(self, sheet: SentSheet, record: RoundRecord) -> None:
        sent = record.sent
        if sent is None:
            return
        outcome = (
            self.tr("received by the coordinator")
            if record.is_accepted
            else record.refusal or self.tr("not known to have arrived")
        )
        sheet.show_state(
            self.tr("{0} arrays, {1} MB as it travelled; {2}. SHA-256 {3}").format(
                len(sent.arrays), f"{sent.byte_count / 1e6:.2f}", outcome, sent.digest[:16] + "…"
            )
        )
        sheet.show_arrays(sent.arrays, sent.message.model_dump_json())

    def _title(self, record: RoundRecord) -> str:
        told = moment_words(record.sent.prepared_at) if record.sent is not None else ""
        return self.tr("Round {0}, {1}").format(record.round_number, told)
