"""What is known of how a model came to be: plain values, kept in the report on how good it is.

Loads neither torch nor scikit-learn. No names of files, patients or readers are in it.
"""

import platform
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict

from coordinator.protocol import LesionMetrics
from coordinator.study import InputContract, Method, ModelDesign


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Amount(_Part):
    """So many images of so many patients."""

    images: int = 0
    patients: int = 0


class GroupAmount(_Part):
    """Images that a model learnt from and that were held out, of one class and one scanner."""

    lesion_class: int | None
    """Its place in the report's classes; None for all together."""
    domain: int | None
    """The scanner's place in the report's; None for all together."""
    learnt: Amount
    held_out: Amount


class LeftOut(_Part):
    """So many images could not be used, for one reason."""

    reason: str
    count: int


class Stage(_Part):
    """One pass over the images, or one round of a study; shares are means of its steps, 0 to 1."""

    number: int
    validation: LesionMetrics
    lesion_loss: float | None = None
    """None, as all that follow, where the steps were not taken here."""
    lesion_accuracy: float | None = None
    domain_accuracy: float | None = None
    first_target_share: float | None = None
    second_target_share: float | None = None


class Versions(_Part):
    """What was in use when the model was measured."""

    siteblind: str
    torch: str
    python: str


class ModelRecord(_Part):
    """How one model came to be."""

    model_name: str
    """The study's, or that it was trained at this site."""
    model_digest: str
    """SHA-256 of the model's file when it was measured."""
    origin: Literal["own", "study"]
    stages: tuple[Stage, ...]
    """Passes, or rounds that this site has seen."""
    stage_count: int
    """How many were planned."""
    design: ModelDesign
    input: InputContract
    method: Method
    seed: int
    temperature: float | None
    device: str
    versions: Versions
    amounts: tuple[GroupAmount, ...]
    """Every class at every scanner, then the totals."""
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...] = ()

    @property
    def done_count(self) -> int:
        """How many passes or rounds the model has behind it."""
        return self.stages[-1].number if self.stages else 0

    def amount(self, lesion_class: int | None = None, domain: int | None = None) -> GroupAmount:
        """Return the images of a class, of a scanner, of both or of all."""
        found = (a for a in self.amounts if (a.lesion_class, a.domain) == (lesion_class, domain))
        none = GroupAmount(
            lesion_class=lesion_class, domain=domain, learnt=Amount(), held_out=Amount()
        )
        return next(found, none)


def versions_now() -> Versions:
    """Return the versions in use."""
    return Versions(
        siteblind=version("siteblind"),
        torch=version("torch"),
        python=platform.python_version(),
    )
