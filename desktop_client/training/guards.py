"""Watches a training and says, once, in plain words, when it goes wrong in a known way.

The known ways are those measured with the method: a domain classifier with one constant answer,
features that give the scanner away all the same, and a lesion loss that rises.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import Final

from desktop_client.training.events import StepFinished, TrainingWarned

RECOGNISED_ABOVE: Final = 0.95
"""Mean accuracy of the domain classifier over a window from which the adversary has failed."""
PUSHES_BELOW: Final = 1e-3
"""Mean confusion loss in nats below which the adversary moves nothing."""
RISING_WINDOWS: Final = 3
IDLE_WINDOWS: Final = 2
"""Windows in a row in which the adversary moves nothing before it is told: in the first round of
a study nobody knows the others' scanners yet."""

STILL_RECOGNISED: Final = (
    "The scanner is still recognised in nearly every image: the model learns to see the lesion, "
    "but not yet to ignore the scanner"
)
NOTHING_TO_CONFUSE: Final = (
    "The model has nothing to compare this scanner with, so it cannot learn to ignore it; it can "
    "as soon as the averages of other scanners have arrived"
)
LESION_LOSS_RISES: Final = (
    "The lesion error has risen for some time; the model may be getting worse, not better"
)


@dataclass
class Guards:
    """Looks at windows of steps; keeps what it has said, so that nothing is said twice.

    Attributes:
        window: Steps that make one window: an epoch, or a round's local steps.
    """

    window: int
    _steps: list[StepFinished] = field(default_factory=list)
    _lesion_losses: list[float] = field(default_factory=list)
    _idle_count: int = 0
    """Windows without anything to confuse, the last ones in a row."""
    _said: set[str] = field(default_factory=set)

    def watch(
        self, steps: Iterable[StepFinished | TrainingWarned]
    ) -> Generator[StepFinished | TrainingWarned]:
        """Pass all on, and a warning after the window of steps that calls for one."""
        for step in steps:
            yield step
            if isinstance(step, TrainingWarned):
                continue
            self._steps.append(step)
            if len(self._steps) == self.window:
                yield from self._warnings()
                self._steps.clear()

    def _warnings(self) -> Generator[TrainingWarned]:
        self._lesion_losses.append(fmean(step.lesion_loss for step in self._steps))
        self._idle_count = self._idle_count + 1 if self._has_nothing_to_confuse() else 0
        checks = (
            (NOTHING_TO_CONFUSE, self._idle_count >= IDLE_WINDOWS),
            (STILL_RECOGNISED, self._still_recognises_the_domain()),
            (LESION_LOSS_RISES, self._lesion_loss_rises()),
        )
        for sentence, is_due in checks:
            if is_due and sentence not in self._said:
                self._said.add(sentence)
                yield TrainingWarned(sentence)

    def _has_nothing_to_confuse(self) -> bool:
        has_targets = all(step.second_target_share > 0 for step in self._steps)
        return has_targets and fmean(abs(s.confusion_loss) for s in self._steps) < PUSHES_BELOW

    def _still_recognises_the_domain(self) -> bool:
        """Only where the adversary is on and has something to push against."""
        if self._has_nothing_to_confuse() or not any(s.second_target_share for s in self._steps):
            return False
        return fmean(step.domain_accuracy for step in self._steps) > RECOGNISED_ABOVE

    def _lesion_loss_rises(self) -> bool:
        recent = self._lesion_losses[-RISING_WINDOWS - 1 :]
        rises = all(later > before for before, later in pairwise(recent))
        return len(recent) > RISING_WINDOWS and rises
