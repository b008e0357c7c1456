"""What the core says of files in fixed words is said in German too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_client import imaging
from desktop_client.gui.file_words import (
    HEADINGS,
    REASONS,
    WINDOWS,
    file_words,
    value_words,
    window_name,
)
from desktop_client.gui.translation import use_language
from desktop_client.imaging.decode import CAN_BE_OPENED, why_not_opened
from desktop_client.imaging.dicom import fields
from desktop_client.imaging.photo_fields import _CAMERA, _EXPOSURE
from desktop_client.imaging.rendering import AUTOMATIC, CT_WINDOWS, FULL_RANGE


@pytest.fixture
def _german(qapp: object) -> Iterator[None]:
    use_language("de")
    yield
    use_language("en")


def refusals() -> set[str]:
    """Return the fixed words with which the readers of files refuse one."""
    found = set()
    for path in Path(imaging.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="ImageUnreadableError"),
                    args=[_, ast.Constant(value=str() as words)],
                ):
                    found.add(words)
    return found


def test_every_fixed_refusal_of_a_file_is_listed_to_be_translated() -> None:
    assert len(refusals()) > 5
    assert refusals() - set(REASONS) == set()


def test_what_the_disk_says_most_often_is_listed_too() -> None:
    for error in (FileNotFoundError(2, ""), PermissionError(13, ""), IsADirectoryError(21, "")):
        assert why_not_opened(error) in REASONS
    assert CAN_BE_OPENED in REASONS


def test_every_heading_of_what_a_file_says_is_listed() -> None:
    tables = (fields._OTHERS, fields._ABOUT_PATIENT, _CAMERA, _EXPOSURE)
    assert {line[1] for table in tables for line in table} <= set(HEADINGS)


def test_every_window_of_our_own_is_listed() -> None:
    assert {w.name for w in CT_WINDOWS} | {AUTOMATIC, FULL_RANGE} <= set(WINDOWS)


@pytest.mark.usefixtures("_german")
def test_a_refusal_of_two_parts_is_translated_part_by_part() -> None:
    assert file_words(f"it is a PDF; {CAN_BE_OPENED}").startswith("ein PDF; öffnen lassen sich")


@pytest.mark.usefixtures("_german")
def test_windows_keep_the_number_the_file_gives_them_and_the_name() -> None:
    assert window_name("From the file 2") == "Aus der Datei 2"
    assert window_name(FULL_RANGE) == "Ganzer Bereich"
    assert window_name("LUNG 2") == "LUNG 2"


@pytest.mark.usefixtures("_german")
def test_what_nobody_listed_stays_as_the_core_said_it() -> None:
    assert file_words("its number of frames is '1A'") == "its number of frames is '1A'"
    assert value_words("8 bits, colour") == "8 Bit, farbig"
    assert value_words("512 × 512 px") == "512 × 512 px"
