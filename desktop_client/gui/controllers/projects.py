"""The Project menu: new, open, back up, restore, delete; what changes the window is only told."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.demo.events import SampleDrawn
from desktop_client.errors import BackupError, ProjectError
from desktop_client.gui.menus import Menus
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.project_questions import ProjectQuestions
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.gui.views.transfer_dialog import TransferDialog
from desktop_client.gui.wording import counted
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.labelling.importing import ImageImported
from desktop_client.paths import Home, UserFolder
from desktop_client.project.backup import (
    SUFFIX,
    BackupAdvanced,
    BackupFinished,
    back_up,
)
from desktop_client.project.contents import Part, parts_of
from desktop_client.project.drives import check_place
from desktop_client.project.manifest import Manifest
from desktop_client.project.recent import forget_project, recent_projects
from desktop_client.project.restore import RestoreFinished, check_target, look_into, restore

SAMPLE_NAME: Final = "Sample project"


class ProjectsController(QObject):
    """Asks, carries out beside the window, and tells which project is to be shown."""

    project_chosen = Signal(object)
    """The ``Home`` to open."""
    project_closed = Signal()
    deletion_confirmed = Signal(object)
    """The ``Home`` that is open and is to be deleted."""
    succeeded = Signal(str)
    """What was done, as a sentence."""

    def __init__(
        self,
        window: QWidget,
        dialogs: Dialogs,
        questions: ProjectQuestions,
        user: UserFolder,
        home: Home | None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs = dialogs
        self._questions = questions
        self._user = user
        self._home = home
        self._workers = Workers(self)
        self._transfer: TransferDialog | None = None
        self._worker: Worker | None = None
        self._when_done: Callable[[], None] = lambda: None

    def connect_menus(self, menus: Menus) -> None:
        """Let the menu's entries do what they say."""
        does: dict[str, Callable[[], object]] = {
            "project_new": self.begin_new,
            "project_open": self.pick,
            "project_sample": self.open_sample,
            "project_close": self.project_closed.emit,
            "project_back_up": self.back_up,
            "project_restore": self.restore,
            "project_delete": self.delete,
        }
        for command_id, do in does.items():
            menus.actions[command_id].triggered.connect(lambda _checked, do=do: do())
        recent = [r.home for r in recent_projects(self._user.recent_path) if r.home != self._home]
        menus.show_recent([home.path for home in recent])
        menus.recent_chosen.connect(lambda path: self.open(Home(path)))

    def connect_start(self, page: StartWindow) -> None:
        """Let the opening page's buttons do what they say."""
        page.new_asked.connect(self.begin_new)
        page.open_asked.connect(self.pick)
        page.sample_asked.connect(self.open_sample)
        page.restore_asked.connect(self.restore)
        page.project_asked.connect(lambda path: self.open(Home(path)))
        page.forget_asked.connect(self.forget)

    def stop(self) -> None:
        """Give up what is going on, because the window is closed; nothing half done is left."""
        self._workers.cancel_all()

    def begin_new(self) -> None:
        """Ask for name and place of a new project, and open it."""
        path = self._questions.ask_new_project(self._user.new_projects_path, "")
        if path is None:
            return
        home = Home(path)
        try:
            check_place(path)
            check_target(home, replaces=False)
        except ProjectError as error:
            self._dialogs.show_problem(str(error))
            return
        self.project_chosen.emit(home)

    def pick(self) -> None:
        """Ask for the folder of a project and open it."""
        path = self._questions.pick_project(self._user.new_projects_path)
        if path is not None:
            self.open(Home(path))

    def open(self, home: Home) -> None:
        """Open a project, or say that there is none."""
        if home.is_project:
            self.project_chosen.emit(home)
        else:
            self._dialogs.show_problem(
                self.tr(
                    "There is no project in {0}. A project's folder holds a file labels.sqlite; "
                    "to begin a new one, choose Project, New."
                ).format(home.path)
            )

    def forget(self, path: Path) -> None:
        """Take a project off the list of recent ones; the project itself stays."""
        try:
            forget_project(self._user.recent_path, Home(path))
        except OSError as error:
            self._dialogs.show_problem(str(error))

    def open_sample(self) -> None:
        """Open the sample project, which is drawn first if it is not there."""
        home = Home(self._user.new_projects_path / SAMPLE_NAME)
        if home.is_project:
            self.project_chosen.emit(home)
            return
        from desktop_client.demo.sample_project import make_sample_project  # no start waits for it

        self._run(
            self.tr("The sample project is being drawn"),
            partial(make_sample_project, home),
            lambda: self.project_chosen.emit(home),
        )

    def back_up(self) -> None:
        """Ask where to, and write a back-up."""
        if self._home is None:
            return
        path = self._questions.pick_backup_to_write(self._home.name + SUFFIX)
        if path is not None:
            self._run(self.tr("The project is being backed up"), partial(back_up, self._home, path))

    def restore(self) -> None:
        """Ask for a back-up and restore it."""
        path = self._questions.pick_backup_to_read()
        if path is not None:
            self.restore_from(path)

    def restore_from(self, path: Path) -> None:
        """Show what is in a back-up, ask where to, and put it there."""
        try:
            manifest = look_into(path)
        except BackupError as error:
            self._dialogs.show_problem(str(error))
            return
        target = self._questions.ask_new_project(
            self._user.new_projects_path, self._in_words(manifest), manifest.project
        )
        if target is not None:
            self._restore_to(path, Home(target))

    def delete(self) -> None:
        """Say exactly what is deleted and what is not, and ask for the project's name."""
        if self._home is None:
            return
        lines = [self._part_in_words(part) for part in parts_of(self._home)]
        if self._questions.confirm_deletion(self._home.name, self._home.path, lines):
            self.deletion_confirmed.emit(self._home)

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far it is; say what came of it."""
        assert self._transfer is not None  # noqa: S101  our own invariant
        match event:
            case BackupAdvanced(done, total):
                self._transfer.show_progress(done, total)
            case SampleDrawn(done, total):
                self._transfer.show_progress(done, total)
            case ImageImported(done_count=done, total_count=total):
                self._transfer.show_progress(done, total)
            case BackupFinished(path, size_bytes, manifest):
                self.succeeded.emit(
                    self.tr("The back-up {0} is written: {1} MB, labels of {2} images.").format(
                        path.name, f"{size_bytes / 1e6:,.1f}", f"{manifest.labelled_count:,}"
                    )
                )
            case RestoreFinished(home, _):
                self._when_done = partial(self.project_chosen.emit, home)

    def on_worker_succeeded(self) -> None:
        """Go on with what it was for."""
        self._end()
        self._when_done()

    def on_worker_failed(self, sentence: str) -> None:
        """Say why it did not work."""
        self._end()
        self._dialogs.show_problem(sentence)

    def on_worker_cancelled(self) -> None:
        """Nothing was changed."""
        self._end()

    def _restore_to(self, path: Path, home: Home) -> None:
        try:
            check_target(home, replaces=True)
        except ProjectError as error:
            self._dialogs.show_problem(str(error))
            return
        if home.is_project and not self._dialogs.confirm(
            self.tr("There is a project in {0} already.").format(home.path),
            self.tr(
                "If you replace it, what is there now is kept in a folder “before-restore …” of it."
            ),
            self.tr("Replace the project"),
        ):
            return
        title = self.tr("The back-up is being checked and restored")
        self._run(title, partial(restore, path, home, replaces=home.is_project))

    def _run(
        self, title: str, start_events: StartEvents, when_done: Callable[[], None] = lambda: None
    ) -> None:
        self._when_done = when_done
        self._transfer = TransferDialog(title, self._window)
        self._worker = worker = Worker(start_events)
        self._transfer.cancel_asked.connect(worker.requestInterruption)
        worker.event_emitted.connect(self.on_worker_event_emitted)
        worker.succeeded.connect(self.on_worker_succeeded)
        worker.failed.connect(self.on_worker_failed)
        worker.cancelled.connect(self.on_worker_cancelled)
        self._transfer.open()
        self._workers.start(worker)

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.wait()  # its last signal comes a moment before the files are let go
            self._worker = None
        if self._transfer is not None:
            self._transfer.end()
            self._transfer = None

    def _in_words(self, manifest: Manifest) -> str:
        return self.tr("Back-up of “{0}” of {1}: {2} images, {3} of them labelled.").format(
            manifest.project,
            f"{manifest.created.astimezone():%d.%m.%Y %H:%M}",
            f"{manifest.image_count:,}",
            f"{manifest.labelled_count:,}",
        )

    def _part_in_words(self, part: Part) -> str:
        names = {
            "labels": self.tr("all labels, classes, scanners and who gave them"),
            "thumbnails": self.tr("the thumbnails"),
            "models": self.tr("the models trained here"),
            "studies": self.tr("the places in studies, with their keys"),
            "sample images": self.tr("the drawn sample images"),
            "kept": self.tr("what earlier restores had replaced"),
        }
        files = counted(part.file_count, self.tr("file"), self.tr("files"))
        return f"{names[part.kind]} ({files}, {part.size_bytes / 1e6:,.1f} MB)"
