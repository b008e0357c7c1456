"""What runs of a simulated federation have found, and the one JSON file that keeps it."""

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from pydantic import TypeAdapter, ValidationError

from coordinator.study import ExtractorName
from desktop_client.durable import write_durably
from desktop_client.errors import PretrainedWeightsError, ResultsFileError
from desktop_client.simulation.folder import FolderSite

FORMAT_VERSION: Final = 1
PROBABILITY_DECIMALS: Final = 5
"""Half of a results file is probabilities; more digits would tell nothing."""

Arrangement = Literal["federated", "local", "apart", "pooled"]
"""Who learns from whom: the study's rounds, each site from itself, from those with its own feature
extractor only, one site that holds all."""
Extractors = Mapping[str, ExtractorName]
"""By site, the feature extractor that it has chosen."""
Engine = Literal["local", "flower"]
"""What sites are trained by; the numbers are the same."""
ARRANGEMENTS: Final[tuple[Arrangement, ...]] = get_args(Arrangement)


@dataclass(frozen=True, slots=True)
class SiteResult:
    """How good a model is on one site's held-out images; None where that is undefined."""

    site: str
    is_held_out: bool
    """Whether the whole site took no part in training."""
    sample_count: int
    auc: float | None
    balanced_accuracy: float | None
    extractor: str | None = None
    """Of the model, where sites have different ones."""


@dataclass(frozen=True, slots=True)
class LeakageResult:
    """Balanced accuracies of telling the site from features, as ``training.leakage`` has them."""

    linear: float
    mlp: float
    chance: float
    label_floor: float
    linear_by_site: dict[str, float]


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round: who trained, what came of it, what it cost.

    Shares are of the images trained on, losses in nats, bytes of all picked sites together.
    """

    round_number: int
    picked: tuple[str, ...]
    sites: tuple[SiteResult, ...]
    leakage: LeakageResult | None
    first_target_share: float
    second_target_share: float
    lesion_loss: float | None
    """None where it was no longer a number, which JSON cannot say otherwise."""
    bytes_up: int
    bytes_down: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The final model's answer to one held-out image."""

    site: str
    sample_id: str
    patient: str
    lesion_label: int
    probabilities: tuple[float, ...]
    """By class, rounded to ``PROBABILITY_DECIMALS``."""

    def __post_init__(self) -> None:
        rounded = tuple(round(float(p), PROBABILITY_DECIMALS) for p in self.probabilities)
        object.__setattr__(self, "probabilities", rounded)


class RunKey(NamedTuple):
    """What makes a run that run: with the same images it ends the same way."""

    variant: str
    arrangement: Arrangement
    seed: int
    held_out_site: str | None
    study_digest: str
    extractors: tuple[tuple[str, str], ...] = ()
    """Sites and what they have chosen, in order."""

    @property
    def file_name(self) -> str:
        """A name for a file about this run, whatever characters its site is written with."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run from its first round to its last."""

    variant: str
    arrangement: Arrangement
    seed: int
    held_out_site: str | None
    study_digest: str
    rounds: tuple[RoundResult, ...]
    predictions: tuple[Prediction, ...]
    extractors: Extractors = field(default_factory=dict)

    @property
    def key(self) -> RunKey:
        """What the run is found by."""
        return RunKey(
            self.variant,
            self.arrangement,
            self.seed,
            self.held_out_site,
            self.study_digest,
            tuple(sorted(self.extractors.items())),
        )


@dataclass(frozen=True, slots=True)
class Results:
    """Everything a results file holds."""

    format_version: Literal[1]
    machine: str
    data_digest: str
    """Of the images, their patients, classes and sides, and of a weights file: with others than
    these, results are others."""
    runs: tuple[RunResult, ...] = ()


_FORMAT: Final = TypeAdapter(Results)


class ResultsFile:
    """A results file that grows by a run at a time; what is in it is never lost.

    Raises:
        ResultsFileError: when made, if the file is there and is damaged, of another program or
            about other images; and if it cannot be written.
    """

    def __init__(
        self, path: Path, sites: Sequence[FolderSite], weights_path: Path | None = None
    ) -> None:
        self._path = path
        digest = data_digest(sites, weights_path)
        self._results = Results(FORMAT_VERSION, describe_machine(), digest)
        if path.exists():
            self._take_over(_read(path))
        self._write()  # a folder that cannot be written must not cost a run

    @property
    def state_path(self) -> Path:
        """Folder beside the file for runs that are not finished."""
        return self._path.with_name(self._path.name + ".state")

    @property
    def keys(self) -> frozenset[RunKey]:
        """The runs that are there."""
        return frozenset(run.key for run in self._results.runs)

    def runs(self, keys: Iterable[RunKey]) -> list[RunResult]:
        """Return those of the asked-for runs that are there, in the asked-for order."""
        by_key = {run.key: run for run in self._results.runs}
        return [by_key[key] for key in keys if key in by_key]

    def append(self, run: RunResult) -> None:
        """Add a finished run and write all durably, with what another command has added."""
        if self._path.exists():
            self._take_over(_read(self._path))
        if run.key not in self.keys:
            self._results = replace(self._results, runs=(*self._results.runs, run))
        self._write()

    def _take_over(self, earlier: Results) -> None:
        if earlier.data_digest != self._results.data_digest:
            raise ResultsFileError(
                f"{self._path} holds runs on other images, on the same divided otherwise "
                "(--sites, --sites-per-domain, --inner-split) or from other weights (--weights); "
                "choose another --json"
            )
        self._results = earlier

    def _write(self) -> None:
        try:
            write_durably(self._path, _FORMAT.dump_json(self._results) + b"\n")
        except OSError as error:
            raise ResultsFileError(f"{self._path} cannot be written: {error.strerror}") from error


def data_digest(sites: Iterable[FolderSite], weights_path: Path | None = None) -> str:
    """Digest who has which image of which patient and class, on which side, and a weights file.

    Raises:
        PretrainedWeightsError: if the weights file cannot be read.
    """
    digest = hashlib.sha256()
    if weights_path is not None:
        try:
            with weights_path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise PretrainedWeightsError(
                f"The weights file {weights_path} cannot be read: {error.strerror}"
            ) from error
    for site in sites:
        split = site.split()
        for side in (split.training, split.validation):
            rows = [(s.sample_id, s.patient, str(s.class_id), str(s.domain_id)) for s in side]
            digest.update(repr((site.name, rows)).encode())
    return digest.hexdigest()


def describe_machine() -> str:
    """Name what seconds were measured on."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, torch {version('torch')}"
    )


def _read(path: Path) -> Results:
    try:
        return _FORMAT.validate_json(path.read_bytes())
    except OSError as error:
        raise ResultsFileError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise ResultsFileError(
            f"{path} is not a file of results, or is damaged; it is left as it is. "
            "Choose another --json"
        ) from error
