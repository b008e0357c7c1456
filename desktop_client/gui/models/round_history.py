"""The rounds of one study as this site saw them, for the table and the curve."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from coordinator.protocol import LesionMetrics
from desktop_client.federation.events import (
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.round_record import RoundRecord
from desktop_client.gui.models.curves import Series
from desktop_client.gui.wording import percent

_ROOT: Final = QModelIndex()


@dataclass(frozen=True, slots=True)
class RoundSeen:
    """What this site knows of one round; round 0 is the model that the study began with."""

    round_number: int
    is_picked: bool | None = None
    sent_count: int | None = None
    """Images that this site's update was trained on."""
    refused: str = ""
    validation: LesionMetrics | None = None
    """How the round's shared model does on this site's held-out images."""
    before: LesionMetrics | None = None
    """How the model did there that this site trained from."""
    own: LesionMetrics | None = None
    """How this site's own model did there after its training."""
    picked_at: datetime | None = None


@dataclass
class StudyHistory:
    """All rounds seen, by number."""

    rounds: dict[int, RoundSeen] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Mapping[int, RoundRecord]) -> "StudyHistory":
        """Return what was seen in rounds before, also by an earlier run of the program."""
        return cls({number: _seen(record) for number, record in records.items()})

    def take(self, event: object) -> bool:
        """Add what an event says and return whether anything is new."""
        match event:
            case RoundWaited(round_number=number) if event.picked_count > 0:
                was_picked = number in self.rounds and bool(self.rounds[number].is_picked)
                return self._note(number, is_picked=event.is_picked or was_picked)
            case RoundJoined(round_number=number):
                known = self.rounds.get(number, RoundSeen(number)).picked_at
                return self._note(number, is_picked=True, picked_at=known or datetime.now(UTC))
            case RoundTrained(number, before, after):
                return self._note(number, before=before, own=after)
            case UpdateSent(round_number=number):
                return self._note(number, is_picked=True, sent_count=event.sample_count)
            case UpdateRefused(round_number=number):
                return self._note(number, refused=event.sentence)
            case ParametersLoaded(round_number=number):
                return self._note(number, validation=event.validation)
        return False

    def _note(self, number: int, **what: Any) -> bool:  # noqa: ANN401  fields of RoundSeen
        before = self.rounds.get(number, RoundSeen(number))
        self.rounds[number] = replace(before, **what)
        return self.rounds[number] != before

    def curves(self) -> tuple[Series, Series]:
        """Return accuracy and AUC on held-out images by round, where they are defined."""
        accuracy, auc = Series(), Series()
        for number, seen in sorted(self.rounds.items()):
            if seen.validation is not None and seen.validation.accuracy is not None:
                accuracy.add(number, seen.validation.accuracy)
            if seen.validation is not None and seen.validation.auc is not None:
                auc.add(number, seen.validation.auc)
        return accuracy, auc


def _seen(record: RoundRecord) -> RoundSeen:
    is_sent = record.sent is not None and record.is_accepted
    return RoundSeen(
        record.round_number,
        record.is_picked,
        record.sent.message.sample_count if is_sent and record.sent else None,
        record.refusal,
        record.shared,
        record.before,
        record.after,
        record.picked_at,
    )


class RoundTable(QAbstractTableModel):
    """The rounds, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rounds: list[RoundSeen] = []
        self._headers = (
            self.tr("Round"),
            self.tr("This site"),
            self.tr("Own training"),
            self.tr("Right"),
            self.tr("AUC"),
        )

    def show_history(self, history: StudyHistory) -> None:
        """Show these rounds."""
        self.beginResetModel()
        self._rounds = sorted(
            history.rounds.values(), key=lambda seen: seen.round_number, reverse=True
        )
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:  # noqa: N802  Qt's name
        """Return how many rounds there are."""
        return 0 if parent.isValid() else len(self._rounds)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:  # noqa: N802  Qt's name
        """Return how many things are said of each round."""
        return 0 if parent.isValid() else len(self._headers)

    def headerData(  # noqa: N802  Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401  Qt's own signature
        """Return a column's name."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        return None

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401  Qt's own signature
        """Return what is said of a round."""
        if not index.isValid() or role not in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        }:
            return None
        seen = self._rounds[index.row()]
        found = seen.validation
        texts = (
            self.tr("start") if seen.round_number == 0 else str(seen.round_number),
            self._part(seen),
            _change(seen),
            percent(found.accuracy) if found else "–",
            "–"
            if found is None
            else self.tr("undefined")
            if found.auc is None
            else f"{found.auc:.2f}",
        )
        return texts[index.column()]

    def _part(self, seen: RoundSeen) -> str:
        if seen.refused:
            return self.tr("refused: {0}").format(seen.refused)
        if seen.sent_count is not None:
            return self.tr("took part, {0} images").format(f"{seen.sent_count:,}")
        if seen.is_picked:
            return self.tr("picked, training")
        if seen.is_picked is False:
            return self.tr("not picked")
        return "–"


def _change(seen: RoundSeen) -> str:
    """Return how this site's held-out images were judged before and after its training."""
    if seen.before is None or seen.own is None:
        return "–"
    if seen.before.auc is not None and seen.own.auc is not None:
        return f"{seen.before.auc:.2f} → {seen.own.auc:.2f}"
    return f"{percent(seen.before.accuracy)} → {percent(seen.own.accuracy)}"
