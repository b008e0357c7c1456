"""A comparison as pictures: what each variant reaches and leaks, and how it learns."""

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from desktop_client.simulation.comparison import Comparison, VariantSummary
from desktop_client.simulation.figures import IN_SITE_AUC, LINEAR, MLP, UNSEEN_AUC
from desktop_client.simulation.report import write_beside
from desktop_client.simulation.results import RunResult

# Okabe and Ito 2008, https://jfly.uni-koeln.de/color/; yellow is left out, too light for lines.
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
LINES: Final = ("-", "--", "-.", ":")
DOTS_PER_INCH: Final = 150
GRID: Final = "#e4e8ee"
JITTER: Final = 0.05
"""How far the dots of two single runs lie apart, of the distance between two variants."""


def write_plots(
    results_path: Path, comparison: Comparison, runs: Sequence[RunResult]
) -> list[Path]:
    """Write both pictures beside the results file, as PNG and SVG.

    Raises:
        ResultsFileError: if one cannot be written.
    """
    matplotlib.use("agg")
    written = []
    for stem, figure in (
        (".png", comparison_figure(comparison)),
        (".rounds.png", rounds_figure(runs)),
    ):
        for path in (
            results_path.with_suffix(stem),
            results_path.with_suffix(stem).with_suffix(".svg"),
        ):
            write_beside(path, _encoded(figure, path.suffix.removeprefix(".")))
            written.append(path)
    return written


def comparison_figure(comparison: Comparison) -> Figure:
    """Draw each variant's AUC in-site and unseen, and beside it what its features leak."""
    variants = comparison.variants
    figure = Figure(figsize=(10, 1.6 + 0.5 * len(variants)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_points(left, variants, ((IN_SITE_AUC, "In-site"), (UNSEEN_AUC, "Unseen site")))
    _draw_points(right, variants, ((LINEAR, "Linear probe"), (MLP, "MLP probe")))
    left.set_yticks(range(len(variants)), [variant.variant for variant in variants])
    left.invert_yaxis()
    left.set_xlabel("AUC (right is better)")
    right.set_xlabel("Leakage above the label floor (left is better)")
    right.axvline(0, color="black", lw=1, ls=":")
    return figure


def rounds_figure(runs: Sequence[RunResult]) -> Figure:
    """Draw the mean in-site AUC by round, per variant, the single runs thin."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    curves: defaultdict[str, list[dict[int, float]]] = defaultdict(list)
    for run in runs:
        curves[run.variant].append(_curve(run))
    for index, (variant, of_variant) in enumerate(curves.items()):
        colour, line = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
        for curve in of_variant:
            axes.plot(list(curve), list(curve.values()), line, color=colour, lw=0.5, alpha=0.3)
        rounds = sorted(set.intersection(*(set(curve) for curve in of_variant)))
        means = [fmean(curve[number] for curve in of_variant) for number in rounds]
        axes.plot(rounds, means, line, color=colour, lw=2.2, label=variant)
    axes.set_xlabel("Round")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("AUC in-site")
    _finish(axes, loc="lower right")
    return figure


def _draw_points(
    axes: Axes, variants: Sequence[VariantSummary], figures: Sequence[tuple[str, str]]
) -> None:
    """Draw a figure's mean with its interval, and faint dots for the single runs."""
    for row, (name, title) in enumerate(figures):
        colour, marker = COLOURS[row], MARKERS[row]
        offset = (row - (len(figures) - 1) / 2) * 0.32
        label: str | None = title
        for place, variant in enumerate(variants):
            spread, y = variant.figures[name], place + offset
            values = [value for value in variant.values[name] if value is not None]
            heights = [y + JITTER * ((n % 3) - 1) for n in range(len(values))]
            axes.plot(values, heights, ".", color=colour, ms=4, alpha=0.3)
            if spread.mean is None:
                continue
            if spread.low is not None and spread.high is not None:
                axes.plot([spread.low, spread.high], [y, y], color=colour, lw=1.8)
            axes.plot([spread.mean], [y], marker, color=colour, ms=7, label=label, ls="none")
            label = None  # one entry in the legend is enough
    _finish(axes, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _curve(run: RunResult) -> dict[int, float]:
    """Return the mean AUC of the sites that take part, by round, where it is defined."""
    curve = {}
    for result in run.rounds:
        aucs = [s.auc for s in result.sites if s.auc is not None and not s.is_held_out]
        if aucs:
            curve[result.round_number] = fmean(aucs)
    return curve


def _finish(axes: Axes, **legend: Any) -> None:  # noqa: ANN401  as matplotlib has it
    if axes.get_legend_handles_labels()[0]:  # nothing is, where every figure is undefined
        axes.legend(frameon=False, **legend)
    axes.grid(axis="both", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _encoded(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH)
    return buffer.getvalue()
