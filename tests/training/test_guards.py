"""The guards: what they warn of, and that they say it once."""

from dataclasses import replace

from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.guards import (
    LESION_LOSS_RISES,
    NOTHING_TO_CONFUSE,
    STILL_RECOGNISED,
    Guards,
)

HEALTHY = StepFinished(
    step=1,
    step_count=100,
    lesion_loss=0.7,
    domain_loss=1.0,
    confusion_loss=0.2,
    lesion_accuracy=0.6,
    domain_accuracy=0.5,
    first_target_share=0.5,
    second_target_share=0.5,
    adversarial_weight=0.1,
)


def warnings_of(steps: list[StepFinished], window: int = 2) -> list[str]:
    events = list(Guards(window).watch(steps))
    assert [e for e in events if isinstance(e, StepFinished)] == steps  # nothing is swallowed
    return [e.sentence for e in events if isinstance(e, TrainingWarned)]


def test_a_healthy_training_is_not_warned_of() -> None:
    assert warnings_of([HEALTHY] * 20) == []


def test_a_scanner_that_is_recognised_throughout_a_window_is_told_once() -> None:
    recognised = replace(HEALTHY, domain_accuracy=1.0)
    assert warnings_of([recognised] * 8) == [STILL_RECOGNISED]


def test_a_single_step_that_recognises_the_scanner_is_no_reason() -> None:
    assert warnings_of([replace(HEALTHY, domain_accuracy=1.0), HEALTHY] * 4) == []


def test_a_domain_classifier_with_one_constant_answer_is_told() -> None:
    constant = replace(HEALTHY, domain_accuracy=1.0, second_target_share=1.0, confusion_loss=0.0)
    assert warnings_of([constant] * 4) == [NOTHING_TO_CONFUSE]


def test_the_first_round_of_a_study_in_which_nobody_knows_the_others_is_no_reason() -> None:
    alone = replace(HEALTHY, domain_accuracy=1.0, second_target_share=1.0, confusion_loss=0.0)
    assert warnings_of([alone] * 2 + [HEALTHY] * 2 + [alone] * 2) == []


def test_with_the_adversary_off_the_scanner_may_be_recognised() -> None:
    off = replace(HEALTHY, domain_accuracy=1.0, second_target_share=0.0, confusion_loss=0.0)
    assert warnings_of([off] * 4) == []


def test_a_lesion_loss_that_rises_over_three_windows_is_told() -> None:
    rising = [replace(HEALTHY, lesion_loss=loss) for loss in (0.5, 0.6, 0.7, 0.8)]
    assert warnings_of(rising, window=1) == [LESION_LOSS_RISES]


def test_a_lesion_loss_that_falls_once_in_between_is_not() -> None:
    wavering = [replace(HEALTHY, lesion_loss=loss) for loss in (0.5, 0.6, 0.7, 0.65, 0.8, 0.9)]
    assert warnings_of(wavering, window=1) == []


def test_a_window_may_be_filled_over_several_rounds() -> None:
    guards, recognised = Guards(window=4), replace(HEALTHY, domain_accuracy=1.0)
    said = [*guards.watch([recognised] * 3), *guards.watch([recognised])]
    assert [e.sentence for e in said if isinstance(e, TrainingWarned)] == [STILL_RECOGNISED]
