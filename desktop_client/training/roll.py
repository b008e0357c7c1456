"""Which images a training learns from and is judged by, and what was said of them when it began."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from desktop_client.errors import RunOutdatedError
from desktop_client.labelling.sample import Sample

Entry = tuple[str, int, int]
"""Sample id, place of its class in ``class_ids``, place of its domain in ``domain_ids``."""


class Roll(BaseModel):
    """The images of one training, in its order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    class_ids: tuple[UUID, ...]
    domain_ids: tuple[UUID, ...]
    training: tuple[Entry, ...]
    held_out: tuple[Entry, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    """Path and reason of each image that could not be read."""
    pixels_digest: str = ""
    """SHA-256 of what was read."""

    def as_array(self) -> npt.NDArray[np.uint8]:
        """Return it as bytes, to be kept beside other arrays."""
        return np.frombuffer(self.model_dump_json().encode(), np.uint8)

    @classmethod
    def from_array(cls, array: npt.NDArray[np.uint8]) -> "Roll":
        """Read what ``as_array`` gave."""
        return cls.model_validate_json(array.tobytes())


def entries_of(
    samples: Iterable[Sample], class_ids: Sequence[UUID], domain_ids: Sequence[UUID]
) -> tuple[Entry, ...]:
    """Note labelled samples, in their order."""
    classes, domains = places(class_ids), places(domain_ids)
    return tuple(
        (s.sample_id, classes[s.class_id], domains[s.domain_id]) for s in samples if s.class_id
    )


def places(ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the place of each class or domain among them: its label."""
    return {one: place for place, one in enumerate(ids)}


def samples_of(
    roll: Roll, samples: Sequence[Sample], usable: Iterable[Sample]
) -> tuple[list[Sample], list[Sample]]:
    """Return the samples that a training learns from and those held out, in its order.

    Images labelled since then take no part.

    Args:
        roll: Of the training.
        samples: All there are now.
        usable: Those of them that may be trained on.

    Raises:
        RunOutdatedError: if what was said of an image is no longer so, saying what.
    """
    now = {sample.sample_id: sample for sample in samples}
    entries = (*roll.training, *roll.held_out)
    present = [(now[name], c, d) for name, c, d in entries if name in now]
    is_relabelled = [sample.class_id != roll.class_ids[c] for sample, c, _ in present]
    allowed = {sample.sample_id for sample in usable}
    excluded = sum(
        not is_other and sample.sample_id not in allowed
        for is_other, (sample, _, _) in zip(is_relabelled, present, strict=True)
    )
    moved = sum(sample.domain_id != roll.domain_ids[d] for sample, _, d in present)
    changes = (
        (len(entries) - len(present), "no longer here"),
        (sum(is_relabelled), "labelled otherwise now"),
        (excluded, "excluded from training now"),
        (moved, "of another scanner now"),
    )
    told = [f"{count} of its images {_are(count)} {what}" for count, what in changes if count]
    if told:
        raise outdated("; ".join(told))
    learnt, held_out = (
        [now[entry[0]] for entry in side] for side in (roll.training, roll.held_out)
    )
    shared = {s.patient for s in learnt} & {s.patient for s in held_out}
    if shared:
        raise outdated(f"{len(shared)} patients have images on both sides of its test now")
    return learnt, held_out


def newcomer_count(roll: Roll, usable: Iterable[Sample]) -> int:
    """Count the images that were labelled after a training began."""
    known = {entry[0] for entry in (*roll.training, *roll.held_out)}
    unreadable = {path for path, _ in roll.left_out}
    return sum(s.sample_id not in known and str(s.path) not in unreadable for s in usable)


def outdated(change: str) -> RunOutdatedError:
    """Return the refusal of a training because of what has changed since it began."""
    return RunOutdatedError(
        f"This training cannot go on: {change}. Discard it and start a new one; "
        "the model of its last finished pass stays"
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
