"""Joining a study: a one-time code becomes a membership. Never loads torch."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coordinator.protocol import PROTOCOL_VERSION, EnrolmentRequest
from coordinator.study import ExtractorName
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


@dataclass(frozen=True)
class Part:
    """How a site is to take part in a study.

    Attributes:
        contribution: What of the site takes part; can be changed afterwards.
        extractor: Of the study's feature extractors, the one that it is to have for as long as it
            is a member; None for the study's first.
    """

    contribution: Contribution = ALL_BY_NAME
    extractor: ExtractorName | None = None


AS_THE_STUDY_SAYS: Final = Part()


def enrol(
    home: Home,
    coordinator_url: str,
    code: str,
    site_name: str,
    part: Part = AS_THE_STUDY_SAYS,
    fingerprint: str = "",
) -> Membership:
    """Exchange the code for a membership and keep it in the home.

    Args:
        home: This site.
        coordinator_url: Where the coordinator is.
        code: One-time code.
        site_name: By which the study's owner knows the site.
        part: How this site is to take part.
        fingerprint: SHA-256 of the only certificate that will do; empty for any that is trusted.

    The credential is kept before it is sent: if the reply is lost, the same code works again.

    Raises:
        EnrolmentIncompleteError: if the code or the site's name is missing.
        CoordinatorAddressError: if the address cannot be used.
        CertificateDiffersError: if another certificate is shown; the code was not sent then.
        CoordinatorAwayError: if nobody answers there.
        CoordinatorRefusedError: if the code is wrong, used or expired, or the study does not have
            the feature extractor.
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
        extractor=part.extractor,
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
        contribution=part.contribution,
        extractor=part.extractor,
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
