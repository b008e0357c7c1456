"""The page where a site joins studies and takes part in their rounds."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QListView,
    QProgressBar,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.models.curves import Series
from desktop_client.gui.models.round_history import RoundTable
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.curve_plot import SHARES, CurvePlot
from desktop_client.gui.views.curve_style import CurveStyle
from desktop_client.gui.views.elements import button, card, column, show_role, text
from desktop_client.gui.views.study_facts import StudyFacts

SIDE_WIDTH_PX = 300
LONGEST_LIST = 5
SIDE_BY_SIDE_PX = 1300
FURTHER_COLUMNS = 2


class StudyPage(QWidget):
    """Studies, and the way into another, at the side, the chosen study beside them."""

    study_chosen = Signal(int)
    """Place of the chosen study in the list."""
    join_asked = Signal()
    check_asked = Signal()
    sent_asked = Signal()
    """Somebody wants to see what leaves this hospital."""
    alone_asked = Signal()
    leave_asked = Signal()
    contribution_asked = Signal()
    """Somebody wants other classes or scanners to take part."""
    start_asked = Signal()
    stop_asked = Signal()
    hand_over_asked = Signal()
    take_back_asked = Signal()

    def __init__(self, rounds: RoundTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts = StudyFacts()
        self._names = QStringListModel(self)
        self._list = _study_list(self._names)
        self._list.setAccessibleName(self.tr("Studies this site is in"))
        self._list.selectionModel().currentRowChanged.connect(
            lambda current: self.study_chosen.emit(current.row())
        )
        self._table = _round_table(rounds)
        self._table.setAccessibleName(self.tr("Rounds of this study"))
        self._plot = CurvePlot(
            self.tr("Shared model"),
            self.tr("On this site's held-out images, after each round. Higher is better."),
            (
                CurveStyle(self.tr("right answers"), mark="o"),
                CurveStyle(self.tr("AUC"), Qt.PenStyle.DashLine, mark="s"),
            ),
            self.tr("round"),
            SHARES,
        )
        self._plot.setMinimumHeight(250)
        self._start = button(self.tr("Start taking part"), "primary")
        self._start.clicked.connect(self.start_asked)
        self._stop = button(self.tr("Stop taking part"))
        self._stop.clicked.connect(self.stop_asked)
        self._take_back = button(self.tr("Take back …"))
        self._take_back.clicked.connect(self.take_back_asked)
        self._is_handed_over = False
        self._more = self._further_buttons()
        self._comparison = text("", "muted")
        self._round = text("", "heading")
        self._status = text()
        self._others = text("", "muted")
        self._problem = text("", "error")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of this site's training in the round"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 14)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Study"), "title"))
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._side())
        self._detail = self._detail_area()
        self._nothing = self._empty_area()
        body.addWidget(self._detail, 1)
        body.addWidget(self._nothing, 1)
        layout.addLayout(body, 1)
        self.show_studies((), 0)
        self.show_running(False)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._plot.set_palette(palette)

    def show_studies(self, names: Sequence[str], chosen: int) -> None:
        """Show these studies; without any, what a study is."""
        self._names.setStringList(list(names))
        self._side_list.setVisible(bool(names))
        self._detail.setVisible(bool(names))
        self._nothing.setVisible(not names)
        row_px = self._list.sizeHintForRow(0)
        self._list.setFixedHeight(min(len(names), LONGEST_LIST) * max(1, row_px) + 4)
        if names:
            choose = QItemSelectionModel.SelectionFlag.ClearAndSelect
            index = self._names.index(chosen)
            self._list.selectionModel().setCurrentIndex(index, choose)
            self.study_chosen.emit(chosen)

    def show_running(self, is_running: bool) -> None:
        """Offer to stop while taking part, otherwise to start, or to take back."""
        is_here = not self._is_handed_over
        self._start.setVisible(not is_running and is_here)
        self._take_back.setVisible(not is_here)
        self._stop.setVisible(is_running)
        self._alone.setEnabled(not is_running)
        self._check.setEnabled(is_here)
        for act in (self._contribution, self._hand_over):
            act.setEnabled(not is_running and is_here)
        self._leave.setEnabled(not is_running)
        words = self.tr("Leave the study …") if is_here else self.tr("Remove from this desk …")
        self._leave.setText(words)
        self._leave.setAccessibleName(words)
        self._list.setEnabled(not is_running)
        if not is_running:
            self._bar.hide()

    def show_handed_over(self, is_handed_over: bool) -> None:
        """Offer to take a study back that a server trains, instead of all that is done there."""
        self._is_handed_over = is_handed_over
        self.show_running(False)

    def show_hint(self, sentence: str) -> None:
        """Say what is to be done next."""
        self._others.setText(sentence)
        self._others.setVisible(bool(sentence))

    def show_round(self, heading: str, status: str, others: str = "", role: str = "") -> None:
        """Say in which round the study is, what this site does and whom it waits for."""
        for label, words in (
            (self._round, heading),
            (self._status, status),
            (self._others, others),
        ):
            label.setText(words)
            label.setVisible(bool(words))
        show_role(self._status, "role", role)

    def show_comparison(self, sentence: str) -> None:
        """Say whether the site is better off than alone."""
        self._comparison.setText(sentence)
        self._comparison.setVisible(bool(sentence))

    def show_problem(self, sentence: str) -> None:
        """Say what stopped this site from taking part."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def show_progress(self, done_count: int, total_count: int) -> None:
        """Show how far the training in the round is; hidden when there is none."""
        self._bar.setRange(0, max(1, total_count))
        self._bar.setValue(done_count)
        self._bar.setVisible(total_count > 0)

    def show_history(self, accuracy: Series, auc: Series) -> None:
        """Draw the curve of the rounds and show their table if there are any."""
        self._plot.show_curves({self.tr("right answers"): accuracy, self.tr("AUC"): auc})
        self._table.setVisible(self._table.model().rowCount() > 0)
        self._no_rounds.setVisible(self._table.model().rowCount() == 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Put curve and table side by side where there is room."""
        super().resizeEvent(event)
        is_wide = self.width() >= SIDE_BY_SIDE_PX
        direction = QBoxLayout.Direction
        self._history.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)

    def _further_buttons(self) -> QGridLayout:
        """Return the rarer acts, in rows that the narrowest window has room for."""
        rows = QGridLayout()
        sent, self._check = button(self.tr("What leaves …")), button(self.tr("Check the way …"))
        sent.setToolTip(self.tr("Everything that is sent, before the first time and of each round"))
        self._check.setToolTip(self.tr("Looks at everything that taking part needs"))
        self._alone = button(self.tr("Compare with alone …"))
        self._alone.setToolTip(self.tr("Is this site better off than with its own images alone?"))
        self._leave = button(self.tr("Leave the study …"))
        self._contribution = button(self.tr("What takes part …"))
        self._hand_over = button(self.tr("Hand over to a server …"))
        self._hand_over.setToolTip(
            self.tr("A server of your hospital takes part in the place of this desk")
        )
        further = (
            (sent, self.sent_asked),
            (self._contribution, self.contribution_asked),
            (self._check, self.check_asked),
            (self._alone, self.alone_asked),
            (self._hand_over, self.hand_over_asked),
            (self._leave, self.leave_asked),
        )
        for place, (one, asked) in enumerate(further):
            one.clicked.connect(asked)
            rows.addWidget(one, *divmod(place, FURTHER_COLUMNS))
        rows.setColumnStretch(FURTHER_COLUMNS, 1)
        return rows

    def _side(self) -> QWidget:
        frame, inner = card(self.tr("Your studies"))
        inner.addWidget(self._list)
        self._side_list = frame
        joining, asks = card(self.tr("Join a study"))
        asks.addWidget(
            text(self.tr("The study's owner sends you an invitation to paste here."), "muted")
        )
        join = button(self.tr("Join a study …"))
        join.clicked.connect(self.join_asked)
        asks.addWidget(join)
        side = column(frame, joining, spare=True)
        side.setFixedWidth(SIDE_WIDTH_PX)
        return side

    def _detail_area(self) -> QWidget:
        now, inner = card()
        controls = QHBoxLayout()
        controls.addWidget(self._round, 1)
        controls.addWidget(self._start)
        controls.addWidget(self._stop)
        controls.addWidget(self._take_back)
        inner.addLayout(controls)
        for widget in (self._status, self._others, self._problem, self._bar, self._comparison):
            inner.addWidget(widget)
        inner.addLayout(self._more)
        past, rows = card(self.tr("Rounds"))
        self._no_rounds = text(self.tr("No round yet."), "muted")
        self._no_rounds.setAlignment(Qt.AlignmentFlag.AlignCenter)
        rows.addWidget(self._no_rounds, 1)
        rows.addWidget(self._table, 1)
        self._history = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._history.setSpacing(12)
        self._history.addWidget(self._plot, 1)
        self._history.addWidget(past, 1)
        history = QWidget()
        history.setLayout(self._history)
        self._history.setContentsMargins(0, 0, 0, 0)
        content = column(self.facts, now, history, sides=1)
        content.setProperty("role", "scrolled")
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll

    def _empty_area(self) -> QWidget:
        frame, inner = card(self.tr("Train with other hospitals"))
        for heading, words in (
            (
                self.tr("What a study is"),
                self.tr(
                    "Several hospitals train one model together. In each round some of them are "
                    "picked; each trains on its own images, and a coordinator averages what they "
                    "send. Everyone gets the result."
                ),
            ),
            (
                self.tr("What stays here"),
                self.tr(
                    "Your images, their labels and everything about your patients stay on this "
                    "computer. Before you take part, the study's page lists what is sent."
                ),
            ),
            (
                self.tr("How to begin"),
                self.tr(
                    "Ask the study's owner for an invitation, and paste it at the left. You see "
                    "what the study is and what would be sent before you agree to anything. "
                    "Joining itself sends nothing but the name of your site."
                ),
            ),
        ):
            inner.addWidget(column(text(heading, "strong"), text(words), spacing=3))
        return column(frame, spare=True)


def _study_list(names: QStringListModel) -> QListView:
    view = QListView()
    view.setModel(names)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setWordWrap(True)
    view.setProperty("role", "list")
    return view


def _round_table(rounds: RoundTable) -> QTableView:
    table = QTableView()
    table.setModel(rounds)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.setMinimumHeight(200)
    return table
