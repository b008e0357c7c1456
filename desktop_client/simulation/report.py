"""A comparison as a table for the terminal, and as CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
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
MOST_ACROSS: Final = 4
"""Variants that fit beside each other; two do in 80 columns."""
UNKNOWN: Final = Spread(None, None, None, None, 0)
NOTE: Final = (
    "Mean ± standard deviation over runs; in brackets the 95 % interval over draws\n"
    "of patients, for the seeds that ran. Leakage is balanced accuracy above the\n"
    "label floor."
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
    is_narrow = len(comparison.variants) <= MOST_ACROSS
    console = Console(file=written, width=TABLE_WIDTH, force_terminal=False)
    told = [("Variants", [(v.variant, v.figures) for v in comparison.variants])]
    if comparison.differences:
        title = f"Difference to {comparison.reference}, run by run"
        told.append((title, [(d.variant, d.figures) for d in comparison.differences]))
    for title, rows in told:
        console.print(_tall_table(title, rows) if is_narrow else _table(title, rows), "")
    sites = sorted({site for variant in comparison.variants for site in variant.site_aucs})
    if len(sites) <= MOST_SITES:
        of_sites = [(v.variant, v.site_aucs) for v in comparison.variants]
        title = "AUC by site, unseen ones too"
        console.print(
            _tall_site_table(title, of_sites, sites)
            if is_narrow
            else _site_table(title, of_sites, sites),
            "",
        )
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


_Told = Sequence[tuple[str, dict[str, Spread]]]
"""Spreads by name, of each variant."""


def _tall_table(title: str, rows: _Told) -> Table:
    """Figures below each other, which few variants leave room for on any terminal."""
    table = _headed(title, "", [variant for variant, _ in rows])
    for name, heading in TITLES.items():
        table.add_row(heading, *(_cell(name, figures[name], " ") for _, figures in rows))
    table.add_row("Runs", *(_run_count(figures) for _, figures in rows))
    return table


def _tall_site_table(title: str, rows: _Told, sites: Sequence[str]) -> Table:
    table = _headed(title, "Site", [variant for variant, _ in rows])
    for site in sites:
        table.add_row(site, *(_cell(SITE_AUC, aucs.get(site, UNKNOWN), " ") for _, aucs in rows))
    return table


def _table(title: str, rows: _Told) -> Table:
    table = _headed(title, "Variant", [*TITLES.values(), "Runs"])
    for variant, figures in rows:
        cells = [_cell(name, figures[name], "\n") for name in TITLES]
        table.add_row(variant, *cells, _run_count(figures))
    return table


def _site_table(title: str, rows: _Told, sites: Sequence[str]) -> Table:
    """Variants by site: no site should do worse than it does alone."""
    table = _headed(title, "Variant", sites)
    for variant, aucs in rows:
        table.add_row(variant, *(_mean(aucs.get(site, UNKNOWN)) for site in sites))
    return table


def _headed(title: str, first: str, others: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _run_count(figures: dict[str, Spread]) -> str:
    return str(max(spread.run_count for spread in figures.values()))


def _mean(spread: Spread) -> str:
    return "–" if spread.mean is None else f"{spread.mean:.3f}"


def _cell(name: str, spread: Spread, between: str) -> str:
    """Write a figure with its deviation and, behind ``between``, its interval."""
    if spread.mean is None:
        return "–"
    if name == BYTES:
        return f"{spread.mean / 1e6:.1f} M"
    if name == SECONDS:
        return f"{spread.mean:.1f}"
    deviation = "" if spread.sd is None else f" ± {spread.sd:.3f}"
    if spread.low is None or spread.high is None:
        return f"{spread.mean:.3f}{deviation}"
    return f"{spread.mean:.3f}{deviation}{between}[{spread.low:.3f}, {spread.high:.3f}]"
