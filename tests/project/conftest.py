"""A project with labels, a model and a membership."""

from collections import deque
from pathlib import Path

import pytest

from desktop_client.paths import Home
from desktop_client.project.backup import back_up
from tests.scenes import new_site

CREDENTIAL = b'{"credential": "secret"}'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Five labelled images, a model, and a place in a study."""
    made = new_site(tmp_path, {"dot": 3, "ring": 2})
    for path, content in (
        (made.checkpoints_path / "own.safetensors", b"parameters" * 300_000),
        (made.memberships_path / "lesions" / "membership.json", CREDENTIAL),
    ):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return made


@pytest.fixture
def backup(home: Home, tmp_path: Path) -> Path:
    path = tmp_path / "ward.siteblind-backup"
    deque(back_up(home, path), maxlen=0)
    return path
