"""What to know first."""

from desktop_client.reporting import words
from desktop_client.reporting.document import Bullets, KeyFigure, KeyFigures, Paragraph, Section
from desktop_client.reporting.subject import Subject


def in_brief(subject: Subject) -> Section:
    """Tell the few numbers that matter, each with what it must be seen with."""
    quality = subject.quality
    judged = quality.together
    held_out = f"{words.images(judged.image_count)} of {words.patients(judged.patient_count)}"
    return Section(
        "In brief",
        (
            Paragraph(
                f"The model was asked about {held_out} that were held out: it never learnt from "
                "any image of these patients."
            ),
            KeyFigures(tuple(_figures(subject))),
            Bullets(tuple(_sentences(subject))),
            Paragraph(
                "In brackets, throughout: where the true value lies with 95 % confidence, judging "
                "by so few images. “Undefined” means that the held-out images cannot tell, for "
                "instance because they are all of one class.",
                "note",
            ),
        ),
    )


def _figures(subject: Subject) -> list[KeyFigure]:
    quality = subject.quality
    judged, told = quality.together, quality.leakage
    accuracy = judged.accuracy
    spread = accuracy.interval
    area = words.mean_auc_of(quality)
    return [
        KeyFigure(
            words.percent(accuracy.value),
            "Judged right",
            f"{accuracy.count:,} of {accuracy.total:,}"
            + (
                f"; {100 * spread.low:.0f}–{100 * spread.high:.0f}{words.PER_CENT}"
                if spread
                else ""
            ),
        ),
        KeyFigure(words.number(area), "Mean AUC over classes", "0.5 is guessing, 1 is perfect"),
        KeyFigure(
            words.percent(judged.calibration.expected_error),
            "Confidence off by",
            "on average; 0 % is perfect",
        ),
        KeyFigure(
            "unknown" if told is None else words.percent(told.trained),
            "Scanner recognised",
            "see chapter on scanners" if told is None else f"guessing {words.percent(told.chance)}",
        ),
    ]


def _sentences(subject: Subject) -> list[str]:
    record = subject.record
    judged = subject.quality.together
    said = []
    for quality in judged.classes:
        if quality.auc is None:
            said.append(
                f"{quality.name}: undefined, since "
                + (
                    "none of the held-out images is of this class."
                    if not quality.positive_count
                    else "all held-out images are of this class."
                )
            )
        else:
            said.append(
                f"{quality.name}: {words.share(quality.sensitivity)} of its "
                f"{words.images(quality.positive_count)} are found (sensitivity), and "
                f"{words.share(quality.specificity)} of the other "
                f"{quality.negative_count:,} are left alone (specificity)."
            )
    if record.done_count < record.stage_count:
        unit = "rounds" if subject.is_of_study else "passes"
        said.append(
            f"The training is not complete: {record.done_count} of {record.stage_count} {unit} "
            "are done."
        )
    return said
