"""Blinded second reading: a random share of what others labelled is read again.

What is drawn, by which seed, and what the label was at that moment are kept; the second reads are
events of their own and never touch a label. Whoever shows the images must show no label of them:
``Draw.reads`` holds all that their reader may see.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.audit import AuditTrail
from desktop_client.labelling.chain import Details, digest_of_draw
from desktop_client.labelling.database import Database
from desktop_client.labelling.journal import LabelJournal


@dataclass(frozen=True, slots=True)
class Draw:
    """One reader's second reading; ``reads`` is in the order in which the images are shown."""

    draw_id: int
    reader: str
    share: float
    seed: int
    reads: dict[str, UUID | None]
    """By sample: what its reader says, None while that is open."""

    @property
    def read_count(self) -> int:
        """How many images were read."""
        return sum(class_id is not None for class_id in self.reads.values())


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader says about an image."""

    reader: str
    class_id: UUID


@dataclass(frozen=True, slots=True)
class OpinionPair:
    """The label of an image as it was when drawn, and a second read of it."""

    sample_id: str
    first: Opinion
    second: Opinion


class SecondReadings:
    """The second readings of one store."""

    def __init__(self, database: Database, journal: LabelJournal, audit: AuditTrail) -> None:
        self._database = database
        self._journal = journal
        self._audit = audit

    def candidates(self, reader: str) -> list[str]:
        """Return the images this reader may read as the second one, by sample id.

        Those with a label in use that somebody else gave, which are not excluded and were never
        drawn for this reader.
        """
        return [sample_id for sample_id, _, _ in self._candidates(reader)]

    def draw(self, reader: str, share: float, seed: int) -> Draw:
        """Draw images and begin; the same candidates and seed give the same images.

        Args:
            reader: Who will read; with an open second reading there is no other.
            share: Of the candidates, above 0 and at most 1; at least one image is drawn.
            seed: Of the random draw.
        """
        if not 0 < share <= 1:
            raise LabelStoreError("The share to read again must be more than 0 and at most 100 %.")
        with self._database.transaction():
            if self.open_draw(reader) is not None:
                raise LabelStoreError(f"{reader} has a second reading that has not ended yet.")
            candidates = self._candidates(reader)
            if not candidates:
                raise LabelStoreError(
                    "No image can be read a second time: nobody else has labelled any that "
                    f"{reader} has not read yet."
                )
            count = max(1, round(share * len(candidates)))
            drawn = random.Random(seed).sample(candidates, count)  # noqa: S311  no secret
            draw_id = self._database.write(
                "INSERT INTO draws (reader, share, seed, drawn_at) VALUES (?, ?, ?, ?)",
                *(reader, share, seed, datetime.now(UTC).isoformat()),
            )
            self._database.write_many(
                """
                INSERT INTO drawn_samples
                (draw_id, position, sample_id, first_class_id, first_reader) VALUES (?, ?, ?, ?, ?)
                """,
                [(draw_id, position, *row) for position, row in enumerate(drawn)],
            )
            details: Details = {
                "draw_id": draw_id,
                "share": share,
                "seed": seed,
                "candidate_count": len(candidates),
                "image_count": count,
                "drawn_digest": digest_of_draw(self._database, draw_id),
            }
            self._audit.record("second_reading_begun", reader, details)
            return self._draw(draw_id, reader, share, seed)

    def open_draw(self, reader: str) -> Draw | None:
        """Return this reader's second reading that has not ended, or None."""
        rows = self._database.read(
            "SELECT draw_id, reader, share, seed FROM draws WHERE reader = ? AND ended_at IS NULL",
            reader,
        )
        return self._draw(*rows[0]) if rows else None

    def read(self, draw: Draw, sample_ids: list[str], class_id: UUID | None) -> None:
        """Say what is seen on images of the draw, or with None take that back."""
        self._journal.read(draw.draw_id, sample_ids, class_id, draw.reader)

    def can_undo(self, draw: Draw) -> bool:
        """Whether there is a read to take back."""
        return self._journal.can_undo(draw.draw_id)

    def can_redo(self, draw: Draw) -> bool:
        """Whether there is an undone read to do again."""
        return self._journal.can_redo(draw.draw_id)

    def undo(self, draw: Draw) -> list[str]:
        """Take the last read of this draw back; return the images it concerned."""
        return self._journal.undo(draw.reader, draw.draw_id)

    def redo(self, draw: Draw) -> list[str]:
        """Do again what was undone last in this draw; return the images it concerned."""
        return self._journal.redo(draw.reader, draw.draw_id)

    def end(self, draw: Draw) -> None:
        """End a second reading; what was not read stays unread."""
        with self._database.transaction():
            self._database.write(
                "UPDATE draws SET ended_at = ? WHERE draw_id = ?",
                datetime.now(UTC).isoformat(),
                draw.draw_id,
            )
            present = self._draw(draw.draw_id, draw.reader, draw.share, draw.seed)
            details = {"draw_id": draw.draw_id, "read_count": present.read_count}
            self._audit.record("second_reading_ended", draw.reader, details)

    def pairs(self) -> list[OpinionPair]:
        """Return every second read with the label that it was drawn against, oldest draw first."""
        rows = self._database.read(f"{_PAIRS} ORDER BY draw_id, place")
        return [_pair(row) for row in rows]

    def disagreements(self) -> dict[str, list[OpinionPair]]:
        """Return the images whose label a later second read contradicts, until that is settled."""
        rows = self._database.read(
            f"""
            SELECT pair.sample_id, first_class, first_reader, second_class, second_reader
            FROM ({_PAIRS}) AS pair JOIN samples USING (sample_id)
            JOIN actions AS said ON said.action_id = samples.origin
            WHERE samples.class_id IS NOT second_class AND samples.exclusion IS NULL
            AND NOT (said.kind = 'settle' AND said.action_id > pair.action_id)
            ORDER BY samples.position, pair.draw_id
            """  # noqa: S608  our own text
        )
        found: defaultdict[str, list[OpinionPair]] = defaultdict(list)
        for row in rows:
            found[row[0]].append(_pair(row))
        return dict(found)

    def _candidates(self, reader: str) -> list[tuple[str, str, str]]:
        """Return sample, class and reader of what may be drawn, in an order that is always so."""
        return [
            (sample_id, class_id, said_by)
            for sample_id, class_id, said_by in self._database.read(
                """
                SELECT sample_id, samples.class_id, said.reader FROM samples
                JOIN actions AS said ON said.action_id = samples.origin
                JOIN classes ON classes.class_id = samples.class_id AND NOT is_archived
                WHERE said.reader <> ?1 AND exclusion IS NULL AND sample_id NOT IN (
                    SELECT sample_id FROM drawn_samples JOIN draws USING (draw_id) WHERE reader = ?1
                )
                ORDER BY sample_id
                """,
                reader,
            )
        ]

    def _draw(self, draw_id: int, reader: str, share: float, seed: int) -> Draw:
        rows = self._database.read(
            "SELECT sample_id, class_id FROM drawn_samples WHERE draw_id = ? ORDER BY position",
            draw_id,
        )
        reads = {sample_id: UUID(text) if text else None for sample_id, text in rows}
        return Draw(draw_id, reader, share, seed, reads)


# Labels of a class that was merged count as the class it became.
_PAIRS = """
    SELECT sample_id, coalesce(first.merged_into, first_class_id) AS first_class, first_reader,
        coalesce(second.merged_into, drawn.class_id) AS second_class,
        draws.reader AS second_reader, drawn.action_id, draw_id, drawn.position AS place
    FROM drawn_samples AS drawn JOIN draws USING (draw_id)
    JOIN classes AS first ON first.class_id = first_class_id
    JOIN classes AS second ON second.class_id = drawn.class_id
"""


def _pair(row: tuple[str, ...]) -> OpinionPair:
    sample_id, first_class, first_reader, second_class, second_reader = row[:5]
    return OpinionPair(
        sample_id,
        Opinion(first_reader, UUID(first_class)),
        Opinion(second_reader, UUID(second_class)),
    )
