"""The demo's figures as PNG bytes, in colours that colour-blind readers tell apart."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from desktop_client.demo.outcome import DemoOutcome
from desktop_client.imaging.decode import decode_image

# Okabe and Ito 2008, https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
STYLES: Final = {"siteblind": (BLUE, "-", "SiteBlind"), "fedavg": (ORANGE, "--", "FedAvg")}
DOTS_PER_INCH: Final = 130


def curves_figure(outcome: DemoOutcome) -> bytes:
    """Draw mean held-out accuracy by round, thin lines for the single hospitals."""
    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for preset, (colour, line, name) in STYLES.items():
        curves = outcome.curves[preset].values()
        rounds = sorted(set.intersection(*(set(curve) for curve in curves)))
        for curve in curves:
            axes.plot(rounds, [curve[r] for r in rounds], line, color=colour, lw=0.6, alpha=0.35)
        mean = [float(np.mean([curve[r] for curve in curves])) for r in rounds]
        axes.plot(rounds, mean, line, color=colour, lw=2.4, label=name)
    _finish(axes, "Held-out lesion accuracy")
    axes.axhline(1 / len(outcome.study.classes), color=GREY, lw=1, ls=":", label="Guessing")
    axes.set_xlabel("Round")
    axes.legend(frameon=False, loc="lower right")
    return _png(figure)


def sites_figure(outcome: DemoOutcome) -> bytes:
    """Draw accuracy per hospital: alone, FedAvg, SiteBlind."""
    figure, axes = plt.subplots(figsize=(9, 3.4), layout="constrained")
    places = np.arange(len(outcome.sites))
    bars = (
        Bars("Site alone", GREY, "//", [s.alone for s in outcome.sites]),
        Bars("FedAvg", ORANGE, "..", [s.control for s in outcome.sites]),
        Bars("SiteBlind", BLUE, "", [s.after for s in outcome.sites]),
    )
    _draw_bars(axes, places, bars)
    axes.set_xticks(places, [site.name.replace(" ", "\n") for site in outcome.sites])
    _finish(axes, "Held-out lesion accuracy")
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    return _png(figure)


def leakage_figure(outcome: DemoOutcome) -> bytes:
    """Draw each model's lesion accuracy beside its leakage, with chance and label floor."""
    figure, axes = plt.subplots(figsize=(9, 3.4), layout="constrained")
    places = np.arange(len(outcome.models))
    models = outcome.models
    bars = (
        Bars("Lesion accuracy\n(higher is better)", GREEN, "", [m.mean_accuracy for m in models]),
        Bars("Leakage, linear\n(lower is better)", BLUE, "//", [m.leakage.linear for m in models]),
        Bars("Leakage, MLP\n(lower is better)", ORANGE, "..", [m.leakage.mlp for m in models]),
    )
    _draw_bars(axes, places, bars)
    leakage = outcome.models[-1].leakage
    axes.axhline(leakage.label_floor, color="black", lw=1, ls="--", label="Leakage: label floor")
    axes.axhline(leakage.chance, color=GREY, lw=1, ls=":", label="Leakage: chance")
    axes.set_xticks(places, [model.name for model in outcome.models])
    _finish(axes, "Share")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return _png(figure)


def gallery_figure(outcome: DemoOutcome) -> bytes:
    """Draw one image of each class (rows) per hospital (columns)."""
    classes = outcome.study.classes
    figure, grid = plt.subplots(
        len(classes),
        len(outcome.gallery),
        figsize=(9, 1.35 * len(classes)),
        layout="constrained",
        squeeze=False,
    )
    for column, (hospital, paths) in enumerate(outcome.gallery.items()):
        grid[0, column].set_title(hospital, fontsize=8)
        for row, path in enumerate(paths):
            grid[row, column].imshow(decode_image(path)[0].pixels)
    for row, lesion_class in enumerate(classes):
        grid[row, 0].set_ylabel(lesion_class.name, fontsize=8)
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    return _png(figure)


@dataclass(frozen=True)
class Bars:
    """One bar per place, told apart by colour and by hatching."""

    name: str
    colour: str
    hatch: str
    heights: list[float]


def _draw_bars(axes: Axes, places: npt.NDArray[np.int64], groups: Sequence[Bars]) -> None:
    pitch = 0.8 / len(groups)
    for index, bars in enumerate(groups):
        axes.bar(
            places + (index - (len(groups) - 1) / 2) * pitch,
            bars.heights,
            0.92 * pitch,
            label=bars.name,
            color=bars.colour,
            hatch=bars.hatch,
            edgecolor="white",
        )


def _finish(axes: Axes, label: str) -> None:
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.set_ylabel(label)
    axes.grid(axis="y", color="#e4e8ee")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    plt.close(figure)
    return buffer.getvalue()
