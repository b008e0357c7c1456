"""Joining a study: a one-time code becomes a membership. Never loads torch."""

import hashlib
from pathlib import Path
from typing import Final

from coordinator.protocol import PROTOCOL_VERSION, EnrolmentRequest
from desktop_client.durable import write_durably
from desktop_client.errors import EnrolmentIncompleteError, StudyUnsuitableError
from desktop_client.federation.client import CoordinatorClient, check_address
from desktop_client.federation.membership import (
    Contribution,
    Membership,
    new_credential,
    save_membership,
)
from desktop_client.federation.network import trust_of
from desktop_client.paths import Home

CODE_LIMIT: Final = 100
"""Longest code or name that the protocol carries."""
ALL_BY_NAME: Final = Contribution()
"""Every scanner, and the classes that have the study's names."""


def enrol(
    home: Home,
    coordinator_url: str,
    code: str,
    site_name: str,
    contribution: Contribution = ALL_BY_NAME,
    fingerprint: str = "",
) -> Membership:
    """Exchange the code for a membership and keep it in the home.

    Args:
        home: This site.
        coordinator_url: Where the coordinator is.
        code: One-time code.
        site_name: By which the study's owner knows the site.
        contribution: What of this site takes part.
        fingerprint: SHA-256 of the only certificate that will do; empty for any that is trusted.

    The credential is kept before it is sent: if the reply is lost, the same code works again.

    Raises:
        EnrolmentIncompleteError: if the code or the site's name is missing.
        CoordinatorAddressError: if the address cannot be used.
        CertificateDiffersError: if another certificate is shown; the code was not sent then.
        CoordinatorAwayError: if nobody answers there.
        CoordinatorRefusedError: if the code is wrong, used or expired.
        StudyUnsuitableError: if the coordinator altered the study on the way.
    """
    address = check_address(coordinator_url)
    for text, what in ((code, "enrolment code"), (site_name, "name of this site")):
        if not 0 < len(text.strip()) <= CODE_LIMIT:
            raise EnrolmentIncompleteError(f"The {what} is missing or too long; enter it again")
    credential = pending_credential(home, code)
    request = EnrolmentRequest(
        protocol_version=PROTOCOL_VERSION,
        code=code.strip(),
        credential=credential,
        site_name=site_name.strip(),
    )
    with CoordinatorClient(address, credential, trust_of(home, fingerprint)) as client:
        enrolment = client.enrol(request)
        reply = client.study(enrolment.study_id)
    if reply.study.digest != reply.study_digest:
        raise StudyUnsuitableError(
            "The study's description and its digest do not agree; update this program, or ask "
            "the study's owner"
        )
    membership = Membership(
        study_id=enrolment.study_id,
        site_id=enrolment.site_id,
        site_name=request.site_name,
        coordinator_url=address,
        credential=credential,
        study=reply.study,
        contribution=contribution,
    )
    save_membership(home, membership)
    _pending_path(home, code).unlink()
    return membership


def pending_credential(home: Home, code: str) -> str:
    """Return the credential that goes with a code: the one sent before, or a new one."""
    path = _pending_path(home, code)
    if path.exists():
        return path.read_text(encoding="utf-8")
    credential = new_credential()
    home.create().memberships_path.mkdir(exist_ok=True, mode=0o700)
    write_durably(path, credential.encode())
    return credential


def _pending_path(home: Home, code: str) -> Path:
    """Name the file by the code's signs alone: dashes, spaces and case are of no meaning in it."""
    signs = "".join(sign for sign in code if sign.isalnum()).upper()
    digest = hashlib.sha256(signs.encode()).hexdigest()
    return home.memberships_path / f"pending-{digest[:16]}"
