import json
from pathlib import Path

from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.play import play_round


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
