"""The life of a round; the only writer of round state.

==========  ==================================================  ==========
from        when                                                to
==========  ==================================================  ==========
(none)      initial parameters exist, rounds are left, the      collecting
            study runs, and at least start_quorum sites are
            here: seen recently, or their update is in
collecting  all picked sites' updates are in, or the deadline   averaged
            has passed with at least finish_quorum of them
collecting  the deadline has passed with fewer, and every site  abandoned
            that is missing has vanished, or as much time
            again has passed
collecting  no picked site is a member any more, or the study   abandoned
            is stopped
==========  ==================================================  ==========

A round that is short of its quorum at the deadline waits, says so, and takes updates as before.
An abandoned round is tried again under the same number: sites whose update is in stay in it, and
others fill it up, so that no accepted update is lost. A site has vanished when it was not heard
of for ``seen_within_s``; it is then as good as any other for the rounds to come. A site whose
membership ends is no longer waited for. A paused study finishes its open round. A deadline that is
farther away than any can be shows that the clock was set back; the round has its whole time anew.

Every transition is one compare-and-set in one transaction, and averaging gives the same bits each
time: what a crash interrupts, the next ``advance`` repeats, in this process or another. Of several
processes on PostgreSQL one averages at a time, which spares the others the work. Time moves lazily;
there is no timer. The last round publishes the mean of the study's ``averaged_rounds``
last averages, its own included.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.engine import Connection

from coordinator.access import audit
from coordinator.errors import CoordinatorError, RoundClosedError
from coordinator.method.checking import check_update
from coordinator.method.selection import Draw
from coordinator.protocol import RoundReply, UpdateReply
from coordinator.rounds.admission import admitting_round, conflict, expectation_of
from coordinator.rounds.average import RoundAverage, make_average
from coordinator.rounds.contributions import forget_old, keep_update, sent_digest
from coordinator.rounds.presence import seen_sites
from coordinator.rounds.published import publish
from coordinator.rounds.standing import (
    OpenRound,
    Standing,
    find_open_round,
    find_standing,
    next_draw,
    reply_to,
)
from coordinator.rounds.transitions import (
    close_round,
    count_update,
    open_round,
    renew_deadline,
)
from coordinator.rounds.updates import SiteUpdate, read_update
from coordinator.storage.arrivals import Arrived, Upload, check_length
from coordinator.storage.blobs import Blobs
from coordinator.storage.bodies import open_body
from coordinator.storage.in_work import FilesInWork
from coordinator.storage.memberships import Membership, find_membership
from coordinator.storage.store import Store
from coordinator.storage.studies import StudyRecord, find_study

logger = logging.getLogger(__name__)

_OTHER_CLOCKS: Final = timedelta(minutes=1)
"""By how much the clocks of two processes may differ before one of them was set."""


class Rounds:
    """Opens, fills and closes the rounds of all studies; safe to use from several threads.

    Args:
        store: The tables.
        blobs: The parameter files.
        clock: Gives the time, with its zone.
    """

    def __init__(self, store: Store, blobs: Blobs, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._in_work = FilesInWork(blobs)
        self._advancing: dict[str, int] = {}  # how many calls since the last look began
        self._advancing_lock = threading.Lock()

    def status(self, study_id: str, site_id: str) -> RoundReply:
        """Let time move, then tell a site what it should know and do.

        Raises:
            StateDamagedError: if a round that is over cannot be averaged.
        """
        with self._store.reading() as connection:
            member = find_membership(connection, study_id, site_id)
            # Nearly always nothing is due, and one look is enough for both.
            if (reply := self.status_unless_due(connection, member)) is not None:
                return reply
        self.advance(study_id)
        with self._store.reading() as connection:
            member = find_membership(connection, study_id, site_id)
            standing = find_standing(connection, member.record, self._clock())
            return reply_to(connection, member, standing)

    def status_unless_due(self, connection: Connection, member: Membership) -> RoundReply | None:
        """Return what ``status`` would, if no transition is due; nearly always none is.

        Args:
            connection: The transaction that has found the member.
            member: Who asks.
        """
        look = _look(connection, member.record, self._clock())
        return None if look.due else reply_to(connection, member, look.standing)

    def admit_update(
        self, study_id: str, site_id: str, round_number: int, upload: Upload
    ) -> UpdateReply | None:
        """Refuse an update before it is sent, or answer at once if it was accepted before.

        Raises:
            BodyTooLargeError: if it is larger than any update of the site can be.
            RoundClosedError: if the round does not collect updates.
            SiteNotPickedError: if the site was not picked for it.
            UpdateConflictError: if the site already sent another one.
        """
        with self._store.reading() as connection:
            if sent_digest(connection, study_id, round_number, site_id) == upload.digest:
                return UpdateReply(round_number=round_number, digest=upload.digest)
            member = find_membership(connection, study_id, site_id)
            current = admitting_round(connection, member, round_number, self._clock())
            fit = expectation_of(connection, member, current).fit
            check_length(upload.length, fit.limit_bytes)
        return None

    def accept_update(
        self, study_id: str, site_id: str, round_number: int, arrived: Arrived
    ) -> UpdateReply:
        """Check a site's update and make it durable; sending the same again changes nothing.

        Raises:
            BodyRefusedError: naming what does not fit; nothing of the update is then kept.
            ProtocolVersionError: if the update speaks a version that is not served.
            RoundClosedError: if the round does not collect updates.
            SiteNotPickedError: if the site was not picked for it.
        """
        reply = UpdateReply(round_number=round_number, digest=arrived.digest)
        with self._store.reading() as connection:
            if sent_digest(connection, study_id, round_number, site_id) == arrived.digest:
                return reply
            member = find_membership(connection, study_id, site_id)
            current = admitting_round(connection, member, round_number, self._clock())
            expected = expectation_of(connection, member, current)
        base = open_body(self._blobs.path(expected.base_digest))
        with read_update(arrived, expected, base, self._blobs) as sent:
            check_update(sent.message, sent.body, expected, base)
            self._blobs.adopt(sent.path, sent.blob)
        self._commit(current, sent)
        return reply

    def go_on(self, study_id: str) -> None:
        """Advance, with nobody waiting for it; a failure is the next poll's to tell."""
        try:
            self.advance(study_id)
        except CoordinatorError as refusal:
            logger.error("Study %s cannot go on: %s", study_id, refusal)
        except Exception:  # the answer is out already: whatever it is, only the log can tell
            logger.exception("Study %s cannot go on", study_id)

    def advance(self, study_id: str) -> None:
        """Take every transition that is due.

        At once back if another thread is doing so; it then looks once more before it ends, since
        it may have looked already when what this call is about became true.

        Raises:
            StateDamagedError: if a round that is over cannot be averaged.
        """
        with self._advancing_lock:
            self._advancing[study_id] = self._advancing.get(study_id, 0) + 1
            if self._advancing[study_id] > 1:
                return
        try:
            while self._step(study_id) or self._is_called_again(study_id):
                pass
        except BaseException:
            with self._advancing_lock:
                del self._advancing[study_id]
            raise

    def renew_files_in_work(self, moment: datetime) -> None:
        """Keep from the sweep what this process's averages have put before a moment.

        Raises:
            StateDamagedError: if the place of the files cannot be used.
        """
        self._in_work.renew(moment)

    def _is_called_again(self, study_id: str) -> bool:
        """Return whether another call came since the last look began; if not, make way."""
        with self._advancing_lock:
            call_count = self._advancing.pop(study_id)
            if call_count > 1:
                self._advancing[study_id] = 1
        return call_count > 1

    def _step(self, study_id: str) -> bool:
        """Take one transition; return whether there was one to take."""
        now = self._clock()
        with self._store.reading() as connection:
            record = find_study(connection, study_id)
            look = _look(connection, record, now)
        current = look.standing.open_round
        if look.due == "open":
            return self._open(study_id, now)
        if current is None or look.due is None:
            return False
        if look.due == "renew":
            return self._renew_deadline(current, _latest_deadline(record, now))
        if look.due == "average":
            return self._average_alone(record, current, now)
        self._abandon(current, now)
        return True

    def _renew_deadline(self, current: OpenRound, deadline_at: datetime) -> bool:
        with self._store.writing() as connection:
            is_renewed = renew_deadline(connection, current, deadline_at)
        if is_renewed:
            logger.warning(
                "Study %s: this computer's clock was set back; round %d has its whole time anew",
                current.study_id,
                current.round_number,
            )
        return is_renewed

    def _open(self, study_id: str, now: datetime) -> bool:
        with self._store.writing() as connection:
            # What was read before may have changed; nobody else writes from here on.
            record = find_study(connection, study_id)
            draw = _due_draw(connection, record, now)
            if draw is None:
                return False
            deadline_at = _latest_deadline(record, now)
            picked = open_round(connection, study_id, draw, now, deadline_at)
            subject = {"round_number": draw.round_number, "site_count": len(picked)}
            audit.record(connection, now, audit.COORDINATOR, "round_opened", study_id, **subject)
        logger.info(
            "Study %s: round %d opened with %d of %d sites",
            study_id,
            draw.round_number,
            len(picked),
            len(draw.here),
        )
        return True

    def _average_alone(self, record: StudyRecord, current: OpenRound, now: datetime) -> bool:
        """Average a round unless another process is at it; that one then also goes on after it."""
        with self._store.alone(f"average {current.study_id}") as is_alone:
            if is_alone:
                self._average(record, current, now)
        return is_alone

    def _average(self, record: StudyRecord, current: OpenRound, now: datetime) -> None:
        study_id, number = current.study_id, current.round_number
        try:
            with self._in_work.making() as shelf:
                made = make_average(self._store, shelf, record, number, current.sent)
        except CoordinatorError:
            if self._is_as_it_was(current):
                raise
            return  # averaged by another process, or left by a site: what it was made of is gone
        if made is None:
            return  # a membership ended since the round was looked at: look again
        with self._store.writing() as connection:
            if not self._has_files(current, made):
                return  # make them again
            if not close_round(connection, current, "averaged", now):
                return
            for model in made.models:
                publish(connection, study_id, model.packed, now, made.leakage, model.difference)
            forgotten = forget_old(connection, study_id, number, made.kept)
            audit.record(
                connection,
                now,
                audit.COORDINATOR,
                "round_averaged",
                study_id,
                round_number=number,
                update_count=len(current.sent),
                **made.digests,
            )
        self._blobs.delete(*forgotten)
        logger.info(
            "Study %s: round %d averaged over %d updates", study_id, number, len(current.sent)
        )

    def _has_files(self, current: OpenRound, made: RoundAverage) -> bool:
        """Return whether no file of an average was swept since; in the transaction of its rows.

        A sweep takes what is old and has no row: what was about to be put anew just then, because
        an average of the same bits was interrupted long ago.
        """
        has_files = self._blobs.has(*made.files)
        if not has_files:
            study_id, number = current.study_id, current.round_number
            logger.warning("Study %s: round %d is averaged again; files are gone", study_id, number)
        return has_files

    def _is_as_it_was(self, current: OpenRound) -> bool:
        with self._store.reading() as connection:
            found = find_open_round(connection, current.study_id)
        return found is not None and (found.key, found.version) == (current.key, current.version)

    def _abandon(self, current: OpenRound, now: datetime) -> None:
        with self._store.writing() as connection:
            if not close_round(connection, current, "abandoned", now):
                return
            subject = {"round_number": current.round_number, "update_count": len(current.sent)}
            audit.record(
                connection, now, audit.COORDINATOR, "round_abandoned", current.study_id, **subject
            )
        logger.warning(
            "Study %s: round %d abandoned with %d of %d updates; it is tried again",
            current.study_id,
            current.round_number,
            len(current.sent),
            len(current.picked),
        )

    def _commit(self, current: OpenRound, sent: SiteUpdate) -> None:
        """Enter an update whose file is durable."""
        number, site_id = current.round_number, sent.message.site_id
        with self._store.writing() as connection:
            earlier = sent_digest(connection, current.study_id, number, site_id)
            if earlier == sent.digest:
                return
            if earlier is not None:
                raise conflict(number)
            if not count_update(connection, current):
                raise RoundClosedError(
                    f"Round {number} was closed while the update arrived; fetch the newest "
                    "parameters, and take part again when picked"
                )
            self._blobs.check_there(sent.blob)
            now = self._clock()
            keep_update(connection, sent, now)
            audit.record(
                connection,
                now,
                audit.by_site(site_id),
                "update_accepted",
                current.study_id,
                round_number=number,
                digest=sent.digest,
            )
        logger.info("Study %s: site %s sent round %d", current.study_id, site_id, number)


@dataclass(frozen=True, slots=True)
class _Look:
    """A study at one moment."""

    standing: Standing
    due: Literal["open", "renew", "average", "abandon"] | None
    """The transition that is to be taken."""


def _look(connection: Connection, record: StudyRecord, now: datetime) -> _Look:
    plan, standing = record.study.rounds, find_standing(connection, record, now)
    current = standing.open_round
    if current is None:
        return _Look(standing, "open" if standing.can_open(plan) else None)
    if current.deadline_at > _latest_deadline(record, now) + _OTHER_CLOCKS:
        return _Look(standing, "renew")
    if current.is_complete(plan, now):
        return _Look(standing, "average")
    is_lost = _is_lost(connection, record, current, now)
    return _Look(standing, "abandon" if is_lost else None)


def _latest_deadline(record: StudyRecord, now: datetime) -> datetime:
    """Return the deadline of a round that opens now."""
    return now + timedelta(seconds=record.study.rounds.deadline_s)


def _is_lost(
    connection: Connection, record: StudyRecord, current: OpenRound, now: datetime
) -> bool:
    """Return whether waiting on for the updates that are missing makes no sense."""
    if not current.picked:
        return True
    if not current.is_short(record.study.rounds, now):
        return False
    given_up_at = current.deadline_at + timedelta(seconds=record.study.rounds.deadline_s)
    return now >= given_up_at or current.waited_for.isdisjoint(seen_sites(connection, record, now))


def _due_draw(connection: Connection, record: StudyRecord, now: datetime) -> Draw | None:
    """Return what the next round is to be drawn from; None if none may open now."""
    standing = find_standing(connection, record, now)
    if not standing.can_open(record.study.rounds):
        return None
    return next_draw(connection, record, standing.averaged_count + 1, now)
