"""Everything that a key does, in one table: menus, key sheet and the choice of keys read it.

What is missing here has no key and no menu entry of its own.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QCoreApplication

LABEL_PREFIX: Final = "label_"
"""Begins the commands ``label_1`` to ``label_9``; the digit is the class's key in the store."""


class Group(Enum):
    """The menu a command stands in, and its heading among the keys."""

    PROJECT = auto()
    FILE = auto()
    EDIT = auto()
    LABEL = auto()
    READING = auto()
    IMAGE = auto()
    VIEW = auto()
    HELP = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can ask for by menu or key."""

    command_id: str
    group: Group
    words: str
    """As in a menu: ``&`` before the letter that chooses it, `` …`` if a question follows."""
    keys: tuple[str, ...] = ()
    """Qt's portable names of the default keys; any of them will do."""
    is_for_images: bool = False
    """Works on the page of images only, and after whatever has the focus there: so Space still
    presses a button, and letters can be typed into a field."""
    begins_section: bool = False
    """Whether a line stands above it in its menu."""

    @property
    def plain_words(self) -> str:
        """The words without what only a menu needs."""
        return self.words.replace("&", "").removesuffix("…").rstrip()


def group_title(group: Group) -> str:
    """Return a menu's title."""
    return {
        Group.PROJECT: _tr("&Project"),
        Group.FILE: _tr("&File"),
        Group.EDIT: _tr("&Edit"),
        Group.LABEL: _tr("&Label"),
        Group.READING: _tr("&Readers"),
        Group.IMAGE: _tr("I&mage"),
        Group.VIEW: _tr("&View"),
        Group.HELP: _tr("&Help"),
    }[group]


def all_commands() -> tuple[Command, ...]:
    """Return all commands in the order of the menus, in the language in use."""
    return (
        *_projects(),
        *_files(),
        *_edits(),
        *_labels(),
        *_readings(),
        *_images(),
        *_views(),
        *_helps(),
    )


def _projects() -> tuple[Command, ...]:
    group = Group.PROJECT
    return (
        Command("project_new", group, _tr("&New …")),
        Command("project_open", group, _tr("&Open …")),
        Command("project_sample", group, _tr("&Sample project")),
        Command("project_back_up", group, _tr("&Back up …"), begins_section=True),
        Command("project_restore", group, _tr("Res&tore a back-up …")),
        Command("project_delete", group, _tr("&Delete the project …")),
        Command("project_close", group, _tr("&Close the project"), begins_section=True),
    )


def _files() -> tuple[Command, ...]:
    group = Group.FILE
    return (
        Command("open_folder", group, _tr("&Open folder …"), ("Ctrl+O",)),
        Command("open_files", group, _tr("Open &files …"), ("Ctrl+Shift+O",)),
        Command("open_dicomdir", group, _tr("Open &DICOMDIR …")),
        Command("import_table", group, _tr("&Import CSV …"), ("Ctrl+I",)),
        Command(
            "export_labels", group, _tr("&Export labels …"), ("Ctrl+Shift+E",), begins_section=True
        ),
        Command("export_copies", group, _tr("Export &de-identified copy …")),
        Command("find_moved", group, _tr("Find &moved files …")),
        Command("find_duplicates", group, _tr("Find du&plicates …")),
        Command("quit", group, _tr("&Quit"), ("Ctrl+Q",), begins_section=True),
    )


def _edits() -> tuple[Command, ...]:
    group = Group.EDIT
    return (
        Command("undo", group, _tr("&Undo"), ("Ctrl+Z",)),
        Command("redo", group, _tr("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y")),
        Command("select_all", group, _tr("Select &all images"), ("Ctrl+A",), begins_section=True),
        Command("select_series", group, _tr("Select the whole &series"), ("Ctrl+Shift+A",)),
        Command("add_class", group, _tr("&New class"), ("Ctrl+N",)),
        Command("edit_classes", group, _tr("Edit &classes …"), ("Ctrl+Shift+N",)),
    )


def _labels() -> tuple[Command, ...]:
    group = Group.LABEL
    keys = tuple(
        Command(
            f"{LABEL_PREFIX}{digit}",
            group,
            _tr("Label as class &{0}").format(digit),
            (str(digit),),
            is_for_images=True,
        )
        for digit in range(1, 10)
    )
    return (
        *keys,
        Command("remove_label", group, _tr("&Remove label"), ("0", "Backspace"), True),
        Command("accept_suggestion", group, _tr("&Accept model suggestion"), ("A",), True),
        Command("suggest", group, _tr("&Suggest labels …"), ("Ctrl+G",)),
        Command("next_image", group, _tr("Ne&xt image"), ("Space", "Right", "Down"), True, True),
        Command(
            "previous_image", group, _tr("&Previous image"), ("Shift+Space", "Left", "Up"), True
        ),
        Command("next_unlabelled", group, _tr("Next image &without a label"), ("Ctrl+D",)),
        Command("exclude", group, _tr("&Exclude, or take in again …"), ("Ctrl+E",), False, True),
        Command("note", group, _tr("No&te …"), ("Ctrl+M",)),
    )


def _readings() -> tuple[Command, ...]:
    group = Group.READING
    return (
        Command("name_reader", group, _tr("&Sign in …")),
        Command("second_reading", group, _tr("Second &reading …"), begins_section=True),
        Command("agreement", group, _tr("&Agreement …")),
        Command("settle", group, _tr("Settle &disagreements")),
        Command("audit_check", group, _tr("&Check audit trail"), begins_section=True),
        Command("audit_export", group, _tr("&Export audit trail …")),
    )


def _images() -> tuple[Command, ...]:
    def command(command_id: str, words: str, *keys: str, begins_section: bool = False) -> Command:
        return Command(command_id, Group.IMAGE, words, keys, True, begins_section)

    return (
        command("open_viewer", _tr("Look at it &large"), "Return"),
        command("close_viewer", _tr("&Back to all images"), "Esc"),
        command("invert", _tr("&Invert"), "I", begins_section=True),
        command("fit", _tr("&Fit"), "="),
        command("actual_size", _tr("Actual size, &1:1"), "O"),
        command("zoom_in", _tr("&Enlarge"), "+"),
        command("zoom_out", _tr("&Shrink"), "-"),
        command("reset_view", _tr("&Reset window and zoom"), "R"),
        command("details", _tr("&What the file says"), "W"),
        command("heat", _tr("Where the &model looks"), "H"),
        command("next_frame", _tr("&Next frame"), ".", begins_section=True),
        command("previous_frame", _tr("&Previous frame"), ","),
    )


def _views() -> tuple[Command, ...]:
    group = Group.VIEW
    return (
        Command("page_images", group, _tr("&Images"), ("Ctrl+1",)),
        Command("page_training", group, _tr("&Training"), ("Ctrl+2",)),
        Command("page_study", group, _tr("&Study"), ("Ctrl+3",)),
        Command("find", group, _tr("&Search"), ("Ctrl+F",), begins_section=True),
        Command("larger", group, _tr("&Larger thumbnails"), ("Ctrl++", "Ctrl+=")),
        Command("smaller", group, _tr("&Smaller thumbnails"), ("Ctrl+-",)),
    )


def _helps() -> tuple[Command, ...]:
    group = Group.HELP
    return (
        Command("help", group, _tr("&Help on this page"), ("F1",)),
        Command("how_it_works", group, _tr("How it &works")),
        Command("keys", group, _tr("&Keys"), ("?",)),
        Command("choose_keys", group, _tr("&Choose keys …")),
        Command("view_log", group, _tr("View &log"), begins_section=True),
        Command("report_problem", group, _tr("&Report a problem …")),
        Command("updates", group, _tr("&Newer versions …"), begins_section=True),
        Command("about", group, _tr("&About SiteBlind")),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("commands", words)
