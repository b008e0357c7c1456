"""Starts the desktop program; everything slow comes after the first paint."""

import argparse
import logging
import multiprocessing
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop_client.errors import SettingsError
from desktop_client.gui.icons import icon
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings, load_settings

logger = logging.getLogger(__name__)

LOG_LIMIT_BYTES: Final = 2_000_000
LOG_COUNT: Final = 3
SMALLEST_FONT_PT: Final = 10.0
"""Desktops' default of 9 pt is small for an hour of labelling; a larger choice is kept."""


def main() -> None:
    """Run the program until its window is closed."""
    multiprocessing.freeze_support()  # a frozen program's compute process begins here too
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the program with these arguments and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="siteblind-desktop", description="SiteBlind. Research use only."
    )
    parser.add_argument("--home", type=Path, help="folder of this site; default: the user's own")
    chosen = parser.parse_args(arguments)
    home = Home.default() if chosen.home is None else Home(chosen.home.absolute())
    app = new_application()
    dialogs = Dialogs()
    try:
        start_log(home.create().log_path)
    except OSError as error:
        dialogs.show_problem(
            app.translate(
                "app", "The folder {0} cannot be used: {1}. Choose another with --home."
            ).format(home.path, error.strerror)
        )
        return 1
    report_unexpected_errors(dialogs)
    window = MainWindow(home, settings_of(home, dialogs))
    window.show()
    QTimer.singleShot(0, window.start)
    return app.exec()


def new_application() -> QApplication:
    """Return the application with its name, version and icon."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["siteblind-desktop"])
    font = app.font()
    if font.pointSizeF() < SMALLEST_FONT_PT:
        font.setPointSizeF(SMALLEST_FONT_PT)
        app.setFont(font)
    app.setApplicationName("SiteBlind")
    app.setApplicationVersion(metadata.version("siteblind"))
    app.setWindowIcon(icon("siteblind", "#000000"))
    QGuiApplication.setDesktopFileName("siteblind")
    return app


def start_log(path: Path) -> None:
    """Write the program's log to a file that never grows beyond 2 MB, keeping three old ones."""
    handler = RotatingFileHandler(
        path, maxBytes=LOG_LIMIT_BYTES, backupCount=LOG_COUNT, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)


def settings_of(home: Home, dialogs: Dialogs) -> ClientSettings:
    """Return the stored settings, or, after saying what is wrong with them, the defaults.

    A damaged file is put aside, so that saving the defaults does not cost what is still in it.
    """
    try:
        return load_settings(home.settings_path)
    except SettingsError as error:
        logger.warning("Settings cannot be read: %s", error)
        kept = home.settings_path.with_name("settings.damaged.json")
        with suppress(OSError):
            home.settings_path.replace(kept)
        aside = dialogs.tr("The defaults are used now; the file was put aside as {0}.")
        dialogs.show_problem(f"{error}\n\n{aside.format(kept)}")
        return ClientSettings()


def report_unexpected_errors(dialogs: Dialogs) -> None:
    """Log what nobody expected and say so, instead of closing the window without a word."""

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        logger.critical("Unexpected error", exc_info=(kind, error, traceback))
        dialogs.show_problem(
            dialogs.tr("Something unexpected happened; your labels are safe. See the log.")
        )

    sys.excepthook = report
