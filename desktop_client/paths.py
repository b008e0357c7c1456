"""Where the client keeps its files: a project in one folder, what is the user's own in another."""

import getpass
import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

HOME_VARIABLE = "SITEBLIND_HOME"
NAME = "SiteBlind"


def user_name() -> str:
    """Return the account that is logged in, or nothing where the system does not say."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return ""


@dataclass(frozen=True)
class Home:
    """The folder of one project: two of them on one machine are two sites."""

    path: Path

    @classmethod
    def default(cls) -> "Home":
        """Return the project that ``SITEBLIND_HOME`` names, or the one in the user's data."""
        chosen = os.environ.get(HOME_VARIABLE)
        return cls(Path(chosen) if chosen else user_data_path(NAME, appauthor=False))

    def create(self) -> "Home":
        """Make the folder, readable by its owner only, and return self."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def name(self) -> str:
        """By which people know the project: its folder's name."""
        return self.path.name

    @property
    def is_project(self) -> bool:
        """Whether there are labels in the folder."""
        return self.labels_path.is_file()

    @property
    def lock_path(self) -> Path:
        """Who has the project open."""
        return self.path / "project.lock"

    @property
    def labels_path(self) -> Path:
        """Label store: samples, classes and label events."""
        return self.path / "labels.sqlite"

    @property
    def thumbnails_path(self) -> Path:
        """Thumbnail cache; may be deleted at any time."""
        return self.path / "thumbnails.sqlite"

    @property
    def settings_path(self) -> Path:
        """What the user set, where ``--home`` keeps everything in one folder."""
        return self.path / "settings.json"

    @property
    def checkpoints_path(self) -> Path:
        """Models trained here and models received."""
        return self.path / "models"

    @property
    def memberships_path(self) -> Path:
        """One folder per study this site takes part in; holds credentials."""
        return self.path / "studies"

    @property
    def sample_images_path(self) -> Path:
        """The drawn images of a sample project; no other project has such a folder."""
        return self.path / "sample-images"

    @property
    def log_path(self) -> Path:
        """The program's log, where ``--home`` keeps everything in one folder."""
        return self.path / "siteblind.log"


@dataclass(frozen=True)
class UserFolder:
    """What is the user's own, whichever project is open; no patient data in it."""

    path: Path

    @classmethod
    def default(cls) -> "UserFolder":
        """Return the home that ``SITEBLIND_HOME`` names, or the user's configuration folder."""
        chosen = os.environ.get(HOME_VARIABLE)
        return cls(Path(chosen) if chosen else user_config_path(NAME, appauthor=False))

    def create(self) -> "UserFolder":
        """Make the folder, readable by its owner only, and return self."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def settings_path(self) -> Path:
        """What the user set."""
        return self.path / "settings.json"

    @property
    def recent_path(self) -> Path:
        """The projects that were open last."""
        return self.path / "projects.json"

    @property
    def log_path(self) -> Path:
        """The program's log."""
        return self.path / "siteblind.log"

    @property
    def new_projects_path(self) -> Path:
        """Where new projects are proposed to lie; documents are often on a server, this is not.

        Beside the default project: whatever lies in a project could be taken for a part of it.
        """
        default = Home.default().path if self == UserFolder.default() else self.path
        return default.with_name(f"{default.name} projects")
