"""An announcement is checked as a whole, and versions are compared as numbers."""

import pytest
from pydantic import ValidationError

from desktop_client.updates.announcement import Announcement
from tests.updates.mirror import NEWER


@pytest.mark.parametrize(
    ("version", "own", "is_newer"),
    [
        ("0.10.0", "0.9.1", True),
        ("1.0", "1.0.0", False),
        ("1.0.1", "1.0", True),
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.2.0", False),
        ("0.2.0", "0.2.0.dev3", False),
    ],
)
def test_versions_are_compared_number_by_number(version: str, own: str, *, is_newer: bool) -> None:
    announced = Announcement.model_validate(NEWER | {"version": version})
    assert announced.is_newer_than(own) is is_newer


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "77.1.0-beta"),
        ("version", ""),
        ("date", "soon"),
        ("link", "http://software.st-anna.example"),
        ("link", "file:///etc/passwd"),
        ("link", "https://user:password@software.st-anna.example"),
        ("text", "x" * 301),
        ("text", "two\nlines"),
        ("text", "turned \u202e round"),
    ],
)
def test_one_wrong_part_and_nothing_of_it_is_believed(key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Announcement.model_validate(NEWER | {key: value})


def test_what_a_later_version_may_add_is_not_looked_at() -> None:
    assert Announcement.model_validate(NEWER | {"severity": 3}).version == "77.1.0"
