"""What comes of a round: its average, packed for the sites, and what outlives its updates."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.engine import Connection

from coordinator.encoding import difference_parts, opened_difference
from coordinator.method.arrays import Values
from coordinator.method.averaging import averaged_values, mean_with, rule_of
from coordinator.method.leakage import Leakage, measure_leakage
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
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store
from coordinator.storage.studies import StudyRecord, count_domains


@dataclass(frozen=True, slots=True)
class RoundAverage:
    """The files of an averaged round, durable but not yet known to the database."""

    packed: PackedParameters
    difference: str | None
    """The file of what the round changed, where parameters travel so."""
    kept: dict[str, str]
    """Of each site, the file of what outlives its update."""
    leakage: Leakage | None
    """Of the features that its sites sent moments of."""


@dataclass(frozen=True, slots=True)
class _Ingredients:
    """All that a round's average is made of, as one transaction saw it."""

    recent: list[SentUpdate]
    joined: list[PackedParameters]
    base: PackedParameters
    """What the round's sites began from."""
    domain_count: int


def make_average(
    store: Store, blobs: Blobs, record: StudyRecord, round_number: int, sent: frozenset[str]
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
    statistics = newest_statistics(found.recent, round_number, record.study.moments_per_domain)
    parameters = _parameters(blobs, record, round_number, sent, found)
    message = global_message(record, round_number, found.domain_count)
    kept = {update.site_id: put_kept(blobs, update) for update in of_round}
    riding = {name: arrays.array(name) for name, arrays in sorted(statistics.items())}
    packed, difference = _packed(blobs, record, found.base, message, parameters, riding)
    return RoundAverage(
        packed=packed,
        difference=difference,
        kept=kept,
        leakage=_leakage(record, round_number, of_round),
    )


def _packed(
    blobs: Blobs,
    record: StudyRecord,
    base: PackedParameters,
    message: GlobalMessage,
    parameters: Iterable[Values],
    riding: Mapping[str, Values],
) -> tuple[PackedParameters, str | None]:
    """Put a round's global parameters on the disk, and what the round changed if that travels.

    What travels is rounded. So that all sites have the same parameters, however they came by
    them, those of the round are the ones before and that difference.
    """
    manifest, study = record.manifest or {}, record.study
    shapes = {**manifest, **{name: array.shape for name, array in riding.items()}}
    if not study.exchange.is_of_differences:
        values = chain(parameters, (array.ravel() for array in riding.values()))
        return pack(blobs, message, shapes, values), None
    said = DifferenceMessage(
        parameters=message, base_digest=base.digest, encoding=study.exchange.encoding
    )
    before, fit = blobs.body(base.digest), global_fit(study, manifest)
    seed = seed_of(COORDINATOR, message.round_number, study.rounds.seed)
    made = blobs.put(difference_parts(said, parameters, before.values, riding, fit, seed))
    with blobs.path(made.name).open("rb") as file, opened_difference(file, fit) as found:
        return pack(blobs, message, shapes, found.values(before.values)), made.name


def _leakage(record: StudyRecord, round_number: int, of_round: list[SentUpdate]) -> Leakage | None:
    per_domain = record.study.moments_per_domain
    sent = newest_statistics(of_round, round_number, per_domain)
    moments = {name: arrays for name, arrays in sent.items() if name.startswith(MOMENTS_PREFIX)}
    return measure_leakage(moments, per_domain)


def _ingredients(
    connection: Connection, blobs: Blobs, record: StudyRecord, round_number: int
) -> _Ingredients:
    return _Ingredients(
        recent=recent_updates(connection, blobs, record.study_id),
        joined=find_joined(connection, record, round_number),
        base=find_published(connection, record.study_id, round_number - 1),
        domain_count=count_domains(connection, record.study_id),
    )


def _parameters(
    blobs: Blobs,
    record: StudyRecord,
    round_number: int,
    sent: frozenset[str],
    found: _Ingredients,
) -> Iterator[Values]:
    plan = record.study.rounds
    counting = contributions(found.recent, round_number, sent, plan)
    rule = rule_of(plan)
    averaged = averaged_values(counting, record.manifest or {}, rule)
    earlier = [blobs.body(packed.digest) for packed in found.joined]
    return mean_with(earlier, averaged)
