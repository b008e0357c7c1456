"""Whether the model is as often right as it is sure."""

from desktop_client.reporting import words
from desktop_client.reporting.charts import Curve, percent_axis, square_chart, style
from desktop_client.reporting.document import Figure, Paragraph, Section, Table
from desktop_client.reporting.subject import Subject

CHART_SIDE = 150.0


def believing_it(subject: Subject) -> Section:
    """Compare confidence with the share of right answers."""
    calibration = subject.quality.together.calibration
    if not calibration.bins:
        return Section(
            "Can its confidence be believed?",
            (Paragraph("That is undefined: no images are held out."),),
        )
    points = tuple((b.mean_confidence, b.right_share) for b in calibration.bins)
    ink, dash, shape = style(0)
    chart = square_chart(
        [
            Curve("right answers", points, ink, dash, points, shape),
            Curve("as sure as right", ((0.0, 0.0), (1.0, 1.0)), "muted", (2, 2)),
        ],
        percent_axis("confidence"),
        percent_axis("right answers"),
        CHART_SIDE,
    )
    said = "; ".join(
        f"sure by {words.percent(b.mean_confidence)}, right in {words.percent(b.right_share)}"
        for b in calibration.bins
    )
    return Section(
        "Can its confidence be believed?",
        (
            Paragraph(
                "Confidence and share of right answers differ by "
                f"{words.percent(calibration.expected_error)} on average. {_temperature(subject)}"
            ),
            Figure(
                "Answers grouped by confidence. On the dashed line the model is right as often "
                "as it is sure; below it, it is too sure of itself.",
                ((chart, f"Reliability diagram: {said}."),),
            ),
            Table(
                "The same in numbers.",
                ("Confidence, mean", "Images", "Right answers"),
                tuple(
                    (words.percent(b.mean_confidence), f"{b.count:,}", words.percent(b.right_share))
                    for b in calibration.bins
                ),
            ),
        ),
    )


def _temperature(subject: Subject) -> str:
    if subject.record.temperature is None:
        return "It was not adjusted, since too few images are held out, and may be too high."
    return (
        "It was adjusted on these very images, so that on new ones the difference will be a "
        "little larger."
    )
