"""The life of a round; the only writer of round state.

==========  ==================================================  ==========
from        when                                                to
==========  ==================================================  ==========
(none)      initial parameters exist, rounds are left, and at   collecting
            least start_quorum sites were seen recently
collecting  all picked sites' updates are in, or the deadline   averaged
            has passed with at least finish_quorum of them
collecting  the deadline has passed with fewer                  abandoned
==========  ==================================================  ==========

An abandoned round is tried again under the same number with the next pick; an update that was
accepted in an earlier attempt counts when its site is picked again. A site whose membership ends
is no longer waited for. Every transition is one compare-and-set in one transaction, and averaging
gives the same bits each time: what a crash interrupts, the next ``advance`` repeats. Time moves
lazily; there is no timer. The last round publishes the mean of the study's ``averaged_rounds``
last averages, its own included.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from coordinator.averaging import average, contributions, mean_of_rounds
from coordinator.blobs import BlobFolder
from coordinator.contributions import (
    forget_old,
    keep_update,
    recent_updates,
    sent_digest,
)
from coordinator.errors import (
    CoordinatorError,
    RoundClosedError,
    SiteNotPickedError,
    UpdateConflictError,
)
from coordinator.protocol import RoundReply, UpdateReply
from coordinator.published import (
    PackedParameters,
    find_joined,
    find_published,
    load_parameters,
    newest_published,
    pack,
    publish,
)
from coordinator.selection import Pick, pick_sites
from coordinator.standing import (
    OpenRound,
    count_attempts,
    find_open_round,
    reply_to,
    seen_sites,
)
from coordinator.statistics import newest_statistics
from coordinator.store import Store
from coordinator.studies import StudyRecord, count_domains, find_study, own_domains
from coordinator.tables import picks, rounds, sites
from coordinator.updates import Expectation, SiteUpdate, check_update, read_update

logger = logging.getLogger(__name__)


class Rounds:
    """Opens, fills and closes the rounds of all studies; safe to use from several threads.

    Args:
        store: The tables.
        blobs: The parameter files.
        clock: Gives the time, with its zone.
    """

    def __init__(self, store: Store, blobs: BlobFolder, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._advancing: set[str] = set()
        self._advancing_lock = threading.Lock()

    def status(self, study_id: str, site_id: str) -> RoundReply:
        """Let time move, then tell a site what it should know and do.

        Raises:
            StateDamagedError: if a round that is over cannot be averaged.
        """
        self.advance(study_id)
        with self._store.reading() as connection:
            return reply_to(connection, study_id, site_id, self._clock())

    def accept_update(
        self, study_id: str, site_id: str, round_number: int, body: bytes
    ) -> UpdateReply:
        """Check a site's update and make it durable; sending the same again changes nothing.

        Raises:
            BodyRefusedError: naming what does not fit; nothing of the update is then kept.
            ProtocolVersionError: if the update speaks a version that is not served.
            RoundClosedError: if the round does not collect updates.
            SiteNotPickedError: if the site was not picked for it.
        """
        sent = read_update(body)
        reply = UpdateReply(round_number=round_number, digest=sent.digest)
        self.advance(study_id)
        with self._store.reading() as connection:
            if sent_digest(connection, study_id, round_number, site_id) == sent.digest:
                return reply
            current = self._admit(connection, study_id, site_id, round_number)
            expected = _expectation(connection, current, site_id)
        check_update(sent, expected)
        self._commit(current, sent, body)
        self._advance_after_commit(study_id)
        return reply

    def advance(self, study_id: str) -> None:
        """Take every transition that is due; at once back if another thread is doing so.

        Raises:
            StateDamagedError: if a round that is over cannot be averaged.
        """
        with self._advancing_lock:
            if study_id in self._advancing:
                return
            self._advancing.add(study_id)
        try:
            while self._step(study_id):
                pass
        finally:
            with self._advancing_lock:
                self._advancing.discard(study_id)

    def _step(self, study_id: str) -> bool:
        """Take one transition; return whether there was one to take."""
        now = self._clock()
        with self._store.reading() as connection:
            record = find_study(connection, study_id)
            newest = newest_published(connection, study_id)
            current = find_open_round(connection, study_id)
        if newest is None or newest.round_number >= record.study.rounds.count:
            return False
        if current is None:
            return self._open(record, newest, now)
        if not current.is_over(now):
            return False
        if current.has_quorum(record.study.rounds.finish_quorum):
            self._average(record, current, now)
        else:
            self._abandon(current, now)
        return True

    def _open(self, record: StudyRecord, newest: PackedParameters, now: datetime) -> bool:
        plan, round_number = record.study.rounds, newest.round_number + 1
        with self._store.writing() as connection:
            seen = seen_sites(connection, record, now)
            is_open = find_open_round(connection, record.study_id) is not None
            is_averaged = newest_published(connection, record.study_id) != newest
            if is_open or is_averaged or len(seen) < plan.start_quorum:
                return False
            marked = _marked_sites(connection, record.study_id)
            pick = pick_sites(seen, marked, plan.fraction, plan.seed, round_number)
            deadline_at = now + timedelta(seconds=plan.deadline_s)
            _insert_round(connection, record.study_id, round_number, pick, (now, deadline_at))
        logger.info(
            "Study %s: round %d opened with %d of %d sites",
            record.study_id,
            round_number,
            len(pick.site_ids),
            len(seen),
        )
        return True

    def _average(self, record: StudyRecord, current: OpenRound, now: datetime) -> None:
        study_id, number = current.study_id, current.round_number
        with self._store.reading() as connection:
            recent = recent_updates(connection, self._blobs, study_id)
            joined = find_joined(connection, record, number)
            domain_count = count_domains(connection, study_id)
        if not current.sent <= {sent.site_id for sent in recent if sent.round_number == number}:
            return  # a membership ended since the round was looked at: look again
        parameters = average(contributions(recent, number, current.sent))
        if joined:
            earlier = (load_parameters(self._blobs, packed) for packed in joined)
            parameters = mean_of_rounds(chain(earlier, [parameters]))
        statistics = newest_statistics(recent, number, record.study.moments_per_domain)
        packed = pack(self._blobs, record, number, {**parameters, **statistics}, domain_count)
        with self._store.writing() as connection:
            if not _close(connection, current, "averaged", now):
                return
            publish(connection, study_id, packed, now)
            forgotten = forget_old(connection, study_id, number)
        for blob in forgotten:
            self._blobs.delete(blob)
        logger.info(
            "Study %s: round %d averaged over %d updates", study_id, number, len(current.sent)
        )

    def _abandon(self, current: OpenRound, now: datetime) -> None:
        with self._store.writing() as connection:
            if not _close(connection, current, "abandoned", now):
                return
        logger.warning(
            "Study %s: round %d abandoned with %d of %d updates; it is tried again",
            current.study_id,
            current.round_number,
            len(current.sent),
            len(current.picked),
        )

    def _admit(
        self, connection: Connection, study_id: str, site_id: str, round_number: int
    ) -> OpenRound:
        """Return the open round, if the site may send an update for it now."""
        current = find_open_round(connection, study_id)
        if current is None or current.round_number != round_number:
            newest = newest_published(connection, study_id)
            averaged = newest is not None and newest.round_number >= round_number
            raise RoundClosedError(
                f"Round {round_number} was averaged already; fetch the newest parameters"
                if averaged
                else f"Round {round_number} is not open; ask again later"
            )
        if self._clock() >= current.deadline_at:
            raise RoundClosedError(f"The deadline of round {round_number} has passed")
        if site_id not in current.picked:
            raise SiteNotPickedError(f"This site was not picked for round {round_number}")
        if site_id in current.sent:
            raise _conflict(round_number)
        return current

    def _commit(self, current: OpenRound, sent: SiteUpdate, body: bytes) -> None:
        """Make an update durable: first its files, then its row."""
        blob, kept_blob = self._blobs.put(body), self._blobs.put(sent.kept_body())
        number, site_id = current.round_number, sent.message.site_id
        with self._store.writing() as connection:
            earlier = sent_digest(connection, current.study_id, number, site_id)
            if earlier == sent.digest:
                return
            if earlier is not None:
                raise _conflict(number)
            if not _count_update(connection, current):
                raise RoundClosedError(f"Round {number} was closed while the update arrived")
            keep_update(connection, sent, blob, kept_blob, self._clock())
        logger.info("Study %s: site %s sent round %d", current.study_id, site_id, number)

    def _advance_after_commit(self, study_id: str) -> None:
        """Advance; a failure is the next poll's to tell, since the update itself is safe."""
        try:
            self.advance(study_id)
        except CoordinatorError:
            logger.exception("Study %s cannot go on", study_id)


def _conflict(round_number: int) -> UpdateConflictError:
    return UpdateConflictError(
        f"This site already sent a different update for round {round_number}"
    )


def _expectation(connection: Connection, current: OpenRound, site_id: str) -> Expectation:
    record = find_study(connection, current.study_id)
    base = find_published(connection, current.study_id, current.round_number - 1)
    return Expectation(
        record=record,
        site_id=site_id,
        round_number=current.round_number,
        base_digest=base.digest,
        domain_indices=frozenset(own_domains(connection, record.study_id, site_id).values()),
    )


def _insert_round(
    connection: Connection,
    study_id: str,
    round_number: int,
    pick: Pick,
    span: tuple[datetime, datetime],
) -> None:
    opened_at, deadline_at = span
    attempt = count_attempts(connection, study_id, round_number) + 1
    key = {"study_id": study_id, "round_number": round_number, "attempt": attempt}
    connection.execute(
        insert(rounds).values(
            **key, state="collecting", opened_at=opened_at, deadline_at=deadline_at, version=0
        )
    )
    connection.execute(insert(picks), [{**key, "site_id": site} for site in pick.site_ids])
    marking = sites.c.site_id.in_(pick.marked)
    connection.execute(update(sites).where(sites.c.study_id == study_id).values(is_marked=marking))


def _marked_sites(connection: Connection, study_id: str) -> set[str]:
    marked = select(sites.c.site_id).where(sites.c.study_id == study_id, sites.c.is_marked)
    return set(connection.execute(marked).scalars())


def _count_update(connection: Connection, current: OpenRound) -> bool:
    """Compare and set: note one more update, if the round still collects."""
    noted = connection.execute(
        update(rounds)
        .where(rounds.c.study_id == current.study_id)
        .where(rounds.c.round_number == current.round_number)
        .where(rounds.c.attempt == current.attempt)
        .where(rounds.c.state == "collecting")
        .values(version=rounds.c.version + 1)
    )
    return noted.rowcount == 1


def _close(
    connection: Connection,
    current: OpenRound,
    state: Literal["averaged", "abandoned"],
    now: datetime,
) -> bool:
    """Compare and set: close the round, if it still collects and no update came since."""
    closed = connection.execute(
        update(rounds)
        .where(rounds.c.study_id == current.study_id)
        .where(rounds.c.round_number == current.round_number)
        .where(rounds.c.attempt == current.attempt)
        .where(rounds.c.state == "collecting")
        .where(rounds.c.version == current.version)
        .values(state=state, closed_at=now)
    )
    return closed.rowcount == 1
