"""The demo's report: a table for the terminal, figures for the numbers, a page for the reader."""

import io
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Final

import matplotlib
from rich.console import Console
from rich.table import Table

from desktop_client.demo.figures import curves_figure, gallery_figure, leakage_figure, sites_figure
from desktop_client.demo.outcome import DemoOutcome
from desktop_client.reporting.document import (
    Document,
    Paragraph,
    Picture,
    Pictures,
    Section,
    numbered,
)
from desktop_client.reporting.document import Table as Listing
from desktop_client.reporting.html import as_html
from desktop_client.reporting.pdf import as_pdf

NOTICE: Final = (
    "Research use only. Not for diagnostic use. These are drawn phantoms; what holds for them need "
    "not hold for patients."
)


def write_report(folder: Path, outcome: DemoOutcome, duration_s: float) -> tuple[Path, str]:
    """Write ``report.html`` and ``.pdf``, ``report.json``, ``table.txt`` and ``curves.png``.

    Args:
        folder: Where to write.
        outcome: What was measured.
        duration_s: How long the demo took.

    Returns:
        The page's path, and the tables as text.
    """
    matplotlib.use("agg")
    figures = {
        "gallery": gallery_figure(outcome),
        "curves": curves_figure(outcome),
        "sites": sites_figure(outcome),
        "leakage": leakage_figure(outcome),
    }
    (folder / "curves.png").write_bytes(figures["curves"])
    text = _text_tables(outcome)
    (folder / "table.txt").write_text(text, encoding="utf-8")
    numbers = {"duration_s": round(duration_s, 1), **_numbers(outcome)}
    (folder / "report.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    document = numbered(_document(outcome, figures, duration_s))
    (folder / "report.pdf").write_bytes(as_pdf(document))
    path = folder / "report.html"
    path.write_bytes(as_html(document))
    return path, text


SITE_COLUMNS: Final = (
    "Hospital",
    "Images",
    "Untrained",
    "Site alone",
    "FedAvg",
    "SiteBlind",
    "Recognised",
)
MODEL_COLUMNS: Final = (
    "Model",
    "Hospitals",
    "Unseen hospital",
    "Leakage, linear",
    "Leakage, MLP",
    "Label floor",
    "Chance",
)


def site_rows(outcome: DemoOutcome) -> list[tuple[str, ...]]:
    """Return one row per hospital, in the order of ``SITE_COLUMNS``."""
    return [
        (
            site.name,
            str(sum(site.class_counts.values())),
            *map(_percent, (site.before, site.alone, site.control, site.after, site.recognised)),
        )
        for site in outcome.sites
    ]


def mean_row(outcome: DemoOutcome) -> tuple[str, ...]:
    """Return the unweighted means under the hospitals' rows."""
    sites = outcome.sites
    columns = (
        [s.before for s in sites],
        [s.alone for s in sites],
        [s.control for s in sites],
        [s.after for s in sites],
        [s.recognised for s in sites],
    )
    total = sum(sum(s.class_counts.values()) for s in sites)
    return ("Mean", str(total), *(_percent(sum(c) / len(c)) for c in columns))


def model_rows(outcome: DemoOutcome) -> list[tuple[str, ...]]:
    """Return one row per model, in the order of ``MODEL_COLUMNS``."""
    return [
        (
            model.name,
            *map(
                _percent,
                (
                    model.mean_accuracy,
                    model.unseen_accuracy,
                    model.leakage.linear,
                    model.leakage.mlp,
                    model.leakage.label_floor,
                    model.leakage.chance,
                ),
            ),
        )
        for model in outcome.models
    ]


def error_sentence(outcome: DemoOutcome) -> str:
    """Say how large a difference must be to mean anything.

    The standard error of the mean accuracy of hospitals with equally many held-out images.
    """
    count = sum(site.held_out_count for site in outcome.sites)
    share = outcome.models[-1].mean_accuracy
    error = math.sqrt(share * (1 - share) / count)
    return (
        f"With {count} held-out images one standard error of the mean accuracy is "
        f"{100 * error:.1f} points, and of a difference between two models about "
        f"{100 * error * math.sqrt(2):.1f}; this is one run with one seed. Smaller differences "
        "mean nothing."
    )


def _text_tables(outcome: DemoOutcome) -> str:
    written = io.StringIO()
    console = Console(file=written, width=100, force_terminal=False)
    for title, columns, rows in (
        ("Held-out lesion accuracy", SITE_COLUMNS, [*site_rows(outcome), mean_row(outcome)]),
        ("Lesion accuracy and domain leakage", MODEL_COLUMNS, model_rows(outcome)),
    ):
        table = Table(title=title, title_justify="left")
        for index, column in enumerate(columns):
            table.add_column(column, justify="right" if index else "left")
        for row in rows:
            table.add_row(*row, end_section=row == rows[-2])
        console.print(table)
    return f"{written.getvalue()}{error_sentence(outcome)}\n"


def _numbers(outcome: DemoOutcome) -> dict[str, object]:
    return {
        "round_count": outcome.study.rounds.count,
        "sites": [asdict(site) for site in outcome.sites],
        "models": [asdict(model) for model in outcome.models],
        "accuracy_by_round": outcome.curves,
    }


def _document(outcome: DemoOutcome, figures: dict[str, bytes], duration_s: float) -> Document:
    name = outcome.study.name.removesuffix(", siteblind")
    return Document(
        title=name,
        subtitle=_subtitle(outcome, duration_s),
        running_title=f"SiteBlind · {name}",
        notice=NOTICE,
        sections=(
            Section(
                "What the hospitals’ scanners show",
                (
                    _picture(
                        figures["gallery"],
                        "One lesion of each class per hospital, as its scanner sees it. The last "
                        "hospital takes no part in training.",
                    ),
                ),
            ),
            Section(
                "Learning together",
                (
                    _picture(
                        figures["curves"],
                        "Mean accuracy of the global model on each hospital’s held-out images "
                        "after every round.",
                    ),
                ),
            ),
            _hospitals(outcome, figures["sites"]),
            _leakage(outcome, figures["leakage"]),
        ),
    )


def _hospitals(outcome: DemoOutcome, bars: bytes) -> Section:
    return Section(
        "Each hospital",
        (
            Paragraph(
                "Share of held-out images whose lesion is recognised, by the untrained model, by a "
                "model trained on this hospital’s images alone for as many steps, by plain "
                "federated averaging, and by SiteBlind. “Recognised”: how often a linear probe "
                "still tells the hospital from SiteBlind’s features."
            ),
            _picture(bars, "Held-out accuracy by hospital."),
            Listing(
                "The same in numbers.",
                SITE_COLUMNS,
                (*site_rows(outcome), mean_row(outcome)),
                total_count=1,
            ),
        ),
    )


def _leakage(outcome: DemoOutcome, bars: bytes) -> Section:
    return Section(
        "What the features still tell about the hospital",
        (
            Paragraph(
                "Domain leakage is the balanced accuracy of a fresh classifier that guesses the "
                "hospital from the features. It cannot honestly fall below the label floor, which "
                "the lesion alone gives away, and means nothing without the lesion accuracy beside "
                "it."
            ),
            _picture(bars, "Lesion accuracy and leakage by model."),
            Listing("The same in numbers.", MODEL_COLUMNS, tuple(model_rows(outcome))),
            Paragraph(error_sentence(outcome), "note"),
        ),
    )


def _picture(png: bytes, caption: str) -> Pictures:
    return Pictures(caption, (Picture(png, caption, ""),))


def _subtitle(outcome: DemoOutcome, duration_s: float) -> str:
    plan = outcome.study.rounds
    return (
        f"{len(outcome.sites)} simulated hospitals, {plan.count} rounds with "
        f"{plan.fraction:.0%} of them in each, one process per hospital and a coordinator over "
        f"HTTP; {duration_s:.0f} seconds."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
