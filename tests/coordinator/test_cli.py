import json
import re
from pathlib import Path

import pytest
from safetensors import safe_open

from coordinator import cli
from tests.coordinator.conftest import LiveCoordinator, global_body, tiny_parameters, tiny_study

STUDY_TOML = """
name = "Moles"
task = "Tell nevus from melanoma"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001"
name = "nevus"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002"
name = "melanoma"
[model]
domain_classifier = "one"
feature_dim = 2
domain_capacity = 8
[method]
restyle = "none"
[rounds]
count = 3
averaged_rounds = 1
"""


class CommandLine:
    """Runs ``siteblind-coordinator`` in this process on the folder of the live coordinator."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> str:
        """Return what is printed; fails unless the exit code is 0."""
        code, out, err = self.run(*words)
        assert code == 0, err
        return out

    def refused(self, *words: str) -> str:
        """Return the sentence on stderr; fails unless the exit code is 1."""
        code, out, err = self.run(*words)
        assert (code, out) == (1, "")
        assert err.startswith("Error: ")
        assert "Traceback" not in err
        return err.removeprefix("Error: ").strip()

    def run(self, *words: str) -> tuple[int, str, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "sys.argv", ["siteblind-coordinator", "--data-folder", str(self.folder), *words]
            )
            with pytest.raises(SystemExit) as ended:
                cli.main()
        captured = self._capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), captured.out.strip(), captured.err


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, capsys)


@pytest.fixture
def study_toml(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY_TOML)
    return path


def test_study_is_created_listed_and_shown_while_the_server_runs(
    live: LiveCoordinator, command: CommandLine, study_toml: Path
) -> None:
    study_id = command("study", "create", str(study_toml))
    assert re.fullmatch("[0-9a-f]{32}", study_id)
    assert command("study", "list") == (
        f"{study_id}  Moles  The study waits for its initial parameters"
    )
    assert "round_count: 3" in command("study", "show", study_id)
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
    command("site", "revoke", study_id, site_id)
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


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["study", "show", "nowhere"], "This coordinator has no study 'nowhere'"),
        (["site", "invite", "nowhere"], "no study 'nowhere'"),
        (["site", "list", "nowhere"], "no study 'nowhere'"),
        (["export", "nowhere", "--output", "x"], "no study 'nowhere'"),
        (["study", "create", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["serve", "--host", "10.1.2.3"], "would carry credentials unencrypted"),
        (["serve", "--port", "70000"], "Setting port: Input should be less than or equal to 65535"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    command: CommandLine, words: list[str], sentence: str
) -> None:
    assert sentence in command.refused(*words)


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
    assert "cannot be read" in command.refused(*words, str(missing))
    assert "not valid safetensors" in command.refused(*words, str(study_toml))
    assert command("study", "list") == ""


def test_data_folder_that_is_a_file_is_a_sentence(command: CommandLine, tmp_path: Path) -> None:
    command.folder = tmp_path / "file"
    command.folder.write_text("")
    assert "data folder" in command.refused("study", "list")


def test_settings_file_is_read(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("port = -1\n")
    assert "Setting port" in command.refused("--settings", str(path), "study", "list")


def test_model_that_cannot_be_written_is_a_sentence(
    command: CommandLine, study_toml: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(global_body(tiny_study(), "any", tiny_parameters()))
    study_id = command("study", "create", str(study_toml), "--initial-parameters", str(model))
    output = str(tmp_path / "no" / "such" / "folder")
    sentence = command.refused("export", study_id, "--output", output, "--unfinished")
    assert "cannot be written: No such file or directory" in sentence
