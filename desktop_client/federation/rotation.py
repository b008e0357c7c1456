"""Putting a new credential in the place of a site's old one. Never loads torch.

The new credential is kept before it is sent. So whatever is lost on the way, the site holds the
credential that counts, and what was begun is finished the next time.
"""

from coordinator.errors import CredentialRefusedError
from coordinator.protocol import CredentialRequest
from desktop_client.errors import CoordinatorRefusedError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.membership import (
    Membership,
    membership_here,
    new_credential,
    save_membership,
)
from desktop_client.federation.network import trust_of
from desktop_client.paths import Home


def rotate_credential(home: Home, study_id: str) -> Membership:
    """Give this site a new credential in a study; the old one is void afterwards.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over.
        CoordinatorAwayError: if the coordinator does not answer; nothing is lost.
        CoordinatorRefusedError: if the site has been removed from the study.
    """
    membership = membership_here(home, study_id)
    if membership.next_credential is None:
        membership = membership.model_copy(update={"next_credential": new_credential()})
        save_membership(home, membership)
    return finish_rotation(home, membership)


def finish_rotation(home: Home, membership: Membership) -> Membership:
    """Finish what was begun, if anything was, and return the membership as it now is.

    Raises:
        CoordinatorAwayError: if the coordinator does not answer; nothing is lost.
        CoordinatorRefusedError: if the site has been removed from the study.
    """
    wanted = membership.next_credential
    if wanted is None:
        return membership
    try:
        _send(home, membership, membership.credential, wanted)
    except CoordinatorRefusedError as error:
        if error.code != CredentialRefusedError.code:
            raise
        _send(home, membership, wanted, wanted)  # it counts already: only the reply was lost
    renewed = membership.model_copy(update={"credential": wanted, "next_credential": None})
    save_membership(home, renewed)
    return renewed


def _send(home: Home, membership: Membership, shown: str, wanted: str) -> None:
    with CoordinatorClient(membership.coordinator_url, shown, trust_of(home)) as client:
        client.rotate_credential(membership.study_id, CredentialRequest(credential=wanted))
