from pathlib import Path

import pytest

from coordinator.errors import SettingsInvalidError
from coordinator.server.settings import read_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITEBLIND_COORDINATOR_DATA_FOLDER", raising=False)
    monkeypatch.delenv("SITEBLIND_COORDINATOR_PORT", raising=False)


@pytest.fixture
def toml_path(tmp_path: Path) -> Path:
    return tmp_path / "coordinator.toml"


def test_without_any_setting_only_this_machine_is_served() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.is_loopback) == ("127.0.0.1", 8470, True)
    assert settings.tls_certificate is None


def test_given_goes_before_environment_and_environment_before_file(
    toml_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml_path.write_text('port = 1001\nhost = "::1"\nlog_level = "debug"\n')
    assert read_settings(toml_path).port == 1001
    monkeypatch.setenv("SITEBLIND_COORDINATOR_PORT", "1002")
    assert read_settings(toml_path).port == 1002
    settings = read_settings(toml_path, port=1003, host=None)
    assert (settings.port, settings.host, settings.log_level) == (1003, "::1", "debug")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 65536", "Setting port: .*less than or equal to 65535"),
        ('port = "many"', "Setting port: .*integer"),
        ("ports = 1", "Setting ports: .*not permitted"),
        ('log_level = "loud"', "Setting log_level: .*'debug'"),
        ('tls_key = "key.pem"', "tls_certificate and tls_key are only of use together"),
        ('tls_key = "nokey.pem"\ntls_certificate = "no.pem"', "no.pem is not a file"),
        ("port = ", "not valid TOML"),
    ],
)
def test_bad_setting_names_key_and_reason(toml_path: Path, text: str, sentence: str) -> None:
    toml_path.write_text(text)
    with pytest.raises(SettingsInvalidError, match=sentence):
        read_settings(toml_path)


def test_settings_file_in_another_encoding_is_refused(toml_path: Path) -> None:
    toml_path.write_bytes('data_folder = "Köln"'.encode("latin-1"))
    with pytest.raises(SettingsInvalidError, match="not valid TOML"):
        read_settings(toml_path)


def test_settings_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalidError, match=r"nowhere\.toml does not exist"):
        read_settings(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  exactly what must be told apart
        ("::", False),
        ("10.0.0.1", False),
        ("coordinator.example.org", False),
    ],
)
def test_only_loopback_addresses_are_this_machine_alone(host: str, is_loopback: bool) -> None:
    assert read_settings(host=host).is_loopback is is_loopback


def test_object_store_is_named_as_a_whole() -> None:
    settings = read_settings(
        object_store="s3://studies/moles", object_store_endpoint="https://minio.example.org:9000"
    )
    assert str(settings.objects_at) == "s3://studies/moles/ at https://minio.example.org:9000"
    assert read_settings().objects_at is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"object_store": "studies"}, "write it like s3://bucket/prefix"),
        ({"object_store_region": "eu"}, "of no use without object_store"),
        (
            {"object_store": "s3://studies", "object_store_endpoint": "minio"},
            "Setting object_store_endpoint: write it like https://minio",
        ),
    ],
)
def test_object_store_that_cannot_be_found_is_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsInvalidError, match=sentence):
        read_settings(None, **given)
