"""Whether this site can take part in a study, one thing after the other, as events.

Nothing is changed by it, here or at the coordinator. Never loads torch: what computes is asked in
a process of its own.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from coordinator.invitation import Invitation
from coordinator.protocol import PROTOCOL_VERSION, InvitedRequest, StudyReply
from coordinator.study import ExtractorName, Study
from desktop_client.errors import (
    CertificateDiffersError,
    ClientError,
    CoordinatorAddressError,
    CoordinatorAwayError,
    CoordinatorRefusedError,
)
from desktop_client.federation import site_checks
from desktop_client.federation.client import CoordinatorClient, check_address
from desktop_client.federation.enrolment import pending_credential
from desktop_client.federation.findings import (
    Checked,
    Helper,
    Hindered,
    Phrase,
    PreflightFinished,
)
from desktop_client.federation.line_checks import Line, check_line
from desktop_client.federation.membership import Contribution, membership_here
from desktop_client.federation.network import trust_of
from desktop_client.federation.waiting import attended
from desktop_client.paths import Home
from desktop_client.training.events import StillWorking
from desktop_client.training.findings import Finding
from desktop_client.training.graphics_card import has_graphics_card
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DeviceChoice, DoctorRequest

EXAMINE: Final = "desktop_client.training.doctor:examine"

Event = Checked | StillWorking | PreflightFinished


@dataclass(frozen=True)
class PreflightRequest:
    """What is to be looked at.

    Attributes:
        home_path: This site.
        coordinator_url: Where the coordinator is.
        fingerprint: Of the certificate that the invitation names; empty for none.
        code: Of an invitation that is not used yet; empty for a study that was joined.
        credential: The site's own, or the one that it would join with.
        study_id: The study that was joined, or that the invitation names; empty if that is not
            known.
        study: What it is, if that is known; images cannot be counted otherwise.
        contribution: What of this site would take part.
        device: What would compute; None to leave that out.
        extractor: Of the study's, the one that this site has or would have; None for the first.
    """

    home_path: Path
    coordinator_url: str
    credential: str
    fingerprint: str = ""
    code: str = ""
    study_id: str = ""
    study: Study | None = None
    contribution: Contribution = field(default_factory=Contribution)
    device: DeviceChoice | None = "automatic"
    extractor: ExtractorName | None = None


def request_of_member(home: Home, study_id: str, device: DeviceChoice) -> PreflightRequest:
    """Return what to look at for a study that was joined.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over.
    """
    member = membership_here(home, study_id)
    return PreflightRequest(
        home.path,
        member.coordinator_url,
        member.credential,
        study_id=study_id,
        study=member.study,
        contribution=member.contribution,
        device=device,
        extractor=member.own_extractor,
    )


def request_of_invited(
    home: Home, invitation: Invitation, device: DeviceChoice
) -> PreflightRequest:
    """Return what to look at for an invitation; it is as good afterwards."""
    return PreflightRequest(
        home.path,
        invitation.address,
        pending_credential(home, invitation.code),
        invitation.fingerprint,
        invitation.code,
        invitation.study_id,
        device=device,
    )


def preflight(request: PreflightRequest) -> Generator[Event]:
    """Look at everything; what cannot be looked at because of an earlier problem is left out."""
    problem_count = note_count = 0
    for event in _checks(request):
        if isinstance(event, Checked):
            problem_count += event.verdict == "problem"
            note_count += event.verdict == "note"
        yield event
    yield PreflightFinished(problem_count, note_count)


def _checks(request: PreflightRequest) -> Generator[Checked | StillWorking]:
    study = request.study
    try:
        url = _address(request.coordinator_url)
        trust = trust_of(Home(request.home_path), request.fingerprint)
        yield from _one_by_one(check_line(Line(url, trust)))
        reply = yield from attended(lambda: _ask(request, url))
        study = reply.study
        is_member = not request.code
        yield from site_checks.welcome(reply.study, reply.study_digest, is_member=is_member)
    except Hindered as hindrance:
        yield hindrance.checked
    except CertificateDiffersError:
        pass  # was said when the certificate was looked at; the code stays here
    except CoordinatorRefusedError as error:
        yield site_checks.refused(error)
    except CoordinatorAwayError as error:
        yield site_checks.away(error)
    yield site_checks.check_disk(request.home_path)
    if study is not None:
        labels_path = Home(request.home_path).labels_path
        yield from site_checks.check_images(labels_path, study, request.contribution)
    if request.device is not None:
        yield from _computer(request.device)
        if study is not None and study.model.further_extractors:
            has_card = request.device != "cpu" and has_graphics_card()
            yield site_checks.check_network(study.model, request.extractor, has_card=has_card)


def _address(text: str) -> str:
    try:
        url = check_address(text)
    except CoordinatorAddressError as error:
        raise Hindered(
            Checked(
                "address",
                "problem",
                Phrase("The address cannot be used: {0}", (str(error),)),
                "you",
                Phrase("Paste the invitation again, or ask the study's owner for the address."),
            )
        ) from error
    return url


def _one_by_one(checks: Iterator[Checked]) -> Generator[Checked | StillWorking]:
    """Take each step in a thread of its own: it may wait for seconds, and be given up."""
    while (checked := (yield from attended(lambda: next(checks, None)))) is not None:
        yield checked


def _ask(request: PreflightRequest, url: str) -> StudyReply:
    """Ask the coordinator about the study, as a member or by the code."""
    trust = trust_of(Home(request.home_path), request.fingerprint if request.code else "")
    with CoordinatorClient(url, request.credential, trust) as client:
        if not request.code:
            return client.study(request.study_id)
        return client.invited(
            InvitedRequest(
                protocol_version=PROTOCOL_VERSION,
                code=request.code,
                credential=request.credential,
            )
        )


def _computer(device: DeviceChoice) -> Generator[Checked | StillWorking]:
    """Say what would compute; steps are not timed, which takes long."""
    examined = in_child_process(EXAMINE, DoctorRequest(device, is_timed=False))
    try:
        for event in examined:
            if isinstance(event, Finding):
                yield _of_computer(event)
            else:
                yield StillWorking()
    except ClientError as error:
        told = Phrase("This computer cannot train: {0}", (str(error),))
        yield Checked("computer", "problem", told, "it", Phrase("Install SiteBlind anew."))


def _of_computer(finding: Finding) -> Checked:
    """Take over a finding of the doctor, whose remedies begin with who can do it."""
    told = Phrase("{0}: {1}", (finding.topic, finding.sentence))
    who, _, remedy = finding.remedy.partition(": ")
    helper: Helper = "nobody" if not remedy else "you" if who == "You" else "it"
    return Checked("computer", finding.verdict, told, helper, Phrase("{0}", (remedy,)))
