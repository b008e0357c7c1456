import json
import re
from pathlib import Path

from safetensors import safe_open

from tests.coordinator.command_line import STUDY_TOML, CommandLine
from tests.coordinator.conftest import LiveCoordinator, global_body, tiny_parameters, tiny_study


def test_study_is_created_listed_and_shown_while_the_server_runs(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    assert re.fullmatch("[0-9a-f]{32}", study_id)
    headings, line = command("study", "list").splitlines()
    assert headings.split() == ["study", "id", "name", "state", "sentence"]
    assert (
        line
        == f"{study_id}  Moles  waiting_for_parameters  The study waits for its initial parameters"
    )
    assert "round count:    3" in command("study", "show", study_id)
    facts = json.loads(command("study", "show", study_id, "--json"))
    assert (facts["state"], facts["averaged_count"]) == ("waiting_for_parameters", 0)
    # The server, which was there first, knows the new study too.
    site = live.join(study_id, tiny_study())
    assert site.round().state == "waiting_for_parameters"


def test_study_with_initial_parameters_can_begin(
    command: CommandLine, study_toml: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(global_body(tiny_study(), "any", tiny_parameters(0.5)))
    created = command(
        "study", "create", str(study_toml), "--initial-parameters", str(model), "--json"
    )
    study_id = json.loads(created)["study_id"]
    assert "waits for sites" in command("study", "list")
    output = tmp_path / "out.safetensors"
    sentence = command.refused("export", study_id, "--output", str(output))
    assert "Only 0 of 3 rounds are averaged" in sentence
    command("export", study_id, "--output", str(output), "--unfinished")
    with safe_open(output, framework="np") as file:
        assert file.get_tensor("lesion_classifier.bias").tolist() == [0.5, 0.5]


def test_proposal_is_approved_or_rejected(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    study = tiny_study()
    live.clock.show_real_time()
    site = live.join(study_id, study)
    site.propose(global_body(study, study_id, tiny_parameters(1.0)))
    command("study", "reject", study_id)
    site.propose(global_body(study, study_id, tiny_parameters(2.0)))
    command("study", "approve", study_id)
    assert site.download(0)[0]["lesion_classifier.bias"].tolist() == [2.0, 2.0]
    assert "No proposal waits" in command.refused("study", "approve", study_id)


def test_bad_study_names_key_and_reason(command: CommandLine, study_toml: Path) -> None:
    study_toml.write_text(STUDY_TOML + "fraction = 0.9\n")
    assert "rounds.fraction: Input should be less than or equal to 0.5" in command.refused(
        "study", "create", str(study_toml)
    )


def test_initial_parameters_that_are_none_create_no_study(
    command: CommandLine, study_toml: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.safetensors"
    words = ["study", "create", str(study_toml), "--initial-parameters"]
    assert "is not a file that can be read" in command.refused(*words, str(missing))
    assert "not valid safetensors" in command.refused(*words, str(study_toml))
    assert command("study", "list") == "No study was created yet"


def test_study_is_paused_resumed_and_stopped(live: LiveCoordinator, command: CommandLine) -> None:
    live.clock.show_real_time()
    (site,) = live.running_study(1)
    command("study", "pause", site.study_id)
    assert site.round().state == "paused"
    command("study", "resume", site.study_id)
    assert site.round().state == "waiting_for_sites"
    assert "add --yes" in command.refused("study", "stop", site.study_id)
    command("study", "stop", site.study_id, "--yes")
    assert site.round().state == "finished"
    assert "was stopped for good" in command.refused("study", "resume", site.study_id)


def test_figures_of_the_rounds_are_shown(live: LiveCoordinator, command: CommandLine) -> None:
    live.clock.show_real_time()
    first, second = live.running_study(2)
    study_id, measured = first.study_id, {"sample_count": 40, "accuracy": 0.9, "auc": 0.75}
    assert "No site has measured the model yet" in command("study", "show", study_id)
    for site, auc in ((first, 0.75), (second, 0.25)):
        body = site.update_body(tiny_parameters(), metrics_before=measured | {"auc": auc})
        assert site.send(1, body).status_code == 200
    headings, line = command("study", "show", study_id).splitlines()[-2:]
    assert headings.split() == [
        *("after", "round", "sites", "auc", "balanced", "accuracy", "leakage", "chance")
    ]
    assert line.split() == ["0", "2", "0.500", "–", "–", "–"]
    told = json.loads(command("study", "show", study_id, "--json"))["rounds"]
    assert told[0]["round_number"] == 0
    assert told[0]["lesion_metrics"][first.site_id]["auc"] == 0.75


def test_study_that_was_stopped_before_it_had_a_model_does_not_look_finished(
    command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    said = command("study", "stop", study_id, "--yes")
    assert said == "The study owner has stopped the study before it had a model"
    facts = json.loads(command("study", "show", study_id, "--json"))
    assert (facts["state"], facts["sentence"]) == ("stopped", said)
    assert "  stopped  " in command("study", "list")


def test_study_that_was_stopped_says_how_to_get_its_model(
    live: LiveCoordinator, command: CommandLine, tmp_path: Path
) -> None:
    live.clock.show_real_time()
    (site,) = live.running_study(1)
    said = command("study", "stop", site.study_id, "--yes")
    assert "its model is the untrained one" in said
    assert f"`export {site.study_id} --unfinished --output FILE` writes it" in said
    command("export", site.study_id, "--unfinished", "--output", str(tmp_path / "model"))
