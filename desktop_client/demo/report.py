"""The demo's report: a table for the terminal, figures for the numbers, a page for the reader."""

import base64
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Final

import matplotlib
from rich.console import Console
from rich.table import Table

from desktop_client.demo.figures import curves_figure, gallery_figure, leakage_figure, sites_figure
from desktop_client.demo.outcome import DemoOutcome

PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SiteBlind demo</title><style>
:root {{ color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1c2430; }}
body {{ max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; }}
h1 {{ font-size: 1.7rem; margin-bottom: .2rem; }} h2 {{ font-size: 1.2rem; margin-top: 2.2rem; }}
.notice {{ background: #fff4d6; border-left: 4px solid #b36b00; padding: .5rem 1rem; }}
.note {{ color: #4a5566; }} table {{ border-collapse: collapse; width: 100%; }}
th, td {{ padding: .35rem .6rem; border-bottom: 1px solid #d6dce5; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }} thead th {{ border-bottom-width: 2px; }}
tfoot td {{ font-weight: 600; }} img {{ max-width: 100%; height: auto; }}
</style></head><body>
<h1>{title}</h1><p class="note">{subtitle}</p>
<p class="notice">Research use only. Not for diagnostic use. These are drawn phantoms; what holds
for them need not hold for patients.</p>
{body}
</body></html>
"""


def write_report(folder: Path, outcome: DemoOutcome, duration_s: float) -> tuple[Path, str]:
    """Write ``report.html``, ``report.json``, ``table.txt`` and ``curves.png``.

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
    page = PAGE.format(
        title=escape(outcome.study.name.removesuffix(", siteblind")),
        subtitle=escape(_subtitle(outcome, duration_s)),
        body=_body(outcome, figures),
    )
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
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


def _body(outcome: DemoOutcome, figures: dict[str, bytes]) -> str:
    return "\n".join(
        (
            "<h2>What the hospitals' scanners show</h2>",
            '<p class="note">One lesion of each class per hospital, as its scanner sees it. The '
            "last hospital takes no part in training.</p>",
            _image(figures["gallery"], "Phantom lesions by hospital and class"),
            "<h2>Learning together</h2>",
            '<p class="note">Mean accuracy of the global model on each hospital’s held-out '
            "images after every round.</p>",
            _image(figures["curves"], "Held-out accuracy by round"),
            "<h2>Each hospital</h2>",
            '<p class="note">Share of held-out images whose lesion is recognised, by the '
            "untrained model, by a model trained on this hospital’s images alone for as many "
            "steps, by plain federated averaging, and by SiteBlind. “Recognised”: how often a "
            "linear probe still tells the hospital from SiteBlind’s features.</p>",
            _image(figures["sites"], "Held-out accuracy by hospital"),
            _table(SITE_COLUMNS, site_rows(outcome), mean_row(outcome)),
            "<h2>What the features still tell about the hospital</h2>",
            '<p class="note">Domain leakage is the balanced accuracy of a fresh classifier that '
            "guesses the hospital from the features. It cannot honestly fall below the label "
            "floor, which the lesion alone gives away, and means nothing without the lesion "
            "accuracy beside it.</p>",
            _image(figures["leakage"], "Lesion accuracy and leakage by model"),
            _table(MODEL_COLUMNS, model_rows(outcome)),
            f'<p class="note">{escape(error_sentence(outcome))}</p>',
        )
    )


def _subtitle(outcome: DemoOutcome, duration_s: float) -> str:
    plan = outcome.study.rounds
    return (
        f"{len(outcome.sites)} simulated hospitals, {plan.count} rounds with "
        f"{plan.fraction:.0%} of them in each, one process per hospital and a coordinator over "
        f"HTTP; {duration_s:.0f} seconds."
    )


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str] | None = None
) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)

    head = f"<thead><tr>{cells(columns, 'th')}</tr></thead>"
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    tail = f"<tfoot><tr>{cells(foot, 'td')}</tr></tfoot>" if foot else ""
    return f"<table>{head}<tbody>{body}</tbody>{tail}</table>"


def _image(png: bytes, description: str) -> str:
    data = base64.b64encode(png).decode()
    return f'<img alt="{escape(description)}" src="data:image/png;base64,{data}">'


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
