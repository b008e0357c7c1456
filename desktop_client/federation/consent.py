"""Consent to a study: what somebody was shown and agreed to, by name, in the audit trail.

The consent is recorded before the code is sent, so that no site is ever in a study without one.
Never loads torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from coordinator.errors import InvitationUnreadableError
from coordinator.invitation import Invitation, read_invitation
from coordinator.protocol import PROTOCOL_VERSION, InvitedReply, InvitedRequest
from coordinator.study import ExtractorName, Study
from desktop_client.errors import EnrolmentIncompleteError, StudyUnsuitableError
from desktop_client.federation.client import CoordinatorClient, check_address
from desktop_client.federation.enrolment import Part, enrol, pending_credential
from desktop_client.federation.membership import (
    Contribution,
    Membership,
    membership_here,
    save_membership,
)
from desktop_client.federation.network import trust_of
from desktop_client.labelling.chain import Details
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home

STAYS_OUT: Final = "–"
"""What the audit trail says of a class whose images take no part."""


@dataclass(frozen=True)
class Consent:
    """Who agreed to what.

    Attributes:
        reader: The person, by the name that labels are given under.
        site_name: By which the study's owner is to know this site.
        study_digest: Of the study that the person was shown.
        contribution: What of this site takes part.
        is_other_certificate_accepted: Whether the coordinator may show another certificate than
            the invitation names, since this hospital's network reads what is sent.
        extractor: Which of the study's feature extractors this site is to have; None for the
            first.
    """

    reader: str
    site_name: str
    study_digest: str
    contribution: Contribution
    is_other_certificate_accepted: bool = False
    extractor: ExtractorName | None = None


def invitation_in(text: str) -> Invitation:
    """Find the invitation in a text.

    Raises:
        EnrolmentIncompleteError: if there is none, or it is damaged.
    """
    try:
        return read_invitation(text)
    except InvitationUnreadableError as error:
        raise EnrolmentIncompleteError(str(error)) from error


def ask_what_for(
    home: Home, invitation: Invitation, *, is_other_certificate_accepted: bool = False
) -> InvitedReply:
    """Return the study that an invitation is for; the invitation is as good afterwards.

    Raises:
        CoordinatorAddressError: if its address cannot be used.
        CertificateDiffersError: if another certificate is shown; nothing was sent then.
        CoordinatorAwayError: if nobody answers there.
        CoordinatorRefusedError: if its code is wrong, used or expired.
        StudyUnsuitableError: if the study was altered on the way, or is another than it names.
    """
    fingerprint = "" if is_other_certificate_accepted else invitation.fingerprint
    request = InvitedRequest(
        protocol_version=PROTOCOL_VERSION,
        code=invitation.code,
        credential=pending_credential(home, invitation.code),
    )
    address = check_address(invitation.address)
    with CoordinatorClient(address, trust=trust_of(home, fingerprint)) as client:
        reply = client.invited(request)
    if reply.study.digest != reply.study_digest:
        raise StudyUnsuitableError(
            "The study's description and its digest do not agree; update this program, or ask "
            "the study's owner"
        )
    if invitation.study_id not in ("", reply.study_id):
        raise StudyUnsuitableError(
            "The coordinator names another study than the invitation; ask the study's owner"
        )
    return reply


def join_with_consent(home: Home, invitation: Invitation, consent: Consent) -> Membership:
    """Record a person's consent, then make this site a member.

    Raises:
        EnrolmentIncompleteError: if nobody is named.
        LabelStoreError: if the consent cannot be recorded; nothing was sent then.
        FederationError: as for ``enrol``.
    """
    if not consent.reader.strip():
        raise EnrolmentIncompleteError("Somebody has to agree by name; enter yours")
    reply = ask_what_for(
        home,
        invitation,
        is_other_certificate_accepted=consent.is_other_certificate_accepted,
    )
    if reply.study_digest != consent.study_digest:
        raise StudyUnsuitableError(
            "The study is another now than the one that was agreed to; look at it again"
        )
    home.create()
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.class_book.classes()}
        agreed = _agreed(invitation, reply, consent, names)
        store.record_act("study_consented", consent.reader, agreed)
        membership = enrol(
            home,
            invitation.address,
            invitation.code,
            consent.site_name,
            Part(consent.contribution, consent.extractor),
            "" if consent.is_other_certificate_accepted else invitation.fingerprint,
        )
        joined: Details = {"study_id": membership.study_id, "site_id": membership.site_id}
        store.record_act("study_joined", consent.reader, joined)
    return membership


def change_contribution(
    home: Home, study_id: str, contribution: Contribution, reader: str
) -> Membership:
    """Let other classes and scanners take part from the next start on.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over.
        LabelStoreError: if the change cannot be recorded; nothing is changed then.
    """
    membership = membership_here(home, study_id)
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.class_book.classes()}
        changed: Details = {
            "study_id": study_id,
            "classes": described_classes(membership.study, contribution, names),
            "scanners": _described_scanners(contribution),
        }
        store.record_act("study_contribution_changed", reader, changed)
    changed_membership = membership.model_copy(update={"contribution": contribution})
    save_membership(home, changed_membership)
    return changed_membership


def _described_scanners(contribution: Contribution) -> str:
    chosen = contribution.domain_ids
    return "all" if chosen is None else " ".join(sorted(map(str, chosen)))


def _agreed(
    invitation: Invitation, reply: InvitedReply, consent: Consent, names: Mapping[UUID, str]
) -> Details:
    contribution = consent.contribution
    is_named = bool(invitation.fingerprint)
    return {
        "study_id": reply.study_id,
        "study": reply.study.name,
        "study_digest": reply.study_digest,
        "coordinator": invitation.address,
        "site_name": consent.site_name,
        "classes": described_classes(reply.study, contribution, names),
        "scanners": _described_scanners(contribution),
        "extractor": consent.extractor or reply.study.model.extractor,
        "certificate": "not named"
        if not is_named
        else "another accepted"
        if consent.is_other_certificate_accepted
        else "as invited",
    }


def described_classes(study: Study, contribution: Contribution, names: Mapping[UUID, str]) -> str:
    """Return in one line which of a site's classes mean which of the study's."""
    of_study = {c.class_id: c.name for c in study.classes}
    said = [
        f"{names.get(own, str(own))} = {of_study.get(meant, STAYS_OUT) if meant else STAYS_OUT}"
        for own, meant in contribution.classes.items()
    ]
    return "; ".join(sorted(said)) if said else "by name"
