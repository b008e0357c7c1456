"""The charts of a study: which curves each has, and the figures that stand beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from coordinator.dashboard.drawing import MARK_SHAPES, Band, Curve, Drawing, draw, mark_path
from coordinator.method.leakage import Leakage

CURVE_LIMIT: Final = len(MARK_SHAPES)
"""With more sites than this, curves of single sites could no longer be told apart."""

_KEY_X, _KEY_Y = 14.0, 8.0


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A line of the table beside a chart, which is its legend too."""

    label: str
    style: str
    mark: str | None
    """Path of the mark, in a view box of 28 by 16."""
    newest_round: int
    newest: float
    first_round: int
    first: float

    @property
    def change(self) -> float:
        """Since the first figure shown."""
        return self.newest - self.first


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table beside it."""

    drawing: Drawing
    key: tuple[KeyRow, ...]
    is_summary: bool
    """Whether it shows the middle and the spread of many sites instead of each of them."""


def metric_chart(
    by_site: Mapping[str, Mapping[int, float]], names: Mapping[str, str]
) -> Chart | None:
    """Return the chart of a lesion metric; None if no site has measured it.

    Args:
        by_site: Values by site id and round.
        names: Name of each site.
    """
    if len(by_site) > CURVE_LIMIT:
        return _summary(by_site)
    in_order = sorted(by_site, key=lambda site_id: names[site_id].casefold())
    curves = [
        Curve(names[site_id], by_site[site_id], f"curve-{number}", MARK_SHAPES[number])
        for number, site_id in enumerate(in_order)
    ]
    return _chart(curves)


def leakage_chart(leakage: Mapping[int, Leakage]) -> Chart | None:
    """Return the chart of domain leakage with its floor and chance; None without any figure."""
    if not leakage:
        return None
    measured = {number: one.balanced_accuracy for number, one in leakage.items()}
    floor = {number: one.floor for number, one in leakage.items()}
    chance = {number: one.chance for number, one in leakage.items()}
    return _chart(
        [
            Curve("Scanner recognised", measured, "curve-0", "circle"),
            Curve("Floor: scanners that do not differ", floor, "floor"),
            Curve("Chance", chance, "chance"),
        ]
    )


def _summary(by_site: Mapping[str, Mapping[int, float]]) -> Chart | None:
    """Draw median, quartiles and extremes of the sites that measured after each round."""
    by_round: dict[int, list[float]] = {}
    for values in by_site.values():
        for number, value in values.items():
            by_round.setdefault(number, []).append(value)
    lowest = {number: min(values) for number, values in by_round.items()}
    highest = {number: max(values) for number, values in by_round.items()}
    quartiles = {number: _quartiles(values) for number, values in by_round.items()}
    bands = [
        Band(lowest, highest, "range"),
        Band(
            {number: low for number, (low, _) in quartiles.items()},
            {number: high for number, (_, high) in quartiles.items()},
            "quartiles",
        ),
    ]
    middle = {number: median(values) for number, values in by_round.items()}
    curves = [
        Curve("Highest site", highest, "extreme"),
        Curve("Median of the sites", middle, "curve-0", "circle"),
        Curve("Lowest site", lowest, "extreme"),
    ]
    return _chart(curves, bands)


def _quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _chart(curves: list[Curve], bands: list[Band] | None = None) -> Chart | None:
    drawing = draw(curves, bands or [])
    if drawing is None:
        return None
    return Chart(drawing, tuple(_key_row(curve) for curve in curves), is_summary=bool(bands))


def _key_row(curve: Curve) -> KeyRow:
    first, newest = min(curve.values), max(curve.values)
    return KeyRow(
        label=curve.label,
        style=curve.style,
        mark=None if curve.mark is None else mark_path(curve.mark, _KEY_X, _KEY_Y),
        newest_round=newest,
        newest=curve.values[newest],
        first_round=first,
        first=curve.values[first],
    )
