"""A comparison as a table for the terminal, and as CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from desktop_client.durable import write_durably
from desktop_client.errors import ResultsFileError
from desktop_client.simulation.comparison import (
    Comparison,
    PairedDifference,
    Spread,
    VariantSummary,
)
from desktop_client.simulation.figures import BYTES, SECONDS, TITLES

CSV_COLUMNS: Final = (
    "variant",
    "compared_with",
    "figure",
    "site",
    "mean",
    "sd",
    "low",
    "high",
    "run_count",
)
SITE_AUC: Final = "auc"
TABLE_WIDTH: Final = 150
MOST_SITES: Final = 12
"""More columns would not fit beside each other; the CSV has every site."""
NOTE: Final = (
    "Mean ± standard deviation over runs; in brackets the 95 % interval over draws of patients, "
    "for the seeds that ran. Leakage is balanced accuracy above the label floor."
)


def write_comparison(results_path: Path, comparison: Comparison) -> list[Path]:
    """Write the comparison beside the results file, as CSV and JSON.

    Raises:
        ResultsFileError: if one cannot be written.
    """
    contents = {
        results_path.with_suffix(".csv"): as_csv(comparison),
        results_path.with_suffix(".comparison.json"): as_json(comparison),
    }
    for path, text in contents.items():
        write_beside(path, text.encode())
    return list(contents)


def write_beside(path: Path, content: bytes) -> None:
    """Write a file durably.

    Raises:
        ResultsFileError: if it cannot be written.
    """
    try:
        write_durably(path, content)
    except OSError as error:
        raise ResultsFileError(f"{path} cannot be written: {error.strerror}") from error


def as_csv(comparison: Comparison) -> str:
    """Write one row per variant or difference, and figure or site; undefined is empty."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_rows(comparison))
    return written.getvalue()


def as_json(comparison: Comparison) -> str:
    """Write everything, the single runs' figures too."""
    return json.dumps(asdict(comparison), indent=1) + "\n"


def as_table(comparison: Comparison) -> str:
    """Write tables for a terminal: the variants, then what each has over the reference."""
    written = io.StringIO()
    console = Console(file=written, width=TABLE_WIDTH, force_terminal=False)
    console.print(_table("Variants", [(v.variant, v.figures) for v in comparison.variants]))
    differences = [(d.variant, d.figures) for d in comparison.differences]
    if differences:
        console.print(_table(f"Difference to {comparison.reference}, run by run", differences))
    sites = sorted({site for variant in comparison.variants for site in variant.site_aucs})
    if len(sites) <= MOST_SITES:
        console.print(_site_table(comparison, sites))
    return f"{written.getvalue()}{NOTE}\n"


def _rows(comparison: Comparison) -> Iterator[tuple[object, ...]]:
    for variant in comparison.variants:
        yield from _rows_of(variant, "")
    for difference in comparison.differences:
        yield from _rows_of(difference, comparison.reference)


def _rows_of(
    told: VariantSummary | PairedDifference, reference: str
) -> Iterator[tuple[object, ...]]:
    for name, spread in told.figures.items():
        yield told.variant, reference, name, "", *asdict(spread).values()
    for site, spread in told.site_aucs.items():
        yield told.variant, reference, SITE_AUC, site, *asdict(spread).values()


def _table(title: str, rows: Sequence[tuple[str, dict[str, Spread]]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("Variant")
    for heading in (*TITLES.values(), "Runs"):
        table.add_column(heading, justify="right")
    for variant, figures in rows:
        cells = [_cell(name, figures[name]) for name in TITLES]
        table.add_row(variant, *cells, str(max(spread.run_count for spread in figures.values())))
    return table


def _site_table(comparison: Comparison, sites: Sequence[str]) -> Table:
    """Variants by site: no site should do worse than it does alone."""
    table = Table(title="AUC by site, unseen ones too", title_justify="left")
    table.add_column("Variant")
    for site in sites:
        table.add_column(site, justify="right")
    for variant in comparison.variants:
        spreads = [variant.site_aucs.get(site) for site in sites]
        table.add_row(variant.variant, *(_mean(spread) for spread in spreads))
    return table


def _mean(spread: Spread | None) -> str:
    return "–" if spread is None or spread.mean is None else f"{spread.mean:.3f}"


def _cell(name: str, spread: Spread) -> str:
    if spread.mean is None:
        return "–"
    if name == BYTES:
        return f"{spread.mean / 1e6:.1f} M"
    if name == SECONDS:
        return f"{spread.mean:.1f}"
    deviation = "" if spread.sd is None else f" ± {spread.sd:.3f}"
    if spread.low is None or spread.high is None:
        return f"{spread.mean:.3f}{deviation}"
    return f"{spread.mean:.3f}{deviation}\n[{spread.low:.3f}, {spread.high:.3f}]"
