"""The images of this installation as Qt item models: one of all, one of those to be seen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from desktop_client.gui.models.suggested import ShownSuggestions
from desktop_client.gui.wording import percent, reason_words
from desktop_client.labelling.domains import DEFAULT_DOMAIN_NAME
from desktop_client.labelling.sample import Domain, LesionClass, Sample
from desktop_client.labelling.suggestions import Suggestion

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Role(IntEnum):
    """What can be asked of an item beyond Qt's own roles."""

    SAMPLE = Qt.ItemDataRole.UserRole
    TILE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Tile:
    """What the grid shows of a sample beside its picture."""

    sample: Sample
    lesion_class: LesionClass | None
    suggestion: str
    """In words, where the tile should show one: it may be seen, and is not the label."""
    is_missing: bool
    """Whether its file was not where it was when that was last looked at."""


class SampleModel(QAbstractListModel):
    """Every sample of the store, in the order it came; changed only after the store was."""

    domains_changed = Signal(list)
    """The scanners (domains) are these now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: list[Sample] = []
        self.disputed_ids: frozenset[str] = frozenset()
        """What readers disagree about; empty while somebody reads blindly."""
        self.missing_ids: frozenset[str] = frozenset()
        """Whose files are not where they were; changed by ``set_missing``."""
        self._seen: Callable[[Sample], Sample | None] = lambda sample: sample
        self._rows: dict[str, int] = {}
        self._frames: dict[Path, list[str]] | None = None  # made when first asked for
        self._classes: dict[UUID, LesionClass] = {}
        self._domains: dict[UUID, Domain] = {}
        self.suggestions = ShownSuggestions()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  Qt's name
        """Return how many samples there are."""
        return 0 if parent.isValid() else len(self._samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the sample, its class, or what is read aloud and shown for it."""
        if not index.isValid():
            return None
        sample = self._samples[index.row()]
        match role:
            case Role.SAMPLE:
                return sample
            case Role.TILE:
                is_missing = sample.sample_id in self.missing_ids
                suggestion = self._suggestion_on_tile(sample)
                return Tile(sample, self.class_of(sample), suggestion, is_missing)
            case Qt.ItemDataRole.DisplayRole:
                return sample.title
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                told = [sample.title, self.label_text(sample)]
                if sample.exclusion is not None:
                    told.append(self.tr("excluded: {0}").format(reason_words(sample.exclusion)))
                if sample.sample_id in self.missing_ids:
                    told.append(self.tr("its file is missing"))
                if suggestion := self.suggestion_text(sample):
                    told.append(suggestion)
                return ", ".join(told) + (f"\n{sample.note}" if sample.note else "")
        return None

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples, in the order they came."""
        return tuple(self._samples)

    def sample(self, sample_id: str) -> Sample:
        """Return the sample of this identity."""
        return self._samples[self._rows[sample_id]]

    def index_of(self, sample_id: str) -> QModelIndex:
        """Return where this sample is in the model; invalid if it is not there."""
        row = self._rows.get(sample_id)
        return _ROOT if row is None else self.index(row)

    def at(self, row: int) -> Sample:
        """Return the sample of this row."""
        return self._samples[row]

    def frames_of(self, path: Path) -> list[Sample]:
        """Return the frames that lie in one file, in their order."""
        if self._frames is None:
            self._frames = {}
            for sample in self._samples:
                self._frames.setdefault(sample.path, []).append(sample.sample_id)
        frames = [self.sample(sample_id) for sample_id in self._frames.get(path, ())]
        return sorted(frames, key=lambda sample: sample.frame)

    def class_of(self, sample: Sample) -> LesionClass | None:
        """Return the sample's current class, or None."""
        return None if sample.class_id is None else self._classes.get(sample.class_id)

    def label_text(self, sample: Sample) -> str:
        """Return the sample's class by name, or that it has none."""
        lesion_class = self.class_of(sample)
        return self.tr("not labelled") if lesion_class is None else lesion_class.name

    def suggested_class(self, suggestion: Suggestion) -> LesionClass | None:
        """Return the suggested class if there is one like it here."""
        return None if suggestion.class_id is None else self._classes.get(suggestion.class_id)

    def suggestion_text(self, sample: Sample) -> str:
        """Return what the model suggests and how sure it is; nothing if it may not be seen."""
        told = self._suggestion_in_words(sample)
        return self.tr("Model suggestion: {0}").format(told) if told else ""

    def scanner_name(self, sample: Sample) -> str:
        """Return the name of the scanner (domain) that the sample came from."""
        domain = self._domains.get(sample.domain_id)
        return self.tr("unknown") if domain is None else domain.name

    def show_as(self, seen: Callable[[Sample], Sample | None]) -> None:
        """Show samples only as ``seen`` gives them back, and not at all where it gives None."""
        self._seen = seen

    def replace_all(self, samples: Iterable[Sample]) -> None:
        """Show these samples and no others."""
        self.beginResetModel()
        self._samples, self._frames = self._as_seen(samples), None
        self._rows = {sample.sample_id: row for row, sample in enumerate(self._samples)}
        self.endResetModel()

    def put(self, samples: Iterable[Sample]) -> None:
        """Add samples that are new and replace those that are known."""
        new = []
        for sample in self._as_seen(samples):
            row = self._rows.get(sample.sample_id)
            if row is None:
                new.append(sample)
                self._rows[sample.sample_id] = len(self._samples) + len(new) - 1
            elif row < len(self._samples):
                self._samples[row] = sample
                self.dataChanged.emit(self.index(row), self.index(row))
            else:
                new[row - len(self._samples)] = sample
        if new:
            first, self._frames = len(self._samples), None
            self.beginInsertRows(_ROOT, first, first + len(new) - 1)
            self._samples.extend(new)
            self.endInsertRows()

    def _as_seen(self, samples: Iterable[Sample]) -> list[Sample]:
        return [seen for sample in samples if (seen := self._seen(sample)) is not None]

    def set_classes(self, classes: Iterable[LesionClass]) -> None:
        """Show these classes' names and colours."""
        known = {lesion_class.class_id: lesion_class for lesion_class in classes}
        if known != self._classes:  # else every label would filter and draw all images anew
            self._classes = known
            self.redraw()

    def set_domains(self, domains: Iterable[Domain]) -> None:
        """Show these scanners' names."""
        known = {domain.domain_id: self._in_our_language(domain) for domain in domains}
        if known != self._domains:
            self._domains = known
            self.domains_changed.emit(list(known.values()))

    def _in_our_language(self, domain: Domain) -> Domain:
        """Return a scanner; the one that nobody named has a name of ours."""
        is_unnamed = domain.name == DEFAULT_DOMAIN_NAME
        return replace(domain, name=self.tr("Unnamed scanner")) if is_unnamed else domain

    def set_missing(self, sample_ids: frozenset[str]) -> None:
        """Show that the files of these images are not where they were."""
        if sample_ids != self.missing_ids:
            self.missing_ids = sample_ids
            self.redraw()

    def redraw(self) -> None:
        """Draw everything anew, because classes or suggestions changed."""
        if self._samples:
            self.dataChanged.emit(self.index(0), self.index(len(self._samples) - 1))

    def _suggestion_in_words(self, sample: Sample) -> str:
        suggestion = self.suggestions.visible(sample)
        if suggestion is None:
            return ""
        lesion_class = self.suggested_class(suggestion)
        name = (
            self.tr("{0} (no class here)").format(suggestion.name)
            if lesion_class is None
            else lesion_class.name
        )
        return f"{name}, {percent(suggestion.confidence)}"

    def _suggestion_on_tile(self, sample: Sample) -> str:
        is_news = sample.class_id is None or self.suggestions.differs(sample)
        return self._suggestion_in_words(sample) if is_news else ""


Condition = Callable[[Sample], bool]
OrderKey = Callable[[Sample], Any]


class ShownSamples(QSortFilterProxyModel):
    """The samples that fulfil a condition, in the chosen order."""

    def __init__(self, source: SampleModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._conditions: dict[str, Condition] = {}
        self._order: OrderKey | None = None
        self._keys: dict[str, Any] = {}
        self.setDynamicSortFilter(True)
        self.setSourceModel(source)

    def narrow(self, name: str, condition: Condition | None) -> None:
        """Show only what fulfils this condition too; None takes the one of this name away."""
        self.beginFilterChange()
        self._conditions.pop(name, None)
        if condition is not None:
            self._conditions[name] = condition
        self.endFilterChange()

    def order_by(self, key: OrderKey | None) -> None:
        """Order by what ``key`` gives for each sample now; as they came for None.

        An image that is labelled afterwards stays where it is: whoever works through an order
        must not have images jump away.
        """
        self._order, self._keys = key, {}
        self.sort(-1)  # else Qt sees no change from one key to another
        if key is not None:
            self.sort(0)

    def renew(self) -> None:
        """Filter and order anew what other facts than the samples' own decide."""
        self._keys = {}
        self.invalidate()

    def sample_at(self, row: int) -> Sample:
        """Return the sample shown in this row."""
        sample = self.index(row, 0).data(Role.SAMPLE)
        assert isinstance(sample, Sample)  # noqa: S101  our own invariant
        return sample

    def row_of(self, sample_id: str) -> int:
        """Return the row that shows this sample, or -1."""
        return self.mapFromSource(self._source.index_of(sample_id)).row()

    def next_unlabelled(self, after_row: int) -> int:
        """Return the first row without a label after ``after_row``, from the top again; or -1."""
        count = self.rowCount()
        rows = ((after_row + step) % count for step in range(1, count + 1))
        found = (row for row in rows if _waits_for_label(self.sample_at(row)))
        return next(found, -1)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: N802  Qt's name
        """Return whether Qt should show this row of the source."""
        if not self._conditions:
            return True
        sample = self._source.at(source_row)
        return all(condition(sample) for condition in self._conditions.values())

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802  Qt's name
        """Return whether Qt should put ``left`` before ``right``."""
        before, after = (self._key(self._source.at(index.row())) for index in (left, right))
        return bool(before < after)

    def _key(self, sample: Sample) -> Any:  # noqa: ANN401  whatever the order compares
        if sample.sample_id not in self._keys:
            assert self._order is not None  # noqa: S101  Qt asks only while it sorts
            self._keys[sample.sample_id] = self._order(sample)
        return self._keys[sample.sample_id]


def _waits_for_label(sample: Sample) -> bool:
    return sample.class_id is None and sample.exclusion is None
