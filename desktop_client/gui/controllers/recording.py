"""All that records what people say, as one: labels, remarks, classes, readers, second reads."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.gui.controllers.auditing import AuditController
from desktop_client.gui.controllers.classes import ClassesController
from desktop_client.gui.controllers.labelling import LabellingController
from desktop_client.gui.controllers.reading import ReadingController
from desktop_client.gui.controllers.remarks import RemarksController
from desktop_client.gui.controllers.second_reading import SecondReadingController
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.footer import Footer
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.worker import Workers
from desktop_client.labelling.store import LabelStore


class RecordingControllers(QObject):
    """Makes and connects the controllers that share a store, a reader and a desk."""

    problem_met = Signal(str)

    def __init__(
        self,
        page: ImagesPage,
        footer: Footer,
        model: SampleModel,
        dialogs: Dialogs,
        workers: Workers,
        store_path: Path,
    ) -> None:
        super().__init__(page)
        self.labelling = LabellingController(page, model)
        self.remarks = RemarksController(page, model, dialogs, self.labelling)
        self.classes = ClassesController(page, dialogs, self.labelling)
        self.reading = ReadingController(footer, dialogs, self.labelling)
        self.second_reading = SecondReadingController(page, model, dialogs, self.labelling)
        self.auditing = AuditController(page, workers, dialogs, store_path)
        self.reading.signed_in.connect(self.second_reading.on_reader_signed_in)
        for controller in (
            self.labelling,
            self.remarks,
            self.reading,
            self.second_reading,
            self.auditing,
        ):
            controller.problem_met.connect(self.problem_met)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {
            "undo": self.labelling.undo,
            "redo": self.labelling.redo,
            **self.remarks.commands(),
            **self.classes.commands(),
            **self.reading.commands(),
            **self.second_reading.commands(),
            **self.auditing.commands(),
        }

    def use_store(self, store: LabelStore, last_reader: str) -> None:
        """Work with this store, opened in this thread; whoever read last goes on."""
        self.remarks.use_store(store)
        self.classes.use_store(store)
        self.second_reading.use_store(store)
        # First who reads: what is on the desk is read but once, and for that reader.
        self.reading.use_store(store, last_reader)
        self.labelling.use_store(store)
        self.second_reading.go_on()
