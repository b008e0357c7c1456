from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from coordinator.cli import application
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


def leaves(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield each command with its options."""
    if isinstance(command, TyperGroup):
        for name, part in command.commands.items():
            yield from leaves(part, (*words, name))
    elif isinstance(command, TyperCommand):
        yield " ".join(words), {option for param in command.params for option in param.opts}


def test_every_command_but_the_server_speaks_json() -> None:
    options = dict(leaves(get_group(application)))
    assert [name for name, known in options.items() if "--json" not in known] == ["serve"]


def test_what_has_no_way_back_can_be_confirmed_beforehand() -> None:
    options = dict(leaves(get_group(application)))
    confirmed = {name for name, known in options.items() if "--yes" in known}
    assert confirmed == {"study stop", "site revoke", "owner revoke"}


def test_words_that_are_no_command_have_an_exit_code_of_their_own(command: CommandLine) -> None:
    code, out, err = command.run("study", "destroy")
    assert (code, out) == (2, "")
    assert "No such command 'destroy'" in err
