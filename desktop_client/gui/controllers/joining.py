"""Joining a study: the wizard's questions are asked beside the window."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from coordinator.invitation import Invitation
from coordinator.protocol import InvitedReply
from coordinator.study import ExtractorName, Study
from desktop_client.errors import (
    CertificateDiffersError,
    ClientError,
    FederationError,
    NetworkFileError,
)
from desktop_client.federation.consent import (
    Consent,
    ask_what_for,
    invitation_in,
    join_with_consent,
)
from desktop_client.federation.enrolment import ALL_BY_NAME
from desktop_client.federation.membership import Membership
from desktop_client.federation.network import keep_authorities, verify_code_of
from desktop_client.federation.offer import Offer, offer_of, upload_bytes
from desktop_client.federation.preflight import request_of_invited
from desktop_client.gui.controllers.preflight import PreflightRun
from desktop_client.gui.controllers.round_story import (
    how_much,
    network_words,
    what_is_never_sent,
    what_is_sent,
    what_is_trained,
)
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.join_wizard import (
    CONSENT,
    IMAGES,
    INVITATION,
    STUDY,
    WAY,
    JoinWizard,
)
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.wording import counted
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.paths import Home
from desktop_client.training.families import suggested
from desktop_client.training.graphics_card import has_graphics_card
from desktop_client.training.request import DeviceChoice

_AFTER: Final = {STUDY: IMAGES, IMAGES: WAY, WAY: CONSENT}


@dataclass(frozen=True, slots=True)
class InvitationSeen:
    """What an invitation is for, and what this site could bring to it."""

    invitation: Invitation
    reply: InvitedReply
    offer: Offer
    has_graphics_card: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """This site is in the study now."""

    membership: Membership


@dataclass(frozen=True, slots=True)
class JoiningRefused:
    """Why it did not go on, and whether a certificate is to blame."""

    sentence: str
    is_other_certificate: bool = False
    is_untrusted: bool = False


class JoiningController(QObject):
    """Leads through one wizard at a time."""

    joined = Signal(object)
    """The new ``Membership``."""

    def __init__(self, page: StudyPage, workers: Workers, home: Home, dialogs: Dialogs) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._dialogs = dialogs
        self._wizard: JoinWizard | None = None
        self._way: PreflightRun | None = None
        self._seen: InvitationSeen | None = None
        self.device: DeviceChoice = "automatic"
        self.site_name = self.reader_name = ""

    @property
    def wizard(self) -> JoinWizard | None:
        """The wizard, while it is open."""
        return self._wizard

    def begin(self) -> None:
        """Open the wizard, or bring it forward."""
        if self._wizard is not None:
            self._wizard.raise_()
            return
        self._seen = None
        self._wizard = wizard = JoinWizard(self._page)
        wizard.consent.site_name.setText(self.site_name)
        wizard.consent.reader_name.setText(self.reader_name)
        self._way = PreflightRun(wizard.way, self._workers)
        wizard.next_asked.connect(self.on_wizard_next_asked)
        wizard.extractor.changed.connect(self.on_extractor_changed)
        wizard.join_asked.connect(self.on_wizard_join_asked)
        wizard.invitation.authorities_asked.connect(self.on_authorities_asked)
        wizard.way.authorities_asked.connect(self.on_authorities_asked)
        wizard.way.again_asked.connect(self._look_at_the_way)
        wizard.finished.connect(self.on_wizard_finished)
        wizard.open()

    def on_wizard_next_asked(self, step: int) -> None:
        """Do what a step asks for before the next one."""
        if self._wizard is None:
            return
        if step == INVITATION:
            self._look_at_the_invitation(self._wizard)
            return
        self._wizard.show_step(_AFTER[step])
        if step == IMAGES:
            self._look_at_the_way()
        elif step == WAY:
            self._show_summary(self._wizard)

    def on_wizard_join_asked(self) -> None:
        """Ask the coordinator to let this site in."""
        if self._wizard is None or self._seen is None:
            return
        page = self._wizard.consent
        consent = Consent(
            page.reader_name.text().strip(),
            page.site_name.text().strip(),
            self._seen.reply.study_digest,
            self._wizard.contribution.contribution(),
            self._wizard.invitation.accepts_other.isChecked(),
            self._chosen_extractor(self._wizard),
        )
        page.show_problem("")
        self._start(partial(join, self._home, self._seen.invitation, consent))

    def on_extractor_changed(self) -> None:
        """Say what the network means that was chosen."""
        if self._wizard is not None and self._seen is not None:
            self._show_facts(self._wizard, self._seen)

    def on_wizard_finished(self) -> None:
        """Forget the wizard, and stop what it was waiting for."""
        if self._way is not None:
            self._way.stop()
        if self._wizard is not None:
            self._wizard.deleteLater()
        self._wizard = self._way = self._seen = None

    def on_authorities_asked(self) -> None:
        """Believe the hospital's own certificate authority from now on."""
        path = self._dialogs.pick_authorities()
        if path is None or self._wizard is None:
            return
        try:
            keep_authorities(self._home, path)
        except NetworkFileError as error:
            self._dialogs.show_problem(str(error))
            return
        if self._wizard.step == WAY:
            self._look_at_the_way()
        else:
            self._look_at_the_invitation(self._wizard)

    def on_worker_event_emitted(self, event: InvitationSeen | Joined | JoiningRefused) -> None:
        """Show the study, or what is wrong; after joining the wizard is done."""
        if self._wizard is None:
            return
        self._wizard.show_busy(False)  # first, or a field could not take the focus
        match event:
            case InvitationSeen():
                self._seen = event
                self._show_study(self._wizard, event)
            case Joined(membership):
                self._wizard.accept()
                self.joined.emit(membership)
            case JoiningRefused():
                self._show_problem(self._wizard, event)

    def on_worker_failed(self, sentence: str) -> None:
        """Say what nobody expected."""
        if self._wizard is not None:
            self._wizard.show_busy(False)
            self._show_problem(self._wizard, JoiningRefused(sentence))

    def _look_at_the_invitation(self, wizard: JoinWizard) -> None:
        page = wizard.invitation
        if page.is_plain:
            address, code = page.address.text().strip(), page.code.text().strip()
            if not (address and code):
                page.show_problem(self.tr("Enter both the address and the code."))
                return
            invitation = Invitation(address, "", code)
        else:
            try:
                invitation = invitation_in(page.invitation.toPlainText())
            except FederationError as error:
                page.show_problem(str(error))
                return
        accepts = page.accepts_other.isChecked()
        page.show_problem("", is_certificate=accepts)
        self._start(partial(look, self._home, invitation, is_other_certificate_accepted=accepts))

    def _look_at_the_way(self) -> None:
        if self._wizard is None or self._way is None or self._seen is None:
            return
        invitation = self._seen.invitation
        if self._wizard.invitation.accepts_other.isChecked():
            invitation = replace(invitation, fingerprint="")
        self._way.start(
            replace(
                request_of_invited(self._home, invitation, self.device),
                study=self._seen.reply.study,
                contribution=self._wizard.contribution.contribution(),
                extractor=self._wizard.extractor.chosen,
            )
        )

    def _show_study(self, wizard: JoinWizard, seen: InvitationSeen) -> None:
        study, extractors = seen.reply.study, seen.reply.study.model.extractors
        wizard.contribution.show_offer(study, seen.offer, ALL_BY_NAME)
        taken = seen.offer.taken(wizard.contribution.contribution())
        wizard.extractor.offer(
            {name: upload_bytes(seen.reply, taken, name) for name in extractors},
            suggested(extractors, has_graphics_card=seen.has_graphics_card),
        )
        self._show_facts(wizard, seen)
        wizard.show_step(STUDY)

    def _show_facts(self, wizard: JoinWizard, seen: InvitationSeen) -> None:
        study, chosen = seen.reply.study, wizard.extractor.chosen
        owner = f"{study.owner} · {seen.invitation.address}"
        wizard.facts.show_study(study, owner, what_is_trained(study, chosen), "")
        taken = seen.offer.taken(wizard.contribution.contribution())
        size = how_much(study, upload_bytes(seen.reply, taken, chosen))
        wizard.facts.show_sent(what_is_sent(study), size, what_is_never_sent())

    def _show_summary(self, wizard: JoinWizard) -> None:
        if self._seen is None:
            return
        study, chosen = self._seen.reply.study, wizard.extractor.chosen
        taken = self._seen.offer.taken(wizard.contribution.contribution())
        images = counted(taken.total(), self.tr("image"), self.tr("images"))
        size = how_much(study, upload_bytes(self._seen.reply, taken, chosen))
        wizard.consent.show_summary(
            self.tr(
                "“{0}”, run by {1}. {2} of this site take part. {3} Images, labels and everything "
                "about patients stay here."
            ).format(study.name, study.owner, images, size)
            + self._words_on_extractor(study, chosen)
        )

    def _words_on_extractor(self, study: Study, chosen: ExtractorName) -> str:
        if not study.model.further_extractors:
            return ""
        # An average of one site is that site's own.
        told = self.tr(
            "As long as it takes part, this site trains {0}. While no other site has that network, "
            "the study's copy of it is this site's alone."
        )
        return " " + told.format(network_words(chosen))

    def _chosen_extractor(self, wizard: JoinWizard) -> ExtractorName | None:
        """Return what was chosen; nothing is said about it where there was no choice."""
        has_choice = len(wizard.extractor.buttons) > 1
        return wizard.extractor.chosen if has_choice else None

    def _show_problem(self, wizard: JoinWizard, refused: JoiningRefused) -> None:
        if wizard.step == CONSENT:
            wizard.consent.show_problem(refused.sentence)
            return
        wizard.invitation.show_problem(
            refused.sentence,
            is_certificate=refused.is_other_certificate,
            is_untrusted=refused.is_untrusted,
        )

    def _start(self, work: StartEvents) -> None:
        if self._wizard is not None:
            self._wizard.show_busy(True)
        worker = Worker(work)
        worker.event_emitted.connect(self.on_worker_event_emitted)
        worker.failed.connect(self.on_worker_failed)
        self._workers.start(worker)


def look(
    home: Home, invitation: Invitation, *, is_other_certificate_accepted: bool
) -> Generator[InvitationSeen | JoiningRefused]:
    """Ask what an invitation is for, and count this site's images; takes up to some seconds."""
    try:
        reply = ask_what_for(
            home, invitation, is_other_certificate_accepted=is_other_certificate_accepted
        )
        yield InvitationSeen(invitation, reply, offer_of(home.labels_path), has_graphics_card())
    except ClientError as error:
        yield _refused(error)


def join(
    home: Home, invitation: Invitation, consent: Consent
) -> Generator[Joined | JoiningRefused]:
    """Record the consent and become a member; takes up to some seconds."""
    try:
        yield Joined(join_with_consent(home, invitation, consent))
    except ClientError as error:
        yield _refused(error)


def _refused(error: ClientError) -> JoiningRefused:
    return JoiningRefused(
        str(error),
        isinstance(error, CertificateDiffersError),
        verify_code_of(error) is not None,
    )
