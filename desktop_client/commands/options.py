"""Options that several commands of ``siteblind`` have, and the project that they mean."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from coordinator.study import Study
from desktop_client.errors import PretrainedWeightsError, ProjectError, SettingsError
from desktop_client.paths import Home
from desktop_client.project.opening import open_project
from desktop_client.training.request import DeviceChoice

AT_THE_COMMAND_LINE: Final = "command line"
"""Who the audit trail says exported something without a window."""

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of this site; default: the user's own.")
]
DeviceOption = Annotated[DeviceChoice, typer.Option(help="Where to compute.")]
RanksOption = Annotated[
    int,
    typer.Option(
        "--ranks",
        min=0,
        help="How many graphics cards compute each batch together; 0: all there are. On the "
        "processor: how many processes.",
    ),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", help="Begin from this file: a state dict of torchvision."),
]
EventsOption = Annotated[
    Path | None, typer.Option("--events", help="Append every event to this file, as JSON lines.")
]


def check_weights_asked_for(
    study_toml: Path, studies: Iterable[Study], weights: Path | None
) -> None:
    """Refuse a weights file that none of a study.toml's variants would look at.

    Raises:
        PretrainedWeightsError: saying where the study would have to ask for it.
    """
    if weights is not None and all(study.model.weights == "own" for study in studies):
        raise PretrainedWeightsError(
            f'{study_toml} asks for no weights file. Write weights = "file" into its [model], '
            "or leave out --weights"
        )


def home_at(path: Path | None) -> Home:
    """Return the project in a folder, there or not; the user's own for None."""
    return Home.default() if path is None else Home(path.absolute())


def made_home(path: Path | None) -> Home:
    """Do as ``home_at`` does, and make the folder."""
    home = home_at(path)
    try:
        return home.create()
    except OSError as error:
        raise SettingsError(
            f"The folder {home.path} cannot be used: {error.strerror}. Choose another with --home"
        ) from error


def home_in(path: Path | None) -> Home:
    """Return the project that is in a folder; a mistyped one makes none.

    Raises:
        ProjectError: if there is none.
    """
    home = home_at(path)
    if not home.is_project:
        raise absent_from(home)
    return home


def absent_from(home: Home) -> ProjectError:
    """Say that a folder holds no project."""
    return ProjectError(f"There is no project in {home.path}. Name its folder with --home")


@contextmanager
def opened(path: Path | None, program: str) -> Iterator[Home]:
    """Hold the lock of a project that is there; a mistyped folder makes none.

    Raises:
        ProjectError: if there is none.
        ProjectInUseError: if somebody else has it open.
    """
    home = home_at(path)
    if not home.path.is_dir():
        raise absent_from(home)
    with open_project(home, program):  # which also finishes an interrupted restore
        if not home.is_project:
            raise absent_from(home)
        yield home
