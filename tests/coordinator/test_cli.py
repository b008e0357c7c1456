import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from coordinator.cli import application
from coordinator.server.serving import listen
from coordinator.storage.blobs import BlobFolder
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import global_body, tiny_parameters, tiny_study
from tests.faults.process import free_port


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


@pytest.mark.parametrize(
    "options", [["--port", "taken"], ["--host", "192.0.2.1", "--behind-proxy"]]
)
def test_start_that_is_refused_leaves_nothing_behind(
    command: CommandLine, tmp_path: Path, options: list[str]
) -> None:
    command.folder = tmp_path / "of" / "mine"
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        words = [port if word == "taken" else word for word in options]
        assert "Choose another address or port" in command.refused("serve", *words)
    assert list(tmp_path.iterdir()) == []


def test_database_server_that_is_away_is_a_sentence_and_leaves_nothing_behind(
    command: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
) -> None:
    url = f"postgresql://siteblind:secret@127.0.0.1:{free_port()}/siteblind"
    monkeypatch.setenv("SITEBLIND_COORDINATOR_DATABASE_URL", url)
    command.folder = tmp_path / "data"
    assert "see to it that the database runs" in command.refused("serve")
    assert list(tmp_path.iterdir()) == []
    assert "secret" not in expected_warnings[0].getMessage()
    assert expected_warnings[0].exc_info is None


def test_database_made_in_vain_beside_old_files_is_removed(
    command: CommandLine, tmp_path: Path
) -> None:
    command.folder = tmp_path / "data"
    blobs = BlobFolder(command.folder / "parameters")
    blobs.put([b"of a database that was lost"])
    assert "those of another database" in command.refused("study", "list")
    assert [path.name for path in command.folder.iterdir()] == ["parameters"]


def test_database_is_readable_by_its_user_only_whoever_made_the_folder(
    command: CommandLine, tmp_path: Path
) -> None:
    command.folder = tmp_path / "data"
    command.folder.mkdir(mode=0o755)
    command("study", "list")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in command.folder.iterdir()}
    assert modes == {"coordinator.sqlite": 0o600, "parameters": 0o700}
