"""The models that can be asked here: those trained here, and those of the site's studies."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desktop_client.federation.membership import global_model_path, memberships
from desktop_client.paths import Home


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model file, and how to name it to people."""

    path: Path
    words: str
    saved_at_s: float


def model_choices(home: Home) -> list[ModelChoice]:
    """Return the models of a project, the newest first.

    Raises:
        MembershipError: if the file of a study is damaged.
    """
    own = [(path, _tr("Trained here")) for path in home.checkpoints_path.glob("*.safetensors")]
    of_studies = [
        (global_model_path(home, m.study_id), _tr("Study “{0}”").format(m.study.name))
        for m in memberships(home)
    ]
    choices = [_choice(path, words) for path, words in (*own, *of_studies) if path.is_file()]
    return sorted(choices, key=lambda choice: choice.saved_at_s, reverse=True)


def _choice(path: Path, words: str) -> ModelChoice:
    saved_at_s = path.stat().st_mtime
    when = QDateTime.fromSecsSinceEpoch(int(saved_at_s))
    told = QLocale().toString(when, QLocale.FormatType.ShortFormat)
    return ModelChoice(path, f"{words}, {told}", saved_at_s)


def _tr(words: str) -> str:
    return QCoreApplication.translate("model_choices", words)
