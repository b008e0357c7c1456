"""``make package-test``: the installers on this machine, as a hospital's IT would have them.

Installs both packages, uses what is installed, upgrades and removes it. Needs root, a screen
(Xvfb's) and a machine that has no SiteBlind yet; leaves it as it was.
"""

import argparse
import csv
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from configparser import ConfigParser
from pathlib import Path
from typing import Final

from PIL import Image, ImageGrab

from installers import debian
from tests.benchmarks.figures import write_figures
from tests.packaging.federating import (
    COORDINATOR,
    keep_elsewhere,
    make_site,
    play_round,
    said_by,
    study_of,
)
from tests.packaging.starts import loaded_libraries, time_starts

PROGRAM: Final = Path("/usr/lib/siteblind")
SERVER: Final = Path("/usr/lib/siteblind-coordinator")
ENTRY: Final = Path("/usr/share/applications/siteblind.desktop")
UNIT: Final = "/usr/lib/systemd/system/siteblind-coordinator.service"
SERVER_DATA: Final = Path("/var/lib/siteblind-coordinator")
SCREENSHOT: Final = Path("build/package/screenshot.png")
FEWEST_COLOURS: Final = 60
"""Of a picture with a window on it; an empty screen has one."""
PATIENCE_S: Final = 60.0
KEY_PAUSE_S: Final = 1.0


def main() -> None:
    """Try the installers in a folder."""
    parser = argparse.ArgumentParser(prog="tests.packaging.trial")
    parser.add_argument("installers", type=Path)
    parser.add_argument("version")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="siteblind-trial-") as name:
        Trial(chosen.installers.absolute(), chosen.version, Path(name)).run()


class Trial:
    """One passage through the life of an installation."""

    def __init__(self, installers: Path, version: str, folder: Path) -> None:
        self._installers = installers
        self._version = version
        self._folder = folder
        self._step = 0
        # Whose home this is: nothing of the person's who runs it is touched.
        os.environ["HOME"] = str(folder)
        os.environ.pop("QT_QPA_PLATFORM", None)

    def run(self) -> None:
        """Go through all of it; the first thing that is wrong ends it."""
        if PROGRAM.exists() or SERVER.exists() or SERVER_DATA.exists():
            raise SystemExit("SiteBlind is installed here already; try it on another machine")
        try:
            self._install(self._version)
            homes = [make_site(self._folder / name, n) for n, name in enumerate(("north", "south"))]
            self._check_menu(homes[0])
            self._check_starts()
            self._train(homes[0])
            study_id = self._federate(homes)
            self._upgrade(homes[0], study_id)
            self._remove(homes[0])
        finally:
            for name in ("siteblind", "siteblind-coordinator"):
                subprocess.run(["dpkg", "--purge", name], check=False, capture_output=True)
            shutil.rmtree(SERVER_DATA, ignore_errors=True)
        self._try_run_file()
        print("All of it is well.", flush=True)  # noqa: T201  this is what it is run for

    def _say(self, words: str) -> None:
        self._step += 1
        print(f"{self._step:2}. {words}", flush=True)  # noqa: T201  this is what it is run for

    def _packages(self, version: str) -> list[str]:
        return [
            str(self._installers / f"{name}_{version}_amd64.deb")
            for name in ("siteblind", "siteblind-coordinator")
        ]

    def _install(self, version: str) -> None:
        self._say(f"install version {version} of both packages with apt-get")
        said_by(
            *("apt-get", "-qq", "install", "-y", "--no-install-recommends"),
            *self._packages(version),
            DEBIAN_FRONTEND="noninteractive",
        )
        for name in ("siteblind", "siteblind-coordinator"):
            shown = said_by("dpkg-query", "--show", "--showformat", "${Version}", name)
            assert shown == version, f"{name} is {shown}"
        if not SERVER_DATA.exists():  # systemd makes it where it runs
            said_by(
                "install", "-d", "-o", "siteblind", "-g", "siteblind", "-m", "700", str(SERVER_DATA)
            )

    def _check_menu(self, home: Path) -> None:
        self._say("start the program as the menu does; picture the screen")
        entry = ConfigParser(interpolation=None)
        entry.read(ENTRY, encoding="utf-8")
        words = shlex.split(entry["Desktop Entry"]["Exec"].removesuffix(" %F"))
        process = subprocess.Popen([*words, str(home)], stderr=subprocess.DEVNULL)
        try:
            _picture_with_window()
            torch = {name for name in loaded_libraries(process.pid) if "torch" in name}
            assert not torch, f"The window has loaded {torch}"
            self._say("label the first image by its key, as Anna, and kill the program")
            said_by("xdotool", "search", "--onlyvisible", "--name", "SiteBlind", "windowfocus")
            for keys in (("key", "Home"), ("key", "2"), ("type", "Anna"), ("key", "Return")):
                time.sleep(KEY_PAUSE_S)
                said_by("xdotool", *keys)
            picture = _picture_with_window()
        finally:
            process.kill()
            process.wait()
        SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
        picture.save(SCREENSHOT)
        row = next(csv.DictReader(_labels(home).splitlines()))
        assert (row["lesion"], row["reader"]) == ("ring", "Anna"), row
        self._say(f"the label is there; {SCREENSHOT} shows the window; PyTorch was not loaded")

    def _check_starts(self) -> None:
        self._say("time starts until the first paint")
        figures = time_starts("siteblind-desktop", PROGRAM, self._folder / "timed")
        write_figures("start", figures)
        cold, warm = figures["best_cold_s"], figures["best_warm_s"]
        self._say(f"cold {cold} s (budget 3 s), warm {warm} s (budget 1 s)")

    def _train(self, home: Path) -> None:
        self._say("train a model with the installed command, and ask it about the images")
        model, answers = self._folder / "own.safetensors", self._folder / "answers.csv"
        place = ("--home", str(home))
        said_by("siteblind", "train", "--epochs", "2", "--output", str(model), *place)
        images = str(home.parent / "images")
        said_by("siteblind", "predict", str(model), "--csv", str(answers), "--folder", images)
        assert len(answers.read_text(encoding="utf-8").splitlines()) == 61
        self._say("show where the model looks, and export it for other programs")
        pictures, exported = self._folder / "pictures", self._folder / "own.onnx"
        said_by("siteblind", "explain", str(model), images, "--output", str(pictures))
        assert len(list(pictures.iterdir())) == 60
        said_by("siteblind", "export-onnx", str(model), str(exported))
        assert exported.stat().st_size > 100_000

    def _federate(self, homes: list[Path]) -> str:
        self._say("one federated round: two sites and a coordinator, each as installed")
        study_id = play_round(self._folder, homes)
        self._say("the round was averaged, and the study is finished")
        assert keep_elsewhere(self._folder)
        self._say("the coordinator can keep a study's parameters in an S3-compatible store, too")
        return study_id

    def _upgrade(self, home: Path, study_id: str) -> None:
        labels, standing = _labels(home), study_of(study_id)
        newer = f"{self._version}+1"
        self._say(f"upgrade to version {newer}, with these projects and this study there")
        for program, folder in (("desktop", PROGRAM), ("coordinator", SERVER)):
            debian.build(program, folder, self._installers, newer, level=1)
        try:
            self._install(newer)
        finally:
            for path in self._packages(newer):
                Path(path).unlink()
        assert _labels(home) == labels, "Labels are others after the upgrade"
        assert study_of(study_id) == standing, "The study is another after the upgrade"
        said_by(*COORDINATOR, "audit", "verify")
        self._say("labels and study are what they were")

    def _remove(self, home: Path) -> None:
        self._say("remove both packages, then purge them")
        labels = (home / "labels.sqlite").read_bytes()
        said_by("apt-get", "-qq", "remove", "-y", "siteblind", "siteblind-coordinator")
        # The other has no settings, and is gone without it.
        said_by("apt-get", "-qq", "purge", "-y", "siteblind-coordinator")
        left = [path for path in (PROGRAM, SERVER, ENTRY, Path(UNIT)) if path.exists()]
        assert not left, f"Left behind: {left}"
        assert (home / "labels.sqlite").read_bytes() == labels
        assert any(SERVER_DATA.iterdir())
        self._say("no program is left; projects, and the coordinator's studies, are")

    def _try_run_file(self) -> None:
        self._say("install the .run for one person, start it, remove it")
        file, prefix = (
            self._installers / f"siteblind_{self._version}_amd64.run",
            self._folder / "own",
        )
        start = ["sh", str(file), "--quiet", "--"]
        said_by(*start, "--prefix", str(prefix))
        program = str(prefix / "bin/siteblind-desktop")
        said_by(program, "--home", str(self._folder / "timed"), "--until-painted")
        said_by(str(prefix / "bin/siteblind"), "doctor")
        said_by(*start, "--prefix", str(prefix), "--uninstall")
        left = [path for name in ("bin", "lib") for path in (prefix / name).iterdir()]
        assert not left, f"Left behind: {left}"


def _labels(home: Path) -> str:
    table = home.parent / "labels.csv"
    table.unlink(missing_ok=True)
    said_by("siteblind", "export-labels", str(table), "--home", str(home))
    return table.read_text(encoding="utf-8-sig")


def _picture_with_window() -> Image.Image:
    """Return a picture of the screen once there is a window on it and all of it is drawn."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        time.sleep(1)
        picture = ImageGrab.grab(xdisplay=os.environ["DISPLAY"])
        colours = picture.getcolors(maxcolors=2**24) or []
        if len(colours) > FEWEST_COLOURS:
            time.sleep(2)
            return ImageGrab.grab(xdisplay=os.environ["DISPLAY"])
    raise AssertionError("No window was seen")


if __name__ == "__main__":
    main()
