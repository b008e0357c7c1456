"""A report of a problem: versions, hardware, harmless settings and the scrubbed log, as texts.

No patient data, names, paths, addresses or credentials are in it; it is shown before it is saved.
"""

import io
import json
import os
import platform
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from desktop_client.durable import write_durably
from desktop_client.errors import SettingsError
from desktop_client.paths import user_name
from desktop_client.settings import ClientSettings
from desktop_client.support.log import read_log
from desktop_client.support.scrubbing import scrub

HARMLESS_SETTINGS: Final = (
    "thumbnail_size_px",
    "auto_advance",
    "theme",
    "language",
    "epoch_count",
    "device",
    "extractor",
    "is_welcomed",
)
"""Every other setting stays here: names, folders and addresses are among them."""
PACKAGES: Final = (
    "siteblind",
    "PySide6-Essentials",
    "pyqtgraph",
    "numpy",
    "pillow",
    "pydicom",
    "torch",
    "torchvision",
    "safetensors",
)
LATEST_ENTRIES: Final = 2000


@dataclass(frozen=True)
class ReportSource:
    """What a report is made from."""

    log_path: Path
    settings: ClientSettings
    project_path: Path
    names: tuple[str, ...] = ()
    """Readers known to the project, beside those in the settings."""
    counts: Mapping[str, int] | None = None
    """How much there is of what in the project."""


def make_report(source: ReportSource) -> dict[str, str]:
    """Return the report's files by their names; nothing is written yet."""
    return {
        "versions.txt": "\n".join(_versions()),
        "computer.txt": "\n".join(_computer(source.project_path)),
        "settings.json": _settings(source.settings),
        "project.json": json.dumps(dict(source.counts or {}), indent=2),
        "log.txt": _log(source),
    }


def save_report(path: Path, files: Mapping[str, str]) -> None:
    """Write the files as a zip.

    Raises:
        SettingsError: if it cannot be written.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    try:
        write_durably(path, content.getvalue())
    except OSError as error:
        raise SettingsError(f"The report {path} cannot be written: {error.strerror}.") from error


def _versions() -> Iterable[str]:
    yield f"Python {platform.python_version()}"
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            yield f"{package} {metadata.version(package)}"


def _computer(project_path: Path) -> Iterable[str]:
    yield f"{platform.system()} {platform.release()} {platform.machine()}"
    yield f"Processor cores: {os.cpu_count()}"
    with suppress(OSError, ValueError, AttributeError):  # Windows has no sysconf
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        yield f"Memory: {memory / 1e9:.1f} GB"
    with suppress(OSError):
        yield f"Free on the project's disk: {shutil.disk_usage(project_path).free / 1e9:.1f} GB"


def _settings(settings: ClientSettings) -> str:
    return settings.model_dump_json(include=set(HARMLESS_SETTINGS), indent=2)


def _log(source: ReportSource) -> str:
    names = [*source.names, source.settings.reader_name, source.settings.site_name]
    names += [source.project_path.name, platform.node(), user_name()]
    return "\n".join(
        f"{entry.time} {entry.level} {entry.logger}: {scrub(entry.message, names)}"
        for entry in read_log(source.log_path)[-LATEST_ENTRIES:]
    )
