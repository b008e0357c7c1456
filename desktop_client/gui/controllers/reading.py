"""Who reads: signs readers in and tells everybody who it is."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import LabelStoreError
from desktop_client.gui.controllers.labelling import LabellingController
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.footer import Footer
from desktop_client.labelling.store import LabelStore


class ReadingController(QObject):
    """Keeps who is signed in."""

    signed_in = Signal(str)
    problem_met = Signal(str)

    def __init__(self, footer: Footer, dialogs: Dialogs, labelling: LabellingController) -> None:
        super().__init__(footer)
        self._footer = footer
        self._dialogs = dialogs
        self._labelling = labelling
        self._store: LabelStore | None = None
        labelling.reader_missed.connect(self.ask_who_reads)
        footer.reader_asked.connect(self.ask_who_reads)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"name_reader": self.ask_who_reads}

    def use_store(self, store: LabelStore, last_reader: str) -> None:
        """Sign in whoever read last on this account; ask if nobody did, and others read before."""
        self._store = store
        if last_reader:
            self.sign_in(last_reader)
        elif store.readers.names():
            self.ask_who_reads()

    def names(self) -> tuple[str, ...]:
        """Return everybody who ever read in this project."""
        return () if self._store is None else tuple(self._store.readers.names())

    def ask_who_reads(self) -> None:
        """Let somebody sign in, by a name known or new."""
        if self._store is None:
            return
        name = self._dialogs.ask_reader(self._store.readers.names(), self._labelling.reader_name)
        if name is not None:
            self.sign_in(name)

    def sign_in(self, name: str) -> None:
        """Record every act from now on with this reader."""
        if self._store is None:
            return
        try:
            reader = self._store.readers.sign_in(name)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        self._footer.show_reader(reader)
        self._labelling.reader_name = reader
        self.signed_in.emit(reader)
