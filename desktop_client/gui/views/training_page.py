"""The page where a model is trained on this site's own images, and watched."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.models.curves import TrainingCurves
from desktop_client.gui.palette import LIGHT, Palette
from desktop_client.gui.views.curve_plot import SHARES, CurvePlot
from desktop_client.gui.views.curve_style import CurveStyle
from desktop_client.gui.views.elements import button, card, scrolled, selectable, show_role, text
from desktop_client.gui.views.resume_offer import ResumeOffer
from desktop_client.gui.views.training_settings import TrainingSettings

SIDE_WIDTH_PX = 328
BESIDE_BAR_PX = 4
TURN_MS = 30
"""Between two plots; all four are drawn before the next curves come."""


class TrainingPage(QWidget):
    """Settings and state at the side, curves beside them."""

    start_asked = Signal()
    pause_asked = Signal()
    stop_asked = Signal()
    left_out_asked = Signal()
    """Say which images were left out, and why."""
    doctor_asked = Signal()
    """Say what training computes on, and why."""
    results_asked = Signal()
    """Say how good the models trained here are."""
    images_asked = Signal()
    """Go to where images are labelled."""
    shown = Signal()
    """Somebody looks at the page again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colours = LIGHT
        self.settings = TrainingSettings()
        self._start = button(self.tr("Start training"), "primary")
        self._start.clicked.connect(self.start_asked)
        self.offer = ResumeOffer()
        self._pause = button(self.tr("Pause training"), "primary")
        self._pause.setToolTip(self.tr("Saves everything; you can go on now or another day"))
        self._pause.clicked.connect(self.pause_asked)
        self._stop = button(self.tr("Stop training"))
        self._stop.setToolTip(self.tr("Ends this training; the model of its last pass stays"))
        self._stop.clicked.connect(self.stop_asked)
        self._need = text("", "warning")
        self._label = button(self.tr("Go to the images"))
        self._label.clicked.connect(self.images_asked)
        self._status = text(self.tr("Nothing is being trained."))
        self._left = text("", "muted")
        self._device = text("", "muted")
        self._result = text("", "success")
        self._warnings = text("", "warning")
        self._left_out = text("", "warning")
        self._list = button(self.tr("Show which ones"), "", self.tr("Show the images left out"))
        self._list.clicked.connect(self.left_out_asked)
        self._banner = selectable("", "told")
        self._banner.hide()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Training progress"))
        self._make_plots()
        self._waiting: list[CurvePlot] = []
        self._turns = QTimer(self, interval=TURN_MS)
        self._turns.timeout.connect(self.on_turns_timeout)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 14)
        layout.setSpacing(12)
        layout.addLayout(self._heading())
        layout.addWidget(self._banner)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._side())
        body.addLayout(self._plot_grid(), 1)
        layout.addLayout(body, 1)
        self.show_running(False)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  Qt's name
        """Tell that somebody looks."""
        super().showEvent(event)
        self.shown.emit()

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self.colours = palette
        for plot in self._plots:
            plot.set_palette(palette)

    def show_need(self, sentence: str) -> None:
        """Say what is missing before training can begin; nothing if nothing is."""
        self._need.setText(sentence)
        self._need.setVisible(bool(sentence))
        self._label.setVisible(bool(sentence))
        self._start.setEnabled(not sentence)

    def show_running(self, is_running: bool) -> None:
        """Offer to pause and to stop while something is trained, otherwise to start."""
        self._start.setVisible(not is_running)
        self._pause.setVisible(is_running)
        self._stop.setVisible(is_running)
        self._bar.setVisible(is_running)
        self._left.setVisible(is_running)
        self.settings.setEnabled(not is_running)

    def show_can_pause(self, can_pause: bool) -> None:
        """Offer a pause, or not while there is nothing to save or it was asked for already."""
        self._pause.setEnabled(can_pause)

    def show_is_fresh_start(self, is_fresh: bool) -> None:
        """Say on the button whether a start leaves an unfinished training behind."""
        words = self.tr("Start training") if is_fresh else self.tr("Start a new training")
        self._start.setText(words)
        self._start.setAccessibleName(words)
        show_role(self._start, "role", "primary" if is_fresh else "")

    def show_status(self, sentence: str, role: str = "") -> None:
        """Say what is going on."""
        self._status.setText(sentence)
        show_role(self._status, "role", role)

    def show_progress(self, done_count: int, total_count: int, left: str) -> None:
        """Show how far it is; a total of 0 means that nobody knows yet."""
        self._bar.setRange(0, total_count)
        self._bar.setValue(done_count)
        self._left.setText(left)

    def show_banner(self, sentence: str) -> None:
        """Say above everything what a person should know about this computer, if anything."""
        self._banner.setText(sentence)
        self._banner.setVisible(bool(sentence))

    def show_has_results(self, has_results: bool) -> None:
        """Offer the reports on models trained here, if there are any."""
        self._results.setVisible(has_results)

    def show_blind(self, is_blind: bool) -> None:
        """Take the reports away from who reads blindly: mistakes tell the labels of images."""
        self._results.setEnabled(not is_blind)

    def show_device(self, words: str) -> None:
        """Say what computes."""
        self._device.setText(words)
        self._device.setVisible(bool(words))

    def show_result(self, sentence: str) -> None:
        """Say how good the model is on held-out images."""
        self._result.setText(sentence)
        self._result.setVisible(bool(sentence))

    def show_warnings(self, sentences: Sequence[str]) -> None:
        """Say what a person should know about this training."""
        self._warnings.setText("\n\n".join(f"⚠ {sentence}" for sentence in sentences))
        self._warnings.setVisible(bool(sentences))

    def show_left_out(self, sentence: str) -> None:
        """Say how many images take no part, and offer their list."""
        self._left_out.setText(sentence)
        self._left_out.setVisible(bool(sentence))
        self._list.setVisible(bool(sentence))

    def show_curves(self, curves: TrainingCurves) -> None:
        """Draw the curves as they are now, one plot after the other.

        All at once would hold up whoever works in the window for longer than a frame.
        """
        self._loss.keep_curves(
            {self.tr("each step"): curves.lesion_loss, self.tr("mean"): curves.lesion_loss_mean}
        )
        self._held_out.keep_curves(
            {
                self.tr("right answers"): curves.held_out_accuracy,
                self.tr("AUC"): curves.held_out_auc,
            }
        )
        level = None if curves.chance is None else (self.tr("guessing"), curves.chance)
        self._domain.keep_curves({self.tr("scanner recognised"): curves.domain_accuracy}, level)
        self._targets.keep_curves(
            {
                self.tr("lesion"): curves.first_targets,
                self.tr("scanner"): curves.second_targets,
            }
        )
        self._waiting += [plot for plot in self._plots if plot not in self._waiting]
        self._turns.start()

    def on_turns_timeout(self) -> None:
        """Draw the plot whose turn it is."""
        if self._waiting:
            self._waiting.pop(0).draw()
        else:
            self._turns.stop()

    def _heading(self) -> QHBoxLayout:
        doctor = button(self.tr("Check this computer"))
        doctor.setToolTip(self.tr("What training computes on, and why"))
        doctor.clicked.connect(self.doctor_asked)
        row = QHBoxLayout()
        row.addWidget(text(self.tr("Training"), "title"), 1)
        self._results = button(self.tr("How good is it?"))
        self._results.setToolTip(self.tr("Curves, tables and mistakes of the models trained here"))
        self._results.clicked.connect(self.results_asked)
        self._results.hide()
        row.addWidget(self._results)
        row.addWidget(doctor)
        return row

    def _make_plots(self) -> None:
        dash = Qt.PenStyle.DashLine
        step, share = self.tr("training step"), SHARES
        self._loss = CurvePlot(
            self.tr("Lesion error"),
            self.tr("Loss on the training images. It should fall."),
            (
                CurveStyle(self.tr("mean"), width=2.5),
                CurveStyle(self.tr("each step"), Qt.PenStyle.DotLine, 1.0),
            ),
            step,
        )
        self._held_out = CurvePlot(
            self.tr("Held-out images"),
            self.tr("Images the training never sees. Higher is better."),
            (
                CurveStyle(self.tr("right answers"), mark="o"),
                CurveStyle(self.tr("AUC"), dash, mark="s"),
            ),
            self.tr("pass over the images"),
            share,
        )
        self._domain = CurvePlot(
            self.tr("Scanner recognised"),
            self.tr("How often the features give the scanner away. Near guessing is best."),
            (CurveStyle(self.tr("scanner recognised")),),
            step,
            share,
        )
        self._targets = CurvePlot(
            self.tr("What each step works on"),
            self.tr("Share of the images whose lesion or scanner is corrected."),
            (
                CurveStyle(self.tr("lesion")),
                CurveStyle(self.tr("scanner"), dash),
            ),
            step,
            share,
        )
        self._plots = (self._loss, self._held_out, self._domain, self._targets)

    def _plot_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(12)
        for side in (0, 1):
            grid.setColumnStretch(side, 1)
            grid.setRowStretch(side, 1)
        for place, plot in enumerate(self._plots):
            grid.addWidget(plot, place // 2, place % 2)
        return grid

    def _side(self) -> QWidget:
        frame, inner = card(self.tr("This training"))
        told = (*(self._left, self._result, self._warnings), *(self._left_out, self._list))
        for widget in (self._status, self._bar, *told, self._device):
            inner.addWidget(widget)
        for widget in (*told, self._device):
            widget.hide()
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, BESIDE_BAR_PX, 0)
        layout.setSpacing(12)
        parts = (self.offer, self.settings, self._need, self._label, self._start, self._pause)
        for part in (*parts, self._stop, frame):
            layout.addWidget(part)
        layout.addStretch(1)
        return scrolled(side, SIDE_WIDTH_PX)
