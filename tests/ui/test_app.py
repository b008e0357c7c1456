import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_client.gui.app import report_unexpected_errors, run, settings_of, start_log
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.paths import Home, UserFolder
from desktop_client.settings import ClientSettings
from tests.ui.conftest import AnsweringDialogs, Answers

WITHOUT_TORCH = """
import sys
for name in ("torch", "torchvision", "sklearn"):
    sys.modules[name] = None  # importing it now raises ImportError
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop_client.gui import app
from desktop_client.gui.main_window import MainWindow
def look_around():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    for page in range(3):
        window.show_page(page)
        QApplication.processEvents()
    window.help.show_how_it_works()
    QApplication.processEvents()
    window.close()
application = app.new_application()
QTimer.singleShot(1500, look_around)
sys.exit(app.run(["--home", sys.argv[1]]))
"""


def test_the_program_starts_shows_every_page_and_help_and_ends_without_ever_loading_torch(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "home" / "labels.sqlite").exists()
    assert json.loads((tmp_path / "home" / "settings.json").read_text())["window_geometry"]


def test_nothing_is_loaded_before_the_window_is_there_that_only_later_work_needs() -> None:
    decoding_and_drawing = ("matplotlib", "pydicom", "pyqtgraph", "scipy", "tifffile")
    later = (*decoding_and_drawing, "requests", "urllib3", "desktop_client.demo.phantoms")
    command = f"import sys, desktop_client.gui.app; print({{*{later}}} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_start_can_be_timed_until_the_window_is_painted(tmp_path: Path) -> None:
    start = [sys.executable, "-m", "desktop_client.gui", "--home", str(tmp_path / "home")]
    done = subprocess.run([*start, "--until-painted"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "painted\n", "")
    assert (tmp_path / "home" / "labels.sqlite").exists()


def test_a_home_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Dialogs, "show_problem", lambda _self, words: told.append(words))
    (tmp_path / "file").write_text("not a folder")
    assert run(["--home", str(tmp_path / "file")]) == 1
    assert len(told) == 1
    assert str(tmp_path / "file") in told[0]


def test_damaged_settings_are_put_aside_and_the_defaults_used(
    home: Home, answers: Answers, qapp: QApplication, expected_warnings: list[object]
) -> None:
    home.settings_path.write_text('{"thumbnail_size_px": 7}')
    user = UserFolder(home.path)
    assert settings_of(user, AnsweringDialogs(answers)) == ClientSettings()
    kept = home.path / "settings.damaged.json"
    assert kept.read_text() == '{"thumbnail_size_px": 7}'
    assert "thumbnail_size_px" in answers.asked[0]
    assert str(kept) in answers.asked[0]
    assert len(expected_warnings) == 1


def test_an_unexpected_error_is_logged_and_told_without_its_traceback(
    answers: Answers,
    qapp: QApplication,
    expected_warnings: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    report_unexpected_errors(AnsweringDialogs(answers))
    error = ZeroDivisionError("1/0")
    sys.excepthook(ZeroDivisionError, error, None)
    assert "ZeroDivisionError" not in answers.asked[0]
    assert expected_warnings[0].exc_info is not None


def test_the_log_never_grows_beyond_its_limit(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    start_log(tmp_path / "siteblind.log")
    handler = next(h for h in root.handlers if h not in before)
    try:
        for _ in range(30):
            logging.getLogger("desktop_client.test").info("%s", "x" * 100_000)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    files = sorted(tmp_path.glob("siteblind.log*"))
    assert len(files) == 2
    assert all(file.stat().st_size <= 2_000_000 for file in files)
