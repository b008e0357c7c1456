"""The sites' figures as CSV, for spreadsheets and statistics programs."""

import csv
import io
from collections.abc import Mapping
from typing import Final

from coordinator.dashboard.measures import Measures

_HEADINGS: Final = (
    *("after_round", "site_id", "site", "held_out_images"),
    *("auc", "balanced_accuracy", "accuracy"),
)
_FORMULA_SIGNS: Final = ("=", "+", "-", "@")


def as_csv(measures: Measures, names: Mapping[str, str]) -> str:
    """Return one line per site and round, the newest round first.

    Args:
        measures: What to write; undefined values become empty cells.
        names: Name of each site, which the site itself has chosen.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_HEADINGS)
    for number, site_id, metrics in measures.lesion_rows():
        values = (metrics.auc, metrics.balanced_accuracy, metrics.accuracy)
        table.writerow([number, site_id, _inert(names[site_id]), metrics.sample_count, *values])
    return text.getvalue()


def _inert(name: str) -> str:
    """Keep a spreadsheet from reading a name as a formula.

    Source:
        OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{name}" if name.startswith(_FORMULA_SIGNS) else name
