"""Find images that are in the store twice: as copies of a file, or as two that look alike."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_client.imaging.fingerprint import alike_pairs
from desktop_client.labelling.provenance import Look
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore


@dataclass(frozen=True, slots=True)
class Copies:
    """One image of which several files have the very same pixels; labels are shared anyway."""

    sample: Sample
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Two images that seem to be one, saved in two ways; each has its own label."""

    first: Sample
    second: Sample


@dataclass(frozen=True, slots=True)
class DuplicatesFound:
    """Everything that is twice."""

    copies: tuple[Copies, ...]
    look_alikes: tuple[LookAlikes, ...]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Comparing goes on; so many look-alikes were found so far."""

    found_count: int


def find_duplicates(store_path: Path) -> Generator[Comparing | DuplicatesFound]:
    """Compare all images with each other; the pictures themselves are not read again.

    Slices of one series and frames of one file resemble each other by nature and are left out;
    so are images that are excluded.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    with LabelStore(store_path) as store:
        samples = {s.sample_id: s for s in store.samples() if s.exclusion is None}
        looks = [look for look in store.provenance.looks() if look.sample_id in samples]
        places = store.provenance.copies()
    copies = tuple(_copies(samples, places))
    pairs: list[LookAlikes] = []
    for pair in alike_looks(looks):
        if pair is None:
            yield Comparing(len(pairs))
        else:
            first, second = pair
            pairs.append(LookAlikes(samples[first.sample_id], samples[second.sample_id]))
    yield DuplicatesFound(copies, tuple(pairs))


def alike_looks(looks: Sequence[Look]) -> Iterator[tuple[Look, Look] | None]:
    """Yield any two that look alike without being of one series or file, and None in between."""
    for pair in alike_pairs([look.fingerprint for look in looks]):
        if pair is None:
            yield None
            continue
        first, second = looks[pair[0]], looks[pair[1]]
        is_one_series = first.series is not None and first.series == second.series
        if not is_one_series and first.path != second.path:
            yield first, second


def _copies(samples: dict[str, Sample], places: dict[str, list[Path]]) -> Generator[Copies]:
    for sample_id, paths in places.items():
        present = tuple(path for path in paths if path.is_file())
        if sample_id in samples and len(present) > 1:
            yield Copies(samples[sample_id], present)
