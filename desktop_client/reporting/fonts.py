"""The letters of PDFs: DejaVu Sans, which comes with matplotlib and has Latin, Greek and Cyrillic.

Embedded, as far as they are used, so that a PDF looks alike wherever it is read.
"""

from functools import cache
from pathlib import Path
from typing import Final

import matplotlib
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN: Final = "SiteBlindSans"
BOLD: Final = "SiteBlindSans-Bold"


@cache
def register() -> None:
    """Make the fonts known to reportlab, once."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    registerFont(TTFont(PLAIN, str(folder / "DejaVuSans.ttf")))
    registerFont(TTFont(BOLD, str(folder / "DejaVuSans-Bold.ttf")))
    for is_bold in (0, 1):
        for is_italic in (0, 1):
            addMapping(PLAIN, is_bold, is_italic, BOLD if is_bold else PLAIN)
