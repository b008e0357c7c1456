"""Installers, made of a payload of a few bytes: what is put where, and what is left alone."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installers import bill, debian, distributions, elf, licences, payload
from installers.libraries import Library

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"


def without(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def said_by(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder like the frozen desktop program's, of the smallest programs there are."""
    folder = tmp_path / "siteblind"
    for name in (
        "siteblind-desktop",
        "_internal/PySide6/Qt/plugins/platforms/libqxcb.so",
        "_internal/torch/lib/libtorch_python.so",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", folder / name)
    (folder / "siteblind").symlink_to("siteblind-desktop")
    (folder / "licences").mkdir()
    return folder


class TestVersions:
    def test_the_version_stands_in_one_place(self) -> None:
        version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        files = [path for path in PACKAGING.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert [path for path in files if f'"{version}"' in path.read_text("utf-8")] == []

    def test_the_cpu_edition_has_its_own_pytorch_and_all_else_as_tested(self) -> None:
        cpu = (PACKAGING / "cpu.txt").read_text()
        assert re.findall(r"^(\w+)==", cpu, re.MULTILINE) == ["torch", "torchvision"]
        assert "torch==2.13.0+cpu" in cpu


class TestLicences:
    @pytest.mark.parametrize("name", ["desktop", "coordinator"])
    def test_nothing_that_is_shipped_is_under_the_gpl(self, name: str) -> None:
        shipped = distributions.shipped(name)
        distributions.check_licences(shipped)
        assert shipped[0].name == "siteblind"
        assert len(shipped) > 20

    def test_the_coordinator_ships_neither_pytorch_nor_qt(self) -> None:
        names = {one.name.lower() for one in distributions.shipped("coordinator")}
        assert not names & {"torch", "torchvision", "pyside6_essentials", "scikit-learn"}

    @pytest.mark.parametrize(
        ("licence", "is_lawful"),
        [
            ("GPL-3.0-only", False),
            ("AGPL-3.0-or-later", False),
            ("GNU General Public License v3 (GPLv3)", False),
            ("LGPL-3.0-only OR GPL-2.0-only", True),
            ("MIT", True),
            ("MIT AND GPL-2.0-or-later", False),
            ("BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", True),
            ("(MIT OR GPL-2.0-or-later) AND BSD-3-Clause", True),
            ("(MIT OR Apache-2.0) AND GPL-2.0-or-later", False),
            ("GPL-2.0-only WITH Linux-syscall-note", False),
        ],
    )
    def test_what_can_only_be_had_under_the_gpl_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, *, licence: str, is_lawful: bool
    ) -> None:
        monkeypatch.setattr(distributions, "licence_of", lambda _: licence)
        package = metadata.distribution("siteblind")
        if is_lawful:
            distributions.check_licences([package])
        else:
            with pytest.raises(distributions.UnlawfulError, match="siteblind is under"):
                distributions.check_licences([package])

    @pytest.mark.parametrize("name", ["desktop", "coordinator"])
    def test_each_package_comes_with_its_licence(self, name: str, tmp_path: Path) -> None:
        licences.collect(name, tmp_path / "licences")
        for one in distributions.shipped(name):
            assert any((tmp_path / "licences" / one.name).iterdir())
        assert "Apache License" in (tmp_path / "licences/siteblind/LICENSE").read_text()
        assert "pydantic" in (tmp_path / "licences/README.txt").read_text()

    def test_qt_comes_with_the_lgpl_and_with_how_to_replace_it(self) -> None:
        assert set(licences.BY_REFERENCE) == {"pyside6-essentials", "shiboken6"}
        assert "may be replaced" in (PACKAGING / "licences/README.txt").read_text()

    def test_the_bill_names_every_package_with_version_and_licence(self) -> None:
        gcc = Library("_internal/numpy.libs/libgfortran.so", "GCC", "numpy", "GPL-3.0-or-later")
        told = bill.bill_of("coordinator", [gcc])
        assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
        parts = told["components"]
        assert isinstance(parts, list)
        assert {"fastapi", "sqlalchemy", "cpython"} <= {part["name"] for part in parts}
        assert parts[-1]["group"] == "numpy"
        assert all(part["purl"].endswith(f"@{part['version']}") for part in parts[:-1])
        assert all(part["licenses"] for part in parts)


class TestPayload:
    def entry(self, place: str, source: str = "/venv/lib/file") -> payload.Entry:
        return (place, source, "BINARY")

    def test_tests_headers_and_other_toolkits_are_left_out(self) -> None:
        gone = ["torch/bin/test_api", "torch/test/a.so", "PySide6/Qt/lib/libQt6Quick.so.6"]
        kept = ["torch/bin/torch_shm_manager", "PySide6/Qt/plugins/platforms/libqxcb.so"]
        entries = [self.entry(place) for place in [*gone, *kept]]
        assert [place for place, _, _ in payload.wanted(entries)] == kept

    def test_of_amazons_services_only_the_store_and_signing_in_are_described(self) -> None:
        gone = ["botocore/data/ec2/2016-11-15/service-2.json.gz", "boto3/data/sqs/1/resources.json"]
        kept = ["botocore/data/s3/2006-03-01/service-2.json.gz", "botocore/data/endpoints.json"]
        kept += ["siteblind-coordinator", "botocore/cacert.pem"]
        entries = [self.entry(place) for place in [*gone, *kept]]
        assert [place for place, _, _ in payload.wanted(entries)] == kept

    def test_the_systems_own_libraries_stay_the_systems(self) -> None:
        system = "/usr/lib/x86_64-linux-gnu/"
        entries = [
            self.entry(name, system + name) for name in ("libssl.so.3", "libxcb-cursor.so.0")
        ]
        assert [place for place, _, _ in payload.wanted(entries)] == ["libxcb-cursor.so.0"]

    def test_libraries_that_nothing_needs_any_more_are_left_out(self, tmp_path: Path) -> None:
        library = tmp_path / "module.so"
        shutil.copy("/bin/true", library)
        entries = [
            self.entry("package/module.so", str(library)),
            self.entry("package.libs/libc.so.6", str(library)),
            self.entry("package.libs/libunused.so.1", str(library)),
            ("libunused.so.1", "package.libs/libunused.so.1", "SYMLINK"),
        ]
        assert [place for place, _, _ in payload.needed(entries)] == [
            "package/module.so",
            "package.libs/libc.so.6",
        ]

    def test_what_a_library_needs_is_read_from_it(self, program: Path) -> None:
        assert "libc.so.6" in elf.needs(Path(sys.executable).resolve())
        assert elf.missing(program) == {"libc.so.6"}


@without("dpkg-deb")
class TestDebianPackages:
    def test_the_desktop_package_has_menu_entry_icon_file_type_and_manual(
        self, program: Path, tmp_path: Path
    ) -> None:
        path = debian.build("desktop", program, tmp_path / "out", "1.2.3")
        assert path.name == "siteblind_1.2.3_amd64.deb"
        files = said_by("dpkg-deb", "--contents", path)
        for wanted in (
            "usr/bin/siteblind -> ../lib/siteblind/siteblind",
            "usr/bin/siteblind-desktop -> ../lib/siteblind/siteblind-desktop",
            "usr/share/applications/siteblind.desktop",
            "usr/share/icons/hicolor/scalable/apps/siteblind.svg",
            "usr/share/mime/packages/siteblind.xml",
            "usr/share/metainfo/org.siteblind.desktop.metainfo.xml",
            "usr/share/man/man1/siteblind-desktop.1.gz",
            "usr/share/doc/siteblind/licences -> ../../../lib/siteblind/licences",
        ):
            assert f"./{wanted}" in files
        control = said_by("dpkg-deb", "--field", path)
        assert "Version: 1.2.3\n" in control
        assert "Depends: libc6 (>= 2.36), fontconfig" in control
        assert not (tmp_path / "out/siteblind.tree").exists()

    def test_the_edition_for_gpus_takes_the_place_of_the_other(
        self, program: Path, tmp_path: Path
    ) -> None:
        path = debian.build("desktop-gpu", program, tmp_path / "out", "1.2.3")
        assert path.name == "siteblind-gpu_1.2.3_amd64.deb"
        assert "Conflicts: siteblind\n" in said_by("dpkg-deb", "--field", path)
        assert "./usr/lib/siteblind/siteblind-desktop" in said_by("dpkg-deb", "--contents", path)

    def test_its_scripts_look_after_the_service_and_remove_nothing(
        self, program: Path, tmp_path: Path
    ) -> None:
        path = debian.build("desktop", program, tmp_path / "out", "1.2.3")
        said_by("dpkg-deb", "--raw-extract", path, tmp_path / "tree")
        tree = tmp_path / "tree"
        unit = (tree / "usr/lib/systemd/system/siteblind-site@.service").read_text()
        assert "ExecStart=/usr/bin/siteblind join --config /etc/siteblind/sites/%i.toml" in unit
        assert (tree / "usr/lib/sysusers.d/siteblind-site.conf").is_file()
        assert (tree / "usr/share/doc/siteblind/examples/site.toml").is_file()
        scripts = {one.name for one in (tree / "DEBIAN").iterdir()} - {"control", "md5sums"}
        assert scripts == {"postinst", "prerm", "postrm"}
        for script in scripts:
            said_by("sh", "-n", tree / "DEBIAN" / script)
            assert not re.search(r"\b(rm|rmdir|userdel)\b", (tree / "DEBIAN" / script).read_text())

    def test_the_coordinators_package_has_service_user_and_settings_that_stay(
        self, program: Path, tmp_path: Path
    ) -> None:
        path = debian.build("coordinator", program, tmp_path / "out", "1.2.3")
        said_by("dpkg-deb", "--raw-extract", path, tmp_path / "tree")
        tree = tmp_path / "tree"
        unit = (tree / "usr/lib/systemd/system/siteblind-coordinator.service").read_text()
        assert "ExecStart=/usr/bin/siteblind-coordinator --settings /etc/siteblind/" in unit
        assert (tree / "DEBIAN/conffiles").read_text() == "/etc/siteblind/coordinator.toml\n"
        assert (tree / "usr/lib/sysusers.d/siteblind-coordinator.conf").is_file()
        for script in ("postinst", "prerm", "postrm"):
            said_by("sh", "-n", tree / "DEBIAN" / script)
            assert (tree / "DEBIAN" / script).stat().st_mode & 0o111

    def test_a_library_that_no_package_has_ends_the_build(
        self, program: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(elf, "missing", lambda _: {"libnobody-has-this.so.1"})
        with pytest.raises(LookupError, match=r"libnobody-has-this\.so\.1"):
            debian.dependencies(program)

    def test_what_a_graphics_card_brings_is_not_asked_of_debian(
        self, program: Path, tmp_path: Path
    ) -> None:
        empty, driver = tmp_path / "empty.c", tmp_path / "libcuda.so.1"
        empty.touch()
        gcc = ("gcc", "-shared", "-Wl,--no-as-needed")
        said_by(*gcc, "-Wl,-soname,libcuda.so.1", "-o", driver, empty)
        said_by(*gcc, "-o", program / "_internal/torch/lib/libtorch_cuda.so", driver, empty)
        assert "libcuda.so.1" in elf.missing(program)
        assert debian.dependencies(program) == ["libc6 (>= 2.36)"]


class TestDesktopFiles:
    @without("desktop-file-validate")
    def test_the_menu_entry_is_valid(self) -> None:
        assert said_by("desktop-file-validate", LINUX / "desktop/siteblind.desktop") == ""

    @without("appstreamcli")
    def test_the_description_for_software_centres_is_valid(self, tmp_path: Path) -> None:
        name = "org.siteblind.desktop.metainfo.xml"
        debian.fill_in(LINUX / "desktop" / name, tmp_path / name, "1.2.3")
        said_by("appstreamcli", "validate", "--no-net", tmp_path / name)

    def test_the_file_type_is_the_one_of_back_ups(self) -> None:
        from desktop_client.project.backup import SUFFIX

        root = ElementTree.parse(LINUX / "desktop/siteblind.xml").getroot()  # noqa: S314  our own
        assert [glob.get("pattern") for glob in root.iter() if glob.tag.endswith("glob")] == [
            f"*{SUFFIX}"
        ]
        kind = root[0].get("type")
        assert f"{kind};" in (LINUX / "desktop/siteblind.desktop").read_text()
        assert f"<mediatype>{kind}" in next((LINUX / "desktop").glob("*.metainfo.xml")).read_text()


class TestRunFile:
    """What is inside the .run, after makeself's part has unpacked it."""

    @pytest.fixture
    def unpacked(self, program: Path, tmp_path: Path) -> Path:
        folder = tmp_path / "unpacked"
        folder.mkdir()
        program.rename(folder / "siteblind")
        for file in (
            LINUX / "run/install.sh",
            LINUX / "desktop/siteblind.desktop",
            LINUX / "desktop/siteblind.xml",
            ROOT / "resources/icons/siteblind.svg",
        ):
            shutil.copy(file, folder)
        return folder

    def test_it_installs_for_one_person(self, unpacked: Path, tmp_path: Path) -> None:
        prefix = tmp_path / "own"
        said_by("sh", unpacked / "install.sh", "--prefix", prefix)
        said_by(prefix / "bin/siteblind")
        entry = (prefix / "share/applications/siteblind.desktop").read_text()
        assert f'Exec="{prefix}/bin/siteblind-desktop" %F' in entry

    def test_another_version_takes_the_place_of_the_first(
        self, unpacked: Path, tmp_path: Path
    ) -> None:
        prefix = tmp_path / "own"
        old = prefix / "lib/siteblind/_internal/of-an-old-version"
        old.parent.mkdir(parents=True)
        old.touch()
        said_by("sh", unpacked / "install.sh", "--prefix", prefix)
        said_by(prefix / "bin/siteblind")
        assert not old.exists()
        assert [path.name for path in (prefix / "lib").iterdir()] == ["siteblind"]

    def test_it_takes_away_what_it_brought_and_nothing_else(
        self, unpacked: Path, tmp_path: Path
    ) -> None:
        prefix = tmp_path / "own"
        project = prefix / "share/SiteBlind/labels.sqlite"
        project.parent.mkdir(parents=True)
        project.touch()
        said_by("sh", unpacked / "install.sh", "--prefix", prefix)
        said_by("sh", unpacked / "install.sh", "--prefix", prefix, "--uninstall")
        left = {path for path in prefix.rglob("*") if not path.is_dir()}
        # The desktop keeps tables of all file types.
        tables = {path for path in left if "mime" in path.as_posix() and path.suffix != ".xml"}
        assert left - tables == {project}

    def test_a_system_that_lacks_a_library_is_told_which(
        self, unpacked: Path, tmp_path: Path
    ) -> None:
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "ldd").write_text("#!/bin/sh\necho '	libxkbcommon.so.0 => not found'\n")
        (tools / "ldd").chmod(0o755)
        done = subprocess.run(
            ["sh", unpacked / "install.sh", "--prefix", tmp_path / "own"],
            env={"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("This system lacks libxkbcommon.so.0. Ask your administrator")
        assert not (tmp_path / "own").exists()
