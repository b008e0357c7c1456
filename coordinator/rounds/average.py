"""What comes of a round: its averages, packed for the sites, and what outlives its updates.

A study has a model for each of its feature extractors. All of a round are averaged from the same
updates, so that their classifiers are the same bits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.engine import Connection

from coordinator.encoding import difference_parts, opened_difference
from coordinator.method.arrays import Values
from coordinator.method.averaging import averaged_values, mean_with, rule_of
from coordinator.method.leakage import Leakage, Moments, measure_leakage
from coordinator.method.statistics import newest_statistics
from coordinator.method.weighting import SentUpdate, contributions
from coordinator.parameters import MOMENTS_PREFIX
from coordinator.protocol import DifferenceMessage, GlobalMessage, global_fit
from coordinator.rounding import COORDINATOR, seed_of
from coordinator.rounds.contributions import put_kept, recent_updates
from coordinator.rounds.published import (
    PackedParameters,
    find_joined,
    find_published,
    global_message,
    pack,
)
from coordinator.storage.blobs import Shelf
from coordinator.storage.store import Store
from coordinator.storage.studies import StudyRecord, count_domains
from coordinator.study import ExtractorName


@dataclass(frozen=True, slots=True)
class AveragedModel:
    """The files of a round's model with one of the study's extractors."""

    packed: PackedParameters
    difference: str | None
    """The file of what the round changed, where parameters travel so."""


@dataclass(frozen=True, slots=True)
class RoundAverage:
    """The files of an averaged round, durable but not yet known to the database."""

    models: tuple[AveragedModel, ...]
    """One for each of the study's extractors, in their order."""
    kept: dict[str, str]
    """Of each site, the file of what outlives its update."""
    leakage: Leakage | None
    """Of the features that its sites sent moments of."""

    @property
    def files(self) -> set[str]:
        """The names of all its files."""
        made = {name for model in self.models for name in (model.packed.digest, model.difference)}
        return {name for name in made if name is not None} | set(self.kept.values())

    @property
    def digests(self) -> dict[str, str]:
        """The models' digests, as the audit log names them."""
        first, *further = (model.packed for model in self.models)
        named = {f"digest_{packed.extractor}": packed.digest for packed in further}
        return {"digest": first.digest, **named}


@dataclass(frozen=True, slots=True)
class _Ingredients:
    """All that a round's average is made of, as one transaction saw it."""

    recent: list[SentUpdate]
    joined: dict[str, list[PackedParameters]]
    """By extractor, the earlier rounds' models that this one's is to be the mean with."""
    base: dict[str, PackedParameters]
    """By extractor, what the round's sites began from."""
    domain_count: int


def make_average(
    store: Store, blobs: Shelf, record: StudyRecord, round_number: int, sent: frozenset[str]
) -> RoundAverage | None:
    """Average a round onto the disk; None if a site is no member any more, and so has to be out.

    The same updates give the same bits, so that what a crash interrupts can be done again.

    Args:
        store: The tables.
        blobs: The parameter files.
        record: The study.
        round_number: The round.
        sent: The sites whose updates of the round count.

    Raises:
        StateDamagedError: if a file that is needed is torn.
        StorageFullError: if the disk has no room left.
    """
    with store.reading() as connection:
        found = _ingredients(connection, blobs, record, round_number)
    of_round = [update for update in found.recent if update.round_number == round_number]
    if not sent <= {update.site_id for update in of_round}:
        return None
    kept = {update.site_id: put_kept(blobs, update) for update in of_round}
    models = tuple(
        _averaged_model(blobs, record, round_number, sent, found, extractor)
        for extractor in record.study.model.extractors
    )
    return RoundAverage(models, kept, _leakage(record, round_number, of_round))


def _averaged_model(
    blobs: Shelf,
    record: StudyRecord,
    round_number: int,
    sent: frozenset[str],
    found: _Ingredients,
    extractor: ExtractorName,
) -> AveragedModel:
    per_domain, base = record.study.moments_per_domain, found.base[extractor]
    statistics = newest_statistics(found.recent, round_number, per_domain, extractor)
    riding = {name: arrays.array(name) for name, arrays in sorted(statistics.items())}
    plan = record.study.rounds
    counting = contributions(found.recent, round_number, sent, plan, extractor)
    averaged = averaged_values(counting, blobs.body(base.digest), rule_of(plan))
    earlier = [blobs.body(packed.digest) for packed in found.joined[extractor]]
    message = global_message(record, round_number, found.domain_count, extractor)
    return _packed(blobs, record, base, message, mean_with(earlier, averaged), riding)


def _packed(
    blobs: Shelf,
    record: StudyRecord,
    base: PackedParameters,
    message: GlobalMessage,
    parameters: Iterable[Values],
    riding: Mapping[str, Values],
) -> AveragedModel:
    """Put a round's global parameters on the disk, and what the round changed if that travels.

    What travels is rounded. So that all sites have the same parameters, however they came by
    them, those of the round are the ones before and that difference.
    """
    study, before = record.study, blobs.body(base.digest)
    manifest = record.manifests.get(base.extractor, {})
    shapes = {**manifest, **{name: array.shape for name, array in riding.items()}}
    if not study.exchange.is_of_differences:
        values = chain(parameters, (array.ravel() for array in riding.values()))
        return AveragedModel(pack(blobs, message, shapes, values), None)
    said = DifferenceMessage(
        parameters=message, base_digest=base.digest, encoding=study.exchange.encoding
    )
    fit = global_fit(study, manifest)
    seed = seed_of(COORDINATOR, message.round_number, study.rounds.seed)
    made = blobs.put(difference_parts(said, parameters, before.values, riding, fit, seed))
    with blobs.path(made.name).open("rb") as file, opened_difference(file, fit) as found:
        packed = pack(blobs, message, shapes, found.values(before.values))
    return AveragedModel(packed, made.name)


def _leakage(record: StudyRecord, round_number: int, of_round: list[SentUpdate]) -> Leakage | None:
    per_domain = record.study.moments_per_domain

    def moments(extractor: ExtractorName) -> Moments:
        sent = newest_statistics(of_round, round_number, per_domain, extractor)
        return {name: arrays for name, arrays in sent.items() if name.startswith(MOMENTS_PREFIX)}

    return measure_leakage(map(moments, record.study.model.extractors), per_domain)


def _ingredients(
    connection: Connection, blobs: Shelf, record: StudyRecord, round_number: int
) -> _Ingredients:
    study_id, extractors = record.study_id, record.study.model.extractors
    return _Ingredients(
        recent=recent_updates(connection, blobs, record),
        joined={name: find_joined(connection, record, round_number, name) for name in extractors},
        base={
            name: find_published(connection, study_id, round_number - 1, name)
            for name in extractors
        },
        domain_count=count_domains(connection, study_id),
    )
