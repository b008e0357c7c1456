"""What a model suggests for images: replaceable at any time, and no part of what people said."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt

from desktop_client.labelling.database import Database

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnswerClass:
    """A class that a model can answer with."""

    name: str
    class_id: UUID | None
    """This installation's class; None if it has none of this name."""


@dataclass(frozen=True, slots=True)
class SuggestingModel:
    """Whose suggestions are in the store."""

    digest: str
    """SHA-256 of the model file."""
    name: str
    classes: tuple[AnswerClass, ...]
    temperature: float | None
    """By which its probabilities were adjusted on held-out images; None if they were not."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the model answers about one image; a suggestion, never a diagnosis."""

    sample_id: str
    name: str
    """Of the likeliest class, as the model calls it."""
    class_id: UUID | None
    """This installation's class; None if it has none of this name."""
    confidence: float
    """Probability of that class, 0 to 1."""
    rank: int | None
    """Place in the order “most useful next”, from 0; None if the image had a label already."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model makes of one image: a probability for each class, and features ``[F]``."""

    sample_id: str
    probabilities: tuple[float, ...]
    z: Features


class Suggestions:
    """The suggestions of one store, all of one model: a newer model's replace them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def model(self) -> SuggestingModel | None:
        """Return the model whose suggestions are here, or None."""
        rows = self._database.read(
            "SELECT digest, name, classes, temperature FROM suggesting_models"
        )
        if not rows:
            return None
        [(digest, name, classes, temperature)] = rows
        return SuggestingModel(digest, name, _read_classes(classes), temperature)

    def begin(self, model: SuggestingModel) -> frozenset[str]:
        """Make room for a model's suggestions; return the images it was asked about before.

        Suggestions of any other model go, and those of the same one that mean other classes now.
        """
        with self._database.transaction():
            known = self.model()
            if known != model:
                self._database.write("DELETE FROM suggestions")
                self._database.write("DELETE FROM suggesting_models")
                self._database.write(
                    "INSERT INTO suggesting_models (digest, name, classes, temperature) "
                    "VALUES (?, ?, ?, ?)",
                    model.digest,
                    model.name,
                    _written(model.classes),
                    model.temperature,
                )
            rows = self._database.read("SELECT sample_id FROM suggestions")
        return frozenset(sample_id for (sample_id,) in rows)

    def add(self, answers: Iterable[Answer]) -> None:
        """Keep answers of the model that has begun; ``rank`` puts them in order later.

        An image that was taken out of the store meanwhile gets none.
        """
        made_at = datetime.now(UTC).isoformat()
        with self._database.transaction():
            self._database.write_many(
                """
                INSERT OR REPLACE INTO suggestions (probabilities, features, made_at, sample_id)
                SELECT ?, ?, ?, sample_id FROM samples WHERE sample_id = ?
                """,
                [
                    (json.dumps(a.probabilities), a.z.astype("<f4").tobytes(), made_at, a.sample_id)
                    for a in answers
                ],
            )

    def answers(self) -> list[Answer]:
        """Return everything the model answered, with the features."""
        rows = self._database.read("SELECT sample_id, probabilities, features FROM suggestions")
        return [
            Answer(sample_id, tuple(json.loads(shares)), np.frombuffer(features, dtype="<f4"))
            for sample_id, shares, features in rows
        ]

    def rank(self, sample_ids: Sequence[str]) -> None:
        """Keep the order “most useful next”; images not named have no place in it."""
        with self._database.transaction():
            self._database.write("UPDATE suggestions SET place = NULL")
            self._database.write_many(
                "UPDATE suggestions SET place = ? WHERE sample_id = ?",
                list(enumerate(sample_ids)),
            )

    def all(self) -> dict[str, Suggestion]:
        """Return the suggestions by image."""
        return self._read("")

    def classes_of(self, sample_ids: Sequence[str]) -> dict[str, UUID]:
        """Return which of this installation's classes is suggested for each image, if one is."""
        told = self._read(
            "WHERE sample_id IN (SELECT value FROM json_each(?))", json.dumps(sample_ids)
        )
        class_ids = {i: told[i].class_id for i in sample_ids if i in told}
        return {i: class_id for i, class_id in class_ids.items() if class_id is not None}

    def _read(self, condition: str, *values: object) -> dict[str, Suggestion]:
        model = self.model()
        if model is None:
            return {}
        rows = self._database.read(
            f"SELECT sample_id, probabilities, place, made_at FROM suggestions {condition}",  # noqa: S608  our own text
            *values,
        )
        return {row[0]: _suggestion(row, model.classes) for row in rows}


def _suggestion(
    row: tuple[str, str, int | None, str], classes: Sequence[AnswerClass]
) -> Suggestion:
    sample_id, shares, place, made_at = row
    confidence, likeliest = max(zip(json.loads(shares), classes, strict=True), key=lambda p: p[0])
    return Suggestion(
        sample_id,
        likeliest.name,
        likeliest.class_id,
        confidence,
        place,
        datetime.fromisoformat(made_at),
    )


def _written(classes: Sequence[AnswerClass]) -> str:
    return json.dumps(
        [{"name": c.name, "class_id": c.class_id and str(c.class_id)} for c in classes]
    )


def _read_classes(text: str) -> tuple[AnswerClass, ...]:
    return tuple(
        AnswerClass(c["name"], c["class_id"] and UUID(c["class_id"])) for c in json.loads(text)
    )
