"""How far readers agree: a row per pair of them, and the table of the chosen pair."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import text
from desktop_client.gui.wording import percent
from desktop_client.labelling.agreement import ReaderAgreement

FEW_IMAGES: Final = 50
SMALLEST: Final = QSize(880, 520)
"""All columns in full, in German too."""


class AgreementDialog(QDialog):
    """Shows numbers; what disagrees can be settled from here."""

    settle_asked = Signal()

    def __init__(
        self,
        agreements: Sequence[ReaderAgreement],
        names: Mapping[UUID, str],
        disagreement_count: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._agreements, self._names = agreements, names
        self.setWindowTitle(self.tr("Agreement of readers"))
        self.setMinimumSize(SMALLEST)
        self.pairs = _table(self.tr("Pairs of readers"))
        self.confusion = _table(self.tr("What both readers said"))
        self._caption = text("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Agreement of readers"), "title"))
        if not agreements:
            layout.addWidget(
                text(
                    self.tr("No image was read a second time yet. Begin with Second reading …"),
                    "muted",
                )
            )
            layout.addStretch(1)
        else:
            layout.addWidget(self.pairs)
            layout.addWidget(self._caption)
            layout.addWidget(self.confusion, 1)
            layout.addWidget(
                text(
                    self.tr(
                        "Compared are blind second reads with the labels as they were when drawn. "
                        "Kappa: Cohen 1960; 95 % confidence interval by the large-sample standard "
                        "error of Fleiss, Cohen and Everitt 1969, rough below {0} images."
                    ).format(FEW_IMAGES),
                    "muted",
                )
            )
        layout.addWidget(self._buttons(disagreement_count))
        self._fill_pairs()

    def on_pairs_selection_changed(self) -> None:
        """Show the table of the chosen pair."""
        row = self.pairs.currentRow()
        if 0 <= row < len(self._agreements):
            self._show_confusion(self._agreements[row])

    def _fill_pairs(self) -> None:
        heads = (
            self.tr("First reader"),
            self.tr("Second reader"),
            self.tr("Images"),
            self.tr("Agreement"),
            self.tr("Kappa"),
            self.tr("95 % confidence interval"),
        )
        self.pairs.setColumnCount(len(heads))
        self.pairs.setHorizontalHeaderLabels(heads)
        self.pairs.setRowCount(len(self._agreements))
        self.pairs.verticalHeader().hide()
        for row, agreement in enumerate(self._agreements):
            for column, words in enumerate(self._pair_cells(agreement)):
                self.pairs.setItem(row, column, _cell(words, is_number=column > 1))
        rows = min(4, len(self._agreements))
        height = self.pairs.horizontalHeader().sizeHint().height()
        header = self.pairs.horizontalHeader()
        by_content = QHeaderView.ResizeMode.ResizeToContents
        for column in range(1, len(heads)):  # the first takes what is left
            header.setSectionResizeMode(column, by_content)
        self.pairs.setFixedHeight(height + rows * self.pairs.rowHeight(0) + 8)
        self.pairs.itemSelectionChanged.connect(self.on_pairs_selection_changed)
        if self._agreements:
            self.pairs.selectRow(0)

    def _pair_cells(self, agreement: ReaderAgreement) -> tuple[str, ...]:
        kappa, count = agreement.kappa, agreement.image_count
        return (
            agreement.first_reader,
            agreement.second_reader,
            f"{count:,}",
            percent(agreement.agreed_count / count),
            self.tr("undefined") if kappa is None else _signed(kappa.value),
            "–"
            if kappa is None or kappa.low is None or kappa.high is None
            else self.tr("{0} to {1}").format(_signed(kappa.low), _signed(kappa.high)),
        )

    def _show_confusion(self, agreement: ReaderAgreement) -> None:
        names = [self._names[class_id] for class_id in agreement.class_ids]
        self._caption.setText(
            self.tr(
                "Rows: what {0} said. Columns: what {1} said. Bold: both said the same."
            ).format(agreement.first_reader, agreement.second_reader)
        )
        self.confusion.setRowCount(len(names))
        self.confusion.setColumnCount(len(names))
        self.confusion.setVerticalHeaderLabels(names)
        self.confusion.setHorizontalHeaderLabels(names)
        for row, counts in enumerate(agreement.counts):
            for column, count in enumerate(counts):
                item = _cell(f"{count:,}", is_number=True)
                if row == column:
                    font = QFont(self.font())
                    font.setBold(True)
                    item.setFont(font)
                self.confusion.setItem(row, column, item)

    def _buttons(self, disagreement_count: int) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        settle = buttons.addButton(
            self.tr("Settle one disagreement")
            if disagreement_count == 1
            else self.tr("Settle {0} disagreements").format(f"{disagreement_count:,}"),
            QDialogButtonBox.ButtonRole.ActionRole,
        )
        settle.setEnabled(disagreement_count > 0)
        settle.clicked.connect(self.accept)
        settle.clicked.connect(self.settle_asked)
        buttons.rejected.connect(self.reject)
        return buttons


def _table(name: str) -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table


def _cell(words: str, *, is_number: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item


def _signed(number: float) -> str:
    """Write two decimals, with a minus that is as wide as a figure."""
    return f"{number:.2f}".replace("-", "−")
