"""A comparison as tables: what one reads on a terminal of any width."""

from collections.abc import Sequence
from dataclasses import replace

from desktop_client.simulation.comparison import compare
from desktop_client.simulation.report import as_table
from desktop_client.simulation.results import RunResult
from tests.simulation.test_comparison import two_variants


def tables(runs: Sequence[RunResult]) -> list[str]:
    return as_table(compare(runs, runs[-1].variant)).splitlines()


def test_tables_of_two_variants_fit_into_eighty_columns() -> None:
    told = tables(two_variants())
    assert max(map(len, told)) <= 80
    in_site, _ = [line for line in told if line.startswith("AUC in-site")]
    assert in_site.count("[") == 2  # each variant with its interval
    assert any(line.startswith("west") and "[" in line for line in told)


def test_more_variants_than_fit_beside_each_other_stand_below_each_other() -> None:
    first = two_variants()[0]
    told = tables([*(replace(first, variant=name) for name in "abc"), *two_variants()])
    starts = [line.split()[0] for line in told if line.startswith(("a ", "siteblind", "fed"))]
    assert starts[:3] == ["a", "siteblind", "fedavg"]
