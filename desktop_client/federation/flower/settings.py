"""What is said in `--run-config` and `--node-config`, and whether a site could work with it.

Never loads torch: a supernode that only waits needs none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coordinator.study import ExtractorName, read_study
from desktop_client.errors import FlowerError
from desktop_client.paths import Home
from desktop_client.training.request import DeviceChoice

PROGRAM: Final = "a node of Flower"
"""Who has the project open while a node reads it."""


class RunSettings(BaseModel):
    """``--run-config`` of the app: what to run, for the server.

    Attributes:
        study: The study.toml.
        output: Where to write the model; of further extractors, with their names behind it.
        sites: How many nodes to wait for.
        patience_s: How long.
        weights: The file that the study begins from, if it asks for one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    study: Path
    output: Path
    sites: int = Field(ge=2)
    patience_s: float = Field(default=600, gt=0)
    weights: Path | None = None


class NodeSettings(BaseModel):
    """``--node-config`` of a supernode: who the site is, and what it has agreed to.

    Attributes:
        study: Its copy of the study.toml.
        home: Its project's folder.
        site: Its name, different at every site.
        extractor: The feature extractor that it has chosen; None for the study's first.
        device: Where to compute.
        consent: Who agrees to take part; in the audit trail.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    study: Path
    home: Path
    site: str = Field(min_length=1, max_length=200)
    extractor: ExtractorName | None = None
    device: DeviceChoice = "automatic"
    consent: str = Field(default=PROGRAM, max_length=200)


Settings = TypeVar("Settings", bound=BaseModel)


def read_settings(kind: type[Settings], given: Mapping[str, Any], option: str) -> Settings:
    """Read settings as Flower hands them on; it knows no empty value but the empty text.

    Raises:
        FlowerError: naming the option and the word in it that does not fit.
    """
    said = {name.replace("-", "_"): value for name, value in given.items() if value != ""}
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]).replace("_", "-")
        raise FlowerError(f"{option} {name}: {first['msg']}") from error


def check_node(given: Mapping[str, Any]) -> None:
    """Refuse what a site could never take part with, before its supernode starts.

    Raises:
        FlowerError: naming what does not fit.
        StudyInvalidError: if the study.toml is not valid.
    """
    settings = read_settings(NodeSettings, given, "--node-config")
    design = read_study(settings.study).model
    if not Home(settings.home).is_project:
        raise FlowerError(
            f"--node-config home: {settings.home} is no project; `siteblind import FOLDER --home "
            f"{settings.home}` makes one of images"
        )
    if settings.extractor not in (None, *design.extractors):
        raise FlowerError(
            f"--node-config extractor: the study has {', '.join(design.extractors)}, not "
            f"{settings.extractor}"
        )
