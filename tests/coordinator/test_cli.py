from pathlib import Path

import pytest

from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import global_body, tiny_parameters, tiny_study


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
