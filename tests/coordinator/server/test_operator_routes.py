import logging
import os
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from coordinator.access.owners import issue_owner
from coordinator.app import create_app
from coordinator.errors import StateDamagedError
from coordinator.server.settings import read_settings
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from tests.coordinator.conftest import Clock, LiveCoordinator, refusal, tiny_study


@pytest.fixture
def remote(tmp_path: Path, store: Store, clock: Clock) -> "Remote":
    return Remote(tmp_path, store, clock)


class Remote:
    """Requests that come from another address than the machine's own."""

    def __init__(self, folder: Path, store: Store, clock: Clock) -> None:
        self.folder, self.store, self.clock = folder, store, clock

    def get(
        self, path: str, credential: str | None = None, address: str = "10.1.2.3", **given: Any
    ) -> Any:
        settings = read_settings(data_folder=self.folder, **given)
        app = create_app(self.store, BlobFolder(self.folder / "parameters"), self.clock, settings)
        client = TestClient(app, client=(address, 50_000))
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        return client.get(path, headers=headers)

    def issue(self, study_id: str | None) -> str:
        with self.store.writing() as connection:
            return issue_owner(connection, "Monitoring", study_id, self.clock()).credential


def test_health_needs_no_credential(live: LiveCoordinator) -> None:
    response = live.request("GET", "/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "served_protocols": [1]}


def test_coordinator_that_can_take_updates_is_ready(live: LiveCoordinator) -> None:
    response = live.request("GET", "/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_full_disk_is_told_before_it_is_full(remote: Remote) -> None:
    response = remote.get("/readyz", free_space_bytes=10**18)
    assert response.status_code == 503
    sentence = response.json()["sentence"]
    assert "short of room; make some, or lower free_space_bytes" in sentence
    assert str(remote.folder) not in sentence


def test_how_full_the_disk_is_is_told_to_nobody(remote: Remote) -> None:
    sentence = remote.get("/readyz", free_space_bytes=10**18).json()["sentence"]
    assert not any(sign.isdigit() for sign in sentence)


def test_data_folder_that_cannot_be_written_is_told(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may write anywhere
    response = live.request("GET", "/readyz")
    assert response.status_code == 503
    assert response.json()["sentence"].startswith("The data folder cannot be written")


def test_object_store_that_does_not_answer_is_not_ready(
    live: LiveCoordinator,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
) -> None:
    def refuse(_name: str) -> None:
        raise StateDamagedError("The coordinator's object store cannot be used")

    monkeypatch.setattr(live.blobs, "read_mark", refuse)
    response = live.request("GET", "/readyz")
    assert refusal(response)[:2] == (503, "state_damaged")
    assert [record.levelname for record in expected_warnings] == ["ERROR"]


def test_database_that_does_not_answer_is_not_ready(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    with live.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE studies RENAME TO stolen")
    for path in ("/readyz", "/metrics"):
        assert refusal(live.request("GET", path))[:2] == (503, "state_damaged")
    assert live.request("GET", "/healthz").status_code == 200
    assert "no such table: studies" in expected_warnings[0].getMessage()


def test_figures_need_no_credential_on_the_machine_itself(remote: Remote) -> None:
    assert remote.get("/metrics", address="127.0.0.1").status_code == 200
    assert remote.get("/metrics", address="::1").status_code == 200


def test_figures_are_for_owners_of_all_studies_elsewhere(
    remote: Remote, live: LiveCoordinator
) -> None:
    assert refusal(remote.get("/metrics"))[1] == "credential_refused"
    assert refusal(remote.get("/metrics", "x" * 43))[1] == "credential_refused"
    of_one = remote.issue(live.create_study(tiny_study()))
    status, _, sentence = refusal(remote.get("/metrics", of_one))
    assert status == 401
    assert "of all studies" in sentence
    assert remote.get("/metrics", remote.issue(None)).status_code == 200


def test_who_has_no_address_is_not_on_the_machine(remote: Remote) -> None:
    assert refusal(remote.get("/metrics", address="unknown"))[1] == "credential_refused"


def test_proxy_on_the_machine_does_not_open_the_figures(remote: Remote) -> None:
    response = remote.get("/metrics", address="127.0.0.1", behind_proxy=True)
    assert refusal(response)[0] == 401
    credential = remote.issue(None)
    response = remote.get("/metrics", credential, address="127.0.0.1", behind_proxy=True)
    assert response.status_code == 200
