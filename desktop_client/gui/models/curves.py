"""The curves of one training, collected from its events; no drawing here."""

from dataclasses import dataclass, field
from typing import Final

from desktop_client.training.events import (
    EpochFinished,
    StepFinished,
    TrainingResumed,
    TrainingStarted,
)

SMOOTHING: Final = 0.9
"""Share of the running mean that each step keeps; the last 10 steps or so weigh in."""


@dataclass
class Series:
    """Points of one curve, in order of x."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def add(self, x: float, y: float) -> None:
        """Append a point."""
        self.xs.append(x)
        self.ys.append(y)

    def add_smoothed(self, x: float, y: float) -> None:
        """Append the running mean of all ``y`` so far."""
        self.add(x, SMOOTHING * self.ys[-1] + (1 - SMOOTHING) * y if self.ys else y)


@dataclass
class TrainingCurves:
    """Everything that is drawn of one training."""

    domain_count: int = 0
    lesion_loss: Series = field(default_factory=Series)
    lesion_loss_mean: Series = field(default_factory=Series)
    held_out_accuracy: Series = field(default_factory=Series)
    held_out_auc: Series = field(default_factory=Series)
    domain_accuracy: Series = field(default_factory=Series)
    first_targets: Series = field(default_factory=Series)
    second_targets: Series = field(default_factory=Series)

    @property
    def chance(self) -> float | None:
        """How often a guess would name the right scanner; None with fewer than two."""
        return 1 / self.domain_count if self.domain_count > 1 else None

    def take(self, event: object) -> bool:
        """Add what an event says and return whether anything is new."""
        match event:
            case TrainingStarted():
                self.domain_count = event.domain_count
            case StepFinished():
                self._take_step(event)
            case EpochFinished():
                if event.validation.accuracy is not None:
                    self.held_out_accuracy.add(event.epoch, event.validation.accuracy)
                if event.validation.auc is not None:
                    self.held_out_auc.add(event.epoch, event.validation.auc)
            case TrainingResumed(history=history):
                for past in history:
                    self.take(past)
            case _:
                return False
        return True

    def _take_step(self, event: StepFinished) -> None:
        self.lesion_loss.add(event.step, event.lesion_loss)
        self.lesion_loss_mean.add_smoothed(event.step, event.lesion_loss)
        self.domain_accuracy.add_smoothed(event.step, event.domain_accuracy)
        self.first_targets.add_smoothed(event.step, event.first_target_share)
        self.second_targets.add_smoothed(event.step, event.second_target_share)
