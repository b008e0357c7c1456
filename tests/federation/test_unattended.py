"""``siteblind join --config``: a hospital's server takes part as a service, in real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
import tomli_w
import typer

from coordinator.invitation import Invitation, write_invitation
from desktop_client.commands.service import serve
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import SettingsFileError
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.handing_over import hand_over, take_back
from desktop_client.federation.membership import StudyRequest, membership_of, round_path
from desktop_client.federation.network import trust_of
from desktop_client.federation.site import take_part
from desktop_client.federation.site_settings import read_site_settings
from desktop_client.federation.unattended import made_member, use_network
from desktop_client.labelling.store import LabelStore
from desktop_client.project.lock import ProjectLock
from tests.federation.certificates import new_authority
from tests.federation.conftest import create_study
from tests.scenes import new_site, write_study

STEPS: Final = 600
"""Of a round: enough to be stopped among them."""


class Service:
    """The process that systemd would start, and what it tells it."""

    def __init__(self, config: Path, folder: Path) -> None:
        self.log_path = folder / "journal"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = folder / "notify"
        address.unlink(missing_ok=True)
        self.socket.bind(str(address))
        self.socket.settimeout(0.01)
        self.told: list[str] = []
        environment = os.environ | {"NOTIFY_SOCKET": str(address), "OMP_NUM_THREADS": "1"}
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "desktop_client", "join", "--config", str(config)],
                stdout=log,
                stderr=log,
                env=environment,
            )

    def journal(self) -> str:
        return self.log_path.read_text()

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(60)
        self.hear()
        return code

    def hear(self) -> None:
        try:
            while True:
                self.told += self.socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.socket.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def study_id(coordinator: Coordinator, folder: Path) -> str:
    plan = {"count": 1, "fraction": 0.5, "sites_per_round": 2}
    toml = write_study(folder / "study.toml", method={"local_steps": STEPS}, rounds=plan)
    return create_study(coordinator, toml)


@pytest.fixture(scope="module")
def codes(coordinator: Coordinator, study_id: str) -> list[str]:
    return coordinator.invite(study_id, 5)


def write_config(folder: Path, **values: Any) -> Path:
    path = folder / "site.toml"
    path.write_text(tomli_w.dumps(values))
    path.chmod(0o600)
    return path


def test_classes_and_scanners_that_are_not_there_are_told_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 2})
    nobody = write_invitation(Invitation("http://127.0.0.1:9", "dots", "7K2M-0QZD-91AB-CDEF-GHJK"))
    config = write_config(
        tmp_path,
        project=str(home.path),
        invitation=nobody,
        site_name="Ward",
        consent="Dr. Huber",
        classes={"dot": "dot", "spot": "dot"},
        scanners=["Scope 9"],
    )
    with pytest.raises(SettingsFileError) as refused:
        list(made_member(home, read_site_settings(config)))
    assert str(refused.value).splitlines() == [
        "The settings: classes: there is no class “spot”; there are: dot, ring",
        "The settings: scanners: there is no scanner “Scope 9”; there are: unnamed scanner",
    ]
    assert not list(home.memberships_path.glob("*"))


@pytest.mark.slow
def test_a_service_joins_stops_at_once_goes_on_and_ends_with_the_study(
    coordinator: Coordinator, study_id: str, codes: list[str], tmp_path: Path
) -> None:
    home = new_site(tmp_path / "server", {"spot": 24, "ring": 24})
    invitation = write_invitation(Invitation(coordinator.url, study_id, codes[0]))
    config = write_config(
        tmp_path,
        project=str(home.path),
        invitation=invitation,
        site_name="St. Anna",
        consent="Dr. Huber",
        classes={"spot": "dot"},
        device="cpu",
    )
    desk = new_site(tmp_path / "desk", {"dot": 24, "ring": 24}, seed=1)
    enrol(desk, coordinator.url, codes[1], "Ward 3")
    service = Service(config, tmp_path)
    try:
        others = take_part(StudyRequest(desk.path, study_id, "cpu"))
        with closing(others):
            while "Picked for round 1 of 1" not in service.journal():
                next(others)  # asks, so that the round begins
        time.sleep(0.5)
        told_at = time.monotonic()
        assert service.end(signal.SIGTERM) == 0
        assert time.monotonic() - told_at < 8
        assert service.told[0] == "READY=1"
        assert "STOPPING=1" in service.told
        assert round_path(home, study_id).exists()  # from where it goes on
        member = membership_of(home, study_id)
        service.close()
        service = Service(config, tmp_path)
        events = list(take_part(StudyRequest(desk.path, study_id, "cpu")))
        assert service.wait() == 0
        assert type(events[-1]).__name__ == "StudyFinished"
        journal = service.journal()
    finally:
        service.close()
    assert "Stopped; goes on from what is saved" in journal
    assert "All 1 rounds are averaged; the study is finished" in journal
    assert membership_of(home, study_id) == member
    for secret in (codes[0], invitation, member.credential, ".png", "Traceback"):
        assert secret not in journal
    with LabelStore(home.labels_path) as store:
        entries = [e for e in store.audit.entries() if e.kind.startswith("study_")]
    assert [(e.kind, e.reader) for e in entries] == [
        ("study_consented", "Dr. Huber"),
        ("study_joined", "Dr. Huber"),
    ]
    assert "spot = dot" in str(entries[0].details)


def test_another_choice_in_the_file_is_recorded_as_the_desk_would(
    coordinator: Coordinator, study_id: str, codes: list[str], tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 2})
    enrol(home, coordinator.url, codes[2], "Ward")
    choice = {"project": str(home.path), "consent": "Dr. Huber", "classes": {"ring": ""}}
    settings = read_site_settings(write_config(tmp_path, **choice))
    assert not list(made_member(home, settings))
    member = membership_of(home, study_id)
    assert list(member.contribution.classes.values()) == [None]
    assert not list(made_member(home, settings))
    with LabelStore(home.labels_path) as store:
        changes = [e for e in store.audit.entries() if e.kind == "study_contribution_changed"]
    assert [(e.reader, len(changes)) for e in changes] == [("Dr. Huber", 1)]
    wrong = read_site_settings(write_config(tmp_path, **(choice | {"classes": {"ring": "disc"}})))
    with pytest.raises(SettingsFileError, match="there is no class of the study “disc”"):
        list(made_member(home, wrong))
    larger = read_site_settings(write_config(tmp_path, **(choice | {"extractor": "resnet18"})))
    with pytest.raises(SettingsFileError, match="this site has joined with small_cnn"):
        list(made_member(home, larger))


@pytest.mark.usefixtures("expected_warnings")
def test_whom_the_file_does_not_name_is_trusted_no_more(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 1})
    authority = new_authority(tmp_path, "Hospital Authority")
    named = {"project": str(home.path), "network": {"authorities": str(authority.path)}}
    use_network(home, read_site_settings(write_config(tmp_path, **named)))
    assert trust_of(home).authorities_path is not None
    for _ in range(2):
        use_network(home, read_site_settings(write_config(tmp_path, project=str(home.path))))
        assert trust_of(home).authorities_path is None


def join(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return exit code and standard error of the command."""
    with pytest.raises(typer.Exit) as ended:
        serve(config, None)
    return ended.value.exit_code, capsys.readouterr().err


def test_exit_codes_tell_whether_to_start_again(
    coordinator: Coordinator,
    study_id: str,
    codes: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, said = join(write_config(tmp_path, project="somewhere"), capsys)
    assert code == 78
    assert "project: it has to be a whole path" in said
    home = new_site(tmp_path, {"dot": 4, "ring": 4})
    config = write_config(tmp_path, project=str(home.path), device="cpu")
    with ProjectLock(home.lock_path, "the window"):
        code, said = join(config, capsys)
    assert code == 75
    assert "is open already" in said
    member = enrol(home, coordinator.url, codes[3], "Ward")
    list(hand_over(home, study_id, "Dr. Huber", tmp_path / "file"))
    code, said = join(config, capsys)
    assert code == 77
    assert "was handed over to another computer" in said
    take_back(home, study_id, "Dr. Huber")
    coordinator.revoke(study_id, member.site_id)
    code, said = join(config, capsys)
    assert code == 77
    assert "This site's membership has ended" in said
    other = new_site(tmp_path / "other", {"mole": 4})
    enrol(other, coordinator.url, codes[4], "Ward 2")
    code, said = join(write_config(tmp_path, project=str(other.path), device="cpu"), capsys)
    assert code == 77, said


def test_a_project_that_is_in_no_study_needs_an_invitation(tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 1})
    settings = read_site_settings(write_config(tmp_path, project=str(home.path)))
    with pytest.raises(SettingsFileError, match="in no such study yet; name the study"):
        list(made_member(home, settings))
