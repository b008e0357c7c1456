"""Model suggestions: asks the model in the compute process, and shows what it proposes."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, QObject, QTimer, Signal

from desktop_client.errors import ClientError
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.models.model_choices import model_choices
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.suggest_dialog import Asked, SuggestDialog
from desktop_client.gui.wording import Pace, counted, time_left
from desktop_client.gui.worker import Worker, Workers
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.events import ImageLeftOut, ImagesPredicted, PredictionFinished
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DeviceChoice, SuggestionRequest

SUGGEST: Final = "desktop_client.training.suggesting:suggest_from_store"
ACCEPT: Final = "accept_suggestion"
REDRAW_MS: Final = 100


class SuggestionController(QObject):
    """Asks at most one model at a time; what it answers is shown when it may be."""

    changed = Signal()
    """Suggestions are other than before, or others may be seen."""
    accepted = Signal(list)
    """The suggestions for these images, all of them seen, are to become labels."""
    activity_changed = Signal(str)
    finished = Signal(str)
    problem_met = Signal(str)
    settings_changed = Signal()
    training_asked = Signal()

    def __init__(
        self, page: ImagesPage, model: SampleModel, workers: Workers, home: Home, slot: ComputeSlot
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._workers = workers
        self._home = home
        self._slot = slot
        self._store: LabelStore | None = None
        self._worker: Worker | None = None
        self._left_out: list[str] = []
        self._seen = (0, 0)
        self._pace = Pace()
        self.device: DeviceChoice = "automatic"
        self._redraw = QTimer(self, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.on_redraw_timeout)
        page.suggestion_bar.cancel_asked.connect(self.on_bar_cancel_asked)
        page.accept_asked.connect(self.accept)
        page.suggestion.accept_asked.connect(self.accept)
        page.suggestion.suggestions_asked.connect(self.ask)
        page.suggestion.shown_first_changed.connect(self.on_panel_shown_first_changed)
        page.grid.current_changed.connect(self.show_current)
        model.dataChanged.connect(lambda *_: self.show_current())

    @property
    def is_running(self) -> bool:
        """Whether a model is being asked."""
        return self._worker is not None

    def use_store(self, store: LabelStore) -> None:
        """Show the suggestions of this store, opened in this thread."""
        self._store = store
        self._reload()

    def leave_store(self) -> None:
        """Let go of the store; what a worker still has to say changes nothing any more."""
        self._store = None

    def show_settings(self, low_percent: int, *, is_shown_first: bool) -> None:
        """Show the settings as they were stored."""
        shown = self._model.suggestions
        shown.low_confidence, shown.is_shown_first = low_percent / 100, is_shown_first
        self._page.suggestion.show_setting(is_shown_first)

    def on_labels_changed(self) -> None:
        """Show what may be seen now: somebody may have begun to read blindly, or have ended."""
        self._page.suggestion.show_blind(self._model.suggestions.is_blind)
        self.show_current()

    def ask(self) -> None:
        """Let the person choose a model and the images to ask it about."""
        try:
            choices = model_choices(self._home)
        except ClientError as error:
            self.problem_met.emit(str(error))
            return
        low_percent = round(100 * self._model.suggestions.low_confidence)
        selected_count = len(self._page.grid.selected_samples())
        dialog = SuggestDialog(choices, selected_count, low_percent, self._page.window())
        dialog.chosen.connect(self.on_dialog_chosen)
        dialog.training_asked.connect(self.training_asked)
        dialog.open()

    def accept(self) -> None:
        """Take over what is suggested for the selected images, as far as it is seen."""
        shown = self._model.suggestions
        if shown.is_blind:
            self.problem_met.emit(
                self.tr("Here every reader says what they see; press the key of a class.")
            )
            return
        samples = self._page.grid.selected_samples()
        seen = [s.sample_id for s in samples if self._is_acceptable(s)]
        if seen:
            self.accepted.emit(seen)
        else:
            self.problem_met.emit(self.tr("There is no model suggestion to accept here."))

    def show_current(self) -> None:
        """Say what is suggested for the current image, or why nothing is shown."""
        sample = self._page.grid.current_sample()
        if sample is None:
            words, basis = self._words_without_suggestion(None), ""
        else:
            sample = self._model.sample(sample.sample_id)
            told = self._model.suggestion_text(sample)
            words = self._words_of(sample, told) if told else self._words_without_suggestion(sample)
            basis = self._basis() if self._model.suggestions.has(sample) else ""
        is_acceptable = sample is not None and self._is_acceptable(sample)
        key = self._page.keymap.words_by_id(ACCEPT)
        self._page.suggestion.show_suggestion(words, basis, key, is_acceptable=is_acceptable)
        self._page.suggestion.show_origin("" if sample is None else self._origin(sample))

    def on_dialog_chosen(self, path: Path, asked: Asked, low_percent: int) -> None:
        """Ask the chosen model."""
        self._model.suggestions.low_confidence = low_percent / 100
        self.settings_changed.emit()
        self._show_anew()
        chosen = None
        if asked is Asked.SELECTED:
            chosen = frozenset(s.sample_id for s in self._page.grid.selected_samples())
        self._start(SuggestionRequest(self._home.labels_path, path, chosen, self.device))

    def on_panel_shown_first_changed(self, is_shown_first: bool) -> None:
        """Show suggestions before the reader's own label, or only after it."""
        self._model.suggestions.is_shown_first = is_shown_first
        self.settings_changed.emit()
        self._show_anew()

    def on_bar_cancel_asked(self) -> None:
        """Stop asking; what was answered stays."""
        if self._worker is not None:
            self._worker.requestInterruption()

    def on_worker_event_emitted(self, event: object) -> None:
        """Note what happened; the bar follows ten times a second."""
        match event:
            case ImagesPredicted(done_count, total_count):
                self._seen = (done_count, total_count)
            case ImageLeftOut(path, reason):
                self._left_out.append(f"{path}\t{reason}")
            case PredictionFinished():
                self.finished.emit(self._summary(event))

    def on_worker_cancelled(self) -> None:
        """Say that what was answered stays."""
        self.finished.emit(self.tr("The model was stopped; its suggestions so far are kept."))

    def on_redraw_timeout(self) -> None:
        """Show how far it is."""
        done_count, total_count = self._seen
        if total_count:
            left = time_left(self._pace.seconds_left(done_count, total_count))
            self._page.suggestion_bar.show_progress(done_count, total_count, left)
            said = self.tr("Model suggestions: image {0} of {1}").format(done_count, total_count)
            self.activity_changed.emit(f"{said} · {left}" if left else said)

    def on_worker_finished(self) -> None:
        """Show what is suggested now."""
        self._worker = None
        self._slot.release()
        self._redraw.stop()
        self._page.suggestion_bar.hide()
        self._page.skipped.show_lines(self._left_out)
        self.activity_changed.emit("")
        self._reload()

    def _start(self, request: SuggestionRequest) -> None:
        if not self._slot.take(self.tr("model suggestions")):
            self.problem_met.emit(
                self.tr("This computer is busy with {0}; stop that first.").format(
                    self._slot.holder
                )
            )
            return
        self._left_out, self._seen, self._pace = [], (0, 0), Pace()
        self._page.suggestion_bar.begin()
        self._redraw.start()
        self._worker = Worker(partial(in_child_process, SUGGEST, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.problem_met)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def _reload(self) -> None:
        if self._store is None:
            return
        told = self._store.suggestions
        try:
            self._model.suggestions.replace_all(told.model(), told.all())
        except ClientError as error:
            self.problem_met.emit(str(error))
        self._show_anew()

    def _show_anew(self) -> None:
        self._model.redraw()
        self.show_current()
        self.changed.emit()

    def _is_acceptable(self, sample: Sample) -> bool:
        shown = self._model.suggestions
        suggestion = shown.visible(sample)
        return (
            not shown.is_blind
            and suggestion is not None
            and self._model.suggested_class(suggestion) is not None
            and suggestion.class_id != sample.class_id
        )

    def _words_of(self, sample: Sample, told: str) -> str:
        if sample.class_id is None:
            return told
        if self._model.suggestions.differs(sample):
            return self.tr("{0} – differs from the label").format(told)
        return self.tr("{0} – same as the label").format(told)

    def _words_without_suggestion(self, sample: Sample | None) -> str:
        shown = self._model.suggestions
        if shown.model is None or sample is None:
            return self.tr("No model suggestions yet.")
        if shown.has(sample):
            return self.tr("The model suggestion is shown after your own label.")
        return self.tr("No model suggestion for this image.")

    def _origin(self, sample: Sample) -> str:
        """Say whose the suggestion that is seen is, and when the model was asked."""
        model, seen = self._model.suggestions.model, self._model.suggestions.visible(sample)
        if model is None or seen is None:
            return ""
        asked_at = QDateTime.fromSecsSinceEpoch(int(seen.made_at.timestamp()))
        told = QLocale().toString(asked_at, QLocale.FormatType.ShortFormat)
        return self.tr("By the model “{0}”, asked {1}").format(model.name, told)

    def _basis(self) -> str:
        """Say what the confidence is worth."""
        model = self._model.suggestions.model
        if model is None or model.temperature is None:
            return self.tr("Confidence unchecked, may be too high.")
        return self.tr("Confidence checked on held-out images.")

    def _summary(self, done: PredictionFinished) -> str:
        if done.predicted_count + done.left_out_count == 0:
            return self.tr("Every image asked about has a suggestion of this model already.")
        images = counted(done.predicted_count, self.tr("image has"), self.tr("images have"))
        said = self.tr("{0} a model suggestion now.").format(images)
        if done.left_out_count:
            said += " " + self.tr("{0} skipped.").format(f"{done.left_out_count:,}")
        return said
