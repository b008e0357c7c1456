"""``siteblind flower``: Flower's own programs, started so that none tells about this computer."""

import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from desktop_client.errors import FlowerError
from desktop_client.federation.flower.silence import silence

Program = Literal["superlink", "supernode", "run", "log", "stop"]
COMMANDS: Final[dict[Program, tuple[str, ...]]] = {
    "superlink": ("flower-superlink",),
    "supernode": ("flower-supernode",),
    "run": ("flwr", "run"),
    "log": ("flwr", "log"),
    "stop": ("flwr", "stop"),
}
WITH_ITS_OWN_APP_ONLY: Final = ("-P", "-m", "desktop_client.federation.flower.supernode")
"""What Python runs in place of Flower's supernode."""
NOTHING_DOWNLOADED: Final = "--disable-runtime-dependency-installation"
"""A superlink would install what an app says it needs, each time."""
PASSED_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
"""All that follows the program's name is Flower's to understand."""


def flower(
    context: typer.Context,
    program: Annotated[
        Program,
        typer.Argument(
            help="superlink: the server's; supernode: a site's; run: start the study that "
            "--run-config names; log and stop: of that run."
        ),
    ],
) -> None:
    """Run a study on Flower: one of its programs, with all that it calls home with switched off.

    What follows is Flower's own; `siteblind flower supernode -- --help` lists it.

    At a site, --node-config "study='...' home='...' site='...'" names the study.toml that it has
    agreed to, its project, and itself; extractor, device and consent (who agreed) may follow.

    With run, --run-config "study='...' output='...' sites=3" names, as paths at the server, the
    study.toml and the model to write; patience-s (how long to wait for sites) and weights may
    follow.
    """
    first, *rest = COMMANDS[program]
    words = tuple(rest)
    # Flower's programs start each other by name.
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    found = shutil.which(first, path=search)
    if found is None:
        raise FlowerError(
            "Flower is not installed here; pip install 'siteblind[flower]', in an environment of "
            "its own"
        )
    silence()
    with resources.as_file(resources.files("resources") / "flower-app") as folder:
        match program:
            case "supernode":
                found, words = sys.executable, WITH_ITS_OWN_APP_ONLY
            case "superlink":
                words = (NOTHING_DOWNLOADED,)
            case "run":
                words = (*words, str(folder))
        command = [found, *words, *context.args]
        environment = {**os.environ, "PATH": search}
        if os.name == "posix":
            os.execve(found, command, environment)  # noqa: S606  whoever ends us ends Flower's
        ended = subprocess.run(command, env=environment, check=False)  # noqa: S603
    raise typer.Exit(ended.returncode)
