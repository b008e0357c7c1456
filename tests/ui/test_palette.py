import re
from itertools import product

import pytest

from desktop_client.gui.palette import PALETTES, Palette, contrast, ink_on
from desktop_client.gui.theme import style_sheet
from desktop_client.labelling.palette import OKABE_ITO

TEXT_RATIO = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA."""
LINE_RATIO = 3.0
"""WCAG 2.2, success criterion 1.4.11."""

themes = pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))


def test_contrast_of_black_on_white_is_21_and_of_a_colour_on_itself_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b5cad", "#0b5cad") == 1


def test_contrast_of_a_mid_grey_is_the_one_the_standard_is_known_for() -> None:
    # #767676 is the lightest grey that passes AA on white: 4.54 to 1.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@themes
def test_every_text_can_be_read_on_every_background_it_appears_on(palette: Palette) -> None:
    inks = (palette.text, palette.muted, palette.danger, palette.warning, palette.success)
    grounds = (palette.window, palette.surface, palette.raised, palette.selection)
    for ink, ground in product(inks, grounds):
        assert contrast(ink, ground) >= TEXT_RATIO, (ink, ground)


@themes
def test_the_banner_and_the_chief_button_can_be_read(palette: Palette) -> None:
    assert contrast(palette.on_banner, palette.banner) >= TEXT_RATIO
    assert contrast(palette.on_accent, palette.accent) >= TEXT_RATIO


@themes
def test_edges_focus_and_curves_are_seen_against_what_is_around_them(palette: Palette) -> None:
    for line in (palette.outline, palette.accent, *palette.curves):
        assert contrast(line, palette.surface) >= LINE_RATIO, line
        assert contrast(line, palette.window) >= LINE_RATIO, line


@pytest.mark.parametrize("colour", OKABE_ITO)
def test_a_class_name_can_be_read_on_the_colour_of_its_class(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= TEXT_RATIO


@themes
def test_the_style_sheet_has_no_colour_of_its_own(palette: Palette) -> None:
    own = set(re.findall(r"#[0-9a-f]{6}", style_sheet(palette)))
    assert own <= {value for value in vars(palette).values() if isinstance(value, str)}
