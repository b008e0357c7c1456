"""Pictures of what lies around the work: first start, projects, help, log, report.

``xvfb-run -a python -m tests.ui.screenshots_projects OUTPUT_DIR [--theme light|dark]
[--language en|de]``
"""

import argparse
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop_client.demo.sample_project import make_sample_project
from desktop_client.gui.app import new_application
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.help_window import HelpWindow
from desktop_client.gui.views.log_window import LogWindow
from desktop_client.gui.views.project_dialogs import DeleteProjectDialog, NewProjectDialog
from desktop_client.gui.views.report_dialog import ReportDialog
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.gui.views.transfer_dialog import TransferDialog
from desktop_client.gui.views.welcome_dialog import WelcomeDialog
from desktop_client.paths import Home
from desktop_client.project.recent import recent_projects, remember_project
from desktop_client.settings import ClientSettings
from desktop_client.support.log import read_log
from desktop_client.support.report import ReportSource, make_report
from tests.ui.screenshots import Camera, SilentDialogs

LOG = """\
2026-11-27 10:00:00,123 INFO desktop_client.project: A project is open elsewhere
2026-11-27 10:00:01,000 WARNING desktop_client.imaging: Thumbnails of /srv/a/b.dcm are made anew
2026-11-27 10:04:01,000 ERROR desktop_client.training.process: The training process failed
Traceback (most recent call last):
  File "/opt/siteblind/desktop_client/training/step.py", line 88, in training_step
MemoryError
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", choices=("en", "de"), default="en")
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    app = new_application()
    use_language(chosen.language)
    camera = Camera(app, chosen.output, f"{chosen.language}-{chosen.theme}")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "Sample project")
        for _ in make_sample_project(home):
            pass
        (Path(folder) / "siteblind.log").write_text(LOG)
        settings = ClientSettings(theme=chosen.theme, language=chosen.language)
        window = MainWindow(home, settings, SilentDialogs())
        window.show()
        window.start()
        camera.take("p1-sample", window)
        photograph_dialogs(window, camera, Path(folder))
        window.help.show_page("projects")
        camera.take("p9-help", window.findChildren(HelpWindow)[0])
        window.close()


def photograph_dialogs(window: MainWindow, camera: Camera, folder: Path) -> None:
    """Picture each window of its own."""
    theme = window.settings.theme
    welcome = WelcomeDialog(window.settings.language, theme, window)
    for page in range(3):
        welcome._show_page(page)
        take(camera, f"p2-welcome-{page + 1}", welcome)
    for name in ("Hand ultrasound", "Ward 4, melanoma"):
        remember_project(folder / "projects.json", Home(folder / name))
    remember_project(folder / "projects.json", window.home)
    start = StartWindow(recent_projects(folder / "projects.json"), theme)
    start.tell("The project /media/stick/Ward 4 is not there any more.")
    take(camera, "p3-start", start)
    new = NewProjectDialog(folder, "", "Ward/4", lambda _place: "", window)
    take(camera, "p4-new", new)
    lines = ["all labels, classes, scanners and who gave them (1 file, 0.2 MB)", "the thumbnails"]
    take(camera, "p5-delete", DeleteProjectDialog("Ward 4", folder, lines, window))
    progress = TransferDialog("The project is being backed up", window)
    progress.show_progress(30, 100)
    take(camera, "p6-progress", progress)
    log_path = folder / "siteblind.log"
    take(camera, "p7-log", LogWindow(read_log(log_path), window))
    report = make_report(ReportSource(log_path, window.settings, folder))
    take(camera, "p8-report", ReportDialog(report, window))


def take(camera: Camera, name: str, widget: QWidget) -> None:
    widget.show()
    camera.take(name, widget)
    widget.hide()


if __name__ == "__main__":
    main()
