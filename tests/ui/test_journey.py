"""One person's first day with the program, with real clicks and keys and a real coordinator."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.demo.processes import Coordinator, running_sites
from desktop_client.federation.membership import global_model_path
from desktop_client.gui.main_window import MainWindow
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.owned_coordinator import owned_coordinator
from tests.scenes import draw, new_site, write_study
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
KINDS = ("dot", "ring")
IMAGE_COUNT = 16
PROCESS_MS = 150_000
"""For processes that import torch first, on a machine that has other work."""


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    with owned_coordinator(tmp_path / "coordinator") as running:
        yield running


@pytest.fixture
def codes(coordinator: Coordinator, tmp_path: Path) -> list[str]:
    """One code for the person at the window and one for another hospital."""
    rounds = {"accept_first_proposal": True, "count": 2}
    study_id = coordinator.create_study(write_study(tmp_path / "study.toml", rounds=rounds))
    return coordinator.invite(study_id, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Dots and rings in turn, in one folder, with nothing that says which is which."""
    images = tmp_path / "archive"
    images.mkdir()
    for number in range(IMAGE_COUNT):
        draw(KINDS[number % 2], seed=number).save(images / f"{number:02}.png")
    return images


@pytest.mark.timeout(400)
@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform, of the wizard's window
def test_a_person_labels_trains_stops_joins_a_study_and_sees_its_rounds_finish(
    window: MainWindow,
    home: Home,
    folder: Path,
    coordinator: Coordinator,
    codes: list[str],
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    # Open a folder.
    answers.folder = folder
    click(button_named(window, "Open folder …"))
    qtbot.waitUntil(lambda: window.images._progress_words.text() == "0 of 16 labelled")

    # Add the classes and label with keys.
    for kind in KINDS:
        QTest.keyClicks(window.images.classes._line, kind)
        QTest.keyClick(window.images.classes._line, Qt.Key.Key_Return)
    window.images.sight._order.setCurrentIndex(1)  # by file name
    window.images.grid.setFocus()
    QTest.keyClick(window.images.grid, Qt.Key.Key_Home)
    QTest.keyClicks(window.images.grid, "12" * (IMAGE_COUNT // 2))
    assert window.images._progress_words.text() == "16 of 16 labelled"
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        labels = {s.path.name: names[s.class_id] for s in store.samples() if s.class_id}
    assert labels == {f"{number:02}.png": KINDS[number % 2] for number in range(IMAGE_COUNT)}

    # Train for a few steps and stop.
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    window.training.settings.epochs.setValue(1000)
    click(button_named(window, "Start training"))
    curves = window.own_training
    qtbot.waitUntil(lambda: len(curves._curves.lesion_loss.xs) > 3, timeout=PROCESS_MS)
    click(button_named(window, "Stop training"))
    qtbot.waitUntil(lambda: not curves.is_running, timeout=10_000)

    # Join a study.
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    click(button_named(window, "Join a study …"))
    wizard = window.studies.joining.wizard
    assert wizard is not None
    click(button_named(wizard, "I have an address and a code"))
    QTest.keyClicks(wizard.invitation.address, coordinator.url)
    QTest.keyClicks(wizard.invitation.code, codes[0])
    click(button_named(wizard, "Next"))
    qtbot.waitUntil(lambda: wizard.step == 1, timeout=20_000)
    for _ in range(3):
        click(button_named(wizard, "Next"))
    QTest.keyClicks(wizard.consent.site_name, "St. Anna")
    QTest.keyClicks(wizard.consent.reader_name, "Dr. Ada")
    wizard.consent.agrees.setChecked(True)
    click(button_named(wizard, "Join the study"))
    qtbot.waitUntil(lambda: window.study.facts.isVisible(), timeout=20_000)
    assert window.study.facts._name.text() == "Dots and rings"

    # Take part, together with another hospital that runs without a window.
    other = new_site(tmp_path / "other", {"dot": 8, "ring": 8}, seed=1)
    command = ["join", "--home", str(other.path), "--device", "cpu", "--site-name", "Other"]
    command += ["--coordinator", coordinator.url, "--code", codes[1]]
    with running_sites({"other": command}, tmp_path / "logs") as sites:
        click(button_named(window, "Start taking part"))
        qtbot.waitUntil(
            lambda: not window.taking_part.is_running and not sites.are_running(),
            timeout=PROCESS_MS,
        )

    # See the rounds finish.
    assert window.study._problem.text() == ""
    assert window.study._round.text() == "The study is finished"
    rows = [
        [window.rounds.index(row, column).data() for column in (0, 1)]
        for row in range(window.rounds.rowCount())
    ]
    images = window.taking_part._histories
    sent = next(iter(images.values())).rounds[1].sent_count
    assert rows == [
        ["2", f"took part, {sent} images"],
        ["1", f"took part, {sent} images"],
        ["start", "–"],
    ]
    mine, theirs = (
        next(place.memberships_path.glob("*/global.safetensors")).read_bytes()
        for place in (home, other)
    )
    assert mine == theirs


def test_where_the_study_keeps_its_model_is_where_the_journey_looks(home: Home) -> None:
    assert global_model_path(home, "study") == home.memberships_path / "study/global.safetensors"
