"""Second reading and what follows from it: blind reads, their agreement, settling differences."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.errors import LabelStoreError
from desktop_client.gui.controllers.labelling import LabellingController
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.agreement_dialog import AgreementDialog
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.draw_dialog import DrawDialog
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.reading_bar import ShownOpinion
from desktop_client.gui.wording import counted
from desktop_client.labelling.agreement import agreements
from desktop_client.labelling.desk import SecondReadingDesk, SettlingDesk
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore


class SecondReadingController(QObject):
    """Lays out the desk of a second reading or of settling, and says so above the images.

    An open second reading binds its reader: whoever signs in again finds it as it was left, and
    sees no label of its images before it is ended.
    """

    problem_met = Signal(str)
    blinded = Signal(bool)
    """Somebody begins, or no longer has, to read blindly."""

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        dialogs: Dialogs,
        labelling: LabellingController,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._dialogs = dialogs
        self._labelling = labelling
        self._store: LabelStore | None = None
        self._desk: SecondReadingDesk | SettlingDesk | None = None
        page.reading_bar.end_asked.connect(self.on_bar_end_asked)
        page.reading_bar.opinion_chosen.connect(labelling.on_panel_class_chosen)
        page.grid.current_changed.connect(self.on_grid_current_changed)
        labelling.labels_changed.connect(self.on_labels_changed)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {
            "second_reading": self.ask_for_share,
            "agreement": self.show_agreement,
            "settle": self.settle,
        }

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread."""
        self._store = store

    def on_reader_signed_in(self, _reader: str) -> None:
        """Leave the desk of whoever read before, and go on with this reader's second reading."""
        if self._desk is not None:
            self._lay_out(None)
        self.go_on()

    def go_on(self) -> None:
        """Lay out the second reading of whoever is signed in, if one is open."""
        reader = self._labelling.reader_name
        draw = self._store.second_readings.open_draw(reader) if self._store else None
        if self._store is not None and draw is not None:
            self._lay_out(SecondReadingDesk(self._store, draw))

    def ask_for_share(self) -> None:
        """Ask how many images to read again, unless a second reading is open."""
        if self._store is None or self._is_busy() or not self._labelling.may_record():
            return
        reader = self._labelling.reader_name
        candidate_count = len(self._store.second_readings.candidates(reader))
        if not candidate_count:
            self.problem_met.emit(
                self.tr("Nobody else has labelled images that {0} has not read yet.").format(reader)
            )
            return
        dialog = DrawDialog(candidate_count, self._window)
        dialog.chosen.connect(self.on_dialog_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def on_dialog_chosen(self, share: float, seed: int) -> None:
        """Draw and begin."""
        if self._store is None:
            return
        try:
            draw = self._store.second_readings.draw(self._labelling.reader_name, share, seed)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        self._lay_out(SecondReadingDesk(self._store, draw))

    def show_agreement(self) -> None:
        """Show how far readers agree."""
        if self._store is None or self._is_busy():
            return
        readings = self._store.second_readings
        names = {c.class_id: c.name for c in self._store.class_book.classes()}
        dialog = AgreementDialog(
            agreements(readings.pairs(), list(names)),
            names,
            len(readings.disagreements()),
            self._window,
        )
        dialog.settle_asked.connect(self.settle)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def settle(self) -> None:
        """Show what readers disagree about, to be decided."""
        if self._store is None or self._is_busy() or not self._labelling.may_record():
            return
        desk = SettlingDesk(self._store, self._labelling.reader_name)
        if desk.samples():
            self._lay_out(desk)
        else:
            self.problem_met.emit(self.tr("Readers agree on all images that two of them read."))

    def on_bar_end_asked(self) -> None:
        """End what goes on, and after a second reading show the agreement."""
        if not isinstance(self._desk, SecondReadingDesk):
            self._lay_out(None)
        elif self._store is not None and self._may_end(self._desk):
            try:
                self._store.second_readings.end(self._desk.draw)
            except LabelStoreError as error:
                self.problem_met.emit(str(error))
                return
            self._lay_out(None)
            self.show_agreement()

    def on_labels_changed(self) -> None:
        """Say how far it is by now, and what readers disagree about."""
        self._show_disputes()
        if self._desk is None:
            return
        progress = self._desk.progress()
        bar = self._page.reading_bar
        if isinstance(self._desk, SecondReadingDesk):
            bar.show_second_reading(progress.labelled_count, progress.total_count)
        else:
            bar.show_settling(progress.labelled_count, progress.total_count)

    def on_grid_current_changed(self, sample: Sample | None) -> None:
        """Show what readers said of the current image, where that is to be settled."""
        if isinstance(self._desk, SettlingDesk):
            opinions = self._opinions(self._desk, sample) if sample is not None else []
            self._page.reading_bar.show_opinions(opinions)

    def _show_disputes(self) -> None:
        is_blind = isinstance(self._desk, SecondReadingDesk)
        if self._store is not None:
            disputed = () if is_blind else self._store.second_readings.disagreements()
            self._model.disputed_ids = frozenset(disputed)
            self._page.sight.show_disputes(bool(disputed))

    @property
    def _window(self) -> QWidget:
        return self._page.window()

    def _lay_out(self, desk: SecondReadingDesk | SettlingDesk | None) -> None:
        self._desk = desk
        is_blind = isinstance(desk, SecondReadingDesk)
        self._model.suggestions.is_blind = is_blind
        self._page.reading_bar.hide()
        self._page.reading_bar.show_opinions(())
        self._labelling.use_desk(desk)
        self.blinded.emit(is_blind)
        if desk is not None:  # at the ordinary desk one stays where one was
            self._page.grid.go_to(0)
        self._page.take_focus()  # else the bar leaves it to the search, and keys write there
        self.on_grid_current_changed(self._page.grid.current_sample())

    def _is_busy(self) -> bool:
        """Whether a second reading or settling goes on; then say so."""
        if self._desk is not None:
            self.problem_met.emit(
                self.tr("End the second reading first.")
                if isinstance(self._desk, SecondReadingDesk)
                else self.tr("Go back to all images first.")
            )
        return self._desk is not None

    def _may_end(self, desk: SecondReadingDesk) -> bool:
        """Ask before images stay unread for good."""
        progress = desk.progress()
        unread_count = progress.total_count - progress.labelled_count
        return not unread_count or self._dialogs.confirm(
            self.tr("{0} not read yet.").format(
                counted(unread_count, self.tr("image is"), self.tr("images are"))
            ),
            self.tr(
                "They stay out of the comparison and cannot be drawn for you again, since you "
                "will see their labels. To go on later, just close the program."
            ),
            self.tr("End second reading"),
        )

    def _opinions(self, desk: SettlingDesk, sample: Sample) -> list[ShownOpinion]:
        assert self._store is not None  # noqa: S101  a desk has a store
        classes = {c.class_id: c for c in self._store.class_book.classes()}
        pairs = desk.opinions(sample.sample_id)
        said = dict.fromkeys([*(p.first for p in pairs), *(p.second for p in pairs)])
        return [ShownOpinion(o.reader, classes[o.class_id]) for o in said]
