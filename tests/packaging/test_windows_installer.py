"""The Windows installer: compiled here, and tried under Wine with a payload of a few bytes."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from installers import signing

WINDOWS: Final = Path(__file__).parents[2] / "packaging/windows"
WINE: Final = Path("/usr/lib/wine/wine64")
REGISTERED: Final = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\SiteBlind"
OPENING: Final = r"HKCU\Software\Classes\SiteBlind.Backup\shell\open\command"

needs_compiler = pytest.mark.skipif(
    shutil.which("makensis") is None, reason="makensis is not installed"
)


def compiled(folder: Path, version: str, *more: str) -> Path:
    """Make an installer of a payload that holds a file named after its version."""
    payload = folder / f"payload-{version}"
    for name in (
        "siteblind-desktop.exe",
        "siteblind.exe",
        f"_internal/of-{version}.dll",
        "licences/siteblind/LICENSE",
        "bill-of-materials.cdx.json",
    ):
        (payload / name).parent.mkdir(parents=True, exist_ok=True)
        (payload / name).write_text(version)
    installer = folder / f"SiteBlind-{version}.exe"
    defined = {"PAYLOAD": payload, "VERSION": version, "OUTPUT": installer}
    options = [f"-D{name}={value}" for name, value in defined.items()]
    subprocess.run(
        ["makensis", "-V2", "-WX", *options, *more, WINDOWS / "siteblind.nsi"], check=True
    )
    return installer


@needs_compiler
def test_the_script_compiles_without_a_warning(tmp_path: Path) -> None:
    installer = compiled(tmp_path, "1.2.3")
    assert installer.read_bytes().startswith(b"MZ")


@needs_compiler
@pytest.mark.skipif(shutil.which("osslsigncode") is None, reason="osslsigncode is not installed")
def test_installer_and_uninstaller_are_signed_with_the_certificate_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, both = tmp_path / "own.pem", tmp_path / "own.pfx"
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Nobody -keyout key.pem -out own.pem "
        "-addext extendedKeyUsage=codeSigning",
        "pkcs12 -export -inkey key.pem -in own.pem -out own.pfx -passout pass:secret",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("SITEBLIND_SIGNING_CERTIFICATE", str(both))
    monkeypatch.setenv("SITEBLIND_SIGNING_PASSWORD", "secret")
    monkeypatch.setenv("SITEBLIND_SIGNING_TIMESTAMPS", "")
    monkeypatch.setenv("PYTHONPATH", str(WINDOWS.parent))
    installer = compiled(tmp_path, "1.2.3", f"-DSIGN={sys.executable} -m installers.signing")
    verified = subprocess.run(
        ["osslsigncode", "verify", "-CAfile", certificate, "-in", installer],
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout
    assert "CN=Nobody" in verified.stdout
    altered = tmp_path / "altered.exe"
    altered.write_bytes(installer.read_bytes().replace(b"SiteBlind", b"SiteBlond", 1))
    refused = subprocess.run(
        ["osslsigncode", "verify", "-CAfile", certificate, "-in", altered], capture_output=True
    )
    assert refused.returncode != 0


def test_without_a_certificate_nothing_is_signed_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SITEBLIND_SIGNING_CERTIFICATE", raising=False)
    signing.sign(tmp_path / "setup.exe")
    assert "setup.exe is not signed" in capsys.readouterr().err


@dataclass
class Computer:
    """A Windows that has nothing on it, as far as Wine is one."""

    folder: Path

    def run(self, program: Path | str, *options: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        environment |= {"WINEPREFIX": str(self.folder), "WINEDEBUG": "-all"}
        return subprocess.run(
            [str(WINE), str(program), *options],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def value(self, key: str, name: str) -> str | None:
        said = self.run("reg", "query", key, *(["/v", name] if name else ["/ve"]))
        lines = [line for line in said.stdout.splitlines() if "REG_" in line]
        return lines[0].split("REG_SZ")[-1].strip() if said.returncode == 0 else None

    def find(self, pattern: str) -> list[Path]:
        return sorted((self.folder / "drive_c").rglob(pattern))


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    one = Computer(tmp_path_factory.mktemp("windows"))
    one.run("wineboot", "--init")
    yield one
    one.run("wineboot", "--kill")


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(not WINE.exists(), reason="wine64 is not installed")
def test_it_installs_upgrades_and_uninstalls_silently_for_one_person(
    computer: Computer, tmp_path: Path
) -> None:
    assert computer.run(compiled(tmp_path, "1.2.3"), "/S").returncode == 0
    program = computer.find("siteblind-desktop.exe")[0]
    place = program.parent
    assert place.parts[-4:] == ("AppData", "Local", "Programs", "SiteBlind")
    assert [link.parent.name for link in computer.find("SiteBlind.lnk")] == ["Programs"]
    assert computer.value(REGISTERED, "DisplayVersion") == "1.2.3"
    assert str(computer.value(REGISTERED, "QuietUninstallString")).endswith('Uninstall.exe" /S')
    assert str(computer.value(OPENING, "")).endswith('siteblind-desktop.exe" "%1"')

    own = place / "somebodys notes.txt"
    own.write_text("kept")
    assert computer.run(compiled(tmp_path, "1.3.0"), "/S").returncode == 0
    assert program.read_text() == "1.3.0"
    assert [path.name for path in (place / "_internal").iterdir()] == ["of-1.3.0.dll"]
    assert computer.value(REGISTERED, "DisplayVersion") == "1.3.0"

    project = place.parents[1] / "SiteBlind/labels.sqlite"
    project.parent.mkdir()
    project.touch()
    assert computer.run(place / "Uninstall.exe", "/S").returncode == 0
    deadline = time.monotonic() + 60  # it goes on as a copy of itself, which can then remove it
    while (place / "Uninstall.exe").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [path.name for path in place.iterdir()] == [own.name]
    assert computer.find("SiteBlind.lnk") == []
    assert computer.value(REGISTERED, "DisplayVersion") is None
    assert computer.value(OPENING, "") is None
    assert project.exists()


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(not WINE.exists(), reason="wine64 is not installed")
def test_another_folder_can_be_named(computer: Computer, tmp_path: Path) -> None:
    done = computer.run(compiled(tmp_path, "1.2.3"), "/S", r"/D=C:\Ward\SiteBlind")
    assert done.returncode == 0
    place = computer.folder / "drive_c/Ward/SiteBlind"
    assert (place / "siteblind-desktop.exe").exists()
    assert (computer.value(REGISTERED, "InstallLocation") or "").endswith(r"\Ward\SiteBlind")


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(not WINE.exists(), reason="wine64 is not installed")
def test_it_is_installed_for_everybody_by_an_administrator(
    computer: Computer, tmp_path: Path
) -> None:
    assert computer.run(compiled(tmp_path, "1.2.3"), "/S", "/ALLUSERS").returncode == 0
    place = computer.folder / "drive_c/Program Files/SiteBlind"
    assert (place / "siteblind-desktop.exe").exists()
    everybodys = REGISTERED.replace("HKCU", "HKLM")
    assert str(computer.value(everybodys, "UninstallString")).endswith('Uninstall.exe" /ALLUSERS')
