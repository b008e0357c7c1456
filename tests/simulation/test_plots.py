"""The pictures of a comparison say what they show, and show nothing that cannot be."""

import numpy as np
from matplotlib.axes import Axes

from desktop_client.simulation.comparison import compare
from desktop_client.simulation.plots import comparison_figure, rounds_figure
from tests.simulation.test_comparison import two_variants


def legend_of(axes: Axes) -> list[str]:
    return [str(label) for label in axes.get_legend_handles_labels()[1]]


def test_a_picture_says_what_its_marks_are_and_ends_at_an_auc_of_one() -> None:
    figure = comparison_figure(compare(two_variants(), "fedavg"))
    left, right = figure.axes
    assert [t.get_text() for t in left.get_yticklabels()] == ["siteblind, 2 runs", "fedavg, 2 runs"]
    assert "95 % interval over draws of patients" in figure.get_supxlabel()
    assert 1 < left.get_xlim()[1] < 1.04
    assert legend_of(left) == ["In-site", "Unseen site"]
    assert "balanced accuracy" in right.get_xlabel()


def test_what_no_run_has_takes_no_room() -> None:
    seen = [run for run in two_variants() if run.variant == "fedavg"]
    for run in seen:
        object.__setattr__(run, "held_out_site", None)
        object.__setattr__(run, "predictions", [p for p in run.predictions if p.site != "west"])
    left, _ = comparison_figure(compare(seen, "fedavg")).axes
    assert legend_of(left) == ["In-site"]
    [mark] = [line for line in left.lines if line.get_label() == "In-site"]
    assert np.asarray(mark.get_ydata()).tolist() == [0.0]  # in the middle of its row


def test_how_far_runs_lie_apart_is_a_band_around_their_mean() -> None:
    [axes] = rounds_figure(two_variants()).axes
    assert legend_of(axes) == ["siteblind, 2 runs", "fedavg, 2 runs", "guessing"]
    assert len(axes.collections) == 2
    alone = [run for run in two_variants() if run.seed == 0]
    [axes] = rounds_figure(alone).axes
    assert legend_of(axes) == ["siteblind", "fedavg", "guessing"]
    assert not axes.collections
