"""Whether a site may send its update of a round now; if not, why, in a sentence. Reads only."""

from datetime import datetime

from sqlalchemy.engine import Connection

from coordinator.errors import RoundClosedError, SiteNotPickedError, UpdateConflictError
from coordinator.method.checking import Expectation
from coordinator.rounds.published import find_published, newest_round
from coordinator.rounds.standing import OpenRound, find_open_round, was_picked
from coordinator.storage.memberships import Membership
from coordinator.storage.studies import StudyRecord, own_domains


def admitting_round(
    connection: Connection, member: Membership, round_number: int, now: datetime
) -> OpenRound:
    """Return the open round, if it takes an update of the site.

    Raises:
        RoundClosedError: if another round is open, none is, or this one is being averaged.
        SiteNotPickedError: if the site was not picked for it, or not again.
        UpdateConflictError: if an update of the site is in already.
    """
    record, site_id = member.record, member.site_id
    current = find_open_round(connection, record.study_id)
    if current is None or current.round_number != round_number:
        raise _closed(connection, record, round_number)
    if site_id in current.sent:
        raise conflict(round_number)
    if site_id not in current.picked:
        raise _not_picked(connection, current, site_id)
    if current.is_complete(record.study.rounds, now):
        raise RoundClosedError(
            f"The deadline of round {round_number} has passed; it is averaged without this site"
        )
    return current


def expectation_of(connection: Connection, member: Membership, current: OpenRound) -> Expectation:
    """Return what an update of a site has to agree with."""
    record, site_id, extractor = member.record, member.site_id, member.extractor
    base = find_published(connection, record.study_id, current.round_number - 1, extractor)
    return Expectation(
        study_id=record.study_id,
        study=record.study,
        manifest=record.manifests.get(extractor, {}),
        site_id=site_id,
        extractor=extractor,
        round_number=current.round_number,
        base_digest=base.digest,
        domain_indices=frozenset(own_domains(connection, record.study_id, site_id).values()),
    )


def conflict(round_number: int) -> UpdateConflictError:
    """Return the refusal of a second update of a site for a round."""
    return UpdateConflictError(
        f"This site already sent a different update for round {round_number}"
    )


def _closed(connection: Connection, record: StudyRecord, round_number: int) -> RoundClosedError:
    newest = newest_round(connection, record.study_id)
    if newest is not None and newest >= round_number:
        return RoundClosedError(
            f"Round {round_number} was averaged already; fetch the newest parameters"
        )
    if record.course == "stopped":
        return RoundClosedError("The study owner has stopped the study; it takes no more updates")
    return RoundClosedError(f"Round {round_number} is not open; ask again later")


def _not_picked(connection: Connection, current: OpenRound, site_id: str) -> SiteNotPickedError:
    number = current.round_number
    if was_picked(connection, current, site_id):
        return SiteNotPickedError(
            f"Round {number} was tried again without this site, which had not been heard of; "
            "it can be picked for a later round"
        )
    return SiteNotPickedError(f"This site was not picked for round {number}")
