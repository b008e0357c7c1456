"""Where the client keeps its files: one home folder, by default the user's data folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

HOME_VARIABLE = "SITEBLIND_HOME"


@dataclass(frozen=True)
class Home:
    """The folder of one installation; two homes on one machine are two sites."""

    path: Path

    @classmethod
    def default(cls) -> "Home":
        """Return the home that ``SITEBLIND_HOME`` names, or the user's data folder."""
        chosen = os.environ.get(HOME_VARIABLE)
        return cls(Path(chosen) if chosen else user_data_path("SiteBlind", appauthor=False))

    def create(self) -> "Home":
        """Make the folder, readable by its owner only, and return self."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

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
        """What the user set."""
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
    def log_path(self) -> Path:
        """The program's log; no patient data in it."""
        return self.path / "siteblind.log"
