"""Where curves and ticks lie, and what a chart of many sites shows."""

import pytest

from coordinator.dashboard.charts import CURVE_LIMIT, leakage_chart, metric_chart
from coordinator.dashboard.drawing import (
    HEIGHT,
    MARK_SHAPES,
    WIDTH,
    Curve,
    Drawing,
    draw,
    mark_path,
)
from coordinator.method.leakage import Leakage


def drawn(*curves: dict[int, float]) -> Drawing:
    drawing = draw([Curve(f"c{n}", values, f"curve-{n}") for n, values in enumerate(curves)])
    assert drawing is not None
    return drawing


def test_the_axes_span_all_values_in_steps_of_a_tenth() -> None:
    drawing = drawn({0: 0.61, 4: 0.87}, {2: 0.74})

    assert [tick.text for tick in drawing.y_ticks] == ["0.6", "0.7", "0.8", "0.9"]
    assert [tick.text for tick in drawing.x_ticks] == ["0", "1", "2", "3", "4"]


def test_points_lie_in_proportion_between_the_ends_of_the_axes() -> None:
    drawing = drawn({0: 0.5, 5: 0.75, 10: 1.0})

    middle_x, middle_y = (
        (drawing.left + drawing.right) / 2,
        (drawing.top + drawing.bottom) / 2,
    )
    assert drawing.curves[0].path == (
        f"M{drawing.left:.1f},{drawing.bottom:.1f} {middle_x:.1f},{middle_y:.1f} "
        f"{drawing.right:.1f},{drawing.top:.1f}"
    )


def test_a_difference_of_hundredths_does_not_fill_the_whole_height() -> None:
    for values in ({0: 0.81, 1: 0.82}, {0: 1.0}, {0: 0.0}):
        ticks = [float(tick.text) for tick in drawn(values).y_ticks]
        assert ticks[-1] - ticks[0] == pytest.approx(0.2)
        assert ticks[0] >= 0
        assert ticks[-1] <= 1


def test_a_single_point_has_a_mark_inside_the_picture() -> None:
    drawing = draw([Curve("one", {7: 0.8}, "curve-0", "circle")])

    assert drawing is not None
    (mark,) = drawing.curves[0].marks
    assert mark.sentence == "one, round 7: 0.800"
    assert 0 < drawing.left < drawing.right < WIDTH
    assert 0 < drawing.top < drawing.bottom < HEIGHT


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([]) is None
    assert draw([Curve("empty", {}, "curve-0")]) is None


def test_hundreds_of_rounds_have_few_ticks_and_one_mark() -> None:
    drawing = draw([Curve("long", dict.fromkeys(range(600), 0.5), "curve-0", "square")])

    assert drawing is not None
    assert 3 <= len(drawing.x_ticks) <= 9
    assert len(drawing.curves[0].marks) == 1


def test_thousands_of_rounds_still_have_ticks() -> None:
    assert 2 <= len(drawn({0: 0.5, 90_000: 0.6}).x_ticks) <= 9


def test_every_shape_of_mark_is_another_path() -> None:
    paths = {mark_path(shape, 10, 10) for shape in MARK_SHAPES}

    assert len(paths) == len(MARK_SHAPES)


def test_a_few_sites_have_a_curve_each_in_order_of_name() -> None:
    chart = metric_chart({"b": {1: 0.7, 3: 0.8}, "a": {2: 0.6}}, {"a": "Ulm", "b": "Bern"})

    assert chart is not None
    assert [row.label for row in chart.key] == ["Bern", "Ulm"]
    assert chart.key[0].change == pytest.approx(0.1)
    assert not chart.is_summary


def test_many_sites_are_shown_by_their_middle_and_their_spread() -> None:
    values = {str(n): {5: n / 10} for n in range(1, CURVE_LIMIT + 2)}  # 0.1 to 0.7
    chart = metric_chart(values, dict.fromkeys(values, "site"))

    assert chart is not None
    assert chart.is_summary
    assert [(row.label, row.newest) for row in chart.key] == [
        ("Highest site", 0.7),
        ("Median of the sites", 0.4),
        ("Lowest site", 0.1),
    ]
    assert [style for style, _ in chart.drawing.bands] == ["range", "quartiles"]


def test_no_site_no_chart() -> None:
    assert metric_chart({}, {}) is None
    assert leakage_chart({}) is None


def test_leakage_stands_beside_its_floor_and_chance() -> None:
    leakage = Leakage(
        balanced_accuracy=0.7, floor=0.6, chance=0.5, by_domain={}, is_within_lesion=True
    )

    chart = leakage_chart({3: leakage})

    assert chart is not None
    assert [row.newest for row in chart.key] == [0.7, 0.6, 0.5]
