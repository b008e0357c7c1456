"""Compare variants of a study by runs with the same seed and the same site left out; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.bootstrap import interval, mean_of_defined
from desktop_client.simulation.figures import TITLES, RunFigures, figures_of
from desktop_client.simulation.results import RunResult
from desktop_client.training.evaluation import FloatArray


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several runs; ``run_count`` of them have it.

    Attributes:
        mean: Over the runs; None if no run has it.
        sd: Over the runs, with n - 1; None with fewer than two.
        low: Lower end of the 95 % interval of the mean over draws of patients: what to expect on
            other patients of the same sites, for these runs' seeds. None for what patients have
            no part in.
        high: Its upper end.
        run_count: How many runs.
    """

    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    run_count: int


@dataclass(frozen=True, slots=True)
class VariantSummary:
    """One variant: its figures by name as in ``figures.TITLES``, and AUC by site."""

    variant: str
    figures: dict[str, Spread]
    site_aucs: dict[str, Spread]
    values: dict[str, tuple[float | None, ...]]
    """The single runs' figures by name, in order of seed and site left out."""


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """A variant minus the reference, run by run; the same fields as ``VariantSummary``."""

    variant: str
    figures: dict[str, Spread]
    site_aucs: dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All variants, in the order in which they were asked for."""

    reference: str
    variants: tuple[VariantSummary, ...]
    differences: tuple[PairedDifference, ...]


_Pair = tuple[int, str | None]
"""Seed and site left out."""


def compare(runs: Sequence[RunResult], reference: str) -> Comparison:
    """Summarise each variant, and compare each with the reference.

    In a pair of runs both models are judged on the same draws of patients. A site's draws are
    the same in all runs, so the mean over runs keeps the uncertainty that all share.

    Args:
        runs: At most one per variant, seed and site left out. Pairs may be missing; a
            difference is taken over those that are there.
        reference: The variant to subtract.

    Raises:
        SimulationPlanError: if there is no run of the reference.
    """
    by_variant: dict[str, dict[_Pair, RunFigures]] = {}
    for run in runs:
        of_variant = by_variant.setdefault(run.variant, {})
        of_variant[run.seed, run.held_out_site] = figures_of(run)
    if reference not in by_variant:
        raise SimulationPlanError(
            f"No run of the reference {reference!r} is there; there are {', '.join(by_variant)}"
        )
    return Comparison(
        reference,
        tuple(_summary(name, _in_order(pairs)) for name, pairs in by_variant.items()),
        tuple(
            _difference(name, pairs, by_variant[reference])
            for name, pairs in by_variant.items()
            if name != reference
        ),
    )


def _in_order(pairs: dict[_Pair, RunFigures]) -> list[RunFigures]:
    return [pairs[key] for key in sorted(pairs, key=lambda pair: (pair[0], pair[1] or ""))]


def _summary(variant: str, runs: Sequence[RunFigures]) -> VariantSummary:
    return VariantSummary(
        variant,
        _spreads([run.draws for run in runs]),
        _spreads([run.site_aucs for run in runs]),
        {name: tuple(_defined(run.draws[name][0]) for run in runs) for name in TITLES},
    )


def _difference(
    variant: str, pairs: dict[_Pair, RunFigures], references: dict[_Pair, RunFigures]
) -> PairedDifference:
    paired = [(pairs[key], references[key]) for key in pairs if key in references]
    return PairedDifference(
        variant,
        _spreads([_less(run.draws, other.draws) for run, other in paired]),
        _spreads([_less(run.site_aucs, other.site_aucs) for run, other in paired]),
    )


_Draws = Mapping[str, FloatArray]


def _less(draws: _Draws, others: _Draws) -> _Draws:
    """Subtract figure by figure; where one has no draws of patients the difference has none."""
    return {
        name: draws[name] - others[name]
        if len(draws[name]) == len(others[name])
        else draws[name][:1] - others[name][:1]
        for name in draws
        if name in others
    }


def _spreads(runs: Sequence[_Draws]) -> dict[str, Spread]:
    names = dict.fromkeys(name for draws in runs for name in draws)
    return {name: spread([draws[name] for draws in runs if name in draws]) for name in names}


def spread(draws: Sequence[FloatArray]) -> Spread:
    """Summarise a figure over runs, each given as ``[1 + R]``: the figure, then its draws."""
    kept = [of_run for of_run in draws if not np.isnan(of_run[0])]
    if not kept:
        return Spread(None, None, None, None, 0)
    values = np.array([of_run[0] for of_run in kept])
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    low, high = interval(mean_of_defined(np.stack(kept))[1:]) or (None, None)
    return Spread(float(values.mean()), sd, low, high, len(values))


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
