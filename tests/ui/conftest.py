"""A window as a person finds it, with dialogs that answer by themselves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.dialogs import Dialogs, FolderNames, TakeBackAnswer
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings


@dataclass
class Answers:
    """What the person answers, and what was asked."""

    folder: Path | None = None
    table: Path | None = None
    new_table: Path | None = None
    weights_file: Path | None = None
    new_folder: Path | None = None
    files: list[Path] = field(default_factory=list)
    dicomdir: Path | None = None
    search_folder: Path | None = None
    folder_names: FolderNames = FolderNames.NOTHING
    reader_name: str | None = "Dr. Ada"
    exclusion_reason: str | None = "blurred"
    note: str | None = None
    audit_trail: Path | None = None
    report: Path | None = None
    onnx: Path | None = None
    skipped_list: Path | None = None
    authorities: Path | None = None
    hand_over: Path | None = None
    take_back: TakeBackAnswer | None = None
    is_confirmed: bool = True
    asked: list[str] = field(default_factory=list)


class AnsweringDialogs(Dialogs):
    """Gives the answers at once, without a window."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers

    def pick_folder(self, start: Path | None) -> Path | None:
        return self._answers.folder

    def pick_files(self, start: Path | None) -> list[Path]:
        return self._answers.files

    def pick_dicomdir(self, start: Path | None) -> Path | None:
        return self._answers.dicomdir

    def pick_search_folder(self, start: Path | None) -> Path | None:
        self._answers.asked.append("where")
        return self._answers.search_folder

    def pick_table(self, start: Path | None) -> Path | None:
        return self._answers.table

    def pick_weights_file(self, start: Path | None) -> Path | None:
        return self._answers.weights_file

    def pick_new_table(self, start: Path | None) -> Path | None:
        return self._answers.new_table

    def pick_authorities(self) -> Path | None:
        return self._answers.authorities

    def pick_new_folder(self, start: Path | None) -> Path | None:
        return self._answers.new_folder

    def ask_folder_names(self, folder: Path, names: Sequence[str]) -> FolderNames:
        self._answers.asked.append(", ".join(names))
        return self._answers.folder_names

    def ask_reader(self, known: Sequence[str], present: str) -> str | None:
        self._answers.asked.append("reader")
        return self._answers.reader_name

    def pick_new_skipped_list(self, start: Path | None) -> Path | None:
        return self._answers.skipped_list

    def pick_new_report(self, suffix: str, start: Path | None) -> Path | None:
        self._answers.asked.append(suffix)
        return self._answers.report

    def pick_new_card(self, proposed: Path) -> Path | None:
        self._answers.asked.append(proposed.name)
        return proposed

    def pick_new_onnx(self, proposed: Path) -> Path | None:
        self._answers.asked.append(proposed.name)
        return self._answers.onnx

    def pick_new_audit_trail(self) -> Path | None:
        return self._answers.audit_trail

    def ask_exclusion_reason(self, count: int) -> str | None:
        return self._answers.exclusion_reason

    def ask_note(self, count: int, present: str) -> str | None:
        self._answers.asked.append(present)
        return self._answers.note

    def confirm(self, question: str, explanation: str, action: str) -> bool:
        self._answers.asked.append(question)
        return self._answers.is_confirmed

    def ask_take_back(self, study_name: str) -> TakeBackAnswer | None:
        self._answers.asked.append(study_name)
        return self._answers.take_back

    def pick_hand_over_to_write(self, name: str) -> Path | None:
        return self._answers.hand_over

    def pick_hand_over_to_read(self) -> Path | None:
        return self._answers.hand_over

    def show_problem(self, sentence: str) -> None:
        self._answers.asked.append(sentence)


@pytest.fixture(autouse=True)
def _as_just_started() -> Iterator[None]:
    """Leave neither widgets nor a style: Qt would style all of them anew for every later window."""
    yield
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.setStyleSheet("")


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def open_window(home: Home, answers: Answers, qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """Open the window on the same home as often as a test wants to; all are closed at its end."""
    opened: list[MainWindow] = []

    def open_one() -> MainWindow:
        window = MainWindow(home, ClientSettings(), AnsweringDialogs(answers))
        opened.append(window)
        window.show()
        with qtbot.waitActive(window):  # without a window manager nobody else gives it the keys
            window.activateWindow()
        window.start()
        return window

    yield open_one
    answers.is_confirmed = True
    for window in opened:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Six images in a folder: three reddish, then three bluish."""
    folder = tmp_path / "images"
    write_images(folder, ("red",) * 3 + ("blue",) * 3)
    return folder


def write_images(folder: Path, colours: Sequence[str], size_px: int = 48) -> None:
    """Write one noisy PNG per colour; no two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    shades = {"red": (190, 90, 90), "blue": (90, 90, 190)}
    for number, colour in enumerate(colours):
        noise = np.random.default_rng(number).integers(-40, 40, (size_px, size_px, 3))
        pixels = np.clip(np.array(shades[colour]) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03d}_{colour}.png")


@pytest.fixture
def click() -> Callable[[QAbstractButton], None]:
    """Click a button that can be seen, where a person would."""

    def click_it(button: QAbstractButton) -> None:
        assert button.isVisible(), button.text()
        assert button.isEnabled(), button.text()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=_middle(button))

    return click_it


def _middle(widget: QWidget) -> QPoint:
    return widget.rect().center()


@pytest.fixture
def button_named() -> Callable[[QWidget, str], QAbstractButton]:
    """Find the visible button that is read aloud by this name, as a screen reader does."""

    def find(widget: QWidget, name: str) -> QAbstractButton:
        found = [
            button
            for button in widget.findChildren(QAbstractButton)
            if button.isVisible() and name in (button.accessibleName(), button.text())
        ]
        assert len(found) == 1, f"{len(found)} visible buttons are named {name!r}"
        return found[0]

    return find
