import json

from sqlalchemy import update

from coordinator.storage import tables
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import LiveCoordinator, LiveSite


def one_averaged_round(live: LiveCoordinator) -> list[LiveSite]:
    """Two sites, round 1 averaged, round 2 open."""
    live.clock.show_real_time()  # as the command line does
    sites = live.running_study(2)
    sites[0].round()
    for site in sites:
        assert site.send_value(1.0).status_code == 200
    assert sites[0].round().round_number == 2
    return sites


def test_rounds_are_listed_the_newest_first(live: LiveCoordinator, command: CommandLine) -> None:
    sites = one_averaged_round(live)
    study_id = sites[0].study_id
    headings, second, first = command("round", "list", study_id).splitlines()
    assert headings.split()[:3] == ["round", "attempt", "state"]
    assert second.split()[:3] == ["2", "1", "collecting"]
    assert second.split("  –  ")[1].split()[:2] == ["2", "0"]
    assert all(f"Hospital ({site.site_id[:6]})" in second for site in sites)
    assert first.split()[:3] == ["1", "1", "averaged"]
    assert first.split()[-4:] == ["2", "2", "–", "–"]


def test_rounds_are_json_for_programs(live: LiveCoordinator, command: CommandLine) -> None:
    sites = one_averaged_round(live)
    second, first = json.loads(command("round", "list", sites[0].study_id, "--json"))
    assert (second["round_number"], second["state"]) == (2, "collecting")
    assert {site["site_id"] for site in first["picked"]} == {site.site_id for site in sites}
    assert {site["fate"] for site in first["picked"]} == {"sent"}


def test_study_without_rounds_says_so(live: LiveCoordinator, command: CommandLine) -> None:
    (site,) = live.running_study(1)
    assert command("round", "list", site.study_id) == "No round of this study was opened yet"
    sentence = command.refused("round", "explain", site.study_id, "1")
    assert "has not opened round 1" in sentence


def test_pick_is_explained_and_drawn_again(live: LiveCoordinator, command: CommandLine) -> None:
    sites = one_averaged_round(live)
    said = command("round", "explain", sites[0].study_id, "1")
    assert said.startswith("Round 1, attempt 1: averaged\nOf 2 sites here, 2 take part")
    assert "Drawn again, it gives the same sites" in said
    assert all(f"{site.site_id}  Hospital  yes" in said for site in sites)
    (attempt,) = json.loads(command("round", "explain", sites[0].study_id, "1", "--json"))
    assert attempt["is_as_drawn"] is True
    assert attempt["picked"] == sorted(site.site_id for site in sites)


def test_pick_that_was_not_drawn_is_told(live: LiveCoordinator, command: CommandLine) -> None:
    study_id = one_averaged_round(live)[0].study_id
    (attempt,) = json.loads(command("round", "explain", study_id, "1", "--json"))
    with live.store.writing() as connection:
        altered = attempt["draw"] | {"seen": [attempt["draw"]["seen"][0], "another"]}
        connection.execute(update(tables.rounds).values(draw=altered))
    said = command("round", "explain", study_id, "1")
    assert "it gives OTHER SITES: the records were altered" in said
