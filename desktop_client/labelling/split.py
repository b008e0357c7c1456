"""Hold images out for validation so that no patient is on both sides; pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from desktop_client.labelling.sample import Sample

_Stratum = tuple[UUID | None, ...]
"""Domain and class, or class alone, or nothing: the images whose held-out share is steered."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples to train on and samples to judge by; each ordered by sample id."""

    training: list[Sample]
    validation: list[Sample]


def split_by_patient(
    samples: Sequence[Sample], validation_fraction: float = 0.2, seed: int = 0
) -> Split:
    """Split patient by patient, so that shares per domain and class come near the fraction.

    The same samples and seed give the same split, in whatever order they come. Patients are held
    out first while no domain, class or both get more than their share, then while that brings
    the counts nearer to it; those with most images first, so that small ones fill what is open.
    Every class keeps at least one patient in training.

    Args:
        samples: Labelled or not; the unlabelled count as a class of their own.
        validation_fraction: Share of the images to hold out, 0 <= fraction < 1.
        seed: Another seed gives another split as good.

    Raises:
        ValueError: if the fraction is out of its range.
    """
    if not 0 <= validation_fraction < 1:
        raise ValueError(f"validation_fraction is {validation_fraction}, not in [0, 1)")
    groups = _group_by_patient(samples)
    order = sorted(groups, key=lambda patient: (-len(groups[patient]), _shuffled(patient, seed)))
    missing = {key: count * validation_fraction for key, count in _strata(samples).items()}
    patients_in_training = Counter(c for group in groups.values() for c in _classes(group))
    held_out: set[str] = set()
    for is_wanted in (_fits, _brings_nearer):
        for patient in order:
            group = groups[patient]
            is_spare = all(patients_in_training[class_id] > 1 for class_id in _classes(group))
            if patient not in held_out and is_spare and is_wanted(_strata(group), missing):
                held_out.add(patient)
                for stratum, count in _strata(group).items():
                    missing[stratum] -= count
                patients_in_training.subtract(_classes(group))
    ordered = sorted(samples, key=lambda sample: sample.sample_id)
    return Split(
        [sample for sample in ordered if sample.patient not in held_out],
        [sample for sample in ordered if sample.patient in held_out],
    )


def _group_by_patient(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.patient].append(sample)
    return groups


def _classes(group: Iterable[Sample]) -> set[UUID | None]:
    return {sample.class_id for sample in group}


def _strata(samples: Iterable[Sample]) -> Counter[_Stratum]:
    """Count images by domain and class, by class, and in all."""
    counts: Counter[_Stratum] = Counter()
    for sample in samples:
        counts.update(((sample.domain_id, sample.class_id), (sample.class_id,), ()))
    return counts


def _fits(counts: Counter[_Stratum], missing: Mapping[_Stratum, float]) -> bool:
    """Whether holding ``counts`` out leaves every share at or below its target."""
    return all(count <= missing[stratum] for stratum, count in counts.items())


def _brings_nearer(counts: Counter[_Stratum], missing: Mapping[_Stratum, float]) -> bool:
    """Whether holding ``counts`` out lowers the squared distance from the targets."""
    changes = ((missing[key] - count) ** 2 - missing[key] ** 2 for key, count in counts.items())
    return sum(changes) < 0


def _shuffled(patient: str, seed: int) -> bytes:
    """Return a key that orders patients at random, but the same on every machine."""
    return hashlib.sha256(f"{seed}:{patient}".encode()).digest()
