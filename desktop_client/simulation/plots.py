"""A comparison as pictures: what each variant reaches and leaks, and how it learns."""

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
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
GREY: Final = "#4a5260"
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
    figure = Figure(figsize=(10, 2.0 + 0.5 * len(variants)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_points(left, variants, ((IN_SITE_AUC, "In-site"), (UNSEEN_AUC, "Unseen site")))
    _draw_points(right, variants, ((LINEAR, "Linear probe"), (MLP, "MLP probe")))
    names = [_with_runs(v.variant, len(v.values[IN_SITE_AUC])) for v in variants]
    left.set_yticks(range(len(variants)), names)
    left.set_ylim(len(variants) - 0.5, -0.5)
    left.set_xlabel("AUC (right is better)")
    left.set_xlim(right=_highest_shown(*left.get_xlim()))
    right.set_xlabel("Leakage: balanced accuracy above the label floor\n(left is better)")
    right.axvline(0, color="black", lw=1, ls=":")
    _explain(
        figure,
        "Large: mean over runs; small: each run; line: 95 % interval over draws of patients",
    )
    return figure


def rounds_figure(runs: Sequence[RunResult]) -> Figure:
    """Draw the mean in-site AUC by round, per variant, with its deviation and the single runs."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    curves: defaultdict[str, list[dict[int, float]]] = defaultdict(list)
    for run in runs:
        curves[run.variant].append(_curve(run))
    for index, (variant, of_variant) in enumerate(curves.items()):
        look = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
        _draw_curves(axes, variant, of_variant, look)
    axes.axhline(0.5, color="black", lw=1, ls=":", label="guessing")
    axes.set_xlabel("Round")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("AUC in-site, mean over sites")
    axes.set_ylim(top=_highest_shown(*axes.get_ylim()))
    _finish(axes, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    _explain(figure, "Thick: mean over runs; band: one standard deviation; thin: each run")
    return figure


def _draw_curves(
    axes: Axes, variant: str, runs: Sequence[dict[int, float]], look: tuple[str, str]
) -> None:
    """Draw what a variant reaches by round, where all of its runs have it."""
    colour, line = look
    rounds = sorted(set.intersection(*(set(run) for run in runs)))
    values = [[run[number] for run in runs] for number in rounds]
    means = [fmean(of_round) for of_round in values]
    if len(runs) > 1:
        for run in runs:
            axes.plot(list(run), list(run.values()), line, color=colour, lw=0.7, alpha=0.5)
        spread = [stdev(of_round) for of_round in values]
        low = [mean - sd for mean, sd in zip(means, spread, strict=True)]
        high = [mean + sd for mean, sd in zip(means, spread, strict=True)]
        axes.fill_between(rounds, low, high, color=colour, alpha=0.15, lw=0)
    axes.plot(rounds, means, line, color=colour, lw=2.2, label=_with_runs(variant, len(runs)))


def _draw_points(
    axes: Axes, variants: Sequence[VariantSummary], figures: Sequence[tuple[str, str]]
) -> None:
    """Draw a figure's mean with its interval, and faint dots for the single runs."""
    known = [n for n, _ in figures if any(v.figures[n].mean is not None for v in variants)]
    for row, (name, title) in enumerate(figures):
        if name not in known:
            continue
        colour, marker = COLOURS[row], MARKERS[row]
        offset = (known.index(name) - (len(known) - 1) / 2) * 0.32
        label: str | None = title
        for place, variant in enumerate(variants):
            spread, y = variant.figures[name], place + offset
            values = [value for value in variant.values[name] if value is not None]
            heights = [y + JITTER * ((n % 3) - 1) for n in range(len(values))]
            axes.plot(values, heights, ".", color=colour, ms=5, alpha=0.5)
            if spread.mean is None:
                continue
            if spread.low is not None and spread.high is not None:
                axes.plot([spread.low, spread.high], [y, y], color=colour, lw=1.8)
            axes.plot([spread.mean], [y], marker, color=colour, ms=7, label=label, ls="none")
            label = None  # one entry in the legend is enough
    _finish(axes, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _with_runs(variant: str, count: int) -> str:
    return f"{variant}, {count} runs" if count > 1 else variant


def _highest_shown(low: float, high: float) -> float:
    """Return where an axis of AUCs ends: nothing is above 1, but a mark there must be whole."""
    return min(high, 1 + 0.03 * (high - low))


def _explain(figure: Figure, words: str) -> None:
    """Say below a picture what its marks are."""
    figure.supxlabel(words, fontsize="small", color=GREY)


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
