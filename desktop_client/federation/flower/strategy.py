"""A coordinator's part of a study as a strategy of Flower: pick, check, average.

Each of them by the coordinator's own functions, so that a study gives the same model there.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final
from uuid import UUID

from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from coordinator.errors import CoordinatorError
from coordinator.method.arrays import HeldArrays
from coordinator.method.checking import Expectation, check_update
from coordinator.method.selection import draw_of, pick_sites
from coordinator.parameters import Parameters, decode, encode
from coordinator.protocol import ParametersReference, UpdateMessage
from coordinator.study import ExtractorName, Study
from desktop_client.errors import FlowerError, TrainingDivergedError
from desktop_client.federation.averager import Averager
from desktop_client.federation.exchange import UNASSIGNED
from desktop_client.federation.flower.records import (
    BODY,
    OWN,
    OwnState,
    TrainingReport,
    TrainingTask,
    body_in,
    content_of,
    record_of,
    said_in,
)

logger = logging.getLogger(__name__)

NOTHING_CAME: Final = "its supernode is gone, or was not done by the round's deadline"


@dataclass(frozen=True)
class Member:
    """A site of the study, at a node of Flower's.

    Attributes:
        node_id: Flower's number of it.
        name: Of the site; what sites are picked by.
        site_id: What its updates are signed and its training is seeded with.
        extractor: The feature extractor that it has.
        domain_indices: Of its domains in the study.
    """

    node_id: int
    name: str
    site_id: str
    extractor: ExtractorName
    domain_indices: Mapping[UUID, int]


@dataclass(frozen=True)
class Arrived:
    """What came back from a site, all of it checked."""

    report: TrainingReport
    byte_count: int
    """Of the update, as it travelled."""
    own: Parameters
    """What is a simulated site's own of the model."""


class SiteBlindStrategy(Strategy):  # type: ignore[misc]  # flwr is not where types are checked
    """Rounds of one study.

    Args:
        study: The study.
        averager: With the global parameters to begin from.
        members: All sites.
        rounds_done: By an earlier process.
        marked: Sites that were picked in the running cycle.
        own_of: Of a simulation: what is a site's own of the model, to lend it with its task.

    Attributes:
        picked: Names of the sites of the newest round, in order.
        arrived: What came from them, by name.
        refused: Why nothing usable came, by name.
        marked: Sites that were picked in the running cycle, this round included.
    """

    def __init__(
        self,
        study: Study,
        averager: Averager,
        members: Iterable[Member],
        rounds_done: int = 0,
        marked: frozenset[str] = frozenset(),
        own_of: Callable[[str], Parameters] | None = None,
    ) -> None:
        self.picked: tuple[str, ...] = ()
        self.arrived: dict[str, Arrived] = {}
        self.refused: dict[str, str] = {}
        self.marked = marked
        self._study = study
        self._averager = averager
        self._members = {member.name: member for member in members}
        self._rounds_done = rounds_done
        self._own_of = own_of
        self._digests: dict[str, str] = {}
        """Of the bodies that this round's training began from, by extractor."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """S215: pick sites, and send each the newest global parameters."""
        number = self._rounds_done + server_round
        draw = draw_of(self._study.rounds, number, tuple(self._members), self.marked)
        pick = pick_sites(draw)
        self.picked, self.marked = pick.site_ids, pick.marked
        self.arrived, self.refused = {}, {}
        bodies = {e: encode(base.arrays, base.message) for e, base in self._averager.bases.items()}
        self._digests = {e: hashlib.sha256(body).hexdigest() for e, body in bodies.items()}
        # A list: one of Flower's grids reads it twice.
        return [self._task(self._members[name], number, bodies) for name in self.picked]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """S216-S217: check what came, take it, and average.

        Raises:
            FlowerError: if fewer sites than the study wants have sent something usable.
            TrainingDivergedError: if a site of a simulation has not, and why.
        """
        number = self._rounds_done + server_round
        by_node = {member.node_id: member for member in self._members.values()}
        bases = {e: HeldArrays(base.parameters) for e, base in self._averager.bases.items()}
        for reply in replies:
            member = by_node.get(reply.metadata.src_node_id)
            if member is None:  # Flower's superlink answers for a node that is gone
                continue
            try:
                arrived = self._taken(reply, member, number, bases[member.extractor])
                self.arrived[member.name] = arrived
            except (CoordinatorError, FlowerError) as error:
                self._go_on_without(member.name, number, error)
        for name in self.picked:
            if name not in self.arrived and name not in self.refused:
                self._go_on_without(name, number, FlowerError(NOTHING_CAME))
        quorum = min(self._study.rounds.finish_quorum, len(self.picked))
        if len(self.arrived) < quorum:
            raise FlowerError(
                f"Round {number} ends with {len(self.arrived)} of the {quorum} updates that are "
                "needed; the log says what came from the other sites"
            )
        self._averager.average(number, [self._members[name].site_id for name in self.arrived])
        base = self._averager.base
        return record_of(BODY, encode(base.arrays, base.message)), self._metrics()

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Ask nobody: sites say with their updates how good the parameters before were."""
        return []

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        """Nobody was asked."""
        return None

    def summary(self) -> None:
        """Say what is run, in Flower's log."""
        logger.info("Study %s, %d sites", self._study.name, len(self._members))

    def _go_on_without(self, name: str, number: int, error: Exception) -> None:
        """Note why nothing usable came from a site; in a simulation that ends the run.

        Raises:
            TrainingDivergedError: in a simulation.
        """
        if self._own_of is not None:
            raise TrainingDivergedError(f"{name}: {error}") from error
        self.refused[name] = str(error)
        site_id = self._members[name].site_id
        logger.warning("Round %d goes on without %s: %s", number, site_id, error)

    def _task(self, member: Member, number: int, bodies: Mapping[str, bytes]) -> Message:
        body = bodies[member.extractor]
        task = TrainingTask(
            study_id=UNASSIGNED,
            study_digest=self._study.digest,
            site_id=member.site_id,
            round_number=number,
            parameters=ParametersReference(
                round_number=number - 1,
                digest=self._digests[member.extractor],
                size_bytes=len(body),
            ),
            domain_indices=dict(member.domain_indices),
            measures_first=self._own_of is None,
        )
        content = content_of(task, **{BODY: body}, **self._lent(member.name, number))
        return Message(content, member.node_id, MessageType.TRAIN, group_id=str(number))

    def _lent(self, name: str, number: int) -> dict[str, bytes]:
        own = self._own_of(name) if self._own_of is not None else {}
        return {OWN: encode(own, OwnState(round_number=number))} if own else {}

    def _taken(self, reply: Message, member: Member, number: int, base: HeldArrays) -> Arrived:
        """Check everything in a reply, then keep the update for the average."""
        if reply.has_error():
            raise FlowerError(reply.error.reason)
        report = said_in(reply, TrainingReport)
        sent = body_in(reply)
        body = self._averager.unrounded(sent, member.extractor)
        arrays, message = decode(body, UpdateMessage)
        expected = self._expected(member, number, base)
        check_update(message, HeldArrays(arrays), expected, base)
        self._averager.take(member.site_id, body)
        own: Parameters = {}
        if self._own_of is not None and OWN in reply.content:
            own, _ = decode(body_in(reply, OWN), OwnState)
        return Arrived(report, len(sent), own)

    def _expected(self, member: Member, number: int, base: HeldArrays) -> Expectation:
        return Expectation(
            study_id=UNASSIGNED,
            study=self._study,
            manifest=base.shapes,
            site_id=member.site_id,
            extractor=member.extractor,
            round_number=number,
            base_digest=self._digests[member.extractor],
            domain_indices=frozenset(member.domain_indices.values()),
        )

    def _metrics(self) -> MetricRecord:
        """Sum the round up for Flower's own log."""
        losses = [step.lesion_loss for one in self.arrived.values() for step in one.report.steps]
        lesion_loss = {"lesion-loss": fmean(losses)} if losses else {}
        return MetricRecord({"updates": len(self.arrived), **lesion_loss})
