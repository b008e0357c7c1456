"""Pictures of joining a study and of taking part, as events and answers would show them."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID, uuid4

from PySide6.QtWidgets import QWidget

from coordinator.invitation import Invitation, write_invitation
from coordinator.protocol import InvitedReply, LesionMetrics
from coordinator.study import LesionClass, Study
from desktop_client.federation.events import (
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    StudyOpened,
    UpdateSent,
)
from desktop_client.federation.findings import Checked, Phrase, PreflightFinished
from desktop_client.federation.line_troubles import other_certificate
from desktop_client.federation.membership import Membership, new_credential, save_membership
from desktop_client.federation.offer import offer_of
from desktop_client.federation.sent import SentArray, kind_of
from desktop_client.gui.controllers.joining import InvitationSeen
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.views.join_wizard import CONSENT, IMAGES, INVITATION, WAY
from desktop_client.gui.views.preflight_panel import PreflightPanel, PreflightSheet
from desktop_client.gui.views.sent_sheet import SentSheet
from desktop_client.paths import Home
from desktop_client.training.events import StepFinished

CLASSES: Final = ("Melanoma", "Nevus", "Keratosis")


class Photographer(Protocol):
    """What takes the pictures."""

    def take(self, name: str, widget: QWidget) -> None:
        """Save a picture of the widget."""


def photograph_studies(window: MainWindow, camera: Photographer, home: Home) -> None:
    """Picture the wizard's steps, a study that was joined, and its rounds."""
    window.show_page(STUDY)
    photograph_joining(window, camera, home)
    save_membership(home, a_membership())
    window.taking_part.reload()
    camera.take("8-study-joined", window)
    pretend_rounds(window)
    camera.take("9-study-running", window)
    pause = "Round 7 of 20 waits: the study owner has paused the study"
    window.taking_part.on_worker_event_emitted(
        RoundWaited(pause, 7, 20, False, 0, 0, 6, is_paused=True)
    )
    camera.take("9b-study-paused", window)
    sent = "Round 7 of 20: 1 of 3 picked sites have sent their update"
    window.taking_part.on_worker_event_emitted(
        RoundWaited(sent, 7, 20, False, 3, 1, 6, waiting_for=("Charité Berlin", "Inselspital Bern"))
    )
    camera.take("9g-study-waiting", window)
    photograph_sent(window, camera)
    photograph_choice(window, camera)
    photograph_handed_over(window, camera, home)


def photograph_choice(window: MainWindow, camera: Photographer) -> None:
    """Picture what takes part, and what is found out about the way."""
    window.study.contribution_asked.emit()
    dialog = window.studies.contributing.dialog
    assert dialog is not None
    camera.take("9d-study-what-takes-part", dialog)
    dialog.reject()
    sheet = PreflightSheet(window)
    pretend_preflight(sheet.panel)
    sheet.show()
    camera.take("9e-study-way", sheet)
    sheet.close()


def photograph_handed_over(window: MainWindow, camera: Photographer, home: Home) -> None:
    """Picture a study that a server trains now."""
    since = datetime.now(UTC) - timedelta(days=2)
    save_membership(home, a_membership().model_copy(update={"handed_over_at": since}))
    window.study.show_running(False)
    window.taking_part.reload()
    camera.take("9f-study-handed-over", window)


def photograph_sent(window: MainWindow, camera: Photographer) -> None:
    """Picture what would be sent."""
    sheet = SentSheet(window)
    sheet.show_choices(["What would be sent now", "Round 4, 14:02"])
    arrays = [
        SentArray(name=name, kind=kind_of(name), shape=shape, encoding=encoding)
        for name, shape, encoding in (
            ("feature_extractor.stages.0.conv.weight", (32, 3, 3, 3), "int8"),
            ("feature_extractor.stages.1.conv.weight", (64, 32, 3, 3), "int8"),
            ("lesion_classifier.weight", (3, 64), "int8"),
            ("moments.(Unnamed scanner, Melanoma).mean", (64,), "float32"),
            ("moments.(Unnamed scanner, Melanoma).covariance", (64, 64), "float32"),
            ("styles.(Unnamed scanner)", (16, 2, 3), "float32"),
        )
    ]
    sheet.show_state("Each time this site is picked, 6 arrays, 0.04 MB before any compression.")
    sheet.show_arrays(
        arrays,
        "Beside them: the number of images trained on (30), how the shared model does on your "
        "held-out images, a number for each scanner (its name stays here), study, round and "
        "version. Once, on joining: your site’s name.",
    )
    sheet.show()
    camera.take("9c-study-sent", sheet)
    sheet.close()


def photograph_joining(window: MainWindow, camera: Photographer, home: Home) -> None:
    """Picture each step of the wizard."""
    joining = window.studies.joining
    joining.begin()
    wizard = joining.wizard
    assert wizard is not None
    study = a_membership().study
    invitation = Invitation("https://study.example.org", "ab" * 16, "7K2M-0QZD-91AB-CDEF-GHJK")
    wizard.invitation.invitation.setPlainText(write_invitation(invitation))
    camera.take("10-joining-invitation", wizard)
    wizard.invitation.show_problem(
        "https://study.example.org shows another certificate than the invitation names. Either it "
        "was renewed since, or something in between reads what is sent, as some hospitals' "
        "networks do. Nothing was sent; ask your IT department, or the study's owner for a new "
        "invitation",
        is_certificate=True,
        is_untrusted=True,
    )
    camera.take("10b-joining-refused", wizard)
    wizard.show_step(INVITATION)
    reply = InvitedReply(
        study_id="ab" * 16,
        study=study,
        study_digest=study.digest,
        site_count=4,
        parameters_bytes=412_000,
    )
    offer = offer_of(home.labels_path)
    joining.on_worker_event_emitted(InvitationSeen(invitation, reply, offer, False))
    camera.take("10c-joining-study", wizard)
    networks = {"resnet18": 44_900_000, "efficientnet_lite0": 13_800_000}
    design = study.model.model_copy(update={"further_extractors": tuple(networks)})
    mixed = study.model_copy(update={"model": design})
    with_choice = reply.model_copy(update={"study": mixed, "further_bytes": networks})
    joining.on_worker_event_emitted(InvitationSeen(invitation, with_choice, offer, False))
    wizard.extractor.buttons["resnet18"].setFocus()
    camera.take("10g-joining-network", wizard)
    joining.on_worker_event_emitted(InvitationSeen(invitation, reply, offer, False))
    wizard.show_step(IMAGES)
    camera.take("10d-joining-images", wizard)
    wizard.show_step(WAY)
    pretend_preflight(wizard.way)
    camera.take("10e-joining-way", wizard)
    joining._show_summary(wizard)
    wizard.show_step(CONSENT)
    wizard.consent.reader_name.setText("Dr. Ada Lovelace")
    camera.take("10f-joining-consent", wizard)
    wizard.reject()


def pretend_preflight(panel: PreflightPanel) -> None:
    """Show findings of every kind."""
    panel.begin(has_authorities=True)
    for checked in (
        Checked("proxy", "good", Phrase("The way out is the proxy {0}.", ("proxy.anna.example",))),
        other_certificate("St. Anna Web Filter"),
        Checked("clock", "note", Phrase("This computer's clock is {0} minutes fast.", ("4",)), "it",
                Phrase("Let this computer take its time from a time server, and look at its time "
                       "zone.")),
        Checked("disk", "good", Phrase("{0} GB are free on the disk of this project.", ("212.4",))),
        Checked("images", "good", Phrase("{0}: {1} images.", ("Melanoma", "14"))),
        Checked("computer", "good", Phrase("{0}: {1}", ("Device", "Training uses the processor."))),
    ):  # fmt: skip
        panel.add(checked)
    panel.finish(PreflightFinished(1, 1))
    panel.allow_again()


def a_membership() -> Membership:
    """Return a place in an invented study."""
    study = Study(
        name="Pigmented lesions across scanners",
        task="Tell melanoma, nevus and keratosis apart in dermoscopy, whatever the dermatoscope.",
        owner="Prof. A. Example, University Hospital",
        classes=tuple(LesionClass(class_id=uuid4(), name=name) for name in CLASSES),
    )
    return Membership(
        study_id="pigmented-lesions",
        site_id=str(UUID(int=7)),
        site_name="St. Anna Hospital",
        coordinator_url="https://study.example.org",
        credential=new_credential(),
        study=study,
    )


def pretend_rounds(window: MainWindow) -> None:
    """Show five rounds of a study as their events would."""
    controller = window.taking_part
    window.study.show_running(True)
    say = controller.on_worker_event_emitted
    say(StudyOpened("pigmented-lesions", "", "", 20, 30, 7, "CPU, 1 of 2 cores"))
    for number in range(6):
        if number in {1, 3, 4}:
            say(RoundJoined(number, 20))
            before, after = (LesionMetrics(sample_count=7, auc=0.5 + 0.05 * n)
                             for n in (number, number + 1))  # fmt: skip
            say(RoundTrained(number, before, after))
            say(UpdateSent(number, 412_000, 30))
        elif number:
            say(RoundWaited("", number, 20, False, 3, 1, 6))
        right = 0.4 + 0.08 * number
        metrics = LesionMetrics(sample_count=7, accuracy=right, auc=right + 0.06)
        say(ParametersLoaded(number, 20, "0" * 64, 412_000, metrics))
    say(RoundJoined(6, 20))
    say(StepFinished(65, 240, 0.5, 1, 1, 0.8, 0.5, 0.3, 0.4, 0.1))
