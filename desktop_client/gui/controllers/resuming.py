"""Trainings that were paused or interrupted: offers to go on with the newest, or to discard it."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import RunFileError
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.resume_offer import ResumeOffer
from desktop_client.training.run_file import RunCard, discard_run, read_card, unfinished_runs

logger = logging.getLogger(__name__)


class ResumeController(QObject):
    """Knows which training there is to go on with."""

    resume_chosen = Signal(object)
    """The model's path, of the training to go on with."""
    changed = Signal()
    problem_met = Signal(str)

    def __init__(self, offer: ResumeOffer, dialogs: Dialogs, folder: Path) -> None:
        super().__init__(offer)
        self._offer = offer
        self._dialogs = dialogs
        self._folder = folder
        self.run_path: Path | None = None
        """Of the training on offer, if there is one."""
        offer.resume_asked.connect(self.on_offer_resume_asked)
        offer.discard_asked.connect(self.on_offer_discard_asked)

    def look(self) -> None:
        """Offer the newest unfinished training; nobody may be training now."""
        self.run_path = next(iter(unfinished_runs(self._folder)), None)
        if self.run_path is None:
            self._offer.hide()
        else:
            self._show(self.run_path)
        self.changed.emit()

    def withdraw(self) -> None:
        """Offer nothing, because something is being trained."""
        self.run_path = None
        self._offer.hide()
        self.changed.emit()

    def let_go(self) -> bool:
        """Ask before a new training takes the place of the offered one; return whether it may."""
        if self.run_path is None:
            return True
        if not self._is_confirmed(self.tr("Discard it and start")):
            return False
        self.discard(self.run_path)
        return True

    def discard(self, run_path: Path) -> None:
        """Remove a training for good; the model of its last finished pass stays."""
        try:
            discard_run(run_path)
        except RunFileError as error:
            logger.warning("An unfinished training cannot be removed: %s", error)
            self.problem_met.emit(str(error))

    def on_offer_resume_asked(self) -> None:
        """Go on with the training that is offered."""
        if self.run_path is not None:
            self.resume_chosen.emit(self.run_path.with_suffix(".safetensors"))

    def on_offer_discard_asked(self) -> None:
        """Remove the training that is offered, after asking."""
        if self.run_path is not None and self._is_confirmed(self.tr("Discard it")):
            self.discard(self.run_path)
            self.look()

    def _show(self, run_path: Path) -> None:
        try:
            words, can_resume = self._in_words(read_card(run_path)), True
        except RunFileError as error:
            words, can_resume = str(error), False
        self._offer.show_run(words, can_resume)

    def _in_words(self, card: RunCard) -> str:
        course = card.course
        return self.tr("{0} of {1} passes are done, step {2} of {3}; saved on {4}.").format(
            course.epoch,
            course.epoch_count,
            course.step,
            course.step_count,
            f"{card.saved_at.astimezone():%Y-%m-%d, %H:%M}",
        )

    def _is_confirmed(self, action: str) -> bool:
        return self._dialogs.confirm(
            self.tr("Discard the unfinished training?"),
            self.tr("It can then not go on. The model of its last finished pass stays."),
            action,
        )
