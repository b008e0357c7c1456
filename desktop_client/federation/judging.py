"""How good a study's global model is on this site's held-out images, kept beside the model."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from desktop_client.errors import ClientError
from desktop_client.federation.membership import Membership
from desktop_client.training.events import ImageLeftOut, JudgingStarted, TrainingWarned
from desktop_client.training.judging_saved import Bench, Upbringing, judge_saved
from desktop_client.training.model import initial_model
from desktop_client.training.record import Stage
from desktop_client.training.recording import tally
from desktop_client.training.trainer import SiteImages


@dataclass(frozen=True)
class Witness:
    """What a site has of a study to judge its model by.

    Attributes:
        images: Its own; both sides of the split that it trains and judges by.
        domain_names: By domain label: what the scanners of the images are called here.
        left_out: Images that could not be read.
        stages: The rounds that it has seen.
    """

    images: SiteImages
    domain_names: Mapping[int, str]
    left_out: Sequence[ImageLeftOut]
    stages: Sequence[Stage] = ()


def judge_global(
    path: Path, membership: Membership, witness: Witness, device: torch.device
) -> Generator[JudgingStarted | TrainingWarned]:
    """Report on a study's model; what hinders that is said, and hinders nothing else."""
    if not len(witness.images.validation):
        return
    yield JudgingStarted(path)
    study = membership.study
    domains = tuple(sorted(witness.domain_names))
    names = tuple(witness.domain_names[domain] for domain in domains)
    seed = study.rounds.seed
    # The owner's weights file is not here; then it is the network before it had any weights.
    design = membership.design.model_copy(update={"weights": "own"})
    upbringing = Upbringing(
        origin="study",
        method=study.method,
        seed=seed,
        stages=tuple(witness.stages),
        stage_count=study.rounds.count,
        left_out=tally(event.reason for event in witness.left_out),
    )
    try:
        untrained = initial_model(design, study.input, len(study.classes), seed)
        judge_saved(path, Bench(witness.images, domains, names, untrained, device), upbringing)
    except ClientError as error:
        yield TrainingWarned(f"How good the study's model is here could not be told. {error}")
