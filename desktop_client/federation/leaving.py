"""Leaving a study: the coordinator forgets the site, then the site its membership.

Never loads torch.
"""

from coordinator.errors import CredentialRefusedError
from desktop_client.errors import CoordinatorRefusedError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.membership import (
    Membership,
    forget_membership,
    membership_here,
)
from desktop_client.federation.network import trust_of
from desktop_client.federation.rotation import finish_rotation
from desktop_client.labelling.chain import Details
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
    left: Details = {"study_id": study_id, "site_id": membership.site_id}
    with LabelStore(home.labels_path) as store:
        store.record_act("study_left", reader, left)
    forget_membership(home, study_id)
    return membership


def _tell(home: Home, membership: Membership) -> None:
    credential = membership.credential
    with CoordinatorClient(membership.coordinator_url, credential, trust_of(home)) as client:
        client.leave(membership.study_id)
