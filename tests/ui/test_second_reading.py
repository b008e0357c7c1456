"""A second reading by keys and mouse: blind in every corner, compared and settled afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.models.sample_model import Role
from desktop_client.gui.views.agreement_dialog import AgreementDialog
from desktop_client.gui.views.draw_dialog import DrawDialog
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
CONTROL = Qt.KeyboardModifier.ControlModifier

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""


@pytest.fixture
def labelled(window: MainWindow, images: Path, answers: Answers, qtbot: QtBot) -> MainWindow:
    """Dr. Ada said Melanoma of three images and Nevus of three; Dr. Grace is signed in now."""
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Melanoma", "Nevus"])
    window.images.grid.setFocus()
    window.images.grid.go_to(0)
    QTest.keyClicks(window.images.grid, "111222")
    answers.note = "surely a melanoma"
    QTest.keyClick(window, Qt.Key.Key_M, CONTROL)
    answers.reader_name = "Dr. Grace"
    window.footer._reader.click()
    return window


def begin(window: MainWindow, qtbot: QtBot) -> None:
    """Draw all images, as a person does with the keyboard."""
    window.menus.actions["second_reading"].trigger()
    (dialog,) = window.findChildren(DrawDialog)
    assert dialog._count.text() == "1 of 6 images"
    dialog.percent.setFocus()
    dialog.percent.selectAll()
    QTest.keyClicks(dialog.percent, "100")
    dialog.seed.setValue(3)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.images.reading_bar.isVisible())


def labels_on_disk(home: Home) -> list[str | None]:
    with LabelStore(home.labels_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        samples = sorted(store.samples(), key=lambda s: s.path.name)
        return [names[s.class_id] if s.class_id else None for s in samples]


def everything_said(window: MainWindow) -> str:
    """Return every word that the images' part of the window shows, or says of an image."""
    model = window.images.grid.model()
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    said = [
        str(model.index(row, 0).data(role)) for row in range(model.rowCount()) for role in roles
    ]
    for label in window.images.preview.findChildren(QLabel):
        said += [label.text(), label.toolTip()]
    said += [label.text() for label in window.images.classes.findChildren(QLabel)]
    return "\n".join(said)


def test_in_a_second_reading_nothing_tells_the_first_label(
    labelled: MainWindow, qtbot: QtBot
) -> None:
    labelled.images.grid.go_to(5)
    begin(labelled, qtbot)
    shown = [labelled.images.grid.model().index(row, 0) for row in range(6)]
    assert [index.data(Role.TILE).lesion_class for index in shown] == [None] * 6
    assert [index.data(Role.SAMPLE).class_id for index in shown] == [None] * 6
    said = everything_said(labelled)
    for secret in ("melanoma", "red", "blue", ".png"):
        assert secret not in said
    assert "3 / 6" in said
    assert [row._count.text() for row in labelled.images.classes._rows] == ["0", "0"]
    assert labelled.images._progress_words.text() == "0 of 6 labelled"


def test_what_an_import_brings_meanwhile_stays_hidden(
    labelled: MainWindow, images: Path, qtbot: QtBot
) -> None:
    begin(labelled, qtbot)
    labelled.importing.open_folder(images)
    qtbot.waitUntil(lambda: not labelled.importing.is_running)
    assert labelled.samples.rowCount() == 6
    assert all(sample.class_id is None for sample in labelled.samples.samples)


def test_second_reads_are_kept_beside_the_labels_with_an_undo_of_their_own(
    labelled: MainWindow, home: Home, qtbot: QtBot
) -> None:
    before = labels_on_disk(home)
    begin(labelled, qtbot)
    QTest.keyClicks(labelled.images.grid, "112")
    assert labelled.images._progress_words.text() == "3 of 6 labelled"
    for _ in range(5):
        QTest.keyClick(labelled, Qt.Key.Key_Z, CONTROL)
    assert labelled.images._progress_words.text() == "0 of 6 labelled"
    QTest.keyClick(labelled, Qt.Key.Key_Y, CONTROL)
    assert labelled.images._progress_words.text() == "1 of 6 labelled"
    assert labels_on_disk(home) == before


def test_exclusions_and_notes_wait(labelled: MainWindow, qtbot: QtBot) -> None:
    begin(labelled, qtbot)
    QTest.keyClick(labelled, Qt.Key.Key_E, CONTROL)
    assert "wait until the second reading" in labelled.notice.sentence
    assert not labelled.images.classes._exclude.isEnabled()


def test_an_open_second_reading_binds_its_reader_and_nobody_else(
    labelled: MainWindow, answers: Answers, qtbot: QtBot
) -> None:
    begin(labelled, qtbot)
    QTest.keyClicks(labelled.images.grid, "1")
    answers.reader_name = "Dr. Ada"
    labelled.footer._reader.click()
    assert not labelled.images.reading_bar.isVisible()
    assert labelled.images._progress_words.text() == "6 of 6 labelled"
    answers.reader_name = "Dr. Grace"
    labelled.footer._reader.click()
    assert labelled.images.reading_bar.isVisible()
    assert labelled.images._progress_words.text() == "1 of 6 labelled"
    labelled.menus.actions["agreement"].trigger()
    assert labelled.notice.sentence.endswith("End the second reading first.")


def test_an_open_second_reading_goes_on_when_the_program_starts_again(
    labelled: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    begin(labelled, qtbot)
    QTest.keyClicks(labelled.images.grid, "12")
    labelled.close()
    again = open_window()
    again.reading.sign_in("Dr. Grace")
    assert again.images.reading_bar.isVisible()
    assert again.images._progress_words.text() == "2 of 6 labelled"
    assert "melanoma" not in everything_said(again)


def test_ending_early_is_asked_and_can_be_thought_better_of(
    labelled: MainWindow, answers: Answers, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    begin(labelled, qtbot)
    answers.is_confirmed = False
    click(button_named(labelled.images, "End second reading"))
    assert answers.asked[-1] == "6 images are not read yet."
    assert labelled.images.reading_bar.isVisible()


@pytest.fixture
def compared(labelled: MainWindow, click: Click, button_named: Find, qtbot: QtBot) -> MainWindow:
    """Dr. Grace said Melanoma of all six images and ended her second reading."""
    begin(labelled, qtbot)
    QTest.keyClicks(labelled.images.grid, "111111")
    click(button_named(labelled.images, "End second reading"))
    return labelled


def test_the_agreement_shows_each_pair_with_kappa_its_interval_and_the_table(
    compared: MainWindow,
) -> None:
    (dialog,) = compared.findChildren(AgreementDialog)
    cells = [dialog.pairs.model().index(0, column).data() for column in range(6)]
    assert cells == ["Dr. Ada", "Dr. Grace", "6", "50 %", "0.00", "–"]
    said = dialog.confusion.model()
    table = [[said.index(row, column).data() for column in range(2)] for row in range(2)]
    assert table == [["3", "0"], ["3", "0"]]
    dialog.close()


def test_disagreements_are_settled_with_both_opinions_in_sight(
    compared: MainWindow, home: Home, answers: Answers, click: Click, button_named: Find
) -> None:
    (dialog,) = compared.findChildren(AgreementDialog)
    click(button_named(dialog, "Settle 3 disagreements"))
    bar = compared.images.reading_bar
    assert compared.images.grid.model().rowCount() == 3
    assert [label.text() for label in bar.findChildren(QLabel) if "Dr." in label.text()] == [
        "Dr. Ada",
        "Dr. Grace",
    ]
    answers.reader_name = "Dr. Cleo"
    QTest.keyClicks(compared.images.grid, "2")
    assert "1 of 3 settled" in bar._words.text()
    click(button_named(bar, "Decide for Melanoma, as Dr. Grace said"))
    assert labels_on_disk(home).count("Melanoma") == 4
    click(button_named(bar, "Back to all images"))
    assert compared.images.grid.model().rowCount() == 6
    with LabelStore(home.labels_path) as store:
        assert len(store.second_readings.disagreements()) == 1
        assert [e.kind for e in store.audit.entries()].count("settle") == 2


def test_what_readers_disagree_about_can_be_shown_alone(compared: MainWindow) -> None:
    box = compared.images.sight._filter
    box.setCurrentIndex(box.findText("disagreement"))
    assert compared.images.grid.model().rowCount() == 3
    box.setCurrentIndex(0)
    assert compared.images.grid.model().rowCount() == 6


def test_what_tells_labels_or_names_waits_until_the_end(
    labelled: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    telling: list[QAction | QAbstractButton] = [
        *(labelled.menus.actions[name] for name in ("export_labels", "audit_export")),
        labelled.training._results,
    ]
    begin(labelled, qtbot)
    assert not any(way.isEnabled() for way in telling)
    click(button_named(labelled.images, "End second reading"))
    assert all(way.isEnabled() for way in telling)


def test_while_reading_blindly_no_disagreement_is_offered(
    labelled: MainWindow, qtbot: QtBot
) -> None:
    begin(labelled, qtbot)
    QTest.keyClicks(labelled.images.grid, "111111")
    assert labelled.images.sight._filter.findText("disagreement") == -1


def test_a_decision_is_undone_but_nothing_older(compared: MainWindow, home: Home) -> None:
    for dialog in compared.findChildren(AgreementDialog):
        dialog.close()
    compared.menus.actions["settle"].trigger()
    before = labels_on_disk(home)
    QTest.keyClicks(compared.images.grid, "1")
    QTest.keyClick(compared, Qt.Key.Key_0)
    for _ in range(3):
        compared.menus.actions["undo"].trigger()
    assert labels_on_disk(home) == before
    assert "0 of 3 settled" in compared.images.reading_bar._words.text()


def test_without_other_readers_labels_there_is_nothing_to_read_again(
    labelled: MainWindow, answers: Answers
) -> None:
    answers.reader_name = "Dr. Ada"
    labelled.footer._reader.click()
    labelled.menus.actions["second_reading"].trigger()
    assert "Nobody else has labelled" in labelled.notice.sentence
    assert labelled.findChildren(DrawDialog) == []
