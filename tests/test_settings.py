"""Settings survive crashes, other versions and mistakes; nothing is overwritten unasked."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from desktop_client.errors import SettingsError
from desktop_client.settings import ClientSettings, load_settings, save_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "settings.json"


def test_without_a_file_the_defaults_hold(path: Path) -> None:
    settings = load_settings(path)
    assert settings == ClientSettings()
    assert (settings.thumbnail_size_px, settings.auto_advance) == (144, True)
    assert settings.theme == "system"
    assert not path.exists()


def test_what_is_saved_is_loaded_again(path: Path) -> None:
    settings = ClientSettings(site_name="Nord", last_folder=Path("/images"), epoch_count=7)
    save_settings(path, settings)
    assert load_settings(path) == settings


def test_saving_leaves_no_other_file_behind(path: Path) -> None:
    save_settings(path, ClientSettings(site_name="old"))
    save_settings(path, ClientSettings(site_name="new"))
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_keys_of_a_newer_version_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"site_name": "Nord", "future": [1, 2]}', encoding="utf-8")
    save_settings(path, load_settings(path).model_copy(update={"site_name": "Süd"}))
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["future"] == [1, 2]
    assert stored["site_name"] == "Süd"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "Invalid JSON"),
        ("", "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"theme": "pink"}', "theme: Input should be 'system', 'light' or 'dark'"),
        ('{"thumbnail_size_px": 5}', "thumbnail_size_px: Input should be greater than or equal"),
    ],
)
def test_a_damaged_file_is_refused_with_the_remedy_and_left_alone(
    path: Path, content: str, sentence: str
) -> None:
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=sentence) as refusal:
        load_settings(path)
    assert "Correct the file, or delete it to start from the defaults." in str(refusal.value)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_in_the_way_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(path)
    with pytest.raises(SettingsError, match="cannot be saved: Is a directory"):
        save_settings(path, ClientSettings())
    assert list(path.parent.iterdir()) == [path]


def test_impossible_values_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="epoch_count"):
        ClientSettings(epoch_count=0)
