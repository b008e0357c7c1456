"""What an interrupted run needs to go on: one file, written whole after each round."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from coordinator.errors import CoordinatorError
from coordinator.parameters import Parameters, decode, encode
from desktop_client.durable import write_durably
from desktop_client.errors import ResultsFileError
from desktop_client.federation.averager import Kind, Section
from desktop_client.simulation.results import RoundResult

FORMAT_VERSION: Final = 2
"""Of a state file; 1, which did not say it, knew one feature extractor and sites by their names."""


@dataclass(frozen=True)
class RunState:
    """A run between two rounds; ``pools`` holds the sections of each."""

    marked: frozenset[str]
    results: tuple[RoundResult, ...]
    pools: tuple[tuple[Section, ...], ...]


class _Heading(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    pool: int
    kind: Kind
    owner: str
    message: str


class _Progress(BaseModel):
    """The message of a state file; an array's name begins with the number of its heading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[2]
    study_digest: str
    marked: tuple[str, ...]
    results: tuple[RoundResult, ...]
    headings: tuple[_Heading, ...]


def save_state(path: Path, study_digest: str, state: RunState) -> None:
    """Write a state durably.

    Raises:
        ResultsFileError: if it cannot be written.
    """
    headings: list[_Heading] = []
    arrays: Parameters = {}
    for pool, sections in enumerate(state.pools):
        for section in sections:
            arrays |= {f"{len(headings)}:{name}": a for name, a in section.arrays.items()}
            headings.append(
                _Heading(pool=pool, kind=section.kind, owner=section.owner, message=section.message)
            )
    progress = _Progress(
        format_version=FORMAT_VERSION,
        study_digest=study_digest,
        marked=tuple(sorted(state.marked)),
        results=state.results,
        headings=tuple(headings),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, encode(arrays, progress))
    except OSError as error:
        raise ResultsFileError(f"{path} cannot be written: {error.strerror}") from error


def load_state(path: Path, study_digest: str) -> RunState:
    """Read the state of a run of a study.

    Raises:
        ResultsFileError: if it is damaged or another study's.
    """
    try:
        arrays, progress = decode(path.read_bytes(), _Progress)
    except (OSError, CoordinatorError) as error:
        raise ResultsFileError(
            f"{path} cannot be read; delete it to begin this run anew: {error}"
        ) from error
    if progress.study_digest != study_digest:
        raise ResultsFileError(f"{path} is of another run; delete it to begin this one anew")
    pool_count = 1 + max(heading.pool for heading in progress.headings)
    pools: Sequence[list[Section]] = [[] for _ in range(pool_count)]
    for number, heading in enumerate(progress.headings):
        prefix = f"{number}:"
        own = {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
        pools[heading.pool].append(Section(heading.kind, heading.owner, own, heading.message))
    return RunState(frozenset(progress.marked), progress.results, tuple(map(tuple, pools)))
