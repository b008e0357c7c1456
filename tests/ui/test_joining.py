"""The way into a study as a person goes it: paste, look, choose, check, agree."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from coordinator.invitation import Invitation, write_invitation
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import CertificateDiffersError, CoordinatorAwayError
from desktop_client.federation.findings import Checked, Phrase, PreflightFinished
from desktop_client.federation.membership import membership_of
from desktop_client.federation.network import keep_authorities, trust_of
from desktop_client.federation.preflight import PreflightRequest
from desktop_client.gui.controllers.joining import _refused
from desktop_client.gui.controllers.preflight import PreflightRun
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.views.join_wizard import CONSENT, IMAGES, INVITATION, WAY, JoinWizard
from desktop_client.gui.views.join_wizard import STUDY as THE_STUDY
from desktop_client.gui.views.preflight_panel import PreflightSheet
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.federation.certificates import new_authority
from tests.federation.conftest import create_study
from tests.owned_coordinator import owned_coordinator
from tests.scenes import CLASS_IDS, new_site, write_study

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
ANSWER_MS = 30_000

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coordinator]:
    with owned_coordinator(tmp_path_factory.mktemp("coordinator")) as running:
        yield running


@pytest.fixture(scope="module")
def invitations(coordinator: Coordinator) -> Iterator[Invitation]:
    study_id = coordinator.create_study(write_study(coordinator.folder / "study.toml"))
    codes = coordinator.invite(study_id, 2)
    return (Invitation(coordinator.url, study_id, code) for code in codes)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A site with labels of its own, one of them by another name than the study's."""
    return new_site(tmp_path, {"dot": 22, "circle": 5})


@pytest.fixture
def wizard(window: MainWindow, click: Click, button_named: Find) -> JoinWizard:
    window.show_page(STUDY)
    click(button_named(window.study, "Join a study …"))
    opened = window.studies.joining.wizard
    assert opened is not None
    return opened


def test_a_site_joins_with_a_pasted_invitation_its_own_classes_and_a_name(
    window: MainWindow,
    wizard: JoinWizard,
    invitations: Iterator[Invitation],
    home: Home,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    invitation = next(invitations)
    mail = f"Dear colleague,\n> {write_invitation(invitation)}\nBest wishes"
    wizard.invitation.invitation.setPlainText(mail)
    click(button_named(wizard, "Next"))
    qtbot.waitUntil(lambda: wizard.step == THE_STUDY, timeout=ANSWER_MS)
    assert wizard.facts._name.text() == "Dots and rings"
    assert "at least 20 images" in wizard.facts._sent.text()

    click(button_named(wizard, "Next"))
    assert wizard.step == IMAGES
    boxes = {box.accessibleName(): box for box in wizard.contribution.classes.values()}
    assert boxes["“dot” means in the study"].currentText() == "means “dot”"
    circle = boxes["“circle” means in the study"]
    assert circle.currentText() == "takes no part"
    assert wizard.contribution._outcome.text() == (
        "22 images take part, of 1 scanner. Nothing of yours means: ring."
    )
    circle.setCurrentIndex(circle.findText("means “ring”"))
    assert wizard.contribution._outcome.text() == "27 images take part, of 1 scanner."

    click(button_named(wizard, "Next"))
    assert wizard.step == WAY
    qtbot.waitUntil(lambda: wizard.way.state.startswith("✓"), timeout=120_000)
    click(button_named(wizard, "Copy all of it for your IT department"))
    copied = QGuiApplication.clipboard().text()
    assert "✓ In order: Invitation or membership. The invitation is good" in copied
    assert invitation.code not in copied

    click(button_named(wizard, "Next"))
    assert wizard.step == CONSENT
    join = button_named(wizard, "Join the study")
    QTest.keyClicks(wizard.consent.site_name, "St. Anna")
    QTest.keyClicks(wizard.consent.reader_name, "Dr. Ada")
    assert not join.isEnabled()  # nobody has agreed yet
    wizard.consent.agrees.setChecked(True)
    click(join)
    qtbot.waitUntil(lambda: window.studies.joining.wizard is None, timeout=ANSWER_MS)

    assert window.study.facts._name.text() == "Dots and rings"
    with LabelStore(home.labels_path) as store:
        own = {c.name: c.class_id for c in store.classes()}
        consents = [e for e in store.audit.entries() if e.kind == "study_consented"]
    contribution = membership_of(home, invitation.study_id).contribution
    assert str(contribution.classes[own["circle"]]) == CLASS_IDS["ring"]
    assert [entry.reader for entry in consents] == ["Dr. Ada"]
    assert json.loads(consents[0].details)["site_name"] == "St. Anna"


def test_a_study_with_several_networks_asks_by_keyboard_which_one_this_site_trains(
    window: MainWindow, wizard: JoinWizard, home: Home, click: Click, button_named: Find,
    qtbot: QtBot, coordinator: Coordinator,
) -> None:  # fmt: skip
    model = {"further_extractors": ["efficientnet_b0"]}
    study_id = create_study(coordinator, write_study(coordinator.folder / "m.toml", model=model))
    (code,) = coordinator.invite(study_id, 1)
    invitation = write_invitation(Invitation(coordinator.url, study_id, code))
    wizard.invitation.invitation.setPlainText(invitation)
    click(button_named(wizard, "Next"))
    qtbot.waitUntil(lambda: wizard.step == THE_STUDY, timeout=ANSWER_MS)
    small, large = wizard.extractor.buttons.values()
    assert small.isChecked()  # there is no graphics card here
    words = "Small network, for a computer without a graphics card (suits this computer)"
    assert small.text() == words
    assert large.text() == "EfficientNet-B0, for a computer with a graphics card"
    assert "4 times as slow" in large.accessibleDescription()
    assert "About 16.1 MB" in large.accessibleDescription()
    assert "a small network" in wizard.facts._model.text()

    small.setFocus()
    QTest.keyClick(small, Qt.Key.Key_Down)
    assert large.isChecked()
    assert "EfficientNet-B0" in wizard.facts._model.text()
    assert "About 16.1 MB" in wizard.facts._size.text()

    wizard.show_step(CONSENT)
    window.studies.joining.on_wizard_next_asked(WAY)
    assert "this site trains EfficientNet-B0" in wizard.consent._summary.text()
    QTest.keyClicks(wizard.consent.site_name, "St. Anna")
    QTest.keyClicks(wizard.consent.reader_name, "Dr. Ada")
    wizard.consent.agrees.setChecked(True)
    click(button_named(wizard, "Join the study"))
    qtbot.waitUntil(lambda: window.studies.joining.wizard is None, timeout=ANSWER_MS)
    assert membership_of(home, study_id).design.extractor == "efficientnet_b0"
    assert "EfficientNet-B0" in window.study.facts._model.text()
    with LabelStore(home.labels_path) as store:
        (consent,) = [e for e in store.audit.entries() if e.kind == "study_consented"]
    assert json.loads(consent.details)["extractor"] == "efficientnet_b0"


def test_what_is_no_invitation_is_refused_where_it_was_pasted(
    wizard: JoinWizard, click: Click, button_named: Find
) -> None:
    wizard.invitation.invitation.setPlainText("Dear colleague")
    click(button_named(wizard, "Next"))
    assert wizard.step == INVITATION
    assert "There is no invitation in this text" in wizard.invitation.problem.text()
    click(button_named(wizard, "I have an address and a code"))
    assert wizard.invitation.problem.text() == ""
    click(button_named(wizard, "Next"))
    assert wizard.invitation.problem.text() == "Enter both the address and the code."


def test_a_wrong_code_and_an_address_that_cannot_be_used_are_told_on_the_first_page(
    wizard: JoinWizard, coordinator: Coordinator, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    click(button_named(wizard, "I have an address and a code"))
    for address, told in ((coordinator.url, "not known here"), ("ftp://example.org", "https://")):
        wizard.invitation.address.setText(address)
        wizard.invitation.code.setText("0000")
        click(button_named(wizard, "Next"))
        qtbot.waitUntil(lambda: wizard.invitation.problem.text() != "", timeout=ANSWER_MS)
        assert told in wizard.invitation.problem.text()
        assert wizard.step == INVITATION


def test_what_can_be_done_about_a_certificate_is_offered_beside_what_is_wrong(
    window: MainWindow, wizard: JoinWizard
) -> None:
    refuse = window.studies.joining.on_worker_event_emitted
    refuse(_refused(CertificateDiffersError("Another certificate.")))
    assert wizard.invitation.accepts_other.isVisible()
    refuse(_refused(CoordinatorAwayError("Nobody answers.")))
    assert not wizard.invitation.accepts_other.isVisible()
    assert not wizard.invitation._authorities.isVisible()


def test_findings_say_how_bad_it_is_and_who_can_mend_it(wizard: JoinWizard) -> None:
    wizard.show_step(WAY)
    wizard.way.begin(has_authorities=False)
    wizard.way.add(
        Checked(
            "proxy",
            "problem",
            Phrase("The proxy {0} does not answer.", ("proxy:3128",)),
            "it",
            Phrase("Correct the proxy in this system's settings, or bring it back."),
        )
    )
    wizard.way.finish(PreflightFinished(1, 0))
    assert wizard.way.findings.as_text == (
        "✕ Problem: Proxy. The proxy proxy:3128 does not answer. Your IT department: Correct the "
        "proxy in this system's settings, or bring it back."
    )
    assert wizard.way.state == "✕ 1 problem to be mended before the first round."


def test_the_networks_certificate_is_forgotten_where_there_is_one(
    home: Home, tmp_path: Path, window: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    keep_authorities(home, new_authority(tmp_path, "Hospital Authority").path)
    sheet = PreflightSheet(window)
    looking = PreflightRun(sheet.panel, window.workers)
    sheet.show()
    looking.start(PreflightRequest(home.path, "no address", "", device=None))
    forget = button_named(sheet, "Trust our network's certificate no longer")
    click(forget)
    assert trust_of(home).authorities_path is None
    assert not forget.isVisible()
    qtbot.waitUntil(lambda: window.workers.running_count == 0)
    sheet.close()


def test_closing_the_wizard_joins_nothing(
    window: MainWindow, wizard: JoinWizard, click: Click, button_named: Find
) -> None:
    click(button_named(wizard, "Cancel"))
    assert window.studies.joining.wizard is None
    assert window.study._nothing.isVisible()
