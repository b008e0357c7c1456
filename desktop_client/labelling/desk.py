"""What a reader has on the desk: which images, what of them may be seen, and what a label means.

Whoever shows images and takes labels talks to a desk and need not know which kind it is. A second
reading is blind because its desk hands out nothing that could tell the first label.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.second_reading import Draw, OpinionPair
from desktop_client.labelling.store import LabelProgress, LabelStore


class Desk(Protocol):
    """The images one reader works on; durable when a method returns."""

    def samples(self) -> list[Sample]:
        """Return the images in the order in which they are to be shown."""

    def seen(self, sample: Sample) -> Sample | None:
        """Return an image of the store as this reader may see it; None if it is not here."""

    def label(self, sample_ids: Sequence[str], class_id: UUID | None) -> None:
        """Say what is seen on images, or with None take that back."""

    def can_undo(self) -> bool:
        """Whether there is an act of this desk to take back."""

    def can_redo(self) -> bool:
        """Whether there is an undone act to do again."""

    def undo(self) -> list[str]:
        """Take the last act back; return the images it concerned."""

    def redo(self) -> list[str]:
        """Do again what was undone last; return the images it concerned."""

    def progress(self) -> LabelProgress:
        """Count what is done."""


class LabellingDesk:
    """All images, with their labels: the ordinary desk."""

    def __init__(self, store: LabelStore, reader: str) -> None:
        self._store = store
        self._reader = reader

    def samples(self) -> list[Sample]:
        """Return all images in the order in which they were added."""
        return self._store.samples()

    def seen(self, sample: Sample) -> Sample:
        """Return the image as it is."""
        return sample

    def label(self, sample_ids: Sequence[str], class_id: UUID | None) -> None:
        """Give images a class, or take their label away."""
        self._store.label(sample_ids, class_id, self._reader)

    def can_undo(self) -> bool:
        """Whether there is a label, an exclusion or a note to take back."""
        return self._store.can_undo()

    def can_redo(self) -> bool:
        """Whether there is an undone act to do again."""
        return self._store.can_redo()

    def undo(self) -> list[str]:
        """Take the last act back, whoever did it; return the images it concerned."""
        return self._store.undo(self._reader)

    def redo(self) -> list[str]:
        """Do again what was undone last; return the images it concerned."""
        return self._store.redo(self._reader)

    def progress(self) -> LabelProgress:
        """Count labels in the whole store."""
        return self._store.progress()


class SecondReadingDesk:
    """Images drawn for a second reading: no label, note or file name of anybody else."""

    def __init__(self, store: LabelStore, draw: Draw) -> None:
        self._store = store
        self._draw = draw
        self._numbers = {sample_id: number for number, sample_id in enumerate(draw.reads, start=1)}

    @property
    def draw(self) -> Draw:
        """The second reading, with its reads so far."""
        return self._draw

    def samples(self) -> list[Sample]:
        """Return the drawn images in the order of the draw."""
        return [self._store.sample(sample_id) for sample_id in self._draw.reads]

    def seen(self, sample: Sample) -> Sample | None:
        """Return a drawn image with what its second reader says of it, and nothing else."""
        number = self._numbers.get(sample.sample_id)
        if number is None:
            return None
        return replace(
            sample,
            class_id=self._draw.reads[sample.sample_id],
            exclusion=None,
            note="",
            alias=f"{number} / {len(self._numbers)}",
        )

    def label(self, sample_ids: Sequence[str], class_id: UUID | None) -> None:
        """Keep a second read; no label changes by it."""
        self._store.second_readings.read(self._draw, list(sample_ids), class_id)
        self._look_again()

    def can_undo(self) -> bool:
        """Whether there is a read to take back."""
        return self._store.second_readings.can_undo(self._draw)

    def can_redo(self) -> bool:
        """Whether there is an undone read to do again."""
        return self._store.second_readings.can_redo(self._draw)

    def undo(self) -> list[str]:
        """Take the last read back."""
        changed = self._store.second_readings.undo(self._draw)
        self._look_again()
        return changed

    def redo(self) -> list[str]:
        """Do again what was undone last."""
        changed = self._store.second_readings.redo(self._draw)
        self._look_again()
        return changed

    def progress(self) -> LabelProgress:
        """Count this reader's own reads; the counts of all labels would tell too much."""
        counts = Counter(c for c in self._draw.reads.values() if c is not None)
        return LabelProgress(counts.total(), len(self._numbers), dict(counts))

    def _look_again(self) -> None:
        present = self._store.second_readings.open_draw(self._draw.reader)
        if present is None:
            raise LabelStoreError("This second reading was ended.")
        self._draw = present


class SettlingDesk:
    """Images that readers disagree about; a label is the decision between them."""

    def __init__(self, store: LabelStore, reader: str) -> None:
        self._store = store
        self._reader = reader
        self._opinions = store.second_readings.disagreements()
        self._open_ids = frozenset(self._opinions)
        self._settled_count = 0
        self._undone_count = 0

    def opinions(self, sample_id: str) -> list[OpinionPair]:
        """Return who said what about an image, the first label and each second read."""
        return self._opinions[sample_id]

    def samples(self) -> list[Sample]:
        """Return the images that were in dispute when this desk was laid out."""
        return [self._store.sample(sample_id) for sample_id in self._opinions]

    def seen(self, sample: Sample) -> Sample | None:
        """Return an image in dispute; without a label until that is settled."""
        if sample.sample_id not in self._opinions:
            return None
        return replace(sample, class_id=None) if sample.sample_id in self._open_ids else sample

    def label(self, sample_ids: Sequence[str], class_id: UUID | None) -> None:
        """Decide; a decision can be changed or undone, but not taken away."""
        if class_id is None:
            raise LabelStoreError("Choose the class that is to hold, or undo your decision.")
        self._store.settle(sample_ids, class_id, self._reader)
        self._settled_count, self._undone_count = self._settled_count + 1, 0
        self._look_again()

    def can_undo(self) -> bool:
        """Whether a decision was made at this desk."""
        return self._settled_count > 0 and self._store.can_undo()

    def can_redo(self) -> bool:
        """Whether a decision was undone at this desk."""
        return self._undone_count > 0 and self._store.can_redo()

    def undo(self) -> list[str]:
        """Take the last decision back: the image is in dispute again."""
        self._settled_count, self._undone_count = self._settled_count - 1, self._undone_count + 1
        changed = self._store.undo(self._reader)
        self._look_again()
        return changed

    def redo(self) -> list[str]:
        """Decide again as before."""
        self._settled_count, self._undone_count = self._settled_count + 1, self._undone_count - 1
        changed = self._store.redo(self._reader)
        self._look_again()
        return changed

    def progress(self) -> LabelProgress:
        """Count decisions."""
        total_count = len(self._opinions)
        return LabelProgress(total_count - len(self._open_ids), total_count, {})

    def _look_again(self) -> None:
        still_open = self._store.second_readings.disagreements()
        self._open_ids = frozenset(self._opinions) & still_open.keys()
