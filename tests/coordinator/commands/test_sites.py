import hashlib
import json
import ssl
from pathlib import Path

import pytest

from coordinator.invitation import Invitation, read_invitation
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.play import play_round


def test_invited_sites_are_listed_and_revoked(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    said = json.loads(command("site", "invite", study_id, "--count", "3", "--json"))
    codes = said["codes"]
    assert len(set(codes)) == 3
    (other,) = json.loads(command("site", "invite", study_id, "--json"))["codes"]
    assert other not in codes
    live.clock.show_real_time()  # as the command line does
    site_id = live.enrol(codes[0], "c" * 43, site_name="Vienna").json()["site_id"]
    assert f"{site_id}  Vienna  " in command("site", "list", study_id)
    command("site", "revoke", study_id, site_id, "--yes")
    (listed,) = json.loads(command("site", "list", study_id, "--json"))
    assert listed["membership"] == "ended"


def test_code_expires_when_it_was_told_to(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    (code,) = json.loads(command("site", "invite", study_id, "--expires-days", "1", "--json"))[
        "codes"
    ]
    live.clock.show_real_time()
    live.clock.turn(86_401)
    assert "expired" in live.enrol(code, "c" * 43).text


def test_nobody_is_invited_to_a_study_that_is_over(
    live: LiveCoordinator, command: CommandLine
) -> None:
    live.clock.show_real_time()
    sites = live.running_study(2, count=1)
    play_round(sites, 1.0)
    sentence = command.refused("site", "invite", sites[0].study_id)
    assert "are averaged already; create a new study" in sentence
    (site,) = live.running_study(1)
    command("study", "stop", site.study_id, "--yes")
    assert "stopped for good; create a new one" in command.refused("site", "invite", site.study_id)


def test_invitation_holds_address_code_study_and_fingerprint(
    command: CommandLine, study_toml: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(ssl.DER_cert_to_PEM_cert(b"a certificate"))
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PUBLIC_ADDRESS", "https://study.example.org/")
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PUBLIC_CERTIFICATE", str(certificate))
    said = json.loads(command("site", "invite", study_id, "--json"))
    assert read_invitation(said["invitations"][0]) == Invitation(
        "https://study.example.org",
        study_id,
        said["codes"][0],
        hashlib.sha256(b"a certificate").hexdigest(),
    )
    printed = command("site", "invite", study_id)
    assert read_invitation(printed).code in printed.splitlines()[-1]


def test_a_coordinator_that_does_not_know_its_address_prints_bare_codes(
    command: CommandLine, study_toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = command("study", "create", str(study_toml))
    monkeypatch.setenv("SITEBLIND_COORDINATOR_HOST", "0.0.0.0")  # noqa: S104  it does not listen
    code, out, err = command.run("site", "invite", study_id)
    assert code == 0
    assert len(out.splitlines()) == 1
    assert "public_address" in err


def test_an_invitation_with_a_certificate_that_cannot_be_read_is_refused(
    command: CommandLine, study_toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id = command("study", "create", str(study_toml))
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PUBLIC_CERTIFICATE", str(study_toml))
    assert "no certificate in it" in command.refused("site", "invite", study_id)
