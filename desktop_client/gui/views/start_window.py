"""The opening page: the projects that were open last, and how to begin another."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from desktop_client.gui.theme import apply_palette, palette_for
from desktop_client.gui.views.elements import button, card, column, text
from desktop_client.gui.views.footer import Footer
from desktop_client.gui.views.notice import Notice
from desktop_client.project.recent import RecentProject


class ProjectList(QListWidget):
    """One line per project; Enter opens one, Delete takes it off the list."""

    open_asked = Signal(Path)
    forget_asked = Signal(Path)

    def __init__(self, projects: Sequence[RecentProject]) -> None:
        super().__init__()
        self.setProperty("role", "list")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(self.tr("Projects that were open last"))
        self.setToolTip(self.tr("Delete takes a project off this list; the project stays."))
        for project in projects:
            opened = f"{project.opened.astimezone():%d.%m.%Y}"
            state = "" if project.home.is_project else self.tr(" (not there now)")
            item = QListWidgetItem(
                self.tr("{0}{1}\n{2} · opened {3}").format(
                    project.home.name, state, project.home.path, opened
                )
            )
            item.setData(Qt.ItemDataRole.UserRole, project.home.path)
            self.addItem(item)
        self.setCurrentRow(0)
        self.itemActivated.connect(lambda item: self.open_asked.emit(_path_of(item)))

    def current_path(self) -> Path | None:
        """Return the chosen project's folder, or None if there is none."""
        item = self.currentItem()
        return None if item is None else _path_of(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Take a project off the list."""
        path = self.current_path()
        if event.key() == Qt.Key.Key_Delete and path is not None:
            self.takeItem(self.currentRow())
            self.forget_asked.emit(path)
        else:
            super().keyPressEvent(event)


class StartWindow(QWidget):
    """Shown when no project is open."""

    new_asked = Signal()
    open_asked = Signal()
    sample_asked = Signal()
    restore_asked = Signal()
    project_asked = Signal(Path)
    forget_asked = Signal(Path)
    closed = Signal()

    def __init__(self, projects: Sequence[RecentProject], theme: str) -> None:
        super().__init__()
        self.setWindowTitle("SiteBlind")
        self.resize(860, 600)
        self.notice, self.footer = Notice(), Footer(has_reader=False)
        self.projects = ProjectList(projects)
        self.projects.open_asked.connect(self.project_asked)
        self.projects.forget_asked.connect(self.forget_asked)
        content = column(
            self.notice,
            text(self.tr("Which project?"), "title"),
            self._middle(),
            spacing=14,
            sides=28,
            top=22,
        )
        page = column(content, self.footer, spacing=16)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(page)
        self._use_theme(theme)
        (self.projects if projects else self.new).setFocus()

    def tell(self, sentence: str) -> None:
        """Say what happened, if anything did."""
        if sentence:
            self.notice.tell(sentence, "warning")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name
        """Tell that it is closed."""
        event.accept()
        self.closed.emit()

    def _middle(self) -> QWidget:
        self.new = button(self.tr("&New project …"))
        other = button(self.tr("&Open a project's folder …"))
        sample = button(self.tr("&Look around in a sample project"))
        restore = button(self.tr("&Restore a back-up …"))
        self.new.clicked.connect(self.new_asked)
        other.clicked.connect(self.open_asked)
        sample.clicked.connect(self.sample_asked)
        restore.clicked.connect(self.restore_asked)
        frame, layout = card(self.tr("Open last"))
        layout.addWidget(self.projects, 1)
        open_ = button(self.tr("Open &this one"), "primary")
        open_.setEnabled(self.projects.count() > 0)
        open_.clicked.connect(self._open_current)
        layout.addWidget(open_)
        begin, begin_layout = card(self.tr("Another one"))
        for widget in (self.new, other, sample, restore):
            begin_layout.addWidget(widget)
        begin_layout.addStretch(1)
        result = QWidget()
        row = QHBoxLayout(result)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(frame, 3)
        row.addWidget(begin, 2)
        return result

    def _open_current(self) -> None:
        path = self.projects.current_path()
        if path is not None:
            self.project_asked.emit(path)

    def _use_theme(self, theme: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101  our own invariant
        palette = palette_for(theme)
        apply_palette(app, palette)
        self.notice.set_palette(palette)
        self.footer.set_palette(palette)


def _path_of(item: QListWidgetItem) -> Path:
    path = item.data(Qt.ItemDataRole.UserRole)
    assert isinstance(path, Path)  # noqa: S101  put there above
    return path
