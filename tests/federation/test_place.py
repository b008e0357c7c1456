"""A computer and project have one number for as long as they stay what they are."""

import uuid
from pathlib import Path

import pytest

from desktop_client.federation import place
from desktop_client.federation.place import place_of
from desktop_client.paths import Home


@pytest.fixture
def machine_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd keeps in /etc/machine-id."""
    path = tmp_path / "machine-id"
    path.write_text("4c4c4544\n")
    monkeypatch.setattr(place, "_MACHINE_ID", path)
    return path


def test_another_folder_computer_or_credential_is_another_place(
    tmp_path: Path, machine_id: Path
) -> None:
    first = place_of(Home(tmp_path / "a"), "secret")
    others = [place_of(Home(tmp_path / "b"), "secret"), place_of(Home(tmp_path / "a"), "new")]
    others.append(place_of(Home(tmp_path / "\udce4"), "secret"))  # no UTF-8
    machine_id.write_text("8d8d8d8d\n")
    others.append(place_of(Home(tmp_path / "a"), "secret"))
    assert len({first, *others}) == 5
    assert all(len(one) == 32 for one in others)


def test_another_network_adapter_is_no_other_computer(
    tmp_path: Path, machine_id: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place_of(Home(tmp_path), "secret")
    monkeypatch.setattr(uuid, "getnode", lambda: 7)
    assert place_of(Home(tmp_path), "secret") == first
    machine_id.unlink()
    assert place_of(Home(tmp_path), "secret") != first
