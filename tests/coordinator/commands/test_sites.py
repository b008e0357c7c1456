import json
from pathlib import Path

from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import LiveCoordinator


def test_invited_sites_are_listed_and_revoked(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    codes = command("site", "invite", study_id, "--count", "3").splitlines()
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
    code = command("site", "invite", study_id, "--expires-days", "1")
    live.clock.show_real_time()
    live.clock.turn(86_401)
    assert "expired" in live.enrol(code, "c" * 43).text
