"""Starts the desktop program; everything slow comes after the first paint."""

import argparse
import logging
import multiprocessing
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop_client.errors import SettingsError
from desktop_client.gui.first_paint import FirstPaint
from desktop_client.gui.icons import icon
from desktop_client.gui.session import Session
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.paths import HOME_VARIABLE, Home, UserFolder
from desktop_client.settings import ClientSettings, load_settings
from desktop_client.support.log import LOG_COUNT, LOG_FORMAT

logger = logging.getLogger(__name__)

LOG_LIMIT_BYTES: Final = 2_000_000
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
    parser.add_argument(
        "--home", type=Path, help="a project's folder, in which settings are kept, too"
    )
    parser.add_argument(
        "--until-painted", action="store_true", help="say when the window is painted, and end"
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="FILE or FOLDER",
        help="images, folders of images or a CSV to open; a project's folder, or a back-up of one",
    )
    chosen = parser.parse_args(arguments)
    user, home, paths = places_of(chosen.home, [path.absolute() for path in chosen.paths])
    app = new_application()
    if chosen.until_painted:
        FirstPaint(app).seen.connect(_say_painted)
    dialogs = Dialogs()
    try:
        start_log(user.create().log_path)
    except OSError as error:
        dialogs.show_problem(
            app.translate(
                "app", "The folder {0} cannot be used: {1}. Choose another with --home."
            ).format(user.path, error.strerror)
        )
        return 1
    report_unexpected_errors(dialogs)
    settings = settings_of(user, dialogs)
    use_language(settings.language)
    app.setQuitOnLastWindowClosed(False)  # between two projects there is none
    session = Session(user, settings, dialogs)
    session.ended.connect(app.quit)
    return app.exec() if session.begin(home, paths) else 0


def _say_painted() -> None:
    if sys.stdout is not None:  # as in a program without console on Windows
        sys.stdout.write("painted\n")
        sys.stdout.flush()
    QApplication.quit()


def places_of(
    home_path: Path | None, paths: Sequence[Path]
) -> tuple[UserFolder, Home | None, list[Path]]:
    """Return where the user's own is, which project is asked for, and what to open in it."""
    if home_path is not None or HOME_VARIABLE in os.environ:
        home = Home.default() if home_path is None else Home(home_path.absolute())
        return UserFolder(home.path), home, list(paths)
    projects = [path for path in paths if Home(path).is_project]
    others = [path for path in paths if path not in projects]
    return UserFolder.default(), Home(projects[0]) if projects else None, others


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
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)


def settings_of(user: UserFolder, dialogs: Dialogs) -> ClientSettings:
    """Return the stored settings, or, after saying what is wrong with them, the defaults.

    A damaged file is put aside, so that saving the defaults does not cost what is still in it.
    Until there are settings of this user, those that earlier versions kept in the default project
    count.
    """
    path = user.settings_path
    if not path.exists() and user == UserFolder.default():
        path = Home.default().settings_path
    try:
        return load_settings(path)
    except SettingsError as error:
        logger.warning("Settings cannot be read: %s", error)
        kept = path.with_name("settings.damaged.json")
        with suppress(OSError):
            path.replace(kept)
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
