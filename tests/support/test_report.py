"""A report says where the program was and nothing about anybody; canaries would sing."""

import getpass
import logging
import platform
import zipfile
from pathlib import Path

import pytest

from desktop_client.errors import SettingsError
from desktop_client.settings import ClientSettings
from desktop_client.support.report import ReportSource, make_report, save_report
from desktop_client.support.scrubbing import scrub

HEAD = "2026-11-27 10:00:00,123 WARNING desktop_client.test: "
CREDENTIAL = "q7Jx0aVw3Zr9KpLm2TnB8sYd5HfGcUe1iOoXyWzQkRt"
CANARIES = (
    "Grey",
    "Anna Lindqvist",
    "St. Anna",
    "MEIER",
    "PAT-0048151",
    "4815162342",
    "study.example.org",
    "Wardrobe",
    "lesion_of_meier",
    CREDENTIAL,
    "17.03.1961",
)
LINES = (
    "Thumbnails of /srv/images/Wardrobe/lesion_of_meier.dcm cannot be saved",
    r"C:\Users\Anna Lindqvist\Wardrobe\lesion_of_meier.png cannot be read",
    r"\\files\Wardrobe\lesion_of_meier.tif is locked",
    "lesion_of_meier.jpg cannot be read",
    "Reader Dr. Grey signed in at St. Anna on 17.03.1961",
    "MEIER^ANTON^^Dr. was refused, PAT-0048151, 4815162342",
    "No answer from https://study.example.org/v1/studies/7?code=4815162342",
    f"credential {CREDENTIAL} is void",
    "class “Wardrobe” or 'MEIER' or \"MEIER\"",
    "mail anna.lindqvist@study.example.org",
    "OSError: [Errno 2] No such file or directory: '/home/Anna Lindqvist/Wardrobe'",
)


@pytest.fixture
def source(tmp_path: Path) -> ReportSource:
    log_path = tmp_path / "siteblind.log"
    lines = [HEAD + line for line in (*LINES, f"by {getpass.getuser()} on {platform.node()}")]
    log_path.write_text("\n".join(lines), encoding="utf-8")
    settings = ClientSettings(
        site_name="St. Anna",
        reader_name="Grey",
        last_folder=Path("/srv/Wardrobe"),
        last_coordinator_address="https://study.example.org",
        theme="dark",
    )
    return ReportSource(log_path, settings, tmp_path, ("Anna Lindqvist",), {"images": 60})


def test_no_canary_sings(source: ReportSource) -> None:
    told = "\n".join(make_report(source).values())
    assert [c for c in CANARIES if c.casefold() in told.casefold()] == []
    for name in (getpass.getuser(), platform.node()):
        assert f" {name}" not in make_report(source)["log.txt"]


def test_what_helps_is_left(source: ReportSource) -> None:
    files = make_report(source)
    assert "siteblind " in files["versions.txt"]
    assert "Processor cores" in files["computer.txt"]
    assert '"theme": "dark"' in files["settings.json"]
    assert '"images": 60' in files["project.json"]
    assert "WARNING desktop_client.test: Thumbnails of ‹path› cannot be saved" in files["log.txt"]
    assert len(files["log.txt"].splitlines()) == len(LINES) + 1


def test_a_traceback_keeps_the_places_in_the_program_and_loses_the_rest() -> None:
    try:
        raise ValueError("MEIER 4815162342 in '/srv/Wardrobe'")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "Failed", (), None)
        import sys

        record.exc_info = sys.exc_info()
    told = scrub(logging.Formatter().format(record), ["Meier"])
    assert "test_report.py, line" in told
    assert "ValueError" in told
    assert not any(canary in told for canary in ("4815162342", "Wardrobe", "/work", "/home"))


def test_it_is_saved_as_it_was_shown(source: ReportSource, tmp_path: Path) -> None:
    files = make_report(source)
    save_report(tmp_path / "report.zip", files)
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == files


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        save_report(tmp_path / "gone" / "report.zip", {"a.txt": "a"})
