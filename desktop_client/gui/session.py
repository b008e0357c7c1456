"""Which project is open: one window on it, or the opening page; changes from one to another."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.errors import ProjectError, ProjectInUseError
from desktop_client.gui.controllers.projects import ProjectsController
from desktop_client.gui.controllers.support import SupportController
from desktop_client.gui.controllers.updating import UpdateController
from desktop_client.gui.controllers.welcome import WelcomeController
from desktop_client.gui.instance import Instance, hand_over
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.project_questions import InUseAnswer, ProjectQuestions
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.paths import Home, UserFolder
from desktop_client.project.backup import SUFFIX
from desktop_client.project.deletion import delete_project
from desktop_client.project.lock import ProjectLock
from desktop_client.project.opening import open_project
from desktop_client.project.recent import forget_project, recent_projects, remember_project
from desktop_client.settings import ClientSettings
from desktop_client.updates.policy import load_policy

logger = logging.getLogger(__name__)


class Session(QObject):
    """Holds the lock of the project that is open."""

    ended = Signal()
    """The last window is closed."""

    def __init__(
        self,
        user: UserFolder,
        settings: ClientSettings,
        dialogs: Dialogs,
        questions: ProjectQuestions | None = None,
    ) -> None:
        super().__init__(dialogs)
        self._user = user
        self._settings = settings
        self._dialogs = dialogs
        self._questions = questions or ProjectQuestions()
        self._lock: ProjectLock | None = None
        self._instance: Instance | None = None
        self.window: MainWindow | None = None
        self.start_window: StartWindow | None = None
        self._is_switching = False

    def begin(self, home: Home | None, paths: Sequence[Path]) -> bool:
        """Open what was asked for, or what was open last, or the opening page.

        Returns:
            Whether there is a window now; not, if one of an earlier start took over.
        """
        last = next((r.home for r in recent_projects(self._user.recent_path)), None)
        wanted = home or last or Home.default()
        if hand_over(wanted, paths):
            return False
        if home is None and last is not None and not last.is_project:
            gone = self.tr("The project {0} is not there any more.").format(last.path)
            self.show_start(gone)
        elif not self.open(wanted, paths) and self.window is None:
            self.show_start("")
        return True

    def open(self, home: Home, paths: Sequence[Path] = ()) -> bool:
        """Open a project in place of the one that is open; return whether that was possible."""
        if self.window is not None and self.window.home == home:
            self.on_instance_asked(list(paths))
            return True
        lock = self._lock_of(home)
        if lock is None:
            return False
        if not self._leave():
            lock.release()
            return False
        self._lock = lock
        self._instance = Instance(home, self)
        self._instance.asked.connect(self.on_instance_asked)
        with suppress(OSError):
            remember_project(self._user.recent_path, home)
        self._show_window(home, paths)
        return True

    def show_start(self, sentence: str) -> None:
        """Show the opening page with the projects that were open last, and say something there."""
        projects = recent_projects(self._user.recent_path)
        window = StartWindow(projects, self._settings.theme)
        window.tell(sentence)
        window.closed.connect(self.on_start_window_closed)
        self._projects_of(window, None).connect_start(window)
        self.start_window = window
        window.show()

    def delete(self, home: Home) -> None:
        """Delete the project that is open, once its window is closed."""
        if not self._leave():
            return
        try:
            delete_project(home)
            with suppress(OSError):
                forget_project(self._user.recent_path, home)
            said = self.tr("The project “{0}” was deleted; its images are where they were.")
            self.show_start(said.format(home.name))
        except ProjectError as error:
            self.show_start(str(error))

    def close_project(self) -> None:
        """Close the project and show the opening page."""
        if self._leave():
            self.show_start("")

    def change_language(self, language: str) -> None:
        """Speak another language: the window is made anew, on the same project."""
        if self.window is None or self._lock is None:
            return
        home, page = self.window.home, self.window.pages.currentIndex()
        old_language = self.window.settings.language
        if self._leave():
            self._settings = self._settings.model_copy(update={"language": language})
            use_language(language)
            self.open(home)
            if self.window is not None:
                self.window.change_settings(language=language)
                self.window.show_page(page)
        elif self.window is not None:
            self.window.menus.show_language(old_language)

    def on_instance_asked(self, paths: list[Path]) -> None:
        """Come forward, because the program was started again, and open what it was given."""
        if self.window is None:
            return
        _bring_forward(self.window)
        self._open_given(self.window, paths)

    def on_window_closed(self) -> None:
        """Let others have the project; that is the end unless another is about to be opened."""
        if self.window is not None:
            self._settings = self.window.settings
            self.window.deleteLater()
            self.window = None
        if self._instance is not None:
            self._instance.close()
            self._instance = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if not self._is_switching:
            self.ended.emit()

    def on_start_window_closed(self) -> None:
        """That is the end, unless a project was opened from it."""
        if self.start_window is not None:
            self.start_window.deleteLater()
            self.start_window = None
        if not self._is_switching:
            self.ended.emit()

    def _lock_of(self, home: Home) -> ProjectLock | None:
        """Return the lock of a project, asking again as long as the person wants to."""
        while True:
            try:
                return open_project(home, self.tr("the window"))
            except ProjectInUseError as error:
                if hand_over(home, ()):
                    return None
                logger.info("A project is open elsewhere")
                if self._questions.ask_in_use(str(error)) is InUseAnswer.ANOTHER:
                    return None
            except ProjectError as error:
                self._dialogs.show_problem(str(error))
                return None

    def _leave(self) -> bool:
        """Close the window there is; return whether the person let it close."""
        self._is_switching = True
        try:
            for window in (self.window, self.start_window):
                if window is not None and not window.close():
                    return False
        finally:
            self._is_switching = False
        return True

    def _show_window(self, home: Home, paths: Sequence[Path]) -> None:
        window = MainWindow(home, self._settings, settings_path=self._user.settings_path)
        self.window = window
        window.closed.connect(self.on_window_closed)
        window.language_chosen.connect(self.change_language)
        controller = self._projects_of(window, home)
        controller.connect_menus(window.menus)
        controller.succeeded.connect(window.on_good_news)
        support = SupportController(window, self._user.log_path)
        support.succeeded.connect(window.on_good_news)
        UpdateController(window, load_policy()).begin()
        window.show()
        QTimer.singleShot(0, window, partial(self._start, window, list(paths)))

    def _start(self, window: MainWindow, paths: list[Path]) -> None:
        window.start()
        if paths:
            self._open_given(window, paths)
        elif not window.settings.is_welcomed and window.samples.rowCount() == 0:
            welcome = WelcomeController(window)
            welcome.sample_asked.connect(self._projects.open_sample)
            welcome.language_chosen.connect(self.change_language)
            welcome.begin()

    def _open_given(self, window: MainWindow, paths: list[Path]) -> None:
        """Open images; of a back-up, ask where to restore it."""
        backups = [path for path in paths if path.name.endswith(SUFFIX)]
        window.open_paths([path for path in paths if path not in backups])
        for backup in backups[:1]:  # the window shows one project
            self._projects.restore_from(backup)

    def _projects_of(
        self, window: MainWindow | StartWindow, home: Home | None
    ) -> ProjectsController:
        controller = ProjectsController(window, self._dialogs, self._questions, self._user, home)
        window.closed.connect(controller.stop)
        controller.project_chosen.connect(self.open)
        controller.project_closed.connect(self.close_project)
        controller.deletion_confirmed.connect(self.delete)
        self._projects = controller
        return controller


def _bring_forward(window: QWidget) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
