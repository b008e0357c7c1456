"""How good the models trained here are: numbers, curves, mistakes, and one beside the other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui import quality_words
from desktop_client.gui.models.curves import Series
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.curve_plot import SHARES, CurvePlot
from desktop_client.gui.views.curve_style import CurveStyle
from desktop_client.gui.views.elements import button, column, selectable, text
from desktop_client.training.quality import Judgement, QualityReport

DIAGONAL = Series([0.0, 1.0], [0.0, 1.0])


class ResultsDialog(QDialog):
    """Shows one report at a time, newest first, for all scanners or one."""

    image_asked = Signal(str, int)
    """Show this image, by its sample id, as the training at this place among all judged it."""
    report_asked = Signal(int, float)
    """Write a report: the place of the training among all, and the wanted sensitivity, 0 to 1."""
    card_asked = Signal(int)
    """Write a model card: the place of the training among all."""
    export_asked = Signal(int)
    """Write the model for other programs: the place of the training among all."""

    def __init__(self, parent: QWidget, palette: Palette, reports: Sequence[QualityReport]) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("How good is it?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(940, 660)
        self._reports = reports
        self._wrong_ids: list[str] = []
        self._summary, self._point, self._calibration = selectable(), selectable(), selectable()
        self._show_image = button(self.tr("Show this image and where the model looks"))
        self._show_image.clicked.connect(self.on_show_image_clicked)
        self._make_choices()
        self._make_tables()
        self._roc, self._reliability = self._new_roc(), self._new_reliability()
        self._comparison = self._new_comparison()
        for plot in (self._roc, self._reliability):
            plot.set_palette(palette)
        tabs = QTabWidget()
        tabs.setAccessibleName(self.tr("Kinds of results"))
        tabs.setDocumentMode(True)  # no pane in a colour of its own
        tabs.addTab(self._overview_tab(), self.tr("Overview"))
        tabs.addTab(self._roc_tab(), self.tr("Threshold"))
        tabs.addTab(self._reliability_tab(), self.tr("Confidence"))
        tabs.addTab(self._mistakes_tab(), self.tr("Surest mistakes"))
        tabs.addTab(self._comparison, self.tr("Earlier trainings"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for words, act in (
            (self.tr("Save report …"), self.on_save_report_clicked),
            (self.tr("Save model card …"), self.on_save_card_clicked),
            (self.tr("Export for other programs …"), self.on_export_clicked),
        ):
            saves = button(words)
            saves.clicked.connect(act)
            buttons.addButton(saves, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("How good is it?"), "title"))
        layout.addLayout(_row(self._which, self._scope))
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        self.on_which_changed()

    def on_which_changed(self) -> None:
        """Show another training: its scanners and classes may be others, too."""
        self._scope.blockSignals(True)
        self._scope.clear()
        self._scope.addItem(self.tr("All scanners"))
        self._scope.addItems([judged.domain for judged in self._report.by_domain])
        self._scope.blockSignals(False)
        self._class.blockSignals(True)
        self._class.clear()
        self._class.addItems(list(self._report.class_names))
        self._class.blockSignals(False)
        self.on_scope_changed()

    def on_scope_changed(self) -> None:
        """Show the images of all scanners, or of one."""
        report, judged = self._report, self._judged
        self._summary.setText(quality_words.summary(report, judged))
        _fill(self._classes, quality_words.class_rows(judged))
        headers = [self.tr("Readers said"), *map(self._answered_as, report.class_names)]
        _fill(self._confusion, quality_words.confusion_rows(report, judged), headers)
        bins = judged.calibration.bins
        self._reliability.show_curves(
            {
                self.tr("right answers"): Series(
                    [b.mean_confidence for b in bins], [b.right_share for b in bins]
                ),
                self.tr("agreement"): DIAGONAL,
            }
        )
        self._calibration.setText(quality_words.calibration(judged))
        wrong = [w for w in report.wrongest if judged.domain in ("", w.domain)]
        rows = [(w.said, w.answered, f"{100 * w.confidence:.0f} %", w.domain) for w in wrong]
        _fill(self._mistakes, rows)
        self._wrong_ids = [w.sample_id for w in wrong]
        self._show_image.setEnabled(bool(wrong))
        self.on_class_changed()

    def on_class_changed(self) -> None:
        """Draw the curve of another class, or say what another threshold would do."""
        quality = self._judged.classes[max(0, self._class.currentIndex())]
        curves = {self.tr("guessing"): DIAGONAL}
        if quality.roc is not None:
            curves[self.tr("this model")] = Series(
                list(quality.roc.false_positive_rates), list(quality.roc.sensitivities)
            )
        self._roc.show_curves(curves)
        wanted = self._wanted.value() / 100
        self._point.setText(quality_words.operating_point(quality, wanted))

    def on_show_image_clicked(self) -> None:
        """Show the chosen mistake among the images."""
        row = max(0, self._mistakes.currentRow())
        if row < len(self._wrong_ids):
            self.image_asked.emit(self._wrong_ids[row], self._place)
            self.accept()

    def on_save_report_clicked(self) -> None:
        """Have a report written on the training that is shown."""
        self.report_asked.emit(self._place, self._wanted.value() / 100)

    def on_save_card_clicked(self) -> None:
        """Have a card written of the model that is shown."""
        self.card_asked.emit(self._place)

    def on_export_clicked(self) -> None:
        """Have the model that is shown written for other programs."""
        self.export_asked.emit(self._place)

    @property
    def _place(self) -> int:
        return max(0, self._which.currentIndex())

    @property
    def _report(self) -> QualityReport:
        return self._reports[self._place]

    @property
    def _judged(self) -> Judgement:
        place = self._scope.currentIndex()
        return self._report.by_domain[place - 1] if place > 0 else self._report.together

    def _answered_as(self, name: str) -> str:
        return self.tr("answered {0}").format(name)

    def _make_choices(self) -> None:
        self._which, self._scope, self._class = QComboBox(), QComboBox(), QComboBox()
        self._which.setAccessibleName(self.tr("Training"))
        self._which.addItems([quality_words.title(report) for report in self._reports])
        self._scope.setAccessibleName(self.tr("Scanner"))
        self._class.setAccessibleName(self.tr("Class"))
        self._wanted = QSpinBox()
        self._wanted.setRange(0, 100)
        self._wanted.setValue(90)
        self._wanted.setPrefix(self.tr("find at least "))
        self._wanted.setSuffix(" %")
        self._wanted.setAccessibleName(self.tr("Wanted sensitivity"))
        self._which.currentIndexChanged.connect(self.on_which_changed)
        self._scope.currentIndexChanged.connect(self.on_scope_changed)
        self._class.currentIndexChanged.connect(self.on_class_changed)
        self._wanted.valueChanged.connect(self.on_class_changed)

    def _make_tables(self) -> None:
        headers = (
            *(self.tr("Class"), self.tr("Images"), self.tr("AUC")),
            *(self.tr("Sensitivity"), self.tr("Specificity")),
        )
        self._classes = _table(self.tr("By class"), headers)
        self._confusion = _table(self.tr("Confusion"), ())
        self._mistakes = _table(
            self.tr("Surest mistakes"),
            (
                *(self.tr("Readers said"), self.tr("The model answered")),
                *(self.tr("Confidence"), self.tr("Scanner")),
            ),
        )
        self._mistakes.doubleClicked.connect(self.on_show_image_clicked)

    def _new_comparison(self) -> QTableWidget:
        table = _table(
            self.tr("Earlier trainings"),
            (
                *(self.tr("Finished"), self.tr("Learnt from"), self.tr("Held out")),
                *(self.tr("Right"), self.tr("Mean AUC"), self.tr("Confidence off by")),
                self.tr("Scanner told"),
            ),
        )
        _fill(table, [quality_words.comparison_row(r) for r in self._reports])
        return table

    def _new_roc(self) -> CurvePlot:
        dash = Qt.PenStyle.DashLine
        return CurvePlot(
            self.tr("ROC curve"),
            self.tr("Found among those of the class, against false alarms among all others."),
            (CurveStyle(self.tr("this model"), width=2.5), CurveStyle(self.tr("guessing"), dash)),
            self.tr("false alarms"),
            SHARES,
            SHARES,
        )

    def _new_reliability(self) -> CurvePlot:
        dash = Qt.PenStyle.DashLine
        return CurvePlot(
            self.tr("Can its confidence be believed?"),
            self.tr("Share of right answers among those of about the same confidence."),
            (
                CurveStyle(self.tr("right answers"), mark="o"),
                CurveStyle(self.tr("agreement"), dash),
            ),
            self.tr("confidence"),
            SHARES,
            SHARES,
        )

    def _overview_tab(self) -> QWidget:
        confusion = text(self.tr("What was answered"), "heading")
        parts = (self._summary, self._classes, confusion, self._confusion)
        return column(*parts, sides=8, top=8)

    def _roc_tab(self) -> QWidget:
        choices = QWidget()
        choices.setLayout(_row(self._class, self._wanted))
        tab = column(choices, self._point, self._roc, sides=8, top=8)
        return _stretched(tab, self._roc)

    def _reliability_tab(self) -> QWidget:
        tab = column(self._calibration, self._reliability, sides=8, top=8)
        return _stretched(tab, self._reliability)

    def _mistakes_tab(self) -> QWidget:
        return column(self._mistakes, self._show_image, sides=8, top=8)


def _row(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout


def _stretched(tab: QWidget, part: QWidget) -> QWidget:
    """Give a part of a column all the height that the others leave."""
    layout = tab.layout()
    assert isinstance(layout, QVBoxLayout)  # noqa: S101  our own invariant
    layout.setStretchFactor(part, 1)
    return tab


def _table(name: str, headers: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(headers))
    table.setHorizontalHeaderLabels(list(headers))
    table.setAccessibleName(name)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setStretchLastSection(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table


def _fill(
    table: QTableWidget, rows: Sequence[Sequence[str]], headers: Sequence[str] | None = None
) -> None:
    if headers is not None:
        table.setColumnCount(len(headers))
        table.setHorizontalHeaderLabels(list(headers))
    table.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        for place, words in enumerate(cells):
            table.setItem(row, place, QTableWidgetItem(words))
    table.resizeColumnsToContents()
