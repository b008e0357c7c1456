"""How the model learnt: curves over passes or rounds."""

from collections.abc import Callable

from desktop_client.reporting import words
from desktop_client.reporting.charts import (
    Axis,
    Curve,
    count_axis,
    line_chart,
    loss_axis,
    percent_axis,
    style,
)
from desktop_client.reporting.document import Block, Bullets, Figure, Paragraph, Section
from desktop_client.reporting.drawing import Drawing
from desktop_client.reporting.sections.origin import settings_note, settings_table
from desktop_client.reporting.subject import Subject
from desktop_client.training.record import Stage

PANEL_WIDTH, PANEL_HEIGHT = 230.0, 118.0
MARKED_STAGES = 30
"""With more of them, marks would hide the curve."""


def how_it_learnt(subject: Subject) -> Section:
    """Draw the curves, repeat what was warned of, and list the settings."""
    record = subject.record
    blocks: list[Block] = []
    if len(record.stages) > 1:
        blocks.append(_curves(subject))
    else:
        done = "one round" if subject.is_of_study else "one pass"
        blocks.append(Paragraph(f"There are no curves: only {done} is known of."))
    if record.warnings:
        blocks.append(Paragraph("While it was trained, the program warned:"))
        blocks.append(Bullets(tuple(f"{warning.rstrip('.')}." for warning in record.warnings)))
    blocks += [settings_table(subject), settings_note()]
    return Section("How it learnt", tuple(blocks))


def _curves(subject: Subject) -> Figure:
    stages = subject.record.stages
    unit = "round" if subject.is_of_study else "pass"
    panels = [_held_out(stages, unit)]
    has_scanners = len(subject.quality.by_domain) > 1
    if any(stage.lesion_loss is not None for stage in stages):
        panels.append(_loss(stages, unit))
        if has_scanners:
            panels.append(_scanner(subject, unit))
        panels.append(_targets(stages, unit))
    said = [f"What was measured of each {unit}. Held out: should rise and stay high."]
    if len(panels) > 1:
        said.append("Lesion error: should fall.")
    if len(panels) > 1 and has_scanners:
        said.append(
            "Scanner recognised: should come near guessing, for then the model looks at the lesion "
            "and not at the scanner."
        )
    return Figure(" ".join(said), tuple(panels))


def _held_out(stages: tuple[Stage, ...], unit: str) -> tuple[Drawing, str]:
    drawing = _panel(
        [
            ("right answers, held out", lambda s: s.validation.accuracy),
            ("AUC, held out", lambda s: s.validation.auc),
        ],
        stages,
        unit,
        percent_axis("held-out images"),
    )
    first, last = stages[0].validation, stages[-1].validation
    return drawing, (
        f"Curves over {len(stages)} {unit}s: right answers on held-out images from "
        f"{words.percent(first.accuracy)} to {words.percent(last.accuracy)}, AUC from "
        f"{words.number(first.auc)} to {words.number(last.auc)}."
    )


def _loss(stages: tuple[Stage, ...], unit: str) -> tuple[Drawing, str]:
    losses = [stage.lesion_loss for stage in stages if stage.lesion_loss is not None]
    axis = loss_axis("lesion error", max(losses))
    drawing = _panel([("lesion error, learnt from", lambda s: s.lesion_loss)], stages, unit, axis)
    return drawing, (
        f"A curve over {len(stages)} {unit}s: mean lesion error from {losses[0]:.2f} to "
        f"{losses[-1]:.2f}."
    )


def _scanner(subject: Subject, unit: str) -> tuple[Drawing, str]:
    stages = subject.record.stages
    chance = 1 / max(1, len(subject.quality.by_domain))
    drawing = _panel(
        [
            ("scanner recognised", lambda s: s.domain_accuracy),
            ("by guessing", lambda _: chance),
        ],
        stages,
        unit,
        percent_axis("learnt from"),
    )
    shares = [stage.domain_accuracy for stage in stages]
    return drawing, (
        f"Curves over {len(stages)} {unit}s: the scanner is recognised in "
        f"{words.percent(shares[0])} at first and {words.percent(shares[-1])} at last; guessing "
        f"gives {words.percent(chance)}."
    )


def _targets(stages: tuple[Stage, ...], unit: str) -> tuple[Drawing, str]:
    drawing = _panel(
        [
            ("first targets: lesion still learnt", lambda s: s.first_target_share),
            ("second targets: scanner to be forgotten", lambda s: s.second_target_share),
        ],
        stages,
        unit,
        percent_axis("learnt from"),
    )
    first = [stage.first_target_share for stage in stages]
    second = [stage.second_target_share for stage in stages]
    return drawing, (
        f"Curves over {len(stages)} {unit}s: first targets, images whose lesion is still learnt, "
        f"from {words.percent(first[0])} to {words.percent(first[-1])}; second targets, images "
        f"whose scanner is to be forgotten, from {words.percent(second[0])} to "
        f"{words.percent(second[-1])}."
    )


def _panel(
    named: list[tuple[str, Callable[[Stage], float | None]]],
    stages: tuple[Stage, ...],
    unit: str,
    y: Axis,
) -> Drawing:
    curves = []
    for place, (name, value_of) in enumerate(named):
        ink, dash, shape = style(place)
        values = [(stage.number, value_of(stage)) for stage in stages]
        points = tuple((number, value) for number, value in values if value is not None)
        if not points:
            name = f"{name}: undefined"
        dots = points if len(points) <= MARKED_STAGES else points[-1:]
        curves.append(Curve(name, points, ink, dash, dots, shape))
    x = count_axis(unit, max(stage.number for stage in stages))
    return line_chart(curves, x, y, PANEL_WIDTH, PANEL_HEIGHT)
