"""The colours of reports can be told from their background, on paper and on a dark screen."""

import pytest

from desktop_client.reporting.inks import CURVE_INKS, DARK, DARK_SHADES, LIGHT, LIGHT_SHADES, Ink


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("inks", "shades"), [(LIGHT, LIGHT_SHADES), (DARK, DARK_SHADES)])
def test_text_and_curves_have_enough_contrast(inks: dict[Ink, str], shades: dict[str, str]) -> None:
    for ink in ("text", "muted"):
        for paper in (inks["paper"], shades["card"]):
            assert contrast(inks[ink], paper) >= 4.5
    assert contrast(shades["notice-text"], shades["notice"]) >= 4.5
    assert min(contrast(inks[ink], inks["paper"]) for ink in CURVE_INKS) >= 3
