"""Leaving a study: the coordinator forgets the site, then the site its membership.

A desk that has handed the study over can forget it, too; the site then stays in the study.

Never loads torch.
"""

from coordinator.errors import CredentialRefusedError
from desktop_client.errors import CoordinatorRefusedError, MembershipError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.membership import (
    Membership,
    forget_membership,
    membership_here,
    membership_of,
)
from desktop_client.federation.network import trust_of
from desktop_client.federation.rotation import finish_rotation
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home


def leave_study(home: Home, study_id: str, reader: str) -> Membership:
    """End this site's membership for good, and return what it was.

    The newest model that was received stays at this site. If the coordinator does not answer,
    the site is still a member, and the same call leaves later.

    Args:
        home: This site's.
        study_id: The study.
        reader: Who wants it, for the audit trail.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over.
        CoordinatorAwayError: if the coordinator does not answer; nothing has changed then.
        LabelStoreError: if the act cannot be recorded; the same call then finishes it later.
    """
    membership = membership_here(home, study_id)
    try:
        _tell(home, finish_rotation(home, membership))
    except CoordinatorRefusedError as error:
        if error.code != CredentialRefusedError.code:
            raise
        # No member any more: the reply was lost, or the owner was faster.
    _forget(home, membership, "study_left", reader)
    return membership


def forget_handed_over(home: Home, study_id: str, reader: str) -> Membership:
    """Remove a study from the desk that has handed it over, and return the membership that was.

    Nobody is told: whoever has taken the study goes on, and an untaken file still opens it. So a
    desk gets rid of a study that ended, or that was left, on the other computer.

    Raises:
        MembershipError: if this site is not in the study, or has not handed it over.
        LabelStoreError: if the act cannot be recorded; nothing is changed then.
    """
    membership = membership_of(home, study_id)
    if membership.handed_over_at is None:
        raise MembershipError(
            f"The study “{membership.study.name}” was not handed over; leave it instead"
        )
    _forget(home, membership, "study_removed_here", reader)
    return membership


def _forget(home: Home, membership: Membership, kind: str, reader: str) -> None:
    with LabelStore(home.labels_path) as store:
        details = {"study_id": membership.study_id, "site_id": membership.site_id}
        store.record_act(kind, reader, details)
    forget_membership(home, membership.study_id)


def _tell(home: Home, membership: Membership) -> None:
    credential = membership.credential
    with CoordinatorClient(membership.coordinator_url, credential, trust_of(home)) as client:
        client.leave(membership.study_id)
