"""What a coordinator says of a study and all that went wrong in it: no secret and no path."""

import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from coordinator import protocol
from coordinator.access.ending import revoke_site
from coordinator.access.owners import issue_owner
from coordinator.rounds.life import Rounds
from coordinator.rounds.published import newest_published
from coordinator.server.shown_secret import SESSION_COOKIE
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from tests.coordinator.conftest import (
    Clock,
    LiveCoordinator,
    LiveSite,
    tiny_parameters,
    upload_headers,
)
from tests.faults.process import CoordinatorProcess

WRONG_CODE = "7K2M-0QZD-7K2M-0QZD-7K2M"
WRONG_CREDENTIAL = "wrong-credential-that-nobody-has-ever-had-x"
NEW_CREDENTIAL = "the-new-credential-that-takes-its-place-now"


class Told:
    """Everything that the coordinator said, and what must not be in it."""

    def __init__(self, folder: Path) -> None:
        self.answers: list[str] = []
        self.secrets = {WRONG_CODE, WRONG_CREDENTIAL, NEW_CREDENTIAL, str(folder)}

    def hear(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        self.answers.append(f"{answer.status_code} {answer.text}")

    def found_in(self, text: str) -> list[str]:
        return [secret for secret in self.secrets if secret in text]


@pytest.fixture(params=["text", "json"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CoordinatorProcess]:
    said = {"LOG_LEVEL": "debug", "LOG_FORMAT": request.param}
    environment = {f"SITEBLIND_COORDINATOR_{name}": value for name, value in said.items()}
    with CoordinatorProcess(tmp_path / "data", tmp_path / "log", environment) as running:
        running.start()
        yield running


@pytest.fixture
def live(process: CoordinatorProcess) -> Iterator[LiveCoordinator]:
    store = Store(f"sqlite:///{process.folder / 'coordinator.sqlite'}")
    folder = process.folder / "parameters"
    blobs, clock = BlobFolder(folder), Clock()
    clock.show_real_time()
    coordinator = LiveCoordinator(
        process.url, store, blobs, Rounds(store, blobs, clock), folder, clock
    )
    yield coordinator
    coordinator.session.close()
    store.close()


@pytest.fixture
def told(process: CoordinatorProcess, live: LiveCoordinator) -> Told:
    told = Told(process.folder)
    live.session.hooks["response"].append(told.hear)
    return told


def go_wrong_at_the_door(live: LiveCoordinator, site: LiveSite) -> None:
    """Wrong codes, credentials and paths, in every place that is written about."""
    live.enrol(WRONG_CODE, WRONG_CREDENTIAL)
    live.enrol(WRONG_CODE, WRONG_CREDENTIAL + "!")
    path = protocol.study_path(site.study_id)
    for header in (f"Bearer {WRONG_CREDENTIAL}", f"Basic {WRONG_CREDENTIAL}"):
        live.request("GET", path, headers={"Authorization": header})
    live.request("GET", f"{path}?credential={WRONG_CREDENTIAL}")
    live.request("GET", f"/{WRONG_CREDENTIAL}/{WRONG_CODE}")
    live.request("PUT", protocol.credential_path(site.study_id), json={"credential": WRONG_CODE})
    site.request("PUT", protocol.credential_path(site.study_id), json={"c": WRONG_CREDENTIAL})


def go_wrong_with_updates(site: LiveSite) -> None:
    """Bodies that cannot be used."""
    site.send(1, WRONG_CREDENTIAL.encode())
    site.send(1, struct.pack("<Q", 64) + WRONG_CREDENTIAL.ljust(64).encode())
    site.send(1, site.update_body(tiny_parameters(float("nan"))))
    site.send(9, site.update_body(tiny_parameters(1.0)))
    site.request(
        "PUT",
        protocol.update_path(site.study_id, 1),
        data=b"x",
        headers={**upload_headers(b"xx"), protocol.DIGEST_HEADER: WRONG_CREDENTIAL},
    )


def log_in(live: LiveCoordinator, credential: str) -> str | None:
    form = {"credential": credential, "wanted": "/dashboard"}
    live.request("POST", "/dashboard/login", data=form)
    return live.session.cookies.get(SESSION_COOKIE)


def look_around(live: LiveCoordinator, told: Told, study_id: str) -> None:
    """An owner comes, sees all there is, and goes."""
    with live.store.writing() as connection:
        owner = issue_owner(connection, "Owner", study_id, live.clock())
    log_in(live, WRONG_CREDENTIAL)
    token = log_in(live, owner.credential)
    assert token is not None
    told.secrets |= {owner.credential, token}
    for page in ("", "/rounds", "/rounds/1", "/figures", "/audit", "/nowhere"):
        live.request("GET", f"/dashboard/studies/{study_id}{page}")
    live.request("POST", "/dashboard/logout")
    live.session.cookies.clear()


def damage_newest(live: LiveCoordinator, site: LiveSite, damage: Callable[[Path], object]) -> None:
    """Ask for parameters whose file is no longer what it was."""
    with live.store.reading() as connection:
        newest = newest_published(connection, site.study_id, "small_cnn")
    assert newest is not None
    damage(live.blob_folder / newest.digest)
    path = protocol.parameters_path(site.study_id, newest.round_number)
    assert site.request("GET", path).status_code == 503


def test_nothing_that_is_said_of_a_whole_study_holds_a_secret_or_a_path(
    process: CoordinatorProcess, live: LiveCoordinator, told: Told
) -> None:
    first, second = live.running_study(2, count=1)
    code = live.invite(first.study_id)
    told.secrets |= {code, code.replace("-", ""), first.credential, second.credential}
    go_wrong_at_the_door(live, first)
    go_wrong_with_updates(first)
    for site, value in ((first, 0.001), (second, 0.002)):
        assert site.send_value(value).status_code == 200
    look_around(live, told, first.study_id)
    rotation = {"credential": NEW_CREDENTIAL}
    first.request("PUT", protocol.credential_path(first.study_id), json=rotation)
    first.request("GET", protocol.round_path(first.study_id))  # refused: the old one is void
    with live.store.writing() as connection:
        revoke_site(connection, second.study_id, second.site_id, live.clock())
    second.request("GET", protocol.round_path(second.study_id))
    first.credential = NEW_CREDENTIAL
    damage_newest(live, first, lambda path: path.write_bytes(b"torn"))
    damage_newest(live, first, Path.unlink)
    process.end(signal.SIGTERM)

    log = process.log()
    assert f"site {second.site_id} sent round 1" in log
    assert "No such file or directory" in log  # the system names it with its path
    assert "was answered with 503" in log
    assert len(told.answers) > 30
    assert told.found_in(log) == []
    assert told.found_in("\n".join(told.answers)) == []
